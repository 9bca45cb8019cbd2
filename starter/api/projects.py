"""Projects, and the facts that concern many homes at once."""

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from journey.store import queries
from starter.api import bodies
from starter.api.answers import EventAnswer, ListOf, ProjectShown, event_answer
from starter.api.auth import Reader, Writer
from starter.api.context import Parts
from starter.api.language import Language
from starter.api.once import OnlyOnce, answered
from starter.api.parameters import DEFAULT_LIMIT, Cursor, Limit, ProjectCode
from starter.bodies import ProjectBody

router = APIRouter(prefix="/v1/projects", tags=["projects"])


@router.post("", status_code=201, response_model=ProjectShown, openapi_extra=bodies.documented(ProjectBody))
async def create_project(request: Request, caller: Writer, api: Parts, once: OnlyOnce) -> Response:
    """Make a project; 409 when its code is taken."""
    body = await bodies.read_json(request)

    async def create() -> Response:
        code = (await api.doors.create_project(body))["code"]
        shown = await api.store.read(queries.project_view, code)
        return answered(shown, 201, Location=f"/v1/projects/{quote(code)}")

    return await once.run(body, create)


@router.get("", response_model=ListOf[ProjectShown])
async def list_projects(caller: Reader, api: Parts, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Any:
    """Projects, oldest first."""
    return (await api.store.read(queries.list_projects, cursor=cursor, limit=limit)).document()


@router.get("/{code}", response_model=ProjectShown)
async def get_project(code: ProjectCode, caller: Reader, api: Parts) -> Any:
    """One project."""
    return await api.store.read(queries.project_view, code)


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
