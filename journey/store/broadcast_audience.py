"""Whom a broadcast reaches: the persons behind its cursor, those who wait, their homes, and how many are left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from journey.domain.broadcasts import BroadcastState
from journey.domain.tags import have_one_of, tag_named
from journey.domain.values import JourneyStatus
from journey.domain.verdicts import Verdict
from journey.store.addressees import ADDRESS_OF
from journey.store.bulk import among
from journey.store.tables import batches, broadcast_recipients, contacts, events, journeys, parties, persons, units

GONE = (JourneyStatus.LOST.value, JourneyStatus.CANCELLED.value, JourneyStatus.TRANSFERRED.value)
_TAGGED: Final = 500  # persons whose tags are looked at together


@dataclass(frozen=True, slots=True)
class Waiting:
    """The next persons of a broadcast and the last one looked at; `again`: met before, `late`: joined too late.

    `cursor` and `paged_at` say how far the broadcast had come.
    """

    people: Sequence[str]
    upto: str | None
    cursor: str | None
    paged_at: datetime | None
    again: bool = False
    late: bool = False

    def pages(self, size: int) -> "list[Waiting]":
        """The same people in pages of so many, each of which begins where the one before it ends."""
        found, cursor = [], self.cursor
        for first in range(0, len(self.people), size):
            people = self.people[first : first + size]
            upto = people[-1] if first + size < len(self.people) else self.upto
            found.append(replace(self, people=people, upto=upto, cursor=cursor))
            cursor = cursor if self.again else upto
        return found or [self]


def waiting(session: Session, row: Any, now: datetime, size: int, flying: Sequence[str] = ()) -> Waiting:
    """Whom a broadcast turns to next: those whose send broke off or is held no longer, new ones, then the late.

    `flying` are those whose calls are out: they have not broken off. One that is being cancelled waits for nobody.
    """
    again = session.execute(_again(row, now).limit(size + len(flying))).scalars().all()
    broken_off = [person for person in again if person not in set(flying)][:size]
    if broken_off:
        return Waiting(broken_off, broken_off[-1], row.cursor, row.paged_at, again=True)
    late = row.paged_at is not None
    if late and row.closed_at is not None:  # it runs again for some: who came after it had closed is not its concern
        return Waiting((), None, row.cursor, row.paged_at, late=True)
    people = session.execute(_ahead(row, late=late).limit(size)).scalars().all()
    chosen = tagged(session, row, people) if row.audience.get("tags") else people
    return Waiting(chosen, people[-1] if people else None, row.cursor, row.paged_at, late=late)


def audience(session: Session, row: Any) -> int:
    """How many persons a broadcast has still to meet, those who joined later not counted."""
    if not row.audience.get("tags"):
        ahead = _ahead(row, late=False).subquery()
        return session.execute(select(func.count()).select_from(ahead)).scalar_one()
    people = session.execute(_ahead(row, late=False)).scalars().all()
    pages = (people[first : first + _TAGGED] for first in range(0, len(people), _TAGGED))
    return sum(len(tagged(session, row, page)) for page in pages)


def reaches_nobody(session: Session, project: str, scope: Mapping[str, str], stages: Sequence[str]) -> bool:
    """Whether no owner lives in a scope of a project whose home is in one of the stages."""
    row = SimpleNamespace(
        project_id=project, scope=scope, params={}, audience={"stages": list(stages), "owners": ["all"]}
    )
    return session.execute(_reached(row, parties.c.person_id).limit(1)).first() is None


def homes_of(session: Session, row: Any, people: Sequence[str]) -> dict[str, list[str]]:
    """The homes of persons that a broadcast reaches, the oldest first."""
    found: dict[str, list[str]] = {}
    # By the episodes of these persons: asked in one statement, a database may look through the whole project.
    theirs = select(parties.c.episode_id).where(among(session, parties.c.person_id, people))
    episodes = session.execute(theirs).scalars().all()
    statement = (
        _reached(row, parties.c.person_id, journeys.c.id)
        .where(among(session, journeys.c.episode_id, episodes), among(session, parties.c.person_id, people))
        .order_by(journeys.c.started_at, units.c.code, journeys.c.id)
    )
    for person, journey in session.execute(statement):
        found.setdefault(person, []).append(journey)
    return found


def _again(row: Any, now: datetime) -> Select[Any]:
    met = broadcast_recipients.c
    held = met.state == "held"
    if row.state != BroadcastState.CANCELLING:
        held = and_(held, met.until <= now)
    return (
        select(met.person_id)
        .where(met.broadcast_id == row.id, or_(met.state == "reserved", held))
        .order_by(met.person_id)
    )


def _ahead(row: Any, *, late: bool) -> Select[Any]:
    """Persons behind the cursor whom nobody met yet, by when their homes began.

    Before the broadcast was opened, or (the late) after; whoever was met with an older home is not late.
    """
    began = journeys.c.started_at > row.opened_at if late else journeys.c.started_at <= row.opened_at
    met = broadcast_recipients.c
    known = select(met.person_id).where(met.broadcast_id == row.id, met.person_id == parties.c.person_id)
    statement = _reached(row, parties.c.person_id).where(began, ~known.exists())
    if row.cursor:
        statement = statement.where(parties.c.person_id > row.cursor)
    return statement.group_by(parties.c.person_id).order_by(parties.c.person_id)


def _reached(row: Any, *columns: ColumnElement[Any]) -> Select[Any]:
    """Homes of the scope with their primary contacts, or with all their owners."""
    whom = row.audience
    statement = (
        select(*columns)
        .select_from(journeys)
        .join(parties, parties.c.episode_id == journeys.c.episode_id)
        .outerjoin(units, units.c.id == journeys.c.unit_id)
        .where(journeys.c.project_id == row.project_id, journeys.c.status.not_in(GONE))
    )
    if not whom.get("owners"):
        statement = statement.where(parties.c.position == 0)
    if "channel" in row.params:
        statement = statement.where(_reachable_by(row.params))
    if whom.get("stages"):
        statement = statement.where(journeys.c.stage.in_(whom["stages"]))
    if "building" in row.scope:
        statement = statement.where(units.c.building == row.scope["building"])
    if "batch" in row.scope:
        batch = select(batches.c.id).where(batches.c.project_id == row.project_id, batches.c.code == row.scope["batch"])
        statement = statement.where(units.c.batch_id.in_(batch))
    return statement


def _reachable_by(params: Mapping[str, Any]) -> ColumnElement[bool]:
    """Whoever has an address of the channel; who has none of any channel of `last_resort` is taken too, and said so.

    A broadcast that was opened before it named them has `True` there.
    """
    address = select(contacts.c.person_id).where(contacts.c.person_id == parties.c.person_id)
    has_it = address.where(contacts.c.channel == ADDRESS_OF[params["channel"]]).exists()
    family = params.get("last_resort")
    if not family:
        return has_it
    kinds = {ADDRESS_OF[channel] for channel in (ADDRESS_OF if family is True else family)}
    return or_(has_it, ~address.where(contacts.c.channel.in_(sorted(kinds))).exists())


def tagged(session: Session, row: Any, people: Sequence[str]) -> list[str]:
    """Those of the persons who have one of the tags of a broadcast, themselves or one of their homes."""
    wanted = row.audience["tags"]
    own = {
        one.id: set(one.tags)
        for one in session.execute(select(persons.c.id, persons.c.tags).where(persons.c.id.in_(people)))
    }
    homes = homes_of(session, row, people)
    of_homes = _tags_of(session, [journey for each in homes.values() for journey in each])
    return [
        person
        for person in people
        if have_one_of(
            own.get(person, set()).union(*(of_homes.get(home, set()) for home in homes.get(person, ()))), wanted
        )
    ]


def _tags_of(session: Session, homes: Sequence[str]) -> dict[str, set[str]]:
    """The tags that homes have by what was told of them and stands."""
    told = session.execute(
        select(events.c.id, events.c.source_id, events.c.journey_id, events.c.type, events.c.data)
        .where(events.c.journey_id.in_(homes), events.c.verdict == Verdict.APPLIED.value)
        .where(events.c.type.in_(("tag.added", "tag.removed", "event.voided")))
        .order_by(events.c.occurred_at, events.c.recorded_at, events.c.id)
    ).all()
    voided = {str(one.data.get("event_id")) for one in told if one.type == "event.voided"}
    found: dict[str, set[str]] = {}
    for one in told:
        if one.type != "event.voided" and not voided & {one.id, one.source_id}:
            tags = found.setdefault(one.journey_id, set())
            (tags.add if one.type == "tag.added" else tags.discard)(tag_named(str(one.data.get("tag"))))
    return found
