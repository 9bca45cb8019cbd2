"""What the sweeper looks for: stale, past due, unjudged, doubtful; one lease over all workers (`kernel.md` §8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, insert, or_, select, update
from sqlalchemy.orm import Session

from journey.store.shared_agendas import row_table
from journey.store.tables import batches, journeys, leases, projects, shared_agendas, units

SETTLE = timedelta(seconds=5)  # real time a mark may stand before the sweeper acts on it
LEAST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)
PAST_DUE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Sleeper:
    """An agenda to poke, with what its workflow is started with; `unit` is a home's, or the code of a batch."""

    journey: str
    project: str
    unit: str


def take_lease(session: Session, name: str, holder: str, now: datetime, length: timedelta) -> bool:
    """Whether this holder has the lease until `now + length`; one holder at a time."""
    row = session.execute(select(leases).where(leases.c.name == name).with_for_update()).first()
    if row is None:
        session.execute(insert(leases).values(name=name, holder=holder, until=now + length))
        return True
    if row.holder != holder and row.until > now:
        return False
    session.execute(update(leases).where(leases.c.name == name).values(holder=holder, until=now + length))
    return True


def sleepers(session: Session, *, now: datetime, real_now: datetime, limit: int) -> Sequence[Sleeper]:
    """Journeys marked stale for 5 s of real time, or whose wake is past; each counts as poked from here on.

    A journey is poked at most once in 10 s, then with growing pauses up to an hour, until a plan clears it.
    """
    return _asleep(session, journeys, units, units.c.id == journeys.c.unit_id, now, real_now, limit)


def shared_sleepers(session: Session, *, now: datetime, real_now: datetime, limit: int) -> Sequence[Sleeper]:
    """The same of projects and batches: they are few, and have a share of their own in every round."""
    of_batch = batches.c.id == shared_agendas.c.batch_id
    return _asleep(session, shared_agendas, batches, of_batch, now, real_now, limit)


def _asleep(
    session: Session,
    table: Table,
    places: Table,
    there: ColumnElement[bool],
    now: datetime,
    real_now: datetime,
    limit: int,
) -> Sequence[Sleeper]:
    """Agendas of a table that should be awake; `places` has the code of the home or batch of each."""
    rows = session.execute(
        select(table.c.id, table.c.pokes, projects.c.code, places.c.code.label("place"))
        .join(projects, projects.c.id == table.c.project_id)
        .outerjoin(places, there)
        .where(
            or_(
                table.c.stale_since < real_now - SETTLE,
                (table.c.wake_at < now - PAST_DUE) & table.c.over.is_(False),
            )
        )
        .where(or_(table.c.poked_at.is_(None), table.c.poked_at < real_now))
        .order_by(table.c.stale_since, table.c.wake_at)  # after a loss: what is due first comes first
        .limit(limit)
    ).all()
    _count_as_poked(session, table, rows, real_now)
    return [Sleeper(row.id, row.code, row.place or "") for row in rows]


def _count_as_poked(session: Session, table: Table, rows: Sequence[Any], real_now: datetime) -> None:
    for row in rows:
        pause = min(LEAST_PAUSE * 2 ** min(row.pokes, 10), LONGEST_PAUSE)
        session.execute(
            update(table).where(table.c.id == row.id).values(poked_at=real_now + pause, pokes=row.pokes + 1)
        )


def mark_poke_wanted(session: Session, agenda_id: str, real_now: datetime) -> None:
    """Have the sweeper poke an agenda with its next round: its wake moved earlier."""
    table = row_table(agenda_id)
    session.execute(
        update(table)
        .where(table.c.id == agenda_id)
        .values(stale_since=real_now - 2 * SETTLE, stale_mark=table.c.stale_mark + 1, poked_at=None, pokes=0)
    )
