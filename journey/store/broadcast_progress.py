"""How far a broadcast has come: who was met and how it ended, how many are left, how fast it goes, when it may end."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from journey.domain.broadcasts import OVER, BroadcastState
from journey.domain.entries import WENT_OUT, State
from journey.store import broadcast_audience
from journey.store.broadcasting import pace
from journey.store.queries import shown
from journey.store.shelf import Shelf
from journey.store.tables import broadcast_recipients

LOOKED_BACK: Final = timedelta(seconds=30)
_WITH_REASONS: Final = (State.SUPPRESSED, State.WITHDRAWN, State.MISSED, State.MERGED)


def progress(session: Session, row: Any, counted: Sequence[Any], now: datetime, shelf: Shelf) -> dict[str, Any]:
    """As it is shown; `counted` are its recipients by state and reason."""
    states: Counter[str] = Counter()
    for one in counted:
        states[one.state] += one.count
    met = states.total()
    left = 0 if row.state in OVER else broadcast_audience.audience(session, as_of(row, now))
    limit = pace(session, row, shelf, now)
    speed = _speed(session, row, now)
    return {
        "met": met,
        "sent": sum(states[state] for state in WENT_OUT),
        "under_way": states[State.RESERVED],
        "held": states[State.HELD],
        "failed": states[State.FAILED],
        "unknown": states[State.UNKNOWN],
        **{state.value: _by_reason(counted, state) for state in _WITH_REASONS},
        "left": left,
        "expected": met + left,
        "per_second": round(speed, 1),
        "limit": limit,
        "ends_at": shown(_end(session, row, left, speed or limit, now), row.zone),
    }


def as_of(row: Any, now: datetime) -> Any:
    """The row as it would page: a draft closes its audience when it is let go."""
    drafted = row.state == BroadcastState.DRAFT
    paged = row.paged_at is not None  # every page is through: nobody of its time is left
    values = row._mapping if hasattr(row, "_mapping") else vars(row)
    cursor = LAST if paged else row.cursor
    return SimpleNamespace(**{**values, "opened_at": now if drafted else row.opened_at, "cursor": cursor})


LAST: Final = "\U0010ffff"  # sorts behind every id


def _by_reason(counted: Sequence[Any], state: State) -> Mapping[str, int]:
    return {one.reason or "": one.count for one in counted if one.state == state}


def _speed(session: Session, row: Any, now: datetime) -> float:
    """Messages a second lately."""
    met, since = broadcast_recipients.c, max(now - LOOKED_BACK, row.opened_at)
    lately = select(func.count()).where(
        met.broadcast_id == row.id, met.at >= since, met.state.in_([state.value for state in WENT_OUT])
    )
    seconds = (now - since).total_seconds()
    return float(session.execute(lately).scalar_one()) / seconds if seconds > 0 else 0.0


def _end(session: Session, row: Any, left: int, speed: float | None, now: datetime) -> datetime | None:
    """When the last one may be done with; None while it stands still, or nobody can tell."""
    if row.state not in (BroadcastState.RUNNING, BroadcastState.CANCELLING) or (left and not speed):
        return None
    through = now + timedelta(seconds=left / speed) if speed else now
    met = broadcast_recipients.c
    waits = select(func.max(met.until)).where(met.broadcast_id == row.id, met.state == State.HELD)
    last = session.execute(waits).scalar()
    return max(through, last) if last is not None else through
