"""What a change of a batch would do, home by home: planned in memory, from what planning reads; nothing is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from journey.domain.clocks import local_date
from journey.domain.comparing import Difference, Stands, compare
from journey.domain.event_checks import NewEvent
from journey.domain.events import Event
from journey.domain.planner import plan
from journey.domain.record import Batch
from journey.domain.verdicts import Opinion
from journey.store import registry
from journey.store.changes import open_changes
from journey.store.project_dates import fold_batches
from journey.store.reading import Reading, batch_from, journey_row, read_journey
from journey.store.shelf import Shelf
from journey.store.tables import journeys, units

PREVIEW = "evt_preview"


@dataclass(frozen=True, slots=True)
class ChangedBatch:
    """A batch before and after an event that nobody told yet, and the journeys it concerns, in the order of ids."""

    opinion: Opinion
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    zone: str
    journeys: Sequence[str]

    @property
    def dates(self) -> Batch:
        """The batch's dates as planning would read them."""
        return batch_from(self.after)


@dataclass(frozen=True, slots=True)
class ChangedHome:
    """What a change does to one home; `earlier` when its workflow would be poked."""

    journey: str
    unit: str
    difference: Difference


def changed_batch(session: Session, project: str, code: str, event: NewEvent, now: datetime) -> ChangedBatch:
    """The batch as it would be after an event; NotFound for an unknown project."""
    row = registry.project_row(session, project)
    told = Event(
        PREVIEW, event.type, event.occurred_at, now, event.data, event.source, event.source_id, scope=event.scope
    )
    folded = fold_batches(session, row.id, row.zone, now, [told])
    known = folded.rows.get(code)
    buildings, dates = folded.batches.get(code, ([], {}))
    concerned = _concerned(session, row.id, known.id if known is not None else None, buildings)
    return ChangedBatch(folded.opinions[PREVIEW], known.dates if known is not None else {}, dates, row.zone, concerned)


def _concerned(session: Session, project_id: str, batch_id: str | None, buildings: Sequence[str]) -> list[str]:
    """Lives that go on, in homes that are in the batch or come into it."""
    statement = (
        select(journeys.c.id)
        .join(units, units.c.id == journeys.c.unit_id)
        .where(units.c.project_id == project_id, journeys.c.over.is_(False))
        .where(or_(units.c.batch_id == (batch_id or ""), units.c.building.in_(buildings)))
        .order_by(journeys.c.id)
    )
    return list(session.execute(statement).scalars())


def changed_homes(
    session: Session, names: Sequence[str], dates: Batch, now: datetime, *, shelf: Shelf
) -> list[ChangedHome]:
    """A page of homes, each planned as of `now` with the batch's new dates, beside how it stands."""
    found = []
    at_rest = not open_changes(session, 1)
    for journey_id in names:
        row = journey_row(session, journey_id)
        if row is None:
            continue
        reading = read_journey(session, row, shelf)
        at = max(now, row.planned_at) if row.planned_at else now
        moved = plan(replace(reading.record, batch=dates), at, reading.seen)
        difference = compare(_stands(reading, at, at_rest), moved, wake_at=row.wake_at)
        found.append(ChangedHome(journey_id, row.unit or "", difference))
    return found


def _stands(reading: Reading, now: datetime, at_rest: bool) -> Stands:
    """How a journey stands: what its last plan left, or a plan of now when that one is not the last word any more.

    `at_rest`: no change of something shared is on its way to journeys.
    """
    row, record = reading.row, reading.record
    version = record.packs.on(local_date(now, record.zone))
    by = (version.hash, record.calendar.content_hash)
    asleep = at_rest and row.stale_since is None and row.wake_at is not None and row.wake_at > now
    if asleep and by == (row.pack_hash, row.calendar_hash):
        return Stands.of_agenda(reading.document.get("items", ()))
    return Stands.of_plan(plan(record, now, reading.seen))
