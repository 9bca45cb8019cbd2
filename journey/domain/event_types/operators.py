"""What operators decide: skip, redo, move, assign, settle an unknown outcome, cancel."""

from typing import Annotated

from journey.domain.event_types.base import BOTH, PROJECT, Anything, EventType
from journey.domain.event_types.fields import FOLDED, Code, Instant, OwnWords
from journey.domain.values import SendOutcome


class Decision(Anything):
    by: Code
    reason: OwnWords


class ItemDecision(Anything):
    key: Code
    by: Code
    reason: OwnWords


class ItemRescheduled(ItemDecision):
    to: Instant


class ItemDecided(ItemDecision):
    """`seen` is the entry that was decided on, as `state@instant`; a later unknown outcome needs a new decision."""

    outcome: Annotated[SendOutcome, FOLDED]
    seen: Code | None = None


class TaskAssigned(Decision):
    """`to` is a role, or else the name of a colleague."""

    task: Code
    to: Code


class GoLiveMoved(Decision):
    """`was` is what stood until then: kept by the door, whatever is told."""

    to: Instant
    was: Instant | None = None


TYPES = (
    EventType("item.skipped", "operators", "跳过事项", "Item skipped", ItemDecision, BOTH),
    EventType("item.redone", "operators", "重做事项", "Item redone", ItemDecision, BOTH),
    EventType("item.rescheduled", "operators", "事项改期", "Item rescheduled", ItemRescheduled, BOTH),
    EventType("item.decided", "operators", "认定结果", "Outcome decided", ItemDecided),
    EventType("task.assigned", "operators", "转派任务", "Task assigned", TaskAssigned, BOTH),
    EventType("journey.cancelled", "operators", "取消旅程", "Journey cancelled", Decision),
    EventType("go_live.moved", "operators", "上线时刻变更", "Go-live moved", GoLiveMoved, PROJECT),
)
