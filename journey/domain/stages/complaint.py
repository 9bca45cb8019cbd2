"""Complaints 投诉: taken in kindly, passed on, followed, answered, closed with the owner's signature (A439; C2, C3).

Opened by `complaint.raised`, of any stage. Ended by `case.accepted`; one that is reopened three times is a major one.
Mass complaints of many homes have their own case at the project; a home's own complaint of that class is served here.
"""

from journey.domain.case_asks import callbacks, disputes, levels, steps, updates
from journey.domain.case_facts import Case
from journey.domain.case_values import CaseKind, CaseStep, ComplaintSeverity
from journey.domain.facts import Facts
from journey.domain.numbers.cases import ComplaintNumbers
from journey.domain.rules import Items, rule
from journey.domain.values import Role

KIND = CaseKind.COMPLAINT


def _front(j: Facts) -> Role:
    """Who the owner speaks to: the project before he has the keys, the property after it (A439)."""
    return Role.PROPERTY_CS if j.keys else Role.PROJECT_CS


def _above(case: Case) -> Role:
    """Who hears of it and finds the solution (C3)."""
    return Role.GROUP_CS if case.severity == ComplaintSeverity.MASS.value else Role.DEVELOPER_CS


@rule("complaint.acknowledge", zh="投诉受理", asks="A439 A408 A417", since="2026.2", after_closing=True, serves=KIND)
def acknowledge(j: Facts, n: ComplaintNumbers) -> Items:
    """A complaint is taken and recorded at any hour, within minutes."""
    return steps(j, n, KIND, CaseStep.ACKNOWLEDGE, by=_front(j))


@rule("complaint.inform", zh="重大投诉上报", asks="A408 C3", since="2026.2", after_closing=True, serves=KIND)
def inform(j: Facts, n: ComplaintNumbers) -> Items:
    """A major complaint is with developer CS within two hours, a mass one with the group within one."""
    return steps(j, n, KIND, CaseStep.INFORM, by=_above)


@rule("complaint.reply", zh="投诉首次答复", asks="A417", since="2026.2", after_closing=True, serves=KIND)
def reply(j: Facts, n: ComplaintNumbers) -> Items:
    """The owner has a first reply within 24 hours, on any day (24小时内给予回复)."""
    return steps(j, n, KIND, CaseStep.REPLY, by=_front(j))


@rule("complaint.team", zh="联合处理小组", asks="A105 C3", since="2026.2", after_closing=True, serves=KIND)
def team(j: Facts, n: ComplaintNumbers) -> Items:
    """A mass complaint gets a joint team within a day."""
    return steps(j, n, KIND, CaseStep.TEAM, by=Role.GROUP_CS)


@rule("complaint.plan", zh="投诉处理方案", asks="A408 A439", since="2026.2", after_closing=True, serves=KIND)
def plan(j: Facts, n: ComplaintNumbers) -> Items:
    """The owner is told how it will be solved."""
    return steps(j, n, KIND, CaseStep.PLAN, by=_above)


@rule("complaint.text", zh="统一答复口径", asks="C3", since="2026.2", after_closing=True, serves=KIND)
def text(j: Facts, n: ComplaintNumbers) -> Items:
    """All owners of a mass complaint hear one and the same answer."""
    return steps(j, n, KIND, CaseStep.TEXT, by=Role.GROUP_CS)


@rule("complaint.close", zh="投诉结案签字", asks="A412 A439", since="2026.2", after_closing=True, serves=KIND)
def close(j: Facts, n: ComplaintNumbers) -> Items:
    """It is solved, and the owner signs that he is satisfied."""
    return steps(j, n, KIND, CaseStep.CLOSE, by=_front(j))


@rule("complaint.dispute", zh="投诉复议", asks="A412 A103", since="2026.2", after_closing=True, serves=KIND)
def dispute(j: Facts, n: ComplaintNumbers) -> Items:
    """An owner who is not content with the answer is heard by developer CS."""
    return disputes(j, n, KIND, by=Role.DEVELOPER_CS)


@rule("complaint.update", zh="告知投诉进展", asks="A439", since="2026.2", after_closing=True, serves=KIND)
def update(j: Facts, n: ComplaintNumbers) -> Items:
    """The owner hears how far it is before he has to ask (及时跟踪、及时反馈)."""
    return updates(j, n, KIND, by=_front(j))


@rule("complaint.escalation", zh="投诉升级", asks="A103 C3", since="2026.2", after_closing=True, serves=KIND)
def escalation(j: Facts, n: ComplaintNumbers) -> Items:
    """Major and mass complaints stand before the group at once, the others when reopened, overdue or asked for."""
    return levels(j, n, KIND)


@rule("complaint.callback", zh="投诉回访", asks="A411 A412", since="2026.2", after_closing=True)
def callback(j: Facts, n: ComplaintNumbers) -> Items:
    """Every closed complaint is called back within two days; not satisfied reopens it."""
    return callbacks(j, n, KIND, by=Role.PROPERTY_CS)
