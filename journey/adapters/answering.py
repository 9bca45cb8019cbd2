"""What a provider's codes mean, and what a message cost: shared by the adapters of providers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from journey.adapters.channels import (
    ChannelFailure,
    Cost,
    Outgoing,
    PermanentFailure,
    ProviderTemplate,
    TemporaryFailure,
    UnknownOutcome,
)

NOT_APPROVED = "template-not-approved"
UNREADABLE = "answer-unreadable"


class Price(BaseModel):
    """What one part of a message costs when the provider does not say."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: Decimal = Field(ge=0)
    currency: str = Field(pattern=r"^[A-Z]{3}$")

    def of(self, parts: int) -> Cost:
        """The cost of so many parts."""
        return Cost(amount=self.amount * parts, currency=self.currency)


@dataclass(frozen=True, slots=True)
class Codes:
    """A provider's codes with ours: those that no further attempt helps, that one may help, and that leave it open."""

    permanent: Mapping[str, str] = field(default_factory=dict)
    temporary: Mapping[str, str] = field(default_factory=dict)
    unknown: Mapping[str, str] = field(default_factory=dict)

    def failure(self, code: str, retry_after: timedelta | None = None) -> ChannelFailure | None:
        """The failure that a code stands for; None for one that is not listed."""
        if code in self.permanent:
            return PermanentFailure(self.permanent[code])
        if code in self.temporary:
            return TemporaryFailure(self.temporary[code], retry_after)
        if code in self.unknown:
            return UnknownOutcome(self.unknown[code])
        return None


def approved(outgoing: Outgoing) -> ProviderTemplate:
    """The text as the provider knows it; `PermanentFailure` when there is none."""
    if outgoing.approved is None:
        raise PermanentFailure(NOT_APPROVED)
    return outgoing.approved


def text_of(value: Any) -> str:
    """An id or a code as text, whether it came as text or as a number; empty for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value).strip()


def number_of(value: Any) -> Decimal | None:
    """An amount as it came, without its sign: charges come as negative ones too."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return abs(number) if number.is_finite() else None


def count_of(value: Any) -> int | None:
    """A number of parts, when it is one."""
    number = number_of(value)
    return int(number) if number is not None and 1 <= number <= 1000 and number == int(number) else None
