"""Reads a project's or a batch's agenda as planning needs it, under the lock of its row; and any agenda by its kind."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.orm import Session

from journey.domain.agendas import AgendaKind, kind_of
from journey.domain.clocks import local_date
from journey.domain.events import Event
from journey.domain.outcomes import KEYS_OVER
from journey.domain.packs import PackHistory
from journey.domain.record import SharedRecord
from journey.domain.values import Stage
from journey.domain.verdicts import Verdict
from journey.store.batch_rows import batch_from
from journey.store.ledger import read_entries
from journey.store.outlines import read_outline
from journey.store.reading import Reading, brackets, journey_row, locked_journey, read_journey
from journey.store.shelf import Shelf, shelf_name
from journey.store.tables import batches, epochs, events, journeys, projects, shared_agendas, tasks, units
from journey.store.tables import installation as installation_row

LIVED_IN: Final = (Stage.FIT_OUT.value, Stage.OCCUPANCY.value, Stage.WARRANTY_END.value)
_ROW: Final = (
    select(
        shared_agendas,
        projects.c.code.label("project"),
        projects.c.pack,
        projects.c.overlays,
        projects.c.zone,
        projects.c.posts,
        projects.c.go_live_at,
        batches.c.code.label("batch"),
        batches.c.dates.label("batch_dates"),
        batches.c.gates.label("batch_gates"),
        select(installation_row.c.namespace_id).scalar_subquery().label("named"),
        exists().where(epochs.c.bracket_to.is_not(None)).label("restored"),
    )
    .join(projects, projects.c.id == shared_agendas.c.project_id)
    .outerjoin(batches, batches.c.id == shared_agendas.c.batch_id)
    .where(shared_agendas.c.id == bindparam("agenda"))
)
_LOCKED: Final = _ROW.with_for_update(key_share=True, of=shared_agendas)


def locked_agenda(session: Session, agenda_id: str) -> Any | None:
    """The row of any agenda, locked against every other plan and move of it; None when there is none."""
    if kind_of(agenda_id) is AgendaKind.JOURNEY:
        return locked_journey(session, agenda_id)
    return session.execute(_LOCKED, {"agenda": agenda_id}).first()


def agenda_row(session: Session, agenda_id: str) -> Any | None:
    """The same row without a lock."""
    if kind_of(agenda_id) is AgendaKind.JOURNEY:
        return journey_row(session, agenda_id)
    return session.execute(_ROW, {"agenda": agenda_id}).first()


def read_agenda(session: Session, row: Any, shelf: Shelf) -> Reading:
    """Everything that planning an agenda reads."""
    return (
        read_journey(session, row, shelf)
        if kind_of(row.id) is AgendaKind.JOURNEY
        else _read_shared(session, row, shelf)
    )


def _read_shared(session: Session, row: Any, shelf: Shelf) -> Reading:
    told = session.execute(select(events).where(events.c.project_id == row.project_id)).all()
    left_hash, outline = read_outline(session, row.id)
    packs, calendar = shelf.both(session, shelf_name(row.pack, row.overlays))
    work = session.execute(
        select(tasks.c.id, tasks.c.role).where(tasks.c.project_id == row.project_id, tasks.c.agenda_id.is_not(None))
    ).all()
    homes, delivered = _homes(session, row)
    record = SharedRecord(
        journey=row.id,
        episode=row.id,
        unit=None,
        zone=row.zone,
        started_at=row.started_at,
        go_live_at=row.go_live_at,
        events=[project_event(one) for one in told],
        entries=read_entries(session, row.id),
        packs=packs,
        calendar=calendar,
        batch=batch_from(row.batch_dates or {}, row.batch_gates),
        brackets=brackets(session) if row.restored else [],
        staffed=frozenset(row.posts),
        roles={task.id: task.role for task in work},
        known=frozenset(task.id for task in work),
        agenda={key: datetime.fromisoformat(due) for key, due in outline["planned"].items()},
        code=row.batch or row.project,
        registered=_buildings(session, row.project_id),
        places=buildings_with_homes(session, row.project_id) if any(_of_a_place(one) for one in told) else None,
        homes=homes,
        delivered=delivered,
        delivered_on=_delivered_on(session, row, packs, homes, delivered) if row.batch_id is None else (),
    )
    seen = {one.id: Verdict(one.verdict) for one in told}
    return Reading(row, record, seen, left_hash, outline["covers"], packs.versions[-1].pack.country)


def project_event(row: Any) -> Event:
    """A fact told to a project, as it is folded: of persons it knows nothing."""
    return Event(
        row.id, row.type, row.occurred_at, row.recorded_at, row.data, row.source, row.source_id, None, row.about,
        row.scope,
    )  # fmt: skip


def buildings_with_homes(session: Session, project_id: str) -> frozenset[str]:
    """The buildings of a project in which homes are known."""
    found = select(units.c.building).where(units.c.project_id == project_id, units.c.building.is_not(None)).distinct()
    return frozenset(session.execute(found).scalars())


def _of_a_place(event: Any) -> bool:
    return event.type == "milestone.reached" and bool(event.scope)


def _buildings(session: Session, project_id: str) -> dict[str, list[str]]:
    rows = session.execute(select(batches.c.code, batches.c.buildings).where(batches.c.project_id == project_id))
    return {row.code: list(row.buildings) for row in rows}


def _homes(session: Session, row: Any) -> tuple[int, int]:
    """How many homes there are, and how many of them are handed over."""
    here = units.c.batch_id == row.batch_id if row.batch_id else units.c.project_id == row.project_id
    lived_in = journeys.c.stage.in_(LIVED_IN)
    delivered = select(func.count(journeys.c.unit_id.distinct())).join(units, units.c.id == journeys.c.unit_id)
    homes = session.scalar(select(func.count()).select_from(units).where(here)) or 0
    return homes, session.scalar(delivered.where(here, lived_in)) or 0


def _delivered_on(session: Session, row: Any, packs: PackHistory, homes: int, delivered: int) -> Sequence[date]:
    """The days on which homes were handed over, in order; none before the least share that the pack names."""
    numbers = packs.versions[-1].pack.project
    if numbers is None or not delivered or delivered * 100 < homes * numbers.least_share:
        return ()
    told = session.execute(
        select(events.c.journey_id, events.c.data, events.c.occurred_at)
        .join(journeys, journeys.c.id == events.c.journey_id)
        .where(journeys.c.project_id == row.project_id, events.c.type.in_(KEYS_OVER))
        .where(events.c.verdict == Verdict.APPLIED.value, journeys.c.stage.in_(LIVED_IN))
    )
    days: dict[str, date] = {}
    for one in told:
        on = date.fromisoformat(one.data["on"]) if one.data.get("on") else local_date(one.occurred_at, row.zone)
        days[one.journey_id] = min(on, days.get(one.journey_id, on))
    return sorted(days.values())
