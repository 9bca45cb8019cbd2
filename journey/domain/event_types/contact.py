"""Results of work, messages and letters, surveys, open days."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationInfo, ValidatorFunctionWrapHandler, field_validator

from journey.domain.event_types.base import BOTH, PROJECT, Anything, EventType
from journey.domain.event_types.channels import AnyChannel
from journey.domain.event_types.fields import (
    FOLDED,
    PERSONAL,
    Code,
    Codes,
    Data,
    Day,
    Evidence,
    Instant,
    Minutes,
    OwnWords,
    offset_of,
    refuse,
)
from journey.domain.values import Failure, MessageClass, Proof, ReceiptState, TaskOutcome


def _answered(value: Any) -> Any:
    if not isinstance(value, dict | list):
        raise refuse("required" if value is None else "not-an-object")
    if not value:
        raise refuse("required")
    return value


class TaskResult(Anything):
    task: Code
    outcome: Annotated[TaskOutcome, FOLDED]
    at: Instant
    by: Code
    evidence: Evidence | None = None


class Promise(Data):
    """What was promised in a call, and by whom or until when."""

    what: OwnWords
    by: Code


class CallResult(Anything):
    """`asked` names the surveys whose questions the call asked too, by their rules."""

    reached: bool
    asked: Codes | None = None
    satisfied: bool | None = None
    at: Instant
    promises: list[Promise] | None = None


class VisitRecorded(Anything):
    at: Instant | None = None
    waiting_minutes: Minutes | None = None
    reached: bool | None = None
    satisfied: bool | None = None
    evidence: Evidence | None = None
    promises: list[Promise] | None = None


ItemKey = Annotated[str, Field(min_length=1, max_length=360)]


class MessageReceipt(Anything):
    """`entry` is the key of the item that the message was for, `failure` what it means that it did not arrive."""

    state: Annotated[ReceiptState, FOLDED]
    message: Code | None = None
    entry: ItemKey | None = None
    channel: AnyChannel | None = None
    code: Code | None = None
    failure: Annotated[Failure, FOLDED] | None = None


class MessageReplied(Anything):
    """`message`, `entry` and `message_class` are of what was answered, `address` is where the answer came from."""

    text: OwnWords
    message: Code | None = None
    entry: ItemKey | None = None
    channel: AnyChannel | None = None
    address: Annotated[Code, PERSONAL] | None = None
    message_class: Annotated[MessageClass, FOLDED] | None = None


class LetterDelivered(Anything):
    """A letter that arrived under its number, which proves it served (`ems` unless told); `about` names the item."""

    tracking: Code
    on: Day
    proof: Annotated[Proof, FOLDED] | None = None
    evidence: Evidence | None = None


class LetterReturned(Anything):
    """A letter that came back undelivered 退回; `about` names the item that it was sent for."""

    on: Day
    tracking: Code | None = None
    evidence: Evidence | None = None


class SurveyAnswered(Anything):
    survey: Code
    answers: Annotated[Any, AfterValidator(_answered), PERSONAL]


class Session(Data):
    """One slot of an open day; instants are normalised to UTC."""

    id: Code
    from_: Instant = Field(alias="from")
    to: Instant
    capacity: Annotated[int, Field(gt=0, le=100_000)]

    @field_validator("to", mode="wrap")
    @classmethod
    def _after_its_start(cls, told: Any, read: ValidatorFunctionWrapHandler, info: ValidationInfo) -> datetime:
        value: datetime = read(told)
        start = info.data.get("from_")
        if start and value <= start:  # refused on the clocks that it was told on
            raise refuse("wrong-order", after=start.astimezone(offset_of(told)).isoformat())
        return value


def _named_once(sessions: list[Session]) -> list[Session]:
    if len({session.id for session in sessions}) < len(sessions):
        raise refuse("invalid")
    return sessions


Sessions = Annotated[list[Session], Field(min_length=1), AfterValidator(_named_once)]


class OpenDayPlanned(Anything):
    id: Code
    sessions: Sessions


class OpenDayChanged(Anything):
    """The open day is named by `open_day`, or by `id` as when it was planned."""

    id: Code | None = None
    open_day: Code | None = None
    session: Code | None = None
    sessions: Sessions | None = None


class SessionAdded(Anything):
    id: Code | None = None
    open_day: Code | None = None
    session: Session | None = None
    sessions: Sessions | None = None


class OpenDayVisit(Anything):
    open_day: Code
    session: Code
    text: OwnWords | None = None


TYPES = (
    EventType("task.result", "contact", "任务结果", "Task result", TaskResult, BOTH),
    EventType("call.result", "contact", "通话结果", "Call result", CallResult, needs_person=True),
    EventType("visit.recorded", "contact", "上门记录", "Visit recorded", VisitRecorded),
    EventType("message.receipt", "contact", "消息回执", "Message receipt", MessageReceipt, BOTH),
    EventType("message.replied", "contact", "业主回复", "Message replied", MessageReplied),
    EventType("letter.delivered", "contact", "函件送达", "Letter delivered", LetterDelivered),
    EventType("letter.returned", "contact", "函件退回", "Letter returned", LetterReturned),
    EventType("survey.answered", "surveys", "问卷答复", "Survey answered", SurveyAnswered, needs_person=True),
    EventType("open_day.planned", "open-days", "开放日计划", "Open day planned", OpenDayPlanned, PROJECT),
    EventType("open_day.moved", "open-days", "开放日改期", "Open day moved", OpenDayChanged, PROJECT),
    EventType("open_day.cancelled", "open-days", "开放日取消", "Open day cancelled", OpenDayChanged, PROJECT),
    EventType("open_day.session_added", "open-days", "开放日加场", "Session added", SessionAdded, PROJECT),
    EventType("open_day.rsvp", "open-days", "开放日报名", "Open day RSVP", OpenDayVisit, needs_person=True),
    EventType("open_day.rsvp_cancelled", "open-days", "取消报名", "RSVP cancelled", OpenDayVisit, needs_person=True),
    EventType("open_day.attended", "open-days", "已到场", "Attended", OpenDayVisit, needs_person=True),
    EventType("open_day.walk_in", "open-days", "未报名到场", "Walk-in", OpenDayVisit, needs_person=True),
    EventType("open_day.no_show", "open-days", "报名未到", "No show", OpenDayVisit, needs_person=True),
    EventType("open_day.finding", "open-days", "开放日发现问题", "Finding", OpenDayVisit, needs_person=True),
)
