"""The go-live of a project in the store: what stood before a move is kept with the move."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from journey.domain.go_live import MOVED
from journey.store.tables import projects


def with_what_stood(session: Session, project_id: str | None, kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """The data of an event as it is committed: a move of the go-live says what it was, whoever told it."""
    if kind != MOVED or project_id is None:
        return dict(data)
    stood: datetime | None = session.execute(
        select(projects.c.go_live_at).where(projects.c.id == project_id).with_for_update(key_share=True)
    ).scalar_one()
    return {**data, "was": stood.isoformat() if stood is not None else None}
