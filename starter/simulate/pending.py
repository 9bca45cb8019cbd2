"""What a simulation still waits for: agendas to plan again, and what is due by now."""

from datetime import datetime

from sqlalchemy import Table, and_, or_, select
from sqlalchemy.orm import Session

from journey.store.tables import journeys, shared_agendas

AGENDAS = (journeys, shared_agendas)


def stale(session: Session) -> list[str]:
    """Agendas that a fact has made stale and that were not planned since."""
    return [
        agenda
        for table in AGENDAS
        for agenda in session.execute(select(table.c.id).where(table.c.stale_since.is_not(None))).scalars()
    ]


def is_due(session: Session, now: datetime) -> bool:
    """Whether an agenda has something left that was to be done by now."""
    return any(_due_in(session, table, now) for table in AGENDAS)


def _due_in(session: Session, table: Table, now: datetime) -> bool:
    waiting = and_(table.c.over.is_(False), or_(table.c.wake_at <= now, table.c.wake_at.is_(None)))
    stale = table.c.stale_since.is_not(None)
    return session.execute(select(table.c.id).where(or_(waiting, stale)).limit(1)).first() is not None
