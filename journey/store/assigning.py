"""A task changes hands in the transaction that commits the event, so that work lists show it with Temporal away too."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from journey.domain.assigning import POSTS
from journey.store.tables import tasks


def assign_task(session: Session, journey_id: str, data: Mapping[str, Any], now: datetime) -> None:
    """Give an open task to a post, free to be claimed, or to a colleague who then has it."""
    to = str(data.get("to"))
    taken = (
        {"role": to, "claimed_by": None, "claimed_at": None} if to in POSTS else {"claimed_by": to, "claimed_at": now}
    )
    session.execute(update(tasks).where(*_open(journey_id, data)).values(**taken))


def release_claim(session: Session, journey_id: str, data: Mapping[str, Any]) -> None:
    """An assignment was taken back: the colleague no longer has the task; its post is the next plan's to say."""
    session.execute(
        update(tasks)
        .where(*_open(journey_id, data), tasks.c.claimed_by == str(data.get("to")))
        .values(claimed_by=None, claimed_at=None)
    )


def _open(journey_id: str, data: Mapping[str, Any]) -> tuple[Any, ...]:
    named = str(data.get("task"))
    return tasks.c.id == named, tasks.c.journey_id == journey_id, tasks.c.closed_at.is_(None)
