"""Sending: decide and reserve, call the provider outside any lock, record (`kernel.md` §6)."""

import asyncio
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog

from activities.site import Site, wanted
from journey.adapters.channels import Channel, Gateway, Outgoing, PermanentFailure, TemporaryFailure, UnknownOutcome
from journey.adapters.templates import TemplateError, render
from journey.contracts._implements import implements
from journey.contracts.performing import CHANGED, PERFORM, STALE, Perform, Performed, send_message
from journey.domain.entries import WENT_OUT, State
from journey.domain.reasons import Reason
from journey.domain.rules import title
from journey.domain.values import Component, Role, label
from journey.store import outbox
from journey.store.outbox import Sending, Verdict
from journey.store.performing import Wanted

log = structlog.get_logger()
SPARE = timedelta(seconds=2)  # to record the answer after the provider's own timeout


class OutOfTime(Exception):
    """The attempt has less time left than the provider may take: nothing was called."""


class MessagingActivities:
    """Delivers a message to each recipient at most once per key."""

    def __init__(self, site: Site, gateway: Gateway) -> None:
        self._site = site
        self._gateway = gateway

    @implements(send_message)
    async def send(self, command: Perform) -> Performed:
        """Every attempt decides again for every recipient; the entry shows the lowest of their states."""
        started = time.monotonic()
        move = wanted(command, self._site)
        people = await self._site.store.write(outbox.recipients, move)
        if people is None:
            return Performed(outcome=STALE)
        verdicts: list[Verdict] = []
        for person in people:
            verdict = await self._deliver(move, person, started)
            if verdict is None:
                return Performed(outcome=STALE)
            verdicts.append(verdict)
        await self._site.store.write(outbox.settle, move, verdicts)
        return Performed(outcome=CHANGED, state=outbox.lowest_of(verdicts).state.value)

    async def _deliver(self, move: Wanted, person: str, started: float) -> Verdict | None:
        decided = await self._site.store.write(outbox.reserve, move, person, self._site.shelf)
        if not isinstance(decided, Sending):
            if decided is not None and decided.state not in WENT_OUT:  # those were counted when they went
                self._site.measures.sent("none", decided.state.value)
            return decided
        verdict = await self._through(move, person, decided, started)
        self._site.measures.sent(decided.channel, verdict.state.value)
        return verdict

    async def _through(self, move: Wanted, person: str, decided: Sending, started: float) -> Verdict:
        try:
            channel = self._gateway.channel(decided.channel)
        except PermanentFailure as error:
            reason = Reason("provider-refused", {"error": error.error})
            return await self._recorded(move, person, decided, State.FAILED, reason)
        if decided.called_before and not channel.takes_keys:
            return await self._recorded(
                move, person, decided, State.UNKNOWN, Reason("provider-silent", {"error": "lost"})
            )
        try:
            outgoing = self._outgoing(decided)
        except TemplateError as error:
            log.warning("message.unrendered", template=decided.template, error=str(error))
            return await self._recorded(
                move, person, decided, State.FAILED, Reason("template", {"error": decided.template})
            )
        if not _enough_time(channel, started):
            await self._site.store.write(outbox.not_called, decided.message)
            raise OutOfTime
        return await self._call(move, person, decided, channel, outgoing)

    async def _call(self, move: Wanted, person: str, sending: Sending, channel: Channel, outgoing: Outgoing) -> Verdict:
        try:
            async with asyncio.timeout(channel.timeout.total_seconds()):
                delivery = await channel.deliver(outgoing)
        except PermanentFailure as error:
            reason = Reason("provider-refused", {"error": error.error})
            return await self._recorded(move, person, sending, State.FAILED, reason)
        except TemporaryFailure as error:
            reason = Reason("provider-away", {"error": error.error})
            await self._site.store.write(outbox.record, sending.message, "failed", move.now, reason=reason)
            return Verdict(person, State.HELD, reason)
        except (UnknownOutcome, TimeoutError) as error:
            reason = Reason("provider-silent", {"error": getattr(error, "error", "timeout")})
            if channel.takes_keys:  # the key makes asking again safe
                return Verdict(person, State.RESERVED, reason)
            return await self._recorded(move, person, sending, State.UNKNOWN, reason)
        log.info("message.sent", message=sending.message, channel=sending.channel, template=sending.template)
        return await self._recorded(move, person, sending, State(delivery.state), None, delivery.provider_id)

    async def _recorded(
        self,
        move: Wanted,
        person: str,
        sending: Sending,
        state: State,
        reason: Reason | None,
        provider_id: str | None = None,
    ) -> Verdict:
        await self._site.store.write(
            outbox.record, sending.message, state.value, move.now, provider_id=provider_id, reason=reason
        )
        return Verdict(person, state, reason)

    def _outgoing(self, sending: Sending) -> Outgoing:
        text = self._site.shelf.template(sending.pack_hash, sending.language, sending.template)
        if text is None:
            raise TemplateError(f"no template {sending.template}")
        return Outgoing(
            key=sending.key,
            channel=sending.channel,
            to=sending.address,
            subject=title(sending.template, sending.language),
            body=render(text, _worded(sending.variables, sending.language)),
            language=sending.language,
            message_id=sending.message,
        )


def _worded(variables: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Components and posts by their names in the reader's language."""
    names = {component.value: label(component, language) for component in Component}
    return {
        **variables,
        "components": [names.get(component, component) for component in variables["components"]],
        "keeper": label(Role.KEEPER, language),
    }


def _enough_time(channel: Channel, started: float) -> bool:
    limit = PERFORM["start_to_close_timeout"]
    assert limit is not None  # set beside the contract
    return time.monotonic() - started + (channel.timeout + SPARE).total_seconds() <= limit.total_seconds()
