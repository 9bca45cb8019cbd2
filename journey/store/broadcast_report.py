"""Recipients of a broadcast one by one: by which channel, how it ended and why, and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from journey.domain.entries import WENT_OUT, State, outcome
from journey.domain.errors import NotFound
from journey.domain.reasons import Reason, wording
from journey.store.addressees import ADDRESS_OF
from journey.store.broadcasts import recipient_key
from journey.store.masking import masked_address, masked_name
from journey.store.paging import DEFAULT_LIMIT, Order, Page
from journey.store.queries import shown
from journey.store.tables import (
    broadcast_recipients,
    broadcasts,
    contacts,
    journeys,
    messages,
    persons,
    projects,
    units,
)

_MET: Final = broadcast_recipients.c
_ORDER: Final = Order("recipients", (_MET.person_id, _MET.broadcast_id))
GOT_IT: Final = tuple(state.value for state in (*WENT_OUT, State.MERGED))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which recipients: of one outcome or reason, or those whom nothing reached; `unmasked` shows who they are."""

    outcome: str | None = None
    reason: str | None = None
    missed: bool = False
    unmasked: bool = False
    lang: str = "zh"


def recipients(
    session: Session, broadcast: str, wanted: Wanted, *, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page:
    """Recipients of a broadcast; of an emergency a row for each channel that a person was tried by. NotFound."""
    rows = _family(session, broadcast)
    met, following = _ORDER.fetch(session, _query(list(rows), wanted), cursor, limit)
    keys = {(one.broadcast_id, one.person_id): _key(rows[one.broadcast_id], one) for one in met}
    sent = _messages(session, list(keys.values()))
    addresses = _addresses(session, [one.person_id for one in met])
    shown_rows = []
    for one in met:
        row = rows[one.broadcast_id]
        message = sent.get(keys[one.broadcast_id, one.person_id])
        channel = message.channel if message is not None else row.params.get("channel")
        address = addresses.get((one.person_id, ADDRESS_OF.get(channel or "", "")))
        shown_rows.append(_shown(row, one, channel, address, wanted, _params(message, one.reason)))
    return Page(shown_rows, following)


def reach(session: Session, family: str) -> dict[str, int]:
    """How many persons an emergency was for, and how many of them got it by one channel at least."""
    mine = _MET.broadcast_id.in_(select(broadcasts.c.id).where(broadcasts.c.family == family))
    everybody = session.execute(select(func.count(_MET.person_id.distinct())).where(mine)).scalar_one()
    got = and_(mine, _MET.state.in_(GOT_IT))
    reached = session.execute(select(func.count(_MET.person_id.distinct())).where(got)).scalar_one()
    return {"persons": everybody, "reached": reached, "unreached": everybody - reached}


def _family(session: Session, broadcast: str) -> Mapping[str, Any]:
    """The broadcast, with those of the other channels of an emergency, by their ids."""
    statement = select(broadcasts, projects.c.zone).join(projects)
    row = session.execute(statement.where(broadcasts.c.id == broadcast)).one_or_none()
    if row is None:
        raise NotFound(Reason("no-such-broadcast"))
    if row.family is None:
        return {row.id: row}
    return {one.id: one for one in session.execute(statement.where(broadcasts.c.family == row.family))}


def _query(ids: Sequence[str], wanted: Wanted) -> Select[Any]:
    query = (
        select(broadcast_recipients, persons.c.ref, persons.c.name, units.c.code.label("unit"))
        .join(persons, persons.c.id == _MET.person_id)
        .outerjoin(journeys, journeys.c.id == _MET.journey_id)
        .outerjoin(units, units.c.id == journeys.c.unit_id)
        .where(_MET.broadcast_id.in_(ids))
    )
    if wanted.outcome is not None:
        query = query.where(_MET.state.in_([one.value for one in State if outcome(one) == wanted.outcome]))
    if wanted.reason is not None:
        query = query.where(_MET.reason == wanted.reason)
    return query.where(_nothing_reached(ids)) if wanted.missed else query


def _nothing_reached(ids: Sequence[str]) -> ColumnElement[bool]:
    other = broadcast_recipients.alias("other")
    got_it = select(other.c.person_id).where(
        other.c.person_id == _MET.person_id, other.c.broadcast_id.in_(ids), other.c.state.in_(GOT_IT)
    )
    return ~got_it.exists()


def _key(row: Any, one: Any) -> str:
    return f"{recipient_key(row, one.person_id, one.again)}/{one.person_id}"


def _messages(session: Session, keys: Sequence[str]) -> dict[str, Any]:
    columns = (messages.c.key, messages.c.channel, messages.c.reason)
    return {row.key: row for row in session.execute(select(*columns).where(messages.c.key.in_(keys)))}


def _params(message: Any | None, code: str | None) -> Mapping[str, Any]:
    """What the reason of a recipient leaves open, as his message says it."""
    reason = Reason.read(message.reason) if message is not None else None
    return reason.params if reason is not None and reason.code == code else {}


def _addresses(session: Session, people: Sequence[str]) -> dict[tuple[str, str], str]:
    found = session.execute(select(contacts).where(contacts.c.person_id.in_(people)))
    return {(row.person_id, row.channel): row.address for row in found}


def _shown(
    row: Any, one: Any, channel: str | None, address: str | None, wanted: Wanted, said: Mapping[str, Any]
) -> dict[str, Any]:
    until = shown(one.until, row.zone)
    params = {"purpose": row.message_class, **said} | ({"until": until} if until else {})
    return {
        "person": one.ref,
        "name": one.name if wanted.unmasked else masked_name(one.name),
        "unit": one.unit,
        "channel": channel,
        "address": address if wanted.unmasked else masked_address(address),
        "outcome": outcome(State(one.state)),
        "reason": one.reason,
        "text": wording(one.reason, params, wanted.lang, row.zone) if one.reason else None,
        "at": shown(one.at, row.zone),
        "until": until,
        "tried": ", ".join((one.again or {}).get("tried", ())) or None,
    }
