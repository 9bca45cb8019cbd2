"""The outbox follows what a person found out about a send: the rows behind an entry, and a broadcast's recipients.

`unknown` becomes `sent`, or `failed` (a definite no: the next attempt is a first one again); a decision that is taken
back leaves the row as unknown as it was. Rows that a receipt has raised meanwhile are not touched.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from journey.domain.entries import Entry
from journey.domain.unknowns import HAPPENED, NOT_HAPPENED, VOIDED
from journey.store.broadcast_decisions import follow_in_broadcast
from journey.store.ledger import journal_rows
from journey.store.tables import journal, messages

_FOLLOWS = {HAPPENED: "sent", NOT_HAPPENED: "failed"}


def follow_decision(session: Session, journey_id: str, entry: Entry, now: datetime) -> Entry:
    """Write what a decision means to every message behind an entry; nothing for any other reason.

    The entry as it is to be written: a broadcast's own may wait to go once more.
    """
    if entry.reason is None:
        return entry
    key, reason = entry.key, entry.reason
    if reason.code in _FOLLOWS:
        state = _FOLLOWS[reason.code]
        values: dict[str, Any] = {"state": state, "reason": reason.document()}
        values |= {"sent_at": now} if state == "sent" else {"calls": 0}
        _write(session, journey_id, key, ("unknown",), None, values, now)
    elif reason.code == VOIDED:
        values = {"state": "unknown", "reason": reason.document(), "sent_at": None}
        _write(session, journey_id, key, ("sent", "failed"), frozenset(_FOLLOWS), values, now)
    return follow_in_broadcast(session, journey_id, entry, now)


def _write(
    session: Session,
    journey_id: str,
    key: str,
    states: tuple[str, ...],
    codes: frozenset[str] | None,
    values: Mapping[str, Any],
    now: datetime,
) -> None:
    rows = session.execute(
        select(messages.c.id, messages.c.channel, messages.c.reason).where(
            messages.c.journey_id == journey_id, messages.c.entry_key == key, messages.c.state.in_(states)
        )
    ).all()
    for row in rows:
        if codes is None or (row.reason or {}).get("code") in codes:
            session.execute(update(messages).where(messages.c.id == row.id).values(updated_at=now, **values))
            params = {"message": row.id, "channel": row.channel, "state": values["state"], "reason": values["reason"]}
            line = (now, f"message.{values['state']}", key, params)
            session.execute(insert(journal), journal_rows(journey_id, [line]))
