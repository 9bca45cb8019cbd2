"""Circuit breakers 熔断: a template or a provider that fails again and again stops itself, is probed, and comes back.

While one is open its messages wait, and people stay in their journeys. A probe is let through after a pause that
doubles; when it succeeds, what waited goes out at a steady rate, contract matters before care. A breaker knows no clock
and no store: every step is given the instant.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from journey.domain.consent import LEAST_HOLD
from journey.domain.numbers.kernel import BreakerNumbers

BURST = timedelta(seconds=1)  # so much of the rate may go at one instant


class BreakerKind(StrEnum):
    """What it watches."""

    PROVIDER = "provider"
    TEMPLATE = "template"


class BreakerState(StrEnum):
    """Closed lets everything through, open nothing but probes, recovering a steady stream."""

    CLOSED = "closed"
    OPEN = "open"
    RECOVERING = "recovering"


@dataclass(frozen=True, slots=True)
class Breaker:
    """The counts of about the last outcomes since `since`, and what it is doing about them.

    `free_at`: the next instant at which a recovering one lets a message through. `urgent_until` and `later_until` are
    the last wakes that were given to waiting contract matters and to waiting care.
    """

    kind: BreakerKind
    name: str
    state: BreakerState = BreakerState.CLOSED
    failed: int = 0
    passed: int = 0
    since: datetime | None = None
    failed_at: datetime | None = None
    error: str | None = None
    opened_at: datetime | None = None
    probe_at: datetime | None = None
    pauses: int = 0
    closed_at: datetime | None = None
    free_at: datetime | None = None
    urgent_until: datetime | None = None
    later_until: datetime | None = None

    def stands(self, now: datetime, n: BreakerNumbers) -> BreakerState:
        """Its state as of now: one that has recovered long enough, with nobody left waiting, is closed."""
        if self.state is not BreakerState.RECOVERING or self.closed_at is None:
            return self.state
        waits = [at for at in (self.urgent_until, self.later_until) if at is not None]
        over = max([self.closed_at + n.longest_pause.as_timedelta(), *waits]) + LEAST_HOLD
        return BreakerState.CLOSED if now > over else self.state

    def may_probe(self, now: datetime) -> bool:
        """Whether an open one lets a message through to see how things stand."""
        return self.state is BreakerState.OPEN and self.probe_at is not None and now >= self.probe_at


def counted(
    one: Breaker, now: datetime, n: BreakerNumbers, *, failed: int = 0, passed: int = 0, error: str | None = None
) -> Breaker:
    """With so many more outcomes; it opens when too many of the last ones failed."""
    if one.since is None or now - one.since > n.within.as_timedelta():
        one = replace(one, failed=0, passed=0, since=now)
    failures, successes = one.failed + failed, one.passed + passed
    total = failures + successes
    if total > n.of:
        failures, successes = failures * n.of // total, successes * n.of // total
    one = replace(one, failed=failures, passed=successes, failed_at=now, error=error or one.error)
    if one.stands(now, n) is BreakerState.OPEN or failures < n.least:
        return one
    if failures * 100 < n.percent * (failures + successes):
        return one
    return _paused(replace(one, state=BreakerState.OPEN, opened_at=now), 1, now, n)


def probed(one: Breaker, now: datetime, n: BreakerNumbers) -> Breaker:
    """A probe goes out: the next one not before another pause, also when nobody hears how this one ended."""
    return _paused(one, one.pauses, now, n)


def probe_failed(one: Breaker, now: datetime, n: BreakerNumbers) -> Breaker:
    """It is still broken: the pause doubles."""
    return _paused(one, one.pauses + 1, now, n) if one.state is BreakerState.OPEN else one


def closed(one: Breaker, now: datetime) -> Breaker:
    """It works again, or somebody says so: counting starts anew. What waited for a provider comes back by and by."""
    after = BreakerState.RECOVERING if one.kind is BreakerKind.PROVIDER else BreakerState.CLOSED
    return replace(
        one, state=after, failed=0, passed=0, since=now, probe_at=None, pauses=0, closed_at=now, free_at=now
    )  # fmt: skip


def taken(one: Breaker, now: datetime, n: BreakerNumbers, *, urgent: bool) -> Breaker | None:
    """One that is not open, with one more message let through now; None when that has to wait.

    It waits for the rate, and care for contract matters.
    """
    if one.stands(now, n) is not BreakerState.RECOVERING:
        return replace(one, state=BreakerState.CLOSED)
    if not urgent and one.urgent_until is not None and now < one.urgent_until + LEAST_HOLD:
        return None  # a wake may come a little late
    if one.free_at is not None and one.free_at > now:
        return None
    begins = max(one.free_at or now, now - BURST)
    return replace(one, free_at=begins + _interval(n))


def waiting(one: Breaker, now: datetime, n: BreakerNumbers, *, urgent: bool) -> tuple[Breaker, datetime]:
    """With one more message waiting, and when it is to ask again: one after the other, contract matters first."""
    soonest = max(one.probe_at or now, now + LEAST_HOLD)
    if urgent:
        at = max(one.urgent_until or soonest, soonest) + _interval(n)
        return replace(one, urgent_until=at), at
    after = one.urgent_until + LEAST_HOLD if one.urgent_until is not None else soonest
    at = max(after, one.later_until or soonest, soonest) + _interval(n)
    return replace(one, later_until=at), at


def _paused(one: Breaker, pauses: int, now: datetime, n: BreakerNumbers) -> Breaker:
    pause = n.pause.as_timedelta() * 2 ** min(max(pauses, 1) - 1, 20)
    return replace(one, pauses=pauses, probe_at=now + min(pause, n.longest_pause.as_timedelta()))


def _interval(n: BreakerNumbers) -> timedelta:
    return timedelta(seconds=1) / n.per_second


def provider_breaker(channel: str, provider: str) -> str:
    """The name of a provider's breaker: one that carries two channels may fail on one of them only."""
    return f"{channel}/{provider}"


def template_breaker(template: str, language: str, channel: str | None = None) -> str:
    """The name of a template's breaker: of its text, or of the text with the provider of a channel that refuses it."""
    return f"{template}/{language}/{channel}" if channel else f"{template}/{language}"
