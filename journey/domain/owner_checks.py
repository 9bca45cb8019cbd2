"""The door for owners: who they are and how they are reached, checked and normalised."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from journey.domain.errors import InvalidInput
from journey.domain.event_types.base import Consent, NewOwnerBody
from journey.domain.json_checks import json_errors
from journey.domain.model_checks import validated
from journey.domain.values import ConsentPurpose, Language


@dataclass(frozen=True, slots=True)
class GivenConsent:
    """A purpose that the owner agreed to, with its proof."""

    purpose: ConsentPurpose
    channel: str | None = None
    evidence: Any = None


@dataclass(frozen=True, slots=True)
class NewOwner:
    """An owner as told: phone in E.164, zone an IANA name, `address` where letters go; `extra` keeps what is left."""

    ref: str
    name: str
    phone: str | None = None
    email: str | None = None
    address: str | None = None
    language: Language | None = None
    consents: tuple[GivenConsent, ...] = ()
    birthday: date | None = None
    zone: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


def check_owner(body: Any, *, region: str = "CN", at: str = "") -> NewOwner:
    """Return the owner in a body; raises `InvalidInput` with every field at fault, named below `at`.

    A phone without a country code belongs to `region`.
    """
    if errors := json_errors(body):
        raise InvalidInput(errors)
    owner = validated(NewOwnerBody, body, at=at, region=region)
    return NewOwner(
        ref=owner.ref,
        name=owner.name,
        phone=owner.phone,
        email=owner.email,
        address=owner.address,
        language=owner.language,
        consents=tuple(_given(consent) for consent in owner.consents or ()),
        birthday=owner.birthday,
        zone=owner.zone,
        extra=dict(owner.model_extra or {}),
    )


def owner_from(stored: Mapping[str, Any]) -> NewOwner:
    """The owner in the data of a stored event: checked at the door, so that nothing is refused here."""
    birthday, language, known = stored.get("birthday"), stored.get("language"), set(NewOwnerBody.model_fields)
    return NewOwner(
        ref=str(stored["ref"]),
        name=str(stored.get("name") or ""),
        phone=stored.get("phone"),
        email=stored.get("email"),
        address=stored.get("address"),
        language=Language(language) if language in set(Language) else None,
        consents=tuple(
            GivenConsent(ConsentPurpose(one["purpose"]), one.get("channel"), one.get("evidence"))
            for one in stored.get("consents") or ()
        ),
        birthday=date.fromisoformat(birthday) if isinstance(birthday, str) else None,
        zone=stored.get("zone"),
        extra={name: value for name, value in stored.items() if name not in known},
    )


def _given(consent: Consent) -> GivenConsent:
    return GivenConsent(consent.purpose, consent.channel, consent.evidence)
