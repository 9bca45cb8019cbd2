"""Reads one journey as planning needs it, under the lock of its row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from journey.domain.events import Event
from journey.domain.items import Anchor
from journey.domain.record import Batch, Bracket, Hold, Record
from journey.domain.verdicts import Verdict
from journey.store import installation
from journey.store.ledger import JOURNEY, read_entries
from journey.store.shelf import Shelf, shelf_name
from journey.store.tables import (
    agenda,
    batches,
    consents,
    contacts,
    epochs,
    events,
    holds,
    journeys,
    parties,
    persons,
    projects,
    tasks,
)
from journey.store.tables import installation as installation_row
from journey.store.tables import units as unit_table

_JOURNEY = (
    select(
        journeys.c.id,
        journeys.c.project_id,
        journeys.c.unit_id,
        journeys.c.episode_id,
        journeys.c.pack,
        journeys.c.overlays,
        journeys.c.stage,
        journeys.c.status,
        journeys.c.started_at,
        journeys.c.next_due,
        journeys.c.overdue,
        journeys.c.wake_at,
        journeys.c.planned_at,
        journeys.c.stale_since,
        journeys.c.over,
        journeys.c.pokes,
        journeys.c.shown_hash,
        journeys.c.pack_hash,
        journeys.c.calendar_hash,
        journeys.c.build,
        journeys.c.rules,
        projects.c.code.label("project"),
        projects.c.name.label("project_name"),
        projects.c.zone,
        projects.c.posts,
        projects.c.go_live_at,
        unit_table.c.code.label("unit"),
        unit_table.c.building,
        batches.c.code.label("batch"),
        batches.c.dates.label("batch_dates"),
        select(installation_row.c.namespace_id).scalar_subquery().label("named"),  # the Temporal of the store
        exists().where(epochs.c.bracket_to.is_not(None)).label("restored"),
    )
    .join(projects, projects.c.id == journeys.c.project_id)
    .outerjoin(unit_table, unit_table.c.id == journeys.c.unit_id)
    .outerjoin(batches, batches.c.id == unit_table.c.batch_id)
)
_EVENTS = select(
    events.c.id, events.c.type, events.c.occurred_at, events.c.recorded_at, events.c.data, events.c.source,
    events.c.source_id, events.c.person_id, events.c.about, events.c.verdict,
)  # fmt: skip


# Built once: putting a statement together costs as much as running it.
_ROW = _JOURNEY.where(journeys.c.id == bindparam("journey"))
_LOCKED = _ROW.with_for_update(key_share=True, of=journeys)
_TOLD = _EVENTS.where(events.c.journey_id == bindparam("journey"))
_OWNERS = (
    select(
        persons.c.id,
        persons.c.reachable_since,
        persons.c.bereaved_at,
        consents.c.purpose,
        consents.c.since,
        exists().where(contacts.c.person_id == persons.c.id, contacts.c.state == "ok").label("reachable"),
        select(func.max(contacts.c.since))
        .where(contacts.c.person_id == persons.c.id, contacts.c.state == "invalid")
        .scalar_subquery()
        .label("lost_since"),
    )
    .join(parties, parties.c.person_id == persons.c.id)
    .outerjoin(consents, (consents.c.person_id == persons.c.id) & consents.c.given)
    .where(parties.c.episode_id == bindparam("episode"))
    .order_by(parties.c.position)
)
_LEFT = select(agenda.c.document, agenda.c.hash).where(
    agenda.c.scope == JOURNEY, agenda.c.scope_id == bindparam("journey")
)
_HOLDS = (
    select(holds)
    .where(
        or_(
            holds.c.journey_id == bindparam("journey"),
            holds.c.person_id.in_(select(parties.c.person_id).where(parties.c.episode_id == bindparam("episode"))),
        )
    )
    .order_by(holds.c.placed_at)
)
_BRACKETS = (
    select(epochs.c.bracket_from, epochs.c.bracket_to).where(epochs.c.bracket_to.is_not(None)).order_by(epochs.c.epoch)
)
_TASKS = select(tasks.c.id, tasks.c.role).where(tasks.c.journey_id == bindparam("journey"))


@dataclass(frozen=True, slots=True)
class Reading:
    """A journey's record with the row it came from and the agenda document that the last plan left."""

    row: Any
    record: Record
    seen: Mapping[str, Verdict]
    agenda_hash: str | None
    document: Mapping[str, Any]
    country: str

    @property
    def covers(self) -> list[Any]:
        """The warranty ledger as the last plan left it."""
        found: list[Any] = self.document.get("covers", [])
        return found


def locked_journey(session: Session, journey_id: str) -> Any | None:
    """The journey's row with its project, unit and batch, locked against every other plan and move."""
    return session.execute(_LOCKED, {"journey": journey_id}).first()


def journey_row(session: Session, journey_id: str) -> Any | None:
    """The same row without a lock, for readers that write nothing."""
    return session.execute(_ROW, {"journey": journey_id}).first()


def ours(session: Session, namespace_id: str | None) -> bool:
    """Whether the Temporal that asks is the store's own; None stands for a caller without one (previews)."""
    return namespace_id is None or installation.belongs_to(session, namespace_id)


def is_ours(row: Any, namespace_id: str | None) -> bool:
    """The same of a journey's row, which says whose the store is."""
    return namespace_id is None or row.named == namespace_id


def read_journey(session: Session, row: Any, shelf: Shelf) -> Reading:
    """Everything planning reads, in a handful of statements."""
    journey_id = row.id
    named = {"journey": journey_id, "episode": row.episode_id}
    told = session.execute(_TOLD, named).all()
    owners = session.execute(_OWNERS, named).all()
    people = list(dict.fromkeys(owner.id for owner in owners))
    left = session.execute(_LEFT, named).first()
    document: Mapping[str, Any] = left.document if left else {}
    packs, calendar = shelf.both(session, shelf_name(row.pack, row.overlays))
    country = packs.versions[-1].pack.country
    planned = set(document.get("planned", ()))
    roles = {task.id: task.role for task in session.execute(_TASKS, named)}
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
        calendar=calendar,
        batch=batch_from(row.batch_dates or {}),
        holds=_holds(session, named),
        brackets=_brackets(session) if row.restored else [],
        primary=people[0] if people else None,
        owners=tuple(people),
        no_contact={owner.id: owner.lost_since for owner in owners if owner.lost_since and not owner.reachable},
        consents=_consents(owners),
        bereaved=frozenset(owner.id for owner in owners if owner.bereaved_at is not None),
        reachable_since=owners[0].reachable_since if owners else None,
        staffed=frozenset(row.posts),
        roles=roles,
        known=frozenset(roles),
        units=_units(session, row.project_id, told),
        agenda={item["key"]: item for item in document.get("items", ()) if item["key"] in planned},
    )
    seen = {one.id: Verdict(one.verdict) for one in told}
    return Reading(row, record, seen, left.hash if left else None, document, country)


def _brackets(session: Session) -> list[Bracket]:
    """The times that restores have lost."""
    return [Bracket(row.bracket_from, row.bracket_to) for row in session.execute(_BRACKETS)]


def _units(session: Session, project_id: str, told: Sequence[Any]) -> frozenset[str]:
    """Which of the homes that a change of home names there are."""
    named = [str(one.data.get("to")) for one in told if one.type == "unit.changed"]
    if not named:
        return frozenset()
    there = select(unit_table.c.code).where(unit_table.c.project_id == project_id, unit_table.c.code.in_(named))
    return frozenset(session.execute(there).scalars())


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


def batch_from(dates: Mapping[str, Any]) -> Batch:
    """A batch's shared dates, as its row or a fold of its project's events has them."""
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


def _holds(session: Session, named: Mapping[str, str]) -> list[Hold]:
    return [
        Hold(
            event=row.event_id,
            scope=row.scope,
            how=row.how,
            placed_at=row.placed_at,
            released_at=row.released_at,
            person=None if row.journey_id else row.person_id,
        )
        for row in session.execute(_HOLDS, named)
    ]


def _consents(owners: Sequence[Any]) -> dict[str, dict[str, datetime]]:
    given: dict[str, dict[str, datetime]] = {}
    for owner in owners:
        if owner.purpose is not None:
            purposes = given.setdefault(owner.id, {})
            purposes[owner.purpose] = max(owner.since, purposes.get(owner.purpose, owner.since))
    return given
