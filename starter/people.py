"""What is done to a person over REST and CLI: consents and contacts told as the events they are, and merging two."""

from datetime import datetime
from typing import Any, Literal

from journey.domain.event_types.fields import Zone
from starter.bodies import Body, Line
from starter.orders import Words


class ConsentBody(Body):
    """What a person agrees to or takes back, with its proof."""

    purpose: Line
    given: bool = True
    channel: Line | None = None
    evidence: Words
    id: Line | None = None


class ContactBody(Body):
    """An address that is new (`changed`), was tried and is right (`verified`), or reaches nobody (`invalid`).

    `preferred`: he wants to be reached there first (false: no longer); `zone`: where he lives now.
    """

    channel: Line
    address: Line
    what: Literal["changed", "verified", "invalid"] = "changed"
    preferred: bool | None = None
    zone: Zone | None = None
    id: Line | None = None


class MergeBody(Body):
    """Who turns out to be this person too, and why; `by` is the person who says so, beside the API key."""

    alias: Line
    reason: Words
    by: Line | None = None


def consent_event(ref: str, body: ConsentBody, now: datetime, source: str, ident: str) -> dict[str, Any]:
    """The event that a consent is."""
    data = {"purpose": body.purpose, "evidence": body.evidence} | ({"channel": body.channel} if body.channel else {})
    return _event(f"consent.{'given' if body.given else 'withdrawn'}", ref, data, now, source, body.id or ident)


def contact_event(ref: str, body: ContactBody, now: datetime, source: str, ident: str) -> dict[str, Any]:
    """The event that news of an address is."""
    said = {"preferred": body.preferred, "zone": body.zone}
    data: dict[str, Any] = {"channel": body.channel, "address": body.address}
    data |= {name: value for name, value in said.items() if value is not None}
    return _event(f"contact.{body.what}", ref, data, now, source, body.id or ident)


def _event(kind: str, ref: str, data: dict[str, Any], now: datetime, source: str, ident: str) -> dict[str, Any]:
    return {
        "id": ident, "type": kind, "occurred_at": now.isoformat(), "source": source, "person": ref, "data": data,
    }  # fmt: skip
