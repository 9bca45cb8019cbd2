"""Numbers that every stage shares: hours, channels and posts, and those of the kernel's own tasks."""

from collections.abc import Mapping
from datetime import time
from typing import Annotated, Literal

from pydantic import Field, model_validator

from journey.domain.numbers.base import ClockTime, Count, Duty, Hours, Numbers
from journey.domain.periods import Period
from journey.domain.values import Role

AT_ANY_TIME: Hours = (time(0), time(23, 59, 59))


class TimeNumbers(Numbers):
    """When a day's work is due, how much grace late news gets, how long before its due a task opens.

    `settle` is how long a moved date stands before owners are told that it moved.
    """

    task_due: ClockTime
    office_hours: tuple[Hours, ...] = Field(min_length=1)
    task_lead: Period
    grace: Period
    late_after: Period
    settle: Period = Period(seconds=600)  # packs that were published before it lack it


class BreakerNumbers(Numbers):
    """When a template or a provider that fails again and again is stopped, and how it comes back.

    It is stopped when, of about the last `of` outcomes, at least `least` failed and they are `percent` or more. A probe
    goes after `pause`, which doubles to `longest_pause`. Afterwards what waited goes out at `per_second`. What was
    counted more than `within` ago is forgotten.
    """

    of: Count = 50
    least: Count = 10
    percent: Annotated[int, Field(strict=True, ge=1, le=100)] = 50
    within: Period = Period(seconds=3600)
    pause: Period = Period(seconds=60)
    longest_pause: Period = Period(seconds=3600)
    per_second: Annotated[int, Field(strict=True, ge=1)] = 50


class MessageNumbers(Numbers):
    """Allowed hours and channel order by class (recipient's zone), calling hours, monthly cap of care and marketing.

    `promo_hours` are those in which carriers take marketing by SMS.
    """

    windows: Mapping[str, Hours]
    call_hours: tuple[Hours, ...] = Field(min_length=1)
    attempt_hours: tuple[ClockTime, ...] = Field(min_length=1)
    cap_per_month: Count
    channels: Mapping[str, tuple[Literal["sms", "wechat", "email", "voice", "inbox"], ...]]
    emergency_silence: Period = Period(seconds=72 * 3600)  # packs that were published before it lack it
    promo_hours: Hours = (time(8), time(22))  # the same
    breaker: BreakerNumbers = BreakerNumbers()  # the same

    @model_validator(mode="after")
    def _every_class(self) -> "MessageNumbers":
        wanted = {"contract", "care", "marketing", "internal"}
        for name in ("windows", "channels"):
            missing = wanted - set(getattr(self, name))
            if missing:
                raise ValueError(f"{name} has no entry for class {', '.join(sorted(missing))}")
        empty = [name for name, order in self.channels.items() if not order]
        if empty:
            raise ValueError(f"channels: class {', '.join(sorted(empty))} has no channel")
        return self

    def window(self, message_class: str) -> Hours:
        """The allowed hours of a class; emergencies go at any time."""
        return self.windows.get(message_class, AT_ANY_TIME)

    def hours(self, message_class: str, channel: str) -> tuple[Hours, ...]:
        """The hours of a channel itself, beside those of the class; empty = any. Emergencies go at any time."""
        if message_class == "emergency":
            return ()
        if channel == "voice":
            return self.call_hours
        return (self.promo_hours,) if (message_class, channel) == ("marketing", "sms") else ()

    def order(self, message_class: str) -> tuple[str, ...]:
        """The channels of a class in order of preference; emergencies as contracts."""
        return self.channels.get(message_class, self.channels["contract"])


class Post(Numbers):
    """A post (岗位): its names, who stands in while it is not filled, and whom it escalates to."""

    zh: str
    en: str
    stands_in: Role | None
    escalates_to: Role | None


class KernelNumbers(Numbers):
    """Numbers of the kernel's own tasks: putting right what went out on a withdrawn fact, and contradictions."""

    put_right: Duty
    contradiction: Duty
