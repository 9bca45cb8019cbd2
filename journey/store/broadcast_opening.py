"""Opening the broadcast that an item of a project's agenda asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from journey.domain.entries import State
from journey.domain.values import MessageClass
from journey.store import audit
from journey.store.broadcasts import PERSON, NewBroadcast, open_broadcast
from journey.store.ledger import journal_rows, write_entry
from journey.store.performing import Wanted, is_stale, look, touched
from journey.store.repairing import is_void
from journey.store.tables import events, journal

FOR_THE_RULE = ("scope", "stages", "tags", "each", "everyone", "channels")  # whom it is for, not what it says
A_DAY = timedelta(days=1)


def open_for_item(session: Session, wanted: Wanted) -> Sequence[str]:
    """The broadcasts of an item, opened now; the item is done with, each recipient has an entry of his own.

    One, or one for each channel that the item names; none when the move is stale, or what it tells of is void by now.
    An item that is asked for again (a redo) has another occurrence, and is another one.
    """
    found = look(session, wanted)
    if found is None or is_stale(wanted, found) or not found.planned or found.item is None:
        return ()
    if is_void(session, found.item["params"].get("event")):  # after the plan that asks for the broadcast
        return ()
    asked = _asked(session, found.item, found.row.project_id, wanted)
    opened = [open_broadcast(session, new, wanted.now)[0] for new in _by_channel(asked, found.item["params"])]
    if asked.message_class is MessageClass.EMERGENCY:  # nobody let it go: who declared it stands for that
        for broadcast in opened:
            audit.append(session, wanted.now, asked.asked_by, "emergency.broadcast", broadcast)
    write_entry(session, wanted.journey, touched(found.entry, found.item, wanted.now, State.SENT))
    line = (wanted.now, "entry.sent", wanted.key, {"broadcast": opened[0]})
    session.execute(insert(journal), journal_rows(wanted.journey, [line]))
    return opened


def _asked(session: Session, item: Mapping[str, Any], project: str, wanted: Wanted) -> NewBroadcast:
    params = item["params"]
    expires = datetime.fromisoformat(item["expires"]) if item["expires"] else wanted.now + A_DAY
    return NewBroadcast(
        project=project,
        rule=item["rule"],
        subject=PERSON if params.get("each") else item["subject"],
        occurrence=item["occurrence"],
        message_class=MessageClass(item["class"]),
        due=wanted.due,
        expires=max(expires, wanted.due + timedelta(minutes=1)),
        scope=params.get("scope", {}),
        stages=params.get("stages", ()),
        tags=params.get("tags", ()),
        everyone=bool(params.get("everyone")),
        params={name: value for name, value in params.items() if name not in FOR_THE_RULE},
        asked_by=_declared_by(session, params.get("event")) or item["rule"],
    )


def _declared_by(session: Session, event: str | None) -> str | None:
    """Who told the event that a broadcast speaks of: the person named, else the source."""
    if event is None:
        return None
    row = session.execute(select(events.c.source, events.c.data).where(events.c.id == event)).first()
    return str(row.data.get("by") or row.source) if row is not None else None


def _by_channel(asked: NewBroadcast, params: Mapping[str, Any]) -> list[NewBroadcast]:
    """The same once for each channel; the first of them also finds those whom none reaches."""
    channels = list(params.get("channels", ()))
    return [
        replace(
            asked,
            occurrence=f"{asked.occurrence}/{channel}",
            family=asked.key,
            params={**asked.params, "channel": channel} | ({"last_resort": channels} if number == 0 else {}),
        )
        for number, channel in enumerate(channels)
    ] or [asked]
