"""Agendas of projects and batches: what is ahead, what was done, what operators decide about an item."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from journey.store import queries, shared_queries
from starter.action_events import GO_LIVE, SHARED_ACTIONS
from starter.api import bodies
from starter.api.actions import shown_after
from starter.api.answers import ActionAnswer, EntryShown, GoLiveAnswer, ListOf, TimelineLine
from starter.api.auth import Reader, Writer
from starter.api.context import Api, Parts
from starter.api.language import Lang, Language
from starter.api.once import OnlyOnce
from starter.api.parameters import DEFAULT_LIMIT, Cursor, Limit, ProjectCode
from starter.orders import BODIES, GoLiveBody

router = APIRouter(tags=["agendas"])
_SAYS: Final = {
    "skip": "Skip an item; a statutory duty only with `statutory`.",
    "redo": "Do again what has ended.",
    "reschedule": "Move an item: into the future, within its window, never past a legal end.",
    "undo": "Take an operator's event back.",
}


@router.get("/v1/projects/{code}/entries", response_model=ListOf[EntryShown])
async def project_entries(code: ProjectCode, caller: Reader, api: Parts, lang: Language) -> Any:
    """Every item of a project, by due: ahead, running and ended."""
    return (await api.store.read(shared_queries.entries, code, None, lang)).document()


@router.get("/v1/projects/{code}/timeline", response_model=ListOf[TimelineLine])
async def project_timeline(
    code: ProjectCode, caller: Reader, api: Parts, lang: Language, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Any:
    """What happened to a project, oldest first, in words."""
    page = await api.store.read(shared_queries.timeline, code, None, lang, cursor=cursor, limit=limit)
    return page.document()


@router.get("/v1/batches/{project}/{code}/entries", response_model=ListOf[EntryShown])
async def batch_entries(project: ProjectCode, code: ProjectCode, caller: Reader, api: Parts, lang: Language) -> Any:
    """Every item of a batch, by due: ahead, running and ended."""
    return (await api.store.read(shared_queries.entries, project, code, lang)).document()


@router.get("/v1/batches/{project}/{code}/forecast", response_model=ListOf[EntryShown])
async def batch_forecast(project: ProjectCode, code: ProjectCode, caller: Reader, api: Parts, lang: Language) -> Any:
    """What is still ahead of a batch, by due, and why each date is what it is."""
    return (await api.store.read(shared_queries.entries, project, code, lang, ahead=True)).document()


@router.get("/v1/batches/{project}/{code}/timeline", response_model=ListOf[TimelineLine])
async def batch_timeline(
    project: ProjectCode,
    code: ProjectCode,
    caller: Reader,
    api: Parts,
    lang: Language,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Any:
    """What happened to a batch, oldest first, in words."""
    page = await api.store.read(shared_queries.timeline, project, code, lang, cursor=cursor, limit=limit)
    return page.document()


_Route = Callable[..., Awaitable[Response]]


def _on_a_project(action: str) -> _Route:
    async def act(
        code: ProjectCode, request: Request, caller: Writer, api: Parts, lang: Language, once: OnlyOnce
    ) -> Response:
        return await _act(api, action, (code, None), request, caller, once, lang)

    act.__name__, act.__doc__ = f"{action}_of_project", _SAYS[action]
    return act


def _on_a_batch(action: str) -> _Route:
    async def act(
        project: ProjectCode,
        code: ProjectCode,
        request: Request,
        caller: Writer,
        api: Parts,
        lang: Language,
        once: OnlyOnce,
    ) -> Response:
        return await _act(api, action, (project, code), request, caller, once, lang)

    act.__name__, act.__doc__ = f"{action}_of_batch", _SAYS[action]
    return act


for _action in SHARED_ACTIONS:
    for _path, _route in (
        ("/v1/projects/{code}", _on_a_project(_action)),
        ("/v1/batches/{project}/{code}", _on_a_batch(_action)),
    ):
        router.add_api_route(
            f"{_path}/actions/{_action}",
            _route,
            methods=["POST"],
            response_model=ActionAnswer,
            openapi_extra=bodies.documented(BODIES[_action]),
        )


@router.post(
    "/v1/projects/{code}/actions/go-live",
    response_model=GoLiveAnswer,
    openapi_extra=bodies.documented(GoLiveBody),
)
async def move_go_live(
    code: ProjectCode, request: Request, caller: Writer, api: Parts, lang: Language, once: OnlyOnce
) -> Response:
    """Move the go-live: what is due before it is missed, what is due after it is done; homes follow in the background.

    Its preview: `POST /v1/projects/{code}/preview` with a `go_live.moved`.
    """
    body = await bodies.read_json(request)

    async def move() -> Response:
        acted = await api.doors.move_go_live(code, body, by=caller.name, source=caller.id)
        project = await api.store.read(queries.project_view, code)
        return await shown_after(api, GO_LIVE, acted, lang, go_live_at=project["go_live_at"])

    return await once.run(body, move)


async def _act(
    api: Api, action: str, named: tuple[str, str | None], request: Request, caller: Any, once: Any, lang: Lang
) -> Response:
    body = await bodies.read_json(request)

    async def do() -> Response:
        agenda = await api.store.read(shared_queries.agenda_id, *named)
        acted = await api.doors.act(agenda, action, body, by=caller.name, source=caller.id)
        return await shown_after(api, action, acted, lang)

    answer: Response = await once.run(body, do)
    return answer
