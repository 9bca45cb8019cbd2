"""Consent, addresses, holds, and repairs of what was told."""

from typing import Annotated, Any

from pydantic import ValidationInfo, field_validator

from journey.domain.event_types.base import BOTH, Anything, EventType, Purpose
from journey.domain.event_types.channels import EMAIL, PHONE, POST_CHANNEL, Channel, address_of
from journey.domain.event_types.fields import (
    FOLDED,
    MAX_ID,
    PERSONAL,
    Code,
    Evidence,
    OwnWords,
    Zone,
    read_email,
    read_phone,
    read_postal_address,
    refuse,
)
from journey.domain.values import HoldHow, HoldScope

ADDRESS_TOLD = ("contact.changed", "contact.verified")  # types that say where somebody is reached


class ConsentData(Anything):
    purpose: Purpose
    channel: Channel | None = None
    evidence: Evidence


class ContactData(Anything):
    """An address of a channel. One reported as invalid need not be well-formed."""

    channel: Channel
    address: Annotated[Any, PERSONAL]

    @field_validator("address")
    @classmethod
    def _is_text(cls, value: Any, info: ValidationInfo) -> str:
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if not isinstance(text, str) or not text.strip():
            raise refuse("not-text" if isinstance(text, bool | float | list | dict) else "required")
        if len(text) > MAX_ID:
            raise refuse("too-long", limit=MAX_ID)
        return cls.normalised(text.strip(), info)

    @classmethod
    def normalised(cls, address: str, info: ValidationInfo) -> str:
        """Return the address in the form of its channel; one that has none is refused."""
        channel = info.data.get("channel")
        kept_as = address_of(str(channel))
        if kept_as == PHONE:
            return read_phone(address, (info.context or {}).get("region", "CN"))
        if kept_as == POST_CHANNEL:
            return read_postal_address(address)
        return read_email(address) if kept_as == EMAIL else address


class ChosenContact(ContactData):
    """An address, and what goes with it: whether he wants to be reached there first, and in which zone he lives."""

    preferred: bool | None = None
    zone: Zone | None = None


class InvalidContact(ContactData):
    @classmethod
    def normalised(cls, address: str, info: ValidationInfo) -> str:
        """Return the address in the form of its channel, or as it was told."""
        try:
            return super().normalised(address, info)
        except ValueError:
            return address


class Hold(Anything):
    scope: Code
    how: Annotated[HoldHow, FOLDED]
    reason: OwnWords

    @field_validator("scope")
    @classmethod
    def _is_known_or_an_item(cls, value: str) -> str:
        named = [scope.value for scope in HoldScope]
        if value.lower() in named:
            return value.lower()
        # The id of a rule has a dot, the key of an item slashes too.
        if "." not in value:
            raise refuse("unknown-value", allowed=", ".join(named) + ", RULE.ID, RULE.ID/SUBJECT/OCCURRENCE")
        return value


class EventVoided(Anything):
    event_id: Code
    reason: OwnWords


class EventCorrected(EventVoided):
    data: dict[str, Any]


class Bereavement(Anything):
    evidence: Evidence | None = None


TYPES = (
    EventType("event.voided", "any", "事件作废", "Event voided", EventVoided, BOTH),
    EventType("event.corrected", "any", "事件更正", "Event corrected", EventCorrected, BOTH),
    EventType("consent.given", "people", "同意授权", "Consent given", ConsentData, needs_person=True),
    EventType("consent.withdrawn", "people", "撤回授权", "Consent withdrawn", ConsentData, needs_person=True),
    EventType("contact.invalid", "people", "联系方式无效", "Contact invalid", InvalidContact, needs_person=True),
    EventType("contact.verified", "people", "联系方式已核实", "Contact verified", ChosenContact, needs_person=True),
    EventType("contact.changed", "people", "联系方式变更", "Contact changed", ChosenContact, needs_person=True),
    EventType("bereavement.noted", "people", "丧亲登记", "Bereavement noted", Bereavement, needs_person=True),
    EventType("hold.placed", "people", "暂缓", "Hold placed", Hold),
    EventType("hold.released", "people", "解除暂缓", "Hold released", Hold),
)
