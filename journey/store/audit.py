"""Who did or read what: rows are added and never changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from journey.store.tables import audit


def append(
    session: Session, at: datetime, actor: str, action: str, subject: str, detail: Mapping[str, Any] | None = None
) -> None:
    """Add a row. `actor` and `subject` are ids, `action` a dotted word (`owner.read`), `detail` codes and ids.

    The actor is the API key that was used: whom the caller names stands in the detail, as `person` gives it.
    """
    session.execute(insert(audit).values(at=at, actor=actor, action=action, subject=subject, detail=dict(detail or {})))


def person(by: str | None) -> dict[str, str]:
    """The part of a detail that says for whom a key acted."""
    return {"by": by} if by else {}
