"""Lists of work, over everything with an agenda. Instants are RFC 3339 text in the project's zone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from journey.domain.actions import seen_as
from journey.domain.clocks import local
from journey.domain.errors import NotFound
from journey.domain.reasons import Reason, with_text
from journey.domain.telling import title
from journey.store.joint_calls import homes_of, leads
from journey.store.paging import DEFAULT_LIMIT, Order, Page
from journey.store.people import start_source
from journey.store.queries import OPEN_TASKS, find_journey, shown
from journey.store.tables import batches, events, journeys, projects, tasks, units

_TASKS: Final = Order("tasks", (tasks.c.due, tasks.c.id))


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
    """Tasks, the first due first; NotFound for an unknown journey. A call about several homes is listed once."""
    rows, following = _TASKS.fetch(session, _filtered(session, _tasks(), wanted), cursor, limit)
    homes = homes_of(session, [row.id for row in rows])
    return Page([_task(row, homes.get(row.id, ()), lang) for row in rows], following)


def task_view(session: Session, task_id: str, lang: str = "zh") -> dict[str, Any]:
    """One task; NotFound."""
    row = session.execute(_tasks().where(tasks.c.id == task_id)).one_or_none()
    if row is None:
        raise NotFound(Reason("no-such-task"))
    return _task(row, homes_of(session, [task_id]).get(task_id, ()), lang)


def task_place(session: Session, task_id: str) -> dict[str, Any] | None:
    """Which item of which home a task is, and when it is due: nothing of a person; None for an unknown one."""
    row = session.execute(_tasks().where(tasks.c.id == task_id)).one_or_none()
    if row is None:
        return None
    return {
        "task": row.id,
        "rule": row.rule,
        "project": row.project,
        "place": row.unit or row.batch or "",
        "due": row.due,
        "zone": row.zone,
    }


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
        "reason": with_text(row.reason, lang, row.zone),
    }


def started_with(session: Session, journey_id: str, lang: str = "zh") -> list[dict[str, Any]]:
    """The facts that a journey was started with, in the order of telling, and what stands of each now."""
    rows = session.execute(
        select(events, projects.c.zone)
        .join(journeys, journeys.c.id == events.c.journey_id)
        .join(projects, projects.c.id == journeys.c.project_id)
        .where(
            journeys.c.id == journey_id,
            events.c.recorded_at == journeys.c.started_at,
            events.c.source != start_source(journey_id),
        )
        .order_by(events.c.seq)
    )
    return [
        {"id": row.source_id, "event": row.id, "verdict": row.verdict, "reason": with_text(row.reason, lang, row.zone)}
        for row in rows
    ]


def _tasks() -> Select[Any]:
    return (
        select(
            tasks,
            projects.c.code.label("project"),
            projects.c.zone,
            units.c.code.label("unit"),
            batches.c.code.label("batch"),
        )
        .join(projects, projects.c.id == tasks.c.project_id)
        .outerjoin(journeys, journeys.c.id == tasks.c.journey_id)
        .outerjoin(units, units.c.id == journeys.c.unit_id)
        .outerjoin(batches, batches.c.id == tasks.c.agenda_id)
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
        return query.where(tasks.c.journey_id == find_journey(session, wanted.journey))
    return query.where(leads())


def _task(row: Row[Any], homes: Sequence[Mapping[str, str]], lang: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "journey": row.journey_id,
        "project": row.project,
        "unit": row.unit,
        "batch": row.batch,
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
        "homes": list(homes),
    }
