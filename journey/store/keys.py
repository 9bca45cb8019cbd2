"""API keys: random 256-bit secrets of which only the SHA-256 is kept, with scopes, an end and a revocation."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from journey.domain.errors import InvalidInput, NotFound, field_error
from journey.store.tables import api_keys

PREFIX: Final = "jo_live_"
READ: Final = "read"
WRITE: Final = "write"
PII: Final = "pii:read"
SCOPES: Final = (READ, WRITE, PII)
_SHOWN: Final = len(PREFIX) + 4  # characters of a key that lists show, so that people can tell keys apart
_USE_NOTED_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as lists show it; the secret itself is nowhere."""

    id: str
    name: str
    prefix: str
    admin: bool
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None

    def allows(self, scope: str) -> bool:
        """Whether the key may do what `scope` names: an admin's may do everything, `write` includes `read`."""
        return self.admin or scope in self.scopes or (scope == READ and WRITE in self.scopes)

    def use_is_stale(self, now: datetime) -> bool:
        """Whether `last_used_at` is a minute old, so that `note_use` is worth a write."""
        return self.last_used_at is None or now - self.last_used_at >= _USE_NOTED_EVERY


def create_key(
    session: Session,
    name: str,
    admin: bool,
    scopes: Iterable[str],
    now: datetime,
    expires_at: datetime | None = None,
) -> tuple[str, str]:
    """Make a key and return its id and its plain text, which is never shown again; InvalidInput for unknown scopes."""
    wanted = sorted(set(scopes))
    if unknown := [scope for scope in wanted if scope not in SCOPES]:
        allowed = ", ".join(SCOPES)
        raise InvalidInput(tuple(field_error("scopes", "unknown-value", allowed=allowed) for _ in unknown))
    plain = PREFIX + secrets.token_urlsafe(32)
    key_id = f"key_{secrets.token_hex(8)}"
    session.execute(
        insert(api_keys).values(
            id=key_id,
            name=name,
            prefix=plain[:_SHOWN],
            hash=_hash(plain),
            admin=admin,
            scopes=wanted,
            created_at=now,
            expires_at=expires_at,
        )
    )
    return key_id, plain


def find_key(session: Session, plain: str, now: datetime) -> ApiKey | None:
    """The key of a plain text; None when it is unknown, revoked or ended. It only reads: `note_use` records the use."""
    row = session.execute(select(api_keys).where(api_keys.c.hash == _hash(plain))).one_or_none()
    if row is None:
        return None
    key = _key(row)
    ended = key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now)
    return None if ended else key


def note_use(session: Session, key_id: str, now: datetime) -> None:
    """Record that a key was used; nothing happens within a minute of the last time."""
    last = api_keys.c.last_used_at
    earlier = last.is_(None) | (last <= now - _USE_NOTED_EVERY)
    session.execute(update(api_keys).where(api_keys.c.id == key_id, earlier).values(last_used_at=now))


def list_keys(session: Session) -> list[ApiKey]:
    """Every key, oldest first, revoked and ended ones too."""
    return [_key(row) for row in session.execute(select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id))]


def revoke_key(session: Session, key_id: str, now: datetime) -> ApiKey:
    """Revoke a key for good; twice is harmless; NotFound for an unknown id."""
    unrevoked = api_keys.c.revoked_at.is_(None)
    session.execute(update(api_keys).where(api_keys.c.id == key_id, unrevoked).values(revoked_at=now))
    row = session.execute(select(api_keys).where(api_keys.c.id == key_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no API key {key_id}")
    return _key(row)


def _hash(plain: str) -> str:
    # A slow hash is for passwords; 256 random bits cannot be guessed.
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()


def _key(row: Row[Any]) -> ApiKey:
    return ApiKey(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        admin=row.admin,
        scopes=frozenset(row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )
