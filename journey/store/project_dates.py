"""Batches and their dates, as the project's events tell them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from journey.domain.events import Event
from journey.domain.project_facts import fold_project
from journey.domain.verdicts import Opinion
from journey.store.ids import new_id
from journey.store.tables import batches, events, projects, units


@dataclass(frozen=True, slots=True)
class Refolded:
    """A project's batches as its events have them now: verdicts, the rows that are there, what stands in their place.

    `batches` has buildings and dates by code, `changed` the codes of those that differ from their row.
    """

    opinions: Mapping[str, Opinion]
    rows: Mapping[str, Any]
    batches: Mapping[str, tuple[list[str], Mapping[str, Any]]]

    @property
    def changed(self) -> list[str]:
        """Codes of batches whose row is not there or says something else."""
        return [code for code, told in self.batches.items() if _stored(self.rows.get(code)) != told]


def refold_project(session: Session, project_id: str, now: datetime) -> tuple[Mapping[str, Opinion], list[str]]:
    """Rebuild a project's batches from its events; verdicts by event id, and the ids of batches that changed."""
    project = session.execute(
        select(projects.c.zone).where(projects.c.id == project_id).with_for_update(key_share=True)
    ).one()
    found = fold_batches(session, project_id, project.zone, now)
    changed = [_write(session, project_id, code, found.rows.get(code), *found.batches[code]) for code in found.changed]
    return found.opinions, changed


def fold_batches(session: Session, project_id: str, zone: str, now: datetime, also: Sequence[Event] = ()) -> Refolded:
    """Fold a project's events, with some that nobody told yet, over the batches that are there; writes nothing."""
    known = {row.code: row for row in session.execute(select(batches).where(batches.c.project_id == project_id))}
    rows = session.execute(select(events).where(events.c.project_id == project_id))
    told = [
        Event(
            row.id,
            row.type,
            row.occurred_at,
            row.recorded_at,
            row.data,
            row.source,
            row.source_id,
            None,
            None,
            row.scope,
        )
        for row in rows
    ]
    return fold_told([*told, *also], known, now=now, zone=zone)


def fold_told(told: Sequence[Event], known: Mapping[str, Any], *, now: datetime, zone: str) -> Refolded:
    """Fold events over the rows of batches that are known, none for a project that is about to be made."""
    planned = {code: list(row.buildings) for code, row in known.items()}
    facts = fold_project(told, planned, now=now, zone=zone)
    found = {
        code: (batch.buildings, {**_registered(known.get(code)), **batch.dates})
        for code, batch in facts.batches.items()
    }
    return Refolded(facts.judged.opinions, known, found)


def _stored(row: Any) -> tuple[list[str], Mapping[str, Any]] | None:
    return (row.buildings, row.dates) if row is not None else None


def put_batch(
    session: Session, project_id: str, code: str, buildings: list[str], dates: Mapping[str, Mapping[str, str]]
) -> str:
    """Register a batch outside of events (scenario files): its dates hold until an event says otherwise."""
    row = session.execute(select(batches).where(batches.c.project_id == project_id, batches.c.code == code)).first()
    registered = {name: {**dated, "registered": "yes"} for name, dated in dates.items()}
    return _write(session, project_id, code, row, buildings, registered)


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
    session: Session, project_id: str, code: str, row: Any, buildings: list[str], dates: Mapping[str, Any]
) -> str:
    batch_id: str = row.id if row is not None else new_id("bat")
    values = {"buildings": buildings, "dates": dict(dates)}
    if row is None:
        session.execute(insert(batches).values(id=batch_id, project_id=project_id, code=code, **values))
    else:
        session.execute(update(batches).where(batches.c.id == batch_id).values(**values))
    if buildings:
        session.execute(
            update(units)
            .where(units.c.project_id == project_id, units.c.building.in_(buildings))
            .values(batch_id=batch_id)
        )
    return batch_id
