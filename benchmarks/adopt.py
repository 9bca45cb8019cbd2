"""How long an empty Temporal server takes until every journey of a store runs on it, and whether anything is repeated.

`ADOPT_HOMES` says how many homes there are; 5,000 by default.
"""

import asyncio
import json
import os
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from temporalio.client import Client

import worker
from benchmarks.rig import Figure, Rig, rig, server, together
from journey.adapters.wiring import gateway_from
from journey.ports import SystemClock
from journey.store import adopting
from journey.store.tables import entries, journeys

HOMES = int(os.environ.get("ADOPT_HOMES", "5000"))
AT_ONCE = 40
PATIENCE = 1800  # seconds
Ledger = dict[str, tuple[str, datetime]]


async def measure() -> list[Figure]:
    """Seconds from the adoption until every journey was planned there; what ran, what was done twice."""
    async with rig() as ground:
        async with worker.running(await _engine(ground, ground.client)):
            await together([partial(_start, ground, number) for number in range(HOMES)], AT_ONCE)
            await _until(lambda: ground.store.read(_planned))
        before = await ground.store.read(_ledger)
        async with server(ground.home / "second.db") as empty, worker.running(await _engine(ground, empty)) as _:
            began = time.perf_counter()
            await ground.store.write(adopting.adopt, await worker.namespace_of(empty), datetime.now(UTC))
            await _until(lambda: ground.store.read(_planned))
            took = time.perf_counter() - began
            await _until(partial(_all_run, empty))
            runs = time.perf_counter() - began
        after = await ground.store.read(_ledger)
        repeated = sum(after.get(key) != entry for key, entry in before.items()) + _called_twice(ground.home)
    return [
        Figure(f"adopt: {HOMES} journeys planned by an empty server", f"{took:.0f} s", "≤ 300 s for 5,000"),
        Figure("adopt: all of them run there", f"{runs:.0f} s = {HOMES / runs:.0f}/s"),
        Figure(f"adopt: of {len(before)} entries repeated or lost", str(repeated), "0"),
    ]


async def _engine(ground: Rig, client: Client) -> worker.Engine:
    gateway = gateway_from(ground.settings, SystemClock().now)
    return await worker.build(ground.settings, client=client, store=ground.store, gateway=gateway)


async def _start(ground: Rig, number: int) -> None:
    owner = {"ref": f"owner-{number}", "name": "业主", "phone": "13800138000"}
    now = datetime.now(UTC)
    fact = {"id": "sub", "type": "subscription.signed", "occurred_at": now.isoformat(), "data": {"on": f"{now:%F}"}}
    await ground.doors.start_journey({"project": "BM", "unit": f"1-1-{number}", "owners": [owner], "facts": [fact]})


def _planned(session: Session) -> bool:
    """Nobody waits for a plan or for a move that is due."""
    now = datetime.now(UTC)
    waiting = select(func.count()).where((journeys.c.stale_since.is_not(None)) | (journeys.c.wake_at <= now))
    return session.execute(waiting).scalar_one() == 0


async def _all_run(client: Client) -> bool:
    query = "WorkflowType = 'OwnerJourney' AND ExecutionStatus = 'Running'"
    return (await client.count_workflows(query)).count >= HOMES


def _ledger(session: Session) -> Ledger:
    rows = session.execute(select(entries.c.scope_id, entries.c.key, entries.c.state, entries.c.at))
    return {f"{row.scope_id}/{row.key}": (row.state, row.at) for row in rows}


def _called_twice(home: Path) -> int:
    log = home / "outbox" / "calls.log"
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    return sum(count - 1 for count in Counter(json.loads(line)["key"] for line in lines).values())


async def _until(is_so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await is_so():  # noqa: ASYNC110 - the store rings no bell
            await asyncio.sleep(0.5)
