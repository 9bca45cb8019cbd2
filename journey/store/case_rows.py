"""The cases of a journey as rows, so that lists and sends find them: written by planning, from its fold."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from journey.store.tables import cases


def write_cases(session: Session, row: Any, found: Sequence[Mapping[str, Any]]) -> None:
    """Replace the rows of a journey's cases; `row` is the journey's."""
    session.execute(delete(cases).where(cases.c.journey_id == row.id))
    rows = [
        {
            "id": each["id"],
            "journey_id": row.id,
            "project_id": row.project_id,
            "unit_id": row.unit_id,
            "kind": each["kind"],
            "severity": each["class"],
            "state": each["state"],
            "level": each["level"],
            "opened_at": datetime.fromisoformat(each["opened_at"]),
            "closed_at": datetime.fromisoformat(each["closed_at"]) if each["closed_at"] else None,
            "document": dict(each),
        }
        for each in found
    ]
    if rows:
        session.execute(insert(cases), rows)
