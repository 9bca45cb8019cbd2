"""What became of an item once it was touched: the only memory of what was done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from journey.domain.quick import quick_dataclass
from journey.domain.reasons import Reason


class State(StrEnum):
    """The states of an entry (`planned` is an item that was never touched)."""

    OPEN = "open"
    WARNED = "warned"
    OVERDUE = "overdue"
    ESCALATED = "escalated"
    RESERVED = "reserved"
    SENT = "sent"
    DELIVERED = "delivered"
    SERVED = "served"
    DONE = "done"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    MERGED = "merged"
    HELD = "held"
    SUPPRESSED = "suppressed"
    MISSED = "missed"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"


RUNNING = frozenset({State.OPEN, State.WARNED, State.OVERDUE, State.ESCALATED})
WENT_OUT = frozenset({State.SENT, State.DELIVERED, State.SERVED})
ENDED = frozenset(State) - RUNNING - {State.HELD, State.RESERVED}


def outcome(state: State | None) -> str:
    """What people are shown: every rung of a running task is `open`, a reservation still `planned`."""
    if state is None or state is State.RESERVED:
        return "planned"
    return "open" if state in RUNNING else state.value


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of an entry's ladder: warned, overdue, escalated."""

    at: datetime
    step: str
    to: str


@quick_dataclass(frozen=True)
class Entry:
    """A ledger row, as planning reads it."""

    key: str
    state: State
    at: datetime
    due: datetime | None = None
    reason: Reason | None = None
    fact: str | None = None  # the event that made it done or served
    anchor_event: str | None = None  # the event that it stood on when it was touched
    anchor_on: date | None = None
    moved_by: str | None = None
    until: datetime | None = None  # held, or a rung put off after a failing move, until then
    tries: int = 0
    task: str | None = None
    attempts: int = 0
    next_attempt: datetime | None = None
    opened_at: datetime | None = None
    warned_at: datetime | None = None
    escalated_at: datetime | None = None
    carrier: str | None = None
    item: Mapping[str, Any] = field(default_factory=dict)

    @property
    def signature(self) -> str:
        """State and instant: what a move must still find."""
        return f"{self.state}@{self.at.isoformat()}"

    @property
    def running(self) -> bool:
        """A task runs under this entry."""
        return self.state in RUNNING

    @property
    def by_operator(self) -> bool:
        """Skipped by a person, not by the rule's `late: skip`."""
        return self.state is State.SKIPPED and self.reason is not None and self.reason.code == "skipped-by-operator"
