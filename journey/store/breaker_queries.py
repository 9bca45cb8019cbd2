"""Breakers as people are shown them, and closing one by hand."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from journey.domain import breaking
from journey.domain.breaking import Breaker, BreakerKind, BreakerState
from journey.domain.consent import NEEDS_CONSENT
from journey.domain.entries import State
from journey.domain.errors import NotFound
from journey.domain.numbers.kernel import BreakerNumbers
from journey.domain.reasons import Reason
from journey.domain.routing import STOPPED
from journey.domain.values import MessageClass
from journey.store import audit, breakers
from journey.store.ledger import JOURNEY
from journey.store.paging import DEFAULT_LIMIT, Order, Page
from journey.store.staleness import mark_stale
from journey.store.tables import breakers as table
from journey.store.tables import broadcast_recipients, entries

_BREAKERS = Order("breakers", (table.c.kind, table.c.name))


def list_breakers(
    session: Session, *, state: str | None = None, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page:
    """Every template and provider that ever failed, by kind and name; `state` is closed, open or recovering."""
    query = select(table)
    if state is not None:
        query = query.where(table.c.state == state)
    rows, following = _BREAKERS.fetch(session, query, cursor, limit)
    return Page([_shown(row) for row in rows], following)


def reset(
    session: Session, kind: str, name: str, now: datetime, *, actor: str, reason: str, by: str | None = None
) -> dict[str, Any]:
    """Close a breaker because somebody says that it works again: what it keeps waiting goes out at its steady rate.

    One that is not open stays as it is. NotFound for one that never failed. The order is audited.
    """
    row = session.execute(select(table).where(table.c.kind == kind, table.c.name == name)).first()
    if row is None:
        raise NotFound(Reason("no-such-breaker", {"kind": kind, "name": name}))
    audit.append(session, now, actor, "breaker.reset", f"{kind}:{name}", {"reason": reason, **audit.person(by)})
    if row.state == BreakerState.OPEN.value:
        waits = _wake(session, Breaker(BreakerKind(kind), name), now)
        known = breakers.read(session, kind, name)  # locked after the journeys, as every send does
        if known is not None and known.state is BreakerState.OPEN:
            back = breaking.closed(known, now)
            back = replace(back, urgent_until=waits.urgent_until, later_until=waits.later_until)
            breakers.keep(session, back)
    return _shown(session.execute(select(table).where(table.c.kind == kind, table.c.name == name)).one())


def _wake(session: Session, one: Breaker, now: datetime) -> Breaker:
    """Ask everybody again whom a breaker kept waiting, one after the other; the breaker with the wakes it gave out."""
    numbers = BreakerNumbers()
    for row in session.execute(_held()).all():
        reason = row.reason or {}
        if reason.get("code") not in STOPPED or (reason.get("params") or {}).get("name") != one.name:
            continue
        urgent = MessageClass(row.item["class"]) not in NEEDS_CONSENT
        one, at = breaking.waiting(one, now, numbers, urgent=urgent)
        if row.scope == JOURNEY:
            mark_stale(session, row.scope_id, datetime.now(UTC))
        here = (entries.c.scope == row.scope, entries.c.scope_id == row.scope_id, entries.c.key == row.key)
        session.execute(update(entries).where(*here).values(until=at))
    waits = (broadcast_recipients.c.state == State.HELD.value, broadcast_recipients.c.reason.in_(sorted(STOPPED)))
    session.execute(update(broadcast_recipients).where(*waits).values(until=now))
    return one


def _held() -> Any:
    columns = (entries.c.scope, entries.c.scope_id, entries.c.key, entries.c.reason, entries.c.item)
    return select(*columns).where(entries.c.state == State.HELD.value).order_by(entries.c.scope_id, entries.c.seq)


def _shown(row: Row[Any]) -> dict[str, Any]:
    instants = ("failed_at", "opened_at", "probe_at", "closed_at")
    return {
        "kind": row.kind, "name": row.name, "state": row.state, "failed": row.failed, "passed": row.passed,
        "error": row.error, **{name: _iso(getattr(row, name)) for name in instants},
    }  # fmt: skip


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat(timespec="seconds") if instant else None
