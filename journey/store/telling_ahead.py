"""What one event would do to a journey before it is told: planned in memory, nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from journey.domain.comparing import Difference, Stands, compare
from journey.domain.consent import Word, uncalled
from journey.domain.event_checks import NewEvent
from journey.domain.event_types.channels import POST_CHANNEL
from journey.domain.events import Event
from journey.domain.outcomes import KEYS_OVER
from journey.domain.outlook import Outlook, look_ahead
from journey.domain.person_facts import PersonFacts, fold_holds, fold_person
from journey.domain.planner import Plan, plan
from journey.domain.record import Record
from journey.domain.verdicts import AT_THE_DOOR, Opinion, Verdict, as_told_right
from journey.store import inbox, people, registry
from journey.store.foreseeing import channels_of
from journey.store.inbox import Target
from journey.store.previewing import PREVIEW, SOON
from journey.store.reading import journey_row, read_journey
from journey.store.reading_home import place_of
from journey.store.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Told:
    """A journey before and after an event that nobody told yet."""

    row: Any
    opinion: Opinion
    before: Plan
    after: Plan
    difference: Difference
    outlook: Outlook


def told_ahead(session: Session, name: str, event: NewEvent, now: datetime, *, shelf: Shelf) -> Told:
    """The journey as it would be; NotFound, and InvalidInput for an unknown person, as the door would say."""
    journey_id = registry.journey_id_of(session, name)
    row = journey_row(session, journey_id)
    assert row is not None  # it was found a moment ago, and journeys are never deleted
    reading = read_journey(session, row, shelf)
    at = max(now, row.planned_at) if row.planned_at else now
    told, root = _as_taken(session, journey_id, event, at)
    record = _with(session, _handed_over(session, row, reading.record, told), told, root)
    before, after = plan(reading.record, at, reading.seen), plan(record, at, reading.seen)
    stands = Stands.of_plan(before)
    opinion = Opinion(Verdict.APPLIED) if root.startswith(AT_THE_DOOR) else after.opinions[PREVIEW]
    return Told(
        row=row,
        opinion=opinion,
        before=before,
        after=after,
        difference=compare(stands, after, wake_at=row.wake_at),
        outlook=look_ahead(after, record, at, at + SOON, channels_of(session, record)),
    )


def _as_taken(session: Session, journey_id: str, event: NewEvent, now: datetime) -> tuple[Event, str]:
    """The event as the inbox would take it, and the type of what it is about in the end."""
    taken = inbox.as_taken(session, Target(journey_id, journey=journey_id), event)
    told = Event(
        PREVIEW, event.type, event.occurred_at, now, taken.data, event.source, event.source_id, taken.person,
        event.about,
    )  # fmt: skip
    return told, taken.acts_as


def _handed_over(session: Session, row: Any, record: Record, told: Event) -> Record:
    """With its keys a home takes its place in the batch, which planning reads from then on only."""
    if told.type not in KEYS_OVER:
        return record
    return replace(record, batch=replace(record.batch, place=place_of(session, row)))


def _with(session: Session, record: Record, told: Event, acts_as: str) -> Record:
    """The record with one event more; what acts at the door is folded into persons and holds as the door would."""
    more = replace(record, events=[*record.events, told])
    if not acts_as.startswith(AT_THE_DOOR):
        return more
    person = told.person or _person_of(record, told)
    if person is None:
        effective = as_told_right(sorted(more.events, key=lambda event: event.order))[0]
        own = [hold for hold in record.holds if hold.person is not None]
        return replace(more, holds=[*own, *fold_holds(event for event in effective if event.person is None)])
    return _with_person(more, person, fold_person([*people.events_of(session, person), told], person))


def _person_of(record: Record, told: Event) -> str | None:
    """Whom a void or correction is about: the person of the event that it names."""
    named = told.data.get("event_id")
    repaired = next((event for event in record.events if named in (event.id, event.source_id)), None)
    return repaired.person if repaired is not None else None


def _with_person(record: Record, person: str, facts: PersonFacts) -> Record:
    given = {purpose: consent.since for (purpose, _), consent in facts.consents.items() if consent.given}
    said = [Word(*of, consent.given, consent.since) for of, consent in facts.consents.items()]
    numbers = record.packs.versions[-1].pack.contact
    trusted = ("ok",) if numbers is not None and numbers.verified_first else ("ok", "unverified")
    spoken_to = [contact for channel, contact in facts.contacts.items() if channel != POST_CHANNEL]
    reached = any(contact.state in trusted for contact in spoken_to)
    lost = max((contact.since for contact in spoken_to if contact.state != "ok"), default=None)
    post = facts.contacts.get(POST_CHANNEL)
    posted = post is not None and post.state == "ok"
    others = {name: since for name, since in record.no_contact.items() if name != person}
    return replace(
        record,
        consents={**record.consents, person: given},
        uncalled={**record.uncalled, person: uncalled(said)},
        bereaved=record.bereaved - {person} | ({person} if facts.bereaved_at else frozenset()),
        holds=[*_without(record, person), *facts.holds],
        no_contact=others | ({person: lost} if lost and not reached else {}),
        no_post=record.no_post - {person} | (frozenset() if posted else {person}),
        reachable_since=facts.reachable_since if person == record.primary else record.reachable_since,
    )


def _without(record: Record, person: str) -> Sequence[Any]:
    return [hold for hold in record.holds if hold.person != person]
