"""Waiting until every part of `journey up` answers."""

import asyncio
from typing import Final

import httpx2
from temporalio.client import Client
from temporalio.runtime import Runtime
from temporalio.service import RPCError

from journey.presence import namespace_of
from journey.settings import Settings
from journey.store import installation
from journey.store.engine import Store
from starter.up import temporal
from worker import connect

_PAUSE: Final = 0.1  # seconds between two looks
_WORKER_PATIENCE: Final = 20.0  # seconds; a worker that serves another Temporal's store never asks for work


async def everything_answers(url: str, settings: Settings, *, embedded: bool) -> list[str]:
    """Return when API, Temporal and worker answer; the notes that people should read, in both languages."""
    client = await connected(settings)
    notes = []
    if embedded:
        await temporal.keep_history(client)
    try:
        await temporal.register_search_attributes(client)
    except RPCError as error:
        notes.append(f"搜索属性未能登记 / search attributes could not be registered: {error}")
    await _api_answers(url)
    if not await _store_names(client, settings):
        notes.append(
            "数据库属于另一个 Temporal:事实照收,不发送、不开任务;确认后运行 `journey adopt` / "
            "the store belongs to another Temporal: facts are taken, nothing is sent or opened until `journey adopt`"
        )
    try:
        await asyncio.wait_for(_worker_listens(client), _WORKER_PATIENCE)
    except TimeoutError:
        notes.append(
            "工作进程尚未接单,请运行 `journey doctor` / the worker takes no work yet: `journey doctor` says why"
        )
    return notes


async def open_client(settings: Settings, runtime: Runtime | None = None) -> Client:
    """Return a client; RuntimeError or RPCError while Temporal is away."""
    return await connect(settings, runtime)


async def connected(settings: Settings, runtime: Runtime | None = None) -> Client:
    """Return a client as soon as Temporal answers."""
    while True:
        try:
            return await open_client(settings, runtime)
        except (RuntimeError, RPCError):  # an eager connect to a dead server raises RuntimeError
            await asyncio.sleep(_PAUSE)


async def _api_answers(url: str) -> None:
    async with httpx2.AsyncClient(base_url=url, trust_env=False) as http:
        while True:
            try:
                if (await http.get("/healthz")).is_success:
                    return
            except httpx2.TransportError:
                pass
            await asyncio.sleep(_PAUSE)


async def _store_names(client: Client, settings: Settings) -> bool:
    namespace_id = await namespace_of(client)
    with Store(settings.store_url) as store:
        return await store.read(installation.named) in (None, namespace_id)


async def _worker_listens(client: Client) -> None:
    while True:
        if await temporal.worker_listens(client):
            return
        await asyncio.sleep(_PAUSE)
