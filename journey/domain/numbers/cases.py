"""Numbers of repairs and complaints: the clocks of every class (C2), the ladder (C3), pauses and callbacks."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from journey.domain.case_values import CaseStep, ComplaintSeverity
from journey.domain.clocks import ClockKind
from journey.domain.numbers.base import Duty, Numbers, Text
from journey.domain.periods import Period

Times = Annotated[int, Field(strict=True, ge=1)]


class Clock(Duty):
    """A cell of C2: `within` is counted as `clock` says, from what began the round."""

    clock: ClockKind


class Update(Clock):
    """The owner is told how far it is, `within` the last news; the task opens `opens` before that."""

    opens: Period


class Level(Duty):
    """A step of the ladder (C3): what raises a case to it; `within` is the time to take it over.

    `overdue` counts from the due of the whole case; null where the post is told by the overdue work itself.
    """

    overdue: Period | None
    reopened: Times | None
    reassigned: Times | None
    asked: Times | None


class Steps(Numbers):
    """The clocks of one class: a field for each step that it has."""

    @property
    def clocks(self) -> Mapping[CaseStep, Clock]:
        """Every clock by its step."""
        return {CaseStep(name.replace("_", "-")): getattr(self, name) for name in type(self).model_fields}


class VisitSteps(Steps):
    """R-P2, R-P3, R-P4."""

    acknowledge: Clock
    on_site: Clock
    fix: Clock


class EmergencySteps(VisitSteps):
    """R-P1."""

    contain: Clock


class ComplexSteps(VisitSteps):
    """R-P5."""

    plan: Clock


class RepairSteps(Numbers):
    """By class."""

    emergency: EmergencySteps
    urgent: VisitSteps
    general: VisitSteps
    contractor: VisitSteps
    complex: ComplexSteps


class RepairUpdates(Numbers):
    """By class; the owner of a general repair hears of each step, not by a clock."""

    emergency: Update
    urgent: Update
    contractor: Update
    complex: Update


class Trades(Numbers):
    """Days to fix what needs a contractor (R-P4), by category, else by component."""

    lift: Period
    electrical: Period
    weak_current: Period
    door_window: Period
    plumbing: Period
    fire: Period
    heating_cooling: Period
    finishing: Period
    decoration: Period
    waterproofing: Period
    wet_room: Period
    roof_waterproof: Period
    exterior_seepage: Period
    structure: Period

    def days(self, code: str | None) -> Period | None:
        """The days of a category or component; None for what no trade is named for."""
        found: Period | None = getattr(self, (code or "").replace("-", "_"), None) if code else None
        return found if isinstance(found, Period) else None


class CaseNumbers(Numbers):
    """What repairs and complaints share."""

    level_1: Level
    level_2: Level
    level_3: Level
    pause_limit: Period
    dispute: Duty
    callback: Duty

    def clocks(self, severity: str) -> Mapping[CaseStep, Clock]:
        """The clocks of a class."""
        steps = getattr(getattr(self, "steps", None), severity, None)
        return steps.clocks if isinstance(steps, Steps) else {}

    def update(self, severity: str) -> Update | None:
        """When the owner hears of it again; None for a class without such a clock."""
        found = getattr(getattr(self, "updates", None), severity, None)
        return found if isinstance(found, Update) else None


class RepairNumbers(CaseNumbers):
    """Numbers of `stages/repair.py`."""

    steps: RepairSteps
    updates: RepairUpdates
    trades: Trades
    slot_tolerance: Period
    reminder: Text
    accept: Duty


class GeneralSteps(Steps):
    """C-1."""

    acknowledge: Clock
    reply: Clock
    plan: Clock
    close: Clock


class MajorSteps(GeneralSteps):
    """C-2."""

    inform: Clock


class MassSteps(Steps):
    """C-3."""

    acknowledge: Clock
    inform: Clock
    team: Clock
    reply: Clock
    text: Clock
    close: Clock


class OfficialSteps(Steps):
    """C-4."""

    reply: Clock
    plan: Clock
    close: Clock


class ComplaintSteps(Numbers):
    """By class."""

    general: GeneralSteps
    major: MajorSteps
    mass: MassSteps
    official: OfficialSteps


class ComplaintUpdates(Numbers):
    """By class; what an authority handed over is answered on its own days."""

    general: Update
    major: Update
    mass: Update


class ComplaintNumbers(CaseNumbers):
    """Numbers of `stages/complaint.py`. `major_after`: reopened so often, a complaint is a major one."""

    steps: ComplaintSteps
    updates: ComplaintUpdates
    major_after: Times
    at_group: tuple[ComplaintSeverity, ...]
