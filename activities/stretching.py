"""A stretch of a broadcast: one page is reserved while the calls of those before it are out."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from temporalio import activity

from activities.courier import Courier, Outcome
from activities.site import DAWN, Site, decided_at
from activities.watching import Watch
from journey.contracts.broadcasting import PageSent
from journey.domain.entries import WENT_OUT, State
from journey.domain.reasons import Reason
from journey.store import broadcasting
from journey.store.broadcast_audience import Waiting
from journey.store.broadcasting import Booked, Landed, Page
from journey.store.outbox import Sending

log = structlog.get_logger()
# SQLite's one writer is not to be kept for more than 15 ms (`kernel.md` §9).
PAGE: Final = {"sqlite": 40, "postgresql": 200}
LOOKED: Final = 10  # pages whose people are looked up at once
FLYING: Final = 2  # pages whose calls are out
LAP: Final = timedelta(seconds=20)
A_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Crew:
    """Who takes the pages: so many persons in each, so many pages in one stretch, so many calls at once."""

    site: Site
    courier: Courier
    watch: Watch
    gate: asyncio.Semaphore
    page: int | None
    pages: int

    @property
    def size(self) -> int:
        """Persons of a page: as given, else by the store."""
        return self.page or PAGE[self.site.store.dialect]


@dataclass(slots=True)
class Stretch:
    """Pages of one broadcast for some seconds, or until nobody is due."""

    crew: Crew
    broadcast: str
    began: datetime = field(init=False)
    _looked_at: datetime = field(init=False)
    _started: float = field(default_factory=time.monotonic)
    _ahead: deque[Waiting] = field(default_factory=deque)
    _flying: dict[asyncio.Task[None], Sequence[str]] = field(default_factory=dict)
    _taken: int = 0
    _met: int = 0
    _sent: int = 0

    def __post_init__(self) -> None:
        self.began = self._looked_at = decided_at(DAWN, self.crew.site)

    async def run(self) -> PageSent:
        """How far it came. What was answered is recorded, also when the worker is asked to stop."""
        try:
            ended = await self._pages()
            await self._land()
        except asyncio.CancelledError:
            for task in self._flying:
                task.cancel()
            raise
        finally:
            await asyncio.gather(*self._flying, return_exceptions=True)
        wakes = ended.until or ended.later
        pause = max((wakes - self._looked_at).total_seconds(), 1.0) if wakes else 0.0
        return PageSent(met=self._met, sent=self._sent, over=ended.over, paused=ended.paused, pause=pause)

    async def _pages(self) -> Page:
        """Page after page; the last one says why there was no other."""
        while True:
            now = self._looked_at = self._now()
            page = await self._next(now)
            activity.heartbeat()
            if page.stale:
                self._ahead.clear()
                continue
            self._taken += 1
            for verdict in page.decided:
                self.crew.site.measures.sent("none", verdict.state.value)
            self._met += len(page.booked) + len(page.decided)
            if page.booked:
                await self._fly(page, now)
            if page.over or page.paused or page.until or self._is_long():
                return page
            if page.later is not None:
                await self._let_pass(page.later - now)

    def _is_long(self) -> bool:
        return self._taken >= self.crew.pages or time.monotonic() - self._started > LAP.total_seconds()

    def _now(self) -> datetime:
        """The first page is decided on by the server's start of the attempt, a later one by the time since then."""
        if not self._taken:
            return self.began
        return self.began + timedelta(seconds=time.monotonic() - self._started)

    async def _next(self, now: datetime) -> Page:
        """The next page, reserved; those who were looked up together are taken one page after the other."""
        store, site = self.crew.site.store, self.crew.site
        if not self._ahead and not await self._look(now):
            return await store.write(broadcasting.stand_still, self.broadcast)
        seen = self._ahead.popleft()
        return await store.write(
            broadcasting.reserve_page,
            self.broadcast,
            seen,
            now,
            shelf=site.shelf,
            namespace_id=site.namespace_id,
            carriers=self.crew.courier.carriers,
            approving=self.crew.courier.approving,
        )

    async def _look(self, now: datetime) -> bool:
        """Look up who is next, after everybody landed when nobody else is; whether there is a page to take."""
        flying = [person for people in self._flying.values() for person in people]
        most = self.crew.size * LOOKED if self.crew.pages > 1 else self.crew.size
        seen = await self.crew.site.store.read(broadcasting.look_ahead, self.broadcast, now, most, flying)
        if seen is not None and not seen.people and flying:
            await self._land()
            return await self._look(now)
        self._ahead.extend(seen.pages(self.crew.size) if seen is not None else ())
        return seen is not None

    async def _let_pass(self, wait: timedelta) -> None:
        """Wait for the throttle, never so long that an order would go unseen."""
        self._ahead.clear()
        await asyncio.sleep(min(max(wait, timedelta(0)), A_SECOND).total_seconds())

    # -- calls --

    async def _fly(self, page: Page, now: datetime) -> None:
        """Send the page once there is room in the air for it."""
        while len(self._flying) >= FLYING:
            await self._land(first=True)
        task = asyncio.create_task(self._send_all(page, now))
        self._flying[task] = [booked.mark.verdict.person for booked in page.booked]

    async def _land(self, *, first: bool = False) -> None:
        """Wait for every page in the air, or for the first of them; its trouble is ours."""
        while self._flying:
            done, _ = await asyncio.wait(self._flying, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                del self._flying[task]
                task.result()
            if first:
                return

    async def _send_all(self, page: Page, now: datetime) -> None:
        landed: list[Landed] = []
        ended: list[tuple[Sending, Outcome]] = []
        sends: list[asyncio.Task[None]] = []
        try:
            await asyncio.sleep(page.begins_in.total_seconds())
            for booked in page.booked:
                sends.append(asyncio.create_task(self._send(booked, landed, ended)))
                if page.apart:
                    await asyncio.sleep(page.apart.total_seconds())
            await asyncio.gather(*sends)
        finally:
            for each in sends:
                each.cancel()
            if landed:
                await self.crew.site.store.write(
                    broadcasting.record_page, self.broadcast, landed, now, datetime.now(UTC)
                )
                await self.crew.watch.note(ended, now)
                self._sent += sum(one.state in WENT_OUT for one in landed)

    async def _send(self, booked: Booked, landed: list[Landed], ended: list[tuple[Sending, Outcome]]) -> None:
        async with self.crew.gate:
            outcome = await self._outcome(booked)
        activity.heartbeat()
        self.crew.site.measures.sent(booked.sending.channel, outcome.state.value)
        ended.append((booked.sending, outcome))
        landed.append(
            Landed(
                booked,
                outcome.state,
                outcome.row,
                outcome.reason,
                outcome.taken,
                at_once=outcome.another_way,
                not_before=outcome.not_before,
                dead=outcome.dead,
            )
        )

    async def _outcome(self, booked: Booked) -> Outcome:
        """What became of one send; trouble that nobody foresaw holds this recipient, and nobody else."""
        try:
            ready = self.crew.courier.prepare(booked.sending)
            return ready if isinstance(ready, Outcome) else await self.crew.courier.call(ready)
        except Exception as error:
            log.warning("broadcast.send_failed", message=booked.sending.message, error=type(error).__name__)
            reason = Reason("failing", {"tries": booked.mark.tries + 1})
            return Outcome(State.HELD, None, reason)
