"""Batches and their dates, as the project's events tell them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from journey.domain.events import Event
from journey.domain.go_live import UNTOLD, GoLive
from journey.domain.project_facts import fold_project
from journey.domain.record import GateWord
from journey.domain.verdicts import Judged, Opinion
from journey.store.ids import new_id
from journey.store.shared_agendas import open_agenda
from journey.store.shared_reading import buildings_with_homes, project_event
from journey.store.tables import batches, events, projects, tasks, units


@dataclass(frozen=True, slots=True)
class Refolded:
    """A project's batches as its events have them now: verdicts, the rows that are there, what stands in their place.

    `batches` has buildings and dates by code, `gates` the last word on each of their gates, `changed` the codes of
    those that differ from their row. `milestones` are those of the project that were reached, `go_live` its go-live.
    """

    opinions: Mapping[str, Opinion]
    rows: Mapping[str, Any]
    batches: Mapping[str, tuple[list[str], Mapping[str, Any]]]
    gates: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    milestones: Sequence[Mapping[str, Any]] = ()
    go_live: GoLive = UNTOLD

    @property
    def changed(self) -> list[str]:
        """Codes of batches whose row is not there or says something else."""
        return [
            code
            for code, told in self.batches.items()
            if _stored(self.rows.get(code)) != (*told, self.gates.get(code, {}))
        ]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What became of a project's rows: verdicts by event id, ids of batches that changed, whether its go-live moved."""

    opinions: Mapping[str, Opinion]
    batches: Sequence[str]
    went_live_otherwise: bool


def refold_project(session: Session, project_id: str, now: datetime) -> Rebuilt:
    """Rebuild a project's batches, milestones and go-live from its events."""
    project = session.execute(
        select(projects.c.zone, projects.c.milestones, projects.c.go_live_at)
        .where(projects.c.id == project_id)
        .with_for_update(key_share=True)
    ).one()
    found = fold_batches(session, project_id, project.zone, now)
    went_live = found.go_live.over(project.go_live_at)
    if (found.milestones, went_live) != (project.milestones, project.go_live_at):
        told = {"milestones": list(found.milestones), "go_live_at": went_live}
        session.execute(update(projects).where(projects.c.id == project_id).values(**told))
    changed = []
    for code in found.changed:
        buildings, dates = found.batches[code]
        row, gates = found.rows.get(code), found.gates.get(code, {})
        changed.append(_write(session, project_id, code, row, buildings, dates, now, gates))
    return Rebuilt(found.opinions, changed, went_live != project.go_live_at)


def fold_batches(session: Session, project_id: str, zone: str, now: datetime, also: Sequence[Event] = ()) -> Refolded:
    """Fold a project's events, with some that nobody told yet, over the batches that are there; writes nothing."""
    known = {row.code: row for row in session.execute(select(batches).where(batches.c.project_id == project_id))}
    rows = session.execute(select(events).where(events.c.project_id == project_id))
    told = [project_event(row) for row in rows]
    return fold_told(
        [*told, *also], known, now=now, zone=zone, tasks=_tasks(session, project_id),
        homes=buildings_with_homes(session, project_id),
    )  # fmt: skip


def _tasks(session: Session, project_id: str) -> frozenset[str]:
    """The tasks of the project and its batches: what a result may name."""
    named = select(tasks.c.id).where(tasks.c.project_id == project_id, tasks.c.agenda_id.is_not(None))
    return frozenset(session.execute(named).scalars())


def fold_told(
    told: Sequence[Event],
    known: Mapping[str, Any],
    *,
    now: datetime,
    zone: str,
    tasks: frozenset[str] = frozenset(),
    homes: frozenset[str] | None = None,
) -> Refolded:
    """Fold events over the rows of batches that are known, none for a project that is about to be made."""
    planned = {code: list(row.buildings) for code, row in known.items()}
    facts = fold_project(told, planned, now=now, zone=zone, known=tasks, homes=homes)
    found = {
        code: (batch.buildings, {**_registered(known.get(code)), **batch.dates})
        for code, batch in facts.batches.items()
    }
    gates = {code: _words(batch.gates) for code, batch in facts.batches.items()}
    return Refolded(facts.judged.opinions, known, found, gates, _reached(facts.judged, zone), facts.go_live)


def _reached(judged: Judged, zone: str) -> list[dict[str, Any]]:
    """The milestones that were reached, as `journey/domain/news.py` reads them."""
    return [
        {
            "milestone": event.data.get("milestone"),
            "scope": dict(event.scope or {}),
            "event": event.id,
            "on": event.on(zone).isoformat(),
            "at": event.occurred_at.isoformat(),
            "recorded_at": event.recorded_at.isoformat(),
            **_known(event, judged),
        }
        for event in judged.live
        if event.type == "milestone.reached"
    ]


def _known(event: Event, judged: Judged) -> dict[str, str]:
    correction = judged.moved_by.get(event.id)
    known = max(event.recorded_at, correction.recorded_at) if correction else event.recorded_at
    return {"known_at": known.isoformat(), "moved_by": correction.id if correction else event.id}


def _words(gates: Mapping[str, GateWord]) -> dict[str, Any]:
    return {
        gate: {"state": word.state, "at": word.at.isoformat(), "event": word.event, "by": word.by}
        for gate, word in sorted(gates.items())
    }


def _stored(row: Any) -> tuple[list[str], Mapping[str, Any], Mapping[str, Any]] | None:
    return (row.buildings, row.dates, row.gates or {}) if row is not None else None


def put_batch(
    session: Session,
    project_id: str,
    code: str,
    buildings: list[str],
    dates: Mapping[str, Mapping[str, str]],
    now: datetime,
) -> str:
    """Register a batch outside of events (scenario files): its dates hold until an event says otherwise."""
    row = session.execute(select(batches).where(batches.c.project_id == project_id, batches.c.code == code)).first()
    registered = {name: {**dated, "registered": "yes"} for name, dated in dates.items()}
    return _write(session, project_id, code, row, buildings, registered, now, row.gates if row is not None else None)


def batch_of_building(session: Session, project_id: str, building: str) -> str | None:
    """The batch that a building belongs to."""
    rows = session.execute(select(batches).where(batches.c.project_id == project_id))
    found = {row.code: row for row in rows}
    code = code_of_building({code: row.buildings for code, row in found.items()}, building)
    return str(found[code].id) if code is not None else None


def code_of_building(buildings: Mapping[str, Sequence[str]], building: str) -> str | None:
    """The first batch by code that has a building."""
    return next((code for code in sorted(buildings) if building in buildings[code]), None)


def _registered(row: Any) -> dict[str, Any]:
    return {name: dated for name, dated in row.dates.items() if dated.get("registered")} if row is not None else {}


def _write(
    session: Session,
    project_id: str,
    code: str,
    row: Any,
    buildings: list[str],
    dates: Mapping[str, Any],
    now: datetime,
    gates: Mapping[str, Any] | None,
) -> str:
    batch_id: str = row.id if row is not None else new_id("bat")
    values = {"buildings": buildings, "dates": dict(dates), "gates": dict(gates) if gates else None}
    if row is None:
        session.execute(insert(batches).values(id=batch_id, project_id=project_id, code=code, **values))
        open_agenda(session, batch_id, project_id, now)
    else:
        session.execute(update(batches).where(batches.c.id == batch_id).values(**values))
    if buildings:
        session.execute(
            update(units)
            .where(units.c.project_id == project_id, units.c.building.in_(buildings))
            .values(batch_id=batch_id)
        )
    return batch_id
