"""What a change would do, home by home: planned in memory, from what planning reads; nothing is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from journey.domain.calendar import WorkCalendar
from journey.domain.clocks import local_date
from journey.domain.comparing import Stands, compare
from journey.domain.event_checks import NewEvent
from journey.domain.events import Event
from journey.domain.impact import Impact
from journey.domain.outlook import look_ahead
from journey.domain.packs import PackHistory
from journey.domain.planner import plan
from journey.domain.record import Batch, Place, Record
from journey.domain.verdicts import Opinion
from journey.store import registry
from journey.store.batch_rows import batch_from
from journey.store.changes import open_changes
from journey.store.foreseeing import channels_of
from journey.store.go_live import with_what_stood
from journey.store.outlines import left_document
from journey.store.project_dates import Refolded, fold_batches
from journey.store.reading import Reading, journey_row, read_journey
from journey.store.reading_home import places_among
from journey.store.shelf import Shelf, shelf_name
from journey.store.tables import journeys, packs, units

PREVIEW = "evt_preview"
SOON = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class ChangedBatch:
    """A batch before and after an event that nobody told yet, and the journeys it concerns, in the order of ids."""

    opinion: Opinion
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    zone: str
    journeys: Sequence[str]
    gates: Mapping[str, Any] = field(default_factory=dict)
    buildings: Sequence[str] = ()
    code: str = ""
    places: Mapping[str, Place] = field(default_factory=dict)  # by unit: where it would stand in the batch

    @property
    def dates(self) -> Batch:
        """The batch's dates as planning would read them."""
        return batch_from(self.after, self.gates)


@dataclass(frozen=True, slots=True)
class ChangedGoLive:
    """The go-live of a project before and after an event that nobody told yet, and the lives that go on there."""

    was: datetime | None
    to: datetime | None
    journeys: Sequence[str]


@dataclass(frozen=True, slots=True)
class Change:
    """What would be another way: dates of batches, versions of packs by shelf name, calendars by country, a go-live.

    `at` is when it begins to count: now, or the day from which a version holds.
    """

    batches: Mapping[str, Batch] = field(default_factory=dict)  # by code
    buildings: Mapping[str, Batch] = field(default_factory=dict)  # by building: homes that come into a batch
    places: Mapping[str, Place] = field(default_factory=dict)  # by unit, of these batches
    packs: Mapping[str, PackHistory] = field(default_factory=dict)
    calendars: Mapping[str, WorkCalendar] = field(default_factory=dict)
    go_live: ChangedGoLive | None = None
    at: datetime | None = None

    @classmethod
    def of(cls, changed: Sequence[ChangedBatch]) -> "Change":
        """What is told of batches."""
        return cls(
            batches={each.code: each.dates for each in changed if each.code},
            buildings={building: each.dates for each in changed for building in each.buildings},
            places={unit: place for each in changed for unit, place in each.places.items()},
        )

    def made(self, reading: Reading) -> Record:
        """The record of a journey as it would then be."""
        row, record = reading.row, reading.record
        batch = self.buildings.get(row.building) or self.batches.get(row.batch) or record.batch
        return replace(
            record,
            batch=replace(batch, place=self.places.get(row.unit_id, record.batch.place)),
            packs=self.packs.get(shelf_name(row.pack, row.overlays), record.packs),
            calendar=self.calendars.get(reading.country, record.calendar),
            go_live_at=self.go_live.to if self.go_live is not None else record.go_live_at,
        )


def changed_batch(session: Session, project: str, code: str, event: NewEvent, now: datetime) -> ChangedBatch:
    """The batch as it would be after an event; NotFound for an unknown project."""
    row, folded = _folded(session, project, event, now)
    return _changed(session, row, folded, code)


def changed_project(session: Session, project: str, event: NewEvent, now: datetime) -> list[ChangedBatch]:
    """Every batch that an event would change; one without a code, and without homes, when it changes none."""
    row, folded = _folded(session, project, event, now)
    return [_changed(session, row, folded, code) for code in folded.changed or [""]]


def changed_go_live(session: Session, project: str, event: NewEvent, now: datetime) -> ChangedGoLive | None:
    """The go-live as it would be after an event; None when the event leaves it as it is."""
    row, folded = _folded(session, project, event, now)
    to = folded.go_live.over(row.go_live_at)
    if to == row.go_live_at:
        return None
    return ChangedGoLive(row.go_live_at, to, _concerned(session, units.c.project_id == row.id))


def _folded(session: Session, project: str, event: NewEvent, now: datetime) -> tuple[Any, Refolded]:
    row = registry.project_row(session, project)
    data = with_what_stood(session, row.id, event.type, event.data)
    told = Event(PREVIEW, event.type, event.occurred_at, now, data, event.source, event.source_id, scope=event.scope)
    return row, fold_batches(session, row.id, row.zone, now, [told])


def _changed(session: Session, project: Any, folded: Refolded, code: str) -> ChangedBatch:
    known = folded.rows.get(code)
    buildings, dates = folded.batches.get(code, ([], {}))
    homes = _homes(project.id, known.id if known is not None else None, buildings)
    before, gates = known.dates if known is not None else {}, folded.gates.get(code, {})
    return ChangedBatch(
        folded.opinions[PREVIEW], before, dates, project.zone, _concerned(session, homes), gates, buildings, code,
        places_among(session, homes),
    )  # fmt: skip


def _homes(project_id: str, batch_id: str | None, buildings: Sequence[str]) -> ColumnElement[bool]:
    """Homes that are in the batch or come into it."""
    return and_(
        units.c.project_id == project_id, or_(units.c.batch_id == (batch_id or ""), units.c.building.in_(buildings))
    )


def _concerned(session: Session, homes: ColumnElement[bool]) -> list[str]:
    """Lives that go on, in these homes."""
    statement = (
        select(journeys.c.id)
        .join(units, units.c.id == journeys.c.unit_id)
        .where(homes, journeys.c.over.is_(False))
        .order_by(journeys.c.id)
    )
    return list(session.execute(statement).scalars())


def concerned_by(
    session: Session, *, project: str | None = None, packs: Sequence[str] = (), country: str | None = None
) -> dict[str, str]:
    """Lives that go on, in the order of ids, each with its pack (shelf name); NotFound for an unknown project.

    They are those under one of these packs, or under any pack of a country.
    """
    wanted = set(packs) if country is None else _packs_of(session, country)
    statement = select(journeys.c.id, journeys.c.pack, journeys.c.overlays).where(journeys.c.over.is_(False))
    if project is not None:
        statement = statement.where(journeys.c.project_id == registry.project_row(session, project).id)
    rows = session.execute(statement.order_by(journeys.c.id))
    under = ((row.id, shelf_name(row.pack, row.overlays)) for row in rows)
    return {journey: name for journey, name in under if name in wanted}


def _packs_of(session: Session, country: str) -> set[str]:
    """The packs whose last published version is of a country: planning takes the calendar by that one."""
    last = select(func.max(packs.c.seq)).group_by(packs.c.name)
    rows = session.execute(select(packs.c.name, packs.c.document["country"]).where(packs.c.seq.in_(last)))
    return {row.name for row in rows if row[1] == country}


def changed_homes(session: Session, names: Sequence[str], change: Change, now: datetime, *, shelf: Shelf) -> Impact:
    """A page of homes, each planned with and without a change, added up.

    With `change.at` also what leaves soon, unless the change begins later: until then people work, which nobody knows.
    """
    impact = Impact()
    at_rest = (change.at is None or change.at <= now) and not open_changes(session, 1)
    for journey_id in names:
        row = journey_row(session, journey_id)
        if row is None:
            continue
        reading = read_journey(session, row, shelf)
        at = max(change.at or now, row.planned_at or now)
        record = change.made(reading)
        changed = plan(record, at, reading.seen)
        difference = compare(_stands(session, reading, at, at_rest), changed, wake_at=row.wake_at)
        outlook = None
        if change.at is not None and change.at <= now:
            outlook = look_ahead(changed, record, at, at + SOON, channels_of(session, record))
        impact.add(journey_id, row.unit or "", difference, outlook)
    return impact


def _stands(session: Session, reading: Reading, now: datetime, at_rest: bool) -> Stands:
    """How a journey stands: what its last plan left, or a plan of now when that one is not the last word any more.

    `at_rest`: no change of something shared is on its way to journeys.
    """
    row, record = reading.row, reading.record
    version = record.packs.on(local_date(now, record.zone))
    by = (version.hash, record.calendar.content_hash)
    asleep = at_rest and row.stale_since is None and row.wake_at is not None and row.wake_at > now
    if asleep and by == (row.pack_hash, row.calendar_hash):
        return Stands.of_agenda(left_document(session, row.id).get("items", ()))
    return Stands.of_plan(plan(record, now, reading.seen))
