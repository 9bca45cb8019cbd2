"""The next owner's journey of a home: begun by a move of the one before it, once, and told what is open on the home."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from journey.domain.entries import State
from journey.domain.event_checks import NewEvent
from journey.domain.events import Event
from journey.domain.holding import refs_named
from journey.domain.json_checks import body_digest
from journey.domain.owner_checks import owner_from
from journey.domain.reasons import Reason
from journey.domain.stages.ownership import BEGIN_NEXT
from journey.domain.values import ROLES, Role
from journey.domain.verdicts import as_told_right
from journey.store import inbox, installation
from journey.store.ledger import journal_rows, write_entry
from journey.store.people import person_of, said_of_owner
from journey.store.performing import Found, Wanted, is_stale, look, touched
from journey.store.registry import Beginning, begin, household_of
from journey.store.sweeping import mark_poke_wanted
from journey.store.tables import events, journal, persons, tenures
from journey.store.tenures import holder_of, take

PERSONAL_WORDS = ("text", "photos", "what", "notes", "reason")
STEP_FIELDS = ("until", "slot", "countersigned")
STEP_POSTS = ("to", "by", "approved_by")


@dataclass(frozen=True, slots=True)
class Opened:
    """The journey that was begun or told of something; None when it could not be."""

    journey: str | None
    project: str
    unit: str


def open_next(session: Session, wanted: Wanted, real_now: datetime) -> Opened | None:
    """Begin the next journey, or hand on to it what is open on the home; None when the move is stale."""
    _lock_new_owners(session, wanted)
    found = look(session, wanted)
    if found is None or is_stale(wanted, found) or not found.planned or found.item is None:
        return None
    cause = _as_told_right(session, wanted.journey, found.item["anchor"]["event"])
    if cause is None:  # taken back since it was planned
        return None
    if found.item["rule"] == BEGIN_NEXT:
        journey, reason = _begin(session, wanted, found, cause, real_now)
    else:
        journey, reason = _carry(session, wanted, found, cause, real_now)
    state = State.DONE if journey is not None else State.FAILED
    entry = replace(touched(found.entry, found.item, wanted.now, state), reason=reason, tries=0)
    write_entry(session, wanted.journey, entry)
    line = (wanted.now, f"entry.{state}", wanted.key, {"reason": reason.document()})
    session.execute(insert(journal), journal_rows(wanted.journey, [line]))
    return Opened(journey, found.row.project, found.row.unit or "")


def _lock_new_owners(session: Session, wanted: Wanted) -> None:
    """Persons before journeys, in every transaction."""
    told = session.execute(
        select(events.c.data).where(
            events.c.journey_id == wanted.journey, events.c.type.in_(("ownership.transferred", "event.corrected"))
        )
    ).scalars()
    refs = [ref for data in told for part in (data, data.get("data") or {}) for ref in _refs(part)]
    if refs:
        named = select(persons.c.id).where(persons.c.ref.in_(refs)).order_by(persons.c.id)
        session.execute(named.with_for_update(key_share=True))


def _refs(data: Any) -> list[str]:
    return refs_named(data, "ownership.transferred") if isinstance(data, Mapping) else []


def _begin(
    session: Session, wanted: Wanted, found: Found, cause: Event, real_now: datetime
) -> tuple[str | None, Reason]:
    row = found.row
    other = holder_of(session, row.unit_id) if row.unit_id else None
    if row.unit_id is None or other not in (None, wanted.journey):
        return None, Reason("home-taken", {"journey": other or "?"})
    owners = [owner_from(owner) for owner in cause.data["to"]]
    known = [(owner, person_of(session, owner, wanted.now)) for owner in owners]
    people = list({party.id: party for _, party in known}.values())
    beginning = Beginning(
        project=row.project_id,
        unit_id=row.unit_id,
        people=[one.id for one in people],
        household=household_of(session, people),
        pack=row.pack,
        overlays=row.overlays,
        kind=str(cause.data.get("kind") or "resale"),
    )
    journey = begin(session, beginning, wanted.now, real_now)
    mine = (tenures.c.unit_id == row.unit_id) & (tenures.c.journey_id == wanted.journey) & tenures.c.ends.is_(None)
    session.execute(update(tenures).where(mine).values(ends=cause.occurred_at))
    taken = take(session, row.unit_id, journey, cause.occurred_at)
    assert taken  # its journey had it, under the lock of this transaction
    data = {"on": cause.on(row.zone).isoformat(), "kind": beginning.kind, "previous": wanted.journey}
    source = f"transfer:{cause.id}"
    told = [NewEvent("began", "ownership.began", cause.occurred_at, data, source=source)]
    told += [one for owner, party in known for one in said_of_owner(session, source, owner, party, wanted.now)]
    key = installation.digest_key(session, wanted.now)
    inbox.accept_first(
        session, journey, [(one, body_digest(one.data, key)) for one in told], people, wanted.now, real_now
    )
    mark_poke_wanted(session, journey, real_now)
    return journey, Reason("opened-journey", {"journey": journey})


def _carry(
    session: Session, wanted: Wanted, found: Found, cause: Event, real_now: datetime
) -> tuple[str | None, Reason]:
    """A report of a defect, or a step of it, told to the journey that has the home now."""
    journey = session.execute(
        select(events.c.journey_id)
        .where(events.c.type == "ownership.began", events.c.source.like("transfer:%"))
        .where(events.c.target == holder_of(session, found.row.unit_id))
    ).scalar()
    if journey is None or journey == wanted.journey:
        return None, Reason("waits-for-journey")
    source = f"transfer:{wanted.journey}"
    step = found.item["params"].get("as") if found.item else None
    event = _step(cause, str(step), found.item or {}, source) if step else _report(cause, source)
    key = installation.digest_key(session, wanted.now)
    target = inbox.Target(journey, journey=journey)
    inbox.accept(session, target, event, body_digest(event.data, key), wanted.now, real_now)
    mark_poke_wanted(session, journey, real_now)
    return journey, Reason("carried-to", {"journey": journey})


def _report(cause: Event, source: str) -> NewEvent:
    """The report without the words of who made it: its clocks go on from when it was told."""
    kept = {name: value for name, value in cause.data.items() if name not in PERSONAL_WORDS}
    return NewEvent(cause.id, cause.type, cause.occurred_at, {**kept, "text": "—", **_carried(cause)}, source=source)


def _step(cause: Event, kind: str, item: Mapping[str, Any], source: str) -> NewEvent:
    """What was done, as the fact of the case that it is: codes, dates and posts, no names and no words."""
    posts = {name: cause.data[name] for name in STEP_POSTS if cause.data.get(name) in ROLES}
    kept = {name: cause.data[name] for name in STEP_FIELDS if name in cause.data}
    data = {"by": Role.PROPERTY_CS.value, **kept, **posts, **_carried(cause)}
    if kind == "case.paused":
        data["reason"] = cause.data.get("reason")
    return NewEvent(
        item["occurrence"], kind, cause.occurred_at, data, source=source, about={"case": item["params"]["case"]}
    )


def _carried(cause: Event) -> dict[str, Any]:
    known_at = cause.data.get("known_at") or cause.recorded_at.isoformat()
    return {"carried": cause.data.get("carried") or cause.id, "known_at": known_at}


def _as_told_right(session: Session, journey: str, event_id: str) -> Event | None:
    """An event of a journey with its corrections; None when it was voided."""
    rows = session.execute(select(events).where(events.c.journey_id == journey)).all()
    effective = as_told_right(sorted((inbox.as_event(row) for row in rows), key=lambda event: event.order))[0]
    return next((event for event in effective if event.id == event_id), None)
