"""What people are shown of batches: dates and who told them, homes by stage, how far planning again has come."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, func, literal, select
from sqlalchemy.orm import Session

from journey.domain.errors import NotFound
from journey.domain.project_facts import DATES
from journey.domain.reasons import Reason, wording
from journey.store import registry
from journey.store.paging import DEFAULT_LIMIT, Order, Page
from journey.store.queries import shown
from journey.store.tables import batches, changes, events, journeys, units
from journey.store.types import Json

LATEST: Final = 10
MOVES: Final = ("batch.planned", "batch.rescheduled")
_LIVING: Final = select(func.count()).select_from(journeys).join(units, units.c.id == journeys.c.unit_id)
_BATCHES: Final = Order("batches", (batches.c.code, batches.c.id))


def list_batches(session: Session, project: str, *, cursor: str | None = None, limit: int = DEFAULT_LIMIT) -> Page:
    """A project's batches by code; NotFound."""
    row = registry.project_row(session, project)
    query = select(batches).where(batches.c.project_id == row.id)
    rows, following = _BATCHES.fetch(session, query, cursor, limit)
    homes = _homes(session, [one.id for one in rows])
    return Page([_flat(one, row, sum(homes.get(one.id, {}).values())) for one in rows], following)


def batch_view(session: Session, project: str, code: str, lang: str = "zh") -> dict[str, Any]:
    """One batch: its dates, its homes by stage, its last moves and what became of each change; NotFound."""
    row = registry.project_row(session, project)
    found = batch_row(session, row.id, code)
    if found is None:
        raise NotFound(Reason("no-such-batch"))
    stages = _homes(session, [found.id]).get(found.id, {})
    homes = sum(stages.values())
    return {
        **_flat(found, row, homes),
        "stages": stages,
        "moves": _moves(session, row, found, lang),
        "changes": _changes(session, found.id, row.zone, _living(session, found.id), lang),
    }


def batch_row(session: Session, project_id: str, code: str) -> Row[Any] | None:
    """A batch's row, None for an unknown code."""
    return session.execute(select(batches).where(batches.c.project_id == project_id, batches.c.code == code)).first()


def _homes(session: Session, ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """By batch: journeys by stage, those whose life is over too."""
    rows = session.execute(
        select(units.c.batch_id, journeys.c.stage, func.count().label("homes"))
        .join(units, units.c.id == journeys.c.unit_id)
        .where(units.c.batch_id.in_(ids))
        .group_by(units.c.batch_id, journeys.c.stage)
        .order_by(journeys.c.stage)
    )
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row.batch_id, {})[row.stage] = row.homes
    return found


def _living(session: Session, batch_id: str) -> int:
    """How many homes a change plans again: those whose life goes on."""
    living = (units.c.batch_id == batch_id) & journeys.c.over.is_(False)
    return session.scalar(_LIVING.where(living)) or 0


def _flat(row: Row[Any], project: Any, homes: int) -> dict[str, Any]:
    return {
        "id": row.id,
        "project": project.code,
        "code": row.code,
        "buildings": row.buildings,
        "homes": homes,
        "dates": {name: _date(row.dates[name], project.zone) for name in DATES.values() if name in row.dates},
    }


def _date(dated: Mapping[str, str], zone: str) -> dict[str, Any]:
    """A date with the event that brought it and when that was told."""
    told = dated.get("known_at")
    return {
        "on": dated["on"],
        "told_at": shown(datetime.fromisoformat(told), zone) if told else None,
        "event": dated.get("moved_by") or dated.get("event"),
    }


def _moves(session: Session, project: Any, batch: Row[Any], lang: str) -> list[dict[str, Any]]:
    """The last tellings of a batch, the latest first, and whether each still holds."""
    rows = session.execute(
        select(events)
        .where(events.c.project_id == project.id, events.c.type.in_(MOVES))
        .where(events.c.data["batch"].as_string() == batch.code)
        .order_by(events.c.recorded_at.desc(), events.c.seq.desc())
        .limit(LATEST)
    ).all()
    holding = {dated.get("event") for dated in batch.dates.values()}
    return [_move(row, project.zone, _note(row, holding, batch.dates), lang) for row in rows]


def _note(row: Row[Any], holding: set[str | None], dates: Mapping[str, Mapping[str, str]]) -> str:
    if row.id in holding:
        return "batch-stands"
    told = {kept: row.data[name] for name, kept in DATES.items() if row.data.get(name)}
    same = all(dates.get(kept, {}).get("on") == on for kept, on in told.items())
    return "batch-told-again" if same else "batch-moved-again"


def _move(row: Row[Any], zone: str, note: str, lang: str) -> dict[str, Any]:
    reason = row.reason or {"code": note, "params": {}}
    return {
        "event": row.id,
        "type": row.type,
        "told_at": shown(row.recorded_at, zone),
        "source": row.source,
        "by": row.data.get("by"),
        "why": row.data.get("reason"),
        "dates": {name: row.data[name] for name in (*DATES, "handover_to") if row.data.get(name)},
        "verdict": row.verdict,
        "reason": {**reason, "text": wording(reason["code"], reason.get("params") or {}, lang)},
    }


def _changes(session: Session, batch_id: str, zone: str, homes: int, lang: str) -> list[dict[str, Any]]:
    """The last times that the batch's homes were planned again, the latest first."""
    rows = session.execute(
        select(changes)
        .where(changes.c.kind == "batch", changes.c.concerns == literal({"batch": batch_id}, Json()))
        .order_by(changes.c.created_at.desc(), changes.c.done_at.is_(None).desc(), changes.c.id.desc())
        .limit(LATEST)
    )
    return [_change(row, zone, homes, lang) for row in rows]


def _change(row: Row[Any], zone: str, homes: int, lang: str) -> dict[str, Any]:
    state = "done" if row.done_at else "running" if row.cursor else "waiting"
    state = "superseded" if row.superseded_by else state
    params = {"planned": row.planned, "poked": row.poked, "homes": homes}
    return {
        "id": row.id,
        "at": shown(row.created_at, zone),
        "state": state,
        "planned": row.planned,
        "poked": row.poked,
        "done_at": shown(row.done_at, zone),
        "superseded_by": row.superseded_by,
        "text": wording(f"replan-{state}", params, lang),
    }


def window_end(session: Session, project_id: str, code: str) -> str | None:
    """The last day of a batch's window, as the latest telling that counts has it."""
    return session.execute(
        select(events.c.data["handover_to"].as_string())
        .where(events.c.project_id == project_id, events.c.type.in_(MOVES), events.c.verdict == "applied")
        .where(events.c.data["batch"].as_string() == code)
        .order_by(events.c.occurred_at.desc(), events.c.recorded_at.desc(), events.c.id.desc())
        .limit(1)
    ).scalar()
