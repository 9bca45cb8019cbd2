"""Forgetting a person: name, birthday, addresses and every personal field of what was told; codes and dates stay.

Repairs and their history stay with the home. What is left plans as before: the registry of personal fields says what
goes (`journey/domain/event_erasure.py`), and reading is tolerant.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import String, cast, delete, func, or_, select, update
from sqlalchemy.orm import Session

from journey.domain.clocks import local_date
from journey.domain.contradictions import CLOSING
from journey.domain.errors import Conflict
from journey.domain.event_erasure import erase_personal
from journey.domain.retention import Life, Standing, standing_of
from journey.domain.values import JourneyStatus
from journey.store import audit
from journey.store.erasing_messages import addresses_ever, answers_of, forget_texts
from journey.store.people import refold_person
from journey.store.shelf import Shelf, shelf_name
from journey.store.staleness import mark_stale
from journey.store.tables import (
    contacts,
    events,
    former_parties,
    holds,
    journeys,
    parties,
    persons,
    projects,
)

MOVES: Final = ("ownership.transferred", "parties.changed", "event.corrected")  # they name owners of other journeys


@dataclass(frozen=True, slots=True)
class Erasure:
    """A person that was forgotten: our id and ref, when, why, and whether the proofs of his consents went too."""

    person: str
    ref: str
    at: datetime
    reason: str
    evidence: bool

    def document(self) -> dict[str, Any]:
        """As the log outside the store keeps it: ids and a code, no word about anybody."""
        return {
            "person": self.person, "ref": self.ref, "at": self.at.isoformat(), "reason": self.reason,
            "evidence": self.evidence,
        }  # fmt: skip


def standing(session: Session, shelf: Shelf, person: str, now: datetime) -> Standing:
    """How a person stands: what keeps him, or from which day on he is to go."""
    rows = session.execute(_lives(person)).all()
    found = [_life(session, shelf, row) for row in rows]
    held = session.execute(
        select(holds.c.event_id).where(
            or_(holds.c.person_id == person, holds.c.journey_id.in_([row.id for row in rows])),
            holds.c.released_at.is_(None),
        )
    ).first()
    return standing_of(found, held=held is not None)


def people_page(session: Session, after: str, limit: int) -> Sequence[Any]:
    """The next persons in the order of their ids of whom anything is kept: id, ref, when they were forgotten."""
    kept = persons.c.erased_at.is_(None) | persons.c.evidence_erased_at.is_(None)
    return session.execute(
        select(persons.c.id, persons.c.ref, persons.c.erased_at)
        .where(persons.c.id > after, persons.c.merged_into.is_(None), kept)
        .order_by(persons.c.id)
        .limit(limit)
    ).all()


def erase(
    session: Session, person: str, *, reason: str, evidence: bool, actor: str, now: datetime, real_now: datetime,
    by: str | None = None,
) -> Erasure:  # fmt: skip
    """Forget a person; twice is harmless. Without `evidence` the proofs of his consents stay until their own day."""
    row = session.execute(
        select(persons.c.id, persons.c.ref, persons.c.erased_at).where(persons.c.id == person).with_for_update()
    ).one()
    aliases = (persons.c.id == person) | (persons.c.merged_into == person)
    gone: dict[str, Any] = {"name": None, "birthday": None, "tags": [], "erased_at": row.erased_at or now}
    session.execute(update(persons).where(aliases).values(**gone, **({"evidence_erased_at": now} if evidence else {})))
    addresses, concerned = addresses_ever(session, person), _journeys_of(session, person)
    session.execute(delete(contacts).where(contacts.c.person_id == person))
    forget_texts(session, person, addresses)
    refs = list(session.execute(select(persons.c.ref).where(aliases)).scalars())
    for told in (*_told_of(session, person, concerned), *answers_of(session, person, concerned, addresses)):
        if evidence or not told.type.startswith("consent."):
            _rewrite(session, told, erase_personal(told.type, told.data, corrects=_corrected(session, told)))
    for told in _naming(session, refs):
        _rewrite(session, told, _without_words(told.data, refs))
    refold_person(session, person)
    for journey in concerned:
        mark_stale(session, journey, real_now)
    detail = {"reason": reason, "evidence": evidence} | audit.person(by)
    audit.append(session, now, actor, "person.erased", person, detail)
    return Erasure(person, row.ref, now, reason, evidence)


def may_go(found: Standing) -> None:
    """Conflict while a home of his, open work or a hold needs what is known of him, whoever asks."""
    if found.kept is not None:
        raise Conflict(found.kept)


def erased(session: Session) -> list[Erasure]:
    """Everybody who was forgotten, for a log that missed one."""
    rows = session.execute(select(persons).where(persons.c.erased_at.is_not(None), persons.c.merged_into.is_(None)))
    return [Erasure(row.id, row.ref, row.erased_at, "in-store", row.evidence_erased_at is not None) for row in rows]


def _lives(person: str) -> Any:
    """His journeys, those that he left too: status, when he left or they ended, whether their last work is done."""
    ended = (
        select(func.max(events.c.occurred_at))
        .where(events.c.journey_id == journeys.c.id, events.c.type.in_(CLOSING), events.c.verdict == "applied")
        .scalar_subquery()
    )
    former = (former_parties.c.episode_id == journeys.c.episode_id) & (former_parties.c.person_id == person)
    mine = (parties.c.episode_id == journeys.c.episode_id) & (parties.c.person_id == person)
    return (
        select(
            journeys.c.id, journeys.c.status, journeys.c.pack, journeys.c.overlays, projects.c.zone,
            former_parties.c.left_at, parties.c.person_id.label("owner"), ended.label("ended"),
            journeys.c.over,
        )
        .join(projects, projects.c.id == journeys.c.project_id)
        .outerjoin(former_parties, former)
        .outerjoin(parties, mine)
        .where(or_(former_parties.c.person_id.is_not(None), parties.c.person_id.is_not(None)))
        .order_by(journeys.c.id)
    )  # fmt: skip


def _life(session: Session, shelf: Shelf, row: Any) -> Life:
    history, calendar = shelf.both(session, shelf_name(row.pack, row.overlays))
    at, status = row.left_at, JourneyStatus.TRANSFERRED
    if row.owner is not None:
        status = JourneyStatus(row.status)
        closed = status in (JourneyStatus.LOST, JourneyStatus.CANCELLED, JourneyStatus.TRANSFERRED)
        at = row.ended if closed else None
    ended_on = local_date(at, row.zone) if at is not None else None
    numbers = history.versions[-1].pack.retention
    return Life(status, ended_on, row.owner is not None and not row.over, numbers, calendar)


def _journeys_of(session: Session, person: str) -> list[str]:
    return [row.id for row in session.execute(_lives(person))]


def _told_of(session: Session, person: str, concerned: Sequence[str]) -> list[Any]:
    """What was told of him; and whatever was told of homes none of whose owners is remembered any more."""
    alone = [journey for journey in concerned if not _remembered(session, journey)]
    of = or_(events.c.person_id == person, events.c.journey_id.in_(alone))
    return list(session.execute(select(events.c.id, events.c.type, events.c.target, events.c.data).where(of)).all())


def _remembered(session: Session, journey: str) -> bool:
    episode = select(journeys.c.episode_id).where(journeys.c.id == journey).scalar_subquery()
    people = [select(table.c.person_id).where(table.c.episode_id == episode) for table in (parties, former_parties)]
    left = select(persons.c.id).where(
        or_(*(persons.c.id.in_(one) for one in people)), persons.c.erased_at.is_(None), persons.c.merged_into.is_(None)
    )
    return session.execute(left.limit(1)).first() is not None


def _naming(session: Session, refs: Sequence[str]) -> Iterator[Any]:
    """Facts of other journeys that name him as an owner."""
    text = cast(events.c.data, String)
    named = or_(*(text.contains(json.dumps(ref, ensure_ascii=False), autoescape=True) for ref in refs))
    yield from session.execute(
        select(events.c.id, events.c.type, events.c.data).where(events.c.type.in_(MOVES), named)
    ).all()


def _without_words(value: Any, refs: Sequence[str]) -> Any:
    """The same with nothing but the ref of an owner of that ref."""
    if isinstance(value, Mapping):
        if value.get("ref") in refs:
            return {"ref": value["ref"]}
        return {name: _without_words(each, refs) for name, each in value.items()}
    return [_without_words(each, refs) for each in value] if isinstance(value, list) else value


def _corrected(session: Session, told: Any) -> str | None:
    """The type of the event that a correction changes."""
    if told.type != "event.corrected":
        return None
    named = told.data.get("event_id")
    found = select(events.c.type).where(
        events.c.target == told.target, or_(events.c.id == named, events.c.source_id == named)
    )
    kind: str | None = session.execute(found.limit(1)).scalar()
    return kind


def _rewrite(session: Session, told: Any, data: Any) -> None:
    if data != told.data:
        session.execute(update(events).where(events.c.id == told.id).values(data=data))
