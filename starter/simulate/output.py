"""What a simulation prints: the JSON document of `interfaces.md`, read from the store at `until`."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from journey.domain.clocks import local_date
from journey.domain.reasons import with_text
from journey.domain.verdicts import Verdict
from journey.store.case_queries import cases_view
from journey.store.entry_queries import entries_view
from journey.store.queries import ledgers_view, warranty_view
from journey.store.tables import batches, events, journeys, projects, units


def document(
    session: Session, code: str, refused: Sequence[dict[str, Any]], until: datetime, lang: str = "zh"
) -> dict[str, Any]:
    """The whole document of one project; `refused` are the events that the door did not take."""
    project, zone = session.execute(select(projects.c.id, projects.c.zone).where(projects.c.code == code)).one()
    known = session.execute(
        select(batches.c.id, batches.c.code).where(batches.c.project_id == project).order_by(batches.c.code)
    )
    return {
        "journeys": _journeys(session, project, local_date(until, zone), lang),
        "batches": [{"code": each.code, "entries": entries_view(session, each.id, lang)} for each in known],
        "projects": [{"code": code, "entries": entries_view(session, project, lang), "cases": []}],
        "events_refused": [*refused, *_refused(session, project, lang, zone)],
    }


def _journeys(session: Session, project: str, today: date, lang: str) -> list[dict[str, Any]]:
    rows = session.execute(
        select(journeys.c.id, journeys.c.stage, journeys.c.status, units.c.code)
        .outerjoin(units, units.c.id == journeys.c.unit_id)
        .where(journeys.c.project_id == project)
        .order_by(journeys.c.started_at, units.c.code, journeys.c.id)
    )
    return [
        {
            "id": row.id,
            "unit": row.code,
            "stage": row.stage,
            "status": row.status,
            "entries": entries_view(session, row.id, lang),
            "warranty": warranty_view(session, row.id),
            "cases": cases_view(session, row.id, lang),
            "ledgers": ledgers_view(session, row.id, today),
        }
        for row in rows
    ]


def _refused(session: Session, project: str, lang: str, zone: str) -> list[dict[str, Any]]:
    """Events whose verdict is `refused` as things stand at the end."""
    rows = session.execute(
        select(events.c.source_id, events.c.type, events.c.reason)
        .outerjoin(journeys, journeys.c.id == events.c.journey_id)
        .where(events.c.verdict == Verdict.REFUSED.value)
        .where(or_(journeys.c.project_id == project, events.c.project_id == project))
        .order_by(events.c.seq)
    )
    return [{"id": row.source_id, "type": row.type, "reason": _worded(row.reason, lang, zone)} for row in rows]


def _worded(reason: dict[str, Any] | None, lang: str, zone: str) -> dict[str, Any]:
    return with_text(reason, lang, zone) or {"code": "refused", "params": {}, "text": ""}
