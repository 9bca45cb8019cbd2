"""Work for people: list it, claim it, tell how it went."""

from typing import Any, Literal

from fastapi import APIRouter, Request, Response

from journey.domain.errors import InvalidInput, field_error
from journey.domain.values import Role
from journey.printing import poster_of
from journey.store import work_queries
from journey.store.work_queries import TaskFilter
from starter.api import bodies
from starter.api.answers import ListOf, ResultAnswer, TaskShown, TaskWithAnswers, event_answer
from starter.api.auth import Reader, Writer
from starter.api.context import Parts
from starter.api.filters import STATES, known_places
from starter.api.language import Language
from starter.api.once import OnlyOnce, answered
from starter.api.parameters import DEFAULT_LIMIT, Cursor, DueBefore, Filter, Id, Limit, due_instant, one_of
from starter.bodies import ClaimBody
from starter.library import beside

router = APIRouter(prefix="/v1/tasks", tags=["tasks"])


@router.get("", response_model=ListOf[TaskShown])
async def list_tasks(
    caller: Reader,
    api: Parts,
    lang: Language,
    role: Role | None = None,
    state: Filter = None,
    due_before: DueBefore = None,
    project: Filter = None,
    journey: Filter = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Any:
    """Tasks, the first due first; the state `open` stands for every rung of a running one.

    A call to one household about several homes is listed once, with its `homes`; by `journey`, that home's own.
    """
    await known_places(api, project)
    one_of("state", state, STATES)
    wanted = TaskFilter(role, state, due_instant(due_before), project, journey)
    return (await api.store.read(work_queries.list_tasks, wanted, lang, cursor=cursor, limit=limit)).document()


@router.get("/{task}", response_model=TaskWithAnswers)
async def get_task(task: Id, caller: Reader, api: Parts, lang: Language) -> Any:
    """One task, with the approved answers that help with it."""
    found = await api.store.read(work_queries.task_view, task, lang)
    return {**found, "answers": await api.store.read(beside, api.shelf, task, await api.clock.now(), lang)}


@router.get("/{task}/poster", response_class=Response, responses={200: {"content": {"application/pdf": {}}}})
async def task_poster(task: Id, caller: Reader, api: Parts, size: Literal["a4", "a3"] = "a4") -> Response:
    """The notice that a task wants on the wall of a building, as a PDF with a large QR code of the task."""
    content = await poster_of(api.store, api.shelf, api.settings, task, size, await api.clock.now())
    return Response(content, media_type="application/pdf")


@router.post("/{task}/claim", response_model=TaskShown, openapi_extra=bodies.documented(ClaimBody))
async def claim_task(
    task: Id, request: Request, caller: Writer, api: Parts, lang: Language, once: OnlyOnce
) -> Response:
    """Take a task; 409 when somebody else has it."""
    body = await bodies.read_json(request)

    async def take() -> Response:
        if not isinstance(body, dict):
            raise InvalidInput((field_error("", "not-an-object"),))
        await api.doors.claim_task(task, body)
        return answered(await api.store.read(work_queries.task_view, task, lang))

    return await once.run(body, take)


@router.post("/{task}/result", response_model=ResultAnswer, openapi_extra=bodies.documented(bodies.TaskResult))
async def task_result(
    task: Id, request: Request, caller: Writer, api: Parts, lang: Language, once: OnlyOnce
) -> Response:
    """Tell how a task went; it becomes an event about the task.

    A call about several homes ends home by home: `units` names those that the result is of.
    """
    body = await bodies.read_json(request)

    async def tell() -> Response:
        document, status = event_answer(await api.doors.task_result(task, body, caller.id), lang)
        return answered(document, status)

    return await once.run(body, tell)
