"""What consents, contacts, bereavement and holds say: they act at once, at the door (`kernel.md` §3)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from journey.domain.event_types.channels import PHONE, POST_CHANNEL, address_of, covering, way_of, way_said
from journey.domain.events import Event
from journey.domain.record import Hold
from journey.domain.verdicts import as_told_right

REGISTERED = ("start:", "parties:", "transfer:")  # sources of what came with an owner
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class Contact:
    """One way to reach a person: phone, email or wechat; `post` is where letters go.

    One that follows an invalid one is not `proved` at first.
    """

    address: str
    ok: bool
    since: datetime
    proved: bool = True

    @property
    def state(self) -> str:
        """`ok`, `unverified` or `invalid`."""
        return "invalid" if not self.ok else "ok" if self.proved else "unverified"


@dataclass(frozen=True, slots=True)
class Consent:
    """Whether a purpose is agreed to on a channel ('' = any), since when, by which event."""

    given: bool
    since: datetime
    event: str


@dataclass(slots=True)
class PersonFacts:
    """A person's permissions and addresses, folded from all that was told of him anywhere.

    `preferred` is the channel by which he wants to be reached, `zone` where he lives now; None: nobody told.
    """

    consents: dict[tuple[str, str], Consent] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    bereaved_at: datetime | None = None
    holds: list[Hold] = field(default_factory=list)
    reachable_since: datetime | None = None
    preferred: str | None = None
    zone: str | None = None
    dead: dict[tuple[str, str], datetime] = field(default_factory=dict)  # addresses invalid before known: when told


def fold_person(events: Iterable[Event], person: str) -> PersonFacts:
    """Fold a person's events; voids and corrections among them count."""
    facts = PersonFacts()
    effective = as_told_right(sorted(events, key=lambda event: event.order))[0]
    for event in effective:
        if event.person != person:
            continue
        if event.type in ("consent.given", "consent.withdrawn"):
            _consent(facts, event)
        elif event.type.startswith("contact."):
            _contact(facts, event)
        elif event.type == "bereavement.noted":
            facts.bereaved_at = event.occurred_at
    facts.holds = fold_holds([event for event in effective if event.person == person])
    return facts


def _consent(facts: PersonFacts, event: Event) -> None:
    """The latest word holds wherever it covers: it takes the place of narrower ones that were said before.

    One that came with an owner leaves as it is whatever he has withdrawn: being listed is no word of his. A narrower
    withdrawal then stands beside it from the same instant, so that it is not the older word.
    """
    word = Consent(event.type == "consent.given", event.occurred_at, event.id)
    purpose, told = str(event.data.get("purpose")), str(event.data.get("channel") or "")
    way = way_said(told, given=word.given)
    narrower = [key for key in facts.consents if key[0] == purpose and way in covering(key[1])]
    covered = [*narrower, (purpose, way)]
    if word.given and came_with_an_owner(event):
        said = {key: one.given for key, one in facts.consents.items()}
        covered = [key for key in covered if not is_withdrawn(said, *key)]
        for key in {*narrower} - {*covered, (purpose, way)}:
            facts.consents[key] = replace(facts.consents[key], since=word.since)
    facts.consents |= dict.fromkeys(covered, word)


def is_withdrawn(said: Mapping[tuple[str, str], bool], purpose: str, way: str) -> bool:
    """Whether the word that stands for a way of reaching him withdrew a purpose; `said` is by purpose and channel."""
    return not next((said[purpose, word] for word in covering(way) if (purpose, word) in said), True)


def _contact(facts: PersonFacts, event: Event) -> None:
    told = str(event.data.get("channel"))
    channel = address_of(told)
    address = event.data.get("address")
    known = facts.contacts.get(channel)
    if event.type == "contact.invalid":
        if known is not None and address in (None, known.address):
            known.ok = False
        facts.dead[channel, str(address)] = event.recorded_at
        return
    way = way_of(told)
    _choice(facts, event, "sms" if way == PHONE else way)  # who names his number alone is written to
    if event.type == "contact.verified" and known is not None and address in (None, known.address):
        known.ok = known.proved = True
    elif address:
        proved = event.type == "contact.verified" or known is None or (known.ok and known.proved)
        dead = came_with_an_owner(event) and event.recorded_at <= facts.dead.get((channel, str(address)), NEVER)
        facts.contacts[channel] = Contact(str(address), not dead, event.occurred_at, proved)
    if channel != POST_CHANNEL:  # a letter box is no way to send him a text or to call him
        facts.reachable_since = event.recorded_at


def came_with_an_owner(event: Event) -> bool:
    """Whether something was registered with its owner, rather than told by itself: it is older than that."""
    return event.source.startswith(REGISTERED)


def _choice(facts: PersonFacts, event: Event, channel: str) -> None:
    """What he says of himself with an address: the channel that he wants first (the last word holds), his zone."""
    preferred = event.data.get("preferred")
    if preferred is True:
        facts.preferred = channel
    elif preferred is False and facts.preferred == channel:
        facts.preferred = None
    facts.zone = event.data.get("zone") or facts.zone


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
