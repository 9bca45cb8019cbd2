"""Receipts that are told to a journey as an event: they act as those that a provider's signed call brings.

The message is named by its id, our key or the provider's id, else by the item that it was sent for (`about`). Of a
message that nobody knows here the receipt is kept as unknown, and the journey's answer says so.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from journey.domain.event_checks import NewEvent
from journey.domain.failures import failure_of
from journey.domain.receipts import MARKS, UNMATCHED, Receipt
from journey.domain.values import Failure, ReceiptState
from journey.store import inbox
from journey.store.broadcast_repeats import Lost, go_again
from journey.store.entries_following import is_broadcast
from journey.store.ids import new_id
from journey.store.inbox import Accepted, Target
from journey.store.locking import lock_concerned
from journey.store.people import person_named
from journey.store.receipts import UNKNOWN, keep_told
from journey.store.receiving import APPLIED, Done, Matched, about_message, climb, follow_dead, known_failure
from journey.store.tables import journeys, messages, parties


def accept_receipt(
    session: Session, target: Target, event: NewEvent, digest: str, now: datetime, real_now: datetime
) -> Accepted:
    """Commit a told receipt with the message that it was found to be of, and act on that once."""
    assert target.journey is not None  # told to a journey
    event = replace(event, data={name: value for name, value in event.data.items() if name not in MARKS})
    row = message_named(session, target.journey, event)
    lock_concerned(session, target.journey, row, acts=event.data["state"] == ReceiptState.FAILED)
    if row is not None:
        failure = event.data.get("failure") or failure_of(ReceiptState(event.data["state"]), event.data.get("code"))
        counts = known_failure(session, row, Failure(failure) if failure else None)
        data = event.data | about_message(row) | {"failure": counts.value if counts else None}
        named = {name: value for name, value in data.items() if value is not None}
        event = replace(event, data=named, person=recipient(session, row, event.person))
    else:
        event = replace(event, data=event.data | {UNMATCHED: True})
    accepted = inbox.accept(session, target, event, digest, now, real_now)
    if accepted.fresh:
        kept = {"source": event.source, "digest": digest, "received_at": now, "real_now": real_now}
        _act(session, accepted.id, row, _receipt(event, row), kept, now, real_now)
    return accepted


def _act(
    session: Session,
    event: str,
    row: Any | None,
    receipt: Receipt,
    kept: Mapping[str, Any],
    now: datetime,
    real_now: datetime,
) -> None:
    ident, done, outcome = new_id("rcp"), Done(), UNKNOWN
    if row is not None:
        rows, _ = climb(session, [Matched(ident, receipt, row.id, event)], done, now)
        row = rows[row.id]  # as it stands under its lock
        outcome = done.outcomes[ident]
        if outcome == APPLIED and receipt.state is ReceiptState.FAILED:
            follow_dead(session, row, receipt, event, now, real_now)
            if is_broadcast(row.entry_key):
                why = receipt.failure
                go_again(session, row, Lost(ident, dead=why is Failure.PERMANENT, later=why is Failure.LATER), now)
    kept = {**kept, "id": ident, "message_id": row.id if row is not None else None}
    keep_told(session, event, kept, receipt, outcome)


def _receipt(event: NewEvent, row: Any | None) -> Receipt:
    told = event.data
    provider = (row.provider if row is not None else None) or told.get("provider") or event.source
    return Receipt(
        state=ReceiptState(told["state"]),
        at=event.occurred_at,
        provider=str(provider)[:40],
        provider_id=_text(told.get("provider_id"), 200),
        key=_text(told.get("key"), 360),
        named=row.id if row is not None else _text(told.get("message"), 40),
        code=_text(told.get("code"), 80),
        failure=Failure(told["failure"]) if told.get("failure") else None,
        channel=row.channel if row is not None else _text(told.get("channel"), 20),
    )


def _text(value: Any, limit: int) -> str | None:
    return str(value)[:limit] if value is not None else None


def message_named(session: Session, journey: str, event: NewEvent) -> Any | None:
    """The message of a home, or of an owner of it, that a receipt is of; of several the one that went out last."""
    named = _named(event)
    if named is not None:
        found = session.execute(_of_home(journey).where(named)).all()
        return found[0] if found else None
    about = event.about or {}
    rule, occurrence = str(about.get("item") or ""), about.get("occurrence")
    if not rule:
        return None
    person = person_named(session, event.person) if event.person is not None else None
    of_rule = messages.c.entry_key.startswith(f"{rule}/", autoescape=True)
    found = [
        row
        for row in session.execute(_of_home(journey).where(of_rule))
        if (occurrence is None or _is_of(row.entry_key, str(occurrence)))
        and (person is None or row.person_id == person)
        and event.data.get("channel") in (None, row.channel)
    ]
    last = found[0] if found else None
    same = [row for row in found if last is not None and row.entry_key == last.entry_key]
    return last if len({row.person_id for row in same}) == 1 else None  # of several recipients nobody is guessed


def _of_home(journey: str) -> Select[Any]:
    owners = (
        select(parties.c.person_id)
        .join(journeys, journeys.c.episode_id == parties.c.episode_id)
        .where(journeys.c.id == journey)
    )
    ours = or_(messages.c.journey_id == journey, messages.c.person_id.in_(owners))
    return select(messages).where(ours).order_by(messages.c.reserved_at.desc(), messages.c.id.desc())


def recipient(session: Session, row: Any, named: str | None) -> str:
    """Whom what is told of a message is of: who got it, whoever is `named`; a name that nobody has is left as it is."""
    unknown = named is not None and person_named(session, named) is None
    return str(named if unknown else row.person_id)


def _named(event: NewEvent) -> Any | None:
    """What names the message itself, None when only the item is named."""
    told, about = event.data, event.about or {}
    message = told.get("message") or about.get("message")
    if message is not None:
        return messages.c.id == str(message)
    if told.get("key") is not None:
        return messages.c.key == str(told["key"])
    if told.get("provider_id") is not None:
        return messages.c.provider_id == str(told["provider_id"])
    entry = told.get("entry")
    return messages.c.entry_key == str(entry) if entry is not None and not about.get("item") else None


def _is_of(entry_key: str, occurrence: str) -> bool:
    mine = entry_key.split("/", 2)[2]
    return occurrence in (mine, mine.split("~", 1)[0])
