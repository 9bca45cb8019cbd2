"""Reads one journey as planning needs it, under the lock of its row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from journey.domain.events import Event
from journey.domain.items import Anchor
from journey.domain.record import Batch, Hold, Record
from journey.domain.verdicts import Verdict
from journey.store import installation
from journey.store.ledger import JOURNEY, read_entries
from journey.store.shelf import Shelf, shelf_name
from journey.store.tables import agenda, batches, consents, events, holds, journeys, parties, persons, projects, tasks
from journey.store.tables import units as unit_table

_JOURNEY = (
    select(
        journeys,
        projects.c.code.label("project"),
        projects.c.name.label("project_name"),
        projects.c.zone,
        projects.c.posts,
        projects.c.go_live_at,
        unit_table.c.code.label("unit"),
        unit_table.c.building,
        batches.c.code.label("batch"),
        batches.c.dates.label("batch_dates"),
    )
    .join(projects, projects.c.id == journeys.c.project_id)
    .outerjoin(unit_table, unit_table.c.id == journeys.c.unit_id)
    .outerjoin(batches, batches.c.id == unit_table.c.batch_id)
)
_EVENTS = select(
    events.c.id, events.c.type, events.c.occurred_at, events.c.recorded_at, events.c.data, events.c.source,
    events.c.source_id, events.c.person_id, events.c.about, events.c.verdict,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """A journey's record with the row it came from and what the last plan left."""

    row: Any
    record: Record
    seen: Mapping[str, Verdict]
    agenda_hash: str | None
    covers: list[Any]
    country: str


def locked_journey(session: Session, journey_id: str) -> Any | None:
    """The journey's row with its project, unit and batch, locked against every other plan and move."""
    statement = _JOURNEY.where(journeys.c.id == journey_id).with_for_update(key_share=True, of=journeys)
    return session.execute(statement).first()


def ours(session: Session, namespace_id: str | None) -> bool:
    """Whether the Temporal that asks is the store's own; None stands for a caller without one (previews)."""
    return namespace_id is None or installation.belongs_to(session, namespace_id)


def read_journey(session: Session, row: Any, shelf: Shelf) -> Reading:
    """Everything planning reads, in a handful of statements."""
    journey_id = row.id
    told = session.execute(_EVENTS.where(events.c.journey_id == journey_id)).all()
    owners = session.execute(
        select(persons.c.id, persons.c.reachable_since, persons.c.bereaved_at)
        .join(parties, parties.c.person_id == persons.c.id)
        .where(parties.c.episode_id == row.episode_id)
        .order_by(parties.c.position)
    ).all()
    people = [owner.id for owner in owners]
    left = session.execute(
        select(agenda.c.document, agenda.c.hash).where(agenda.c.scope == JOURNEY, agenda.c.scope_id == journey_id)
    ).first()
    document: Mapping[str, Any] = left.document if left else {}
    packs = shelf.history(session, shelf_name(row.pack, row.overlays))
    country = packs.versions[-1].pack.country
    planned = set(document.get("planned", ()))
    record = Record(
        journey=journey_id,
        episode=row.episode_id,
        unit=row.unit_id,
        zone=row.zone,
        started_at=row.started_at,
        go_live_at=row.go_live_at,
        events=[_event(one) for one in told],
        entries=read_entries(session, journey_id),
        packs=packs,
        calendar=shelf.calendar(session, country),
        batch=_batch(row.batch_dates or {}),
        holds=_holds(session, journey_id, people),
        primary=people[0] if people else None,
        consents=_consents(session, people),
        bereaved=frozenset(owner.id for owner in owners if owner.bereaved_at is not None),
        reachable_since=owners[0].reachable_since if owners else None,
        staffed=frozenset(row.posts),
        known=frozenset(session.execute(select(tasks.c.id).where(tasks.c.journey_id == journey_id)).scalars()),
        agenda={item["key"]: item for item in document.get("items", ()) if item["key"] in planned},
    )
    seen = {one.id: Verdict(one.verdict) for one in told}
    return Reading(row, record, seen, left.hash if left else None, document.get("covers", []), country)


def _event(row: Any) -> Event:
    return Event(
        row.id,
        row.type,
        row.occurred_at,
        row.recorded_at,
        row.data,
        row.source,
        row.source_id,
        row.person_id,
        row.about,
    )


def _batch(dates: Mapping[str, Any]) -> Batch:
    return Batch(**{name: _anchor(dates.get(name)) for name in ("handover_from", "contract_handover", "completion")})


def _anchor(stored: Mapping[str, Any] | None) -> Anchor | None:
    if not stored:
        return None
    return Anchor(
        on=date.fromisoformat(stored["on"]),
        at=datetime.fromisoformat(stored["at"]),
        known_at=datetime.fromisoformat(stored["known_at"]),
        event=stored["event"],
        moved_by=stored.get("moved_by", stored["event"]),
    )


def _holds(session: Session, journey_id: str, people: list[str]) -> list[Hold]:
    found = session.execute(
        select(holds)
        .where(or_(holds.c.journey_id == journey_id, holds.c.person_id.in_(people)))
        .order_by(holds.c.placed_at)
    )
    return [
        Hold(
            row.event_id,
            row.scope,
            row.how,
            row.placed_at,
            row.released_at,
            row.person_id if not row.journey_id else None,
        )
        for row in found
    ]


def _consents(session: Session, people: list[str]) -> dict[str, frozenset[str]]:
    given: dict[str, set[str]] = {}
    for row in session.execute(
        select(consents.c.person_id, consents.c.purpose).where(consents.c.person_id.in_(people), consents.c.given)
    ):
        given.setdefault(row.person_id, set()).add(row.purpose)
    return {person: frozenset(purposes) for person, purposes in given.items()}
