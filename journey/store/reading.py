"""Reads one journey as planning needs it, under the lock of its row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.orm import Session

from journey.domain.consent import Word, uncalled
from journey.domain.event_types.channels import POST_CHANNEL
from journey.domain.events import Event
from journey.domain.holding import Ties
from journey.domain.packs import PackHistory
from journey.domain.record import Bracket, Hold, Record
from journey.domain.verdicts import Verdict
from journey.store import installation
from journey.store.batch_rows import batch_from
from journey.store.ledger import read_entries
from journey.store.reading_home import homes_named, inherited_ledger, lot_of, open_days_of, people_named
from journey.store.shelf import Shelf, shelf_name
from journey.store.surroundings import HELD, surroundings_of
from journey.store.tables import (
    batches,
    consents,
    contacts,
    episodes,
    epochs,
    events,
    holds,
    journeys,
    parties,
    persons,
    projects,
    tenures,
)
from journey.store.tables import installation as installation_row
from journey.store.tables import units as unit_table

first_home = unit_table.alias("first_home")
_JOURNEY = (
    select(
        journeys.c.id,
        journeys.c.project_id,
        journeys.c.unit_id,
        journeys.c.episode_id,
        episodes.c.founders,
        episodes.c.household_id,
        journeys.c.pack,
        journeys.c.overlays,
        journeys.c.stage,
        journeys.c.status,
        journeys.c.started_at,
        journeys.c.next_due,
        journeys.c.overdue,
        journeys.c.care_stops,
        journeys.c.wake_at,
        journeys.c.planned_at,
        journeys.c.stale_since,
        journeys.c.over,
        journeys.c.pokes,
        journeys.c.shown_hash,
        journeys.c.pack_hash,
        journeys.c.calendar_hash,
        journeys.c.build,
        journeys.c.rules,
        projects.c.code.label("project"),
        projects.c.name.label("project_name"),
        projects.c.zone,
        projects.c.posts,
        projects.c.go_live_at,
        unit_table.c.code.label("unit"),
        unit_table.c.building,
        first_home.c.code.label("first_home"),
        select(tenures.c.journey_id)
        .where(tenures.c.unit_id == journeys.c.unit_id, tenures.c.ends.is_(None))
        .scalar_subquery()
        .label("holder"),  # who has the home
        unit_table.c.batch_id,
        batches.c.code.label("batch"),
        projects.c.milestones,
        batches.c.dates.label("batch_dates"),
        batches.c.gates.label("batch_gates"),
        select(installation_row.c.namespace_id).scalar_subquery().label("named"),  # the Temporal of the store
        exists().where(epochs.c.bracket_to.is_not(None)).label("restored"),
    )
    .join(projects, projects.c.id == journeys.c.project_id)
    .join(episodes, episodes.c.id == journeys.c.episode_id)
    .outerjoin(first_home, first_home.c.id == episodes.c.unit_id)
    .outerjoin(unit_table, unit_table.c.id == journeys.c.unit_id)
    .outerjoin(batches, batches.c.id == unit_table.c.batch_id)
)
_EVENTS = select(
    events.c.id, events.c.type, events.c.occurred_at, events.c.recorded_at, events.c.data, events.c.source,
    events.c.source_id, events.c.person_id, events.c.about, events.c.verdict,
)  # fmt: skip


# Built once: putting a statement together costs as much as running it.
_ROW = _JOURNEY.where(journeys.c.id == bindparam("journey"))
_LOCKED = _ROW.with_for_update(key_share=True, of=journeys)
_TOLD = _EVENTS.where(events.c.journey_id == bindparam("journey"))
_SPOKEN_TO = (contacts.c.person_id == persons.c.id) & (contacts.c.channel != POST_CHANNEL)
_WRITTEN_TO = (contacts.c.person_id == persons.c.id) & (contacts.c.channel == POST_CHANNEL)
_OWNERS = (
    select(
        persons.c.id,
        persons.c.reachable_since,
        persons.c.bereaved_at,
        persons.c.birthday,
        consents.c.purpose,
        consents.c.channel,
        consents.c.given,
        consents.c.since,
        exists().where(_SPOKEN_TO, contacts.c.state == "ok").label("reachable"),
        exists().where(_SPOKEN_TO, contacts.c.state == "unverified").label("unproved"),
        exists().where(_WRITTEN_TO, contacts.c.state == "ok").label("posted"),
        select(func.max(contacts.c.since))
        .where(_SPOKEN_TO, contacts.c.state != "ok")
        .scalar_subquery()
        .label("lost_since"),
    )
    .join(parties, parties.c.person_id == persons.c.id)
    .outerjoin(consents, consents.c.person_id == persons.c.id)
    .where(parties.c.episode_id == bindparam("episode"))
    .order_by(parties.c.position)
)
_HOLDS = select(holds).where(HELD).order_by(holds.c.placed_at)
_BRACKETS = (
    select(epochs.c.bracket_from, epochs.c.bracket_to).where(epochs.c.bracket_to.is_not(None)).order_by(epochs.c.epoch)
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A journey's record with its row; the agenda's hash and the warranty ledger are as the last plan left them."""

    row: Any
    record: Record
    seen: Mapping[str, Verdict]
    agenda_hash: str | None
    covers: Sequence[Any]
    country: str


def locked_journey(session: Session, journey_id: str) -> Any | None:
    """The journey's row with its project, unit and batch, locked against every other plan and move."""
    return session.execute(_LOCKED, {"journey": journey_id}).first()


def journey_row(session: Session, journey_id: str) -> Any | None:
    """The same row without a lock, for readers that write nothing."""
    return session.execute(_ROW, {"journey": journey_id}).first()


def ours(session: Session, namespace_id: str | None) -> bool:
    """Whether the Temporal that asks is the store's own; None stands for a caller without one (previews)."""
    return namespace_id is None or installation.belongs_to(session, namespace_id)


def is_ours(row: Any, namespace_id: str | None) -> bool:
    """The same of a journey's row, which says whose the store is."""
    return namespace_id is None or row.named == namespace_id


def read_journey(session: Session, row: Any, shelf: Shelf) -> Reading:
    """Everything planning reads, in a handful of statements."""
    journey_id = row.id
    named = {"journey": journey_id, "episode": row.episode_id}
    told = session.execute(_TOLD, named).all()
    owners = session.execute(_OWNERS, named).all()
    people = list(dict.fromkeys(owner.id for owner in owners))
    pack = shelf_name(row.pack, row.overlays)
    around = surroundings_of(session, row, pack, shelf.country(pack))
    packs, calendar = shelf.both(session, pack, around.newest)
    country = packs.versions[-1].pack.country
    homes = homes_named(session, row, told)
    open_days = open_days_of(session, row, told) if around.open_days else ()
    record = Record(
        journey=journey_id,
        episode=row.episode_id,
        unit=row.unit_id,
        zone=row.zone,
        started_at=row.started_at,
        go_live_at=row.go_live_at,
        events=[event_of(one) for one in told],
        entries=read_entries(session, journey_id),
        packs=packs,
        calendar=calendar,
        batch=replace(batch_from(row.batch_dates or {}, row.batch_gates), place=lot_of(session, row, told)),
        holds=_holds(session, named) if around.held else [],
        brackets=brackets(session) if row.restored else [],
        primary=people[0] if people else None,
        owners=tuple(people),
        no_contact={one.id: one.lost_since for one in owners if one.lost_since and not _reachable(one, packs)},
        no_post=frozenset(one.id for one in owners if not one.posted),
        consents=_consents(owners),
        uncalled=_uncalled(owners),
        bereaved=frozenset(owner.id for owner in owners if owner.bereaved_at is not None),
        reachable_since=owners[0].reachable_since if owners else None,
        birthdays=_birthdays(owners),
        staffed=frozenset(row.posts),
        posts={role: tuple(holders) for role, holders in row.posts.items()},
        roles=around.roles,
        known=frozenset(around.roles).union(*(open_day.names for open_day in open_days)),
        open_days=open_days,
        household=row.household_id,
        units=frozenset(homes),
        ties=Ties(
            home=row.first_home,
            founders=tuple(row.founders or people),
            people=people_named(session, told),
            held={code: other for code, other in homes.items() if other not in (None, journey_id)},
        ),
        displaced_by=row.holder if row.holder != journey_id else None,
        inherited=inherited_ledger(session, row.unit_id, told),
        building=row.building,
        batch_code=row.batch,
        milestones=row.milestones or (),
        agenda={key: datetime.fromisoformat(due) for key, due in around.planned.items()},
    )
    seen = {one.id: Verdict(one.verdict) for one in told}
    return Reading(row, record, seen, around.agenda_hash, around.covers, country)


def _reachable(owner: Any, packs: PackHistory) -> bool:
    """Whether there is an address that may be used: a new one after an invalid one is verified first, where it must."""
    numbers = packs.versions[-1].pack.contact
    trusted = owner.unproved and not (numbers is not None and numbers.verified_first)
    return bool(owner.reachable or trusted)


def brackets(session: Session) -> list[Bracket]:
    """The times that restores have lost."""
    return [Bracket(row.bracket_from, row.bracket_to) for row in session.execute(_BRACKETS)]


def event_of(row: Any) -> Event:
    """A row of the inbox as planning folds it."""
    return Event(
        row.id,
        row.type,
        row.occurred_at,
        row.recorded_at,
        row.data,
        row.source,
        row.source_id,
        row.person_id,
        row.about,
    )


def _birthdays(owners: Sequence[Any]) -> dict[str, tuple[int, int]]:
    """Month and day only: nobody's age is planned with."""
    return {owner.id: (owner.birthday.month, owner.birthday.day) for owner in owners if owner.birthday is not None}


def _holds(session: Session, named: Mapping[str, str]) -> list[Hold]:
    return [
        Hold(
            event=row.event_id,
            scope=row.scope,
            how=row.how,
            placed_at=row.placed_at,
            released_at=row.released_at,
            person=None if row.journey_id else row.person_id,
        )
        for row in session.execute(_HOLDS, named)
    ]


def _consents(owners: Sequence[Any]) -> dict[str, dict[str, datetime]]:
    given: dict[str, dict[str, datetime]] = {}
    for owner in owners:
        if owner.given:
            purposes = given.setdefault(owner.id, {})
            purposes[owner.purpose] = max(owner.since, purposes.get(owner.purpose, owner.since))
    return given


def _uncalled(owners: Sequence[Any]) -> dict[str, frozenset[str]]:
    said: dict[str, list[Word]] = {}
    for owner in owners:
        if owner.purpose is not None:
            said.setdefault(owner.id, []).append(Word(owner.purpose, owner.channel, owner.given, owner.since))
    return {person: uncalled(words) for person, words in said.items()}
