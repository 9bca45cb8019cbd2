"""Marks on journeys that were written to and not planned since."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from journey.store.tables import journeys


def mark_stale(session: Session, journey_id: str, at: datetime) -> None:
    """Mark a journey; `at` is real time, whatever clock its business runs on."""
    session.execute(
        update(journeys).where(journeys.c.id == journey_id).values(stale_since=at, stale_mark=journeys.c.stale_mark + 1)
    )


def doubt_the_end(session: Session, journey_id: str, at: datetime) -> None:
    """Mark a journey that a plan declared over although nobody saw its workflow answer.

    Temporal keeps an update in memory until a workflow task has taken it. Killed in that moment it forgets the update,
    and the workflow sleeps on without knowing that its life is over. Any other journey is woken at the row's `wake_at`.
    """
    session.execute(
        update(journeys)
        .where(journeys.c.id == journey_id, journeys.c.over)
        .values(stale_since=at, stale_mark=journeys.c.stale_mark + 1)
    )
