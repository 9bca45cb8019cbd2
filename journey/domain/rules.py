"""The rules of the stages: each asks for items, under an id that never changes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from journey.domain.facts import Facts
from journey.domain.items import Ask
from journey.domain.packs import Numbers

Items = Iterator[Ask]
RuleFunction = Callable[[Facts, Numbers], Items]

# When each release of the rules began to hold. A rule younger than an item's window does not reach back
# (`missed/newer-rule`); those of the first release have always held.
RELEASES: dict[str, date] = {"2026.1": date.min}

# The order of builds: how many releases of the rules a build knows. A release whose planner decides anything in another
# way adds a line above, also without a new rule; a build hands back what a higher number has planned (`kernel.md` §10).
RULES_NUMBER = len(RELEASES)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with what people are told about it."""

    id: str
    zh: str
    asks: tuple[str, ...]
    since: str
    section: str
    function: Callable[..., Items]
    pin: Callable[[Facts], date | None] | None = None
    formerly: tuple[str, ...] = ()
    executor: str = "journey"
    after_closing: bool = False  # asks on a closed journey too: its last work

    def numbers(self, j: Facts) -> Numbers:
        """The numbers that hold for it: of the pinned day's pack version, else of the one effective now."""
        day = self.pin(j) if self.pin else None
        pack = j.record.packs.on(day).pack if day else j.pack
        numbers = getattr(pack, self.section)
        assert isinstance(numbers, Numbers)  # a pack section
        return numbers

    @property
    def summary(self) -> str:
        """The first line of its docstring."""
        return (self.function.__doc__ or "").strip().split("\n")[0]


RULES: dict[str, Rule] = {}


def rule(
    rule_id: str,
    *,
    zh: str,
    since: str,
    asks: str = "",
    pin: Callable[[Facts], date | None] | None = None,
    formerly: tuple[str, ...] = (),
    after_closing: bool = False,
) -> Callable[[Callable[..., Items]], Callable[..., Items]]:
    """Register a rule under its permanent id and Chinese name.

    `asks` names the requirements behind it (A313 …), blank separated; its numbers are the pack's section of its id.

    `pin` gives the day whose pack version holds; without it the latest version effective at `now` does.
    `after_closing` lets it ask when the journey is lost, cancelled or transferred; the kernel's own rules always may.
    """

    def register(function: Callable[..., Items]) -> Callable[..., Items]:
        if rule_id in RULES:
            raise ValueError(f"rule {rule_id} is registered twice")
        if since not in RELEASES:
            raise ValueError(f"rule {rule_id}: no release {since}")
        section = rule_id.split(".", 1)[0]
        last_work = after_closing or section == "kernel"
        RULES[rule_id] = Rule(
            rule_id, zh, tuple(asks.split()), since, section, function, pin, formerly, after_closing=last_work
        )
        return function

    return register


def title(rule_id: str, lang: str = "zh") -> str:
    """A rule's name for people: 签约服务回访, or «service callback»; an id of another build reads as itself."""
    found = RULES.get(rule_id)
    if found is not None and lang == "zh":
        return found.zh
    return rule_id.split(".", 1)[-1].replace("-", " ")
