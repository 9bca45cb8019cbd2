"""The ledger's rows as entries, and back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, insert, select, update
from sqlalchemy.orm import Session

from journey.domain.entries import Entry, Rung, State
from journey.domain.reasons import Reason
from journey.store.tables import entries

_COLUMNS = [column for column in entries.c if column.name not in ("item", "steps", "pack_hash", "calendar_hash")]
JOURNEY = "journey"


_ROWS: Select[Any] = select(*_COLUMNS).where(entries.c.scope == JOURNEY, entries.c.scope_id == bindparam("journey"))
_ROW = _ROWS.where(entries.c.key == bindparam("key"))


_PLACE = (
    entries.c.scope == bindparam("in_scope"),
    entries.c.scope_id == bindparam("of"),
    entries.c.key == bindparam("under"),
)
_STEPS = select(entries.c.steps).where(*_PLACE)
_UPDATE = update(entries).where(*_PLACE)  # sets the columns that it is given


def read_entries(session: Session, journey_id: str) -> dict[str, Entry]:
    """Every entry of a journey by key, without its item (that stays in the row)."""
    return {row.key: read_row(row) for row in session.execute(_ROWS, {"journey": journey_id})}


def read_entry(session: Session, journey_id: str, key: str) -> Entry | None:
    """One entry, or None while the item was never touched."""
    row = session.execute(_ROW, {"journey": journey_id, "key": key}).first()
    return read_row(row) if row else None


def write_entry(
    session: Session,
    journey_id: str,
    entry: Entry,
    *,
    rung: Rung | None = None,
    hashes: tuple[str, str] | None = None,
) -> None:
    """Insert or update the row of an entry. An empty `item` leaves the stored one; a rung is added to its ladder."""
    values = _values(entry)
    if hashes:
        values |= {"pack_hash": hashes[0], "calendar_hash": hashes[1]}
    place = {"in_scope": JOURNEY, "of": journey_id, "under": entry.key}
    steps = list(session.execute(_STEPS, place).scalar() or ()) if rung else []
    if rung:
        values["steps"] = [*steps, _step(rung)]
    if not session.execute(_UPDATE, {**values, **place}).rowcount:  # type: ignore[attr-defined] # of an update
        row = {"scope": JOURNEY, "scope_id": journey_id, "key": entry.key, "item": dict(entry.item), "steps": []}
        session.execute(insert(entries), row | values)


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
    return Entry(
        key=found["key"],
        state=State(found["state"]),
        at=found["at"],
        due=found["due"],
        reason=Reason.read(found["reason"]),
        fact=found["fact"],
        anchor_event=found["anchor_event"],
        anchor_on=found["anchor_on"],
        moved_by=found["moved_by"],
        until=found["until"],
        tries=found["tries"],
        task=found["task"],
        attempts=found["attempts"],
        next_attempt=found["next_attempt"],
        opened_at=found["opened_at"],
        warned_at=found["warned_at"],
        escalated_at=found["escalated_at"],
        carrier=found["carrier"],
    )


def _step(rung: Rung) -> dict[str, Any]:
    return {"at": rung.at.isoformat(), "step": rung.step, "to": rung.to}


def journal_rows(journey_id: str, lines: Sequence[tuple[datetime, str, str | None, Mapping[str, Any]]]) -> list[Any]:
    """Rows for the timeline: instant, code, what it is about, parameters (ids and codes only)."""
    return [
        {"journey_id": journey_id, "at": at, "code": code, "ref": ref, "params": dict(params)}
        for at, code, ref, params in lines
    ]
