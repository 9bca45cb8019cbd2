"""Repairs 维修: every defect that an owner reports, at any hour, from the report to the callback (C2, C3).

Opened by `defect.reported`, of any stage; a report after the end of its cover is taken too, and marked. Ended by the
owner's acceptance, or our counter-signature of a good repair; reopened by `case.reopened` or an owner who says on the
phone that he is not satisfied. Letters to contractors, third parties and back-charges are not asked for here.
"""

from journey.domain.asking import message, met_by, task
from journey.domain.case_asks import about, callbacks, disputes, levels, steps, updates
from journey.domain.case_facts import Case
from journey.domain.case_values import CaseKind, CaseStep, Severity
from journey.domain.facts import Facts
from journey.domain.numbers.cases import RepairNumbers
from journey.domain.rules import Items, rule
from journey.domain.values import ItemKind, Role

KIND = CaseKind.REPAIR


def fixer(case: Case) -> Role:
    """Who fixes it (A035, A104): the contractor, the warranty office for what is complex, else the property."""
    by_class = {Severity.CONTRACTOR.value: Role.CONTRACTOR, Severity.COMPLEX.value: Role.WARRANTY_OFFICE}
    return by_class.get(case.severity, Role.PROPERTY_CS)


@rule("repair.acknowledge", zh="报修受理", asks="A024 A414 A106", since="2026.2", after_closing=True, serves=KIND)
def acknowledge(j: Facts, n: RepairNumbers) -> Items:
    """A report is questioned, classified, recorded and answered within minutes; anew by whoever it is passed on to."""
    return steps(j, n, KIND, CaseStep.ACKNOWLEDGE, by=Role.PROPERTY_CS)


@rule("repair.on-site", zh="上门诊断", asks="A025 A416", since="2026.2", after_closing=True, serves=KIND)
def on_site(j: Facts, n: RepairNumbers) -> Items:
    """Somebody comes and looks, within the hours of the class or at the booked slot."""
    return steps(j, n, KIND, CaseStep.ON_SITE, by=Role.PROPERTY_CS, work=ItemKind.VISIT)


@rule("repair.contain", zh="控制险情", asks="A415", since="2026.2", after_closing=True, serves=KIND)
def contain(j: Facts, n: RepairNumbers) -> Items:
    """In an emergency the danger is stopped before anything is repaired."""
    return steps(j, n, KIND, CaseStep.CONTAIN, by=Role.PROPERTY_CS)


@rule("repair.plan", zh="维修方案", asks="A013 A035", since="2026.2", after_closing=True, serves=KIND)
def plan(j: Facts, n: RepairNumbers) -> Items:
    """What is complex gets a plan that the owner knows, before the work begins."""
    return steps(j, n, KIND, CaseStep.PLAN, by=Role.WARRANTY_OFFICE)


@rule("repair.fix", zh="修复", asks="A013 A026 A411", since="2026.2", after_closing=True, serves=KIND)
def fix(j: Facts, n: RepairNumbers) -> Items:
    """It is repaired, once and for all, within the days of its class or trade."""
    return steps(j, n, KIND, CaseStep.FIX, by=fixer)


@rule("repair.accept", zh="维修验收签字", asks="A418", since="2026.2", after_closing=True, serves=KIND)
def accept(j: Facts, n: RepairNumbers) -> Items:
    """The owner signs for the repair; a good one that he does not sign is counter-signed, with evidence."""
    for case in j.cases.of(KIND):
        for each in case.rounds:
            fixed = each.steps.get(CaseStep.FIX)
            if fixed is not None and (each is case.current or each.closed is not None):
                yield task(
                    case.id, fixed, j.after(fixed, n.accept.within), n.accept, by=Role.PROPERTY_CS,
                    occurrence=each.name, met=met_by(each.closed), params=about(case, j),
                )  # fmt: skip


@rule("repair.dispute", zh="维修争议判定", asks="A418", since="2026.2", after_closing=True, serves=KIND)
def dispute(j: Facts, n: RepairNumbers) -> Items:
    """The manager of engineering decides a dispute: it is good and counter-signed, or it is reopened."""
    return disputes(j, n, KIND, by=Role.ENGINEERING)


@rule("repair.update", zh="告知维修进展", asks="A024 A439", since="2026.2", after_closing=True, serves=KIND)
def update(j: Facts, n: RepairNumbers) -> Items:
    """The owner hears how far it is before he has to ask."""
    return updates(j, n, KIND, by=Role.PROPERTY_CS)


@rule("repair.escalation", zh="维修升级", asks="A103 A111 C3", since="2026.2", after_closing=True, serves=KIND)
def escalation(j: Facts, n: RepairNumbers) -> Items:
    """Reopened, passed on, overdue or on the owner's word: developer CS, then the group's 400, then the manager."""
    return levels(j, n, KIND)


@rule("repair.appointment-reminder", zh="预约上门提醒", asks="A416", since="2026.2", after_closing=True, serves=KIND)
def appointment_reminder(j: Facts, n: RepairNumbers) -> Items:
    """The owner is reminded of a booked repair the day before."""
    for case in j.cases.of(KIND):
        booked = case.current.booked
        if booked is not None and case.current.met(CaseStep.ON_SITE) is None:
            anchor, slot = booked
            yield message(
                case.id, anchor, j.shift(slot, n.reminder.within), n.reminder.window, occurrence=anchor.event,
                closes=slot, params=about(case, j) | {"slot": slot.isoformat()},
            )  # fmt: skip


@rule("repair.callback", zh="维修回访", asks="A411 A412", since="2026.2", after_closing=True)
def callback(j: Facts, n: RepairNumbers) -> Items:
    """Every finished repair is called back within two days; not satisfied reopens it."""
    return callbacks(j, n, KIND, by=Role.PROPERTY_CS)
