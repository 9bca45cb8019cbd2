"""One alarm of a workflow (`kernel.md` §1): armed timers are never cancelled, one that is early enough is kept."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import workflow

from journey.contracts.options import shortened


class Alarm:
    """Rings at the earliest instant that was waited for; whoever it wakes looks again at what is due."""

    def __init__(self) -> None:
        self._at: datetime | None = None
        self._armed = 0
        self._timers: set[asyncio.Task[None]] = set()

    async def wait(self, news: Callable[[], bool], until: datetime, why: str) -> None:
        """Until there are news or it rings, at `until` or before; `why` stands at the timer in Temporal UI."""
        if self._at is None or self._at > until:
            self._armed += 1
            self._at = until
            self._timers.add(asyncio.create_task(self._ring(self._armed, until, why)))
        await workflow.wait_condition(lambda: news() or self._at is None)

    async def _ring(self, number: int, instant: datetime, why: str) -> None:
        await workflow.sleep(max(instant - workflow.now(), timedelta(0)), summary=shortened(why) or None)
        if number == self._armed:
            self._at = None
