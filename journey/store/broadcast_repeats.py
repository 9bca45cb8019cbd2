"""A broadcast's message that did not reach its recipient goes to him once more, as a rule's own does.

Only what is owed (contract, emergency), while the broadcast's window is open, by a channel of its class that did not
fail before. His row waits then as that of anybody who is held: pages decide on it again, under a key of its own.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from journey.domain.broadcasts import BroadcastState
from journey.domain.entries import State
from journey.domain.numbers.contact import ContactNumbers
from journey.domain.sent_otherwise import MOST_DEAD, URGENT
from journey.domain.shared.announcing import NEWS
from journey.store.addressees import ADDRESS_OF, INBOX, INVALID
from journey.store.broadcasts import moved_on, recipient_key
from journey.store.entries_following import broadcast_names, is_broadcast, projects_of
from journey.store.repairing import is_void
from journey.store.replying import pack_document
from journey.store.tables import broadcast_recipients, broadcasts, contacts, messages

GOES_ON = (BroadcastState.RUNNING, BroadcastState.PAUSED, BroadcastState.CLOSED)
_MET = broadcast_recipients.c


@dataclass(frozen=True, slots=True)
class Lost:
    """What a receipt says of a message that did not reach its recipient.

    `later`: the same channel may carry it after a pause. `dead`: the address is no good, and no longer counts.
    `stranger`: somebody else answered, so that it arrived, but not with him.
    """

    receipt: str
    later: bool = False
    dead: bool = False
    stranger: bool = False


def lock_broadcasts(session: Session, told_of: Sequence[str]) -> None:
    """Lock the broadcasts of messages before their persons, as pages do."""
    query = select(messages.c.entry_key, messages.c.journey_id).where(messages.c.id.in_(told_of))
    rows = [row for row in session.execute(query) if is_broadcast(row.entry_key)]
    places = projects_of(session, rows) if rows else {}
    names = {name for row in rows for name in broadcast_names(row.entry_key, places[row.journey_id])}
    if names:
        found = select(broadcasts.c.id).where(broadcasts.c.key.in_(names)).order_by(broadcasts.c.id)
        session.execute(found.with_for_update()).all()


def go_again(session: Session, message: Any, lost: Lost, now: datetime) -> None:
    """Let the recipient of a message wait for its next way, if one is left; `message` as the receipt met it.

    Nothing follows what is void by now. A broadcast that had closed runs again for him.
    """
    broadcast = _broadcast_of(session, message)
    if broadcast is None or message.message_class not in URGENT:
        return
    if is_void(session, tells_of(broadcast)):
        return
    theirs = (_MET.broadcast_id == broadcast.id, _MET.person_id == message.person_id)
    met = session.execute(select(_MET.again, _MET.state).where(*theirs)).first()
    if met is None or not (lost.stranger or met.state == State.FAILED):  # another message reached him
        return
    before = met.again
    if recipient_key(broadcast, message.person_id, before) != message.entry_key:  # it has asked before
        return
    pack = pack_document(session, message.journey_id, now)
    pause = _pause(pack) if lost.later else None
    again = _asked(message.channel, lost, before or {}, pause)
    due = now + pause if pause is not None and message.channel not in (before or {}).get("tried", ()) else now
    if due >= broadcast.expires or not _has_way(session, message, broadcast, pack, again["not_by"]):
        return
    session.execute(
        update(broadcast_recipients)
        .where(*theirs)
        .values(state=State.HELD.value, reason="given-back", tries=0, until=due, at=now, again=again)
    )
    state = BroadcastState.RUNNING if broadcast.state == BroadcastState.CLOSED else BroadcastState(broadcast.state)
    moved_on(session, broadcast.id, state=state.value, orders=broadcast.orders + 1)


def _broadcast_of(session: Session, message: Any) -> Any | None:
    """The broadcast that a message went out with, unless it was called off."""
    project = projects_of(session, [message])[message.journey_id]
    named = broadcasts.c.key.in_(broadcast_names(message.entry_key, project))
    return session.execute(select(broadcasts).where(named, broadcasts.c.state.in_(GOES_ON))).first()


def tells_of(broadcast: Any) -> str | None:
    """The event that a broadcast speaks of; news of milestones name the first one in their occurrence."""
    if broadcast.rule == NEWS:
        return re.split("[/~]", broadcast.occurrence, maxsplit=1)[0]
    told: str | None = broadcast.params.get("event")
    return told


def _asked(channel: str, lost: Lost, before: Mapping[str, Any], pause: timedelta | None) -> dict[str, Any]:
    """What is asked for now: `tried` are channels by which it came back, `not_by` those that it is not to take.

    `dead` has a channel once for each of its addresses that turned out to be no good.
    """
    tried, not_by = list(before.get("tried", ())), list(before.get("not_by", ()))
    dead = [*before.get("dead", ()), *([channel] if lost.dead else ())]
    once_more = pause is not None and channel not in tried
    free = lost.dead and dead.count(channel) < MOST_DEAD  # it is passed over by itself, a new one may be taken
    if not free and not once_more:
        not_by = [*dict.fromkeys((*not_by, channel))]
    asked = {"asked": lost.receipt, "tried": [*dict.fromkeys((*tried, channel))], "not_by": not_by}
    return asked | ({"dead": dead} if dead else {})


def _pause(pack: Mapping[str, Any]) -> timedelta | None:
    """How long who is absent is left alone; None in a pack that does not say it, or not as a fixed length."""
    told = pack.get("contact")
    try:
        return ContactNumbers.model_validate(told).retry_after.as_timedelta() if told else None
    except ValueError:
        return None


def _has_way(session: Session, message: Any, broadcast: Any, pack: Mapping[str, Any], not_by: Sequence[str]) -> bool:
    """Whether a channel is left that the message may take; its send decides which."""
    ways: Mapping[str, Sequence[str]] = pack["messages"]["channels"]
    named = broadcast.params.get("channel")
    order = [named] if named else ways.get(message.message_class, ways["contract"])
    left = [channel for channel in order if channel not in not_by]
    theirs = select(contacts.c.channel).where(contacts.c.person_id == message.person_id, contacts.c.state != INVALID)
    known = set(session.execute(theirs).scalars())
    return any(channel == INBOX or ADDRESS_OF[channel] in known for channel in left)
