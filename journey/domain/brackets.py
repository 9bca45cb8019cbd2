"""What a restore lost: between two instants things were done that are not on record (kernel §10)."""

from collections.abc import Iterable
from datetime import datetime

from journey.domain.entries import Entry, State
from journey.domain.items import Item
from journey.domain.reasons import Reason
from journey.domain.record import Bracket
from journey.domain.values import ItemKind


def perhaps_done(item: Item, entry: Entry | None, brackets: Iterable[Bracket]) -> Reason | None:
    """Why an item that nothing on record binds may have been done all the same; None when it cannot have been.

    A statutory task is none of them: opening it again asks a person, and nobody is disturbed. Nor is another journey's
    beginning: the store that lost the one lost the other.
    """
    if (item.statutory and not item.is_message) or item.kind is ItemKind.JOURNEY:
        return None
    for bracket in brackets:
        if _due_within(item, entry, bracket):
            return Reason("restored", {"from": bracket.begins.isoformat(), "to": bracket.ends.isoformat()})
    return None


def _due_within(item: Item, entry: Entry | None, bracket: Bracket) -> bool:
    if entry is not None and entry.at >= bracket.ends:
        return False  # decided on after the restore
    if entry is not None and entry.state is State.HELD:
        return _within(entry.until or entry.at, bracket)
    return _within(item.planned_due, bracket) or _followed(item, bracket)


def _followed(item: Item, bracket: Bracket) -> bool:
    """A text that follows its fact on the same day, when the fact was told in the bracket and had to be told again."""
    told_again = item.anchor.at < bracket.ends <= item.anchor.known_at
    return told_again and item.is_message and item.planned_due == item.anchor.known_at


def _within(instant: datetime, bracket: Bracket) -> bool:
    return bracket.begins <= instant < bracket.ends
