"""Undo: which of an operator's events may still be taken back, and what the world does not allow."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from journey.domain import actions
from journey.domain.actions import PLANNED, Standing
from journey.domain.errors import Conflict, NotFound
from journey.domain.reasons import Reason
from journey.store.registry import CLOSED
from journey.store.tables import events, journeys, tasks

ITEMS: Final = ("item.skipped", "item.redone", "item.rescheduled", "item.decided")
OTHERS: Final = ("hold.placed", "hold.released", "journey.cancelled", "task.assigned", "go_live.moved")


def undoable(session: Session, row: Any, told_to: str, named: str, standings: Mapping[str, Standing]) -> Any:
    """The event that is meant, told to a journey or a project; NotFound, or Conflict with what stands in the way."""
    found = session.execute(
        select(events)
        .where(events.c.target == told_to, or_(events.c.id == named, events.c.source_id == named))
        .order_by((events.c.id == named).desc(), events.c.seq.desc())
    ).first()
    if found is None:
        raise NotFound(Reason("no-such-event"))
    if found.type not in (*ITEMS, *OTHERS):
        raise Conflict(Reason("not-an-action", {"type": found.type}))
    if _voided(session, told_to, found):
        raise Conflict(Reason("undone-already"))
    if found.type in ITEMS:
        actions.may_undo(found.type, found.id, found.data, standings)
    elif found.type == "task.assigned":
        _still_open(session, str(found.data.get("task")))
    elif found.type == "journey.cancelled":
        _home_is_free(session, row)
    return found


def refuse_second_redo(session: Session, told_to: str, standing: Standing) -> None:
    """A redo that no plan has seen yet is not ordered twice."""
    waiting = select(events.c.data).where(
        events.c.target == told_to, events.c.type == "item.redone", events.c.verdict == "taken"
    )
    if any(str(data.get("key")).split("~")[0] == standing.base for data in session.execute(waiting).scalars()):
        raise Conflict(Reason("not-ended", {"state": PLANNED}))


def _voided(session: Session, told_to: str, found: Any) -> bool:
    """Whether a void names the event; one that was taken back itself does not count."""
    told = session.execute(
        select(events.c.id, events.c.source, events.c.source_id, events.c.data).where(
            events.c.target == told_to, events.c.type == "event.voided"
        )
    ).all()
    undone = {str(void.data.get("event_id")) for void in told}
    standing = [void for void in told if not undone & {void.id, void.source_id}]
    return any(
        void.data.get("event_id") == found.id
        or (void.source, void.data.get("event_id")) == (found.source, found.source_id)
        for void in standing
    )


def _still_open(session: Session, task_id: str) -> None:
    task = session.execute(select(tasks.c.state, tasks.c.closed_at).where(tasks.c.id == task_id)).first()
    if task is not None and task.closed_at is not None:
        raise Conflict(Reason("task-closed", {"state": task.state}))


def _home_is_free(session: Session, row: Any) -> None:
    if row.unit_id is None:
        return
    other = session.execute(
        select(journeys.c.id).where(
            journeys.c.unit_id == row.unit_id, journeys.c.id != row.id, journeys.c.status.not_in(CLOSED)
        )
    ).scalar()
    if other is not None:
        raise Conflict(Reason("home-taken", {"journey": other}), existing=other)
