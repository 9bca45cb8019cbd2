"""How fast journeys start and events are told, beside bare Temporal on the same server in the same run."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from temporalio.client import Client
from temporalio.worker import Worker

import worker
from benchmarks.bare import Bare, act
from benchmarks.rig import Figure, Rig, rig, together
from journey.adapters.wiring import gateway_from
from journey.ports import SystemClock
from journey.store.tables import journeys
from tests.databases import database, postgres_server

STARTS = 400
TOLD = 600
AT_ONCE = 40


async def measure() -> list[Figure]:
    """Rates per second and their ratios, with the store on SQLite and on PostgreSQL."""
    with postgres_server() as server, database(server) as url:
        return await _rates("SQLite", None) + await _rates("PostgreSQL", url)


async def _rates(engine_name: str, url: str | None) -> list[Figure]:
    async with rig(url) as ground:
        gateway = gateway_from(ground.settings, SystemClock().now)
        engine = await worker.build(ground.settings, client=ground.client, store=ground.store, gateway=gateway)
        bare = Worker(ground.client, task_queue="bare", workflows=[Bare], activities=[act])
        async with engine.worker, bare:
            await _bare_starts(ground.client, 50)
            await our_starts(ground, 50)
            bare_start, ids = await _bare_starts(ground.client, STARTS)
            our_start, names = await our_starts(ground, STARTS)
            bare_told = await _bare_words(ground.client, ids)
            our_told = await _our_words(ground, names)
    beside = f"bare Temporal, in the run with {engine_name}"
    return [
        Figure(f"{beside}: starts until all wait on their timer", f"{bare_start:.0f}/s"),
        Figure(
            f"journeys on {engine_name}: starts until all wait on their timer",
            f"{our_start:.0f}/s = {our_start / bare_start:.2f} of bare",
            "≥ 0.75",
        ),
        Figure(f"{beside}: signal and one activity", f"{bare_told:.0f}/s"),
        Figure(
            f"journeys on {engine_name}: events told and judged",
            f"{our_told:.0f}/s = {our_told / bare_told:.2f} of bare",
            "≥ 0.5",
        ),
    ]


async def _bare_starts(client: Client, count: int) -> tuple[float, list[str]]:
    ids = [f"bare/{uuid4()}" for _ in range(count)]
    started = time.perf_counter()
    await together(
        [
            partial(client.start_workflow, Bare.run, number, id=name, task_queue="bare")
            for number, name in enumerate(ids)
        ],
        AT_ONCE,
    )
    await _until(partial(_all_armed, client, ids))
    return count / (time.perf_counter() - started), ids


async def our_starts(ground: Rig, count: int) -> tuple[float, list[str]]:
    """Journeys a second, started until all wait on their timer, with their ids."""
    batch = uuid4().hex[:8]
    bodies = [
        {
            "project": "BM",
            "unit": f"1-{batch}-{n}",
            "owners": [{"ref": f"{batch}-{n}", "name": "业主", "phone": "13800138000"}],
        }
        for n in range(count)
    ]
    names: list[str] = []

    async def start(body: Mapping[str, object]) -> None:
        names.append((await ground.doors.start_journey(body)).journey["id"])

    started = time.perf_counter()
    await together([partial(start, body) for body in bodies], AT_ONCE)
    await _until(lambda: ground.store.read(_waiting, count))
    await _until(partial(_all_armed, ground.client, [f"journey/{name}" for name in names]))
    return count / (time.perf_counter() - started), names


def _waiting(session: Session, count: int) -> bool:
    asleep = select(func.count()).select_from(journeys).where(journeys.c.wake_at.is_not(None))
    return session.execute(asleep).scalar_one() >= count


async def _all_armed(client: Client, ids: list[str]) -> bool:
    """Whether the last twenty have started their timer (event type 17)."""
    for name in ids[-20:]:
        history = await client.get_workflow_handle(name).fetch_history()
        if not any(event.HasField("timer_started_event_attributes") for event in history.events):
            return False
    return True


async def _bare_words(client: Client, ids: list[str]) -> float:
    before = await _activities_done(client, ids)
    started = time.perf_counter()
    await together(
        [partial(client.get_workflow_handle(ids[n % len(ids)]).signal, Bare.word) for n in range(TOLD)], AT_ONCE
    )

    async def all_done() -> bool:
        return await _activities_done(client, ids) - before >= TOLD

    await _until(all_done)
    return TOLD / (time.perf_counter() - started)


async def _activities_done(client: Client, ids: list[str]) -> int:
    done = 0
    for name in ids:
        history = await client.get_workflow_handle(name).fetch_history()
        done += sum(event.HasField("activity_task_completed_event_attributes") for event in history.events)
    return done


async def _our_words(ground: Rig, names: list[str]) -> float:
    def word(n: int) -> Callable[[], Awaitable[object]]:
        now = datetime.now(UTC).isoformat()
        body = {"id": f"word-{n}", "type": "service.ordered", "occurred_at": now, "data": {"text": "好"}}
        return partial(ground.doors.tell_journey, names[n % len(names)], body)

    return TOLD / await together([word(n) for n in range(TOLD)], AT_ONCE)


async def _until(is_so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(120):
        while not await is_so():  # noqa: ASYNC110 - the server rings no bell
            await asyncio.sleep(0.05)
