"""Which Temporal this store belongs to (`kernel.md` §10)."""

import secrets
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from journey.store.tables import installation


def digest_key(session: Session, now: datetime) -> bytes:
    """The key that bodies of events are compared by; made on first use."""
    row = session.execute(select(installation.c.digest_key)).first()
    if row is None:
        key = secrets.token_hex(32)
        session.execute(insert(installation).values(id=1, epoch=1, digest_key=key, created_at=now))
        return bytes.fromhex(key)
    return bytes.fromhex(row.digest_key)


def connect_to(session: Session, namespace_id: str, now: datetime) -> bool:
    """Whether the store belongs to this Temporal; a store that belongs to none takes the first one it meets."""
    digest_key(session, now)
    session.execute(update(installation).where(installation.c.namespace_id.is_(None)).values(namespace_id=namespace_id))
    return belongs_to(session, namespace_id)


def belongs_to(session: Session, namespace_id: str) -> bool:
    """Whether this Temporal is the one that the store names."""
    return session.execute(select(installation.c.namespace_id)).scalar() == namespace_id


def epoch(session: Session) -> int:
    """How often the store was given a new Temporal or restored."""
    return session.execute(select(installation.c.epoch)).scalar() or 1
