"""Handover batches: what stands, what a move would do, and moving one, which is a fact told to the project."""

from typing import Any

from fastapi import APIRouter, Request, Response

from journey.store import batch_queries, shared_queries
from starter.api import bodies
from starter.api.answers import EventAnswer, ListOf, event_answer
from starter.api.auth import Reader, Writer
from starter.api.batch_answers import BatchRow, BatchShown
from starter.api.context import Parts
from starter.api.language import Language
from starter.api.once import OnlyOnce, answered
from starter.api.parameters import DEFAULT_LIMIT, Cursor, InProject, Limit, ProjectCode
from starter.api.preview_answers import BatchPreview
from starter.batches import BatchBody, batch_event, preview

router = APIRouter(prefix="/v1/batches", tags=["batches"])


@router.get("", response_model=ListOf[BatchRow])
async def list_batches(
    caller: Reader, api: Parts, project: InProject, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Any:
    """The batches of a project, by code."""
    return (await api.store.read(batch_queries.list_batches, project, cursor=cursor, limit=limit)).document()


@router.get("/{project}/{code}", response_model=BatchShown)
async def get_batch(project: ProjectCode, code: ProjectCode, caller: Reader, api: Parts, lang: Language) -> Any:
    """One batch: dates, gates, homes by stage, who moved it last, how far its homes are planned again."""
    return await api.store.read(shared_queries.batch_view, project, code, lang)


@router.post("/{project}/{code}/preview", response_model=BatchPreview, openapi_extra=bodies.documented(BatchBody))
async def preview_batch(
    project: ProjectCode, code: ProjectCode, request: Request, caller: Reader, api: Parts, lang: Language
) -> Any:
    """What new dates would do to the batch's homes; nothing is written."""
    body = await bodies.read_json(request)
    return await preview(api.store, api.shelf, project, code, body, await api.clock.now(), lang)


@router.post("/{project}/{code}", response_model=EventAnswer, openapi_extra=bodies.documented(BatchBody))
async def move_batch(
    project: ProjectCode,
    code: ProjectCode,
    request: Request,
    caller: Writer,
    api: Parts,
    lang: Language,
    once: OnlyOnce,
) -> Response:
    """Plan a batch, or move one that is there: told to the project as `batch.planned` or `batch.rescheduled`."""
    body = await bodies.read_json(request)

    async def tell() -> Response:
        event = await batch_event(api.store, project, code, body, await api.clock.now())
        answer = await api.doors.tell_project(project, event, {**body, "batch": code})
        document, status = event_answer(answer, lang)
        return answered(document, status)

    return await once.run(body, tell)
