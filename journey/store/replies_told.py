"""Answers that are told to a home as an event: they act as those that a provider's signed call brings.

The message that was answered is found as with receipts. The event then says what was answered, of which class and by
whom, and the message shows `replied`; an answer to nothing that is known stands for itself. Of somebody who was
forgotten it is kept as forgetting him would have left it, and its words lead to nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from journey.domain.event_checks import NewEvent
from journey.domain.event_erasure import erase_personal
from journey.domain.receipts import PLACED, Receipt
from journey.domain.values import ReceiptState
from journey.store import inbox
from journey.store.addressees import ADDRESS_OF
from journey.store.broadcast_repeats import Lost, go_again
from journey.store.entries_following import is_broadcast
from journey.store.ids import new_id
from journey.store.inbox import Accepted, Target
from journey.store.locking import lock_concerned
from journey.store.people import person_named
from journey.store.receipts import keep_told
from journey.store.receipts_told import message_named, recipient
from journey.store.receiving import Done, Matched, about_message, climb, is_forgotten
from journey.store.replying import follow_answer, is_strangers, normalised, sole_owner, whose

ANSWERED: Final = "message.replied"
LONGEST_PROVIDER: Final = 40


def accept_reply(
    session: Session, target: Target, event: NewEvent, digest: str, now: datetime, real_now: datetime
) -> Accepted:
    """Commit a told answer with the message that it was found to be to, and act on both once."""
    assert target.journey is not None  # told to a journey
    row = message_named(session, target.journey, event)
    writer = person_named(session, event.person) if event.person is not None else None
    channel = event.data.get("channel") or (row.channel if row is not None else "sms")
    address = normalised(event.data.get("address"), channel)
    lock_concerned(session, target.journey, row, acts=True, person=writer, address=address)
    event = _keepable(session, _known(session, target.journey, event, row, now))
    accepted = inbox.accept(session, target, event, digest, now, real_now)
    if accepted.fresh and row is not None:
        kept = {"source": event.source, "digest": digest, "received_at": now, "real_now": real_now}
        _act(session, accepted.id, row, event, kept, now, real_now)
    elif accepted.fresh:
        follow_answer(session, accepted.id, None, now, real_now)
    return accepted


def _known(session: Session, journey: str, event: NewEvent, row: Any | None, now: datetime) -> NewEvent:
    """The event with what the store knows of what was answered, and of who can only have written it.

    Of a stranger nobody knows more than whose message he got: that one it is of, whoever is named.
    """
    if row is None:
        person = event.person or sole_owner(session, journey)
        placed = person is None and bool(_whose(session, event))
        return replace(event, person=person, data=event.data | {PLACED: True} if placed else event.data)
    rule, _, occurrence = row.entry_key.split("/", 2)
    about = {"item": rule, "occurrence": occurrence, "message": row.id} | (event.about or {})
    found = about_message(row)
    data = found | dict(event.data) | {"message": row.id, "entry": found["entry"], "message_class": row.message_class}
    strangers = is_strangers(session, str(event.data.get("text") or ""), row.journey_id, now)
    person = recipient(session, row, event.person) if strangers else event.person or row.person_id
    return replace(event, data=data, person=person, about=about)


def _whose(session: Session, event: NewEvent) -> Sequence[str]:
    """Who has the address that an answer to nothing that is known came from."""
    channel = str(event.data.get("channel") or "sms")
    return whose(session, ADDRESS_OF.get(channel, channel), normalised(event.data.get("address"), channel))


def _keepable(session: Session, event: NewEvent) -> NewEvent:
    """The event without words and address when it is of somebody who was forgotten: nothing would find them again."""
    person = person_named(session, event.person) if event.person is not None else None
    if person is None or not is_forgotten(session, person):
        return event
    return replace(event, data=erase_personal(event.type, event.data))


def _act(
    session: Session,
    event: str,
    row: Any,
    told: NewEvent,
    kept: Mapping[str, Any],
    now: datetime,
    real_now: datetime,
) -> None:
    """Let the message climb by a receipt without words (they stand with the event), and follow what was said."""
    provider = str(row.provider or told.source)[:LONGEST_PROVIDER]
    receipt = Receipt(ReceiptState.REPLIED, min(told.occurred_at, now), provider, named=row.id, channel=row.channel)
    ident, done, text = new_id("rcp"), Done(), str(told.data.get("text") or "")
    rows, _ = climb(session, [Matched(ident, receipt, row.id, text=text)], done, now)
    row = rows[row.id]  # as it stands under its lock
    keep_told(session, event, {**kept, "id": ident, "message_id": row.id}, receipt, done.outcomes[ident])
    follow_answer(session, event, row, now, real_now)
    if is_broadcast(row.entry_key) and is_strangers(session, text, row.journey_id, now):
        go_again(session, row, Lost(ident, dead=True, stranger=True), now)
