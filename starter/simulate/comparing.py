"""A forecast beside what became of it: why an item went otherwise than foreseen, or came though nobody foresaw it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from journey.domain.agendas import AgendaKind, kind_of
from journey.domain.entries import WENT_OUT, State

AS_FORESEEN: Final = "as-foreseen"
TOLD_SINCE: Final = "told-since"
RECURS: Final = "recurs"
BROADCAST: Final = "broadcast"
DAY_PASSED: Final = "day-passed"
UNEXPLAINED: Final = "unexplained"
HAPPENED: Final = frozenset({*(state.value for state in WENT_OUT), State.DONE.value})
# What the ledger itself gives a reason for, whatever day it fell on.
DECIDED: Final = frozenset(
    state.value for state in (State.SUPPRESSED, State.SKIPPED, State.MISSED, State.HELD, State.FAILED, State.UNKNOWN)
)
# Reasons in `because` that move a day by themselves, without another fact under the item.
MOVES: Final = frozenset({"rescheduled", "kept-to-law", "paused", "late-news", "booked-slot", "clock-stood"})
# Rules that never ask for more than the next of many: a forecast holds that one only.
RECURRING: Final = frozenset(
    {"project.greeting", "occupancy.birthday", "occupancy.anniversary", "occupancy.tag-care", "fit-out.inspection"}
)
# Rules that ask because a day passes without what was due on it: no forecast can know that.
LAPSES: Final = frozenset({"handover.delay-case", "handover.new-date"})
AT_ONCE: Final = timedelta(minutes=5)  # a fact is planned within it, simulated hardware or not

StandsOn = tuple[str, str, str]  # the event, its day, the event that moved it last


@dataclass(frozen=True, slots=True)
class Item:
    """An item as it is foreseen, or as it ended. Instants are on the project's own clocks; codes are reasons'."""

    key: str
    due: datetime
    outcome: str
    at: datetime | None = None
    reason: str | None = None
    into: str | None = None  # the item or journey that carries a merged one
    because: frozenset[str] = frozenset()
    steps: frozenset[str] = frozenset()
    stands_on: StandsOn = ("", "", "")

    @property
    def rule(self) -> str:
        """The rule that asks for it."""
        return self.key.partition("/")[0]

    @property
    def series(self) -> str:
        """Rule and subject: what comes again differs in its occurrence only."""
        return "/".join(self.key.split("/")[:2])

    @property
    def cause(self) -> tuple[str, str]:
        """Rule and occurrence: what a broadcast sends differs from what asked for it in its subject only."""
        rule, _, occurrence = self.key.split("/", 2)
        return rule, occurrence

    @property
    def happened(self) -> bool:
        """Sent or done."""
        return self.outcome in HAPPENED


@dataclass(frozen=True, slots=True)
class Told:
    """A fact that was told of a home or of its project."""

    event: str
    type: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything of one home, batch or project: items by key, and what it was told."""

    unit: str
    items: Mapping[str, Item]
    told: Sequence[Told] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one item; `by` is the fact, rule or item that made the difference.

    `foreseen` is None for one that came unforeseen, `became` for one that is gone.
    """

    unit: str
    foreseen: Item | None
    became: Item | None
    code: str
    by: str = ""

    def __str__(self) -> str:
        became, said = self.became, f"{self.code} {self.by}".strip()
        end = f"{became.outcome} {became.at} due {became.due} {became.reason or ''}" if became else "gone"
        if self.foreseen is None:
            return f"{self.unit} {became.key if became else ''} not foreseen: {said} ({end})"
        return f"{self.unit} {self.foreseen.key} due {self.foreseen.due}: {said} ({end})"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every finding of a project, in the order of its ledgers."""

    findings: Sequence[Finding] = field(default_factory=tuple)

    @property
    def foreseen(self) -> int:
        """How many of them were foreseen."""
        return sum(finding.foreseen is not None for finding in self.findings)

    def counts(self) -> Counter[str]:
        """How many findings each code has."""
        return Counter(finding.code for finding in self.findings)

    @property
    def unexplained(self) -> list[Finding]:
        """Those that nothing accounts for."""
        return [finding for finding in self.findings if finding.code == UNEXPLAINED]


def compare(
    foreseen: Mapping[str, Ledger], lived: Mapping[str, Ledger], *, at: datetime, until: datetime
) -> Comparison:
    """What became of every item that was planned in `foreseen` and due before `until`; both are by the ledger's id.

    And every item that happened, due from `at` (the instant of the forecast) on, that was not foreseen at all.
    """
    carriers = frozenset(_carriers(lived))
    planned = (
        _finding(item, lived[name], carriers)
        for name, ledger in foreseen.items()
        for item in ledger.items.values()
        if item.outcome == "planned" and item.due < until
    )
    asked = dict(_broadcasts(lived))
    new = (
        _unforeseen(item, ledger, at, foreseen.get(name), asked)
        for name, ledger in lived.items()
        for item in ledger.items.values()
        if item.happened and at <= item.due < until and not (name in foreseen and item.key in foreseen[name].items)
    )
    return Comparison((*planned, *new))


def _broadcasts(lived: Mapping[str, Ledger]) -> Iterator[tuple[tuple[str, str], Item]]:
    """What projects and batches sent to many; what it is there is compared with the forecast itself."""
    for name, ledger in lived.items():
        if kind_of(name) is not AgendaKind.JOURNEY:
            yield from ((item.cause, item) for item in ledger.items.values() if item.happened)


def _unforeseen(
    became: Item, ledger: Ledger, at: datetime, foreseen: Ledger | None, asked: Mapping[tuple[str, str], Item]
) -> Finding:
    """Asked for by a fact told since, by a broadcast, as the next of what was foreseen, or by a day that passed."""
    since = {fact.event: fact.type for fact in ledger.told if fact.at > at}
    code, by = UNEXPLAINED, ""
    if named := [event for event in (became.stands_on[2], became.stands_on[0]) if event in since]:
        code, by = TOLD_SINCE, since[named[0]]
    elif (whole := asked.get(became.cause)) and whole.key != became.key and _same_day(became.due, whole.due):
        code, by = BROADCAST, whole.key
    elif foreseen is not None and became.rule in RECURRING:
        earlier = [i for i in foreseen.items.values() if i.series == became.series and i.due < became.due]
        if earlier:
            code, by = RECURS, max(earlier, key=lambda item: item.due).key
    elif became.rule in LAPSES and became.stands_on[1] >= at.date().isoformat():
        code, by = DAY_PASSED, became.stands_on[1]
    return Finding(ledger.unit, None, became, code, by)


def _carriers(lived: Mapping[str, Ledger]) -> Iterator[str]:
    """What may carry a merged item: an item that happened, or a journey where one of that name did."""
    for name, ledger in lived.items():
        for item in ledger.items.values():
            if item.happened:
                yield from (item.key, f"{name}:{item.key.partition('/')[0]}")


def _finding(foreseen: Item, ledger: Ledger, carriers: frozenset[str]) -> Finding:
    became = ledger.items.get(foreseen.key)
    if became is None:
        return Finding(ledger.unit, foreseen, None, UNEXPLAINED)
    if became.happened and _same_day(became.at, foreseen.due):
        return Finding(ledger.unit, foreseen, became, AS_FORESEEN)
    code, by = _explained(foreseen, became, ledger, carriers)
    return Finding(ledger.unit, foreseen, became, code, by)


def _explained(foreseen: Item, became: Item, ledger: Ledger, carriers: frozenset[str]) -> tuple[str, str]:
    """Why a new day, if it has one, and why it did not happen on its day: both need a reason.

    What a fact has ended happens on no day: which one it had last means nothing.
    """
    if became.outcome == State.WITHDRAWN:
        return _withdrawn(became, ledger.told)
    moved = "" if _same_day(became.due, foreseen.due) else _mover(foreseen, became, ledger.told)
    if moved == UNEXPLAINED:
        return UNEXPLAINED, ""
    if moved and became.happened and _same_day(became.at, became.due):
        return "moved", moved
    return _ended(became, carriers)


def _mover(foreseen: Item, became: Item, told: Iterable[Told]) -> str:
    """What gave it another day: the fact that it stands on now, or a reason of its own."""
    if became.stands_on != foreseen.stands_on:
        events = {fact.event: fact.type for fact in told}
        for event in (became.stands_on[2], became.stands_on[0]):
            if event in events:
                return events[event]
    codes = sorted(MOVES & (became.because - foreseen.because))
    return codes[0] if codes else UNEXPLAINED


def _ended(became: Item, carriers: frozenset[str]) -> tuple[str, str]:
    if became.outcome == State.DONE:
        return _done(became)
    if became.outcome == State.MERGED:
        return _merged(became, carriers)
    if became.outcome in DECIDED and became.reason:
        return became.outcome, became.reason
    if became.outcome == "open" and "overdue" in became.steps:
        return "overdue", ""
    return UNEXPLAINED, ""


def _done(became: Item) -> tuple[str, str]:
    """Done before its due; after it only where the ledger shows that it was overdue meanwhile."""
    if became.reason == "met-by-fact":
        return "met-by-fact", ""
    if became.reason != "result" or became.at is None:
        return UNEXPLAINED, ""
    if became.at <= became.due:
        return "done-early", ""
    return ("done-late", "overdue") if "overdue" in became.steps else (UNEXPLAINED, "")


def _merged(became: Item, carriers: frozenset[str]) -> tuple[str, str]:
    """Only what really went out can have carried it."""
    into = became.into or ""
    named = {into, f"{into}:{became.key.partition('/')[0]}"}
    return ("merged", into) if named & carriers else (UNEXPLAINED, "")


def _withdrawn(became: Item, told: Iterable[Told]) -> tuple[str, str]:
    """Only a fact that was told at that moment ends what was asked for."""
    at = became.at
    if at is None:
        return UNEXPLAINED, ""
    facts = [fact for fact in told if at - AT_ONCE <= fact.at <= at]
    last = max(facts, key=lambda fact: fact.at, default=None)
    return ("withdrawn", last.type) if last else (UNEXPLAINED, "")


def _same_day(one: datetime | None, other: datetime) -> bool:
    return one is not None and one.date() == other.date()
