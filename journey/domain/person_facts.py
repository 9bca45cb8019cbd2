"""What consents, contacts, bereavement and holds say: they act at once, at the door (`kernel.md` §3)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from journey.domain.events import Event
from journey.domain.record import Hold
from journey.domain.verdicts import as_told_right


@dataclass(slots=True)
class Contact:
    """One way to reach a person: phone, email or wechat."""

    address: str
    ok: bool
    since: datetime


@dataclass(slots=True)
class Consent:
    """Whether a purpose is agreed to on a channel ('' = any), since when, by which event."""

    given: bool
    since: datetime
    event: str


@dataclass(slots=True)
class PersonFacts:
    """A person's permissions and addresses, folded from all that was told of him anywhere."""

    consents: dict[tuple[str, str], Consent] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    bereaved_at: datetime | None = None
    holds: list[Hold] = field(default_factory=list)
    reachable_since: datetime | None = None


def fold_person(events: Iterable[Event], person: str) -> PersonFacts:
    """Fold a person's events; voids and corrections among them count."""
    facts = PersonFacts()
    effective = as_told_right(sorted(events, key=lambda event: event.order))[0]
    for event in effective:
        if event.person != person:
            continue
        if event.type in ("consent.given", "consent.withdrawn"):
            key = (str(event.data.get("purpose")), str(event.data.get("channel") or ""))
            given = event.type == "consent.given"
            facts.consents[key] = Consent(given, event.occurred_at, event.id)
            if not given and not key[1]:  # withdrawn altogether: on every channel
                for other, consent in facts.consents.items():
                    if other[0] == key[0]:
                        consent.given = False
        elif event.type.startswith("contact."):
            _contact(facts, event)
        elif event.type == "bereavement.noted":
            facts.bereaved_at = event.occurred_at
    facts.holds = fold_holds([event for event in effective if event.person == person])
    return facts


def _contact(facts: PersonFacts, event: Event) -> None:
    channel = str(event.data.get("channel"))
    channel = {"sms": "phone", "voice": "phone"}.get(channel, channel)
    address = event.data.get("address")
    known = facts.contacts.get(channel)
    if event.type == "contact.invalid":
        if known is not None and address in (None, known.address):
            known.ok = False
        return
    if event.type == "contact.changed" or known is None:
        if address:
            facts.contacts[channel] = Contact(str(address), True, event.occurred_at)
    elif address in (None, known.address):
        known.ok = True
    facts.reachable_since = event.recorded_at


def fold_holds(events: Iterable[Event]) -> list[Hold]:
    """Holds with their release; a release ends every open hold of its scope."""
    found: list[Hold] = []
    for event in events:
        if event.type == "hold.placed":
            how = str(event.data.get("how") or "mute")
            found.append(Hold(event.id, str(event.data.get("scope")), how, event.occurred_at, None, event.person))
        elif event.type == "hold.released":
            found = [_released(hold, event) for hold in found]
    return found


def _released(hold: Hold, event: Event) -> Hold:
    how = event.data.get("how")
    if hold.released_at is not None or hold.scope != event.data.get("scope") or how not in (None, hold.how):
        return hold
    return Hold(hold.event, hold.scope, hold.how, hold.placed_at, event.occurred_at, hold.person)
