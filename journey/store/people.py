"""Persons: the only place that writes and reads their names and addresses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from journey.domain.event_checks import NewEvent
from journey.domain.event_types.channels import POST_CHANNEL, address_of, covering, way_of, way_said
from journey.domain.event_types.people import ADDRESS_TOLD
from journey.domain.events import Event
from journey.domain.owner_checks import GivenConsent, NewOwner
from journey.domain.person_facts import fold_holds, fold_person, is_withdrawn
from journey.domain.reasons import Reason
from journey.domain.record import Hold
from journey.domain.verdicts import as_told_right
from journey.store.ids import new_id
from journey.store.tables import consents, contacts, events, holds, journeys, persons

_WHO = select(func.coalesce(persons.c.merged_into, persons.c.id))  # of a merged one: who he was merged into
_BY_REF = _WHO.where(persons.c.ref == bindparam("named"))
_BY_NAME = _WHO.where((persons.c.ref == bindparam("named")) | (persons.c.id == bindparam("named")))
_NEW_PERSON = insert(persons)
_LIVES = bindparam("lives", type_=persons.c.zone.type)
_SAID = (
    update(persons)
    .where(persons.c.id == bindparam("person"))
    .values(
        bereaved_at=bindparam("bereaved"),
        reachable_since=bindparam("reachable"),
        preferred_channel=bindparam("preferred"),
        zone=case(
            (
                persons.c.zone.in_(bindparam("taken_back", expanding=True)),
                bindparam("lives", type_=persons.c.zone.type),
            ),
            else_=func.coalesce(bindparam("lives", type_=persons.c.zone.type), persons.c.zone),
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Party:
    """An owner's person, by our id; `new` when nobody was known by that ref."""

    id: str
    ref: str
    new: bool


def person_of(session: Session, owner: NewOwner, now: datetime) -> Party:
    """The person known by this ref, or a new one. Nobody is merged by phone."""
    known = session.execute(_BY_REF, {"named": owner.ref}).scalar()
    if known is not None:
        return Party(str(known), owner.ref, new=False)
    person = new_id("psn")
    row = {
        "id": person,
        "ref": owner.ref,
        "name": owner.name or None,
        "birthday": owner.birthday,
        "language": owner.language.value if owner.language else "zh",
        "zone": owner.zone,
        "tags": list(owner.extra.get("tags") or []),
        "created_at": now,
    }
    session.execute(_NEW_PERSON, row)
    return Party(person, owner.ref, new=True)


def person_named(session: Session, name: str) -> str | None:
    """Our id of the person who is called by his ref or our id; None when there is none."""
    found: str | None = session.execute(_BY_NAME, {"named": name}).scalar()
    return found


def addresses(session: Session, person: str) -> dict[str, str]:
    """A person's addresses by channel, as they stand."""
    rows = session.execute(select(contacts.c.channel, contacts.c.address).where(contacts.c.person_id == person))
    return {row.channel: row.address for row in rows}


def earlier_addresses(session: Session, person: str) -> list[tuple[str, str, datetime]]:
    """Addresses that were told of a person and count no more, each with its channel and when it was told last."""
    now = addresses(session, person)
    effective = as_told_right(sorted(events_of(session, person), key=lambda event: event.order))[0]
    found: dict[tuple[str, str], datetime] = {}
    for event in effective:
        address = event.data.get("address") if event.type in ADDRESS_TOLD else None
        channel = address_of(str(event.data.get("channel")))
        if event.person == person and address and now.get(channel) != address:  # none is left of who was forgotten
            found[channel, str(address)] = event.occurred_at
    return [(channel, address, since) for (channel, address), since in found.items()]


def address_at(session: Session, person: str, channel: str, at: datetime) -> str | None:
    """The address of a channel (`phone`, `email`, `wechat`) that was known of a person at an instant; None: none."""
    told = [event for event in events_of(session, person) if event.recorded_at <= at]
    known = fold_person(told, person).contacts.get(channel)
    return known.address if known is not None else None


def given_purposes(session: Session, person: str) -> set[str]:
    """Purposes that the person agreed to on every channel."""
    return {purpose for (purpose, channel), given in _words(session, person).items() if given and not channel}


def _words(session: Session, person: str) -> dict[tuple[str, str], bool]:
    """Whether the person agreed, by purpose and channel, as it stands."""
    rows = session.execute(select(consents).where(consents.c.person_id == person).order_by(consents.c.since))
    return {(row.purpose, way_said(row.channel, given=row.given)): bool(row.given) for row in rows}


def start_source(journey_id: str) -> str:
    """Who tells what came with the owners of a new journey."""
    return f"start:{journey_id}"


def said_of_owner(session: Session, source: str, owner: NewOwner, party: Party, now: datetime) -> list[NewEvent]:
    """Contacts and consents that came with an owner, as the facts they are.

    What is known already is not told again, and neither is a consent that he has withdrawn.
    """
    known = {} if party.new else addresses(session, party.id)
    words = {} if party.new else _words(session, party.id)
    lives = {"zone": owner.zone} if owner.zone else {}  # with the address: a later move that is voided leads back to it
    told: list[tuple[str, dict[str, Any]]] = [
        ("contact.changed", {"channel": channel, "address": address, **(lives if channel != POST_CHANNEL else {})})
        for channel, address in _told(owner)
        if known.get(channel) != address
    ]
    for consent in owner.consents:
        if _way(consent) == "" and words.get((consent.purpose.value, "")):
            continue
        if is_withdrawn(words, consent.purpose.value, _way(consent)):
            continue
        data = {"purpose": consent.purpose.value, "evidence": consent.evidence or f"start of {source.split(':')[-1]}"}
        told.append(("consent.given", data | ({"channel": consent.channel} if consent.channel else {})))
    return [
        NewEvent(f"{owner.ref}:{number}", kind, now, data, source=source, person=owner.ref)
        for number, (kind, data) in enumerate(told)
    ]


def _way(consent: GivenConsent) -> str:
    return way_of(consent.channel or "")


def _told(owner: NewOwner) -> list[tuple[str, str]]:
    """The addresses that came with an owner, by channel."""
    told = {
        "phone": owner.phone,
        "email": owner.email,
        "wechat": owner.extra.get("wechat"),
        POST_CHANNEL: owner.address,
    }
    return [(channel, address) for channel, address in told.items() if address]


def kept_of(session: Session, owner: NewOwner, party: Party) -> list[Reason]:
    """What is known already of somebody named as an owner and was told otherwise: what is kept, and what counts now.

    By the names of the fields only. What is told on purpose later (`contact.changed`) is no matter of this.
    """
    if party.new:
        return []
    name = session.execute(select(persons.c.name).where(persons.c.id == party.id)).scalar()
    known = addresses(session, party.id)
    others = [channel for channel, address in _told(owner) if known.get(channel, address) != address]
    found = [Reason("owner-name-kept", {"ref": owner.ref})] if owner.name and name and owner.name != name else []
    found += [Reason("owner-address-replaced", {"ref": owner.ref, "channel": each}) for each in others]
    withdrawn = _withdrawn(_words(session, party.id), owner)
    return [*found, *(Reason("owner-consent-withdrawn", {"ref": owner.ref, "purpose": one}) for one in withdrawn)]


def _withdrawn(words: Mapping[tuple[str, str], bool], owner: NewOwner) -> list[str]:
    """Purposes that came with an owner though he withdrew them, altogether or for a channel that they are to cover."""
    refused = [key for key, given in words.items() if not given]
    told = {(one.purpose.value, _way(one)) for one in owner.consents}
    narrower = {purpose for purpose, way in told for said, of in refused if said == purpose and way in covering(of)}
    return sorted(narrower | {purpose for purpose, way in told if is_withdrawn(words, purpose, way)})


def refold_person(session: Session, person: str, *, new: bool = False) -> None:
    """Rebuild consents, contacts, bereavement and person-wide holds from everything told of the person.

    A `new` one was made by this transaction: nobody else knows the row, and nothing was built before.
    """
    if not new:
        # Two facts of one person at once: the second waits here, and then reads the first.
        session.execute(select(persons.c.id).where(persons.c.id == person).with_for_update(key_share=True))
        for table in (consents, contacts, holds):
            session.execute(delete(table).where(table.c.person_id == person))
    told = list(events_of(session, person))
    facts = fold_person(told, person)
    _insert(
        session,
        consents,
        [
            {"person_id": person, "purpose": purpose, "channel": channel, "given": consent.given,
             "event_id": consent.event, "since": consent.since}
            for (purpose, channel), consent in facts.consents.items()
        ],
    )  # fmt: skip
    _insert(
        session,
        contacts,
        [
            {"person_id": person, "channel": channel, "address": contact.address,
             "state": contact.state, "since": contact.since}
            for channel, contact in facts.contacts.items()
        ],
    )  # fmt: skip
    _insert(session, holds, [_hold(hold, None) for hold in facts.holds])
    said = {"bereaved": facts.bereaved_at, "reachable": facts.reachable_since, "preferred": facts.preferred}
    session.execute(_SAID, {"person": person, "lives": facts.zone, "taken_back": _zones(told), **said})


def _zones(told: Iterable[Event]) -> list[str]:
    """Zones that came with an address: one of them that does not stand any more is none of his."""
    return [str(event.data["zone"]) for event in told if event.type.startswith("contact.") and event.data.get("zone")]


def refold_journey_holds(session: Session, journey_id: str) -> None:
    """Rebuild the holds that concern a whole journey from its events."""
    session.execute(select(journeys.c.id).where(journeys.c.id == journey_id).with_for_update(key_share=True))
    rows = session.execute(
        select(events).where(events.c.journey_id == journey_id).where(
            events.c.type.in_(("hold.placed", "hold.released", "event.voided", "event.corrected"))
        )
    )  # fmt: skip
    told = sorted((_event(row) for row in rows), key=lambda event: event.order)
    effective = as_told_right(told)[0]
    session.execute(delete(holds).where(holds.c.journey_id == journey_id))
    _insert(session, holds, [_hold(hold, journey_id) for hold in fold_holds(e for e in effective if e.person is None)])


_TOLD_OF = select(events).where(
    or_(
        events.c.person_id == bindparam("person"),
        events.c.type.in_(("event.voided", "event.corrected"))
        & events.c.target.in_(select(events.c.target).where(events.c.person_id == bindparam("person"))),
    )
)


def events_of(session: Session, person: str) -> Iterable[Event]:
    """What was told of the person, and every void and correction in the journeys where it was told."""
    return [_event(row) for row in session.execute(_TOLD_OF, {"person": person})]


def _event(row: Any) -> Event:
    return Event(row.id, row.type, row.occurred_at, row.recorded_at, row.data, row.source, row.source_id, row.person_id)


def _hold(hold: Hold, journey_id: str | None) -> dict[str, Any]:
    return {
        "event_id": hold.event,
        "journey_id": journey_id,
        "person_id": None if journey_id else hold.person,
        "scope": hold.scope,
        "how": hold.how,
        "placed_at": hold.placed_at,
        "released_at": hold.released_at,
    }


def _insert(session: Session, table: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        session.execute(insert(table), rows)
