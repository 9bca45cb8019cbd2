"""Sends a test of a text to the operator's own address: no owner, no consent, no cap, no outbox row."""

from typing import Any

import structlog

from activities.courier import Courier, Ready
from activities.site import DAWN, Site, decided_at
from journey.adapters.channels import Channel, Gateway, Outgoing, PermanentFailure, ProviderTemplate
from journey.contracts._implements import implements
from journey.contracts.trying import Ended, TrySend, send_test
from journey.domain.reasons import Reason
from journey.store import template_tests

log = structlog.get_logger()
UNKNOWN = "unknown"


class TryingActivities:
    """A test has a key of its own, so that a second attempt sends nothing twice."""

    def __init__(self, site: Site, gateway: Gateway) -> None:
        self._site = site
        self._gateway = gateway
        self._courier = Courier(site, gateway)

    @implements(send_test)
    async def send(self, command: TrySend) -> Ended:
        """Once, by the channel that was asked for; a doubt stays a doubt."""
        now = decided_at(DAWN, self._site)
        row = await self._site.store.write(template_tests.take, command.test, now)
        if row is None:
            return Ended(state="ended")
        state, taken, reason = await self._through(row)
        await self._site.store.write(template_tests.end, row.id, state, now, taken=taken, reason=reason)
        log.info("template.tested", test=row.id, channel=row.channel, template=row.template, state=state)
        return Ended(state=state)

    async def _through(self, row: Any) -> tuple[str, Any, Reason | None]:
        try:
            channel = self._gateway.channel(row.channel)
        except PermanentFailure as error:
            return "failed", None, Reason("provider-refused", {"error": error.error})
        if row.state == template_tests.RESERVED and not channel.takes_keys:
            return UNKNOWN, None, Reason("provider-silent", {"error": "lost"})
        outcome = await self._courier.call(Ready(channel, outgoing_of(row, channel)))
        # Nothing waits for a test: what could not be sent now, or got no answer, ends so.
        state = {"held": "failed", "reserved": UNKNOWN}.get(outcome.state.value, outcome.state.value)
        return state, outcome.taken, outcome.reason


def outgoing_of(row: Any, channel: Channel) -> Outgoing:
    """The test as it leaves."""
    known = row.content["known_as"].get(channel.provider)
    return Outgoing(
        key=f"{template_tests.KEY}{row.id}",
        channel=row.channel,
        to=row.address,
        subject=row.content["subject"],
        body=row.content["body"],
        language=row.language,
        message_id=row.id,
        metadata={"class": "internal"},
        approved=ProviderTemplate(**known) if known and channel.needs_template else None,
    )
