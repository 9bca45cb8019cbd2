"""Homes that are about to be let in: the record that planning would read, built in memory; nothing is written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from journey.domain.event_checks import NewEvent
from journey.domain.events import Event
from journey.domain.outlook import Channel
from journey.domain.owner_checks import NewOwner
from journey.domain.packs import Pack
from journey.domain.record import Batch, Hold, Place, Record
from journey.domain.values import MessageClass
from journey.domain.verdicts import Verdict
from journey.store.addressees import ADDRESS_OF, INBOX
from journey.store.batch_rows import batch_from
from journey.store.project_dates import code_of_building, fold_batches, fold_told
from journey.store.reading import journey_row, read_journey
from journey.store.registry import CLOSED, NewProject, published_zone
from journey.store.shelf import Shelf, shelf_name
from journey.store.tables import consents, contacts, holds, journeys, persons, projects, units


@dataclass(frozen=True, slots=True)
class NewHome:
    """A home as it would be told: its owners, the first one primary, and its facts."""

    unit: str
    building: str
    owners: Sequence[NewOwner]
    facts: Sequence[NewEvent]


@dataclass(frozen=True, slots=True)
class Ground:
    """The project that homes would enter: there already, or about to be made; with the batches as they will be."""

    code: str
    zone: str
    pack: str
    overlays: Sequence[str]
    go_live_at: datetime | None
    posts: frozenset[str]
    buildings: Mapping[str, Sequence[str]]
    dates: Mapping[str, Batch]
    changed: frozenset[str]
    there: Mapping[str, str] = field(default_factory=dict)  # unit: the open journey of it
    places: Mapping[str, Place] = field(default_factory=dict)  # unit: where it will stand in its batch

    def batch_of(self, building: str) -> str | None:
        """The batch that a home of this building would belong to."""
        return code_of_building(self.buildings, building)

    def batch_for(self, home: "NewHome", known: Batch | None = None) -> Batch:
        """The batch of a home as planning would read it; `known` is what is read of it now."""
        code = self.batch_of(home.building)
        changed = code is not None and (known is None or code in self.changed)
        batch = self.dates[code] if code is not None and changed else known or Batch()
        return replace(batch, place=self.places.get(home.unit, batch.place))


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A home's record as planning would read it after the telling; `journey` is there already or None."""

    record: Record
    seen: Mapping[str, Verdict]
    channel: Channel
    journey: str | None


def ground_of(
    session: Session, project: NewProject, told: Sequence[NewEvent], now: datetime, homes: Mapping[str, str]
) -> Ground:
    """The project as it would be after `told`: the one that is there, else what `project` says; NotFound without.

    `homes` are those that enter, with their buildings.
    """
    row = session.execute(select(projects).where(projects.c.code == project.code)).first()
    also = [_event(event, number, now) for number, event in enumerate(told)]
    if row is None:
        zone = project.zone or published_zone(session, project.pack, project.overlays)
        folded = fold_told(also, {}, now=now, zone=zone)
        there, posts = {}, frozenset(project.posts or {})
    else:
        zone = row.zone
        folded = fold_batches(session, row.id, zone, now, also)
        there, posts = _open_journeys(session, row.id), frozenset(row.posts)
    of = project if row is None else row
    buildings = {code: buildings for code, (buildings, _) in folded.batches.items()}
    known = _units(session, row.id) if row is not None else {}
    return Ground(
        code=project.code,
        zone=zone,
        pack=of.pack,
        overlays=list(of.overlays),
        go_live_at=of.go_live_at,
        posts=posts,
        buildings=buildings,
        dates={code: batch_from(dates, folded.gates.get(code)) for code, (_, dates) in folded.batches.items()},
        changed=frozenset(folded.changed),
        there=there,
        places=_places(buildings, {**known, **homes}),
    )


def _units(session: Session, project_id: str) -> dict[str, str]:
    """The buildings of a project's homes, in the order of their ids."""
    found = select(units.c.code, units.c.building).where(units.c.project_id == project_id).order_by(units.c.id)
    return {row.code: row.building for row in session.execute(found)}


def _places(batches: Mapping[str, Sequence[str]], homes: Mapping[str, str]) -> dict[str, Place]:
    """By unit. Which of them a lot falls on shows once the new ones have ids; on how many, it shows here."""
    members: dict[str, list[str]] = {}
    for unit, building in homes.items():
        code = code_of_building(batches, building)
        if code is not None:
            members.setdefault(code, []).append(unit)
    return {unit: Place(rank, len(batch)) for batch in members.values() for rank, unit in enumerate(batch)}


def _open_journeys(session: Session, project_id: str) -> dict[str, str]:
    rows = session.execute(
        select(units.c.code, journeys.c.id)
        .join(journeys, journeys.c.unit_id == units.c.id)
        .where(units.c.project_id == project_id, journeys.c.status.not_in(CLOSED))
    )
    return {row.code: row.id for row in rows}


def foresee_home(session: Session, ground: Ground, home: NewHome, now: datetime, *, shelf: Shelf) -> Foreseen:
    """What planning would read of a home once its row is told at `now`."""
    there = ground.there.get(home.unit)
    return _told_more(session, ground, home, there, now, shelf) if there else _new(session, ground, home, now, shelf)


def _new(session: Session, ground: Ground, home: NewHome, now: datetime, shelf: Shelf) -> Foreseen:
    packs = shelf.history(session, shelf_name(ground.pack, list(ground.overlays)))
    primary = home.owners[0]
    refs = [owner.ref for owner in home.owners]
    known = {row.ref: row for row in session.execute(select(persons).where(persons.c.ref.in_(refs)))}
    owners = tuple(known[ref].id if ref in known else f"new:{ref}" for ref in refs)
    person = owners[0]
    record = Record(
        journey=f"new:{home.unit}",
        episode=f"new:{home.unit}",
        unit=f"new:{home.unit}",
        zone=ground.zone,
        started_at=now,
        go_live_at=ground.go_live_at,
        events=[_event(fact, number, now) for number, fact in enumerate(home.facts)],
        entries={},
        packs=packs,
        calendar=shelf.calendar(session, packs.versions[-1].pack.country),
        batch=ground.batch_for(home),
        holds=_holds(session, person),
        primary=person,
        owners=owners,
        consents={person: {**_given(session, person), **{one.purpose.value: now for one in primary.consents}}},
        bereaved=frozenset(row.id for row in known.values() if row.bereaved_at is not None),
        staffed=ground.posts,
    )
    own = {name for name, value in (("phone", primary.phone), ("email", primary.email)) if value}
    return Foreseen(record, {}, _channel(packs.versions[-1].pack, own | _addresses(session, person)), None)


def channels_of(session: Session, record: Record) -> Channel:
    """How each class of message would reach a journey's primary owner."""
    return _channel(record.packs.versions[-1].pack, _addresses(session, record.primary or ""))


def _told_more(session: Session, ground: Ground, home: NewHome, journey: str, now: datetime, shelf: Shelf) -> Foreseen:
    """The record of a journey that is there, with the facts that it has not heard yet."""
    row = journey_row(session, journey)
    assert row is not None  # it was found a moment ago, and journeys are never deleted
    reading = read_journey(session, row, shelf)
    heard = {(event.source, event.source_id) for event in reading.record.events}
    news = [fact for fact in home.facts if (fact.source, fact.source_id) not in heard]
    record = replace(
        reading.record,
        events=[*reading.record.events, *(_event(fact, number, now) for number, fact in enumerate(news))],
        batch=ground.batch_for(replace(home, building=row.building), reading.record.batch),
    )
    return Foreseen(record, reading.seen, channels_of(session, record), journey)


def _event(told: NewEvent, number: int, now: datetime) -> Event:
    return Event(
        f"evt_new_{number}", told.type, told.occurred_at, now, told.data, told.source, told.source_id, None, told.about,
        told.scope,
    )  # fmt: skip


def _holds(session: Session, person: str) -> list[Hold]:
    rows = session.execute(select(holds).where(holds.c.person_id == person))
    return [Hold(row.event_id, row.scope, row.how, row.placed_at, row.released_at, person) for row in rows]


def _given(session: Session, person: str) -> dict[str, datetime]:
    rows = session.execute(
        select(consents.c.purpose, consents.c.since).where(consents.c.person_id == person, consents.c.given)
    )
    return {row.purpose: row.since for row in rows}


def _addresses(session: Session, person: str) -> set[str]:
    rows = session.execute(select(contacts.c.channel).where(contacts.c.person_id == person, contacts.c.state == "ok"))
    return set(rows.scalars())


def _channel(pack: Pack, addresses: Iterable[str]) -> Channel:
    """The first channel of a class for which there is an address, as sending chooses it."""
    known = frozenset(addresses) | {INBOX}

    def by(message_class: MessageClass) -> str | None:
        return next((name for name in pack.messages.order(message_class) if ADDRESS_OF[name] in known), None)

    return by
