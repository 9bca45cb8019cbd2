"""What a person found out about a send of a broadcast: its recipient follows, and goes once more while it may."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from journey.domain.broadcasts import BroadcastState
from journey.domain.entries import Entry, State
from journey.domain.unknowns import HAPPENED, NOT_HAPPENED, VOIDED
from journey.store.broadcast_repeats import GOES_ON, tells_of
from journey.store.broadcasts import moved_on, recipient_key
from journey.store.entries_following import broadcast_names, is_broadcast
from journey.store.repairing import is_void
from journey.store.tables import broadcast_recipients, broadcasts, journeys

DECIDED: Final = (HAPPENED, NOT_HAPPENED)
_MET: Final = broadcast_recipients.c


def follow_in_broadcast(session: Session, journey_id: str, entry: Entry, now: datetime) -> Entry:
    """The entry as it is to be written: `held` where its broadcast takes the recipient again, under the same key.

    A broadcast that had closed runs again for him; one whose window is over, or that was called off, does not.
    """
    code = entry.reason.code if entry.reason is not None else None
    if code not in (*DECIDED, VOIDED) or not is_broadcast(entry.key):
        return entry
    row = _broadcast_of(session, journey_id, entry.key)
    if row is None or not (people := _concerned(session, row, journey_id, entry, undone=code == VOIDED)):
        return entry
    again = code == NOT_HAPPENED and _goes_on(session, row, now)
    state = State.HELD if again else entry.state
    session.execute(
        update(broadcast_recipients)
        .where(_MET.broadcast_id == row.id, _MET.person_id.in_(people))
        .values(state=state.value, reason=code, tries=0, until=now if again else None, at=now)
    )
    if not again:
        return entry
    runs = BroadcastState.RUNNING if row.state == BroadcastState.CLOSED else BroadcastState(row.state)
    moved_on(session, row.id, state=runs.value, orders=row.orders + 1)
    return replace(entry, state=State.HELD)


def _broadcast_of(session: Session, journey_id: str, key: str) -> Any | None:
    """The broadcast of an entry, locked.

    Its home is locked before it, out of order: a page that has it is not waited for, the transaction begins anew.
    """
    project = session.execute(select(journeys.c.project_id).where(journeys.c.id == journey_id)).scalar_one()
    named = broadcasts.c.key.in_(broadcast_names(key, project))
    return session.execute(select(broadcasts).where(named).with_for_update(nowait=True)).first()


def _concerned(session: Session, row: Any, journey_id: str, entry: Entry, *, undone: bool) -> list[str]:
    """Those whose send it was: an unknown one, or one that was decided on, when the decision is undone."""
    was = _MET.reason.in_(DECIDED) if undone else _MET.state == State.UNKNOWN.value
    found = session.execute(
        select(_MET.person_id, _MET.again).where(_MET.broadcast_id == row.id, _MET.journey_id == journey_id, was)
    )
    return [one.person_id for one in found if recipient_key(row, one.person_id, one.again) == entry.key]


def _goes_on(session: Session, row: Any, now: datetime) -> bool:
    """Whether a broadcast may still send: it was not called off, its window is open, what it tells of stands."""
    return row.state in GOES_ON and now < row.expires and not is_void(session, tells_of(row))
