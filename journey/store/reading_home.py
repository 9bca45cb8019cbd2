"""What planning reads of a journey's home: who has it, whom events name, its open days, its place in the batch."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, exists, func, select
from sqlalchemy.orm import Session

from journey.domain.events import Event
from journey.domain.holding import HOMES_IN, OWNERS_IN, refs_named
from journey.domain.open_days import TYPES, OpenDay, fold_open_days
from journey.domain.outcomes import KEYS_OVER
from journey.domain.record import Ledgered, Place
from journey.domain.verdicts import Verdict, as_told_right
from journey.store.tables import events, persons, tenures, warranty_items
from journey.store.tables import units as unit_table

_PLACE = select(
    func.count().label("homes"), func.sum(case((unit_table.c.id < bindparam("home"), 1), else_=0)).label("rank")
).where(unit_table.c.batch_id == bindparam("batch"))
_OPENED = events.c.type.in_(TYPES) & (events.c.verdict == Verdict.APPLIED.value)
ANY_OPEN_DAY = exists().where(events.c.project_id == bindparam("project"), _OPENED)
_OPEN_DAYS = (
    select(
        events.c.id, events.c.type, events.c.occurred_at, events.c.recorded_at, events.c.data, events.c.source,
        events.c.source_id, events.c.scope,
    )
    .where(events.c.project_id == bindparam("project"))
    .where(_OPENED | events.c.type.in_(("event.voided", "event.corrected")))
)  # fmt: skip


def open_days_of(session: Session, row: Any, told: Sequence[Any]) -> tuple[OpenDay, ...]:
    """The open days that a home is invited to: until its keys are handed over, and while anything told names one."""
    kinds = {one.type for one in told}
    if not kinds.isdisjoint(KEYS_OVER) and not any(kind.startswith("open_day.") for kind in kinds):
        return ()
    rows = session.execute(_OPEN_DAYS, {"project": row.project_id})
    events_told = [
        Event(one.id, one.type, one.occurred_at, one.recorded_at, one.data, one.source, one.source_id, scope=one.scope)
        for one in rows
    ]
    effective = as_told_right(sorted(events_told, key=lambda event: event.order))[0]
    places = {"building": row.building, "batch": row.batch}
    return tuple(one for one in fold_open_days(effective, row.zone) if one.concerns(places))


def homes_named(session: Session, row: Any, told: Sequence[Any]) -> Mapping[str, str | None]:
    """Of the homes that its events would move the journey to: those that there are, each with who has it."""
    settled = {row.unit} if row.holder == row.id else set()
    named = {
        str(one.data.get(HOMES_IN[one.type]))
        for one in told
        if one.type == "unit.changed" or (one.type in HOMES_IN and row.first_home is None)
    }
    if not named or named <= settled:
        return dict.fromkeys(named, row.id)
    there = (
        select(unit_table.c.code, tenures.c.journey_id)
        .outerjoin(tenures, (tenures.c.unit_id == unit_table.c.id) & tenures.c.ends.is_(None))
        .where(unit_table.c.project_id == row.project_id, unit_table.c.code.in_(named))
    )
    return {one.code: one.journey_id for one in session.execute(there)}


def people_named(session: Session, told: Sequence[Any]) -> Mapping[str, str]:
    """By ref: the persons whom events name as owners; a merged one is who he was merged into."""
    refs = [ref for one in told if one.type in OWNERS_IN for ref in refs_named(one.data, one.type)]
    refs += [
        ref
        for one in told
        if one.type == "event.corrected" and isinstance(one.data.get("data"), Mapping)
        for kind in OWNERS_IN
        for ref in refs_named(one.data["data"], kind)
    ]
    if not refs:
        return {}
    found = session.execute(select(persons.c.ref, persons.c.id, persons.c.merged_into).where(persons.c.ref.in_(refs)))
    return {row.ref: row.merged_into or row.id for row in found}


def inherited_ledger(session: Session, unit_id: str | None, told: Sequence[Any]) -> Sequence[Ledgered]:
    """The ledger of a home that was taken over."""
    if unit_id is None or all(one.type != "ownership.began" for one in told):
        return ()
    rows = session.execute(
        select(warranty_items).where(warranty_items.c.unit_id == unit_id).order_by(warranty_items.c.position)
    )
    return [Ledgered(row.component, row.owner_starts, row.owner_ends, row.contractor_ends) for row in rows]


def lot_of(session: Session, row: Any, told: Sequence[Any]) -> Place | None:
    """Where the home stands in its batch once it was handed over. Ids are drawn by lot, so their order is one."""
    if not any(one.type in KEYS_OVER for one in told):
        return None
    return place_of(session, row)


def place_of(session: Session, row: Any) -> Place | None:
    """Where a journey's home stands in its batch, handed over or not; None without a batch."""
    if row.batch_id is None:
        return None
    found = session.execute(_PLACE, {"batch": row.batch_id, "home": row.unit_id}).one()
    return Place(rank=found.rank or 0, homes=found.homes)


def places_among(session: Session, homes: ColumnElement[bool]) -> dict[str, Place]:
    """By unit: where each of these homes would stand if they were a batch."""
    ids = session.execute(select(unit_table.c.id).where(homes).order_by(unit_table.c.id)).scalars().all()
    return {unit: Place(rank, len(ids)) for rank, unit in enumerate(ids)}
