"""What rules ask for on repairs and complaints alike: steps, updates, levels, disputes, callbacks."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from journey.domain import calendar as days
from journey.domain.asking import met_by
from journey.domain.case_facts import Case, Round
from journey.domain.case_folding import shares
from journey.domain.case_values import CaseKind, CaseLevel, CaseStep
from journey.domain.cases import class_of
from journey.domain.casework import StepClock, clocks, count, raised
from journey.domain.clocks import at, local_date
from journey.domain.facts import Facts
from journey.domain.items import Anchor, Ask
from journey.domain.numbers.cases import CaseNumbers
from journey.domain.reasons import Reason
from journey.domain.values import ItemKind, MessageClass, Role
from journey.domain.warranty import reported_in_cover

Post = Role | Callable[[Case], Role]
AT_LEVEL = {
    CaseLevel.L1: Role.DEVELOPER_CS,
    CaseLevel.L2: Role.GROUP_CS,
    CaseLevel.L3: Role.GENERAL_MANAGER,
}


def steps(
    j: Facts, n: CaseNumbers, kind: CaseKind, step: CaseStep, *, by: Post, work: ItemKind = ItemKind.TASK
) -> Iterator[Ask]:
    """A step of every case of a kind whose class has it, due when its clock says: to the minute, on any day."""
    for case in j.cases.of(kind):
        for clock in clocks(case, j, n):
            if clock.step is step:
                yield _step(clock, j, by=by, work=work)


def _step(clock: StepClock, j: Facts, *, by: Post, work: ItemKind) -> Ask:
    case = clock.case
    return Ask(
        kind=work, subject=case.id, anchor=clock.head, last=clock.due, duty=clock.duty, role=_post(case, by),
        occurrence=clock.name, message_class=_class(work), met=met_by(clock.met),
        because=(*clock.because, *_cover(case, j)), params=about(case, j),
    )  # fmt: skip


def updates(j: Facts, n: CaseNumbers, kind: CaseKind, *, by: Post) -> Iterator[Ask]:
    """Until a case is fixed or closed the owner hears of it again and again, so long after the last news."""
    for case in j.cases.of(kind):
        duty = n.update(class_of(case, j))
        if duty is None or case.closed is not None or CaseStep.FIX in case.current.steps:
            continue
        last = count(case, max(case.news.at, case.news.known_at), duty.within, duty, j)
        yield Ask(
            kind=ItemKind.TASK, subject=case.id, anchor=case.news, last=last, duty=duty, role=_post(case, by),
            occurrence=case.current.named(case.news), message_class=MessageClass.INTERNAL, lead=duty.opens,
            params=about(case, j),
        )  # fmt: skip


def levels(j: Facts, n: CaseNumbers, kind: CaseKind) -> Iterator[Ask]:
    """The post of a level that a case was raised to takes it over; it is told until the case is closed."""
    numbers = {CaseLevel.L1: n.level_1, CaseLevel.L2: n.level_2, CaseLevel.L3: n.level_3}
    for case in j.cases.of(kind):
        for one in raised(case, j, n):
            if one.told_by_step:
                continue
            duty, told = numbers[one.level], max(one.at, one.by.known_at)
            closed = case.closed if case.closed is not None and case.closed.at >= one.at else None
            yield Ask(
                kind=ItemKind.TASK, subject=case.id, anchor=replace(one.by, known_at=told), lead=duty.within,
                last=j.shift(told, duty.within), duty=duty, role=AT_LEVEL[one.level], occurrence=one.level.value,
                message_class=MessageClass.INTERNAL, met=met_by(closed),
                because=(Reason("raised", {"level": one.level.value, "why": one.why}),), params=about(case, j),
            )  # fmt: skip


def disputes(j: Facts, n: CaseNumbers, kind: CaseKind, *, by: Role) -> Iterator[Ask]:
    """A case whose result the owner disputes is decided: accepted all the same, or reopened."""
    for case in j.cases.of(kind):
        for each, following in zip(case.rounds, [*case.rounds[1:], None], strict=True):
            if each.disputed is not None:
                ended = each.closed or (following.began if following is not None else None)
                yield Ask(
                    kind=ItemKind.TASK, subject=case.id, anchor=each.disputed, duty=n.dispute, role=by,
                    last=j.after(each.disputed, n.dispute.within), occurrence=each.disputed.event,
                    message_class=MessageClass.INTERNAL, met=met_by(ended), params=about(case, j),
                )  # fmt: skip


def callbacks(j: Facts, n: CaseNumbers, kind: CaseKind, *, by: Role) -> Iterator[Ask]:
    """Every case is called back within two days of its end; those that ended together share one call (A411, I)."""
    for group in ended_together(j, kind, n.callback.within.as_timedelta(), _finished):
        yield from _callback(j, n, group[0].current, group, by)
    for case in j.cases.of(kind):
        for each in case.rounds[:-1]:
            if each.led:  # it reached the owner, and brought the case back
                yield from _callback(j, n, each, [case], by)


def _callback(j: Facts, n: CaseNumbers, each: Round, group: Sequence[Case], by: Role) -> Iterator[Ask]:
    done = each.finished
    assert done is not None  # ended
    known = max(done.at, done.known_at)
    last, because = callable_by(known, known + n.callback.within.as_timedelta(), j)
    yield Ask(
        kind=ItemKind.CALL, subject=j.episode, anchor=replace(done, on=local_date(done.at, j.zone)), last=last,
        duty=n.callback, role=by, occurrence=each.name, met=met_by(each.called), because=because,
        params=about(group[0], j) | {"cases": [case.id for case in group]},
    )  # fmt: skip


def _finished(each: Round) -> Anchor | None:
    return each.finished


def ended_together(
    j: Facts, kind: CaseKind, within: timedelta, ended: Callable[[Round], Anchor | None]
) -> Sequence[Sequence[Case]]:
    """Cases of one home in the order of their ends, each with those that ended so soon after it, before the call."""
    groups: list[list[Case]] = []
    found = [(case, end) for case in j.cases.of(kind) if (end := ended(case.current)) is not None]
    for case, _ in sorted(found, key=lambda pair: (pair[1].at, pair[1].event)):
        called = groups[-1][0].current.called if groups else None
        if groups and shares(case, groups[-1][0], within, called.at if called else None):
            groups[-1].append(case)
        else:
            groups.append([case])
    return groups


def callable_by(known: datetime, due: datetime, j: Facts) -> tuple[datetime, tuple[Reason, ...]]:
    """The due of a call that is counted to the minute, out of public holidays as every contact is (C0, `domain.md` I).

    It is pulled to the last working day before them while that lies ahead of what is `known`. One that cannot be pulled
    before 除夕–初三 waits for the first working hour after that holiday; inside any other one it stays.
    """
    day = local_date(due, j.zone)
    was = {"was": day.isoformat()}
    before = days.contact_day(day, j.calendar)
    pulled = at(before, j.pack.time.task_due, j.zone)
    if before < day and pulled >= known:
        return pulled, (Reason("pulled-before-holiday", was),)
    if not (j.calendar.is_no_call(day) or days.over_no_call(before, day, j.calendar)):
        return due, ()
    first = days.first_working_day_after_no_call(day, j.calendar)
    opening = at(first, j.pack.time.office_hours[0][0], j.zone)
    return opening + timedelta(hours=1), (Reason("pushed-after-festival", was),)


def about(case: Case, j: Facts) -> dict[str, Any]:
    """What an item of a case carries: ids and codes only."""
    person = {"person": case.person} if case.person is not None else {}
    moved = {"reassigned": case.reassigned[-1].event} if case.post is not None else {}
    return {"case": case.id, "class": class_of(case, j), **person, **moved}


def _post(case: Case, by: Post) -> Role:
    """Whoever the case was given to, else the post of the step."""
    if case.post is not None:
        return case.post
    return by if isinstance(by, Role) else by(case)


def _class(work: ItemKind) -> MessageClass:
    return MessageClass.CONTRACT if work in (ItemKind.VISIT, ItemKind.CALL) else MessageClass.INTERNAL


def _cover(case: Case, j: Facts) -> tuple[Reason, ...]:
    """A report after the end of its cover is served all the same, and says so."""
    cover = j.cover(case.component) if case.component else None
    if cover is None or cover.owner_ends is None or reported_in_cover(cover, case.opened.at, j.zone) is not False:
        return ()
    return (Reason("out-of-cover", {"component": cover.component, "ends": cover.owner_ends.isoformat()}),)
