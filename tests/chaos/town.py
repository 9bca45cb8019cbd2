"""Everything that runs during the lives: Temporal, two workers, the API, whoever kills them, and the wait for quiet."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx2
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session
from temporalio.client import Client as TemporalClient
from temporalio.contrib.pydantic import pydantic_data_converter

from journey.domain.entries import State
from journey.domain.verdicts import Verdict
from journey.store import keys, schema
from journey.store.engine import Store
from journey.store.tables import entries, events, journeys
from starter.up.temporal import client_environment, server_command
from tests.chaos.mail import Mailroom, mailroom
from tests.chaos.policy import publish
from tests.chaos.processes import Forked, Kept, Program, open_nursery, run_a_worker, run_an_api

PAUSES = (1.0, 6.0)  # seconds between two kills: a part needs two to stand up again
WEIGHTS = {"worker": 4, "api": 3, "temporal": 1}
AHEAD = timedelta(hours=1)  # a wake later than that is a day that ends, or the quarter
CALM_LOOKS = 3  # in a row, a second apart


class NotQuiet(AssertionError):
    """The engine did not come to rest in time; the text says what was still unfinished."""


@dataclass(slots=True)
class Town:
    """The running parts and their home folder."""

    home: Path
    store: Store
    mail: Mailroom
    parts: Mapping[str, Kept]
    api_url: str
    api_key: str
    temporal_port: int
    began: float = field(default_factory=time.monotonic)

    @property
    def kills(self) -> dict[str, int]:
        """How often each part was killed."""
        return {name: part.kills for name, part in self.parts.items()}

    @property
    def falls(self) -> dict[str, int]:
        """How often each part ended by itself."""
        return {name: part.falls for name, part in self.parts.items() if part.falls}

    @asynccontextmanager
    async def http(self) -> AsyncIterator[httpx2.AsyncClient]:
        """A client of the API, with the key."""
        limits = httpx2.Limits(max_connections=300, max_keepalive_connections=20)
        async with httpx2.AsyncClient(
            base_url=self.api_url,
            headers={"Authorization": f"Bearer {self.api_key}"},
            timeout=8,
            trust_env=False,
            limits=limits,
        ) as client:
            yield client

    async def temporal(self) -> TemporalClient:
        """A client of the Temporal that is left running."""
        return await TemporalClient.connect(f"127.0.0.1:{self.temporal_port}", data_converter=pydantic_data_converter)

    async def watch(self) -> None:
        """Start again whatever ended by itself, until cancelled."""
        while True:
            for part in self.parts.values():
                await part.start()
            await asyncio.sleep(0.3)

    async def kill_at_random(self, rng: Random) -> None:
        """Kill one of the parts every few seconds, until cancelled."""
        names = sorted(self.parts)
        while True:
            await asyncio.sleep(rng.uniform(*PAUSES))
            await self.parts[rng.choices(names, weights=[WEIGHTS[name.split("-")[0]] for name in names])[0]].kill()

    async def quiet(self, patience: float, busy: Any) -> None:
        """Return when nothing is left to do; NotQuiet after `patience` seconds. `busy()`: more news will come."""
        ends = time.monotonic() + patience
        calm = 0
        while calm < CALM_LOOKS:
            left = await self.store.read(unfinished, datetime.now(UTC))
            calm = 0 if left or busy() else calm + 1
            if time.monotonic() > ends:
                talk = "the clients still talk; " if busy() else ""
                raise NotQuiet(f"not quiet after {patience:.0f} s: {talk}{await self.state()}")
            await asyncio.sleep(1)

    async def state(self) -> str:
        """What is unfinished, and what was killed or fell, for a report."""
        left = await self.store.read(unfinished, datetime.now(UTC))
        return f"unfinished {left or 'nothing'}; kills {self.kills}, fell by themselves {self.falls or 'none'}"


def unfinished(session: Session, now: datetime) -> dict[str, int]:
    """How much is left to do, by kind; empty when the engine is at rest."""
    waiting = [State.RESERVED.value, State.HELD.value]
    counts = {
        "events without a verdict": select(func.count()).where(events.c.verdict == Verdict.TAKEN.value),
        "journeys marked stale": select(func.count()).where(journeys.c.stale_since.is_not(None)),
        "entries reserved or held": select(func.count()).where(entries.c.state.in_(waiting)),
        "journeys with a wake ahead": select(func.count()).where(
            journeys.c.over.is_(False), or_(journeys.c.wake_at.is_(None), journeys.c.wake_at < now + AHEAD)
        ),
    }
    found = {name: session.execute(statement).scalar_one() for name, statement in counts.items()}
    return {name: count for name, count in found.items() if count}


@asynccontextmanager
async def town(home: Path, seed: int, *, workers: int = 2, database: str | None = None) -> AsyncIterator[Town]:
    """Every part running in a home of its own, on SQLite there or on `database`; all are killed in the end."""
    await asyncio.to_thread((home / "logs").mkdir, parents=True)
    url = database or f"sqlite:///{home / 'store.db'}"
    await asyncio.to_thread(schema.upgrade, url)
    store = Store(url)
    _, key = await store.write(keys.create_key, "chaos", True, keys.SCOPES, datetime.now(UTC))
    await publish(store)
    open_nursery()
    async with mailroom(seed) as mail:
        temporal_port, ui_port, api_port = free_ports(3)
        settings = {**_environment(home, mail.port, url), **client_environment(temporal_port)}
        parts = _parts(home, settings, (temporal_port, ui_port, api_port), workers)
        built = Town(home, store, mail, parts, f"http://127.0.0.1:{api_port}", key, temporal_port)
        watching = asyncio.create_task(built.watch())
        try:
            yield built
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
            await asyncio.gather(*(part.end() for part in parts.values()))
            store.close()


def _environment(home: Path, smtp_port: int, database: str) -> dict[str, str]:
    return {
        "JOURNEY_HOME": str(home),
        "JOURNEY_DATABASE_URL": database,
        "JOURNEY_SMTP_HOST": "127.0.0.1",
        "JOURNEY_SMTP_PORT": str(smtp_port),
        "JOURNEY_SMTP_TLS": "none",
        "JOURNEY_SMTP_FROM": "keeper@example.com",
        "JOURNEY_LOG_LEVEL": "WARNING",
    }


def _parts(home: Path, environment: Mapping[str, str], ports: tuple[int, int, int], workers: int) -> dict[str, Kept]:
    logs = home / "logs"
    temporal_port, ui_port, api_port = ports
    server = [*server_command(home, temporal_port, ui_port), "--headless"]

    def worker(name: str) -> Kept:
        return Kept(name, lambda: Forked(run_a_worker, environment, str(logs / f"{name}.log")))

    return {
        "temporal": Kept("temporal", lambda: Program(server, environment, logs / "temporal.log")),
        **{name: worker(name) for name in (f"worker-{number + 1}" for number in range(workers))},
        "api": Kept("api", lambda: Forked(run_an_api, environment, str(logs / "api.log"), api_port)),
    }


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, all different."""
    held = [socket.socket() for _ in range(count)]
    try:
        for each in held:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in held]
    finally:
        for each in held:
            each.close()
