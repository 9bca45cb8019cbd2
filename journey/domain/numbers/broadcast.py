"""Numbers of `shared/announcing.py` and `stages/progress.py`: news, greetings, emergencies, and broadcasts at large."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from pydantic import Field

from journey.domain.feasts import Feast
from journey.domain.numbers.base import Count, Duty, Hours, Numbers, Text
from journey.domain.periods import Period


class NewsNumbers(Text):
    """News of a milestone; others of the same place within `merge` go out with it."""

    merge: Period


class Price(Numbers):
    """What a channel costs for each part of a message: `first` characters fit into one, else `further` into each."""

    each: Decimal = Field(ge=0)
    first: int = Field(strict=True, ge=1)
    further: int = Field(strict=True, ge=1)

    def parts(self, text: str) -> int:
        """How many parts a text is paid for."""
        return 1 if len(text) <= self.first else -(-len(text) // self.further)


class ControlNumbers(Numbers):
    """How fast broadcasts go, and which of them a second person lets go: those to more than `alone` recipients.

    What he saw holds while the audience changes by no more than `drift` per cent.
    """

    rate_per_second: int = Field(strict=True, ge=1)
    alone: Count
    drift: Count
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    prices: Mapping[Literal["sms", "wechat", "email", "voice"], Price]


class EmergencyNumbers(Numbers):
    """An emergency goes out by all `channels` at once and is news for `window`; a post then follows it up."""

    channels: tuple[Literal["sms", "wechat", "email", "voice"], ...] = Field(min_length=1)
    window: Period
    follow_up: Duty


class BroadcastNumbers(Numbers):
    """News and greetings. `feasts` names who is greeted on each: those with one of the tags, everybody without any."""

    milestone_news: NewsNumbers
    progress_summary: Text
    greeting_hours: Hours
    feasts: Mapping[Feast, tuple[str, ...]]
    control: ControlNumbers | None = None
    emergency: EmergencyNumbers | None = None
