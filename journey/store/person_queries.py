"""What people are shown of persons: homes, household, consents, contacts. Masked unless somebody may read it."""

from typing import Any, Final

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from journey.domain.errors import NotFound
from journey.domain.event_types.channels import POST_CHANNEL, address_of
from journey.domain.reasons import Reason
from journey.store.masking import masked_address, masked_name, masked_postal_address
from journey.store.merging import aliases_of
from journey.store.paging import DEFAULT_LIMIT, Order, Page
from journey.store.people import earlier_addresses, person_named
from journey.store.queries import contains, shown_to_seconds
from journey.store.tables import (
    consents,
    contacts,
    episodes,
    events,
    former_parties,
    journeys,
    parties,
    persons,
    projects,
    units,
)

_PERSONS: Final = Order("persons", (persons.c.created_at, persons.c.id))


def person_id(session: Session, ref: str) -> str:
    """Our id of a person by the ref, of an alias the one it was merged into; NotFound."""
    found = person_named(session, ref)
    if found is None:
        raise NotFound(Reason("no-such-person"))
    return found


def list_people(
    session: Session,
    *,
    q: str | None = None,
    project: str | None = None,
    unmasked: bool = False,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page:
    """Persons in the order in which they became known, aliases left out; `q` is part of a ref."""
    query = select(persons).where(persons.c.merged_into.is_(None))
    if q:
        query = query.where(persons.c.ref.ilike(contains(q), escape="\\"))
    if project is not None:
        owners = (
            select(parties.c.person_id)
            .join(journeys, journeys.c.episode_id == parties.c.episode_id)
            .join(projects, projects.c.id == journeys.c.project_id)
            .where(projects.c.code == project)
        )
        query = query.where(persons.c.id.in_(owners))
    rows, following = _PERSONS.fetch(session, query, cursor, limit)
    return Page([_named(row, unmasked) for row in rows], following)


def person_view(session: Session, ref: str, *, unmasked: bool = False) -> dict[str, Any]:
    """A person with every home, present and former, who lives with him, what he agreed to, how he is reached."""
    row = session.execute(select(persons).where(persons.c.id == person_id(session, ref))).one()
    zone = _zone(session, row.id)
    return {
        **_named(row, unmasked),
        "aliases": aliases_of(session, row.id),
        "language": row.language,
        "zone": row.zone,
        "preferred_channel": row.preferred_channel,
        "birthday": row.birthday.isoformat() if row.birthday and unmasked else None,
        "bereaved": row.bereaved_at is not None,
        "homes": _homes(session, row.id, zone),
        "household": _household(session, row.id),
        "consents": _consents(session, row.id, zone),
        "contacts": _contacts(session, row.id, zone, unmasked),
        "earlier_contacts": _earlier(session, row.id, zone, unmasked),
    }


def latest_journey(session: Session, ref: str) -> str:
    """Where a fact about a person is told: his latest journey that runs, else his latest; NotFound when he has none."""
    person = person_id(session, ref)
    found = session.execute(
        select(journeys.c.id)
        .join(parties, parties.c.episode_id == journeys.c.episode_id)
        .where(parties.c.person_id == person)
        .order_by(journeys.c.over, journeys.c.started_at.desc(), journeys.c.id)
        .limit(1)
    ).scalar()
    if found is None:
        raise NotFound(Reason("no-such-journey"))
    return str(found)


def home_of_contact(session: Session, ref: str, channel: str) -> str:
    """Where a new or verified address is told: the home in which the one before was found invalid, else his latest."""
    person = person_id(session, ref)
    told = session.execute(
        select(events.c.journey_id, events.c.data)
        .join(journeys, journeys.c.id == events.c.journey_id)
        .join(parties, (parties.c.episode_id == journeys.c.episode_id) & (parties.c.person_id == person))
        .where(events.c.person_id == person, events.c.type == "contact.invalid", events.c.verdict == "applied")
        .order_by(events.c.seq.desc())
    )
    kept_as = address_of(channel.strip().lower())
    return next(
        (str(row.journey_id) for row in told if address_of(str(row.data.get("channel"))) == kept_as),
        None,
    ) or latest_journey(session, ref)


def _named(row: Any, unmasked: bool) -> dict[str, Any]:
    return {"id": row.id, "ref": row.ref, "name": row.name if unmasked else masked_name(row.name)}


def _zone(session: Session, person: str) -> str:
    """The clocks that a person's instants are told on: those of the latest home, UTC for somebody who never had one."""
    episodes_of = (select(table.c.episode_id).where(table.c.person_id == person) for table in (parties, former_parties))
    found = session.execute(
        select(projects.c.zone)
        .join(journeys, journeys.c.project_id == projects.c.id)
        .where(journeys.c.episode_id.in_(union_all(*episodes_of)))
        .order_by(journeys.c.started_at.desc(), journeys.c.id)
        .limit(1)
    ).scalar()
    return str(found or "UTC")


def _homes(session: Session, person: str, zone: str) -> list[dict[str, Any]]:
    found = []
    for table, former in ((parties, False), (former_parties, True)):
        rows = session.execute(
            select(
                journeys.c.id, journeys.c.status, journeys.c.started_at, projects.c.code.label("project"),
                units.c.code.label("unit"), episodes.c.kind,
            )
            .join(table, table.c.episode_id == journeys.c.episode_id)
            .join(episodes, episodes.c.id == journeys.c.episode_id)
            .join(projects, projects.c.id == journeys.c.project_id)
            .outerjoin(units, units.c.id == journeys.c.unit_id)
            .where(table.c.person_id == person)
            .order_by(journeys.c.started_at, journeys.c.id)
        )  # fmt: skip
        found += [
            {
                "journey": row.id,
                "project": row.project,
                "unit": row.unit,
                "status": row.status,
                "since": shown_to_seconds(row.started_at, zone),
                "kind": row.kind,
                "former": former,
            }
            for row in rows
        ]
    return found


def _household(session: Session, person: str) -> list[str]:
    """The refs of those who own a home together with a person."""
    mine = select(parties.c.episode_id).where(parties.c.person_id == person)
    rows = session.execute(
        select(persons.c.ref)
        .join(parties, parties.c.person_id == persons.c.id)
        .where(parties.c.episode_id.in_(mine), persons.c.id != person)
        .order_by(persons.c.ref)
        .distinct()
    )
    return list(rows.scalars())


def _consents(session: Session, person: str, zone: str) -> list[dict[str, Any]]:
    rows = session.execute(
        select(consents).where(consents.c.person_id == person).order_by(consents.c.purpose, consents.c.channel)
    )
    return [
        {
            "purpose": row.purpose,
            "channel": row.channel or None,
            "given": row.given,
            "since": shown_to_seconds(row.since, zone),
        }
        for row in rows
    ]


def _contacts(session: Session, person: str, zone: str, unmasked: bool) -> list[dict[str, Any]]:
    rows = session.execute(select(contacts).where(contacts.c.person_id == person).order_by(contacts.c.channel))
    return [
        {
            "channel": row.channel,
            "address": row.address if unmasked else _masked(row.channel, row.address),
            "state": row.state,
            "since": shown_to_seconds(row.since, zone),
        }
        for row in rows
    ]


def _earlier(session: Session, person: str, zone: str, unmasked: bool) -> list[dict[str, Any]]:
    """Addresses that another one took the place of."""
    return [
        {
            "channel": channel,
            "address": address if unmasked else _masked(channel, address),
            "state": "replaced",
            "since": shown_to_seconds(since, zone),
        }
        for channel, address, since in earlier_addresses(session, person)
    ]


def _masked(channel: str, address: str) -> str | None:
    return masked_postal_address(address) if channel == POST_CHANNEL else masked_address(address)
