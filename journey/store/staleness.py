"""Marks on journeys that were written to and not planned since."""

from datetime import datetime

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from journey.store.tables import journeys

_MARK = (
    update(journeys)
    .where(journeys.c.id == bindparam("journey"))
    .values(stale_since=bindparam("real"), stale_mark=journeys.c.stale_mark + 1)
)


def mark_stale(session: Session, journey_id: str, at: datetime) -> None:
    """Mark a journey; `at` is real time, whatever clock its business runs on."""
    session.execute(_MARK, {"journey": journey_id, "real": at})
