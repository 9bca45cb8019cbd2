"""Voids and corrections at the door: which event they name, what they are about in the end, what they leave."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from journey.domain.event_checks import NewEvent, check_data, merge_correction
from journey.store.tables import events

REPAIRS: Final = ("event.voided", "event.corrected")


def repaired_by(session: Session, told_to: str, event: NewEvent) -> Row[Any] | None:
    """The event that a void or correction names."""
    if event.type not in REPAIRS:
        return None
    return _named(session, told_to, event.source, event.data)


def is_void(session: Session, event: str | None) -> bool:
    """Whether an event was voided."""
    if event is None:
        return False
    reason = session.execute(select(events.c.reason).where(events.c.id == event)).scalar()
    return reason is not None and reason.get("code") == "voided"


def at_the_root(session: Session, told_to: str, repaired: Row[Any] | None) -> Row[Any] | None:
    """What a repair is about in the end: a void may be voided itself."""
    seen: set[str] = set()
    while repaired is not None and repaired.type in REPAIRS and repaired.id not in seen:
        seen.add(repaired.id)
        repaired = _named(session, told_to, repaired.source, repaired.data)
    return repaired


def normalised(event: NewEvent, repaired: Row[Any] | None) -> dict[str, Any]:
    """The event's data; what a correction leaves must be as valid as data told right, and is kept in the same form."""
    change = event.data.get("data")
    if event.type != "event.corrected" or repaired is None or not isinstance(change, Mapping):
        return event.data
    checked = check_data(repaired.type, merge_correction(repaired.data, change))
    plain = {
        name: checked[name] for name, value in change.items() if name in checked and not isinstance(value, Mapping)
    }
    return event.data | {"data": {**change, **plain}}


def _named(session: Session, told_to: str, source: str, data: Mapping[str, Any]) -> Row[Any] | None:
    named = str(data.get("event_id"))
    return session.execute(
        select(events)
        .where(events.c.target == told_to)
        .where((events.c.id == named) | ((events.c.source == source) & (events.c.source_id == named)))
    ).first()
