"""Lives as they are drawn: stages, facts, items and covers of one journey in one document, codes with parameters."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from journey.domain.bands import bands
from journey.domain.event_types import EVENT_TYPES
from journey.domain.telling import is_by_operator
from journey.store.entry_queries import entries_view
from journey.store.expecting import kept_back_of
from journey.store.paging import Order, Page
from journey.store.queries import find_journey, owners_view, shown, warranty_view
from journey.store.reading import Reading, journey_row, read_journey
from journey.store.registry import project_row
from journey.store.shelf import Shelf
from journey.store.tables import events, journeys

MOST_AT_ONCE: Final = 25  # each life is folded and worded: a page of them stays short
_LIVES: Final = Order("lives", (journeys.c.started_at, journeys.c.id))
# What people and channels report of an item shows as that item's end.
_RESULTS: Final = frozenset(
    {"task.result", "call.result", "visit.recorded", "message.receipt", "letter.delivered", "letter.returned"}
)


def life_view(
    session: Session, name: str, now: datetime, lang: str = "zh", *, shelf: Shelf, unmasked: bool = False
) -> dict[str, Any]:
    """One life as of `now`; NotFound. Names of owners are masked unless `unmasked`: whoever asks for that audits it."""
    row = journey_row(session, find_journey(session, name))
    assert row is not None  # it was found
    return _life(session, read_journey(session, row, shelf), now, lang, unmasked, shelf)


def lives_view(
    session: Session,
    code: str,
    now: datetime,
    lang: str = "zh",
    *,
    shelf: Shelf,
    cursor: str | None = None,
    limit: int = MOST_AT_ONCE,
) -> Page:
    """The lives of a project, the oldest first, names masked; NotFound for an unknown project."""
    project = project_row(session, code).id
    query = select(journeys.c.id).where(journeys.c.project_id == project)
    rows, following = _LIVES.fetch(session, query, cursor, min(limit, MOST_AT_ONCE))
    return Page([life_view(session, row.id, now, lang, shelf=shelf) for row in rows], following)


def _life(session: Session, reading: Reading, now: datetime, lang: str, unmasked: bool, shelf: Shelf) -> dict[str, Any]:
    row = reading.row
    at = max(now, row.planned_at) if row.planned_at else now
    kept = kept_back_of(session, shelf, row.id, now)
    return {
        "id": row.id,
        "project": row.project,
        "name": row.project_name,
        "unit": row.unit,
        "stage": row.stage,
        "status": row.status,
        "zone": row.zone,
        "now": shown(now, row.zone),
        "started_at": shown(row.started_at, row.zone),
        "owners": [_named(owner) for owner in owners_view(session, row.id, unmasked=unmasked)],
        "stages": [
            {"stage": band.stage.value, "from": shown(band.begins, row.zone), "until": shown(band.until, row.zone)}
            for band in bands(reading.record, at)
        ],
        "facts": _facts(session, row.id, row.zone),
        "entries": entries_view(session, row.id, lang, kept_back=kept),
        "warranty": warranty_view(session, row.id),
    }


def _named(owner: Mapping[str, Any]) -> dict[str, Any]:
    return {"ref": owner["ref"], "name": owner["name"]}


def _facts(session: Session, journey_id: str, zone: str) -> list[dict[str, Any]]:
    """What was told, in the order in which it happened, without its data; who decided, where an operator did."""
    rows = session.execute(
        select(events.c.id, events.c.type, events.c.occurred_at, events.c.recorded_at, events.c.verdict)
        .add_columns(events.c.reason, events.c.data, events.c.source)
        .where(events.c.journey_id == journey_id, events.c.type.not_in(_RESULTS))
        .order_by(events.c.occurred_at, events.c.recorded_at, events.c.id)
    )
    return [
        {
            "event": row.id,
            "type": row.type,
            "group": EVENT_TYPES[row.type].group if row.type in EVENT_TYPES else None,
            "at": shown(row.occurred_at, zone),
            "on": row.data.get("on") if isinstance(row.data.get("on"), str) else None,
            "recorded_at": shown(row.recorded_at, zone),
            "source": row.source,
            "by": row.data.get("by") if is_by_operator(row.type) else None,
            "verdict": row.verdict,
            "why": row.reason,
        }
        for row in rows
    ]
