"""Calls a provider with a reserved message: outside any lock, within its timeout, an outcome whatever happens."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

import structlog

from activities.site import Site
from journey.adapters.appointments import invitation
from journey.adapters.channels import (
    Attachment,
    Channel,
    Delivery,
    Gateway,
    Outgoing,
    PermanentFailure,
    ProviderTemplate,
    TemporaryFailure,
    UnknownOutcome,
)
from journey.adapters.templates import TemplateError, render
from journey.domain.entries import State
from journey.domain.failures import DEAD_AT_SEND
from journey.domain.opting_out import with_opt_out
from journey.domain.reasons import Reason
from journey.domain.rules import title
from journey.domain.saying import worded
from journey.domain.wording import ProviderText, expression
from journey.store.outbox import Sending, Taken
from journey.store.texts import Active, Withheld

log = structlog.get_logger()


# Codes of adapters that say nothing of the text, nor of the provider: what they mean is this one number.
ABOUT_THE_RECIPIENT = DEAD_AT_SEND | {"region-barred", "out-of-reach", "recipient-away"}


class Fault(StrEnum):
    """Whose failure it is: the text's, the provider's answer to it, or the provider's own."""

    TEMPLATE = "template"
    RECIPIENT = "recipient"
    REFUSED = "refused"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a call leaves: the recipient's state, and the outbox row's (None: its reservation stands).

    `not_before` is how long a provider that is away asks to be left alone; `dead`: the address itself is no good.
    """

    state: State
    row: str | None
    reason: Reason | None = None
    taken: Taken | None = None
    fault: Fault | None = None
    not_before: timedelta | None = None
    dead: bool = False

    @property
    def another_way(self) -> bool:
        """A definite no of this channel: the next one may carry it at once."""
        return self.fault in (Fault.REFUSED, Fault.RECIPIENT)


@dataclass(frozen=True, slots=True)
class Ready:
    """A message in words, and the channel that takes it."""

    channel: Channel
    outgoing: Outgoing


class Courier:
    """The channels of an installation, and the words of its packs."""

    def __init__(self, site: Site, gateway: Gateway) -> None:
        self._site = site
        self._gateway = gateway

    @property
    def carriers(self) -> dict[str, str]:
        """The provider of each channel."""
        return {name: self._gateway.channel(name).provider for name in self._gateway.names}

    @property
    def approving(self) -> frozenset[str]:
        """The channels whose providers take only texts that they approved."""
        return frozenset(name for name in self._gateway.names if self._gateway.channel(name).needs_template)

    def prepare(self, sending: Sending) -> Ready | Outcome:
        """The message ready to go; an outcome when no call can be made of it."""
        try:
            channel = self._gateway.channel(sending.channel)
        except PermanentFailure as error:
            return _ended(State.FAILED, Reason("provider-refused", {"error": error.error}))
        if sending.called_before and not channel.takes_keys:
            return _ended(State.UNKNOWN, Reason("provider-silent", {"error": "lost"}))
        text = self._text(sending, channel)
        if isinstance(text, Withheld):
            if sending.called_before:  # it may have gone out with a text that was approved then
                return _ended(State.UNKNOWN, Reason("no-longer-allowed"))
            # It waits for the approval, while its window is open.
            why = ", ".join(sorted(text.lacks))
            return Outcome(State.HELD, State.FAILED.value, Reason("template-not-approved", {"by": why}))
        try:
            opt_out = self._site.shelf.texts.opt_out(sending.pack_hash, sending.language)
            return Ready(channel, _outgoing(sending, text, opt_out))
        except TemplateError as error:
            log.warning("message.unrendered", template=sending.template, error=str(error))
            return _ended(State.FAILED, Reason("template", {"error": sending.template}), Fault.TEMPLATE)

    async def call(self, ready: Ready) -> Outcome:
        """What the provider made of it."""
        channel, outgoing = ready.channel, ready.outgoing
        try:
            async with asyncio.timeout(channel.timeout.total_seconds()):
                delivery = await channel.deliver(outgoing)
        except PermanentFailure as error:
            fault = Fault.RECIPIENT if error.error in ABOUT_THE_RECIPIENT else Fault.REFUSED
            reason = Reason("provider-refused", {"error": error.error})
            return replace(_ended(State.FAILED, reason, fault), dead=error.error in DEAD_AT_SEND)
        except TemporaryFailure as error:
            reason = Reason("provider-away", {"error": error.error})
            away = None if error.error in ABOUT_THE_RECIPIENT else Fault.PROVIDER
            return Outcome(State.HELD, State.FAILED.value, reason, fault=away, not_before=error.retry_after)
        except (UnknownOutcome, TimeoutError) as error:
            reason = Reason("provider-silent", {"error": getattr(error, "error", "timeout")})
            if channel.takes_keys:  # the key makes asking again safe
                return Outcome(State.RESERVED, None, reason, fault=Fault.PROVIDER)
            return _ended(State.UNKNOWN, reason, Fault.PROVIDER)
        return Outcome(State(delivery.state), delivery.state, taken=_taken(channel, delivery, outgoing))

    def _text(self, sending: Sending, channel: Channel) -> Active | Withheld | None:
        """The version of the text that may go by this channel's provider."""
        provider = channel.provider if channel.needs_template else None
        return self._site.shelf.texts.active(
            sending.pack_hash, sending.language, sending.template, channel.name, provider
        )


def _outgoing(sending: Sending, active: Active | None, opt_out: str | None) -> Outgoing:
    if active is None:
        raise TemplateError(f"no template {sending.template}")
    text, values = active.text, worded(sending.variables, sending.language)
    said = with_opt_out(
        render(text.text, values),
        message_class=sending.message_class, channel=sending.channel, language=sending.language,
        already=opt_out,
    )  # fmt: skip
    return Outgoing(
        key=sending.key,
        channel=sending.channel,
        to=sending.address,
        subject=render(text.subject, values) if text.subject else title(sending.template, sending.language),
        body=said,
        language=sending.language,
        message_id=sending.message,
        metadata={"text": text.hash},  # the version that he reads, also when a later one has taken its place
        attachments=_attached(sending),
        approved=known_as(active.known_as, values) if active.known_as else None,
    )


def _attached(sending: Sending) -> tuple[Attachment, ...]:
    """An e-mail of an appointment brings it along for the reader's calendar."""
    appointment = sending.appointment
    if appointment is None or sending.channel != "email":
        return ()
    place = " ".join(filter(None, (sending.variables["project"]["name"], sending.variables["unit"]["code"])))
    return (
        invitation(
            key=sending.key,
            start=appointment.start,
            title=title(sending.template, sending.language),
            place=place,
            told_at=appointment.told_at,
        ),
    )


def known_as(text: ProviderText, values: Mapping[str, Any]) -> ProviderTemplate:
    """The text as its provider knows it, with his parameters filled."""
    params = {name: render(expression(filled), values) for name, filled in text.params.items()}
    return ProviderTemplate(sign=text.sign, code=text.code, params=params)


def _taken(channel: Channel, delivery: Delivery, outgoing: Outgoing) -> Taken:
    cost = delivery.cost
    return Taken(
        channel.provider,
        delivery.provider_id,
        delivery.segments,
        None if cost is None else cost.amount,
        None if cost is None else cost.currency,
        outgoing.metadata.get("text"),
    )


def _ended(state: State, reason: Reason, fault: Fault | None = None) -> Outcome:
    return Outcome(state, state.value, reason, fault=fault)
