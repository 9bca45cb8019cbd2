"""Cases served by tasks: the clocks of each round (C2), the ladder (C3), and what rules ask for on them.

Which kinds are served so stands in `executors.py`. A workflow of its own keeps the same clocks and tells the same
`case.*` facts, so that whatever reads cases stays as it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from journey.domain.case_facts import Case, Round
from journey.domain.case_values import CaseKind, CaseLevel, CaseStep, Severity
from journey.domain.cases import class_of
from journey.domain.clocks import OfficeHours, deadline_with_pauses, local_date
from journey.domain.facts import Facts
from journey.domain.items import Anchor
from journey.domain.numbers.cases import CaseNumbers, Clock, ComplaintNumbers, Level, RepairNumbers
from journey.domain.periods import Period
from journey.domain.reasons import Reason


@dataclass(frozen=True, slots=True)
class StepClock:
    """One clock of a round: due, and when it was met (None while it runs). `head` is the fact that started it.

    `name` is the occurrence of its item.
    """

    case: Case
    step: CaseStep
    head: Anchor
    name: str
    due: datetime
    met: Anchor | None
    duty: Clock
    because: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Raised:
    """A step of the ladder that a case has reached: when, and why."""

    level: CaseLevel
    at: datetime
    why: str
    by: Anchor
    told_by_step: bool = False  # the overdue task itself tells the post above


def clocks(case: Case, j: Facts, n: CaseNumbers) -> Sequence[StepClock]:
    """The clocks of every round: those that were met, and those that run."""
    kept = j.case_clocks.get(case.id)
    if kept is None:
        kept = j.case_clocks[case.id] = list(_clocks(case, j, n))
    return kept


def _clocks(case: Case, j: Facts, n: CaseNumbers) -> Iterator[StepClock]:
    for number, each in enumerate(case.rounds, 1):
        runs = each is case.current
        for step, duty in n.clocks(class_of(case, j, number)).items():
            duty = _by_trade(case, step, duty, n)
            for head in _heads(each, step):
                met = _met(each, step, head)
                if runs or met is not None:
                    due, because = _due(case, each, step, head, duty, j, n)
                    yield StepClock(case, step, head, each.named(head), due, met, duty, because)


def _heads(each: Round, step: CaseStep) -> Sequence[Anchor]:
    """Whoever gets a case handed over acknowledges it anew; the other clocks go on."""
    return (each.began, *each.handed) if step is CaseStep.ACKNOWLEDGE else (each.began,)


def _met(each: Round, step: CaseStep, head: Anchor) -> Anchor | None:
    if head is each.began:
        return each.met(step)
    later = [anchor for anchor in each.steps.values() if anchor.at >= head.at]
    return min(later, key=lambda anchor: anchor.at, default=None)


def _by_trade(case: Case, step: CaseStep, duty: Clock, n: CaseNumbers) -> Clock:
    """What needs a contractor is fixed within the days of its trade (R-P4)."""
    if step is not CaseStep.FIX or case.severity != Severity.CONTRACTOR.value or not isinstance(n, RepairNumbers):
        return duty
    days = n.trades.days(case.category) or n.trades.days(case.component)
    return duty.model_copy(update={"within": days}) if days else duty


def _due(
    case: Case, each: Round, step: CaseStep, head: Anchor, duty: Clock, j: Facts, n: CaseNumbers
) -> tuple[datetime, tuple[Reason, ...]]:
    if step is CaseStep.ON_SITE and each.booked is not None and isinstance(n, RepairNumbers):
        slot = each.booked[1]
        if case.severity != Severity.EMERGENCY.value:
            return slot + n.slot_tolerance.as_timedelta(), (Reason("booked-slot", {"slot": slot.isoformat()}),)
    start = head.at
    if step is CaseStep.ON_SITE and case.severity == Severity.CONTRACTOR.value and each.notified is not None:
        start = max(start, each.notified.at)  # the contractor's hours count from his notice
    due = count(case, start, duty.within, duty, j)
    if due < head.known_at:
        due = count(case, head.known_at, duty.within, duty, j)
        return due, (Reason("clock-from-telling", {"known": head.known_at.isoformat()}),)
    stood = due - count(case, start, duty.within, duty, j, paused=False)
    return due, (Reason("clock-stood", {"seconds": int(stood.total_seconds())}),) if stood else ()


def count(case: Case, start: datetime, within: Period, duty: Clock, j: Facts, *, paused: bool = True) -> datetime:
    """When a clock of a case runs out, later by the pauses of the case."""
    pauses = [(pause.begin, pause.end) for pause in case.pauses] if paused else []
    hours = OfficeHours(j.pack.time.office_hours)
    due = deadline_with_pauses(start, within, duty.clock, pauses, j.calendar, j.zone, hours)
    assert due is not None  # every pause has an end
    return due


# -- the ladder -------------------------------------------------------------------------------------------------------


def raised(case: Case, j: Facts, n: CaseNumbers) -> Sequence[Raised]:
    """The levels above the first that a case has reached by now, lowest first; a later one is watched for."""
    reached = [
        one
        for level, numbers in ((CaseLevel.L1, n.level_1), (CaseLevel.L2, n.level_2), (CaseLevel.L3, n.level_3))
        if (one := _reached(case, level, numbers, j, n)) is not None
    ]
    return [one for one in reached if j.reached(one.at)]


def level_of(case: Case, j: Facts, n: CaseNumbers) -> CaseLevel:
    """How far up a case has gone."""
    return max((one.level for one in raised(case, j, n)), default=CaseLevel.L0)


def _reached(case: Case, level: CaseLevel, numbers: Level, j: Facts, n: CaseNumbers) -> Raised | None:
    found = [
        Raised(level, facts[times - 1].at, why, facts[times - 1])
        for why, facts, times in (
            ("reopened", case.reopened, numbers.reopened),
            ("reassigned", case.reassigned, numbers.reassigned),
            ("asked", case.asked, numbers.asked),
        )
        if times is not None and len(facts) >= times
    ]
    if level is CaseLevel.L2 and isinstance(n, ComplaintNumbers):
        found += _at_the_group(case, j, n)
    found += _overdue(case, level, numbers, j, n)
    return min(found, key=lambda one: (one.at, one.told_by_step), default=None)


def _at_the_group(case: Case, j: Facts, n: ComplaintNumbers) -> Iterator[Raised]:
    """Major and mass complaints start at the group beside the other levels (C3)."""
    for number, each in enumerate(case.rounds, 1):
        if class_of(case, j, number) in n.at_group:
            yield Raised(CaseLevel.L2, each.began.at, "major", each.began)


def _overdue(case: Case, level: CaseLevel, numbers: Level, j: Facts, n: CaseNumbers) -> Iterator[Raised]:
    """A clock that ran out raises the case: missed or overdue for so long."""
    for clock in clocks(case, j, n):
        if numbers.overdue is None and clock.step in (CaseStep.ACKNOWLEDGE, _main(case)):
            when, by_step = j.shift(clock.due, clock.duty.escalate), True
        elif numbers.overdue is not None and clock.step is _main(case):
            when, by_step = j.shift(clock.due, numbers.overdue), False
        else:
            continue
        assert isinstance(when, datetime)  # an instant in, an instant out
        if clock.met is None or clock.met.at > when:
            by = replace(clock.head, on=local_date(when, j.zone), at=when, known_at=max(when, clock.head.known_at))
            yield Raised(level, when, "overdue", by, by_step)


def _main(case: Case) -> CaseStep:
    """The step whose due is the due of the whole case."""
    return CaseStep.FIX if case.kind is CaseKind.REPAIR else CaseStep.CLOSE
