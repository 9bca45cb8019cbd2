"""Whether a person may be written to or asked now: class, consent, what stops care, quiet hours, caps (C7, C8).

Decided at every attempt, never kept. Messages and surveys are held back by the same `Permission`: what stops greetings
(a grave complaint, a running delay, an emergency) stops surveys of the relationship too, for both are care. What a
repair, a complaint or the handover is asked about belongs to the contract.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache
from typing import NamedTuple, TypeVar

from journey.domain.clocks import at, local
from journey.domain.event_types.channels import covering, way_said
from journey.domain.values import MessageClass

NEEDS_CONSENT = frozenset({MessageClass.CARE, MessageClass.MARKETING})
# A lead registered to be spoken to (domain stage P); the rule itself reads whether he has declined since.
ASKED_FOR = frozenset({"prospect.follow-up"})
LEAST_HOLD = timedelta(minutes=1)
VOICE = "voice"


class Word(NamedTuple):
    """What a person said to a purpose: for which channel ('' = any), whether he agreed, since when."""

    purpose: str
    channel: str
    given: bool
    since: datetime


W = TypeVar("W", bound=Word)  # or a row with the same names


def last_word(said: Iterable[W], purpose: str, channel: str) -> W | None:
    """The word that holds for a purpose on a channel: the latest that covers it, of two at once the narrower one."""
    covers = [(word, rank) for word in said if word.purpose == purpose and (rank := breadth(word, channel)) is not None]
    return max(covers, key=lambda one: (one[0].since, -one[1]), default=(None, 0))[0]


def breadth(word: Word, channel: str) -> int | None:
    """How widely a word covers a channel, 0 for that channel alone; None: it does not."""
    words, way = covering(channel), way_said(word.channel, given=word.given)
    return words.index(way) if way in words else None


def uncalled(said: Collection[Word]) -> frozenset[str]:
    """The purposes that a person agreed to though, by the word that holds for calls, not to those."""
    given = {word.purpose for word in said if word.given}
    called = {purpose for purpose in given if (word := last_word(said, purpose, VOICE)) is not None and word.given}
    return frozenset(given - called)


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """What decides whether a person may be written to or asked at all, at whatever hour.

    `consents` are the purposes that he agreed to; `stopped` is the code of what keeps care from him.
    """

    message_class: MessageClass
    consents: frozenset[str]
    statutory: bool = False
    muted: bool = False
    bereaved: bool = False
    stopped: str | None = None

    @property
    def barred(self) -> str | None:
        """The code of what stands against it, None when nothing does."""
        caring = self.message_class in NEEDS_CONSENT
        if caring and self.message_class.value not in self.consents:
            return "no-consent"
        if self.muted and not self.unstoppable:
            return "muted"
        if caring and self.bereaved:
            return "bereavement"
        return self.stopped if caring else None

    @property
    def unstoppable(self) -> bool:
        """What the law asks for and what is an emergency go whatever an operator has muted or paused."""
        return self.statutory or self.message_class is MessageClass.EMERGENCY

    def lasting(self) -> "Permission":
        """The same without what passes by itself or by an operator's word: only the person's own word ends the rest."""
        return Permission(message_class=self.message_class, consents=self.consents, bereaved=self.bereaved)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRequest(Permission):
    """What the decision on a message looks at.

    `window` is the class's allowed hours in the recipient's `zone`, its end excluded, and `hours` those of the channel
    itself (calls, promotion by SMS; empty = any): it goes where they meet. `sent_this_month` counts care and marketing
    in the recipient's month, against `cap`. `no_call` says that today is one of 除夕–初三.
    `ValueError` for a window that does not begin before it ends, or that never meets the channel's hours.
    """

    now: datetime
    zone: str
    has_address: bool
    address_invalid: bool
    sent_this_month: int
    window: tuple[time, time]
    cap: int
    expires: datetime | None
    channel: str = ""
    hours: tuple[tuple[time, time], ...] = ()
    address_unverified: bool = False
    paused_until_release: bool = False
    no_call: bool = False
    duplicate_of: str | None = None
    cancelled: bool = False

    def __post_init__(self) -> None:
        if self.window[0] >= self.window[1]:
            raise ValueError("a window begins before it ends")
        if not self.open_hours:
            raise ValueError("the hours of the channel lie outside the window")

    @property
    def open_hours(self) -> tuple[tuple[time, time], ...]:
        """When a day is open: the window of the class where it meets the channel's own hours, in order."""
        return meeting(self.window, self.hours)


@cache
def meeting(window: tuple[time, time], hours: tuple[tuple[time, time], ...]) -> tuple[tuple[time, time], ...]:
    """The parts of a window that lie within the hours, in order; all of it when there are none."""
    parts = [(max(window[0], opens), min(window[1], closes)) for opens, closes in sorted(hours)] or [window]
    return tuple((opens, closes) for opens, closes in parts if opens < closes)


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
    if request.address_unverified:
        return Fail("unverified-address")
    barred = request.barred or _capped(request)
    if barred is not None:
        return Suppress(barred)
    if request.message_class is MessageClass.EMERGENCY:
        return Send()
    return _in_time(request)


def _capped(request: SendRequest) -> str | None:
    caring = request.message_class in NEEDS_CONSENT
    return "cap" if caring and request.sent_this_month >= request.cap else None


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
    if request.paused_until_release and not request.unstoppable:
        return "paused"
    if request.no_call and request.channel == VOICE:
        return "no-call-days"
    return None


def _is_open(request: SendRequest, instant: datetime) -> bool:
    clock = local(instant, request.zone).time()
    return any(opens <= clock < closes for opens, closes in request.open_hours)


def _next_window(request: SendRequest, *, today: bool) -> datetime:
    """The first instant inside open hours that is a minute or more away, from today or from tomorrow on."""
    day = local(request.now, request.zone).date()
    soonest = request.now.astimezone(UTC) + LEAST_HOLD
    if not today:
        day += timedelta(days=1)
    while True:
        # On a night on which clocks go back, hours may open twice.
        openings = {
            at(day, opens, request.zone, again=again) for opens, _ in request.open_hours for again in (False, True)
        }
        for opening in sorted(openings):
            until = max(opening, soonest)
            # The clocks of a day can skip short hours whole, and a minute's grace can outlast them.
            if local(until, request.zone).date() == day and _is_open(request, until):
                return until
        day += timedelta(days=1)
