"""Whether a message may go to a person now: class, consent, quiet hours, caps (C8). Decided at every attempt, never kept."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from journey.domain.clocks import at, local
from journey.domain.values import MessageClass

NEEDS_CONSENT = frozenset({MessageClass.CARE, MessageClass.MARKETING})
LEAST_HOLD = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SendRequest:
    """What the decision looks at. `window` is the class's allowed hours in the recipient's `zone`; `cap` is per month."""

    message_class: MessageClass
    statutory: bool
    now: datetime
    zone: str
    consents: frozenset[str]
    has_address: bool
    address_invalid: bool
    muted: bool
    bereaved: bool
    sent_this_month: int
    window: tuple[time, time]
    cap: int
    expires: datetime | None


@dataclass(frozen=True, slots=True)
class Send:
    """Go."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Not now: ask again at `until`, at least a minute ahead."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Suppress:
    """Not, while the reason lasts."""

    reason: str


@dataclass(frozen=True, slots=True)
class Fail:
    """It cannot arrive."""

    reason: str


Decision = Send | Hold | Suppress | Fail


def decide(request: SendRequest) -> Decision:
    """The decision with its reason code. An emergency goes at any time; contract matters need no consent."""
    if not request.has_address:
        return Fail("no-address")
    if request.address_invalid:
        return Fail("invalid-address")
    barred = _barred(request)
    if barred is not None:
        return Suppress(barred)
    if request.message_class is MessageClass.EMERGENCY:
        return Send()
    until = _next_window(request)
    if until is None:
        return Send()
    if request.expires is not None and until >= request.expires:
        return Suppress("window-closed")
    return Hold(until, "quiet-hours")


def _barred(request: SendRequest) -> str | None:
    caring = request.message_class in NEEDS_CONSENT
    if caring and request.message_class.value not in request.consents:
        return "no-consent"
    if request.muted and not request.statutory and request.message_class is not MessageClass.EMERGENCY:
        return "muted"
    if caring and request.bereaved:
        return "bereavement"
    if caring and request.sent_this_month >= request.cap:
        return "cap"
    return None


def _next_window(request: SendRequest) -> datetime | None:
    """None inside the allowed hours, else when they next begin."""
    here = local(request.now, request.zone)
    opens, closes = request.window
    if opens <= here.time() < closes:
        return None
    day = here.date() if here.time() < opens else here.date() + timedelta(days=1)
    return max(at(day, opens, request.zone), request.now + LEAST_HOLD)
