"""What a person found out about a send whose outcome was unknown, and what follows from it (`kernel.md` §5)."""

from dataclasses import replace

from journey.domain.base_facts import BaseFacts
from journey.domain.entries import Entry, State
from journey.domain.events import Event
from journey.domain.items import Item
from journey.domain.reasons import Reason
from journey.domain.values import SendOutcome

HAPPENED = "decided-happened"
NOT_HAPPENED = "decided-not-happened"
VOIDED = "decision-voided"


def after_decision(item: Item | None, entry: Entry, facts: BaseFacts) -> Entry | None:
    """The entry as a decision, or the voiding of one, leaves it; None when there is none that it does not show yet.

    `sent` when it happened; when it did not: `held`, free to go again, while its window is open, else `failed`.
    """
    if entry.state is State.UNKNOWN:
        decision = _decision(entry, facts)
        return _decided(item, entry, decision, facts) if decision is not None else None
    if entry.fact is not None and _was_decision(entry.fact, facts) and not _stands(entry.fact, facts):
        return replace(entry, state=State.UNKNOWN, at=facts.now, reason=Reason(VOIDED), fact=None, until=None, tries=0)
    return None


def given_up(item: Item, entry: Entry) -> bool | None:
    """Whether a send that did not happen stays `failed`: until its date moves. None for any other entry."""
    if entry.state is not State.FAILED or entry.reason is None or entry.reason.code != NOT_HAPPENED:
        return None
    return entry.due == item.due


def _decided(item: Item | None, entry: Entry, decision: Event, facts: BaseFacts) -> Entry:
    code, state = HAPPENED, State.SENT
    if decision.data.get("outcome") != SendOutcome.HAPPENED:
        code, state = NOT_HAPPENED, State.HELD if _may_go_again(item, facts) else State.FAILED
    reason = Reason(code, {"event": decision.id})
    return replace(entry, state=state, at=facts.now, reason=reason, fact=decision.id, until=None, tries=0)


def _may_go_again(item: Item | None, facts: BaseFacts) -> bool:
    return item is not None and (item.expires is None or facts.now < item.expires)


def _decision(entry: Entry, facts: BaseFacts) -> Event | None:
    """The last decision on this unknown outcome, each acts once; one that saw nothing is about what was known then."""
    found = None
    for event in facts.all("item.decided"):
        seen = event.data.get("seen")
        if (
            event.data.get("key") == entry.key
            and event.id != entry.fact
            and (seen == entry.signature if seen is not None else event.occurred_at >= entry.at)
        ):
            found = event
    return found


def _was_decision(fact: str, facts: BaseFacts) -> bool:
    return any(event.id == fact and event.type == "item.decided" for event in facts.judged.events)


def _stands(fact: str, facts: BaseFacts) -> bool:
    return any(event.id == fact for event in facts.all("item.decided"))
