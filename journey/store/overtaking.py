"""Receipts that a journey was told of and that say nothing any more of how their message stands.

The event is marked, so that planning passes over it, and what it had asked for is withdrawn.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from journey.domain.receipts import OVERTAKEN, STANDS
from journey.domain.values import ReceiptState
from journey.store.tables import events

RECEIPT: Final = "message.receipt"


def overtaken_by_arrival(session: Session, arrived: Sequence[Any]) -> set[str]:
    """Mark what was told of messages that had come back and arrived after all; the journeys that this concerns."""
    ids = {row.id for row in arrived}
    homes = {row.journey_id for row in arrived}
    if not ids:
        return set()
    told = session.execute(
        select(events.c.id, events.c.journey_id, events.c.data).where(
            events.c.journey_id.in_(homes), events.c.type == RECEIPT
        )
    ).all()
    found = [
        event
        for event in told
        if event.data.get("message") in ids and event.data.get("state") == ReceiptState.FAILED
    ]  # fmt: skip
    for event in found:
        _mark(session, event.id, event.data, ReceiptState.DELIVERED)
    return {event.journey_id for event in found}


def overtaken_as_told(session: Session, event: str, arrived: bool) -> None:
    """Mark one that changed nothing: its message has arrived, or stands otherwise."""
    data = session.execute(select(events.c.data).where(events.c.id == event)).scalar_one()
    _mark(session, event, data, ReceiptState.DELIVERED if arrived else STANDS)


def asked_by_overtaken(session: Session, key: str) -> bool:
    """Whether an item is the repeat of a message that has arrived since the plan that asked for it."""
    _, repeats, asked_by = key.partition("~")
    if not repeats:
        return False
    data = session.execute(select(events.c.data).where(events.c.id == asked_by)).scalar()
    return bool(data and data.get(OVERTAKEN))


def _mark(session: Session, event: str, data: Mapping[str, Any], by: str) -> None:
    session.execute(update(events).where(events.c.id == event).values(data={**data, OVERTAKEN: str(by)}))
