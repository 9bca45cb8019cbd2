"""Two plans of one journey beside each other: what a change moves, brings, takes away, sends again, makes due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from journey.domain.items import Item
from journey.domain.planner import Plan

AGAIN = frozenset({"repeated", "announced"})


@dataclass(frozen=True, slots=True)
class Moved:
    """An item with its instant before and after, None where it is not ahead; `becomes` is its state after."""

    key: str
    rule: str
    kind: str
    was: datetime | None
    due: datetime | None
    becomes: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """What a change does to one journey. `at_once` is due without delay, `again` goes out a second time."""

    moved: Sequence[Moved]
    again: Sequence[tuple[Item, str]]
    at_once: Sequence[Item]
    earlier: bool

    @property
    def any(self) -> bool:
        """Whether the change does anything at all."""
        return bool(self.moved or self.again or self.at_once)


def compare(stands: Plan, changed: Plan, *, wake_at: datetime | None) -> Difference:
    """What `changed` does that `stands` does not; `wake_at` is when the journey sleeps to."""
    before = {item.key: item for item in stands.agenda}
    after = {item.key: item for item in changed.agenda}
    states = {decided.key: decided.state for decided in changed.decided}
    moved = [
        Moved(key, item.rule, item.kind.value, _due(before.get(key)), _due(after.get(key)), states.get(key))
        for key, item in sorted({**before, **after}.items())
        if _due(before.get(key)) != _due(after.get(key))
    ]
    due_before = {move.key for move in stands.moves}
    due_now = {move.key for move in changed.moves} - due_before
    return Difference(
        moved=moved,
        again=[(item, code) for key, item in after.items() if key not in before and (code := _again(item))],
        at_once=[item for item in after.values() if item.key in due_now],
        earlier=wake_at is None or changed.wake_at < wake_at or bool(due_now),
    )


def _due(item: Item | None) -> datetime | None:
    return item.due if item is not None else None


def _again(item: Item) -> str | None:
    return next((reason.code for reason in item.because if reason.code in AGAIN), None)
