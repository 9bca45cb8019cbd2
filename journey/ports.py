"""What the engine needs from outside, as protocols: a clock, and somebody to tell of open tasks."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """One source of the time for doors, store and sweeper (`kernel.md` §7)."""

    async def now(self) -> datetime:
        """The instant, aware, UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    async def now(self) -> datetime:
        """The instant, aware, UTC."""
        return datetime.now(UTC)


class StaffNotice(Protocol):
    """Tells staff that a task opened, is about to be due, or was escalated."""

    async def task_changed(self, task_id: str, *, what: str, role: str) -> None:
        """`what` is opened, warned or escalated."""
        ...


class NoNotice:
    """Staff look at their task list."""

    async def task_changed(self, task_id: str, *, what: str, role: str) -> None:
        """Nothing to do."""
