"""Numbers of `stages/survey.py` and of what keeps owners from being asked too often (C5)."""

from typing import Annotated, Literal

from pydantic import Field

from journey.domain.numbers.base import Count, Duty, Numbers, WholeDays
from journey.domain.periods import Period


class SurveyNumbers(Numbers):
    """When owners are asked, how they are reminded, and how often at most.

    `lead` is how long before its day a relationship survey goes out, so that reminders still fit in. `group_wave` is
    how often the group asks everybody; no rule of a journey reads it.
    """

    handover: Duty
    repair: Duty
    complaint: Duty
    relationship: Duty
    lead: Period
    before_handover: Period
    after_handover: tuple[Period, ...] = Field(min_length=1)
    yearly_from: Annotated[int, Field(strict=True, ge=1)]
    group_wave: WholeDays | None = None
    remind_after: Period
    channels: tuple[Literal["sms", "wechat", "email", "phone"], ...] = Field(min_length=1)
    relationship_within: Period
    relationship_at_most: Count
    transactional_within: Period
    transactional_at_most: Count
