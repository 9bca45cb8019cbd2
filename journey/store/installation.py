"""Which Temporal this store belongs to (`kernel.md` §10)."""

import secrets
from datetime import datetime
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from journey.store.inserting import insert_new
from journey.store.tables import installation

_MADE: Final = "digest_key_made"
_keys: WeakKeyDictionary[Any, bytes] = WeakKeyDictionary()  # by engine: a store's key never changes


def digest_key(session: Session, now: datetime) -> bytes:
    """The key that bodies of events are compared by; made on first use."""
    bind = session.get_bind()
    if bind in _keys:
        return _keys[bind]
    found = session.execute(select(installation.c.digest_key)).scalar()
    if found is None:
        session.info[_MADE] = True
        row = {"id": 1, "epoch": 1, "digest_key": secrets.token_hex(32), "created_at": now}
        insert_new(session, installation, row)  # two first requests at once: one key
        found = session.execute(select(installation.c.digest_key)).scalar_one()
    key = bytes.fromhex(str(found))
    if _MADE not in session.info:  # one that this transaction made may be rolled back yet
        _keys[bind] = key
    return key


def connect_to(session: Session, namespace_id: str, now: datetime) -> bool:
    """Whether the store belongs to this Temporal; a store that belongs to none takes the first one it meets."""
    digest_key(session, now)
    session.execute(update(installation).where(installation.c.namespace_id.is_(None)).values(namespace_id=namespace_id))
    return belongs_to(session, namespace_id)


def belongs_to(session: Session, namespace_id: str) -> bool:
    """Whether this Temporal is the one that the store names."""
    return named(session) == namespace_id


def named(session: Session) -> str | None:
    """The id of the Temporal namespace that the store belongs to; None before it met one."""
    return session.execute(select(installation.c.namespace_id)).scalar()


def epoch(session: Session) -> int:
    """How often the store was given a new Temporal or restored."""
    return session.execute(select(installation.c.epoch)).scalar() or 1
