"""Whether a message may go to a person now: class, consent, quiet hours, caps (C8).

Decided at every attempt, never kept.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from journey.domain.clocks import at, local
from journey.domain.values import MessageClass

NEEDS_CONSENT = frozenset({MessageClass.CARE, MessageClass.MARKETING})
LEAST_HOLD = timedelta(minutes=1)
VOICE = "voice"


@dataclass(frozen=True, slots=True)
class SendRequest:
    """What the decision looks at.

    `window` is the class's allowed hours in the recipient's `zone`, its end excluded; `sent_this_month` counts care and
    marketing in the recipient's month, against `cap`. `no_call` says that today is one of 除夕–初三.
    `ValueError` for a window that does not begin before it ends.
    """

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
    channel: str = ""
    paused_until_release: bool = False
    no_call: bool = False
    duplicate_of: str | None = None
    cancelled: bool = False

    def __post_init__(self) -> None:
        if self.window[0] >= self.window[1]:
            raise ValueError("a window begins before it ends")


@dataclass(frozen=True, slots=True)
class Send:
    """Go."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Not now: ask again at `until` (UTC), at least a minute ahead and inside the window."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Suppress:
    """Not, while the reason lasts."""

    reason: str


@dataclass(frozen=True, slots=True)
class Merge:
    """Another message carries it."""

    into: str


@dataclass(frozen=True, slots=True)
class Fail:
    """It cannot arrive."""

    reason: str


Decision = Send | Hold | Suppress | Merge | Fail


def decide(request: SendRequest) -> Decision:
    """The decision with its reason code. An emergency goes at any time; contract matters need no consent."""
    if request.duplicate_of is not None:
        return Merge(request.duplicate_of)
    if request.cancelled:
        return Suppress("cancelled")
    if not request.has_address:
        return Fail("no-address")
    if request.address_invalid:
        return Fail("invalid-address")
    barred = _barred(request)
    if barred is not None:
        return Suppress(barred)
    if request.message_class is MessageClass.EMERGENCY:
        return Send()
    return _in_time(request)


def _barred(request: SendRequest) -> str | None:
    caring = request.message_class in NEEDS_CONSENT
    if caring and request.message_class.value not in request.consents:
        return "no-consent"
    if request.muted and not _unstoppable(request):
        return "muted"
    if caring and request.bereaved:
        return "bereavement"
    if caring and request.sent_this_month >= request.cap:
        return "cap"
    return None


def _unstoppable(request: SendRequest) -> bool:
    return request.statutory or request.message_class is MessageClass.EMERGENCY


def _in_time(request: SendRequest) -> Decision:
    if request.expires is not None and request.expires <= request.now:
        return Suppress("window-closed")
    waiting = _waits_for_another_day(request)
    if waiting is None and _is_open(request, request.now):
        return Send()
    until = _next_window(request, today=waiting is None)
    if request.expires is not None and until >= request.expires:
        return Suppress("window-closed")
    return Hold(until, waiting or "quiet-hours")


def _waits_for_another_day(request: SendRequest) -> str | None:
    # Nobody knows when a pause is released: it is asked again once a day, and the release plans again anyway.
    if request.paused_until_release and not _unstoppable(request):
        return "paused"
    if request.no_call and request.channel == VOICE:
        return "no-call-days"
    return None


def _is_open(request: SendRequest, instant: datetime) -> bool:
    opens, closes = request.window
    return opens <= local(instant, request.zone).time() < closes


def _next_window(request: SendRequest, *, today: bool) -> datetime:
    """The first instant inside a window that is a minute or more away, from today or from tomorrow on."""
    day = local(request.now, request.zone).date()
    soonest = request.now.astimezone(UTC) + LEAST_HOLD
    if not today:
        day += timedelta(days=1)
    while True:
        until = max(at(day, request.window[0], request.zone), soonest)
        # The clocks of a day can skip a short window whole, and a minute's grace can outlast it.
        if local(until, request.zone).date() == day and _is_open(request, until):
            return until
        day += timedelta(days=1)
