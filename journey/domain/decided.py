"""What a decision says, and what every decision looks at: results, skips, pauses."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from journey.domain.base_facts import BaseFacts
from journey.domain.clocks import local_date
from journey.domain.entries import Entry, Rung, State
from journey.domain.events import Event
from journey.domain.evidence import PHOTO, PROOF
from journey.domain.items import Item
from journey.domain.moves import Move
from journey.domain.quick import quick_dataclass
from journey.domain.reasons import Reason
from journey.domain.record import Hold
from journey.domain.results import Result
from journey.domain.values import ItemKind


@quick_dataclass(frozen=True)
class Decided:
    """State after planning (None: untouched), entry to write, rung climbed, move due, when to look again.

    `post` is where the running task goes when an operator gave it away, or took that back.
    """

    key: str
    state: State | None
    item: Item | None = None
    entry: Entry | None = None
    rung: Rung | None = None
    move: Move | None = None
    wake: datetime | None = None
    post: str | None = None


def entry_of(
    item: Item,
    was: Entry | None,
    state: State,
    when: datetime,
    *,
    reason: Reason,
    fact: str | None = None,
    carrier: str | None = None,
) -> Entry:
    """The entry of an item that is settled on paper now, with the fact it stands on."""
    anchor = item.anchor
    base = was or Entry(item.key, state, when)
    return replace(
        base, state=state, at=when, due=item.due, reason=reason, fact=fact, carrier=carrier, until=None, tries=0,
        anchor_event=anchor.event, anchor_on=anchor.on, moved_by=anchor.moved_by, item=item.document(),
    )  # fmt: skip


def results_about(item: Item, entry: Entry | None, facts: BaseFacts) -> Sequence[Result]:
    """Results told about this item's task, or about the item by name.

    What needs a photo is not done without one; what asks for a proof of service is done by that fact alone.
    """
    task = entry.task if entry is not None else None
    return [
        result
        for result in facts.results
        if ((result.task is not None and result.task == task) or (result.task is None and _named(result, item, facts)))
        and (result.outcome != "done" or counts_as_done(result, item.params))
    ]


def counts_as_done(result: Result, params: Mapping[str, Any]) -> bool:
    """Whether a «done» is enough for an item with such params."""
    return (result.photo or not params.get(PHOTO)) and not params.get(PROOF)


def _named(result: Result, item: Item, facts: BaseFacts) -> bool:
    """One that names no occurrence is about the only one there is, else about what was open then."""
    if result.rule != item.rule:
        return False
    if result.occurrence is not None:
        return result.occurrence == item.occurrence
    return local_date(result.at, facts.zone) >= item.anchor.on if item.occurrence == "once" else result.at >= item.opens


def skips_of(facts: BaseFacts, key: str) -> list[str]:
    """Ids of the operators' skips of a key that count."""
    skipped: Sequence[Event] = facts.all("item.skipped")
    return [event.id for event in skipped if event.data.get("key") == key]


def stands_open(hold: Hold) -> bool:
    """Whether a hold has not been released."""
    return hold.released_at is None


def concerns(hold: Hold, item: Item) -> bool:
    """Whether a hold speaks of this item."""
    return hold.concerns(message_class=item.message_class.value, rule=item.rule, key=item.key)


def is_paused(item: Item, facts: BaseFacts) -> bool:
    """Whether a pause stops this item now; statutory clocks never stop, and a new owner waits for no pause."""
    if item.statutory or item.kind is ItemKind.JOURNEY or not facts.record.holds:
        return False
    return any(hold.how == "pause" and stands_open(hold) and concerns(hold, item) for hold in facts.record.holds)


def month_of(instant: datetime, facts: BaseFacts) -> tuple[int, int]:
    """Year and month of an instant in the project's zone."""
    day = local_date(instant, facts.zone)
    return day.year, day.month
