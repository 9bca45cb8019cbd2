"""What `journey up` does, in order: take the home, start the parts, say where they are, keep them, stop them."""

import asyncio
import contextlib
import os
import socket
import sys
import threading
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import structlog

from journey import providing
from journey.observability import configure
from journey.settings import Settings
from journey.store import adopting, schema
from journey.store.engine import Store, database_url
from starter.processes import loading, on_signals
from starter.up import home as homes
from starter.up.children import Child
from starter.up.home import CannotStart
from starter.up.saying import say_urls

log = structlog.get_logger(__name__)

START_PATIENCE: Final = 45.0  # seconds for everything to answer; a slow laptop needs ten
_API_PATIENCE: Final = 2.5  # seconds that requests get to end
_ROOT: Final = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Options:
    """The flags of `journey up`; a port of 0 takes any free one."""

    home: Path
    port: int = 8000
    temporal_port: int = 7233
    ui_port: int = 8233
    demo: bool = False
    as_json: bool = False
    lang: str = "zh"


def up(options: Options) -> None:
    """Run the engine until a signal; CannotStart says in plain words why it cannot."""
    asyncio.run(_Engine(options).run())


class _Engine:
    """The parts that run under one `journey up`."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._home = options.home.resolve()
        self._settings = Settings(home=self._home)
        self._stop = asyncio.Event()
        self._api_stop = asyncio.Event()
        self._embedded = not os.environ.get("TEMPORAL_ADDRESS")
        self._children: list[Child] = []
        self._temporal_ui: str | None = None

    async def run(self) -> None:
        """Start, say so, and wait for the end."""
        on_signals(self._stop)
        database_url(self._settings.store_url)
        homes.prepare(self._home)
        providing.check(self._settings)
        if self._options.demo:
            from starter.up.demo import refuse_beside_providers

            refuse_beside_providers(self._settings)
        held = await asyncio.to_thread(homes.lock, self._home)
        with homes.open_port(self._options.port, "API", "--port") as listener:
            self._log_to_file()
            async with self._parts(listener, held) as api:
                url = f"http://127.0.0.1:{listener.getsockname()[1]}"
                key_file = await self._ready(url, api)
                if not self._stop.is_set():
                    self._announce(url, key_file)
                    await self._until_stopped(api)

    @contextlib.asynccontextmanager
    async def _parts(self, listener: socket.socket, held: int) -> AsyncIterator[asyncio.Task[None]]:
        api: asyncio.Task[None] | None = None
        try:
            if self._embedded:
                await self._start_temporal(held)
            await self._migrate()
            await self._start_worker()
            api = asyncio.create_task(self._serve(listener))
            yield api
        finally:
            self._api_stop.set()
            if api is not None:
                with contextlib.suppress(Exception, asyncio.CancelledError):
                    await asyncio.wait_for(api, _API_PATIENCE)
            for child in reversed(self._children):
                await child.stop(4.0 if child.name == "worker" else 2.0)

    async def _start_temporal(self, held: int) -> None:
        from starter.up.temporal import client_environment, server_command

        options = self._options
        port = homes.free_port(options.temporal_port, "Temporal", "--temporal-port")
        ui_port = homes.free_port(options.ui_port, "Temporal UI", "--ui-port")
        os.environ.update(client_environment(port))
        self._temporal_ui = f"http://127.0.0.1:{ui_port}"
        await self._start(Child(
            "temporal", server_command(self._home, port, ui_port),
            logs=self._home / "logs", env=os.environ, keeps=(held,),
        ))  # fmt: skip

    async def _migrate(self) -> None:
        await asyncio.to_thread(schema.upgrade, self._settings.store_url)
        if self._settings.database_url is None:  # the home is locked: whoever was seen at work here is gone
            with Store(self._settings.store_url) as store:
                await store.write(adopting.all_gone)

    async def _start_worker(self) -> None:
        await self._start(Child(
            "worker", [sys.executable, "-m", "starter.cli", "worker"],
            logs=self._home / "logs", env=self._worker_environment(),
        ))  # fmt: skip

    async def _start(self, child: Child) -> None:
        await child.start()
        self._children.append(child)

    def _worker_environment(self) -> Mapping[str, str]:
        # The child finds the engine where we found it, whatever folder we were started in.
        paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        return {**os.environ, "JOURNEY_HOME": str(self._home), "PYTHONPATH": os.pathsep.join(paths)}

    async def _serve(self, listener: socket.socket) -> None:
        with loading():
            from starter.up.serving import serve

        await serve(self._settings, stop=self._api_stop, listener=listener)

    async def _ready(self, url: str, api: asyncio.Task[None]) -> Path:
        """Wait until every part answers; a part that falls meanwhile is the reason why we cannot start."""
        from starter.up.waiting import everything_answers

        with Store(self._settings.store_url) as store:
            key_file = await asyncio.to_thread(
                homes.write_client_file,
                self._home,
                store,
                url,
                datetime.now(UTC),
                temporal=os.environ["TEMPORAL_ADDRESS"],
            )
        waits = asyncio.create_task(everything_answers(url, self._settings, embedded=self._embedded))
        falls = [asyncio.create_task(child.ended()) for child in self._children]
        stop = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait([waits, api, stop, *falls], timeout=START_PATIENCE, return_when=asyncio.FIRST_COMPLETED)
            if waits.done():
                for note in waits.result():
                    print(note, file=sys.stderr, flush=True)
            elif not stop.done():
                raise self._why_not(api, falls)
        finally:
            for task in (waits, stop, *falls):
                task.cancel()
        return key_file

    def _why_not(self, api: asyncio.Task[None], falls: list[asyncio.Task[int]]) -> Exception:
        for child, fall in zip(self._children, falls, strict=True):
            if fall.done():
                return CannotStart(child.last_words())
        if api.done() and (error := api.exception()):
            return error if isinstance(error, Exception) else CannotStart(str(error))
        return CannotStart(
            f"{START_PATIENCE:.0f} 秒内未能就绪 / not everything answered within {START_PATIENCE:.0f} s "
            f"({self._home / 'logs'})"
        )

    def _announce(self, url: str, key_file: Path) -> None:
        document: dict[str, Any] = {
            "api": url,
            "console": None,
            "temporal": os.environ["TEMPORAL_ADDRESS"],
            "temporal_ui": self._temporal_ui,
            "key_file": str(key_file),
        }
        say_urls(
            document, as_json=self._options.as_json, lang=self._options.lang, carried=providing.carried(self._settings)
        )
        if self._options.demo:
            from starter.up.demo import load_demo

            # A daemon: half a demo must not hold up the end.
            threading.Thread(target=load_demo, args=(key_file,), daemon=True).start()

    async def _until_stopped(self, api: asyncio.Task[None]) -> None:
        stop = asyncio.create_task(self._stop.wait())
        kept = [asyncio.create_task(child.keep()) for child in self._children]
        done, waiting = await asyncio.wait([stop, api, *kept], return_when=asyncio.FIRST_COMPLETED)
        for task in waiting - {api}:
            task.cancel()
        for task in done:
            await task  # a part that could not be kept says why

    def _log_to_file(self) -> None:
        file = (self._home / "logs" / "api.log").open("a", encoding="utf-8", buffering=1)
        configure(self._settings, stream=file)
