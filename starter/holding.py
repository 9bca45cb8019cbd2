"""Mute, pause and resume: which hold is meant, and the event that places or releases it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from journey.domain.actions import Standing
from journey.domain.errors import Conflict, InvalidInput, NotFound, field_error
from journey.domain.reasons import Reason
from journey.domain.rules import RULES
from journey.domain.stages import RULE_FILES
from journey.domain.values import HoldScope
from journey.store.tables import holds, journeys, parties, persons
from starter.orders import HoldBody, ResumeBody

LOADED = RULE_FILES  # importing the stages registers the rules
_SCOPES = frozenset(scope.value for scope in HoldScope)


@dataclass(frozen=True, slots=True)
class Told:
    """An event that an action is: its type and data, about whom or what, and the item concerned."""

    type: str
    data: dict[str, Any]
    person: str | None = None
    about: dict[str, Any] | None = None
    key: str | None = None


def lock_owners(session: Session, journey_id: str) -> None:
    """Lock the journey's persons, in the order of their ids."""
    owners = (
        select(parties.c.person_id)
        .join(journeys, journeys.c.episode_id == parties.c.episode_id)
        .where(journeys.c.id == journey_id)
    )
    named = select(persons.c.id).where(persons.c.id.in_(owners)).order_by(persons.c.id)
    session.execute(named.with_for_update(key_share=True)).all()


def place(
    session: Session,
    row: Any,
    standings: Mapping[str, Standing],
    body: HoldBody,
    how: str,
    words: Mapping[str, Any],
) -> Told:
    """The hold that is placed; Conflict when there is such a one, NotFound for an item that nobody knows."""
    scope = body.scope.lower() if body.scope.lower() in _SCOPES else body.scope
    if scope not in _SCOPES and scope not in RULES and scope not in standings:
        raise NotFound(Reason("no-such-item", {"known": ", ".join([*sorted(_SCOPES), *sorted(standings)[:10]])}))
    who = _owner(session, row, body.person)
    if any((one.scope, one.how, one.person_id) == (scope, how, who) for one in _open_holds(session, row)):
        raise Conflict(Reason("held-already", {"how": how, "scope": scope}))
    key = scope if scope in standings else None
    return Told("hold.placed", {"scope": scope, "how": how, **words}, person=body.person, key=key)


def release(session: Session, row: Any, body: ResumeBody, words: Mapping[str, Any]) -> list[Told]:
    """A release for every way of holding that is meant; Conflict names the holds there are when none is."""
    scope = body.scope.lower() if body.scope.lower() in _SCOPES else body.scope
    who = _owner(session, row, body.person)
    found = _open_holds(session, row)
    how = sorted(
        {one.how for one in found if (one.scope, one.person_id) == (scope, who) and body.how in (None, one.how)}
    )
    if not how:
        known = ", ".join(_worded(one) for one in found) or "-"
        raise Conflict(Reason("no-hold", {"known": known}))
    return [Told("hold.released", {"scope": scope, "how": one, **words}, person=body.person) for one in how]


def _open_holds(session: Session, row: Any) -> list[Any]:
    """Open holds of the journey (without a person) and of its owners."""
    owners = select(parties.c.person_id).where(parties.c.episode_id == row.episode_id)
    query = (
        select(holds.c.scope, holds.c.how, holds.c.person_id, persons.c.ref)
        .outerjoin(persons, persons.c.id == holds.c.person_id)
        .where(or_(holds.c.journey_id == row.id, holds.c.person_id.in_(owners)), holds.c.released_at.is_(None))
        .order_by(holds.c.placed_at)
    )
    return list(session.execute(query))


def _worded(hold: Any) -> str:
    return f"{hold.how} {hold.scope}" + (f" person={hold.ref}" if hold.person_id else "")


def _owner(session: Session, row: Any, ref: str | None) -> str | None:
    """The id of an owner of this journey; InvalidInput for anybody else."""
    if ref is None:
        return None
    found = session.execute(
        select(persons.c.id)
        .join(parties, parties.c.person_id == persons.c.id)
        .where(parties.c.episode_id == row.episode_id, persons.c.ref == ref)
    ).scalar()
    if found is None:
        raise InvalidInput((field_error("person", "unknown-person"),))
    return str(found)
