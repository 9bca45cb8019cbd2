"""What people are shown of batches: dates and who told them, homes by stage, how far planning again has come."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, func, literal, select
from sqlalchemy.orm import Session

from journey.domain.errors import NotFound
from journey.domain.event_checks import NewEvent
from journey.domain.project_facts import DATES, MOVES, placed_in
from journey.domain.reasons import Reason, wording
from journey.domain.verdicts import Verdict, as_told_right
from journey.store import registry
from journey.store.paging import DEFAULT_LIMIT, Order, Page
from journey.store.queries import shown
from journey.store.repairing import REPAIRS
from journey.store.shared_reading import project_event
from journey.store.tables import batches, changes, events, journeys, tasks, units
from journey.store.types import Json

LATEST: Final = 10
MOST_AT_ONCE: Final = 20  # batches that are planned before a teller has his answer
READ_BY_BATCHES: Final = ("gate.", "milestone.", "batch.")
_LIVING: Final = select(func.count()).select_from(journeys).join(units, units.c.id == journeys.c.unit_id)
_BATCHES: Final = Order("batches", (batches.c.code, batches.c.id))


def list_batches(session: Session, project: str, *, cursor: str | None = None, limit: int = DEFAULT_LIMIT) -> Page:
    """A project's batches by code; NotFound."""
    row = registry.project_row(session, project)
    query = select(batches).where(batches.c.project_id == row.id)
    rows, following = _BATCHES.fetch(session, query, cursor, limit)
    homes, ends = _homes(session, [one.id for one in rows]), _window_ends(session, row.id)
    return Page([_flat(one, row, sum(homes.get(one.id, {}).values()), ends.get(one.code)) for one in rows], following)


def batch_view(session: Session, project: str, code: str, lang: str = "zh") -> dict[str, Any]:
    """One batch: its dates, its homes by stage, its last moves and what became of each change; NotFound."""
    row = registry.project_row(session, project)
    found = batch_row(session, row.id, code)
    if found is None:
        raise NotFound(Reason("no-such-batch"))
    stages = _homes(session, [found.id]).get(found.id, {})
    homes = sum(stages.values())
    return {
        **_flat(found, row, homes, _window_ends(session, row.id, code).get(code)),
        "stages": stages,
        "moves": _moves(session, row, found, lang),
        "changes": _changes(session, found.id, row.zone, _living(session, found.id), lang),
    }


def batch_row(session: Session, project_id: str, code: str) -> Row[Any] | None:
    """A batch's row, None for an unknown code."""
    return session.execute(select(batches).where(batches.c.project_id == project_id, batches.c.code == code)).first()


def batches_concerned(session: Session, project_id: str, event: NewEvent) -> Sequence[Row[Any]]:
    """The batches that read what a project is told: whose task it is about, which it names, all that it is said of.

    A repair may be about any of them. Of very many the first ones: the rest is planned when the sweeper comes to it.
    """
    query = select(batches).where(batches.c.project_id == project_id).order_by(batches.c.code)
    if task := (event.about or {}).get("task"):
        return session.execute(query.join(tasks, tasks.c.agenda_id == batches.c.id).where(tasks.c.id == task)).all()
    if event.type.startswith("event."):
        return session.execute(query.limit(MOST_AT_ONCE)).all()
    if not event.type.startswith(READ_BY_BATCHES):
        return ()
    named, scope = event.data.get("batch"), event.scope or {}
    read_by = [
        row for row in session.execute(query) if named in (None, row.code) and placed_in(scope, row.code, row.buildings)
    ]
    return read_by[:MOST_AT_ONCE]


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


def _flat(row: Row[Any], project: Any, homes: int, ends: Mapping[str, str] | None) -> dict[str, Any]:
    dates = {name: row.dates[name] for name in DATES.values() if name in row.dates}
    if ends is not None:
        dates["handover_to"] = ends
    return {
        "id": row.id,
        "project": project.code,
        "code": row.code,
        "buildings": row.buildings,
        "homes": homes,
        "dates": {name: _date(dated, project.zone) for name, dated in dates.items()},
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
        "reason": {**reason, "text": wording(reason["code"], reason.get("params") or {}, lang, zone)},
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
    told = _window_ends(session, project_id, code).get(code)
    return told["on"] if told is not None else None


def _window_ends(session: Session, project_id: str, code: str | None = None) -> dict[str, dict[str, str]]:
    """By batch: the last day of its window, with the event that says so; a later telling without one takes it back."""
    rows = session.execute(
        select(events).where(events.c.project_id == project_id, events.c.type.in_((*MOVES, *REPAIRS)))
    ).all()
    refused = {row.id for row in rows if row.verdict == Verdict.REFUSED}
    told, moved_by, _, _ = as_told_right(sorted((project_event(row) for row in rows), key=lambda event: event.order))
    ends: dict[str, dict[str, str]] = {}
    for event in told:
        batch = str(event.data.get("batch"))
        if event.type not in MOVES or event.id in refused or code not in (None, batch):
            continue
        ends.pop(batch, None)
        last, by = event.read_date("handover_to"), moved_by.get(event.id, event)
        if last is not None:
            ends[batch] = {"on": last.isoformat(), "known_at": by.recorded_at.isoformat(), "event": by.id}
    return ends
