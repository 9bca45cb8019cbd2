"""Locks on homes, and on all that is concerned by what is told to one, in the order that is the same everywhere.

Broadcasts, persons, homes, messages, each by id: whoever keeps to it may have to wait, but never for one who waits for
him.
"""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import or_, select, union
from sqlalchemy.orm import Session

from journey.store.addressees import locked_people
from journey.store.broadcast_repeats import lock_broadcasts
from journey.store.bulk import among
from journey.store.replying import address_of
from journey.store.tables import contacts, former_parties, journeys, parties


def lock_homes(session: Session, homes: Iterable[str], people: Collection[str] = ()) -> None:
    """Lock homes, and every one that these people have or had: what is told of them marks those."""
    wanted = {*homes, *_homes_of(session, people)}
    found = select(journeys.c.id).where(among(session, journeys.c.id, wanted)).order_by(journeys.c.id)
    session.execute(found.with_for_update(key_share=True)).all()


def lock_concerned(
    session: Session,
    journey: str,
    message: Any | None,
    *,
    acts: bool,
    person: str | None = None,
    address: str | None = None,
) -> None:
    """Lock whom and which homes a receipt or an answer told to a home concerns; `message` is what it is of, if known.

    `acts`: it may make an address invalid, or withdraw consent. `person` is who wrote it, `address` from where.
    """
    homes, people = {journey}, {person} if person is not None else set()
    if message is not None:
        lock_broadcasts(session, [message.id])
        homes, people = homes | {message.journey_id}, people | {message.person_id}
    owners = select(parties.c.person_id).join(journeys, journeys.c.episode_id == parties.c.episode_id)
    people |= {*session.execute(owners.where(journeys.c.id == journey)).scalars()}
    went_to = address_of(session, message, None) if message is not None else None  # he may have another one by now
    theirs = select(contacts.c.address).where(contacts.c.person_id.in_(people))
    sharing = or_(contacts.c.address.in_(theirs), contacts.c.address.in_([one for one in (address, went_to) if one]))
    people |= {*session.execute(select(contacts.c.person_id).where(sharing)).scalars()}
    locked_people(session, sorted(people))
    lock_homes(session, homes, people if acts else ())


def _homes_of(session: Session, people: Collection[str]) -> set[str]:
    """Every home that is or was one of theirs."""
    if not people:
        return set()
    homes = [
        select(journeys.c.id)
        .join(table, table.c.episode_id == journeys.c.episode_id)
        .where(among(session, table.c.person_id, people))
        for table in (parties, former_parties)
    ]
    return set(session.execute(union(*homes)).scalars())
