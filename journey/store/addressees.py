"""Persons that a message may go to: everything the decision on a send looks at, read for many at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from journey.domain import routing
from journey.domain.calendar import WorkCalendar
from journey.domain.care import stop_of
from journey.domain.clocks import local
from journey.domain.consent import ASKED_FOR, NEEDS_CONSENT, VOICE, Permission, SendRequest, breadth, last_word, meeting
from journey.domain.packs import Pack
from journey.domain.routing import Known, Route, order_for, route
from journey.domain.sendings import looked_at
from journey.domain.values import ItemKind, MessageClass
from journey.store.breakers import Gate, Subject
from journey.store.bulk import among
from journey.store.tables import consents, contacts, holds, journeys, messages, parties, persons

ADDRESS_OF = {"sms": "phone", "voice": "phone", "email": "email", "wechat": "wechat", "inbox": "inbox"}
INBOX = "inbox"  # everybody has one, under his own id
SENT_TO = frozenset(ADDRESS_OF.values()) - {INBOX}  # addresses that reach somebody: no letter box, and no inbox
OK, UNVERIFIED, INVALID = "ok", "unverified", "invalid"  # states of an address
NOT_DELIVERED = "not-delivered"
COUNTED = (MessageClass.CARE.value, MessageClass.MARKETING.value)  # against the monthly cap
LONGEST_MONTH = timedelta(days=32)


@dataclass(frozen=True, slots=True)
class Addressee:
    """A person as a send finds him. `who` is his row, `stops` what keeps care from him by journey.

    `counted` are the contacts that count against the monthly cap, by message key: what went out and did not come back,
    what is being sent, and what may have arrived.
    """

    who: Any
    contacts: Mapping[str, Any]
    consents: Sequence[Any]
    holds: Sequence[Any]
    counted: Mapping[str, datetime]
    stops: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Way:
    """What a send finds beside the person: what may pass, which channels refused it, whether nobody is called today.

    `pinned` is the channel by which a call may have gone out already: no other one is left. `withheld` names who has
    not approved the text that would go by a channel, None when it may go.
    """

    gate: Gate
    refused: Mapping[str, tuple[str, datetime]] = field(default_factory=dict)
    pinned: str | None = None
    calendar: WorkCalendar | None = None
    withheld: Callable[[str], str | None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Addressed:
    """The way a message would take to a person, the question whether it may, and what both stand on."""

    route: Route
    request: SendRequest
    looked: Mapping[str, Any]

    @property
    def channel(self) -> str:
        """The channel that it takes, or that speaks for those that cannot."""
        return self.route.channel

    @property
    def address(self) -> str | None:
        """Where it goes; None without one."""
        return self.route.address


def locked_people(session: Session, people: Sequence[str]) -> dict[str, Any]:
    """The rows of persons, locked in the order of their ids against every other send to them."""
    return {row.id: row for row in session.execute(_people(session, people).with_for_update(key_share=True))}


def people_rows(session: Session, people: Sequence[str]) -> dict[str, Any]:
    """The same rows without a lock, for who sends nothing."""
    return {row.id: row for row in session.execute(_people(session, people))}


def _people(session: Session, people: Sequence[str]) -> Select[Any]:
    return select(persons).where(among(session, persons.c.id, people)).order_by(persons.c.id)


def addressees(
    session: Session, rows: Mapping[str, Any], homes: Mapping[str, Sequence[str]], now: datetime
) -> dict[str, Addressee]:
    """What is known of locked persons; `homes` are the journeys that the message is about, by person."""
    people = list(rows)
    known = {person: _Person({}, [], [], {}, []) for person in people}
    for row in session.execute(select(contacts).where(among(session, contacts.c.person_id, people))):
        known[row.person_id].contacts[row.channel] = row
    for row in session.execute(select(consents).where(among(session, consents.c.person_id, people))):
        known[row.person_id].consents.append(row)
    _add_holds(session, known, homes)
    _add_counted(session, known, now)
    _add_stops(session, known)
    return {
        person: Addressee(rows[person], one.contacts, one.consents, one.holds, one.counted, one.stops)
        for person, one in known.items()
    }


@dataclass(frozen=True, slots=True)
class _Person:
    contacts: dict[str, Any]
    consents: list[Any]
    holds: list[Any]
    counted: dict[str, datetime]
    stops: list[Mapping[str, Any]]


def _add_holds(session: Session, known: Mapping[str, _Person], homes: Mapping[str, Sequence[str]]) -> None:
    owners: dict[str, list[str]] = {}
    for person, journey_ids in homes.items():
        for journey in journey_ids:
            owners.setdefault(journey, []).append(person)
    stands = select(holds).where(
        holds.c.released_at.is_(None),
        or_(among(session, holds.c.person_id, known), among(session, holds.c.journey_id, owners)),
    )
    for row in session.execute(stands):
        for person in {row.person_id, *owners.get(row.journey_id or "", ())} & known.keys():
            known[person].holds.append(row)


def _add_counted(session: Session, known: Mapping[str, _Person], now: datetime) -> None:
    """Whoever decides has locked the persons: nobody else reserves a message to them until he is through."""
    made = func.coalesce(messages.c.sent_at, messages.c.reserved_at).label("made")
    lately = select(messages.c.person_id, messages.c.key, made).where(
        among(session, messages.c.person_id, known),
        messages.c.message_class.in_(COUNTED),
        messages.c.state != "failed",
        messages.c.failed_at.is_(None),
        made >= now - LONGEST_MONTH,
    )
    for row in session.execute(lately):
        known[row.person_id].counted[row.key] = row.made


def _add_stops(session: Session, known: Mapping[str, _Person]) -> None:
    stopped = (
        select(parties.c.person_id, journeys.c.care_stops)
        .join(journeys, journeys.c.episode_id == parties.c.episode_id)
        .where(among(session, parties.c.person_id, known), journeys.c.care_stops.is_not(None))
    )
    for row in session.execute(stopped):
        known[row.person_id].stops.append(row.care_stops)


def addressed(
    one: Addressee, item: Mapping[str, Any], pack: Pack, zone: str, now: datetime, way: Way | None = None
) -> Addressed:
    """The channel for an item, and whether it may go there now; `zone` holds for a person without one of his own."""
    way = way or Way(Gate(now))
    message_class = MessageClass(item["class"])
    order = order_for(_channels(item, pack, message_class), one.who.preferred_channel)
    order = (way.pinned,) if way.pinned else order
    found = route(order, _known(one, item, pack, way, order))
    zone = one.who.zone or zone
    expires = item.get("expires")
    held = _held(one, item)
    consent = _consent(one, found.channel, message_class.value)
    request = SendRequest(
        message_class=message_class,
        statutory=bool(item.get("statutory")),
        now=now,
        zone=zone,
        consents=frozenset({message_class.value} if consent is not None and consent.given else ()),
        has_address=found.address is not None,
        address_invalid=found.lost == routing.INVALID,
        address_unverified=found.lost == routing.UNVERIFIED,
        muted=any(hold.how == "mute" for hold in held),
        paused_until_release=any(hold.how == "pause" for hold in held),
        channel=found.channel,
        hours=() if found.lost == routing.NO_HOURS else pack.messages.hours(message_class, found.channel),
        no_call=way.calendar is not None and way.calendar.is_no_call(local(now, zone).date()),
        bereaved=one.who.bereaved_at is not None,
        stopped=stop_of(one.stops, now, pack.messages.emergency_silence.as_timedelta()),
        sent_this_month=_sent_this_month(one, item, now, zone),
        window=pack.messages.window(message_class),
        cap=pack.messages.cap_per_month,
        expires=datetime.fromisoformat(expires) if expires else None,
    )
    return Addressed(found, request, looked_at(request, found, consent, held, one.who.preferred_channel))


def approached(one: Addressee, item: Mapping[str, Any], silence: timedelta, now: datetime) -> Permission:
    """Whether a person may be called or visited at all: by the decision that a message is sent by (C8).

    A call needs the consent that a voice message needs; other work the one that was given for every channel.
    `silence` is how long after an emergency there is no care.
    """
    message_class, by = MessageClass(item["class"]), VOICE if item["kind"] == ItemKind.CALL else item["kind"]
    consent = _consent(one, by, message_class.value)
    given = item["rule"] in ASKED_FOR or (consent is not None and consent.given)
    return Permission(
        message_class=message_class,
        consents=frozenset({message_class.value} if given else ()),
        muted=any(hold.how == "mute" for hold in _held(one, item)),
        bereaved=one.who.bereaved_at is not None,
        stopped=stop_of(one.stops, now, silence),
    )


def _held(one: Addressee, item: Mapping[str, Any]) -> list[Any]:
    return [hold for hold in one.holds if hold.scope in ("all", item["class"], item["rule"], item["key"])]


def _channels(item: Mapping[str, Any], pack: Pack, message_class: str) -> Sequence[str]:
    """The one channel that an item names, else those of its class in their order."""
    named = item["params"].get("channel")
    return (named,) if named is not None else pack.messages.order(message_class)


def subject_of(one: Addressee, item: Mapping[str, Any]) -> Subject:
    """The text of an item in the language of its recipient."""
    return Subject(template_of(item), one.who.language, MessageClass(item["class"]))


def template_of(item: Mapping[str, Any]) -> str:
    """The template of an item: its own, else that of its rule."""
    return str(item["params"].get("template", item["rule"]))


def _known(one: Addressee, item: Mapping[str, Any], pack: Pack, way: Way, order: Sequence[str]) -> Known:
    """What speaks for and against each channel."""
    message_class = MessageClass(item["class"])
    window = pack.messages.window(message_class)
    rows = {channel: one.contacts[ADDRESS_OF[channel]] for channel in order if ADDRESS_OF[channel] in one.contacts}
    caring = message_class in NEEDS_CONSENT
    subject = subject_of(one, item)
    refused = {
        channel: error
        for channel, (error, at) in way.refused.items()
        if channel in rows and rows[channel].since <= at  # another address may be taken
    }
    # What it is the repeat of did not arrive by these.
    refused |= dict.fromkeys(item["params"].get("not_by") or (), NOT_DELIVERED)
    addresses = {channel: (row.address, row.state != INVALID) for channel, row in rows.items()}
    verified_first = pack.contact is not None and pack.contact.verified_first
    if INBOX in order:
        addresses[INBOX] = (str(one.who.id), True)
    return Known(
        addresses=addresses,
        unverified=frozenset(ch for ch, row in rows.items() if verified_first and row.state == UNVERIFIED),
        unconsented=frozenset(channel for channel in order if caring and not _agreed(one, channel, message_class)),
        carried=way.gate.carried,
        closed_hours=frozenset(
            channel for channel in order if not meeting(window, pack.messages.hours(message_class, channel))
        ),
        refused=refused,
        stopped={}
        if way.pinned or not way.gate.rows
        else {channel: code for channel in order if (code := way.gate.stopped(channel, subject)) is not None},
        withheld={}
        if way.pinned
        else {channel: lacks for channel in order if (lacks := way.withheld(channel)) is not None},
    )


def _agreed(one: Addressee, channel: str, purpose: str) -> bool:
    consent = _consent(one, channel, purpose)
    return consent is not None and bool(consent.given)


def _consent(one: Addressee, channel: str, purpose: str) -> Any | None:
    """The word that holds for a purpose on a channel, as widely as it was said."""
    last = last_word(one.consents, purpose, channel)
    if last is None:
        return None
    same = [row for row in one.consents if (row.event_id, row.purpose) == (last.event_id, purpose)]
    return max(same, key=lambda row: -1 if (rank := breadth(row, channel)) is None else rank)


def _sent_this_month(one: Addressee, item: Mapping[str, Any], now: datetime, zone: str) -> int:
    """Contacts in the month that his calendar shows, without an earlier attempt of the same message."""
    today, itself = local(now, zone), f"{item['key']}/{one.who.id}"
    here = (local(instant, zone) for key, instant in one.counted.items() if key != itself)
    return sum((day.year, day.month) == (today.year, today.month) for day in here)
