"""Whether a home is ready to go over to the property company: tasks on time, nothing open at the group (domain I)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from journey.domain.case_values import CaseKind, CaseLevel
from journey.domain.cases import open_cases
from journey.domain.casework import level_of
from journey.domain.entries import RUNNING, Entry, State
from journey.domain.facts import Facts
from journey.domain.numbers.cases import CaseNumbers
from journey.domain.numbers.occupancy import Takeover
from journey.domain.periods import Period
from journey.domain.reasons import Reason
from journey.domain.reported import end_of

AT_THE_GROUP: Final = frozenset({CaseLevel.L2, CaseLevel.L3})
_ENDED: Final = frozenset({State.DONE, State.SERVED, State.FAILED})


@dataclass(frozen=True, slots=True)
class Readiness:
    """How the home stands, by its own ledger; an open case at the group or above is named with its level."""

    on_time: int
    due: int
    at_the_group: Mapping[str, CaseLevel]
    wanted: Takeover

    @property
    def percent(self) -> int:
        """The share of tasks that were on time; all of none."""
        return self.on_time * 100 // self.due if self.due else 100

    @property
    def ready(self) -> bool:
        """Whether nothing stands against it."""
        return self.percent >= self.wanted.on_time_percent and not self.at_the_group

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """What the person who decides is told."""
        months, wanted = self.wanted.months, self.wanted.on_time_percent
        counted = {"on_time": self.on_time, "due": self.due, "percent": self.percent, "months": months}
        told = Reason("on-time-share", {**counted, "wanted": wanted}) if self.due else Reason("none-due", counted)
        return told, *(Reason("at-the-group", {"case": case, "level": at}) for case, at in self.at_the_group.items())

    @property
    def params(self) -> dict[str, Any]:
        """The same for whoever works with the numbers."""
        return {"ready": self.ready, "on_time": self.on_time, "due": self.due, "open_cases": list(self.at_the_group)}


def readiness(j: Facts, wanted: Takeover) -> Readiness:
    """How the home stands now. Tasks due in the last months count, those still open and overdue as late."""
    since = j.shift(j.now, Period(months=-wanted.months))
    due = [one for one in j.record.entries.values() if one.task and one.due and since < one.due <= j.now]
    told = [one for one in (_as_reported(one, j) for one in due) if one.state in _ENDED | RUNNING]
    return Readiness(sum(map(_on_time, told)), len(told), _at_the_group(j), wanted)


def _as_reported(entry: Entry, j: Facts) -> Entry:
    """A task as this plan leaves it: what was reported of it has ended it."""
    ended = end_of(entry, j) if entry.running else None
    return replace(entry, state=ended[0], at=ended[1]) if ended is not None else entry


def _on_time(entry: Entry) -> bool:
    return entry.state in _ENDED and entry.due is not None and entry.at <= entry.due


def _at_the_group(j: Facts) -> Mapping[str, CaseLevel]:
    numbers: Mapping[CaseKind, CaseNumbers | None] = {
        CaseKind.REPAIR: j.pack.repair, CaseKind.COMPLAINT: j.pack.complaint,
    }  # fmt: skip
    levels = {case.id: level_of(case, j, served) for case in open_cases(j) if (served := numbers.get(case.kind))}
    return {case: level for case, level in levels.items() if level in AT_THE_GROUP}
