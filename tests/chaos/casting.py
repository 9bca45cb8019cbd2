"""`python -m tests.chaos.casting --recipients 10000`: a broadcast whose workers are killed, and whom it contacted."""

import argparse
import asyncio
import os
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import worker
from benchmarks.crowd import settle
from journey.adapters.channels import Gateway
from journey.domain.values import MessageClass
from journey.ports import SystemClock
from journey.publishing import publish_policies
from journey.settings import Settings
from journey.store import broadcasts, registry, schema
from journey.store.broadcasts import NewBroadcast
from journey.store.engine import Store
from journey.store.registry import NewProject
from journey.store.tables import broadcast_recipients, contacts, messages
from starter.processes import leave
from starter.up.temporal import client_environment, server_command
from starter.up.waiting import connected
from tests.chaos.processes import Forked, Kept, Program, open_nursery, settle_in
from tests.chaos.provider import LoopbackChannel, serve_provider
from tests.chaos.town import NotQuiet, free_ports

PATIENCE = 1800.0  # seconds without an end
WORKERS = 2


@dataclass(frozen=True, slots=True)
class Cast:
    """What a broadcast under fire left: what the store says of each recipient, and how often each was contacted."""

    recipients: int
    takes_keys: bool
    kills: int
    seconds: float
    states: Mapping[str, str]  # by address: the outbox row's
    met: Mapping[str, int]  # recipients' rows by state
    contacts: Mapping[str, int]

    def faults(self) -> Iterator[str]:
        """Everything that is wrong."""
        if len(self.states) != self.recipients or sum(self.met.values()) != self.recipients:
            yield f"{self.recipients} recipients, {len(self.states)} messages, {sum(self.met.values())} recipients met"
        for to, times in self.contacts.items():
            if times > 1:
                yield f"{to} was contacted {times} times"
        for to, state in self.states.items():
            contacted = self.contacts.get(to, 0)
            if state not in ("sent", "unknown", "failed") or contacted not in _ALLOWED[state]:
                yield f"{to} is {state} and was contacted {contacted} times"
        if self.takes_keys and self.met.get("unknown"):
            yield f"{self.met['unknown']} doubts, though the provider takes keys"

    def report(self) -> str:
        """In a few lines."""
        doubts = self.met.get("unknown", 0)
        reached = sum(1 for to, state in self.states.items() if state == "unknown" and self.contacts.get(to))
        return "\n".join(
            [
                f"{self.recipients} recipients, a provider that {'honours' if self.takes_keys else 'ignores'} keys,"
                f" {self.kills} kills of all {WORKERS} workers, {self.seconds:.0f} s",
                f"recipients: {dict(sorted(self.met.items()))}",
                f"contacts {sum(self.contacts.values())}, second contacts"
                f" {sum(times - 1 for times in self.contacts.values())}",
                f"doubts listed for a person {doubts}, of which contacted {reached}",
            ]
        )


_PROJECT = NewProject(code="XN", name="香年", city="成都", pack="cn-residential")
_ALLOWED = {"sent": (1,), "unknown": (0, 1), "failed": (0,)}


def run_a_caster(environment: Mapping[str, str], log: str, port: int, takes_keys: bool) -> None:
    """A worker whose text messages go to the loopback provider."""
    settings = settle_in(environment, log)

    async def work() -> None:
        gateway = Gateway([LoopbackChannel(port, takes_keys)])
        with Store(settings.store_url) as store:
            client = await connected(settings)
            engine = await worker.build(settings, client=client, store=store, gateway=gateway, clock=SystemClock())
            async with worker.running(engine):
                await asyncio.Event().wait()

    asyncio.run(work())


async def cast(home: Path, *, seed: int, recipients: int, takes_keys: bool, kills: int) -> Cast:
    """Broadcast to so many, kill every worker so often meanwhile, and read the books; NotQuiet when it never ends."""
    await asyncio.to_thread(home.mkdir, parents=True, exist_ok=True)
    settings = Settings(home=home, database_url=f"sqlite:///{home / 'store.db'}")
    await asyncio.to_thread(schema.upgrade, settings.store_url)
    open_nursery()
    temporal_port, ui_port, provider_port = free_ports(3)
    environment = {
        "JOURNEY_HOME": str(home), "JOURNEY_LOG_LEVEL": "WARNING", **client_environment(temporal_port),
    }  # fmt: skip
    book = home / "contacts.log"
    provider = Kept("provider", lambda: Forked(serve_provider, provider_port, takes_keys, seed, str(book)))
    server = [*server_command(home, temporal_port, ui_port), "--headless"]
    temporal = Kept("temporal", lambda: Program(server, environment, home / "temporal.log"))
    workers = [_worker(home, environment, number, provider_port, takes_keys) for number in range(WORKERS)]
    with Store(settings.store_url) as store:
        await publish_policies(store, settings, datetime.now(UTC))
        broadcast = await _begin(store, recipients)
        parts = [provider, temporal, *workers]
        began = time.monotonic()
        try:
            for part in parts:
                await part.start()
            await _under_fire(store, broadcast, workers, Random(f"kills/{seed}"), kills, recipients)
        finally:
            await asyncio.gather(*(part.end() for part in parts))
        states, met = await store.read(_read, broadcast)
    counted = Counter(line.split()[0] for line in (await asyncio.to_thread(book.read_text)).splitlines())
    done = sum(one.kills for one in workers) // WORKERS
    return Cast(recipients, takes_keys, done, time.monotonic() - began, states, met, counted)


def _worker(home: Path, environment: Mapping[str, str], number: int, port: int, takes_keys: bool) -> Kept:
    log = str(home / f"worker-{number}.log")
    return Kept(f"worker-{number}", lambda: Forked(run_a_caster, environment, log, port, takes_keys))


async def _begin(store: Store, recipients: int) -> str:
    """The crowd, and the row of its broadcast; the workers' sweepers start what the row asks for."""
    now = datetime.now(UTC)
    project, _ = await store.write(registry.create_project, _PROJECT, now)
    await asyncio.to_thread(settle, store, project, recipients, now)
    new = NewBroadcast(
        project=project, rule="broadcast.notice", subject=project, occurrence="chaos", due=now,
        message_class=MessageClass.EMERGENCY, expires=now + timedelta(days=1),
        params={"template": "project.milestone-news", "milestones": ["topped-out"]},
    )  # fmt: skip
    return (await store.write(broadcasts.open_broadcast, new, now))[0]


async def _under_fire(
    store: Store, broadcast: str, workers: list[Kept], rng: Random, kills: int, recipients: int
) -> None:
    """Kill every worker at random moments of the progress, and wait for the end."""
    moments = sorted(rng.uniform(0, recipients) for _ in range(kills))
    ends = time.monotonic() + PATIENCE
    while (await store.read(broadcasts.state_of, broadcast)) != "closed":
        if time.monotonic() > ends:
            raise NotQuiet(f"not through after {PATIENCE:.0f} s: {await store.read(_met, broadcast)}")
        for one in workers:
            await one.start()
        met = sum((await store.read(_met, broadcast)).values())
        if moments and met > moments[0]:
            moments = [moment for moment in moments if moment >= met]
            await asyncio.sleep(rng.uniform(0, 0.3))
            await asyncio.gather(*(one.kill() for one in workers))
        await asyncio.sleep(0.05)


def _met(session: Session, broadcast: str) -> dict[str, int]:
    met = broadcast_recipients.c
    rows = session.execute(select(met.state, func.count()).where(met.broadcast_id == broadcast).group_by(met.state))
    return {row[0]: row[1] for row in rows}


def _read(session: Session, broadcast: str) -> tuple[dict[str, str], dict[str, int]]:
    rows = session.execute(
        select(contacts.c.address, messages.c.state).join(contacts, contacts.c.person_id == messages.c.person_id)
    )
    return {row.address: row.state for row in rows}, _met(session, broadcast)


def main() -> int:
    """Run, print the report; 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.casting", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--recipients", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--no-keys", action="store_true", help="a provider that ignores keys")
    parser.add_argument("--home", type=Path, help="where store and logs stay; default: a temporary folder")
    given = parser.parse_args()
    home = given.home or Path(tempfile.mkdtemp(prefix="owner-journey-casting-"))
    outcome = asyncio.run(
        cast(home, seed=given.seed, recipients=given.recipients, takes_keys=not given.no_keys, kills=given.kills)
    )
    faults = list(outcome.faults())
    sys.stdout.write(f"seed {given.seed}, {os.cpu_count()} cores\n{outcome.report()}\n")
    sys.stdout.write("".join(f"WRONG {line}\n" for line in faults[:40]) + f"{len(faults)} faults; home {home}\n")
    return 1 if faults else 0


if __name__ == "__main__":
    leave(main())
