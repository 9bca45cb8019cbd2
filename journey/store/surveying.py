"""Opens surveys: whether a person may be asked, and how often he was, is decided in this transaction (C5, C8).

Whether he may is the decision of `journey/domain/consent.py`, as for a message. What may not go out now ends
`suppressed` and is judged again while its window is open, once what stood against it has ended. The person's row is
locked before the journey's, as for a send, so that two homes of one owner never both ask him.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from journey.domain.consent import NEEDS_CONSENT
from journey.domain.numbers.survey import SurveyNumbers
from journey.domain.reasons import Reason
from journey.domain.surveys import OF_EVERYBODY, survey_names
from journey.domain.values import ItemKind, MessageClass
from journey.store import approaching, performing
from journey.store.addressees import addressed, addressees, locked_people
from journey.store.approaching import pack_of, person_of, suppress
from journey.store.outlines import left_item
from journey.store.performing import Found, TaskChanged, Wanted, is_stale, look
from journey.store.shelf import Shelf
from journey.store.tables import tasks


def open_task(session: Session, wanted: Wanted, shelf: Shelf) -> TaskChanged | None:
    """Open the task of an item, a survey only if its person may be asked now; None when stale or not opened."""
    if wanted.key.split("/", 1)[0] not in survey_names():
        return approaching.open_task(session, wanted, shelf)
    who = _person(session, wanted)
    found = look(session, wanted)
    if found is None or found.item is None or is_stale(wanted, found) or not found.planned:
        return None
    barred = _barred(session, wanted, found, who, shelf) if who is not None else None
    if barred is not None:
        suppress(session, wanted, found.entry, found.item, barred)
        return None
    changed = performing.open_found(session, wanted, found)
    if changed is not None:
        values = {"person_id": who.id if who is not None else None, "message_class": found.item["class"]}
        session.execute(update(tasks).where(tasks.c.id == changed.task).values(**values))
    return changed


def _person(session: Session, wanted: Wanted) -> Any | None:
    """Whom the survey asks, locked: the owner that it names, else the household's first contact."""
    item, _ = left_item(session, wanted.journey, wanted.key)
    person = person_of(session, wanted.journey, item)
    return locked_people(session, [person]).get(person) if person else None


def _barred(session: Session, wanted: Wanted, found: Found, who: Any, shelf: Shelf) -> Reason | None:
    """What keeps the person from being asked: by the decision that a message is sent by, then by how often he was."""
    item = found.item or {}
    pack = pack_of(session, wanted, found, shelf)
    one = addressees(session, {who.id: who}, {who.id: [wanted.journey]}, wanted.now)[who.id]
    code = addressed(one, item, pack, found.row.zone, wanted.now).request.barred
    if code is not None:
        return Reason(code, {"purpose": item["class"]})
    if pack.survey is None or item["rule"] in OF_EVERYBODY:
        return None
    return _asked_enough(session, wanted.now, who.id, item["class"], pack.survey)


def _asked_enough(session: Session, now: datetime, person: str, message_class: str, n: SurveyNumbers) -> Reason | None:
    """Whether the person was asked often enough of late, whatever the home."""
    caring = MessageClass(message_class) in NEEDS_CONSENT
    within = (n.relationship_within if caring else n.transactional_within).as_timedelta()
    at_most = n.relationship_at_most if caring else n.transactional_at_most
    asked = session.scalar(
        select(func.count())
        .select_from(tasks)
        .where(tasks.c.person_id == person, tasks.c.kind == ItemKind.SURVEY.value)
        .where(tasks.c.message_class == message_class, tasks.c.opened_at > now - within)
        .where(tasks.c.rule.not_in(sorted(OF_EVERYBODY)))
    )
    return Reason("survey-fatigue", {"days": within // timedelta(days=1)}) if (asked or 0) >= at_most else None
