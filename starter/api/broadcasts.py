"""Broadcasts: what stands, what became of their recipients, sending one text to many, and orders to it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from journey.domain.broadcasts import BroadcastOrder, BroadcastState
from journey.policies import filled
from journey.store import audit, broadcast_queries, keys
from journey.store.broadcast_report import Wanted, recipients
from journey.store.keys import ApiKey
from journey.store.paging import MAX_LIMIT
from starter.api import bodies
from starter.api.answers import ListOf
from starter.api.auth import Reader, Writer
from starter.api.broadcast_answers import (
    BroadcastOrdered,
    BroadcastPreview,
    BroadcastReview,
    BroadcastRow,
    BroadcastShown,
    BroadcastStarted,
    RecipientShown,
)
from starter.api.context import Api, Parts
from starter.api.filters import OUTCOMES, known_places, known_reason
from starter.api.language import Language
from starter.api.once import OnlyOnce, answered
from starter.api.parameters import DEFAULT_LIMIT, Cursor, Filter, Id, Limit, one_of
from starter.broadcast_orders import BODIES, order
from starter.broadcasts import RECIPIENTS, BroadcastBody, preview, review, start
from starter.exporting import MEDIA, Form, exported

router = APIRouter(prefix="/v1/broadcasts", tags=["broadcasts"])
_FILES: Final[dict[str, Any]] = {
    media.split(";")[0]: {"schema": {"type": "string", "format": "binary"}} for media in MEDIA.values()
}
_SAYS: Final = {
    BroadcastOrder.APPROVE: "Let a draft go as somebody else than its author; 409 when what was seen has changed.",
    BroadcastOrder.REJECT: "Send a draft back for good, as somebody else than its author.",
    BroadcastOrder.PAUSE: "Let nothing more go until it is resumed; calls that are out end as they do.",
    BroadcastOrder.RESUME: "Go on where it was paused.",
    BroadcastOrder.CANCEL: "Let nothing more go: what is under way ends, everybody else is `withdrawn`.",
    BroadcastOrder.RATE: "Let so many messages go a second at most.",
}


@router.get("", response_model=ListOf[BroadcastRow])
async def list_broadcasts(
    caller: Reader,
    api: Parts,
    lang: Language,
    project: Filter = None,
    state: Filter = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Any:
    """Broadcasts, the latest first."""
    await known_places(api, project)
    one_of("state", state, BroadcastState)
    page = await api.store.read(
        broadcast_queries.list_broadcasts, project=project, state=state, lang=lang, cursor=cursor, limit=limit
    )
    return page.document()


@router.post("", response_model=BroadcastStarted, status_code=201, openapi_extra=bodies.documented(BroadcastBody))
async def start_broadcast(request: Request, caller: Writer, api: Parts, once: OnlyOnce) -> Response:
    """Send a text of the pack to a project's owners, each decided by consent, hours and caps; one to many, or of
    marketing, stays a `draft` until a second person lets it go. 201, or 200 for one that was asked for before."""
    body = await bodies.read_json(request)

    async def go() -> Response:
        document = await start(api.store, api.shelf, body, await api.clock.now(), caller)
        await api.doors.wake_broadcasts([document["id"]] if document["state"] == "running" else [])
        return answered(document, 201 if document["opened"] else 200)

    return await once.run(body, go)


@router.post("/preview", response_model=BroadcastPreview, openapi_extra=bodies.documented(BroadcastBody))
async def preview_broadcast(request: Request, caller: Reader, api: Parts, lang: Language) -> Any:
    """What a broadcast would do now; nothing is written."""
    body = await bodies.read_json(request)
    return await preview(api.store, api.shelf, body, await api.clock.now(), lang)


@router.get("/{broadcast}", response_model=BroadcastShown)
async def get_broadcast(broadcast: Id, caller: Reader, api: Parts, lang: Language) -> Any:
    """One broadcast: whom it was for, what became of them by outcome and reason, how fast it goes, who ordered what."""
    now = await api.clock.now()
    return await api.store.read(broadcast_queries.broadcast_view, broadcast, api.shelf, now, lang, fill=filled)


@router.get("/{broadcast}/review", response_model=BroadcastReview)
async def review_broadcast(broadcast: Id, caller: Reader, api: Parts, lang: Language) -> Any:
    """What a second person sees before a draft goes: counts, costs, masked texts; his approval hands `seen` back."""
    return await review(api.store, api.shelf, broadcast, await api.clock.now(), caller, lang)


@router.get("/{broadcast}/recipients", response_model=ListOf[RecipientShown])
async def list_recipients(
    broadcast: Id,
    caller: Reader,
    api: Parts,
    lang: Language,
    outcome: Filter = None,
    reason: Filter = None,
    missed: bool = False,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Any:
    """Recipients one by one, with `missed` those whom nothing reached; masked without the scope `pii:read`."""
    wanted = await _wanted(api, broadcast, Wanted(outcome, reason, missed, caller.allows(keys.PII), lang))
    page = await api.store.read(recipients, broadcast, wanted, cursor=cursor, limit=limit)
    await _note(api, caller, broadcast, {"unmasked": wanted.unmasked, "rows": len(page.data)})
    return page.document()


@router.get("/{broadcast}/export", response_class=Response, responses={200: {"content": _FILES}})
async def export_recipients(
    broadcast: Id,
    caller: Reader,
    api: Parts,
    lang: Language,
    form: Form = "csv",
    outcome: Filter = None,
    reason: Filter = None,
    missed: bool = False,
) -> Response:
    """The same list whole, as a file for a spreadsheet."""
    wanted = await _wanted(api, broadcast, Wanted(outcome, reason, missed, caller.allows(keys.PII), lang))
    rows: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = await api.store.read(recipients, broadcast, wanted, cursor=cursor, limit=MAX_LIMIT)
        rows += page.data
        cursor = page.next_cursor
        if cursor is None:
            break
    await _note(api, caller, broadcast, {"unmasked": wanted.unmasked, "rows": len(rows), "form": form})
    content = await asyncio.to_thread(exported, form, RECIPIENTS, rows, lang)
    name = {"Content-Disposition": f'attachment; filename="{broadcast}.{form}"'}
    return Response(content, media_type=MEDIA[form], headers=name)


async def _wanted(api: Api, broadcast: str, wanted: Wanted) -> Wanted:
    one_of("outcome", wanted.outcome, OUTCOMES)
    await known_reason(api, broadcast, wanted.reason)
    return wanted


async def _note(api: Api, caller: ApiKey, broadcast: str, detail: dict[str, Any]) -> None:
    # Written before anything is shown: nobody reads without a trace.
    await api.store.write(audit.append, await api.clock.now(), caller.id, "broadcast.recipients", broadcast, detail)


def _route(what: BroadcastOrder) -> Callable[..., Awaitable[Response]]:
    async def ordered(broadcast: Id, request: Request, caller: Writer, api: Parts, once: OnlyOnce) -> Response:
        body = await bodies.read_json(request)

        async def go() -> Response:
            now = await api.clock.now()
            document, done = await order(api.store, api.shelf, broadcast, what, body, now, caller)
            await api.doors.wake_broadcasts(done.broadcasts if done.changed else ())
            return answered(document)

        return await once.run(body, go)

    ordered.__name__, ordered.__doc__ = f"{what.value}_broadcast", _SAYS[what]
    return ordered


for _what, _body in BODIES.items():
    router.add_api_route(
        f"/{{broadcast}}/{_what.value}",
        _route(_what),
        methods=["POST"],
        response_model=BroadcastOrdered,
        openapi_extra=bodies.documented(_body),
    )
