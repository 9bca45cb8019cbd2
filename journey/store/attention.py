"""What a person should look at: how many there are of each kind, and the first few by their ids. No personal data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, literal_column, select
from sqlalchemy.orm import Session

from journey.domain.entries import State
from journey.store.tables import entries, events, journeys, receipts

TRIES: Final = 5  # failures in a row after which a person should look (`kernel.md` §1)
PARKED_LONG: Final = timedelta(days=90)  # after which a premature fact is listed (`kernel.md` §3)
LATE: Final = timedelta(minutes=5)
LATELY: Final = timedelta(days=7)  # so long a receipt of nobody's message is told of
FIRST: Final = 5  # of each that are named
IS_PARKED: Final[ColumnElement[bool]] = events.c.verdict == literal_column("'parked'")  # as its index has it


@dataclass(frozen=True, slots=True)
class Listed:
    """How many there are, and the first few: ids of ours, of an entry its agenda and its key."""

    count: int
    first: Sequence[str]


def parked_long(now: datetime) -> ColumnElement[bool]:
    """Facts that have been premature for so long that somebody should ask whether they are true."""
    every = events.c.type > ""  # a range, so that every engine takes them from their index
    return IS_PARKED & every & (events.c.recorded_at < now - PARKED_LONG)


def strangers(now: datetime) -> ColumnElement[bool]:
    """Receipts of late that no message of ours was found for."""
    return (receipts.c.outcome == "unknown") & (receipts.c.received_at > now - LATELY)


def what_waits(session: Session, now: datetime) -> dict[str, Listed]:
    """Everything that waits longer than it should, by the name of its check."""
    late = (journeys.c.wake_at < now - LATE) & ~journeys.c.over
    stale = journeys.c.stale_since.is_not(None)
    return {
        "stale": _journeys(session, stale, journeys.c.stale_since),
        "past-due": _journeys(session, late, journeys.c.wake_at),
        "unjudged": _events(session, events.c.verdict == "taken"),
        "parked": _events(session, parked_long(now)),
        "unknown": _entries(session, entries.c.state == State.UNKNOWN.value),
        "receipts": _receipts(session, strangers(now)),
        "stuck": _entries(session, entries.c.tries >= TRIES),
    }


def _journeys(session: Session, which: ColumnElement[bool], first: Any) -> Listed:
    found = select(journeys.c.id).where(which).order_by(first, journeys.c.id)
    return _listed(session, found, which, journeys)


def _events(session: Session, which: ColumnElement[bool]) -> Listed:
    found = select(events.c.id).where(which).order_by(events.c.recorded_at, events.c.id)
    return _listed(session, found, which, events)


def _receipts(session: Session, which: ColumnElement[bool]) -> Listed:
    found = select(receipts.c.id).where(which).order_by(receipts.c.received_at, receipts.c.id)
    return _listed(session, found, which, receipts)


def _entries(session: Session, which: ColumnElement[bool]) -> Listed:
    found = select(entries.c.scope_id + " " + entries.c.key).where(which).order_by(entries.c.at, entries.c.seq)
    return _listed(session, found, which, entries)


def _listed(session: Session, found: Select[Any], which: ColumnElement[bool], table: Any) -> Listed:
    count = session.execute(select(func.count()).select_from(table).where(which)).scalar_one()
    return Listed(count, list(session.execute(found.limit(FIRST)).scalars()) if count else [])
