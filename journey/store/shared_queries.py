"""What people are shown of the agendas of projects and batches. Instants are RFC 3339 text in the project's zone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from journey.domain.errors import NotFound
from journey.domain.reasons import Reason
from journey.domain.values import Gate, label
from journey.store import batch_queries, registry
from journey.store.entry_queries import agenda_timeline, entries_view
from journey.store.paging import DEFAULT_LIMIT, Page
from journey.store.queries import shown
from journey.store.shared_agendas import row_table
from journey.store.shared_reading import agenda_row

AHEAD = ("planned", "held")
_GATES = {gate.value: gate for gate in Gate}


def agenda_id(session: Session, project: str, batch: str | None = None) -> str:
    """The id of a project's agenda, or of that of one of its batches; NotFound."""
    row = registry.project_row(session, project)
    if batch is None:
        return str(row.id)
    found = batch_queries.batch_row(session, row.id, batch)
    if found is None:
        raise NotFound(Reason("no-such-batch"))
    return str(found.id)


def _standing(row: Any) -> dict[str, Any]:
    """How an agenda stands: stage, when something is due next, how many of its tasks are late."""
    next_due = shown(row.next_due, row.zone)
    return {"stage": row.stage, "status": row.status, "next_due": next_due, "overdue": row.overdue}


def status_of(session: Session, agenda: str) -> str:
    """The status of any agenda."""
    table = row_table(agenda)
    return str(session.execute(select(table.c.status).where(table.c.id == agenda)).scalar_one())


def entries(session: Session, project: str, batch: str | None = None, lang: str = "zh", *, ahead: bool = False) -> Page:
    """Every item of a project or batch by due, or only those still ahead; NotFound."""
    found = entries_view(session, agenda_id(session, project, batch), lang)
    return Page([entry for entry in found if not ahead or entry["outcome"] in AHEAD])


def timeline(
    session: Session,
    project: str,
    batch: str | None = None,
    lang: str = "zh",
    *,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page:
    """What happened to a project or batch, in the order in which it was written down; NotFound."""
    return agenda_timeline(session, agenda_id(session, project, batch), lang, cursor=cursor, limit=limit)


def gates(stored: Mapping[str, Any] | None, zone: str, lang: str = "zh") -> list[dict[str, Any]]:
    """The last word on each gate of a batch."""
    return [
        {
            "gate": gate,
            "title": label(_GATES[gate], lang) if gate in _GATES else gate,
            "state": word["state"],
            "at": shown(datetime.fromisoformat(word["at"]), zone),
            "event": word["event"],
            "by": word.get("by"),
        }
        for gate, word in (stored or {}).items()
    ]


def batch_view(session: Session, project: str, code: str, lang: str = "zh") -> dict[str, Any]:
    """One batch as `batch_queries` shows it, with its gates and how its agenda stands; NotFound."""
    shown_batch = batch_queries.batch_view(session, project, code, lang)
    row = agenda_row(session, shown_batch["id"])
    assert row is not None  # a batch has an agenda from its first day
    return {**shown_batch, **_standing(row), "gates": gates(row.batch_gates, row.zone, lang)}
