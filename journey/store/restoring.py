"""What a restored store is told before anybody works with it: an epoch, a bracket, and that owners hear nothing yet."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from journey.domain.errors import InvalidInput, field_error
from journey.domain.event_checks import NewEvent
from journey.domain.json_checks import body_digest
from journey.store import adopting, inbox, installation
from journey.store.adopting import RESTORED, EngineRuns
from journey.store.inbox import Target
from journey.store.tables import events, holds, journeys

SOURCE = "restore"
BEFORE_BACKUP = timedelta(minutes=5)
PAGE = 20  # keeps the transactions of a store that is at work short


@dataclass(frozen=True, slots=True)
class Restored:
    """The epoch that begins, the bracket that is lost, and how many journeys come back."""

    epoch: int
    begins: datetime
    ends: datetime
    journeys: int


def begin(
    session: Session, taken_at: datetime, now: datetime, *, least_epoch: int = 0, namespace_id: str | None = None
) -> Restored:
    """Raise the epoch of a store that was brought back to the instant of a backup, and mark every journey.

    `namespace_id` is what the lost store belonged to, when that is known. Raises EngineRuns while workers are at work.
    """
    if taken_at > now:
        raise InvalidInput((field_error("taken_at", "wrong-order", after="now"),))
    at_work = adopting.standing(session, "", now).others
    if at_work:
        raise EngineRuns("引擎仍在运行:请先停止 / workers still run on this store: stop them first")
    installation.digest_key(session, now)
    epoch = max(installation.epoch(session), least_epoch) + 1
    begins = taken_at - BEFORE_BACKUP
    named = namespace_id or installation.named(session)
    count = adopting.begin_epoch(session, epoch, RESTORED, named, now, (begins, now))
    return Restored(epoch, begins, now, count)


def mute_page(session: Session, epoch: int, now: datetime, after: str) -> str | None:
    """Place a hold on the next journeys in the order of their ids; the last of them, None when none is left."""
    rows = session.execute(
        select(journeys.c.id)
        .where(journeys.c.id > after, journeys.c.over.is_(False))
        .order_by(journeys.c.id)
        .limit(PAGE)
    ).scalars()
    found = list(rows)
    for journey in found:
        data = {"scope": "all", "how": "mute", "reason": f"restored, epoch {epoch}"}
        _tell(session, journey, NewEvent(f"mute:{epoch}", "hold.placed", now, data, source=SOURCE), now)
    return found[-1] if found else None


def muted(session: Session) -> int:
    """How many journeys a restore muted that nobody has released since."""
    return session.execute(select(func.count()).select_from(_muted().subquery())).scalar_one()


def unmute_page(session: Session, now: datetime) -> int:
    """Take back the next holds that a restore placed; how many. Holds that people placed stay."""
    rows = session.execute(_muted().limit(PAGE)).all()
    for row in rows:
        data = {"event_id": row.id, "reason": "released after a restore"}
        _tell(session, row.journey_id, NewEvent(f"unmute:{row.id}", "event.voided", now, data, source=SOURCE), now)
    return len(rows)


def _muted() -> Any:
    return (
        select(events.c.id, events.c.journey_id)
        .join(holds, holds.c.event_id == events.c.id)
        .where(events.c.source == SOURCE, events.c.type == "hold.placed", holds.c.released_at.is_(None))
        .order_by(events.c.journey_id)
    )


def _tell(session: Session, journey: str, event: NewEvent, now: datetime) -> None:
    digest = body_digest(event.data, installation.digest_key(session, now))
    inbox.accept(session, Target(journey, journey=journey), event, digest, now, now)
