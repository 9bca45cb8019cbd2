"""What operators do to a journey: every action is an event, with who and why."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from journey.store import shared_queries, work_queries
from journey.store.entry_queries import entries_view
from starter.api import bodies
from starter.api.answers import ActionAnswer, event_answer
from starter.api.auth import Writer
from starter.api.context import Acted, Api, Parts
from starter.api.language import Lang, Language
from starter.api.once import OnlyOnce, answered
from starter.api.parameters import Id, JourneyName
from starter.orders import BODIES, AssignBody

router = APIRouter(tags=["operators"])
_SAYS: Final = {
    "skip": "Skip an item; a statutory duty only with `statutory`.",
    "redo": "Do again what has ended, under the old key with `~` and the event's id.",
    "reschedule": "Move an item: into the future, within its window, never past a legal end.",
    "decide": "Say how a send ended whose outcome is unknown; what did not happen may go again once.",
    "mute": "Keep messages from going out, except statutory and emergency ones.",
    "pause": "Stop the clocks of open tasks and keep messages waiting; statutory clocks never stop.",
    "resume": "End a mute or a pause; 409 names the holds there are when none is meant.",
    "cancel": "End the journey; `closes` lists the open work that this closes.",
    "undo": "Take an operator's event back; 409 when what it asked for went out already.",
}
_Route = Callable[..., Awaitable[Response]]


def _route(action: str) -> _Route:
    async def act(
        journey: JourneyName, request: Request, caller: Writer, api: Parts, lang: Language, once: OnlyOnce
    ) -> Response:
        body = await bodies.read_json(request)

        async def do() -> Response:
            acted = await api.doors.act(journey, action, body, by=caller.name, source=caller.id)
            return await shown_after(api, action, acted, lang)

        return await once.run(body, do)

    act.__name__, act.__doc__ = action, _SAYS[action]
    return act


for _action, _body in BODIES.items():
    router.add_api_route(
        f"/v1/journeys/{{journey:path}}/actions/{_action}",
        _route(_action),
        methods=["POST"],
        response_model=ActionAnswer,
        openapi_extra=bodies.documented(_body),
    )


@router.post("/v1/tasks/{task}/assign", response_model=ActionAnswer, openapi_extra=bodies.documented(AssignBody))
async def assign_task(
    task: Id, request: Request, caller: Writer, api: Parts, lang: Language, once: OnlyOnce
) -> Response:
    """Give a task to another post, or to a colleague by name; a claim is released, the ladder follows the post."""
    body = await bodies.read_json(request)

    async def assign() -> Response:
        acted = await api.doors.assign_task(task, body, by=caller.name, source=caller.id)
        shown = await api.store.read(work_queries.task_view, task, lang)
        return await shown_after(api, "assign", acted, lang, task=shown)

    return await once.run(body, assign)


async def shown_after(api: Api, action: str, acted: Acted, lang: Lang, **more: Any) -> Response:
    """The event's answer with what stands after it; a repetition not planned yet shows what it repeats."""
    document, status = event_answer(acted.answer, lang)
    entries = {each["key"]: each for each in await api.store.read(entries_view, acted.journey, lang)}
    key = acted.key or ""
    document |= {
        "action": action,
        "journey": acted.journey,
        "status": await api.store.read(shared_queries.status_of, acted.journey),
        "item": entries.get(key) or entries.get(key.split("~")[0]),
        "closes": [entries[each] for each in acted.closes if each in entries],
        "also": [event_answer(each, lang)[0] for each in acted.also],
        **more,
    }
    return answered(document, status)
