"""Who has a home: one journey at a time, and since when. The database itself keeps it to one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, literal_column, select, update
from sqlalchemy.orm import Session

from journey.domain.holding import HOMES_IN
from journey.store.changes import record_change
from journey.store.ids import new_id
from journey.store.inserting import insert_new
from journey.store.tables import events, journeys, projects, tenures, units, warranty_items

_OPEN = select(tenures.c.journey_id).where(tenures.c.unit_id == bindparam("unit"), tenures.c.ends.is_(None))
_LAST_END = select(func.max(tenures.c.ends)).where(tenures.c.unit_id == bindparam("unit"))


@dataclass(frozen=True, slots=True)
class Told:
    """What an event is known by, and when it happened: enough to find the journey that it belongs to."""

    source: str
    source_id: str
    occurred_at: datetime


def holder_of(session: Session, unit_id: str) -> str | None:
    """The journey that has a home."""
    return session.execute(_OPEN, {"unit": unit_id}).scalar()


def take(session: Session, unit_id: str, journey_id: str, begins: datetime | None) -> bool:
    """Give a home to a journey; False when another one has it."""
    row = {"id": new_id("ten"), "unit_id": unit_id, "journey_id": journey_id, "begins": begins, "ends": None}
    return insert_new(session, tenures, row) or holder_of(session, unit_id) == journey_id


def vacant_since(session: Session, unit_id: str) -> datetime | None:
    """When the last one who had a home lost it: from then on it is the next one's. None: nobody had it."""
    found: datetime | None = session.execute(_LAST_END, {"unit": unit_id}).scalar()
    return found


def forget_covers(session: Session, unit_id: str) -> None:
    """A home that is sold anew begins without the warranty of a sale that was undone."""
    session.execute(delete(warranty_items).where(warranty_items.c.unit_id == unit_id))


def leave(session: Session, unit_id: str, journey_id: str, ends: datetime, now: datetime) -> None:
    """Take a home from the journey that has it; whoever waits for it is planned again."""
    mine = (tenures.c.unit_id == unit_id) & (tenures.c.journey_id == journey_id) & tenures.c.ends.is_(None)
    session.execute(update(tenures).where(mine).values(ends=ends))
    waiting = _waiting(session, unit_id, journey_id)
    if waiting:
        record_change(session, "unit", {"journeys": waiting}, now)


def never_had(session: Session, journey_id: str, kept: Sequence[str]) -> None:
    """Forget the homes that a journey turns out never to have had, all but `kept`."""
    session.execute(delete(tenures).where(tenures.c.journey_id == journey_id, tenures.c.unit_id.not_in(kept)))


def _waiting(session: Session, unit_id: str, journey_id: str) -> list[str]:
    """Journeys that a change of home to this one is parked for, and those that lost it to this journey."""
    home = session.execute(select(units.c.code, units.c.project_id).where(units.c.id == unit_id)).one()
    parked = session.execute(
        select(events.c.journey_id, events.c.type, events.c.data)
        .join(journeys, journeys.c.id == events.c.journey_id)
        .where(events.c.verdict == literal_column("'parked'"), events.c.type.in_(HOMES_IN))
        .where(journeys.c.project_id == home.project_id)
    )
    found = {row.journey_id for row in parked if row.data.get(HOMES_IN[row.type]) == home.code}
    displaced = select(journeys.c.id).where(journeys.c.unit_id == unit_id, journeys.c.over.is_(False))
    return sorted((found | set(session.execute(displaced).scalars())) - {journey_id})


def journey_at(session: Session, project: str, unit: str, told: Told) -> str | None:
    """The journey that had a home when something happened; None for a home that nobody ever had.

    What was told before goes where it was told, so that a repeat changes nothing.
    """
    rows: Sequence[Any] = session.execute(
        select(tenures.c.journey_id, tenures.c.begins)
        .join(units, units.c.id == tenures.c.unit_id)
        .join(projects, projects.c.id == units.c.project_id)
        .where(projects.c.code == project, units.c.code == unit)
    ).all()
    if len(rows) > 1:
        rows = sorted(rows, key=lambda row: (row.begins is not None, row.begins or told.occurred_at))
        before = _told_to(session, [row.journey_id for row in rows], told)
        if before is not None:
            return before
    begun = [row for row in rows if row.begins is None or row.begins < told.occurred_at]
    return (begun[-1] if begun else rows[0]).journey_id if rows else None


def _told_to(session: Session, among: Sequence[str], told: Told) -> str | None:
    return session.execute(
        select(events.c.target).where(
            events.c.target.in_(among), events.c.source == told.source, events.c.source_id == told.source_id
        )
    ).scalar()
