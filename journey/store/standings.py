"""A journey's items as an operator's action finds them, read under the journey's lock."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from journey.domain.actions import PLANNED, Standing
from journey.domain.entries import RUNNING, State
from journey.store.ledger import JOURNEY, read_row
from journey.store.tables import agenda, entries

# What the ledger says of these stands although the agenda has them: they run, or wait for an instant.
STANDS = frozenset({*RUNNING, State.HELD, State.RESERVED})


def read_standings(session: Session, journey_id: str) -> dict[str, Standing]:
    """By key: every item that the ledger or the agenda knows."""
    document = session.execute(
        select(agenda.c.document).where(agenda.c.scope == JOURNEY, agenda.c.scope_id == journey_id)
    ).scalar()
    items = {item["key"]: item for item in (document or {}).get("items", ())}
    planned = set((document or {}).get("planned", ()))
    rows = session.execute(select(entries).where(entries.c.scope == JOURNEY, entries.c.scope_id == journey_id))
    found = {row.key: _touched(row, items.get(row.key)) for row in rows}
    for key in planned & set(items):
        if key not in found or State(found[key].state) not in STANDS:
            found[key] = _standing(key, PLANNED, items[key])
    return found


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
