"""What the engine needs from outside, as protocols: a clock, somebody to tell of open tasks, owners' inboxes."""

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


class InboxAway(Exception):
    """The inboxes cannot be written to now; nothing was."""


class OwnerInbox(Protocol):
    """Where owners find messages in an app or mini-program 站内信."""

    async def put(self, message: str, *, subject: str, text: str) -> bool:
        """Lay the text of an outbox message there, once; False for a message that is not known. `InboxAway`."""
        ...
