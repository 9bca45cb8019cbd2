"""The processes that are killed: what each of them runs, and how one is kept running."""

import asyncio
import multiprocessing
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, Protocol

from journey.observability import configure
from journey.settings import Settings
from starter.preparing import prepared
from starter.processes import die_with_parent
from starter.up.serving import serve
from starter.up.waiting import connected
from worker import run_worker

# A nursery that has imported everything: starting a worker anew costs two seconds of imports, forking one nothing.
NURSERY = multiprocessing.get_context("forkserver")


def open_nursery() -> None:
    """Import once what every child needs; to be called before the first of them starts."""
    NURSERY.set_forkserver_preload(["tests.chaos.nursery"])


def run_a_worker(environment: Mapping[str, str], log: str) -> None:
    """A worker as `journey worker` runs it: it waits for Temporal, and ends when something is wrong."""
    settings = settle_in(environment, log)

    async def work() -> None:
        await run_worker(settings, client=await connected(settings))

    asyncio.run(work())


def run_an_api(environment: Mapping[str, str], log: str, port: int) -> None:
    """The REST API as `journey api` runs it."""
    settings = settle_in(environment, log)

    async def answer() -> None:
        async with prepared(settings):
            await serve(settings, host="127.0.0.1", port=port, stop=asyncio.Event())

    asyncio.run(answer())


def settle_in(environment: Mapping[str, str], log: str) -> Settings:
    """The settings of a child: its environment, its output, its end with its parent."""
    die_with_parent()
    os.environ.update(environment)
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    settings = Settings()
    configure(settings)
    return settings


class Running(Protocol):
    """A process that was started."""

    def alive(self) -> bool:
        """Whether it still runs."""
        ...

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        ...


class Forked:
    """A child of the nursery."""

    def __init__(self, target: Callable[..., None], *args: Any) -> None:
        self._process: ForkServerProcess = NURSERY.Process(target=target, args=args, daemon=True)
        self._process.start()

    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.is_alive()

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self._process.kill()
        self._process.join(10)


class Program:
    """A program of its own, such as Temporal's server."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **environment},
                preexec_fn=die_with_parent,  # no other thread forks
            )

    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self._process.kill()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(10)


class Kept:
    """One of the processes, started again whenever it is gone; counts how often it was killed and fell by itself."""

    def __init__(self, name: str, start: Callable[[], Running]) -> None:
        self.name = name
        self.kills = 0
        self.falls = 0
        self._start = start
        self._running: Running | None = None
        self._lock = asyncio.Lock()

    async def start(self) -> None:
        """Start it, unless it runs."""
        async with self._lock:
            if self._running is None:
                self._running = self._start()
            elif not self._running.alive():
                self.falls += 1
                self._running = self._start()

    async def kill(self) -> None:
        """SIGKILL it and start it again at once."""
        async with self._lock:
            if self._running is not None:
                await asyncio.to_thread(self._running.kill)
            self.kills += 1
            self._running = self._start()

    async def end(self) -> None:
        """SIGKILL it for good."""
        async with self._lock:
            if self._running is not None:
                await asyncio.to_thread(self._running.kill)
            self._running = None
