"""The REST API in this process, with a Temporal client that is made when it is first needed."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator, Mapping
from typing import Final

import uvicorn
from temporalio.client import Client
from temporalio.service import RPCError

from journey.ports import SystemClock
from journey.presence import namespace_of
from journey.settings import Settings
from journey.store.engine import Store
from journey.store.installation import belongs_to
from starter.api.app import create_app
from starter.api.server import server_config
from starter.doors import Doors
from starter.telling import Teller
from worker import connect, shelf

_PATIENCE: Final = 2.0  # seconds that a question about readiness may take


class Server(uvicorn.Server):
    """A server that leaves signals to whoever runs it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave every signal alone: the process has one handler for all its parts."""
        yield


class Temporal:
    """The one client of this process, and whether what it reaches is what the store names."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._client: Client | None = None
        self._namespace: str | None = None

    async def client(self) -> Client:
        """Return the client, connecting on first use; raises what `connect` raises while Temporal is away."""
        if self._client is None:
            self._client = await connect(self._settings)
        return self._client

    async def readiness(self) -> Mapping[str, str]:
        """Return `ok` for `temporal`, or what is wrong with it."""
        try:
            return {"temporal": await asyncio.wait_for(self._state(), _PATIENCE)}
        except (RuntimeError, RPCError, TimeoutError):
            return {"temporal": "does not answer"}

    async def _state(self) -> str:
        client = await self.client()
        if not await client.service_client.check_health():
            return "does not answer"
        # Asked every time: a server that lost its data comes back under the same address.
        named = await self._store.read(belongs_to, await namespace_of(client))
        return "ok" if named else "is not the one that the store names: journey adopt"


async def serve(
    settings: Settings,
    *,
    stop: asyncio.Event,
    host: str = "127.0.0.1",
    port: int = 8000,
    listener: socket.socket | None = None,
) -> None:
    """Serve the API on the listener, else on host and port, until `stop` is set; Temporal may be away meanwhile."""
    with Store(settings.store_url) as store:
        temporal = Temporal(settings, store)
        doors = Doors(store, Teller(temporal.client), SystemClock())
        app = create_app(store, doors, settings, temporal.readiness, shelf=shelf())
        server = Server(server_config(app, host, port))
        watch = asyncio.create_task(_stop_when(stop, server))
        try:
            await server.serve(sockets=[listener] if listener else None)
        finally:
            watch.cancel()


async def _stop_when(stop: asyncio.Event, server: uvicorn.Server) -> None:
    await stop.wait()
    server.should_exit = True
