"""The pieces that the sections of a pack are made of. No number has a default: a pack that misses one is refused.

The exception are numbers younger than the first release: published packs are read for ever.
"""

from datetime import time
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from journey.domain.periods import Period


class Numbers(BaseModel):
    """Frozen and closed: an unknown name is an error, so that a typo cannot hide."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _clock(value: object) -> object:
    """A bare number would read as seconds after midnight."""
    if isinstance(value, int | float):
        raise ValueError('a time of day is written as "18:00"')  # noqa: TRY004 - pydantic reports ValueErrors
    return value


ClockTime = Annotated[time, BeforeValidator(_clock)]


def _in_order(hours: tuple[time, time]) -> tuple[time, time]:
    if hours[0] >= hours[1]:
        raise ValueError("hours begin before they end")
    return hours


Hours = Annotated[tuple[ClockTime, ClockTime], AfterValidator(_in_order)]
Count = Annotated[int, Field(strict=True, ge=0)]
MonthDay = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]


def _whole_days(period: Period) -> Period:
    if period.is_subday or max(period.years, period.months, period.days, period.working_days) <= 0:
        raise ValueError("a round lasts a whole day or more")
    return period


WholeDays = Annotated[Period, AfterValidator(_whole_days)]


class Duty(Numbers):
    """A human duty: `within` counts from the fact; `warn` and `escalate` from the final due.

    `window` is how long after its due it still makes sense to begin.
    """

    within: Period
    warn: Period | None
    escalate: Period
    window: Period
    attempts: int = Field(strict=True, ge=1, le=10)


class Text(Numbers):
    """A message: `within` counts from the fact, `window` from its due instant."""

    within: Period
    window: Period
