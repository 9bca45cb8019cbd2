"""A case as people and other systems are shown it (`interfaces.md`): ids, codes and instants."""

from collections.abc import Sequence
from typing import Any

from journey.domain.case_asks import AT_LEVEL
from journey.domain.case_facts import Case
from journey.domain.case_values import CaseLevel
from journey.domain.cases import class_of
from journey.domain.casework import clocks, level_of, raised
from journey.domain.facts import Facts
from journey.domain.numbers.cases import CaseNumbers
from journey.domain.warranty import reported_in_cover


def case_documents(j: Facts) -> Sequence[dict[str, Any]]:
    """Every case of a journey, in the order of the reports."""
    return [_document(case, j) for case in j.cases.by_id.values()]


def _document(case: Case, j: Facts) -> dict[str, Any]:
    numbers: CaseNumbers | None = getattr(j.pack, case.kind.value)
    closed = case.closed
    return {
        "id": case.id,
        "alias": case.alias,
        "kind": case.kind.value,
        "class": class_of(case, j),
        "category": case.category,
        "component": case.component,
        "cover": _cover(case, j),
        "person": case.person,
        "state": case.state(j.now),
        "level": (level_of(case, j, numbers) if numbers else CaseLevel.L0).value,
        "opened_at": case.opened.at.isoformat(),
        "closed_at": closed.at.isoformat() if closed else None,
        "reopened": [anchor.at.isoformat() for anchor in case.reopened],
        "reassigned": len(case.reassigned),
        "paused_until": next((p.end.isoformat() for p in case.pauses if p.begin <= j.now < p.end), None),
        "clocks": _clocks(case, j, numbers) if numbers else [],
        "steps": _steps(case, j, numbers) if numbers else [],
        "linked": list(case.linked),
    }


def _clocks(case: Case, j: Facts, n: CaseNumbers) -> list[dict[str, Any]]:
    rounds = {each.began.event: number for number, each in enumerate(case.rounds, 1)}
    handed = {one.event: number for number, each in enumerate(case.rounds, 1) for one in each.handed}
    return [
        {
            "round": (rounds | handed)[clock.head.event],
            "clock": clock.step.value,
            "due": clock.due.isoformat(),
            "at": clock.met.at.isoformat() if clock.met else None,
        }
        for clock in clocks(case, j, n)
    ]


def _steps(case: Case, j: Facts, n: CaseNumbers) -> list[dict[str, Any]]:
    """The ladder as far as it was climbed."""
    return [
        {"at": one.at.isoformat(), "step": "escalated", "to": AT_LEVEL[one.level].value, "level": one.level.value,
         "why": one.why}
        for one in raised(case, j, n)
    ]  # fmt: skip


def _cover(case: Case, j: Facts) -> str | None:
    """Whether its component was in cover when it was reported; None for what has none."""
    cover = j.cover(case.component) if case.component else None
    if cover is None:
        return None
    return {True: "in-cover", False: "out-of-cover", None: "cover-unknown"}[
        reported_in_cover(cover, case.opened.at, j.zone)
    ]
