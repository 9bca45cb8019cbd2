"""Voids and broadcasts: one that tells of a void event is cancelled, and goes on when the void is void itself."""

from collections.abc import Mapping, Set
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from journey.domain.broadcasts import LIVE, BroadcastOrder, BroadcastState, after
from journey.domain.entries import State
from journey.store import audit
from journey.store.broadcast_control import Command, write_order
from journey.store.broadcasts import moved_on
from journey.store.tables import broadcast_recipients, broadcasts, events

CALLED_OFF = (BroadcastState.CANCELLING, BroadcastState.CANCELLED)


def follow_voids(session: Session, project: str, void: Set[str], now: datetime) -> None:
    """Cancel what tells a project's owners of events that are void, such as an emergency that was none.

    What a void cancelled goes on for those not told yet when the void itself is void, and it is not too late.
    """
    if void:
        _cancel_voided(session, project, void, now)
    query = select(broadcasts).where(
        broadcasts.c.project_id == project, broadcasts.c.state.in_(CALLED_OFF), broadcasts.c.expires > now
    )
    wrongly = [row.id for row in session.execute(query) if _cancelled_by_void(row) and row.params["event"] not in void]
    if wrongly:
        locking = query.where(broadcasts.c.id.in_(wrongly)).order_by(broadcasts.c.id).with_for_update()
        for row in session.execute(locking).all():
            _go_on(session, row, now)


def _cancelled_by_void(row: Any) -> Mapping[str, Any] | None:
    """The order by which a void cancelled a broadcast; None when a person did."""
    last: Mapping[str, Any] = (row.control or [{}])[-1]
    return last if last.get("void") else None


def _go_on(session: Session, row: Any, now: datetime) -> None:
    """Let a broadcast go on as it stood; whom a page gave up meanwhile waits again, and nobody who may have got it."""
    cancelled = _cancelled_by_void(row)
    if cancelled is None:  # a person cancelled it meanwhile
        return
    why = _void_of(session, row.project_id, cancelled["void"])
    by, reason = (why.source, str(why.data["reason"])) if why is not None else (cancelled["by"], "")
    line = {"at": now.isoformat(), "action": BroadcastOrder.RESUME.value, "by": by, "reason": reason}
    moved_on(
        session, row.id, state=cancelled["was"], closed_at=None, orders=row.orders + 1, control=[*row.control, line]
    )
    met = broadcast_recipients.c
    session.execute(
        update(broadcast_recipients)
        .where(met.broadcast_id == row.id, met.state == State.WITHDRAWN.value, met.reason == "cancelled")
        .values(state=State.HELD.value, reason=None, until=now, at=now)
    )
    audit.append(session, now, by, "broadcast.resumed", row.id, {"event": why.id} if why is not None else {})


def _cancel_voided(session: Session, project: str, void: Set[str], now: datetime) -> None:
    rows = session.execute(
        select(broadcasts)
        .where(broadcasts.c.project_id == project, broadcasts.c.state.in_([BroadcastState.DRAFT, *LIVE]))
        .order_by(broadcasts.c.id)
        .with_for_update()
    ).all()
    for row in rows:
        event = row.params.get("event")
        if event not in void or after(row.state, BroadcastOrder.CANCEL) in (None, row.state):
            continue
        why = _void_of(session, project, event)
        if why is None:
            continue
        command = Command(order=BroadcastOrder.CANCEL, key=why.source, by=why.source, reason=str(why.data["reason"]))
        write_order(session, row, command, now, {"void": why.id, "was": row.state})
        audit.append(session, now, why.source, "broadcast.cancelled", row.id, {"event": why.id})


def _void_of(session: Session, project: str, event: str) -> Any | None:
    """The event that voids another one; None when nothing does."""
    told = session.execute(select(events.c.source_id).where(events.c.id == event)).scalar_one()
    voids = session.execute(
        select(events)
        .where(events.c.project_id == project, events.c.type == "event.voided")
        .order_by(events.c.recorded_at.desc(), events.c.id.desc())
    )
    return next((one for one in voids if one.data["event_id"] in (event, told)), None)
