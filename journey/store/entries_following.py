"""What follows a message's row that a receipt changed: the entry that it was sent for, and a broadcast's recipient."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import String, and_, bindparam, or_, select, update
from sqlalchemy.orm import Session

from journey.domain.entries import State
from journey.domain.rules import BROADCAST, NOTICE, RULES
from journey.store.broadcasts import PERSON
from journey.store.ledger import JOURNEY
from journey.store.outbox import LOWEST
from journey.store.tables import broadcast_recipients, broadcasts, entries, journeys, messages

Changed = tuple[Any, Mapping[str, Any]]  # a message's row as it was, and the columns that changed
REPEATED: Final = re.compile(r"~rcp_[^~/]+$")  # a repeat that a receipt asked for
_LOW: Final = (State.UNKNOWN.value, State.FAILED.value)
_ENTRY: Final = (
    update(entries)
    .where(
        entries.c.scope == JOURNEY,
        entries.c.scope_id == bindparam("of"),
        entries.c.key == bindparam("under"),
        entries.c.state == bindparam("was"),
    )
    .values(
        state=bindparam("to_state"), at=bindparam("to_at"), reason=bindparam("to_reason"), fact=None, until=None,
        tries=0,
    )
)  # fmt: skip
_RECIPIENT: Final = (
    update(broadcast_recipients)
    .where(
        broadcast_recipients.c.broadcast_id == bindparam("of"),
        broadcast_recipients.c.person_id == bindparam("whom"),
        or_(
            *(broadcast_recipients.c.state == state for state in (State.SENT.value, *_LOW)),
            # It arrived after all: what waits to go once more does not go.
            and_(
                broadcast_recipients.c.state == State.HELD.value,
                broadcast_recipients.c.again.is_not(None),
                bindparam("to_state", type_=String) == State.DELIVERED.value,
            ),
        ),
    )
    .values(state=bindparam("to_state"), reason=bindparam("to_reason"), at=bindparam("to_at"), until=None)
)


def under_way(session: Session, rows: Sequence[Any]) -> set[str]:
    """The messages whose send is not recorded to its end: their row or their entry is reserved."""
    reserved = {
        (row.scope_id, row.key)
        for row in _entries(session, rows)
        if row.state == State.RESERVED.value
    }  # fmt: skip
    return {row.id for row in rows if row.state == "reserved" or (row.journey_id, row.entry_key) in reserved}


def follow_rows(session: Session, changed: Sequence[Changed], now: datetime) -> None:
    """Let entries and recipients follow: each climbs with the lowest of its messages, and wakes no journey."""
    climbed = [(row, values) for row, values in changed if "state" in values]
    if climbed:
        _raise_entries(session, climbed, now)
    marks = [(row, _mark(values)) for row, values in changed if "state" in values or "failed_at" in values]
    if marks:
        _mark_recipients(session, marks, now)


def _raise_entries(session: Session, climbed: Sequence[Changed], now: datetime) -> None:
    found = {(row.scope_id, row.key): row for row in _entries(session, [row for row, _ in climbed])}
    lowest = _lowest(session, [(row, values["state"]) for row, values in climbed])
    changes: dict[tuple[str, str], dict[str, Any]] = {}
    for row, values in climbed:
        place = (row.journey_id, row.entry_key)
        entry = found.get(place)
        if entry is None or not _follows(entry, row):
            continue
        if LOWEST.index(State(lowest[place])) > LOWEST.index(State(entry.state)):
            went = entry.state == State.SENT.value  # it went out when it did
            changes[place] = {
                "of": place[0], "under": place[1], "was": entry.state, "to_state": lowest[place],
                "to_at": entry.at if went else now, "to_reason": values.get("reason"),
            }  # fmt: skip
    if changes:
        session.execute(_ENTRY, list(changes.values()))


def _follows(entry: Any, row: Any) -> bool:
    """Whether an entry stands where its message stood: one that failed for another reason stays."""
    if entry.state == State.SENT.value:
        return True
    return entry.state in _LOW and entry.state == row.state and entry.reason == row.reason


def _lowest(session: Session, climbed: Sequence[tuple[Any, str]]) -> dict[tuple[str, str], str]:
    """By entry: the lowest state of its messages as they stand now; a broadcast sends one for each."""
    found = {(row.journey_id, row.entry_key): state for row, state in climbed}
    many = [row for row, _ in climbed if not is_broadcast(row.entry_key)]
    if many:
        rows = session.execute(
            select(messages.c.journey_id, messages.c.entry_key, messages.c.state).where(
                messages.c.journey_id.in_({row.journey_id for row in many}),
                messages.c.entry_key.in_({row.entry_key for row in many}),
            )
        )
        for row in rows:
            place = (row.journey_id, row.entry_key)
            if place in found:
                found[place] = min(found[place], row.state, key=lambda state: LOWEST.index(State(state)))
    return found


def is_broadcast(key: str) -> bool:
    """Whether the message of an entry went out with a broadcast."""
    rule = RULES.get(key.split("/", 1)[0])
    return rule.executor == BROADCAST if rule is not None else key.startswith(f"{NOTICE}/")


def _entries(session: Session, rows: Sequence[Any]) -> Sequence[Any]:
    """The entries of messages."""
    columns = (entries.c.scope_id, entries.c.key, entries.c.state, entries.c.reason, entries.c.at)
    return session.execute(
        select(*columns).where(
            entries.c.scope == JOURNEY,
            entries.c.scope_id.in_({row.journey_id for row in rows}),
            entries.c.key.in_({row.entry_key for row in rows}),
        )
    ).all()


def _mark(values: Mapping[str, Any]) -> tuple[str, str | None]:
    """The state and reason that a broadcast's report shows: what the carrier gave back has not arrived."""
    if values.get("failed_at") is not None:
        return State.FAILED.value, "given-back"
    return str(values.get("state", State.DELIVERED.value)), None


def _mark_recipients(session: Session, marks: Sequence[tuple[Any, tuple[str, str | None]]], now: datetime) -> None:
    places = projects_of(session, [row for row, _ in marks])
    names = {row.id: broadcast_names(row.entry_key, places[row.journey_id]) for row, _ in marks}
    wanted = {name for found in names.values() for name in found}
    known = session.execute(select(broadcasts.c.id, broadcasts.c.key).where(broadcasts.c.key.in_(wanted))).all()
    of = {row.key: row.id for row in known}
    changes = [
        {"of": of[name], "whom": row.person_id, "to_state": state, "to_reason": reason, "to_at": now}
        for row, (state, reason) in marks
        for name in names[row.id]
        if name in of
    ]
    if changes:
        session.execute(_RECIPIENT, changes)


def projects_of(session: Session, rows: Sequence[Any]) -> Mapping[str, str]:
    """The project of each home that messages were sent for."""
    homes = select(journeys.c.id, journeys.c.project_id).where(journeys.c.id.in_({row.journey_id for row in rows}))
    return {row.id: row.project_id for row in session.execute(homes)}


def broadcast_names(key: str, project: str) -> tuple[str, ...]:
    """The keys under which the broadcast of an entry may stand: its own, or that of one that is each person's own.

    The latter has its project's id in place of the person; before that was so, the word `person`.
    """
    first = REPEATED.sub("", key)
    rule, _, occurrence = first.split("/", 2)
    return first, f"{rule}/{project}/{occurrence}", f"{rule}/{PERSON}/{occurrence}"
