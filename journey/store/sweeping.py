"""What the sweeper looks for: stale, past due, unjudged, doubtful; one lease over all workers (`kernel.md` §8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import Session

from journey.store.tables import journeys, leases, projects, units

SETTLE = timedelta(seconds=5)  # real time a mark may stand before the sweeper acts on it
LEAST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)
PAST_DUE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Sleeper:
    """A journey to poke, with what its workflow is started with."""

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
    rows = session.execute(
        select(journeys.c.id, journeys.c.pokes, projects.c.code, units.c.code.label("unit"))
        .join(projects, projects.c.id == journeys.c.project_id)
        .outerjoin(units, units.c.id == journeys.c.unit_id)
        .where(
            or_(
                journeys.c.stale_since < real_now - SETTLE,
                (journeys.c.wake_at < now - PAST_DUE) & journeys.c.over.is_(False),
            )
        )
        .where(or_(journeys.c.poked_at.is_(None), journeys.c.poked_at < real_now))
        .order_by(journeys.c.stale_since, journeys.c.wake_at)  # after a loss: what is due first comes first
        .limit(limit)
    ).all()
    for row in rows:
        pause = min(LEAST_PAUSE * 2 ** min(row.pokes, 10), LONGEST_PAUSE)
        session.execute(
            update(journeys).where(journeys.c.id == row.id).values(poked_at=real_now + pause, pokes=row.pokes + 1)
        )
    return [Sleeper(row.id, row.code, row.unit or "") for row in rows]


def mark_poke_wanted(session: Session, journey_id: str, real_now: datetime) -> None:
    """Have the sweeper poke a journey with its next round: its wake moved earlier."""
    session.execute(
        update(journeys)
        .where(journeys.c.id == journey_id)
        .values(stale_since=real_now - 2 * SETTLE, stale_mark=journeys.c.stale_mark + 1, poked_at=None, pokes=0)
    )
