"""One run: lives under fire, then peace, then the books are checked."""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from tests.chaos.books import Books, Counts, count, read_books, workflows_of
from tests.chaos.lives import Client, Staff, Told, live, midday, project
from tests.chaos.town import NotQuiet, Town, town

SPREAD = 0.2  # seconds between the beginnings of two lives
FIRE = 60.0  # seconds of killing at least
PEACE = 600.0  # seconds until all must be quiet: what failed three times waits up to some minutes
TALK = 300.0  # seconds in which the clients must have told everything


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run left behind."""

    seed: int
    books: Books
    told: Told
    counts: Counts
    kills: dict[str, int]
    falls: dict[str, int]
    seconds: dict[str, float]

    def report(self) -> str:
        """One line for each kind of number."""
        kills = " ".join(f"{name} {number}" for name, number in self.kills.items())
        seconds = " ".join(f"{name} {length:.0f}" for name, length in self.seconds.items())
        return "\n".join(
            [
                f"seed {self.seed}",
                f"kills {sum(self.kills.values())}: {kills}; fell by themselves: {self.falls or 'none'}",
                f"clients asked again {self.told.repeats} times, told {self.told.doubled} facts twice on purpose",
                *self.counts.lines(),
                f"seconds: {seconds}",
            ]
        )


async def run(
    home: Path,
    *,
    seed: int,
    lives: int = 200,
    fire: float = FIRE,
    spread: float = SPREAD,
    workers: int = 2,
    database: str | None = None,
    zone: ZoneInfo | None = None,
) -> Outcome:
    """Live, kill, come to rest, and read the books; NotQuiet when it does not come to rest.

    `zone` is the homes' one; unless told, one in which it is about noon.
    """
    told, zone = Told(), zone or midday(datetime.now(UTC))
    async with town(home, seed, workers=workers, database=database) as built, built.http() as http:
        client = Client(http, told, Random(f"client/{seed}"))
        await asyncio.wait_for(client.post("/v1/projects", project(zone)), 60)
        staff = Staff(client, told, seed)
        working = asyncio.create_task(staff.work())
        seconds: dict[str, float] = {}
        try:
            began = time.monotonic()
            homes = [
                live(client, told, number, Random(f"{seed}/{number}"), number * spread, zone) for number in range(lives)
            ]
            await _under_fire(built, homes, seed, fire, TALK + lives * spread)
            seconds["fire"] = time.monotonic() - began
            await built.quiet(PEACE, lambda: staff.busy)
            seconds["quiet"] = time.monotonic() - began
        finally:
            await _cancelled([working])
        books = await built.store.read(read_books, home / "outbox", built.mail)
        books = await workflows_of(built, books)
        seconds["all"] = time.monotonic() - began
        return Outcome(seed, books, told, count(books), built.kills, built.falls, seconds)


async def _under_fire(
    built: Town, homes: Sequence[Coroutine[Any, Any, None]], seed: int, fire: float, patience: float
) -> None:
    """Every life told to its end while parts are killed, and for `fire` seconds at least."""
    killing = asyncio.create_task(built.kill_at_random(Random(f"kills/{seed}")))
    living = [asyncio.create_task(home) for home in homes]
    try:
        try:
            # Shielded: who was not heard to the end is counted before it is cancelled.
            async with asyncio.timeout(patience):
                await asyncio.shield(asyncio.gather(asyncio.sleep(fire), *living))
        except TimeoutError:
            silent = sum(not each.done() for each in living)
            raise NotQuiet(
                f"{silent} of {len(living)} clients were not heard to the end; {await built.state()}"
            ) from None
        if killing.done():
            await killing
    finally:
        await _cancelled([killing, *living])


async def _cancelled(tasks: Sequence["asyncio.Task[None]"]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task
