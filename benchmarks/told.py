"""Events told and judged on SQLite and on PostgreSQL, in turn in one run: which engine is faster on the same machine.

As `journey up` and the compose file have it, doors and worker are two processes. Machines get slower and faster within
minutes, so only rounds that follow each other are compared.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from statistics import median

from benchmarks.rates import our_starts
from benchmarks.rig import Figure, Rig, rig, together, worker_process
from tests.databases import database, postgres_server

JOURNEYS = 200
ROUNDS = 16
TOLD = 300
AT_ONCE = 40


async def measure() -> list[Figure]:
    """Rates per second, and how much faster PostgreSQL was than SQLite just before or after: medians of all rounds."""
    async with AsyncExitStack() as stack:
        server = stack.enter_context(postgres_server())
        url = stack.enter_context(database(server))
        sqlite = await stack.enter_async_context(_town(None))
        postgres = await stack.enter_async_context(_town(url))
        rounds = [await _both(sqlite, postgres, number) for number in range(ROUNDS + 1)][1:]
    on_sqlite, on_postgres = (TOLD / median(each) for each in zip(*rounds, strict=True))
    faster = median(lite / post for lite, post in rounds)
    return [
        Figure("doors and worker in two processes, in turn: events told and judged on SQLite", f"{on_sqlite:.0f}/s"),
        Figure(
            "doors and worker in two processes, in turn: events told and judged on PostgreSQL",
            f"{on_postgres:.0f}/s = {faster:.2f} of SQLite",
            "≥ 1",
        ),
    ]


Town = tuple[Rig, list[str]]


@asynccontextmanager
async def _town(url: str | None) -> AsyncIterator[Town]:
    """A rig with a worker of its own, and journeys that are awake."""
    async with rig(url) as ground:
        with worker_process(ground, {}):
            await our_starts(ground, 1)  # returns when the worker is there
            _, names = await our_starts(ground, JOURNEYS)
            yield ground, names


async def _both(sqlite: Town, postgres: Town, number: int) -> tuple[float, float]:
    """Seconds of a round on each engine; who goes first changes."""
    if number % 2:
        return await _round(sqlite, number), await _round(postgres, number)
    second = await _round(postgres, number)
    return await _round(sqlite, number), second


async def _round(town: Town, number: int) -> float:
    ground, names = town

    def word(n: int) -> Callable[[], Awaitable[object]]:
        now = datetime.now(UTC).isoformat()
        body = {"id": f"word-{number}-{n}", "type": "service.ordered", "occurred_at": now, "data": {"text": "好"}}
        return partial(ground.doors.tell_journey, names[n % len(names)], body)

    return await together([word(n) for n in range(TOLD)], AT_ONCE)
