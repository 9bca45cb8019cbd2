"""How much waits, and for how long: the numbers that a scrape of the API shows. Every query runs on an index."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from journey.domain.breaking import BreakerKind, BreakerState
from journey.domain.entries import RUNNING, State
from journey.domain.values import Role
from journey.store.attention import TRIES, parked_long, strangers
from journey.store.ledger import JOURNEY
from journey.store.sweeping import LONGEST_PAUSE, PAST_DUE
from journey.store.tables import breakers, calendars, changes, entries, events, journeys, leases, receipts, tasks

Query: TypeAlias = Select[*tuple[Any, ...]]
YEARS_AHEAD: Final = 2
_LATE: Final = (State.OVERDUE.value, State.ESCALATED.value)
_TRIED: Final = tuple(state.value for state in (*sorted(RUNNING), State.HELD, State.RESERVED))
_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_WAITS: Final = journeys.c.stale_since > _EVER  # "is not null" as a range, which every engine takes from the index


@dataclass(frozen=True, slots=True)
class Gauge:
    """One number with its labels."""

    name: str
    value: float
    labels: dict[str, str] = field(default_factory=dict)


def read_gauges(session: Session, now: datetime, real_now: datetime) -> list[Gauge]:
    """Every gauge at an instant of business; marks that only pace the sweeper are in real time."""
    found: list[Gauge] = []
    for name, query, at in _queues(now, real_now):
        count, oldest = session.execute(query).one()
        found.append(Gauge(f"journey_{name}", count))
        found.append(Gauge(f"journey_{name}_oldest_seconds", max((at - oldest).total_seconds(), 0) if oldest else 0))
    for name, query in _entries(now):
        found.append(Gauge(f"journey_{name}", session.execute(query).scalar_one()))
    found += _overdue(session)
    found += _breakers(session)
    found += _provisional(session, now.year)
    return [*found, *_lease(session, real_now)]


def queries(now: datetime) -> list[Query]:
    """Every query on a table that grows, for a look at how it is run."""
    return [*(query for _, query, _ in _queues(now, now)), *(query for _, query in _entries(now)), _OVERDUE]


def _queues(now: datetime, real_now: datetime) -> Iterator[tuple[str, Query, datetime]]:
    """What waits in line: a name, its count with its oldest, and the clock that the oldest goes by."""
    late = (journeys.c.wake_at < now - PAST_DUE) & journeys.c.over.is_(False)
    told = events.c.journey_id.in_(select(journeys.c.id).where(_WAITS))
    yield "stale_journeys", select(func.count(), func.min(journeys.c.stale_since)).where(_WAITS), real_now
    yield "past_due_journeys", select(func.count(), func.min(journeys.c.wake_at)).where(late), now
    # Whoever commits an event marks its journey in the same transaction: no scan of all events is needed.
    unjudged = select(func.count(), func.min(events.c.recorded_at)).where(told, events.c.verdict == "taken")
    yield "unjudged_events", unjudged, now
    unfinished = select(func.count(), func.min(changes.c.created_at)).where(changes.c.done_at.is_(None))
    yield "open_changes", unfinished, now
    waiting = select(func.count(), func.min(receipts.c.received_at)).where(receipts.c.look_at > _EVER)
    yield "waiting_receipts", waiting, now


def _entries(now: datetime) -> Iterator[tuple[str, Query]]:
    """Entries that wait for somebody or something: a name and its count."""
    of_state = select(func.count()).select_from(entries)
    long = select(func.count()).select_from(events).where(parked_long(now))
    yield "long_parked_events", long
    yield "unknown_entries", of_state.where(entries.c.state == State.UNKNOWN.value)
    yield "held_entries", of_state.where(entries.c.state == State.HELD.value)
    yield "unknown_receipts", select(func.count()).select_from(receipts).where(strangers(now))
    # One that fails is tried again within the hour, so that its journey wakes within it: far fewer than all that run.
    soon = select(journeys.c.id).where(journeys.c.wake_at < now + LONGEST_PAUSE, journeys.c.over.is_(False))
    waking = (entries.c.scope == JOURNEY) & entries.c.scope_id.in_(soon)
    # Not asked for by state: PostgreSQL would take that index, and read every task that runs.
    unfinished = func.count().filter(entries.c.state.in_(_TRIED))
    yield "failing_entries", select(unfinished).select_from(entries).where(waking, entries.c.tries >= TRIES)


_OVERDUE: Final = (
    select(tasks.c.role, func.count().label("late"))
    .where(tasks.c.role.in_([role.value for role in Role]), tasks.c.state.in_(_LATE))
    .group_by(tasks.c.role)
)


def _overdue(session: Session) -> list[Gauge]:
    counted: dict[str, int] = {row.role: row.late for row in session.execute(_OVERDUE)}
    return [Gauge("journey_overdue_tasks", counted.get(role.value, 0), {"role": role.value}) for role in Role]


def _breakers(session: Session) -> list[Gauge]:
    """How many templates and providers are stopped; the table has a row only for what ever failed."""
    of_kind = select(breakers.c.kind, func.count().label("open")).where(breakers.c.state == BreakerState.OPEN.value)
    counted: dict[str, int] = {row.kind: row.open for row in session.execute(of_kind.group_by(breakers.c.kind))}
    return [Gauge("journey_open_breakers", counted.get(kind.value, 0), {"kind": kind.value}) for kind in BreakerKind]


def _provisional(session: Session, year: int) -> Iterator[Gauge]:
    """Whether the holidays of this year and the next two are published, by country."""
    latest = select(func.max(calendars.c.seq)).group_by(calendars.c.country)
    rows = session.execute(select(calendars.c.country, calendars.c.document).where(calendars.c.seq.in_(latest)))
    for country, document in rows:
        for ahead in range(YEARS_AHEAD + 1):
            table = document["years"].get(str(year + ahead))
            labels = {"country": country, "years_ahead": str(ahead)}
            yield Gauge("journey_calendar_provisional", table is None or bool(table["provisional"]), labels)


def _lease(session: Session, real_now: datetime) -> Iterator[Gauge]:
    """Below zero: no worker sweeps."""
    until = session.execute(select(leases.c.until).where(leases.c.name == "sweeper")).scalar()
    if until is not None:
        yield Gauge("journey_sweeper_lease_seconds", (until - real_now).total_seconds())
