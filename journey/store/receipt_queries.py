"""Receipts that no message was found for, as people are shown them: who wrote is masked, his words are kept back."""

from typing import Any, Final

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from journey.store.masking import masked_address
from journey.store.paging import DEFAULT_LIMIT, Order, Page
from journey.store.queries import shown
from journey.store.receipts import UNKNOWN
from journey.store.receiving import WAITING
from journey.store.tables import receipts

RECEIPTS: Final = "receipts"  # what the audit log names: no person, and no message
OUTCOMES: Final = (WAITING, UNKNOWN)
UTC: Final = "UTC"  # they are of no project
_LATEST = Order("receipts", (receipts.c.received_at, receipts.c.id), descending=True)


def list_receipts(
    session: Session, *, outcome: str | None = None, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page:
    """Receipts that wait for their message, and those given up as nobody's, the latest first."""
    wanted = OUTCOMES if outcome is None else (outcome,)
    query = select(receipts).where(receipts.c.outcome.in_(wanted))
    rows, following = _LATEST.fetch(session, query, cursor, limit)
    return Page([_shown(row) for row in rows], following)


def _shown(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id, "outcome": row.outcome, "source": row.source, "provider": row.provider,
        "provider_id": row.provider_id, "key": row.key, "message": row.named, "state": row.state, "code": row.code,
        "channel": row.channel, "from": masked_address(row.address), "at": shown(row.at, UTC),
        "received_at": shown(row.received_at, UTC), "tries": row.tries, "look_at": shown(row.look_at, UTC),
    }  # fmt: skip
