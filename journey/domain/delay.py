"""Late handover (逾期交付): the days of delay and the penalty that the contract agreed on, and nothing guessed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from journey.domain.events import Event
from journey.domain.items import Anchor
from journey.domain.numbers.handover import LateHandoverNumbers
from journey.domain.periods import Period
from journey.domain.reasons import Reason

CENT = Decimal("0.01")
SELLER = ("seller", "developer", "出卖人", "开发商")  # who demands, when it is not the owner
Rolled = Callable[[date, Period], date]


@dataclass(frozen=True, slots=True)
class PenaltyRule:
    """What a day of delay costs: money, or a share of the price; at most `cap`."""

    amount_per_day: Decimal | None = None
    rate_per_day: Decimal | None = None
    price: Decimal | None = None
    cap: Decimal | None = None

    @classmethod
    def read(cls, rule: Mapping[str, Any] | None, price: Any = None) -> "PenaltyRule | None":
        """The rule of a contract. A bare `per_day` below 1 is a share of the price, else money; None: none agreed."""
        rule = rule or {}
        amount, rate = _number(rule.get("amount_per_day")), _number(rule.get("rate_per_day"))
        bare = _number(rule.get("per_day"))
        if bare is not None and amount is None and rate is None:
            amount, rate = (None, bare) if bare < 1 else (bare, None)
        if amount is None and rate is None:
            return None
        stated = rule.get("price")
        return cls(amount, rate, _number(price if stated is None else stated), _number(rule.get("cap")))

    @property
    def a_day(self) -> Decimal | None:
        """The money of one day; None while it is a share of a price that nobody told."""
        if self.amount_per_day is not None:
            return self.amount_per_day
        if self.rate_per_day is None or self.price is None:
            return None
        return self.rate_per_day * self.price

    def amount(self, days: int) -> Decimal | None:
        """The money of so many days, to the cent."""
        return _total(self.a_day, self.cap, days)


@dataclass(frozen=True, slots=True)
class Delay:
    """A home that was not handed over by the day the contract owes it. `ended` is the last day that counts."""

    contract: Anchor
    ended: date | None
    rule: PenaltyRule | None
    demanded: date | None = None
    rescission_from: date | None = None
    rescission_until: date | None = None

    @property
    def first_day(self) -> date:
        """The day after the contract date."""
        return self.contract.on + timedelta(days=1)

    def days(self, today: date) -> int:
        """Days of delay up to `today`; the day of acceptance still counts."""
        return max(0, ((self.ended or today) - self.contract.on).days)

    @property
    def unpriced(self) -> Reason | None:
        """Why there is no amount; None when there is one."""
        if self.rule is None:
            return Reason("penalty-not-agreed")
        return Reason("penalty-price-unknown") if self.rule.a_day is None else None

    def document(self, today: date) -> dict[str, Any]:
        """As ledgers and items show it; `to` is `today` while the delay goes on (`as_of` brings it up to date)."""
        a_day, cap = (self.rule.a_day, self.rule.cap) if self.rule else (None, None)
        days = self.days(today)
        return {
            "contract_date": self.contract.on.isoformat(),
            "from": self.first_day.isoformat(),
            "to": (self.ended or today).isoformat(),
            "running": self.ended is None,
            "days": days,
            "a_day": _text(a_day),
            "cap": _text(cap),
            "amount": _text(_total(a_day, cap, days)),
            "reason": self.unpriced.code if self.unpriced else None,
            "demanded_on": _iso(self.demanded),
            "rescission_from": _iso(self.rescission_from),
            "rescission_until": _iso(self.rescission_until),
        }


def delay_of(
    owed: Anchor,
    ended: date | None,
    *,
    terms: Sequence[Event],
    demands: Sequence[Event],
    numbers: LateHandoverNumbers,
    rolled: Rolled,
    zone: str,
) -> Delay:
    """The delay behind a contract date that has passed; `terms` are the signing and its amendments, in order."""
    rules = [event.data["penalty_rule"] for event in terms if event.data.get("penalty_rule")]
    prices = [event.data["price"] for event in terms if event.data.get("price") is not None]
    rule = PenaltyRule.read(rules[-1] if rules else None, prices[-1] if prices else None)
    delay = Delay(owed, ended, rule)
    by_owner = [event.on(zone) for event in demands if event.data.get("by") not in SELLER]
    if not by_owner:
        return delay
    demanded = min(by_owner)
    # A right that is possible from a period on begins the day after the period's rolled last day (domain I).
    begins = rolled(max(demanded, owed.on), numbers.rescission.within) + timedelta(days=1)
    by_seller = [event.on(zone) for event in demands if event.data.get("by") in SELLER and event.on(zone) >= begins]
    until = rolled(min(by_seller), numbers.lapses_demanded) if by_seller else rolled(begins, numbers.lapses)
    return replace(delay, demanded=demanded, rescission_from=begins, rescission_until=until)


def as_of(document: Mapping[str, Any], today: date) -> dict[str, Any]:
    """A stored document with the days and the money of a delay that goes on, up to `today`."""
    if not document["running"]:
        return dict(document)
    days = max(0, (today - date.fromisoformat(document["contract_date"])).days)
    amount = _total(_number(document["a_day"]), _number(document["cap"]), days)
    return {**document, "to": today.isoformat(), "days": days, "amount": _text(amount)}


def _total(a_day: Decimal | None, cap: Decimal | None, days: int) -> Decimal | None:
    if a_day is None:
        return None
    total = a_day * days
    return (total if cap is None else min(total, cap)).quantize(CENT, ROUND_HALF_UP)


def _text(amount: Decimal | None) -> str | None:
    return str(amount) if amount is not None else None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _number(value: Any) -> Decimal | None:
    """A number of a contract, tolerantly: old rows were checked by old doors."""
    try:
        found = Decimal(str(value)) if value is not None and not isinstance(value, bool) else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() and found >= 0 else None
