"""The inbox: every event is committed here first, once, and acts on shared rows in the same transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, insert, select
from sqlalchemy.orm import Session

from journey.domain.errors import Conflict, InvalidInput, field_error
from journey.domain.event_checks import NewEvent
from journey.domain.events import Event
from journey.domain.json_checks import body_digest
from journey.domain.reasons import Reason
from journey.domain.verdicts import AT_THE_DOOR, Verdict
from journey.store import installation
from journey.store.assigning import assign_task, release_claim
from journey.store.go_live import with_what_stood
from journey.store.ids import new_event_id
from journey.store.inserting import insert_new
from journey.store.ledger import journal_rows
from journey.store.naming import NAMING, Named, named, refuse_stranger, said
from journey.store.people import Party, person_named, refold_journey_holds, refold_person
from journey.store.project_judging import judge_project
from journey.store.repairing import REPAIRS, at_the_root, normalised, repaired_by
from journey.store.staleness import mark_stale
from journey.store.tables import events, journal, journeys, parties, projects

_TOLD_AS = select(events.c.id, events.c.digest, events.c.verdict, events.c.reason).where(
    events.c.target == bindparam("of"), events.c.source == bindparam("by"), events.c.source_id == bindparam("as")
)
_STANDING = (
    select(events.c.id, events.c.verdict, events.c.reason, projects.c.zone)
    .outerjoin(journeys, journeys.c.id == events.c.journey_id)
    .outerjoin(projects, projects.c.id == func.coalesce(events.c.project_id, journeys.c.project_id))
    .where(events.c.id.in_(bindparam("ids", expanding=True)))
)
SAID_AT_ONCE = ("hold.", "contact.invalid", "contact.verified", "consent.withdrawn")


@dataclass(frozen=True, slots=True)
class Target:
    """Where an event is told: a journey or a project."""

    id: str
    journey: str | None = None
    project: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The event as it stands: `fresh` when this call committed it."""

    id: str
    source_id: str
    verdict: str
    reason: Mapping[str, Any] | None
    fresh: bool


@dataclass(slots=True)
class Effects:
    """What committed events act upon at once: people, and holds on the whole journey.

    `known` are the persons, by ref and id, that need not be looked up.
    """

    known: Mapping[str, str] = field(default_factory=dict)
    people: set[str] = field(default_factory=set)
    holds: bool = False

    def note(self, person: str | None) -> None:
        """An event about a person, or about the journey as a whole."""
        if person is None:
            self.holds = True
        else:
            self.people.add(person)


def accept(
    session: Session, target: Target, event: NewEvent, digest: str, now: datetime, real_now: datetime
) -> Accepted:
    """Commit a checked event. The same id from the same source changes nothing; with another body it is a Conflict."""
    known = told_before(session, target, event, digest) if _leans_on_others(event) else None
    if known is not None:
        return known
    effects = Effects()
    accepted, found = _commit(session, target, event, digest, now, effects)
    if found.owners and event.type == "parties.changed":  # a new owner's come with the journey that begins for him
        effects.known = {name: one.id for _, one in found.owners for name in (one.id, one.ref)}
        key = installation.digest_key(session, now)
        for one in said(session, accepted.id, found, now):
            _commit(session, target, one, body_digest(one.data, key), now, effects)
    if target.journey is not None and accepted.fresh:
        for journey in sorted(_act(session, target.journey, effects)):
            mark_stale(session, journey, real_now)
    return accepted


def accept_first(
    session: Session,
    journey: str,
    told: Sequence[tuple[NewEvent, str]],
    owners: Sequence[Party],
    now: datetime,
    real_now: datetime,
) -> list[Accepted]:
    """Commit the first facts of a journey that this transaction has started (and marked), with their digests."""
    effects = Effects(known={name: one.id for one in owners for name in (one.id, one.ref)})
    target = Target(journey, journey=journey)
    accepted = [_commit(session, target, event, digest, now, effects)[0] for event, digest in told]
    new = frozenset(one.id for one in owners if one.new)
    for other in sorted(_act(session, journey, effects, new) - {journey}):
        mark_stale(session, other, real_now)
    return accepted


def _act(session: Session, journey: str, effects: Effects, new: frozenset[str] = frozenset()) -> set[str]:
    """What was said of people and of a whole journey acts at once; the journeys that read it.

    `new` are the persons whom this transaction has made.
    """
    concerned = {journey}
    for person in sorted(effects.people):
        refold_person(session, person, new=person in new)
        if person not in new:
            concerned |= _journeys_of(session, person)
    if effects.holds:
        refold_journey_holds(session, journey)
    return concerned


def _leans_on_others(event: NewEvent) -> bool:
    """Whether checking it reads what may have changed since it was told first: then a repeat is told from the start."""
    return event.person is not None or event.type in REPAIRS or event.type in NAMING


def _commit(
    session: Session, target: Target, event: NewEvent, digest: str, now: datetime, effects: Effects
) -> tuple[Accepted, Named]:
    """Commit one event, and note whom and what it acts upon; with the owners that it made known."""
    person = _person(session, event, effects.known)
    repaired = repaired_by(session, target.id, event)
    found = _named_in(session, target, event.type, normalised(event, repaired), repaired, now)
    data = with_what_stood(session, target.project, event.type, found.data)
    root = at_the_root(session, target.id, repaired)
    acts_at_once = (root.type if root is not None else event.type).startswith(AT_THE_DOOR)
    if acts_at_once and person is not None and event.person not in effects.known and target.journey is not None:
        refuse_stranger(session, target.journey, person)
    event_id = new_event_id()
    verdict = Verdict.APPLIED if acts_at_once else Verdict.TAKEN
    row = {
        "id": event_id,
        "target": target.id,
        "journey_id": target.journey,
        "project_id": target.project,
        "source": event.source,
        "source_id": event.source_id,
        "type": event.type,
        "occurred_at": event.occurred_at,
        "recorded_at": now,
        "data": data,
        "person_id": person,
        "about": event.about,
        "scope": event.scope,
        "digest": digest,
        "verdict": verdict.value,
    }
    if not insert_new(session, events, row):  # told twice at the same moment: the other one was first
        told = told_before(session, target, event, digest)
        assert told is not None  # nothing else has its key
        return told, Named({})
    if target.project is not None:
        _act_on_tasks(session, target, event, root, now)
        judge_project(session, target.project, now, told=(root.type if root is not None else event.type))
        judged = session.execute(select(events.c.verdict, events.c.reason).where(events.c.id == event_id)).one()
        return Accepted(event_id, event.source_id, judged.verdict, judged.reason, fresh=True), found
    if acts_at_once:
        effects.note(root.person_id if root is not None else person)
    _act_on_tasks(session, target, event, root, now)
    if (root.type if root is not None else event.type).startswith(SAID_AT_ONCE):  # no plan judges it, so none writes it
        line = (now, f"event.{event.type}", event_id, {"type": event.type, "verdict": verdict.value})
        session.execute(insert(journal), journal_rows(target.id, [line]))
    return Accepted(event_id, event.source_id, verdict.value, None, fresh=True), found


def _named_in(
    session: Session, target: Target, kind: str, data: dict[str, Any], repaired: Row[Any] | None, now: datetime
) -> Named:
    """Homes, owners and signers that an event names, or that a correction puts in their place."""
    if target.journey is None:
        return Named(data)
    change = data.get("data")
    if kind != "event.corrected" or repaired is None or not isinstance(change, dict):
        return named(session, target.journey, kind, data, now)
    found = named(session, target.journey, repaired.type, change, now, within="data/data")
    return Named(data | {"data": found.data}, found.owners)


@dataclass(frozen=True, slots=True)
class Taken:
    """An event as it would be committed: its person by our id, its data, and the type of what it acts as."""

    person: str | None
    data: Mapping[str, Any]
    acts_as: str


def as_taken(session: Session, target: Target, event: NewEvent) -> Taken:
    """What `accept` would commit of an event; InvalidInput as there, and nothing is written."""
    repaired = repaired_by(session, target.id, event)
    root = at_the_root(session, target.id, repaired)
    acts_as = root.type if root is not None else event.type
    return Taken(_person(session, event, {}), normalised(event, repaired), acts_as)


def event_row(session: Session, event_id: str) -> Row[Any] | None:
    """An event by our id."""
    return session.execute(select(events).where(events.c.id == event_id)).first()


def told_before(session: Session, target: Target, event: NewEvent, digest: str) -> Accepted | None:
    """What stands of an event that was told before; Conflict when its body was another."""
    told = {"of": target.id, "by": event.source, "as": event.source_id}
    known = session.execute(_TOLD_AS, told).first()
    if known is None:
        return None
    if known.digest != digest:
        raise Conflict(Reason("told-otherwise", {"id": event.source_id}))
    return Accepted(known.id, event.source_id, known.verdict, known.reason, fresh=False)


def standing(session: Session, ids: Sequence[str]) -> dict[str, tuple[str, Mapping[str, Any] | None, str | None]]:
    """Verdict and reason of events as they stand now, with the zone of their project."""
    rows = session.execute(_STANDING, {"ids": list(ids)})
    return {row.id: (row.verdict, row.reason, row.zone) for row in rows}


def _person(session: Session, event: NewEvent, known: Mapping[str, str]) -> str | None:
    """The person's id by the owner's ref (or by our id); unknown ones are refused at the door."""
    if event.person is None or event.person in known:
        return known.get(event.person or "")
    found = person_named(session, event.person)
    if found is None:
        raise InvalidInput((field_error("person", "unknown-person"),))
    return str(found)


def _act_on_tasks(session: Session, target: Target, event: NewEvent, root: Row[Any] | None, now: datetime) -> None:
    if event.type == "task.assigned":
        assign_task(session, target.id, event.data, now)
    elif event.type == "event.voided" and root is not None and root.type == "task.assigned":
        release_claim(session, target.id, root.data)


def _journeys_of(session: Session, person: str) -> set[str]:
    rows = session.execute(
        select(journeys.c.id)
        .join(parties, parties.c.episode_id == journeys.c.episode_id)
        .where(parties.c.person_id == person, journeys.c.over.is_(False))
    )
    return set(rows.scalars())


def as_event(row: Row[Any]) -> Event:
    """A row of the inbox as the domain reads it."""
    return Event(
        row.id, row.type, row.occurred_at, row.recorded_at, row.data, row.source, row.source_id, row.person_id,
        row.about, row.scope,
    )  # fmt: skip
