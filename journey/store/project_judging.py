"""What a project was told, judged at once: rows and timeline follow, whoever it concerns is planned again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, union, update
from sqlalchemy.orm import Session

from journey.domain.reasons import Reason
from journey.domain.verdicts import Opinion
from journey.store.broadcast_voids import follow_voids
from journey.store.changes import record_change
from journey.store.ledger import journal_rows, verdict_params
from journey.store.project_dates import refold_project
from journey.store.shared_agendas import mark_project
from journey.store.tables import batches, events, journal, projects

OPEN_DAY = "open_day."


def projects_waiting(session: Session) -> list[str]:
    """Projects with a fact whose day has not come yet, or whose milestones an older build did not keep."""
    waiting = select(events.c.project_id).where(events.c.project_id.is_not(None), events.c.verdict == "parked")
    unread = select(projects.c.id).where(projects.c.milestones.is_(None))
    return sorted(session.execute(union(waiting, unread)).scalars())


def judge_project(session: Session, project_id: str, now: datetime, *, told: str = "") -> None:
    """Batches follow the project's events, verdicts are written at once, whoever they concern is planned again.

    `told` is the type of what was told, voided or corrected just now. The project is locked before its events are
    read: of two that are told at once the second one sees the first.
    """
    session.execute(select(projects.c.id).where(projects.c.id == project_id).with_for_update(key_share=True)).one()
    stood = {row.id: row for row in session.execute(select(events).where(events.c.project_id == project_id))}
    rebuilt = refold_project(session, project_id, now)
    opinions = rebuilt.opinions
    for event_id, opinion in opinions.items():
        reason = opinion.reason.document() if opinion.reason else None
        session.execute(
            update(events).where(events.c.id == event_id).values(verdict=opinion.verdict.value, reason=reason)
        )
    _write_down(session, project_id, stood, opinions, now)
    for batch_id in rebuilt.batches:
        record_change(session, "batch", {"batch": batch_id}, now)
    if rebuilt.went_live_otherwise:
        record_change(session, "go-live", {"project": project_id}, now)
    mark_project(session, project_id)
    void = {event_id for event_id, each in opinions.items() if each.reason == Reason("voided")}
    if void:
        follow_voids(session, project_id, void, now)
    open_days = [row for row in stood.values() if row.type.startswith(OPEN_DAY)]
    if told.startswith(OPEN_DAY) or any(opinions[row.id].verdict != row.verdict for row in open_days):
        record_change(session, "open-day", {"project": project_id}, now)


def _write_down(
    session: Session, project_id: str, stood: Mapping[str, Row[Any]], opinions: Mapping[str, Opinion], now: datetime
) -> None:
    """What the project was told, and each change of mind, in its timeline and in that of the batch that it names."""
    for event_id, opinion in opinions.items():
        row = stood[event_id]
        if opinion.verdict.value != row.verdict:
            line = (now, f"event.{row.type}", event_id, verdict_params(row.type, opinion))
            for agenda_id in (project_id, *_batches_named(session, project_id, row)):
                session.execute(insert(journal), journal_rows(agenda_id, [line]))


def _batches_named(session: Session, project_id: str, row: Row[Any]) -> list[str]:
    """The batch that an event is about: by its code, or by the key of an item of it."""
    subject = str(row.data.get("key")).split("/", 2)[1:2]
    code = (row.scope or {}).get("batch") or row.data.get("batch")
    named = (batches.c.code == str(code)) | batches.c.id.in_(subject)
    return list(session.execute(select(batches.c.id).where(batches.c.project_id == project_id, named)).scalars())
