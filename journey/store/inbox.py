"""The inbox: every event is committed here first, once, and acts on shared rows in the same transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from journey.domain.errors import Conflict, InvalidInput, field_error
from journey.domain.event_checks import NewEvent, check_data, merge_correction
from journey.domain.events import Event
from journey.domain.reasons import Reason
from journey.domain.verdicts import AT_THE_DOOR, Verdict
from journey.store.assigning import assign_task, release_claim
from journey.store.changes import record_change
from journey.store.ids import new_event_id
from journey.store.inserting import insert_new
from journey.store.ledger import journal_rows
from journey.store.people import refold_journey_holds, refold_person
from journey.store.project_dates import refold_project
from journey.store.staleness import mark_stale
from journey.store.tables import events, journal, journeys, parties, persons

REPAIRS = ("event.voided", "event.corrected")


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


def accept(
    session: Session, target: Target, event: NewEvent, digest: str, now: datetime, real_now: datetime
) -> Accepted:
    """Commit a checked event. The same id from the same source changes nothing; with another body it is a Conflict."""
    known = told_before(session, target, event, digest)
    if known is not None:
        return known
    person = _person(session, target, event)
    repaired = _repaired(session, target, event)
    data = _normalised(event, repaired)
    root = _at_the_root(session, target, repaired)
    acts_at_once = (root.type if root is not None else event.type).startswith(AT_THE_DOOR)
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
        return told
    if target.project is not None:
        judge_project(session, target.project, now)
        judged = session.execute(select(events.c.verdict, events.c.reason).where(events.c.id == event_id)).one()
        return Accepted(event_id, event.source_id, judged.verdict, judged.reason, fresh=True)
    _act_on_people(session, target, event.type, person, root, now, real_now)
    _act_on_tasks(session, target, event, root, now)
    if (root.type if root is not None else event.type).startswith("hold."):  # no plan judges it, so none writes it
        line = (now, f"event.{event.type}", event_id, {"type": event.type, "verdict": verdict.value})
        session.execute(insert(journal), journal_rows(target.id, [line]))
    return Accepted(event_id, event.source_id, verdict.value, None, fresh=True)


def event_row(session: Session, event_id: str) -> Row[Any] | None:
    """An event by our id."""
    return session.execute(select(events).where(events.c.id == event_id)).first()


def told_before(session: Session, target: Target, event: NewEvent, digest: str) -> Accepted | None:
    """What stands of an event that was told before; Conflict when its body was another."""
    known = session.execute(
        select(events).where(
            events.c.target == target.id, events.c.source == event.source, events.c.source_id == event.source_id
        )
    ).first()
    if known is None:
        return None
    if known.digest != digest:
        raise Conflict(Reason("told-otherwise", {"id": event.source_id}))
    return Accepted(known.id, event.source_id, known.verdict, known.reason, fresh=False)


def standing(session: Session, ids: Sequence[str]) -> dict[str, tuple[str, Mapping[str, Any] | None]]:
    """Verdict and reason of events as they stand now."""
    rows = session.execute(select(events.c.id, events.c.verdict, events.c.reason).where(events.c.id.in_(ids)))
    return {row.id: (row.verdict, row.reason) for row in rows}


def _person(session: Session, target: Target, event: NewEvent) -> str | None:
    """The person's id by the owner's ref (or by our id); unknown ones are refused at the door."""
    if event.person is None:
        return None
    found = session.execute(
        select(persons.c.id).where((persons.c.ref == event.person) | (persons.c.id == event.person))
    ).scalar()
    if found is None:
        raise InvalidInput((field_error("person", "unknown-person"),))
    return str(found)


def _repaired(session: Session, target: Target, event: NewEvent) -> Row[Any] | None:
    """The event that a void or correction names."""
    if event.type not in REPAIRS:
        return None
    return _named(session, target, event.source, event.data)


def _named(session: Session, target: Target, source: str, data: Mapping[str, Any]) -> Row[Any] | None:
    named = str(data.get("event_id"))
    return session.execute(
        select(events)
        .where(events.c.target == target.id)
        .where((events.c.id == named) | ((events.c.source == source) & (events.c.source_id == named)))
    ).first()


def _at_the_root(session: Session, target: Target, repaired: Row[Any] | None) -> Row[Any] | None:
    """What a repair is about in the end: a void may be voided itself."""
    seen: set[str] = set()
    while repaired is not None and repaired.type in REPAIRS and repaired.id not in seen:
        seen.add(repaired.id)
        repaired = _named(session, target, repaired.source, repaired.data)
    return repaired


def _normalised(event: NewEvent, repaired: Row[Any] | None) -> dict[str, Any]:
    """The event's data; what a correction leaves must be as valid as data told right, and is kept in the same form."""
    change = event.data.get("data")
    if event.type != "event.corrected" or repaired is None or not isinstance(change, Mapping):
        return event.data
    checked = check_data(repaired.type, merge_correction(repaired.data, change))
    plain = {
        name: checked[name] for name, value in change.items() if name in checked and not isinstance(value, Mapping)
    }
    return event.data | {"data": {**change, **plain}}


def _act_on_people(
    session: Session,
    target: Target,
    kind: str,
    person: str | None,
    repaired: Row[Any] | None,
    now: datetime,
    real_now: datetime,
) -> None:
    assert target.journey is not None  # journeys' events only
    acted = repaired.type if repaired is not None else kind
    who = repaired.person_id if repaired is not None else person
    concerned = {target.journey}
    if acted.startswith(AT_THE_DOOR):
        if who is not None:
            refold_person(session, who, now)
            concerned |= _journeys_of(session, who)
        else:
            refold_journey_holds(session, target.journey)
    for journey_id in sorted(concerned):
        mark_stale(session, journey_id, real_now)


def _act_on_tasks(session: Session, target: Target, event: NewEvent, root: Row[Any] | None, now: datetime) -> None:
    assert target.journey is not None  # journeys' events only
    if event.type == "task.assigned":
        assign_task(session, target.journey, event.data, now)
    elif event.type == "event.voided" and root is not None and root.type == "task.assigned":
        release_claim(session, target.journey, root.data)


def _journeys_of(session: Session, person: str) -> set[str]:
    rows = session.execute(
        select(journeys.c.id)
        .join(parties, parties.c.episode_id == journeys.c.episode_id)
        .where(parties.c.person_id == person, journeys.c.over.is_(False))
    )
    return set(rows.scalars())


def projects_waiting(session: Session) -> list[str]:
    """Projects with a fact whose day has not come yet."""
    waiting = select(events.c.project_id).where(events.c.project_id.is_not(None), events.c.verdict == "parked")
    return list(session.execute(waiting.distinct()).scalars())


def judge_project(session: Session, project_id: str, now: datetime) -> None:
    """Batches follow the project's events, verdicts are written at once, journeys concerned are planned again."""
    opinions, moved = refold_project(session, project_id, now)
    for event_id, opinion in opinions.items():
        reason = opinion.reason.document() if opinion.reason else None
        session.execute(
            update(events).where(events.c.id == event_id).values(verdict=opinion.verdict.value, reason=reason)
        )
    for batch_id in moved:
        record_change(session, "batch", {"batch": batch_id}, now)


def as_event(row: Row[Any]) -> Event:
    """A row of the inbox as the domain reads it."""
    return Event(
        row.id, row.type, row.occurred_at, row.recorded_at, row.data, row.source, row.source_id, row.person_id,
        row.about, row.scope,
    )  # fmt: skip
