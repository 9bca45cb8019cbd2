"""Counts how calls end, for the breakers: failures are written, successes ride along with the next failure."""

from collections.abc import Iterable, Iterator
from datetime import datetime

import structlog

from activities.courier import Courier, Fault, Outcome
from activities.site import Site
from journey.domain.breaking import BreakerKind, provider_breaker, template_breaker
from journey.domain.entries import WENT_OUT
from journey.domain.values import MessageClass
from journey.store import breakers
from journey.store.breakers import Name
from journey.store.outbox import Sending

log = structlog.get_logger()


class Watch:
    """What a worker noticed of providers and templates since it last wrote of them."""

    def __init__(self, site: Site, courier: Courier) -> None:
        self._site = site
        self._courier = courier

    async def note(self, ended: Iterable[tuple[Sending, Outcome]], now: datetime) -> None:
        """Count how sends ended; the store hears of failures and of probes that came through."""
        carriers = self._courier.carriers
        found = [one for sending, outcome in ended for one in self._noted(sending, outcome, carriers)]
        if not found:
            return
        for name in await self._site.store.write(breakers.note, found, now):
            log.warning("breaker.opened", breaker=name)
            self._site.measures.opened()

    def _noted(self, sending: Sending, outcome: Outcome, carriers: dict[str, str]) -> Iterator[breakers.Outcome]:
        passed = self._site.passed
        for key, failed in _parts(sending, outcome, carriers):
            probe = key in sending.probes
            if failed or probe:
                error = str((outcome.reason.params if outcome.reason else {}).get("error", "")) if failed else None
                kind, name = key
                asked = probe and not (failed and _went_anyway(sending, kind))
                yield breakers.Outcome(kind, name, failed, sending.breaker, error, passed.pop(key, 0), asked)
            else:
                passed[key] += 1


def _went_anyway(sending: Sending, kind: BreakerKind) -> bool:
    """An emergency asks no provider's breaker: that it fails says nothing of when to probe again."""
    return kind is BreakerKind.PROVIDER and sending.message_class == MessageClass.EMERGENCY


def _parts(sending: Sending, outcome: Outcome, carriers: dict[str, str]) -> Iterator[tuple[Name, bool]]:
    """Each breaker that a send says something of, and whether it failed there."""
    text = BreakerKind.TEMPLATE, template_breaker(sending.template, sending.language)
    there = BreakerKind.TEMPLATE, template_breaker(sending.template, sending.language, sending.channel)
    went, fault = outcome.state in WENT_OUT, outcome.fault
    if went or fault is not None:
        yield text, fault is Fault.TEMPLATE
    if went or fault is Fault.REFUSED:
        yield there, fault is Fault.REFUSED
    if sending.channel in carriers and (went or fault not in (None, Fault.TEMPLATE)):
        # One that refuses a message is there.
        yield (
            (BreakerKind.PROVIDER, provider_breaker(sending.channel, carriers[sending.channel])),
            (fault is Fault.PROVIDER),
        )
