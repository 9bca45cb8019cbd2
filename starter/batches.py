"""Moves of a batch: from what a clerk says to the project's event, and what that would do before it is told."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from pydantic import Field

from journey.domain.event_checks import check_event
from journey.domain.event_types.fields import Day
from journey.domain.reasons import wording
from journey.store import batch_queries, previewing, registry
from journey.store.engine import Store
from journey.store.previewing import Change
from journey.store.shelf import Shelf
from starter.bodies import Body, Line, read_body
from starter.previewing import impact_document, measure
from starter.telling_ahead import moved_dates, verdict_document


class BatchBody(Body):
    """New dates of a batch. What is left out stays as it is; the window keeps its length. A new batch needs all."""

    handover_from: Day | None = None
    handover_to: Day | None = None
    contract_handover_date: Day | None = None
    completion_accepted_on: Day | None = None
    buildings: list[Line] | None = Field(None, max_length=200)
    by: Line | None = None
    reason: Line | None = None
    id: Line | None = None
    source: Line | None = None


async def batch_event(store: Store, project: str, code: str, body: Any, now: datetime) -> dict[str, Any]:
    """The event in a body: `batch.planned` for a batch that is not there, else `batch.rescheduled`; NotFound."""
    told = read_body(BatchBody, body)
    stands = await store.read(_stands, project, code)
    data = (stands or {}) | told.model_dump(mode="json", exclude_none=True, exclude={"id", "source"})
    if stands and told.handover_from and told.handover_to is None:
        length = date.fromisoformat(stands["handover_to"]) - date.fromisoformat(stands["handover_from"])
        data["handover_to"] = (told.handover_from + max(length, timedelta(0))).isoformat()
    return {
        "id": told.id or f"batch-{uuid4().hex}",
        "type": "batch.rescheduled" if stands else "batch.planned",
        "occurred_at": now.isoformat(),
        "source": told.source or "batches",
        "data": {"batch": code, **data},
    }


def _stands(session: Any, project: str, code: str) -> dict[str, Any] | None:
    """What an event has to repeat: buildings and the window; None for an unknown batch."""
    row = registry.project_row(session, project)
    batch = batch_queries.batch_row(session, row.id, code)
    if batch is None or "handover_from" not in batch.dates:
        return None
    start = batch.dates["handover_from"]["on"]
    last = batch_queries.window_end(session, row.id, code) or start
    return {"buildings": batch.buildings, "handover_from": start, "handover_to": max(start, last)}


async def preview(
    store: Store, shelf: Shelf, project: str, code: str, body: Any, now: datetime, lang: str
) -> dict[str, Any]:
    """What the event in a body would do to the batch's homes; nothing is written, read page by page."""
    told = await batch_event(store, project, code, body, now)
    event = check_event(told, target="project", now=now)
    changed = await store.read(previewing.changed_batch, project, code, event, now)
    impact = await measure(store, shelf, changed.journeys, Change.of([changed]), now)
    dates = moved_dates(changed.before, changed.after)
    return {
        "project": project,
        "code": code,
        "type": event.type,
        **verdict_document(changed.opinion, lang, changed.zone),
        "dates": dates,
        **impact_document(impact, changed.zone, lang),
        "text": None if dates or impact.moved_homes else wording("batch-told-again", {}, lang),
    }
