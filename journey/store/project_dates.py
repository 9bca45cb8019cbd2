"""Batches and their dates, as the project's events tell them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from journey.domain.events import Event
from journey.domain.project_facts import fold_project
from journey.domain.verdicts import Opinion
from journey.store.ids import new_id
from journey.store.tables import batches, events, projects, units


def refold_project(session: Session, project_id: str, now: datetime) -> tuple[Mapping[str, Opinion], list[str]]:
    """Rebuild a project's batches from its events; verdicts by event id, and the ids of batches that changed."""
    project = session.execute(
        select(projects.c.zone).where(projects.c.id == project_id).with_for_update(key_share=True)
    ).one()
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
    planned = {code: list(row.buildings) for code, row in known.items()}
    facts = fold_project(told, planned, now=now, zone=project.zone)
    changed: list[str] = []
    for code, batch in facts.batches.items():
        row = known.get(code)
        dates = {**_registered(row), **batch.dates}
        if row is None or row.dates != dates or row.buildings != batch.buildings:
            changed.append(_write(session, project_id, code, row, batch.buildings, dates))
    return facts.judged.opinions, changed


def put_batch(
    session: Session, project_id: str, code: str, buildings: list[str], dates: Mapping[str, Mapping[str, str]]
) -> str:
    """Register a batch outside of events (scenario files): its dates hold until an event says otherwise."""
    row = session.execute(select(batches).where(batches.c.project_id == project_id, batches.c.code == code)).first()
    registered = {name: {**dated, "registered": "yes"} for name, dated in dates.items()}
    return _write(session, project_id, code, row, buildings, registered)


def batch_of_building(session: Session, project_id: str, building: str) -> str | None:
    """The batch that a building belongs to."""
    rows = session.execute(
        select(batches.c.id, batches.c.buildings).where(batches.c.project_id == project_id).order_by(batches.c.code)
    )
    return next((row.id for row in rows if building in row.buildings), None)


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
