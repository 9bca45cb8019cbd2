"""Persons: the only place that writes and reads their names and addresses."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session

from journey.domain.events import Event
from journey.domain.owner_checks import NewOwner
from journey.domain.person_facts import fold_holds, fold_person
from journey.domain.record import Hold
from journey.domain.verdicts import as_told_right
from journey.store.ids import new_id
from journey.store.tables import consents, contacts, events, holds, journeys, persons


def person_of(session: Session, owner: NewOwner, now: datetime) -> str:
    """The person known by this ref, or a new one. Nobody is merged by phone."""
    known = session.execute(select(persons.c.id).where(persons.c.ref == owner.ref)).scalar()
    if known is not None:
        return str(known)
    person = new_id("psn")
    session.execute(
        insert(persons).values(
            id=person,
            ref=owner.ref,
            name=owner.name,
            birthday=owner.birthday,
            language=owner.language.value if owner.language else "zh",
            zone=owner.zone,
            tags=list(owner.extra.get("tags") or []),
            created_at=now,
        )
    )
    return person


def addresses(session: Session, person: str) -> dict[str, str]:
    """A person's addresses by channel, as they stand."""
    rows = session.execute(select(contacts.c.channel, contacts.c.address).where(contacts.c.person_id == person))
    return {row.channel: row.address for row in rows}


def given_purposes(session: Session, person: str) -> set[str]:
    """Purposes that the person agreed to on every channel."""
    rows = session.execute(
        select(consents.c.purpose).where(consents.c.person_id == person, consents.c.given, consents.c.channel == "")
    )
    return set(rows.scalars())


def refold_person(session: Session, person: str, now: datetime) -> None:
    """Rebuild consents, contacts, bereavement and person-wide holds from everything told of the person."""
    # Two facts of one person at once: the second waits here, and then reads the first.
    session.execute(select(persons.c.id).where(persons.c.id == person).with_for_update(key_share=True))
    told = _events(session, person)
    facts = fold_person(told, person)
    for table in (consents, contacts):
        session.execute(delete(table).where(table.c.person_id == person))
    session.execute(delete(holds).where(holds.c.person_id == person))
    _insert(
        session,
        consents,
        [
            {"person_id": person, "purpose": purpose, "channel": channel, "given": consent.given,
             "event_id": consent.event, "since": consent.since}
            for (purpose, channel), consent in facts.consents.items()
        ],
    )  # fmt: skip
    _insert(
        session,
        contacts,
        [
            {"person_id": person, "channel": channel, "address": contact.address,
             "state": "ok" if contact.ok else "invalid", "since": contact.since}
            for channel, contact in facts.contacts.items()
        ],
    )  # fmt: skip
    _insert(session, holds, [_hold(hold, None) for hold in facts.holds])
    session.execute(
        update(persons)
        .where(persons.c.id == person)
        .values(bereaved_at=facts.bereaved_at, reachable_since=facts.reachable_since)
    )


def refold_journey_holds(session: Session, journey_id: str) -> None:
    """Rebuild the holds that concern a whole journey from its events."""
    session.execute(select(journeys.c.id).where(journeys.c.id == journey_id).with_for_update(key_share=True))
    rows = session.execute(
        select(events).where(events.c.journey_id == journey_id).where(
            events.c.type.in_(("hold.placed", "hold.released", "event.voided", "event.corrected"))
        )
    )  # fmt: skip
    told = sorted((_event(row) for row in rows), key=lambda event: event.order)
    effective = as_told_right(told)[0]
    session.execute(delete(holds).where(holds.c.journey_id == journey_id))
    _insert(session, holds, [_hold(hold, journey_id) for hold in fold_holds(e for e in effective if e.person is None)])


def _events(session: Session, person: str) -> Iterable[Event]:
    """What was told of the person, and every void and correction in the journeys where it was told."""
    told = select(events.c.target).where(events.c.person_id == person)
    rows = session.execute(
        select(events).where(
            or_(
                events.c.person_id == person,
                events.c.type.in_(("event.voided", "event.corrected")) & events.c.target.in_(told),
            )
        )
    )
    return [_event(row) for row in rows]


def _event(row: Any) -> Event:
    return Event(row.id, row.type, row.occurred_at, row.recorded_at, row.data, row.source, row.source_id, row.person_id)


def _hold(hold: Hold, journey_id: str | None) -> dict[str, Any]:
    return {
        "event_id": hold.event,
        "journey_id": journey_id,
        "person_id": None if journey_id else hold.person,
        "scope": hold.scope,
        "how": hold.how,
        "placed_at": hold.placed_at,
        "released_at": hold.released_at,
    }


def _insert(session: Session, table: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        session.execute(insert(table), rows)
