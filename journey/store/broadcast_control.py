"""Orders to a broadcast: paused, resumed, cancelled, paced, let go or rejected. The row is the truth of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from journey.domain.broadcasts import OVER, BroadcastOrder, BroadcastState, after, same_person
from journey.domain.errors import Conflict, NotFound
from journey.domain.reasons import Reason
from journey.store import audit
from journey.store.broadcasts import moved_on
from journey.store.tables import broadcasts


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """An order as it was given: by whom (`key` is the API key, `by` the person whom it acts for), and why."""

    order: BroadcastOrder
    key: str
    by: str
    reason: str
    named: bool = False  # whether `by` is a person whom the caller named, and not only the name of his key
    rate: int | None = None
    seen: str | None = None


@dataclass(frozen=True, slots=True)
class Ordered:
    """What an order came to: the broadcasts concerned, whether it changed anything."""

    broadcasts: tuple[str, ...]
    changed: bool


def follow(session: Session, broadcast: str, command: Command, now: datetime) -> Ordered:
    """Follow an order; one that was followed before changes nothing. NotFound, and Conflict where it makes no sense.

    The channels of an emergency are one broadcast to whoever gives the order.
    """
    row, others = locked(session, broadcast)
    after_it = after(row.state, command.order)
    if after_it is None:
        raise Conflict(
            Reason("broadcast-state", {"state": row.state, "order": command.order.value}), existing=broadcast
        )
    same_rate = command.order is not BroadcastOrder.RATE or command.rate == row.rate
    if after_it == row.state and same_rate:
        return Ordered((broadcast,), changed=False)
    concerned = [row, *(other for other in others if after(other.state, command.order) is not None)]
    for one in concerned:
        write_order(session, one, command, now)
    audit.append(session, now, command.key, f"broadcast.{_PAST[command.order]}", broadcast, audit.person(command.by))
    return Ordered(tuple(one.id for one in concerned), changed=True)


_PAST: Mapping[BroadcastOrder, str] = {
    BroadcastOrder.APPROVE: "approved",
    BroadcastOrder.REJECT: "rejected",
    BroadcastOrder.PAUSE: "paused",
    BroadcastOrder.RESUME: "resumed",
    BroadcastOrder.CANCEL: "cancelled",
    BroadcastOrder.RATE: "paced",
}


def locked(session: Session, broadcast: str) -> tuple[Any, list[Any]]:
    """The row of a broadcast, and those of the same emergency by other channels, locked in the order of their ids."""
    family = session.execute(select(broadcasts.c.family).where(broadcasts.c.id == broadcast)).first()
    if family is None:
        raise NotFound(Reason("no-such-broadcast"))
    mine = broadcasts.c.id == broadcast if family[0] is None else broadcasts.c.family == family[0]
    rows = session.execute(select(broadcasts).where(mine).order_by(broadcasts.c.id).with_for_update()).all()
    return next(row for row in rows if row.id == broadcast), [row for row in rows if row.id != broadcast]


def approve(session: Session, row: Any, command: Command, found: Mapping[str, Any], now: datetime) -> Ordered:
    """Let a locked draft go, for those who are its audience now; `found` is what is kept of what was seen.

    Conflict when who approves is its author, or it is no draft any more.
    """
    if row.state == BroadcastState.RUNNING and (row.seen or {}).get("recipients") is not None:
        return Ordered((row.id,), changed=False)
    if after(row.state, BroadcastOrder.APPROVE) is None:
        params = {"state": row.state, "order": BroadcastOrder.APPROVE.value}
        raise Conflict(Reason("broadcast-state", params), existing=row.id)
    refuse_author(row, command)
    lasts = row.expires - row.due
    moved_on(session, row.id, opened_at=now, due=now, expires=now + lasts, seen=dict(found))
    write_order(session, row, command, now)
    audit.append(session, now, command.key, "broadcast.approved", row.id, audit.person(command.by) | dict(found))
    return Ordered((row.id,), changed=True)


def refuse_author(row: Any, command: Command) -> None:
    """Conflict when a draft would be let go, or sent back, by its own author."""
    if same_person(row.author or "", row.asked_by, command.key, command.by if command.named else None):
        raise Conflict(Reason("own-broadcast"), existing=row.id)


def write_order(
    session: Session, row: Any, command: Command, now: datetime, cause: Mapping[str, str] | None = None
) -> None:
    """Write an order to a locked row; `cause` is kept beside who gave it and why."""
    state = after(row.state, command.order)
    line = {"at": now.isoformat(), "action": command.order.value, "by": command.by, "reason": command.reason}
    line |= cause or {}
    values: dict[str, Any] = {"state": state, "orders": row.orders + 1, "control": [*(row.control or ()), line]}
    if command.order is BroadcastOrder.RATE:
        values["rate"] = command.rate
    if state in OVER:
        values |= {"closed_at": now, "followed": row.orders + 1}
    moved_on(session, row.id, **values)
