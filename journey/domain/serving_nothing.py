"""Facts that count and serve nothing: the answer says what is missing (interfaces: every event is answered)."""

from collections.abc import Iterator
from dataclasses import replace

from journey.domain.base_facts import BaseFacts
from journey.domain.events import Event
from journey.domain.letters import DELIVERED, missing_of
from journey.domain.reasons import Reason
from journey.domain.receipts import OVERTAKEN, UNMATCHED
from journey.domain.verdicts import Opinion


def with_what_is_missing(opinions: dict[str, Opinion], facts: BaseFacts) -> dict[str, Opinion]:
    """The opinions, with a reason for each fact that was applied and serves nothing."""
    for event, reason in (*_receipts(facts), *_letters(facts)):
        opinions[event.id] = replace(opinions[event.id], reason=reason)
    return opinions


def _letters(facts: BaseFacts) -> Iterator[tuple[Event, Reason]]:
    """Deliveries that do not say of which letter, or to which of several owners."""
    for event in facts.all(DELIVERED):
        reason = missing_of(event, facts.record.owners)
        if reason is not None:
            yield event, reason


def _receipts(facts: BaseFacts) -> Iterator[tuple[Event, Reason]]:
    """Receipts of messages that nobody knows here, or that stand otherwise by now; the store writes down both."""
    for event in facts.all("message.receipt"):
        if event.data.get(UNMATCHED):
            yield event, Reason("receipt-unknown")
        elif event.data.get(OVERTAKEN):
            yield event, Reason("receipt-overtaken")
