"""The go-live of a project 上线时刻 and its moves: how far ahead it may lie, and which one stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from journey.domain.events import Event
from journey.domain.reasons import Reason
from journey.domain.verdicts import Opinion, Verdict

MOVED: Final = "go_live.moved"
FARTHEST: Final = timedelta(days=366)  # what lies further ahead is a wrong year


@dataclass(frozen=True, slots=True)
class GoLive:
    """The go-live as a project's events have it; `told` is False while none of them is about it."""

    told: bool = False
    at: datetime | None = None

    def over(self, stands: datetime | None) -> datetime | None:
        """What stands once they are counted over what the project was made with."""
        return self.at if self.told else stands


UNTOLD: Final = GoLive()


def opinion_on(move: Event) -> Opinion | None:
    """What is thought of a move at the instant of its telling; None when it simply counts."""
    to = move.read_instant("to")
    if to is None or to <= move.occurred_at:
        return None
    latest = move.occurred_at + FARTHEST
    if to > latest:
        return Opinion(Verdict.REFUSED, Reason("go-live-too-far", {"to": to.isoformat(), "latest": latest.isoformat()}))
    return Opinion(Verdict.APPLIED, Reason("go-live-ahead", {"when": to.isoformat()}))


def go_live_of(told: Sequence[Event], counted: Sequence[Event]) -> GoLive:
    """The last move that counts; with every one of them taken back, what stood before the first."""
    moves = [event for event in told if event.type == MOVED]
    if not moves:
        return UNTOLD
    standing = [event for event in counted if event.type == MOVED]
    if standing:
        return GoLive(True, max(standing, key=lambda event: event.order).read_instant("to"))
    return GoLive(True, min(moves, key=lambda event: (event.recorded_at, event.id)).read_instant("was"))
