"""Answers kept under a caller's `Idempotency-Key` for a day, so that a repeated request does nothing twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from journey.domain.errors import Conflict
from journey.domain.json_checks import body_digest
from journey.domain.reasons import Reason
from journey.store.installation import digest_key
from journey.store.tables import idempotency

KEPT: Final = timedelta(hours=24)
# A process that died in the middle must not block its caller for a day; doors refuse doubles by themselves too.
GIVEN_UP: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """The answer that the first request got."""

    status: int
    headers: Mapping[str, str]
    body: str


def begin(session: Session, api_key: str, key: str, request: Any, now: datetime) -> StoredAnswer | None:
    """Reserve `key` for this request, or return what it was answered before.

    `request` is any JSON value that says what is asked (method, path, body). Conflict when the key stands for another
    request or when its first one is still running. Rows older than 24 h are free again.
    """
    # Keyed, as bodies hold phone numbers, which are few enough to try them all.
    digest = body_digest(request, digest_key(session, now))
    row = session.execute(select(idempotency).where(_is(api_key, key)).with_for_update()).one_or_none()
    if row is None:
        _insert(session, api_key, key, digest, now)
        return None
    if not _free(row, digest, now):
        return _answer_of(row, digest)
    session.execute(
        update(idempotency)
        .where(_is(api_key, key))
        .values(digest=digest, status=None, headers=None, body=None, created_at=now)
    )
    return None


def finish(session: Session, api_key: str, key: str, answer: StoredAnswer) -> None:
    """Keep the answer of the request that reserved `key`."""
    session.execute(
        update(idempotency)
        .where(_is(api_key, key))
        .values(status=answer.status, headers=dict(answer.headers), body=answer.body)
    )


def forget(session: Session, api_key: str, key: str) -> None:
    """Give `key` back: its request failed and may be tried again."""
    session.execute(delete(idempotency).where(_is(api_key, key), idempotency.c.status.is_(None)))


def purge(session: Session, now: datetime) -> int:
    """Remove every row older than 24 h; returns how many."""
    old = session.scalars(delete(idempotency).where(idempotency.c.created_at < now - KEPT).returning(idempotency.c.key))
    return len(old.all())


def _insert(session: Session, api_key: str, key: str, digest: str, now: datetime) -> None:
    try:
        with session.begin_nested():
            session.execute(insert(idempotency).values(api_key_id=api_key, key=key, digest=digest, created_at=now))
    except IntegrityError:
        # Two first requests at the same instant: PostgreSQL lets only one insert.
        raise _running() from None


def _free(row: Row[Any], digest: str, now: datetime) -> bool:
    age = now - row.created_at
    return age >= KEPT or (row.status is None and row.digest == digest and age >= GIVEN_UP)


def _answer_of(row: Row[Any], digest: str) -> StoredAnswer:
    if row.digest != digest:
        raise Conflict(Reason("key-used-otherwise"))
    if row.status is None:
        raise _running()
    return StoredAnswer(row.status, row.headers or {}, row.body or "")


def _running() -> Conflict:
    return Conflict(Reason("still-running"))


def _is(api_key: str, key: str) -> Any:
    return (idempotency.c.api_key_id == api_key) & (idempotency.c.key == key)
