"""Whom an item goes to: every owner, the one whom it names, or whom a household is reached by."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from journey.domain.entries import State
from journey.domain.items import Recipients
from journey.domain.values import MessageClass
from journey.store.addressees import INVALID, SENT_TO
from journey.store.performing import Wanted, is_stale, look
from journey.store.tables import contacts, entries, messages, parties

OWED = (MessageClass.CONTRACT.value, MessageClass.EMERGENCY.value)


def recipients(session: Session, wanted: Wanted) -> Sequence[str] | None:
    """The persons that an item goes to; None when the move is stale."""
    found = look(session, wanted)
    if found is None:
        return None
    reserved = found.entry is not None and found.entry.state is State.RESERVED
    if not reserved and (is_stale(wanted, found) or not found.planned):
        return None
    people = session.execute(
        select(parties.c.person_id).where(parties.c.episode_id == found.row.episode_id).order_by(parties.c.position)
    ).scalars()
    everybody = list(people)
    named = found.item or _stored_item(session, wanted)
    return addressed_to(named, _reachable_first(session, wanted, named, everybody))


def _reachable_first(
    session: Session, wanted: Wanted, item: Mapping[str, Any], everybody: Sequence[str]
) -> Sequence[str]:
    """The owners in the order in which a household is reached: one without any good address comes after the others.

    Only for what is owed: care is a person's own. Whoever may have got it already stays the one.
    """
    if len(everybody) < 2 or item.get("recipients") != Recipients.PRIMARY or item.get("class") not in OWED:
        return everybody
    keys = {f"{wanted.key}/{person}": person for person in everybody}
    may_have_it = select(messages.c.key).where(messages.c.key.in_(keys), messages.c.state != "failed")
    begun = session.execute(may_have_it).scalars().first()
    if begun is not None:
        return [keys[begun]]
    theirs = contacts.c.person_id.in_(everybody) & contacts.c.channel.in_(sorted(SENT_TO))
    good = select(contacts.c.person_id).where(theirs, contacts.c.state != INVALID)
    reached = set(session.execute(good).scalars())
    return sorted(everybody, key=lambda person: person not in reached)


def addressed_to(item: Mapping[str, Any], everybody: Sequence[str]) -> Sequence[str]:
    """Whom of the owners an item goes to: all, the one whom it names, or the primary contact."""
    match item.get("recipients"):
        case Recipients.OWNERS.value:
            return everybody
        case Recipients.NAMED.value:
            return [person for person in everybody if person == item["params"].get("person")]
        case _:
            return everybody[:1]


def _stored_item(session: Session, wanted: Wanted) -> Mapping[str, Any]:
    row = session.execute(
        select(entries.c.item).where(entries.c.scope_id == wanted.journey, entries.c.key == wanted.key)
    ).scalar()
    return row or {}
