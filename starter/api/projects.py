"""Projects, and the facts that concern many homes at once."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from journey.domain.reasons import wording
from journey.domain.workload import By, Workload
from journey.store import forecasting, lives, queries, reach_queries, registry
from journey.store.expecting import kept_back
from starter.api import bodies
from starter.api.answers import EventAnswer, ListOf, ProjectShown, event_answer
from starter.api.auth import Reader, Writer
from starter.api.context import Parts
from starter.api.language import Language
from starter.api.message_answers import Unreachable
from starter.api.once import OnlyOnce, answered
from starter.api.parameters import DEFAULT_LIMIT, Cursor, Limit, ProjectCode
from starter.api.preview_answers import ProjectPreview
from starter.api.views import LifeShown, WorkloadShown
from starter.bodies import ProjectBody
from starter.telling_ahead import preview_project

router = APIRouter(prefix="/v1/projects", tags=["projects"])


@router.post("", status_code=201, response_model=ProjectShown, openapi_extra=bodies.documented(ProjectBody))
async def create_project(request: Request, caller: Writer, api: Parts, lang: Language, once: OnlyOnce) -> Response:
    """Make a project; 409 when its code is taken. `reason` says when a go-live lies ahead."""
    body = await bodies.read_json(request)

    async def create() -> Response:
        made = await api.doors.create_project(body)
        code, reason = made["code"], made.get("reason")
        shown = await api.store.read(queries.project_view, code)
        shown |= {"reason": {**reason, "text": wording(**reason, lang=lang, zone=shown["zone"])}} if reason else {}
        return answered(shown, 201, Location=f"/v1/projects/{quote(code)}")

    return await once.run(body, create)


@router.get("", response_model=ListOf[ProjectShown])
async def list_projects(caller: Reader, api: Parts, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Any:
    """Projects, oldest first."""
    return (await api.store.read(queries.list_projects, cursor=cursor, limit=limit)).document()


@router.get("/{code}/unreachable", response_model=Unreachable)
async def unreachable(
    code: ProjectCode, caller: Reader, api: Parts, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Any:
    """Homes that no message reaches: not one owner has an address that may be used. `count` is of all of them."""
    count, page = await api.store.read(reach_queries.unreachable_homes, code, cursor=cursor, limit=limit)
    return {"count": count, **page.document()}


@router.get("/{code}/forecast", response_model=WorkloadShown)
async def forecast(
    code: ProjectCode,
    caller: Reader,
    api: Parts,
    weeks: Annotated[int, Query(ge=1, le=520, description="How far ahead, from today.")] = 12,
    by: Annotated[By, Query(description="Periods are weeks from Monday, or calendar months.")] = "week",
) -> Any:
    """What falls due by week or month and post, and what goes out by class of message, as stored agendas have it.

    What is expected to be suppressed, for want of consent, is counted apart, by its reason.
    """
    now = await api.clock.now()
    place = await api.store.read(registry.project_row, code)
    workload = Workload(now, place.zone, by=by, weeks=weeks)
    cursor: str | None = None
    while True:
        page = await api.store.read(forecasting.project_agendas, place.id, cursor=cursor)
        kept = await api.store.read(kept_back, api.shelf, page.documents, now)
        for agenda_id, document in page.documents.items():
            workload.add(document, kept.get(agenda_id, {}))
        cursor = page.next_cursor
        if cursor is None:
            break
    homes = await api.store.read(forecasting.count_journeys, place.id)
    found = {"project": place.code, "name": place.name, "now": queries.shown(now, place.zone), "journeys": homes}
    return found | workload.document()


@router.get("/{code}/lives", response_model=ListOf[LifeShown])
async def list_lives(
    code: ProjectCode,
    caller: Reader,
    api: Parts,
    lang: Language,
    limit: Annotated[int, Query(ge=1, le=lives.MOST_AT_ONCE)] = lives.MOST_AT_ONCE,
    cursor: Cursor = None,
) -> Any:
    """Whole lives, the oldest journey first, as they are drawn side by side; owners are masked."""
    now = await api.clock.now()
    page = await api.store.read(lives.lives_view, code, now, lang, shelf=api.shelf, cursor=cursor, limit=limit)
    return page.document()


@router.get("/{code}", response_model=ProjectShown)
async def get_project(code: ProjectCode, caller: Reader, api: Parts) -> Any:
    """One project."""
    return await api.store.read(queries.project_view, code)


@router.post("/{code}/preview", response_model=ProjectPreview, openapi_extra=bodies.documented(bodies.NewEvent))
async def preview_event(code: ProjectCode, request: Request, caller: Reader, api: Parts, lang: Language) -> Any:
    """What a fact about a project would do to its batches and homes before it is told; nothing is written."""
    body = await bodies.read_json(request)
    return await preview_project(api.store, api.shelf, code, body, await api.clock.now(), lang)


@router.post("/{code}/events", response_model=EventAnswer, openapi_extra=bodies.documented(bodies.NewEvent))
async def tell_project(
    code: ProjectCode, request: Request, caller: Writer, api: Parts, lang: Language, once: OnlyOnce
) -> Response:
    """Tell a fact about a project, or with `scope` about a phase, batch or building of it."""
    body = await bodies.read_json(request)

    async def tell() -> Response:
        document, status = event_answer(await api.doors.tell_project(code, body), lang)
        return answered(document, status)

    return await once.run(body, tell)
