"""Giving the store to a Temporal, the one it had or another, and starting everything that should run (kernel §10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from journey.domain.errors import Conflict
from journey.store import installation
from journey.store.shared_agendas import mark_all
from journey.store.sweeping import SETTLE
from journey.store.tables import epochs, journeys, workers
from journey.store.tables import installation as installation_table

FRESH = timedelta(seconds=15)  # a worker not seen for as long does not run
FORGOTTEN = timedelta(hours=1)
ADOPTED = "adopted"
RESTORED = "restored"
WINDOW = 200  # journeys poked and not planned yet, while catching up: more would only queue
_FIRST_TRIES = 3  # what was poked more often is stuck, and holds nobody up


class EngineRuns(Conflict):
    """Workers of the Temporal that the store belongs to are at work: two engines must not share a store."""

    code = "engine-runs"


@dataclass(frozen=True, slots=True)
class Standing:
    """Whose the store is, and what an adoption would start."""

    namespace_id: str | None
    epoch: int
    journeys: int
    others: Sequence[str]  # builds of workers of another Temporal that were seen just now


def standing(session: Session, namespace_id: str, real_now: datetime) -> Standing:
    """What stands before an adoption by this Temporal."""
    others = session.execute(
        select(workers.c.build)
        .where(workers.c.namespace_id != namespace_id, workers.c.seen_at > real_now - FRESH)
        .order_by(workers.c.id)
    ).scalars()
    return Standing(
        installation.named(session), installation.epoch(session), _count(session, _should_run()), list(others)
    )


def adopt(session: Session, namespace_id: str, real_now: datetime, *, force: bool = False) -> Standing:
    """Name this Temporal as the store's own and have the sweeper start every journey; how it stands afterwards.

    Raises EngineRuns while workers of another one were seen within 15 s, unless forced. Twice is harmless.
    """
    found = standing(session, namespace_id, real_now)
    if found.others and not force:
        raise EngineRuns(
            f"{len(found.others)} 个工作进程仍在为另一个 Temporal 运行:请先停止,等 15 秒后再试,或用 --force / "
            f"{len(found.others)} worker(s) of another Temporal still run on this store: stop them and try again "
            f"15 s later, or use --force"
        )
    installation.digest_key(session, real_now)
    count = begin_epoch(session, found.epoch + 1, ADOPTED, namespace_id, real_now)
    return Standing(namespace_id, found.epoch + 1, count, found.others)


def begin_epoch(
    session: Session,
    epoch: int,
    kind: str,
    namespace_id: str | None,
    real_now: datetime,
    bracket: tuple[datetime, datetime] | None = None,
) -> int:
    """Raise the epoch and mark every journey, project and batch that should run; how many journeys."""
    session.execute(update(installation_table).values(namespace_id=namespace_id, epoch=epoch))
    marked = {"stale_since": real_now - 2 * SETTLE, "stale_mark": journeys.c.stale_mark + 1}
    count = _count(session, _should_run())
    session.execute(update(journeys).where(_should_run()).values(**marked, poked_at=None, pokes=0))
    mark_all(session)
    session.execute(
        insert(epochs).values(
            epoch=epoch,
            kind=kind,
            namespace_id=namespace_id,
            at=real_now,
            journeys=count,
            bracket_from=bracket[0] if bracket else None,
            bracket_to=bracket[1] if bracket else None,
        )
    )
    return count


def _should_run() -> ColumnElement[bool]:
    return or_(journeys.c.over.is_(False), journeys.c.stale_since.is_not(None))


def _count(session: Session, condition: ColumnElement[bool]) -> int:
    return session.execute(select(func.count()).select_from(journeys).where(condition)).scalar_one()


# -- catching up ------------------------------------------------------------------------------------------------------


def room(session: Session, real_now: datetime) -> int | None:
    """How many more journeys the workers can take while an epoch is catching up; None when none is."""
    since = session.execute(select(func.min(epochs.c.at)).where(epochs.c.caught_up_at.is_(None))).scalar()
    if since is None:
        return None
    under_way = and_(
        journeys.c.stale_since.is_not(None),
        journeys.c.pokes.between(1, _FIRST_TRIES),
        journeys.c.poked_at > real_now,
    )
    return max(WINDOW - _count(session, under_way), 0)


def caught_up(session: Session, real_now: datetime) -> bool:
    """Close the epochs whose journeys were all poked; whether any was closed."""
    waiting = session.execute(
        select(journeys.c.id).where(journeys.c.stale_since.is_not(None), journeys.c.pokes == 0).limit(1)
    ).first()
    if waiting is not None:
        return False
    session.execute(update(epochs).where(epochs.c.caught_up_at.is_(None)).values(caught_up_at=real_now))
    return True


def catching_up(session: Session) -> tuple[int, int] | None:
    """How many journeys the last epoch had to start and how many still wait for their plan; None when it is done."""
    row = session.execute(
        select(epochs.c.journeys, epochs.c.at).where(epochs.c.caught_up_at.is_(None)).order_by(epochs.c.epoch.desc())
    ).first()
    return (row.journeys, _count(session, journeys.c.stale_since < row.at)) if row else None


# -- who is at work ---------------------------------------------------------------------------------------------------


def seen(
    session: Session, worker: str, namespace_id: str, build: str, rules: int, real_now: datetime
) -> tuple[bool, int]:
    """Note that a worker runs; whether the store belongs to its Temporal, and the epoch that it takes."""
    epoch = installation.epoch(session)
    values = {"namespace_id": namespace_id, "epoch": epoch, "build": build, "rules": rules, "seen_at": real_now}
    known = session.execute(select(workers.c.id).where(workers.c.id == worker)).first()
    if known is None:
        session.execute(delete(workers).where(workers.c.seen_at < real_now - FORGOTTEN))
        session.execute(insert(workers).values(id=worker, **values))
    else:
        session.execute(update(workers).where(workers.c.id == worker).values(**values))
    return installation.belongs_to(session, namespace_id), epoch


def gone(session: Session, worker: str) -> None:
    """Note that a worker has stopped."""
    session.execute(delete(workers).where(workers.c.id == worker))


def all_gone(session: Session) -> None:
    """Forget every worker: a restored store remembers those of its backup."""
    session.execute(delete(workers))
