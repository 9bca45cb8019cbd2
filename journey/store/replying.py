"""What an owner's answer and a dead address lead to, in the transaction that keeps them (C8).

A stranger's address is invalid for everybody who has it, from this commit on: whatever is queued to it is decided again
when its turn comes, and finds it so. A refusal withdraws consent. Both are facts, told with their evidence.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from journey.domain.clocks import local_date
from journey.domain.event_checks import NewEvent
from journey.domain.event_types.channels import EMAIL
from journey.domain.event_types.fields import read_phone
from journey.domain.json_checks import body_digest
from journey.domain.numbers.contact import ContactNumbers
from journey.domain.replies import Meaning, meaning_of
from journey.domain.values import MessageClass
from journey.store import inbox, installation
from journey.store.addressees import ADDRESS_OF, INVALID
from journey.store.inbox import Target
from journey.store.people import address_at, addresses, earlier_addresses
from journey.store.shelf import shelf_name
from journey.store.tables import contacts, events, former_parties, journeys, messages, packs, parties, projects

PHONE: Final = "phone"
SLOW_CLOCK: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Told:
    """An event that was committed on the way: its journey is to hear of it."""

    journey: str
    event: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody wrote back, and as far as it is known to what, by which channel.

    `address` is the one that is meant: where what he answers went to, else the one `told`, where he wrote from.
    `person` is whose that is, `writer` who is said to have written.
    """

    event: str
    journey: str
    text: str
    channel: str
    person: str | None
    address: str | None
    message_class: str | None
    told: str | None = None
    writer: str | None = None


def follow_answer(session: Session, event: str, message: Any | None, now: datetime, real_now: datetime) -> list[Told]:
    """Act on an answer that a journey was told of, to a message or to nothing that is known; what it led to."""
    row = session.execute(select(events).where(events.c.id == event)).one()
    answer = _answer(session, row, message)
    numbers = contact_numbers(session, answer.journey, now)
    if numbers is None:
        return []
    match meaning_of(answer.text, numbers):
        case Meaning.WRONG_PERSON:
            evidence = {"reply": event}
            return invalidate(session, answer, "wrong-person", evidence, now, real_now)
        case Meaning.OPT_OUT:
            return _withdraw(session, answer, now, real_now)
        case Meaning.OTHER:
            return []


def invalidate(
    session: Session, about: Answer, cause: str, evidence: Mapping[str, str], now: datetime, real_now: datetime
) -> list[Told]:
    """Make an address invalid for everybody who has it; each of them is told of it in a home of his own."""
    column = ADDRESS_OF.get(about.channel, about.channel)
    data = {"channel": column, "address": about.address, "cause": cause, "evidence": dict(evidence)}
    told = [
        _tell(session, about, "contact.invalid", person, data, now, real_now)
        for person in whose(session, column, about.address)
    ]
    return [one for one in told if one is not None]


def _withdraw(session: Session, about: Answer, now: datetime, real_now: datetime) -> list[Told]:
    """A refusal is of marketing, and of care where care was answered; of everybody who can be meant.

    Where nobody is known to have said it, those are all owners of the home.
    """
    purposes = [MessageClass.MARKETING.value]
    if about.message_class == MessageClass.CARE.value:
        purposes.insert(0, MessageClass.CARE.value)
    column = ADDRESS_OF.get(about.channel, about.channel)
    people = {*whose(session, column, about.address), *whose(session, column, about.told)}
    people |= {who for who in (about.person, about.writer) if who}  # whatever became of their addresses since
    people = people or set(_owners(session, about.journey))
    told = [
        _tell(
            session, about, "consent.withdrawn", person, {"purpose": purpose, "evidence": {"reply": about.event}}, now,
            real_now,
        )
        for person in sorted(people)
        for purpose in purposes
    ]  # fmt: skip
    return [one for one in told if one is not None]


def _tell(
    session: Session, about: Answer, kind: str, person: str, data: Mapping[str, Any], now: datetime, real_now: datetime
) -> Told | None:
    journey = home_of(session, person, about.journey)
    if journey is None:  # he never had a home: nobody is to be told
        return None
    named = f"{person}:{data['purpose']}" if "purpose" in data else person
    event = NewEvent(named, kind, now, dict(data), source=f"answer:{about.event}", person=person)
    digest = body_digest(event.data, installation.digest_key(session, now))
    accepted = inbox.accept(session, Target(journey, journey=journey), event, digest, now, real_now)
    return Told(journey, accepted.id)


def whose(session: Session, column: str, address: str | None) -> Sequence[str]:
    """Everybody who has an address that counts, by id."""
    found = select(contacts.c.person_id).where(
        contacts.c.channel == column, contacts.c.address == address, contacts.c.state != INVALID
    )
    return sorted(session.execute(found).scalars())


def address_of(session: Session, message: Any, told: str | None, *, by_carrier: bool = False) -> str | None:
    """The address that a message went to, by what was known of its recipient then; None when that is not known.

    The one that is `told` with what became of it is taken only where it is the recipient's own: a mailbox that
    forwards names the one behind it, and whoever answers may do so from another number. A carrier may also name one
    that was his before: of two persons who turned out to be one, it says to which the message went.
    """
    column, named = ADDRESS_OF.get(message.channel, message.channel), normalised(told, message.channel)
    own = addresses(session, message.person_id).get(column)
    if _same(column, own, named):
        return own
    if by_carrier and named is not None:
        for channel, address, _ in earlier_addresses(session, message.person_id):
            if channel == column and _same(column, address, named):
                return address
    went_to = address_at(session, message.person_id, column, message.reserved_at)
    return own if _same(column, own, went_to) else went_to


def _same(column: str, one: str | None, other: str | None) -> bool:
    """Whether two addresses are one; capitals make no other mailbox."""
    if one is None or other is None:
        return False
    return one.casefold() == other.casefold() if column == EMAIL else one == other


def normalised(address: str | None, channel: str) -> str | None:
    """An address in the form in which it is kept; None for one that is masked, or none at all."""
    if not address or ADDRESS_OF.get(channel, channel) != PHONE:
        return address or None
    try:
        return read_phone(address)
    except ValueError:
        return None


def contact_numbers(session: Session, journey: str, now: datetime) -> ContactNumbers | None:
    """The words and numbers that a home's pack has for answers now; None when it is older than they."""
    told = pack_document(session, journey, now).get("contact")
    return ContactNumbers.model_validate(told) if told else None


def is_strangers(session: Session, text: str, journey: str, now: datetime) -> bool:
    """Whether an answer says that it went to the wrong person."""
    numbers = contact_numbers(session, journey, now)
    return numbers is not None and meaning_of(text, numbers) is Meaning.WRONG_PERSON


def pack_document(session: Session, journey: str, now: datetime) -> Mapping[str, Any]:
    """The pack that a home goes by now, as it was published."""
    home = session.execute(
        select(journeys.c.pack, journeys.c.overlays, projects.c.zone)
        .join(projects, projects.c.id == journeys.c.project_id)
        .where(journeys.c.id == journey)
    ).one()
    found = session.execute(
        select(packs.c.document)
        .where(packs.c.name == shelf_name(home.pack, home.overlays))
        .where(packs.c.effective_from <= local_date(now, home.zone))
        .order_by(packs.c.effective_from.desc(), packs.c.seq.desc())
        .limit(1)
    ).scalar()
    return found or {}


def latest_sent(
    session: Session, people: Iterable[str], channels: Iterable[str], at: datetime, provider: str | None = None
) -> Any | None:
    """The message that somebody of these had got last by one of the channels: what an answer of then is to.

    With a provider only his own count. His clock may run a little behind ours.
    """
    carried = [messages.c.provider == provider] if provider is not None else []
    return session.execute(
        select(messages)
        .where(*carried)
        .where(messages.c.person_id.in_(list(people)), messages.c.channel.in_(list(channels)))
        .where(messages.c.sent_at <= at + SLOW_CLOCK)
        .order_by(messages.c.sent_at.desc(), messages.c.id.desc())
        .limit(1)
    ).first()


def _answer(session: Session, row: Row[Any], message: Any | None) -> Answer:
    """What was answered: of a known message its recipient and the address that it went to, whatever else was told."""
    data, text = row.data, str(row.data.get("text") or "")
    channel = message.channel if message is not None else str(data.get("channel") or "sms")
    told = normalised(data.get("address"), channel)
    if message is not None:
        person, address = message.person_id, address_of(session, message, data.get("address"))
        told_class = data.get("message_class") or message.message_class
    else:
        person = row.person_id or sole_owner(session, row.journey_id)
        own = addresses(session, person) if person is not None else {}
        address, told_class = told or own.get(ADDRESS_OF.get(channel, channel)), data.get("message_class")
    return Answer(row.id, row.journey_id, text, channel, person, address, told_class, told, row.person_id)


def sole_owner(session: Session, journey: str) -> str | None:
    """Who can only have written it; of several owners nobody is guessed."""
    found = _owners(session, journey)
    return found[0] if len(found) == 1 else None


def _owners(session: Session, journey: str) -> Sequence[str]:
    return session.execute(
        select(parties.c.person_id)
        .join(journeys, journeys.c.episode_id == parties.c.episode_id)
        .where(journeys.c.id == journey)
    ).scalars().all()  # fmt: skip


def home_of(session: Session, person: str, journey: str) -> str | None:
    """The home in which a person is told something: the one that it came up in if it is his, else his latest."""
    homes = [
        home
        for table in (parties, former_parties)
        for home in session.execute(
            select(journeys.c.id)
            .join(table, table.c.episode_id == journeys.c.episode_id)
            .where(table.c.person_id == person)
            .order_by(journeys.c.over, journeys.c.started_at.desc(), journeys.c.id)
        ).scalars()
    ]
    return journey if journey in homes else next(iter(homes), None)
