"""A journey's items as an operator's action finds them, read under the journey's lock."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from journey.domain.actions import PLANNED, Standing
from journey.domain.agendas import kind_of
from journey.domain.entries import RUNNING, State
from journey.store.ledger import read_row
from journey.store.outlines import left_document
from journey.store.shared_agendas import row_table
from journey.store.tables import entries

# What the ledger says of these stands although the agenda has them: they run, or wait for an instant.
STANDS = frozenset({*RUNNING, State.HELD, State.RESERVED})

# How a send may leave an entry; a plan that reads it writes the agenda anew.
_SENT = frozenset(
    {State.SENT, State.DELIVERED, State.SERVED, State.UNKNOWN, State.FAILED, State.SUPPRESSED, State.MERGED}
)


def read_standings(session: Session, agenda_id: str) -> dict[str, Standing]:
    """By key: every item that the ledger or the agenda knows."""
    scope = kind_of(agenda_id).value
    document = left_document(session, agenda_id)
    items = {item["key"]: item for item in document.get("items", ())}
    planned = set(document.get("planned", ()))
    planned_at = planned_since(session, agenda_id)
    rows = session.execute(select(entries).where(entries.c.scope == scope, entries.c.scope_id == agenda_id))
    touched = {
        row.key: _touched(row, items.get(row.key))
        for row in rows
        if row.key not in planned or ledger_stands(row.state, row.at, planned_at)
    }
    return {key: _standing(key, PLANNED, items[key]) for key in planned if key in items} | touched


def planned_since(session: Session, agenda_id: str) -> datetime | None:
    """When the agenda was last written."""
    table = row_table(agenda_id)
    return session.scalar(select(table.c.planned_at).where(table.c.id == agenda_id))


def ledger_stands(state: str, at: datetime, planned_at: datetime | None) -> bool:
    """Whether an entry has the last word on an item that the agenda has planned: it stands, or was sent since."""
    return state in STANDS or (state in _SENT and planned_at is not None and at >= planned_at)


def _touched(row: Any, item: Mapping[str, Any] | None) -> Standing:
    """A touched item; while it runs or waits, the agenda knows its present instants."""
    entry = read_row(row)
    current = {**row.item, **item} if item is not None and entry.state in STANDS else {**row.item, "due": None}
    found = _standing(row.key, entry.state.value, current)
    ended_due = row.due or _instant(row.item.get("due")) or row.at
    return replace(found, due=found.due or ended_due, signature=entry.signature, fact=entry.fact)


def _standing(key: str, state: str, item: Mapping[str, Any]) -> Standing:
    return Standing(
        key,
        state,
        due=_instant(item.get("due")),
        legal_due=_instant(item.get("legal_due")),
        expires=_instant(item.get("expires")),
        statutory=bool(item.get("statutory")),
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
