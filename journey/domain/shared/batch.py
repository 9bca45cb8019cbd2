"""A handover batch 交付批次: people, inspections, conditions, the gate «ready to hand over», what it taught.

All of it hangs on the first day of the window, or on the contract date while no window is planned. The gate of a batch
with a window holds the handover notices of its homes (`journey/domain/gates.py`).

Tasks of gates are reported done by telling that the gate passed: the door makes that fact of the result.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from journey.domain.agendas import AgendaKind
from journey.domain.asking import met_by, task
from journey.domain.gates import PASSED, Round
from journey.domain.items import Anchor
from journey.domain.numbers.base import Duty
from journey.domain.numbers.batch import BatchNumbers
from journey.domain.periods import Period
from journey.domain.reasons import Reason
from journey.domain.rules import Items, rule
from journey.domain.shared.facts import BatchFacts
from journey.domain.shared.gates import gate_items
from journey.domain.values import Gate, Milestone, Role

BATCH = AgendaKind.BATCH
A_DAY = timedelta(days=1)
A_WEEK = timedelta(days=7)
POSTS: dict[str, Role] = {  # who sees to a condition; one that a pack adds is the project's customer service's
    Gate.COMPLETION_FILED: Role.ENGINEERING,
    Gate.UNIT_ACCEPTANCE: Role.ENGINEERING,
    Gate.SEVERE_SNAGS: Role.ENGINEERING,
    Gate.OPEN_SNAGS: Role.ENGINEERING,
    Gate.TWO_BOOKS: Role.PROJECT_CS,
    Gate.MEASURED_REPORT: Role.ENGINEERING,
    Gate.REHEARSAL: Role.PROJECT_CS,
}


def _gate(b: BatchFacts, day: Anchor, gate: str, duty: Duty, *, by: Role, **more: int) -> Items:
    """Something to be judged good by a day counted back from the first day of the window.

    Whoever says that the whole is good has said it of each condition; who only lets it go has not.
    """
    params = {"gate": gate, "scope": {"batch": b.shared.code}, **more}
    last, rounds, whole = b.after(day, duty.within), list(b.rounds(gate)), b.record.batch.gates.get(Gate.READY)
    if rounds[-1].passed is None and whole is not None and whole.state == PASSED and b.is_ready:
        rounds[-1] = Round(rounds[-1].failed, whole)
    yield from gate_items(b, day, last, duty, rounds, by=by, occurrence=gate, params=params)


def _weeks(b: BatchFacts, first: date, before: date) -> Iterator[date]:
    """The Mondays of the weeks that begin from `first` to a day, those long over left out: last week's still counts."""
    monday = first + timedelta(days=-first.weekday() % 7)
    while monday < before:
        if not b.begun(monday + 2 * A_WEEK):
            yield monday
        monday += A_WEEK


def _at(b: BatchFacts, day: Anchor, offset: Period, duty: Duty, *, by: Role, occurrence: str = "once") -> Items:
    """Work whose day is counted from the first day of the window; the duty's own period is not counted again."""
    yield task(b.episode, day, b.after(day, offset), duty, by=by, occurrence=occurrence)


@rule("batch.window", zh="排定集中交付时段", asks="C1 A433", since="2026.2", of=BATCH)
def window(b: BatchFacts, n: BatchNumbers) -> Items:
    """A batch that has only its contract date gets the days on which its homes are handed over."""
    owed, first = b.record.batch.contract_handover, b.handover_from
    if owed is not None:
        yield task(b.episode, owed, b.after(owed, n.window.within), n.window, by=Role.PROJECT_CS, met=met_by(first))


@rule("batch.quality-group", zh="组建质量管控小组", asks="A007", since="2026.2", of=BATCH)
def quality_group(b: BatchFacts, n: BatchNumbers) -> Items:
    """The batch gets its quality control group: head of engineering, project manager, marketing customer service."""
    if day := b.handover_day:
        yield from _at(b, day, n.quality_group.within, n.quality_group, by=Role.ENGINEERING)


@rule("batch.site-specialist", zh="客服专员驻场", asks="A010", since="2026.3", of=BATCH)
def site_specialist(b: BatchFacts, n: BatchNumbers) -> Items:
    """A specialist of customer service is on site until the handover, for what cannot wait."""
    if (day := b.handover_day) and n.site_specialist is not None:
        yield from _at(b, day, n.site_specialist.within, n.site_specialist, by=Role.PROJECT_CS)


@rule("batch.weekly-meeting", zh="交付前问题周例会", asks="A011", since="2026.3", of=BATCH)
def weekly_meeting(b: BatchFacts, n: BatchNumbers) -> Items:
    """Each week before the handover the property company's findings are gone through, to be solved by then."""
    day, numbers = b.handover_day, n.weekly_meeting
    if day is None or numbers is None:
        return
    for monday in _weeks(b, b.day_of(b.after(day, numbers.begins)), day.on):
        begun = replace(day, known_at=max(day.known_at, b.begins(monday)))
        last = min(b.day_of(b.shift(monday, numbers.within)), day.on - A_DAY)
        if b.calendar.working_day_on_or_before(last) >= monday:  # no meeting in a week of holidays
            year, week, _ = monday.isocalendar()
            yield task(b.episode, begun, last, numbers, by=Role.PROJECT_CS, occurrence=f"{year}-w{week:02}")


@rule("batch.reserve", zh="交付前查验整改时间不足", asks="A006", since="2026.2", of=BATCH)
def reserve(b: BatchFacts, n: BatchNumbers) -> Items:
    """Too few days between completion acceptance and handover block the batch, until it moves or is let go."""
    completed, day, short = b.record.batch.completion, b.handover_day, b.reserve_missing
    if completed is not None and day is not None and short:
        known = max(completed, day, key=lambda anchor: anchor.known_at)
        last = b.shift(b.day_of(known.known_at), n.reserve_short.within)
        yield from gate_items(
            b, known, last, n.reserve_short, b.rounds(Gate.RESERVE), by=Role.ENGINEERING,
            occurrence=Gate.RESERVE.value,
            because=(Reason("reserve-short", {"days": short, "on": day.on.isoformat()}),),
            params={"gate": Gate.RESERVE.value, "scope": {"batch": b.shared.code}, "days": short},
        )  # fmt: skip


@rule("batch.pre-inspection", zh="交付前预验房", asks="A320 A008 C1", since="2026.2", of=BATCH)
def pre_inspection(b: BatchFacts, n: BatchNumbers) -> Items:
    """Every unit is inspected in rounds before the handover."""
    if day := b.handover_day:
        for offset in n.pre_inspections:
            yield from _at(b, day, offset, n.pre_inspection, by=Role.PROPERTY_CS, occurrence=offset.label)


@rule("batch.snag-closure", zh="预验问题整改销项", asks="A320 A010 C1", since="2026.2", of=BATCH)
def snag_closure(b: BatchFacts, n: BatchNumbers) -> Items:
    """What a round of inspection found is put right, and closed, before the next one."""
    if day := b.handover_day:
        for offset in n.pre_inspections:
            inspected = b.after(day, offset)
            closed = b.shift(inspected, n.snag_closure.within)
            last = min(b.day_of(closed), day.on - A_DAY)
            yield task(b.episode, day, last, n.snag_closure, by=Role.ENGINEERING, occurrence=offset.label)


@rule("batch.condition", zh="交付条件逐项确认", asks="C1 A320 A433 A434", since="2026.2", of=BATCH)
def condition(b: BatchFacts, n: BatchNumbers) -> Items:
    """Each condition of the handover is confirmed in its own name (质量条例 art. 16, 开发条例 art. 17 and 30)."""
    if day := b.handover_day:
        for gate in n.conditions:
            more = {"limit": n.open_snags_per_unit} if gate == Gate.OPEN_SNAGS else {}
            yield from _gate(b, day, gate, n.condition, by=POSTS.get(gate, Role.PROJECT_CS), **more)


@rule("batch.ready", zh="交付条件总确认", asks="C1 A006 A320", since="2026.2", of=BATCH)
def ready(b: BatchFacts, n: BatchNumbers) -> Items:
    """The gate «ready to hand over» passes before the month's notice: with its last condition, or by a named word."""
    found, day = b.readiness, b.handover_day
    if day is None or found is None:
        return
    rounds = list(b.rounds(Gate.READY))
    if rounds[-1].passed is None and found.ready:
        rounds[-1] = Round(rounds[-1].failed, found.by)
    open_ones = () if found.ready else found.failed or found.missing
    yield from gate_items(
        b, day, b.after(day, n.ready.within), n.ready, rounds, by=Role.PROJECT_CS, occurrence=Gate.READY.value,
        because=(Reason("waits-for-gate", {"gates": list(open_ones)}),) if open_ones else (),
        params={"gate": Gate.READY.value, "scope": {"batch": b.shared.code}},
    )  # fmt: skip


@rule("batch.emergency-plan", zh="交付应急预案", asks="A433", since="2026.2", of=BATCH)
def emergency_plan(b: BatchFacts, n: BatchNumbers) -> Items:
    """The emergency plan of the handover days is there before them."""
    if day := b.handover_day:
        yield from _at(b, day, n.emergency_plan.within, n.emergency_plan, by=Role.PROJECT_CS)


@rule("batch.display", zh="现场公示与交付资料布置", asks="A434", since="2026.2", of=BATCH)
def display(b: BatchFacts, n: BatchNumbers) -> Items:
    """The process, the completion papers and the 实测报告 are on display when the handover begins."""
    if day := b.handover_day:
        yield from _at(b, day, n.display.within, n.display, by=Role.PROJECT_CS)


@rule("batch.lessons-learned", zh="交付总结", asks="A433", since="2026.2", of=BATCH)
def lessons_learned(b: BatchFacts, n: BatchNumbers) -> Items:
    """After the window what it taught is written down."""
    if day := b.handover_day:
        last = b.handover_to or day.on
        yield task(b.episode, day, b.shift(last, n.lessons_learned.within), n.lessons_learned, by=Role.PROJECT_CS)


@rule("batch.open-day", zh="筹备工地开放日", asks="A316 A432 C1", since="2026.2", of=BATCH)
def open_day(b: BatchFacts, n: BatchNumbers) -> Items:
    """Three open days are prepared: after topping out, the last look at the works, and one before the handover."""
    topped = b.reached(Milestone.TOPPED_OUT)
    if topped is not None:
        yield from _at(
            b, topped, n.open_day_first.within, n.open_day_first, by=Role.PROJECT_CS, occurrence="topped-out"
        )
    if day := b.handover_day:
        for name, duty in (("final-look", n.open_day_second), ("before-handover", n.open_day_third)):
            yield from _at(b, day, duty.within, duty, by=Role.PROJECT_CS, occurrence=name)
