"""Opens work that speaks to an owner as care or marketing: only if he may be spoken to so now (C7, C8).

The decision is that of `journey/domain/consent.py`, as for a message. What may not be done now ends `suppressed` and is
judged again while its window is open, once what stood against it has ended.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from journey.domain.clocks import local_date
from journey.domain.consent import NEEDS_CONSENT
from journey.domain.entries import Entry, State
from journey.domain.packs import Pack
from journey.domain.reasons import Reason
from journey.domain.values import MessageClass
from journey.store.addressees import addressees, approached, people_rows
from journey.store.ledger import journal_rows, write_entry
from journey.store.performing import Found, TaskChanged, Wanted, is_stale, look, open_found, touched
from journey.store.shelf import Shelf, shelf_name
from journey.store.tables import journal, journeys, parties


def open_task(session: Session, wanted: Wanted, shelf: Shelf) -> TaskChanged | None:
    """Open the task of an item; None when stale, or when its person may not be approached with it."""
    found = look(session, wanted)
    barred = None
    if found is not None and found.item is not None and found.planned and not is_stale(wanted, found):
        barred = _barred(session, wanted, found, found.item, shelf)
        if barred is not None:
            suppress(session, wanted, found.entry, found.item, barred)
            return None
    return open_found(session, wanted, found)


def person_of(session: Session, journey: str, item: Mapping[str, Any] | None) -> str | None:
    """Whom an item is about: the owner that it names, else the household's first contact."""
    named: str | None = item["params"].get("person") if item else None
    primary = (
        select(parties.c.person_id)
        .join(journeys, journeys.c.episode_id == parties.c.episode_id)
        .where(journeys.c.id == journey)
        .order_by(parties.c.position)
        .limit(1)
    )
    return named or session.scalar(primary)


def pack_of(session: Session, wanted: Wanted, found: Found, shelf: Shelf) -> Pack:
    """The pack that counts for a home now."""
    history = shelf.history(session, shelf_name(found.row.pack, found.row.overlays))
    return history.on(local_date(wanted.now, found.row.zone)).pack


def suppress(session: Session, wanted: Wanted, entry: Entry | None, item: Mapping[str, Any], reason: Reason) -> None:
    """Leave an item undone with the reason, and a line of the timeline that says so."""
    suppressed = replace(touched(entry, item, wanted.now, State.SUPPRESSED), reason=reason)
    write_entry(session, wanted.journey, suppressed)
    line = (wanted.now, "entry.suppressed", wanted.key, {"reason": reason.document()})
    session.execute(insert(journal), journal_rows(wanted.journey, [line]))


def _barred(session: Session, wanted: Wanted, found: Found, item: Mapping[str, Any], shelf: Shelf) -> Reason | None:
    """What keeps the owner from being approached. Whoever withdraws his consent meanwhile is seen by the next plan."""
    if MessageClass(item["class"]) not in NEEDS_CONSENT:
        return None
    person = person_of(session, wanted.journey, item)
    rows = people_rows(session, [person]) if person is not None else {}
    if person is None or person not in rows:
        return None
    one = addressees(session, rows, {person: [wanted.journey]}, wanted.now)[person]
    silence = pack_of(session, wanted, found, shelf).messages.emergency_silence.as_timedelta()
    code = approached(one, item, silence, wanted.now).barred
    return Reason(code, {"purpose": item["class"]}) if code is not None else None
