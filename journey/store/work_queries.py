"""Lists of work and of messages, over all journeys. Instants are RFC 3339 text in the project's zone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from journey.domain.actions import seen_as
from journey.domain.clocks import local
from journey.domain.errors import NotFound
from journey.domain.reasons import Reason, wording
from journey.domain.telling import title
from journey.store.paging import DEFAULT_LIMIT, Order, Page
from journey.store.queries import OPEN_TASKS, find_journey, shown
from journey.store.tables import events, journeys, messages, persons, projects, tasks, units

_TASKS: Final = Order("tasks", (tasks.c.due, tasks.c.id))
_MESSAGES: Final = Order("messages", (messages.c.reserved_at, messages.c.id), descending=True)


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Which tasks a list shows; None asks for all. The state `open` stands for every rung of a running task."""

    role: str | None = None
    state: str | None = None
    due_before: datetime | None = None
    project: str | None = None
    journey: str | None = None


def list_tasks(
    session: Session,
    wanted: TaskFilter,
    lang: str = "zh",
    *,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page:
    """Tasks, the first due first; NotFound for an unknown journey."""
    rows, following = _TASKS.fetch(session, _filtered(session, _tasks(), wanted), cursor, limit)
    return Page([_task(row, lang) for row in rows], following)


def task_view(session: Session, task_id: str, lang: str = "zh") -> dict[str, Any]:
    """One task; NotFound."""
    row = session.execute(_tasks().where(tasks.c.id == task_id)).one_or_none()
    if row is None:
        raise NotFound(Reason("no-such-task"))
    return _task(row, lang)


def list_messages(
    session: Session,
    *,
    journey: str | None = None,
    state: str | None = None,
    lang: str = "zh",
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page:
    """Messages without addresses or text, the latest first; NotFound for an unknown journey."""
    query = (
        select(messages, persons.c.ref, projects.c.zone)
        .join(journeys, journeys.c.id == messages.c.journey_id)
        .join(projects, projects.c.id == journeys.c.project_id)
        .outerjoin(persons, persons.c.id == messages.c.person_id)
    )
    if journey is not None:
        query = query.where(messages.c.journey_id == find_journey(session, journey))
    if state is not None:
        query = query.where(messages.c.state == state)
    rows, following = _MESSAGES.fetch(session, query, cursor, limit)
    return Page([_message(row, lang) for row in rows], following)


def event_view(session: Session, event_id: str, lang: str = "zh") -> dict[str, Any]:
    """An event by our id, without its data; NotFound."""
    row = session.execute(
        select(events, projects.c.zone)
        .outerjoin(journeys, journeys.c.id == events.c.journey_id)
        .join(projects, projects.c.id == func.coalesce(events.c.project_id, journeys.c.project_id))
        .where(events.c.id == event_id)
    ).one_or_none()
    if row is None:
        raise NotFound(Reason("unknown-event"))
    return {
        "event": row.id,
        "id": row.source_id,
        "source": row.source,
        "type": row.type,
        "journey": row.journey_id,
        "occurred_at": shown(row.occurred_at, row.zone),
        "recorded_at": shown(row.recorded_at, row.zone),
        "verdict": row.verdict,
        "reason": _reason(row.reason, lang),
    }


def _tasks() -> Select[Any]:
    return (
        select(tasks, projects.c.code.label("project"), projects.c.zone, units.c.code.label("unit"))
        .join(projects, projects.c.id == tasks.c.project_id)
        .join(journeys, journeys.c.id == tasks.c.journey_id)
        .outerjoin(units, units.c.id == journeys.c.unit_id)
    )


def _filtered(session: Session, query: Select[Any], wanted: TaskFilter) -> Select[Any]:
    if wanted.role is not None:
        query = query.where(tasks.c.role == wanted.role)
    if wanted.state is not None:
        query = query.where(tasks.c.state.in_(OPEN_TASKS if wanted.state == "open" else (wanted.state,)))
    if wanted.due_before is not None:
        query = query.where(tasks.c.due < wanted.due_before)
    if wanted.project is not None:
        query = query.where(projects.c.code == wanted.project)
    if wanted.journey is not None:
        query = query.where(tasks.c.journey_id == find_journey(session, wanted.journey))
    return query


def _task(row: Row[Any], lang: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "journey": row.journey_id,
        "project": row.project,
        "unit": row.unit,
        "key": row.key,
        "item": row.rule,
        "title": title(row.rule, lang),
        "kind": row.kind,
        "role": row.role,
        "state": row.state,
        "expected": seen_as(row.state, local(row.due, row.zone)),
        "due": shown(row.due, row.zone),
        "legal_due": shown(row.legal_due, row.zone),
        "attempts": row.attempts,
        "max_attempts": row.max_attempts,
        "next_attempt": shown(row.next_attempt, row.zone),
        "claimed_by": row.claimed_by,
        "escalated_to": row.escalated_to,
        "opened_at": shown(row.opened_at, row.zone),
        "closed_at": shown(row.closed_at, row.zone),
    }


def _message(row: Row[Any], lang: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "key": row.key,
        "journey": row.journey_id,
        "entry": row.entry_key,
        "person": row.ref,
        "channel": row.channel,
        "class": row.message_class,
        "template": row.template,
        "language": row.language,
        "state": row.state,
        "reserved_at": shown(row.reserved_at, row.zone),
        "sent_at": shown(row.sent_at, row.zone),
        "reason": _reason(row.reason, lang),
    }


def _reason(reason: dict[str, Any] | None, lang: str) -> dict[str, Any] | None:
    if reason is None:
        return None
    params = reason.get("params") or {}
    return {"code": reason["code"], "params": params, "text": wording(reason["code"], params, lang)}
