"""Orders to broadcasts: paused, resumed, cancelled, paced, let go by a second person or rejected."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from pydantic import Field
from sqlalchemy.orm import Session

from journey.domain.broadcasts import BroadcastOrder
from journey.store import broadcast_control
from journey.store.broadcast_control import Command, Ordered
from journey.store.broadcast_review import Seen, draft_of
from journey.store.broadcasts import state_of
from journey.store.engine import Store
from journey.store.keys import ApiKey
from journey.store.shelf import Shelf
from starter.bodies import Body, Line, read_body
from starter.broadcasts import MOST_RATE
from starter.orders import Words


class OrderBody(Body):
    """Why, and who says so; `by` is the name of the API key when it is missing."""

    reason: Words
    by: Line | None = None


class ApproveBody(OrderBody):
    """`seen` is what the review showed: when the text or the audience is another one by now, nothing goes out."""

    reason: Words = "approved"
    seen: Line


class RateBody(OrderBody):
    """Messages a second at most; none for the pack's number again."""

    rate: int | None = Field(ge=1, le=MOST_RATE)


BODIES: Final[Mapping[BroadcastOrder, type[OrderBody]]] = {
    **dict.fromkeys(BroadcastOrder, OrderBody),
    BroadcastOrder.APPROVE: ApproveBody,
    BroadcastOrder.RATE: RateBody,
}


async def order(
    store: Store, shelf: Shelf, broadcast: str, what: BroadcastOrder, body: Any, now: datetime, caller: ApiKey
) -> tuple[dict[str, Any], Ordered]:
    """Follow an order; what stands then, and the broadcasts whose workflows are to look. Conflict, NotFound."""
    told = read_body(BODIES[what], body)
    command = Command(
        order=what,
        key=caller.id,
        by=told.by or caller.name,
        named=told.by is not None,
        reason=told.reason,
        rate=told.rate if isinstance(told, RateBody) else None,
        seen=told.seen if isinstance(told, ApproveBody) else None,
    )
    return await store.write(_follow, broadcast, command, shelf, now)


def _follow(
    session: Session, broadcast: str, command: Command, shelf: Shelf, now: datetime
) -> tuple[dict[str, Any], Ordered]:
    done = _do(session, broadcast, command, shelf, now)
    return {"id": broadcast, "state": state_of(session, broadcast), "changed": done.changed}, done


def _do(session: Session, broadcast: str, command: Command, shelf: Shelf, now: datetime) -> Ordered:
    if command.order is BroadcastOrder.APPROVE:
        return _approve(session, broadcast, command, shelf, now)
    if command.order is BroadcastOrder.REJECT:
        broadcast_control.refuse_author(broadcast_control.locked(session, broadcast)[0], command)
    return broadcast_control.follow(session, broadcast, command, now)


def _approve(session: Session, broadcast: str, command: Command, shelf: Shelf, now: datetime) -> Ordered:
    """Let it go when what was seen still is what would go."""
    row, _ = broadcast_control.locked(session, broadcast)
    before = Seen.read(command.seen or "")
    if row.state == "draft":
        broadcast_control.refuse_author(row, command)
        draft_of(session, broadcast, shelf, now).refuse_changed(before)
    return broadcast_control.approve(session, row, command, before.document(), now)
