"""What measurements share: a development server, a store, doors; results with their targets."""

import asyncio
import os
import platform
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

import worker
from journey.contracts.names import SEARCH_ATTRIBUTES
from journey.ports import SystemClock
from journey.settings import Settings
from journey.store import schema
from journey.store.engine import Store
from starter.doors import Doors
from starter.telling import Teller

BIN = Path(sys.executable).parent
STARTUP = timedelta(minutes=1)
DURABLE = ("--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=NORMAL")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number beside its target."""

    name: str
    value: str
    target: str = "–"


@dataclass(frozen=True, slots=True)
class Rig:
    """One server and one store, without a worker."""

    client: Client
    store: Store
    doors: Doors
    home: Path
    settings: Settings


@asynccontextmanager
async def rig(database: str | None = None) -> AsyncIterator[Rig]:
    """A development server on a file, as `journey up` runs it; a store with the project BM, SQLite or `database`."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        settings = Settings(home=home, database_url=database)
        schema.upgrade(settings.store_url)
        async with server(home / "temporal.db") as client:
            with Store(settings.store_url) as store:
                await worker.publish_policies(store, settings, datetime.now(UTC))

                async def connect() -> Client:
                    return client

                doors = Doors(store, Teller(connect), SystemClock())
                await doors.create_project({"code": "BM", "name": "基准", "city": "成都"})
                yield Rig(client, store, doors, home, settings)


@asynccontextmanager
async def server(file: Path) -> AsyncIterator[Client]:
    """A development server on a database file."""
    attributes = [word for pair in SEARCH_ATTRIBUTES.items() for word in ("--search-attribute", "=".join(pair))]
    env = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(BIN / "temporal"),
        dev_server_startup_timeout=STARTUP,
        dev_server_database_filename=str(file),
        dev_server_log_level="error",
        dev_server_extra_args=[*DURABLE, *attributes],
        data_converter=pydantic_data_converter,
    )
    try:
        yield env.client
    finally:
        await env.shutdown()


@contextmanager
def worker_process(ground: Rig, settings: Mapping[str, str]) -> "Iterator[subprocess.Popen[bytes]]":
    """A worker in a process of its own, as `journey up` has it; its log lies in the rig's home."""
    variables = {
        "JOURNEY_HOME": str(ground.home),
        "JOURNEY_DATABASE_URL": ground.settings.store_url,
        "JOURNEY_LOG_LEVEL": "WARNING",
        "TEMPORAL_ADDRESS": ground.client.service_client.config.target_host,
    }
    script = Path(__file__).resolve().parents[1] / "worker.py"
    with (ground.home / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, str(script)], env={**os.environ, **variables, **settings}, stdout=log, stderr=log
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(20)


async def together(work: Iterable[Callable[[], Awaitable[object]]], at_once: int) -> float:
    """Seconds to do all of it, so many at once."""
    gate = asyncio.Semaphore(at_once)

    async def one(task: Callable[[], Awaitable[object]]) -> None:
        async with gate:
            await task()

    started = time.perf_counter()
    await asyncio.gather(*(one(task) for task in work))
    return time.perf_counter() - started


def machine() -> str:
    """Where it was measured."""
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def commit() -> str:
    """When, and what it was that was measured."""
    head = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return f"{datetime.now(UTC).date().isoformat()}, {head.stdout.strip() or '?'}"
