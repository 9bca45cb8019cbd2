"""The rules of the stages: each asks for items, under an id that never changes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from journey.domain.agendas import AgendaKind
from journey.domain.base_facts import BaseFacts
from journey.domain.case_values import CaseKind
from journey.domain.executors import EXECUTORS, Executor
from journey.domain.items import Ask
from journey.domain.numbers.base import Numbers

Items = Iterator[Ask]
JOURNEY = "journey"  # executors: the agenda itself, or a broadcast that pages its recipients from the store
BROADCAST = "broadcast"
KERNEL = "kernel"

# When each release of the rules began to hold. A rule younger than an item's window does not reach back
# (`missed/newer-rule`); those of the first release have always held.
# Before 1.0 no home has lived under them for long, so they reach back as far as their windows do.
ALWAYS = date.min
RELEASES: dict[str, date] = {"2026.1": ALWAYS, "2026.2": ALWAYS, "2026.3": ALWAYS}

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
    pin: Callable[[Any], date | None] | None = None
    formerly: tuple[str, ...] = ()
    executor: str = JOURNEY
    after_closing: bool = False  # asks on a closed journey too: its last work
    of: AgendaKind = AgendaKind.JOURNEY  # on whose agenda it asks
    opens: CaseKind | None = None  # what it asks for is a whole case of that kind, such as a survey
    serves: CaseKind | None = None  # a step of such a case, asked for while tasks serve the kind

    def numbers(self, j: BaseFacts) -> Numbers | None:
        """The numbers that hold for it: of the pinned day's pack version, else of the one effective now.

        None when that version is older than the whole section: under it, the rule asks for nothing.
        """
        day = self.pin(j) if self.pin else None
        pack = j.record.packs.on(day).pack if day else j.pack
        numbers: Numbers | None = getattr(pack, self.section)
        return numbers

    def ask(self, j: BaseFacts) -> Items:
        """What it asks for on an agenda."""
        if self.serves is not None and EXECUTORS[self.serves] is not Executor.TASKS:
            return iter(())
        numbers = self.numbers(j)
        return self.function(j, numbers) if numbers is not None else iter(())

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
    pin: Callable[[Any], date | None] | None = None,
    formerly: tuple[str, ...] = (),
    after_closing: bool = False,
    of: str = AgendaKind.JOURNEY,
    executor: str = JOURNEY,
    opens: CaseKind | None = None,
    serves: CaseKind | None = None,
    section: str | None = None,
) -> Callable[[Callable[..., Items]], Callable[..., Items]]:
    """Register a rule under its permanent id and Chinese name.

    `asks` names the requirements behind it (A313 …), blank separated; its numbers are the pack's section of its id.

    `pin` gives the day whose pack version holds; without it the latest version effective at `now` does.
    `after_closing` lets it ask when the journey is lost, cancelled or transferred; the kernel's own rules always may.
    `of` says on whose agenda it asks: `journey`, `batch` or `project`. A message of a batch or project goes out by
    `executor="broadcast"`, which pages its recipients from the store. `section` names the numbers of a rule that takes
    those of another section than its id's.
    `opens`: each thing it asks for is a whole case, served by a task or a workflow as `executors.py` says of the kind.
    `serves`: it asks for a step of a case that a fact opened, while tasks serve the kind.
    """

    def register(function: Callable[..., Items]) -> Callable[..., Items]:
        if rule_id in RULES:
            raise ValueError(f"rule {rule_id} is registered twice")
        if since not in RELEASES:
            raise ValueError(f"rule {rule_id}: no release {since}")
        numbers = section or rule_id.split(".", 1)[0].replace("-", "_")
        last_work = after_closing or numbers == KERNEL
        RULES[rule_id] = Rule(
            rule_id, zh, tuple(asks.split()), since, numbers, function, pin, formerly, executor=executor,
            after_closing=last_work, of=AgendaKind(of), opens=opens, serves=serves,
        )  # fmt: skip
        return function

    return register


def rules_of(kind: AgendaKind) -> list[Rule]:
    """The rules that ask on agendas of a kind, the kernel's own on every one.

    What a broadcast executes for journeys is not theirs to ask.
    """
    own = kind is AgendaKind.JOURNEY
    return [
        one
        for one in RULES.values()
        if (one.of is kind and (not own or one.executor == JOURNEY)) or one.section == KERNEL
    ]


NOTICE = "broadcast.notice"  # a text that a person has sent to many: no rule asks for it
_TITLES = {NOTICE: ("群发通知", "notice")}


def title(rule_id: str, lang: str = "zh") -> str:
    """A rule's name for people: 签约服务回访, or «service callback»; an id of another build reads as itself."""
    if rule_id in _TITLES:
        return _TITLES[rule_id][lang != "zh"]
    found = RULES.get(rule_id)
    if found is not None and lang == "zh":
        return found.zh
    return rule_id.split(".", 1)[-1].replace("-", " ")
