"""Whether the API runs, whether it is ready, and its counts; open to everybody, without personal data."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from journey.providing import ProvidersError, carried
from journey.store.failures import StoreDown
from starter.api.answers import Health
from starter.api.context import OK, Api, Parts
from starter.api.frame import HttpMetrics
from starter.api.gauges import StoreGauges

router = APIRouter(tags=["health"])
_NOT_READY: Final[dict[int | str, dict[str, Any]]] = {503: {"model": Health, "description": "Something is missing"}}


@router.get("/healthz", response_model=Health)
async def healthz() -> Any:
    """The process runs."""
    return {"status": OK}


@router.get("/readyz", response_model=Health, responses=_NOT_READY)
async def readyz(api: Parts, response: Response) -> Any:
    """Every part that is needed answers; 503 and which one does not otherwise."""
    checks = {"store": await _store(api), **await _others(api)}
    ready = all(state == OK for state in checks.values())
    response.status_code = 200 if ready else 503
    return {"status": OK if ready else "not-ready", "checks": checks, "channels": _channels(api)}


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def metrics(request: Request) -> Response:
    """Counts for Prometheus, and what waits in the store."""
    counted: HttpMetrics = request.app.state.metrics
    gauges: StoreGauges = request.app.state.gauges
    await gauges.refresh()
    return Response(generate_latest(counted.registry), media_type=CONTENT_TYPE_LATEST)


def _channels(api: Api) -> Mapping[str, str]:
    """Who carries each channel, by the file as it stands here; what is wrong with it is the doctor's to say."""
    try:
        return {one.channel: one.provider for one in carried(api.settings)}
    except ProvidersError:
        return {"providers": "cannot be read: journey doctor"}


async def _others(api: Api) -> Mapping[str, str]:
    with suppress(StoreDown):  # said by the store's own line
        return await api.readiness()
    return {}


async def _store(api: Api) -> str:
    try:
        await api.store.check()
    except StoreDown:
        return "does not answer"
    return OK
