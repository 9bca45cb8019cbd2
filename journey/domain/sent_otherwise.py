"""A message that did not reach its owner goes again by the next way: kernel §4, a repeat that a fact has asked for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from journey.domain.base_facts import BaseFacts
from journey.domain.entries import WENT_OUT
from journey.domain.events import Event
from journey.domain.items import Item, Recipients
from journey.domain.reasons import Reason
from journey.domain.receipts import OVERTAKEN
from journey.domain.replies import Meaning, meaning_of
from journey.domain.values import Failure, MessageClass, ReceiptState

URGENT = frozenset({MessageClass.CONTRACT, MessageClass.EMERGENCY})
MOST_DEAD = 3  # so many addresses of one way may turn out dead, for one message to one person: then the way is tried
TEXT = "sms"  # what an answer is to that names no channel


@dataclass(frozen=True, slots=True)
class Again:
    """What is asked for: once more for `person`, by none of the ways in `not_by`, `later` by one that may work then."""

    event: Event
    person: str
    reason: Reason
    not_by: tuple[str, ...]
    later: bool = False


def asked_again(items: Mapping[str, Item], facts: BaseFacts) -> list[tuple[Item, Again]]:
    """The items that go to somebody once more, each with what asks for it, in the order of the news.

    Only what is owed (contract, emergency): care and marketing that did not arrive are let be.
    """
    failed: dict[tuple[str, str], tuple[str, ...]] = {}
    dead: Counter[tuple[str, str, str]] = Counter()
    spoken_of: set[str] = set()
    found = []
    for event in _news(facts):
        key, channel = _entry(event, items, facts), str(event.data.get("channel") or TEXT)
        item = items.get(key)
        if item is None or event.person is None or item.message_class not in URGENT or not item.is_message:
            continue
        message = str(event.data.get("message") or event.id)
        if message in spoken_of:  # one message asks once, whatever else is told of it
            continue
        spoken_of.add(message)
        before = failed.get((key, event.person), ())
        later = event.data.get("failure") == Failure.LATER and channel not in before
        dead[key, event.person, channel] += _is_dead(event)
        # A dead address is passed over while it is invalid: the way is free again for a new one.
        free = _is_dead(event) and dead[key, event.person, channel] < MOST_DEAD
        tried = before if free else tuple(dict.fromkeys((*before, channel)))
        failed[key, event.person] = tried
        not_by = before if later else tried
        if set(facts.pack.messages.order(item.message_class)) - set(not_by):
            found.append((item, Again(event, event.person, _reason(event, channel), not_by, later)))
    return found


def sent_again(item: Item, again: Item, asked: Again, facts: BaseFacts) -> Item | None:
    """The repeat for one person, within the window that the item had; None when that is over by then."""
    due = again.due
    if asked.later and facts.pack.contact is not None:
        waited = facts.shift(asked.event.recorded_at, facts.pack.contact.retry_after)
        due = max(due, waited) if isinstance(waited, datetime) else due
    if item.expires is not None and due >= item.expires:
        return None
    params: dict[str, Any] = {**item.params, "person": _reachable(item, asked.person, facts), "not_by": asked.not_by}
    if params["person"] != asked.person:
        params["not_by"] = ()
    return replace(
        again, due=due, opens=due, expires=item.expires, recipients=Recipients.NAMED, group=None, met=None,
        params={**params, "not_by": list(params["not_by"])},
    )  # fmt: skip


def _reachable(item: Item, person: str, facts: BaseFacts) -> str:
    """What went to the household's first contact goes to the next owner when nothing reaches the first any more."""
    lost = facts.record.no_contact
    if item.recipients is not Recipients.PRIMARY or person not in lost:
        return person
    return next((owner for owner in facts.record.owners if owner not in lost), person)


def _news(facts: BaseFacts) -> Sequence[Event]:
    """Receipts of what did not arrive, and answers of strangers, in order."""
    numbers = facts.pack.contact
    strangers = [
        one
        for one in facts.all("message.replied")
        if numbers and meaning_of(str(one.data.get("text", "")), numbers) is Meaning.WRONG_PERSON
    ]
    return sorted((*_not_arrived(facts, strangers), *strangers), key=attrgetter("order"))


def _not_arrived(facts: BaseFacts, strangers: Sequence[Event]) -> list[Event]:
    """Receipts that still say so: of nothing that arrived after all, itself or as what was repeated for it.

    One whose repeat went out has asked, whatever came of its message since. What a stranger answered arrived nowhere.
    """
    told = [one for one in facts.all("message.receipt") if one.data.get("state") == ReceiptState.FAILED]
    firsts: dict[str, tuple[str, str | None]] = {}  # by receipt: the entry that was sent first, and to whom
    for event in sorted(told, key=attrgetter("order")):
        entry = str(event.data.get("entry"))
        first = firsts.get(entry.partition("~")[2])
        firsts[event.id] = (first[0] if first is not None else entry, event.person)
    not_his = {event.data.get("message") for event in strangers} - {None}
    arrived = {
        firsts[event.id]
        for event in told
        if event.data.get(OVERTAKEN) == ReceiptState.DELIVERED and event.data.get("message") not in not_his
    }
    repeated = {entry.key.partition("~")[2] for entry in facts.record.entries.values() if entry.state in WENT_OUT}
    return [
        event
        for event in told
        if event.id in repeated or (not event.data.get(OVERTAKEN) and firsts[event.id] not in arrived)
    ]


def _entry(event: Event, items: Mapping[str, Item], facts: BaseFacts) -> str:
    """The item that the news is of: by its key, else the one of the named rule that went out last."""
    named = event.data.get("entry")
    if named is not None:
        return str(named).split("~")[0]
    rule = str((event.about or {}).get("item"))
    went = [
        entry
        for entry in facts.record.entries.values()
        if entry.key.startswith(f"{rule}/") and entry.key in items and entry.state in WENT_OUT
    ]
    return max(went, key=lambda entry: (entry.at, entry.key)).key if went else ""


def _is_dead(event: Event) -> bool:
    """Whether the address is no good, rather than the way."""
    return event.type == "message.replied" or event.data.get("failure") == Failure.PERMANENT


def _reason(event: Event, channel: str) -> Reason:
    if event.type == "message.replied":
        return Reason("wrong-person", {"channel": channel, "event": event.id})
    return Reason("not-delivered", {"channel": channel, "code": str(event.data.get("code") or "?")})
