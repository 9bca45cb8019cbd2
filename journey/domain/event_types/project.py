"""Facts about a project, a phase, a batch or a building: told to the project."""

from typing import Annotated, Any

from pydantic import ValidationInfo, field_validator

from journey.domain.event_types.base import PROJECT, Anything, EventType, On
from journey.domain.event_types.fields import FOLDED, Code, Codes, Day, Notice, OwnWords, Text, refuse
from journey.domain.values import Milestone


class MilestoneData(On):
    milestone: Annotated[Milestone, FOLDED]


class BatchPlanned(Anything):
    """Without any day the batch waits to be told one (`parked`)."""

    batch: Code
    buildings: Codes
    handover_from: Day | None = None
    handover_to: Day | None = None
    contract_handover_date: Day | None = None
    completion_accepted_on: Day | None = None

    @field_validator("handover_to")
    @classmethod
    def _not_before_its_start(cls, value: Day | None, info: ValidationInfo) -> Day | None:
        start = info.data.get("handover_from")
        if start and value and value < start:
            raise refuse("wrong-order", after=start)
        return value


class BatchRescheduled(BatchPlanned):
    handover_from: Day
    handover_to: Day


class GateJudged(Anything):
    gate: Code


class GateOverridden(GateJudged):
    """A person lets go what waits for a gate, in his own name."""

    by: Code
    reason: OwnWords


class EmergencyDeclared(Anything):
    """`scope` is `project`, or an object with one of phase, batch, building: an alarm never goes out by omission.

    `text` is what owners read, word for word, on every channel: short enough for a text message to carry.
    """

    text: Notice
    scope: Any
    by: Code | None = None

    @field_validator("scope")
    @classmethod
    def _names_a_place(cls, value: Any) -> Any:
        if value == "project" or isinstance(value, dict):
            return value
        raise refuse("required" if value is None else "not-an-object")


class ActivityPlanned(Anything):
    title: Text | None = None
    text: Text | None = None


TYPES = (
    EventType("sales.opening_planned", "project", "开盘计划", "Sales opening planned", On, PROJECT),
    EventType("milestone.planned", "project", "工程节点计划", "Milestone planned", MilestoneData, PROJECT),
    EventType("milestone.reached", "project", "工程节点达成", "Milestone reached", MilestoneData, PROJECT),
    EventType("batch.planned", "project", "交付批次计划", "Handover batch planned", BatchPlanned, PROJECT),
    EventType("batch.rescheduled", "project", "交付批次改期", "Handover batch rescheduled", BatchRescheduled, PROJECT),
    EventType("gate.passed", "project", "关卡通过", "Gate passed", GateJudged, PROJECT),
    EventType("gate.failed", "project", "关卡未通过", "Gate failed", GateJudged, PROJECT),
    EventType("gate.overridden", "project", "关卡放行", "Gate overridden", GateOverridden, PROJECT),
    EventType("emergency.declared", "project", "紧急情况通告", "Emergency declared", EmergencyDeclared, PROJECT),
    EventType("activity.planned", "project", "活动计划", "Activity planned", ActivityPlanned, PROJECT),
)
