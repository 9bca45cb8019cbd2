"""Broadcasts of two persons who turn out to be one: each reaches him once, whoever of the two it met."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from journey.domain.broadcasts import LIVE
from journey.domain.entries import WENT_OUT, State
from journey.domain.reasons import Reason
from journey.store.broadcasts import recipient_key
from journey.store.ledger import journal_rows
from journey.store.tables import broadcast_recipients, broadcasts, entries, journal

_MET: Final = broadcast_recipients.c
# The further a send has come, the more it counts: what may have gone out is never begun again.
_FAR: Final = (WENT_OUT, {State.UNKNOWN}, {State.RESERVED}, {State.HELD})


def lock_running(session: Session) -> None:
    """Keep pages out, which lock their broadcast before its persons."""
    running = select(broadcasts.c.id).where(broadcasts.c.state.in_(LIVE)).order_by(broadcasts.c.id)
    session.execute(running.with_for_update(key_share=True)).all()


def repoint_recipients(session: Session, kept: str, gone: str, now: datetime) -> None:
    """Put what broadcasts have of one under the other; of two rows the one that came further stands."""
    for broadcast, rows in _met(session, kept, gone).items():
        stands, *rest = sorted(rows, key=lambda row: (_distance(row), row.person_id != kept))
        for row in rest:
            _carried(session, row, stands.journey_id, kept, now)
            session.execute(delete(broadcast_recipients).where(*_place(broadcast, row.person_id)))
        if stands.person_id != kept:
            place = _place(broadcast, stands.person_id)
            session.execute(update(broadcast_recipients).where(*place).values(person_id=kept))
    _page_again(session, kept)


def _met(session: Session, kept: str, gone: str) -> dict[str, list[Any]]:
    """By broadcast: the rows of both."""
    rows = session.execute(
        select(broadcast_recipients, broadcasts.c.rule, broadcasts.c.subject, broadcasts.c.occurrence)
        .join(broadcasts, broadcasts.c.id == _MET.broadcast_id)
        .where(_MET.person_id.in_((kept, gone)))
        .order_by(_MET.broadcast_id)
    )
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.broadcast_id, []).append(row)
    return found


def _distance(row: Any) -> int:
    """How far a send is from having gone out."""
    return next((place for place, states in enumerate(_FAR) if row.state in states), len(_FAR))


def _place(broadcast: str, person: str) -> Sequence[Any]:
    return (_MET.broadcast_id == broadcast, _MET.person_id == person)


def _carried(session: Session, row: Any, into: str, kept: str, now: datetime) -> None:
    """The home of a send that waited shows that another one carries it; what has ended stays as it was."""
    key, carrier = (recipient_key(row, person, row.again) for person in (row.person_id, kept))
    waits = (entries.c.scope_id == row.journey_id, entries.c.key == key, entries.c.state == State.HELD)
    if session.execute(select(entries.c.seq).where(*waits)).first() is None:
        return
    reason = Reason("merged", {"into": into}).document()
    merged = {"state": State.MERGED.value, "at": now, "until": None, "reason": reason, "carrier": carrier}
    session.execute(update(entries).where(*waits).values(**merged))
    line = (now, "entry.merged", carrier, {"reason": reason})
    session.execute(insert(journal), journal_rows(row.journey_id, [line]))


def _page_again(session: Session, kept: str) -> None:
    """Broadcasts that have passed the one who is kept begin their pages again: his new homes lie behind them."""
    passed = (broadcasts.c.state.in_(LIVE), broadcasts.c.paged_at.is_(None), broadcasts.c.cursor >= kept)
    session.execute(update(broadcasts).where(*passed).values(cursor=None))
