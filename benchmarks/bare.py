"""Bare Temporal, for comparison: one activity and one timer; a signal and one activity."""

import asyncio
from datetime import timedelta

from temporalio import activity, workflow


@activity.defn(name="bare.act")
async def act(number: int) -> int:
    """Nothing but an activity."""
    return number


@workflow.defn
class Bare:
    """Start, one activity, one timer; every signal costs one activity more."""

    def __init__(self) -> None:
        self._waiting = 0

    @workflow.run
    async def run(self, number: int) -> None:
        """Wait for signals beside a long timer."""
        await self._act(number)
        alarm = asyncio.create_task(asyncio.sleep(90 * 24 * 3600))
        while not alarm.done():
            await workflow.wait_condition(lambda: self._waiting > 0 or alarm.done())
            self._waiting -= 1
            await self._act(number)

    @workflow.signal
    def word(self) -> None:
        """One more activity."""
        self._waiting += 1

    async def _act(self, number: int) -> None:
        await workflow.execute_activity(act, number, start_to_close_timeout=timedelta(seconds=9))
