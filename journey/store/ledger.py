"""The ledger's rows as entries, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, insert, select, update
from sqlalchemy.orm import Session

from journey.domain.agendas import AgendaKind, kind_of
from journey.domain.entries import Entry, Rung, State
from journey.domain.reasons import Reason
from journey.domain.verdicts import Opinion
from journey.store.bulk import among, insert_all, update_all
from journey.store.tables import entries

_COLUMNS = [entries.c[each.name] for each in fields(Entry) if each.name != "item"]
_STATES = {state.value: state for state in State}
JOURNEY = AgendaKind.JOURNEY.value


_ROWS: Select[Any] = select(*_COLUMNS).where(
    entries.c.scope == bindparam("in_scope"), entries.c.scope_id == bindparam("of")
)
_ROW = _ROWS.where(entries.c.key == bindparam("under"))


_PLACE = (
    entries.c.scope == bindparam("in_scope"),
    entries.c.scope_id == bindparam("of"),
    entries.c.key == bindparam("under"),
)
_STEPS = select(entries.c.steps).where(*_PLACE)
_UPDATE = update(entries).where(*_PLACE)  # sets the columns that it is given


def read_entries(session: Session, agenda_id: str) -> dict[str, Entry]:
    """Every entry of an agenda by key, without its item (that stays in the row)."""
    return {row[0]: _entry(row) for row in session.execute(_ROWS, _place(agenda_id))}


def read_entry(session: Session, agenda_id: str, key: str) -> Entry | None:
    """One entry, or None while the item was never touched."""
    row = session.execute(_ROW, {**_place(agenda_id), "under": key}).first()
    return _entry(row) if row else None


def _entry(row: Sequence[Any]) -> Entry:
    """A row of `_COLUMNS`, which stand in the order of the entry's fields: plans read them by the dozen."""
    key, state, at, due, reason, *others = row
    return Entry(key, _STATES[state], at, due, Reason.read(reason), *others)


def _place(agenda_id: str) -> dict[str, str]:
    return {"in_scope": kind_of(agenda_id).value, "of": agenda_id}


def write_entry(
    session: Session,
    agenda_id: str,
    entry: Entry,
    *,
    rung: Rung | None = None,
    hashes: tuple[str, str] | None = None,
) -> None:
    """Insert or update the row of an entry. An empty `item` leaves the stored one; a rung is added to its ladder."""
    values = _values(entry)
    if hashes:
        values |= {"pack_hash": hashes[0], "calendar_hash": hashes[1]}
    scope = kind_of(agenda_id).value
    place = {"in_scope": scope, "of": agenda_id, "under": entry.key}
    steps = list(session.execute(_STEPS, place).scalar() or ()) if rung else []
    if rung:
        values["steps"] = [*steps, _step(rung)]
    if not session.execute(_UPDATE, {**values, **place}).rowcount:  # type: ignore[attr-defined] # of an update
        session.execute(insert(entries), _row(agenda_id, entry) | values)


def write_entries(session: Session, written: Sequence[tuple[str, Entry]]) -> None:
    """Insert or update the rows of entries of many journeys, each of them at most once."""
    keys = list({entry.key for _, entry in written})
    known = select(entries.c.scope_id, entries.c.key).where(
        entries.c.scope == AgendaKind.JOURNEY.value,
        among(session, entries.c.scope_id, [journey for journey, _ in written]),
        among(session, entries.c.key, keys),
    )
    there = {(row.scope_id, row.key) for row in session.execute(known)}
    fresh = [(journey, entry) for journey, entry in written if (journey, entry.key) not in there]
    changed = [
        {**_values(entry), "scope": AgendaKind.JOURNEY.value, "scope_id": journey, "key": entry.key}
        for journey, entry in written
        if (journey, entry.key) in there
    ]
    update_all(session, entries, ["scope", "scope_id", "key"], changed)
    insert_all(session, entries, [_row(journey, entry) | _values(entry) for journey, entry in fresh])


def _row(agenda_id: str, entry: Entry) -> dict[str, Any]:
    return {
        "scope": kind_of(agenda_id).value,
        "scope_id": agenda_id,
        "key": entry.key,
        "item": dict(entry.item),
        "steps": [],
    }


def _values(entry: Entry) -> dict[str, Any]:
    values: dict[str, Any] = {
        "state": entry.state.value,
        "at": entry.at,
        "due": entry.due,
        "reason": entry.reason.document() if entry.reason else None,
        "fact": entry.fact,
        "anchor_event": entry.anchor_event,
        "anchor_on": entry.anchor_on,
        "moved_by": entry.moved_by,
        "until": entry.until,
        "tries": entry.tries,
        "task": entry.task,
        "attempts": entry.attempts,
        "next_attempt": entry.next_attempt,
        "opened_at": entry.opened_at,
        "warned_at": entry.warned_at,
        "escalated_at": entry.escalated_at,
        "carrier": entry.carrier,
    }
    if entry.item:
        values["item"] = dict(entry.item)
    return values


def read_row(row: Row[Any]) -> Entry:
    """A row as planning reads it, without its item."""
    found = row._mapping
    return _entry([found[column.name] for column in _COLUMNS])


def _step(rung: Rung) -> dict[str, Any]:
    return {"at": rung.at.isoformat(), "step": rung.step, "to": rung.to}


def verdict_params(kind: str, opinion: Opinion) -> dict[str, Any]:
    """What the timeline keeps of a verdict: the event's type, the verdict and its reason."""
    params: dict[str, Any] = {"type": kind, "verdict": opinion.verdict.value}
    if opinion.reason:
        params["reason"] = opinion.reason.document()
    return params


def journal_rows(agenda_id: str, lines: Sequence[tuple[datetime, str, str | None, Mapping[str, Any]]]) -> list[Any]:
    """Rows for the timeline: instant, code, what it is about, parameters (ids and codes only)."""
    return [
        {owner_column(agenda_id): agenda_id, "at": at, "code": code, "ref": ref, "params": dict(params)}
        for at, code, ref, params in lines
    ]


def owner_column(agenda_id: str) -> str:
    """The column of tasks and journal that names an agenda: `journey_id`, or `agenda_id` of a project or batch."""
    return "journey_id" if kind_of(agenda_id) is AgendaKind.JOURNEY else "agenda_id"
