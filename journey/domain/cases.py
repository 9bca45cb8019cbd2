"""What everybody else asks about the repairs and complaints of a journey: which are open, how grave, since when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from journey.domain.case_facts import Case
from journey.domain.case_values import CaseKind, ComplaintSeverity, Severity
from journey.domain.facts import Facts

MAJOR: Final = frozenset({ComplaintSeverity.MAJOR.value, ComplaintSeverity.MASS.value})


def open_cases(j: Facts) -> Sequence[Case]:
    """Repairs and complaints of this journey that nobody accepted yet: a journey with one of them is not over."""
    return [case for case in j.cases.by_id.values() if case.closed is None and case.transferred is None]


def open_major_complaint(j: Facts) -> bool:
    """Whether a major or mass complaint (C-2, C-3) is open: no greeting goes out then (C7)."""
    return any(case.kind is CaseKind.COMPLAINT and class_of(case, j) in MAJOR for case in open_cases(j))


def last_emergency(j: Facts) -> datetime | None:
    """When the last emergency repair (R-P1) was reported or reopened, if there was one."""
    found = [
        each.began.at
        for case in j.cases.of(CaseKind.REPAIR)
        if case.severity == Severity.EMERGENCY.value
        for each in case.rounds
    ]
    return max(found, default=None)


def class_of(case: Case, j: Facts, rounds: int | None = None) -> str:
    """The class by which a case is served, after so many rounds (all of them when None).

    A complaint that came back too often is a major one (C2).
    """
    if case.kind is CaseKind.COMPLAINT and case.severity == ComplaintSeverity.GENERAL.value:
        numbers = j.pack.complaint
        reopened = (len(case.rounds) if rounds is None else rounds) - 1
        if numbers is not None and reopened >= numbers.major_after:
            return ComplaintSeverity.MAJOR.value
    return case.severity
