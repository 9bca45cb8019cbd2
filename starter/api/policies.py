"""Packs and calendars: what is published, what a change would move, and bringing it into force."""

from typing import Any

from fastapi import APIRouter, Request, Response

from starter import policies
from starter.api import bodies
from starter.api.answers import ListOf
from starter.api.auth import Reader, Writer
from starter.api.context import Parts
from starter.api.language import Language
from starter.api.once import OnlyOnce, answered
from starter.api.preview_answers import PackRow, PolicyApplied, PolicyPreview
from starter.policies import LARGEST, CalendarBody, CalendarPreviewBody, PackBody, PackPreviewBody

router = APIRouter(prefix="/v1", tags=["policies"])


@router.get("/packs", response_model=ListOf[PackRow])
async def list_packs(caller: Reader, api: Parts) -> Any:
    """Every published version of every pack, by name and the day from which it holds."""
    return {"data": await api.store.read(policies.list_packs), "next_cursor": None}


@router.post("/packs/preview", response_model=PolicyPreview, openapi_extra=bodies.documented(PackPreviewBody))
async def preview_packs(request: Request, caller: Reader, api: Parts, lang: Language) -> Any:
    """What publishing these versions would do to the journeys under them; nothing is written."""
    body = await bodies.read_json(request, LARGEST)
    return await policies.preview_packs(api.store, api.shelf, body, await api.clock.now(), lang)


@router.post("/packs", response_model=ListOf[PolicyApplied], openapi_extra=bodies.documented(PackBody))
async def apply_packs(request: Request, caller: Writer, api: Parts, once: OnlyOnce) -> Response:
    """Publish these versions, and have the journeys under them planned again. Published versions never change."""
    body = await bodies.read_json(request, LARGEST)

    async def apply() -> Response:
        return answered(await policies.apply_packs(api.store, body, await api.clock.now(), caller.id))

    return await once.run(body, apply)


@router.post("/calendars/preview", response_model=PolicyPreview, openapi_extra=bodies.documented(CalendarPreviewBody))
async def preview_calendar(request: Request, caller: Reader, api: Parts, lang: Language) -> Any:
    """What a year's published days off would move; nothing is written."""
    body = await bodies.read_json(request)
    return await policies.preview_calendar(api.store, api.shelf, body, await api.clock.now(), lang)


@router.post("/calendars", response_model=ListOf[PolicyApplied], openapi_extra=bodies.documented(CalendarBody))
async def apply_calendar(request: Request, caller: Writer, api: Parts, once: OnlyOnce) -> Response:
    """Bring a year's published days off into force, and have journeys planned again."""
    body = await bodies.read_json(request)

    async def apply() -> Response:
        return answered(await policies.apply_calendar(api.store, body, await api.clock.now(), caller.id))

    return await once.run(body, apply)
