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
