"""A task changes hands in the transaction that commits the event, so that work lists show it with Temporal away too."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from journey.domain.values import ROLES
from journey.store.tables import tasks


def assign_task(session: Session, told_to: str, data: Mapping[str, Any], now: datetime) -> None:
    """Give an open task to a post, free to be claimed, or to a colleague who then has it."""
    to = str(data.get("to"))
    taken = (
        {"role": to, "claimed_by": None, "claimed_at": None} if to in ROLES else {"claimed_by": to, "claimed_at": now}
    )
    session.execute(update(tasks).where(*_open(told_to, data)).values(**taken))


def release_claim(session: Session, told_to: str, data: Mapping[str, Any]) -> None:
    """An assignment was taken back: the colleague no longer has the task; its post is the next plan's to say."""
    session.execute(
        update(tasks)
        .where(*_open(told_to, data), tasks.c.claimed_by == str(data.get("to")))
        .values(claimed_by=None, claimed_at=None)
    )


def _open(told_to: str, data: Mapping[str, Any]) -> tuple[Any, ...]:
    """The task that an event names, if it belongs to the journey or the project that was told."""
    theirs = (tasks.c.project_id == told_to) & tasks.c.agenda_id.is_not(None)
    named = tasks.c.id == str(data.get("task"))
    return named, or_(tasks.c.journey_id == told_to, theirs), tasks.c.closed_at.is_(None)
