"""What a change does to one journey: what it moves, brings, takes away, sends again, makes due."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from journey.domain.items import Item
from journey.domain.planner import Plan

AGAIN = frozenset({"repeated", "announced"})


@dataclass(frozen=True, slots=True)
class Stands:
    """How a journey stands before the change: instants of what is ahead by key, and the keys that are due."""

    ahead: Mapping[str, tuple[str, str, str | None, datetime]]  # rule, kind, post, due
    due: frozenset[str]

    @classmethod
    def of_plan(cls, plan: Plan) -> "Stands":
        """As a plan has just found it."""
        ahead = {item.key: (item.rule, item.kind.value, item.role, item.due) for item in plan.agenda}
        return cls(ahead, frozenset(move.key for move in plan.moves))

    @classmethod
    def of_agenda(cls, items: Iterable[Mapping[str, Any]]) -> "Stands":
        """As the last plan left it; nothing may have become due since."""
        ahead = {
            item["key"]: (item["rule"], item["kind"], item.get("role"), datetime.fromisoformat(item["due"]))
            for item in items
        }
        return cls(ahead, frozenset())


@dataclass(frozen=True, slots=True)
class Moved:
    """An item with its instant before and after, None where it is not ahead; `becomes` is its state after."""

    key: str
    rule: str
    kind: str
    was: datetime | None
    due: datetime | None
    becomes: str | None
    role: str | None = None

    @property
    def what(self) -> str:
        """`new`, `moved`, else what becomes of it, such as `missed`, `withdrawn`, `done`; `gone` without a trace."""
        return "new" if self.was is None else "moved" if self.due else self.becomes or "gone"


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


def compare(stands: Stands, changed: Plan, *, wake_at: datetime | None) -> Difference:
    """What `changed` does beyond what `stands`; `wake_at` is when the journey sleeps to."""
    after = {item.key: item for item in changed.agenda}
    due_now = {move.key for move in changed.moves} - stands.due
    return Difference(
        moved=_moved(stands, changed),
        again=[(item, code) for key, item in after.items() if key not in stands.ahead and (code := _again(item))],
        at_once=[item for item in after.values() if item.key in due_now],
        earlier=wake_at is None or changed.wake_at < wake_at or bool(due_now),
    )


def _moved(stands: Stands, changed: Plan) -> list[Moved]:
    before, after = stands.ahead, Stands.of_plan(changed).ahead
    states = {decided.key: decided.state for decided in changed.decided}
    moved = []
    for key, (rule, kind, role, _) in sorted({**before, **after}.items(), key=lambda pair: pair[0]):
        was, due = (side[key][3] if key in side else None for side in (before, after))
        if was != due:
            state = states.get(key)
            moved.append(Moved(key, rule, kind, was, due, state.value if state else None, role))
    return moved


def _again(item: Item) -> str | None:
    return next((reason.code for reason in item.because if reason.code in AGAIN), None)
