"""What a change does to many journeys, added up: parts that were counted apart can be put together."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from journey.domain.comparing import Difference, Moved
from journey.domain.outlook import Outlook

EXAMPLES: Final = 10
Group = tuple[str, str, str]  # rule, kind, what becomes of it


@dataclass(slots=True)
class Tally:
    """Items of one rule that fare alike: how many, and the first and last instant of it, before and after."""

    count: int = 0
    was: list[datetime] = field(default_factory=list)
    due: list[datetime] = field(default_factory=list)

    def add(self, was: datetime | None, due: datetime | None) -> None:
        """Count one more."""
        self.count += 1
        self.was = _ends(self.was, was)
        self.due = _ends(self.due, due)

    def merge(self, other: "Tally") -> None:
        """Count all of another one."""
        self.count += other.count
        self.was = _ends(self.was, *other.was)
        self.due = _ends(self.due, *other.due)


@dataclass(frozen=True, slots=True)
class Example:
    """One item that moves, and whose it is."""

    journey: str
    unit: str
    what: str
    moved: Moved


@dataclass(frozen=True, slots=True)
class Leaves:
    """What goes out or opens on one day: by kind, channel or post, and rule."""

    at: datetime
    kind: str
    channel: str | None
    role: str | None
    rule: str


@dataclass(slots=True)
class Impact:
    """The differences of all homes."""

    homes: int = 0
    moved_homes: int = 0
    poked: int = 0
    poked_homes: list[str] = field(default_factory=list)
    items: dict[Group, Tally] = field(default_factory=dict)
    again: dict[Group, Tally] = field(default_factory=dict)
    at_once: dict[Group, Tally] = field(default_factory=dict)
    posts: dict[str, int] = field(default_factory=dict)  # items that change, by post
    leaving: Counter[Leaves] = field(default_factory=Counter)
    examples: dict[Group, Example] = field(default_factory=dict)

    def add(self, journey: str, unit: str, difference: Difference, outlook: Outlook | None = None) -> None:
        """Count one home, and with an outlook what leaves it soon."""
        self.homes += 1
        self.moved_homes += difference.any
        if difference.any and difference.earlier:
            self.poked += 1
            self.poked_homes = sorted([*self.poked_homes, unit or journey])[:EXAMPLES]
        for moved in difference.moved:
            self._add_moved(journey, unit, moved)
        for item, how in difference.again:
            self.again.setdefault((item.rule, item.kind.value, how), Tally()).add(None, item.due)
        for item in difference.at_once:
            self.at_once.setdefault((item.rule, item.kind.value, "at-once"), Tally()).add(None, item.due)
        for leaving in outlook.leaving if outlook else ():
            item = leaving.item
            day = leaving.at.replace(minute=0, second=0, microsecond=0)
            self.leaving[Leaves(day, item.kind.value, leaving.channel, item.role, item.rule)] += 1

    def merge(self, other: "Impact") -> None:
        """Count everything that another one has."""
        self.homes += other.homes
        self.moved_homes += other.moved_homes
        self.poked += other.poked
        self.poked_homes = sorted([*self.poked_homes, *other.poked_homes])[:EXAMPLES]
        for mine, theirs in (
            (self.items, other.items), (self.again, other.again), (self.at_once, other.at_once),
        ):  # fmt: skip
            for group, tally in theirs.items():
                mine.setdefault(group, Tally()).merge(tally)
        for post, count in other.posts.items():
            self.posts[post] = self.posts.get(post, 0) + count
        self.leaving.update(other.leaving)
        self.examples = {**other.examples, **self.examples}

    def _add_moved(self, journey: str, unit: str, moved: Moved) -> None:
        group = (moved.rule, moved.kind, moved.what)
        self.items.setdefault(group, Tally()).add(moved.was, moved.due)
        if moved.role:
            self.posts[moved.role] = self.posts.get(moved.role, 0) + 1
        # One of each kind says more than ten of one.
        self.examples.setdefault(group, Example(journey, unit, moved.what, moved))


def _ends(known: Sequence[datetime], *instants: datetime | None) -> list[datetime]:
    seen = [*known, *(instant for instant in instants if instant)]
    return [min(seen), max(seen)] if seen else []
