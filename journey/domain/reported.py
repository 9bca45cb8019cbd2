"""What was reported of a running task and ends it in this very plan, read by its ledger row alone.

For rules that look at the ledger: what they ask for is the same before and after the plan that writes the end down.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from journey.domain.base_facts import BaseFacts
from journey.domain.clocks import local_date
from journey.domain.decided import counts_as_done, skips_of
from journey.domain.entries import Entry, State
from journey.domain.results import Result


def end_of(entry: Entry, facts: BaseFacts) -> tuple[State, datetime] | None:
    """The state in which a running task ends, and since when, by a skip or a result (`climbing.running`); else None."""
    if skips_of(facts, entry.key):
        return State.SKIPPED, facts.now
    params: Mapping[str, Any] = entry.item.get("params", {})
    told = [one for one in facts.results if _is_about(one, entry, facts)]
    for one in told:
        if one.outcome == "done" and counts_as_done(one, params):
            return State.DONE, one.at
        if one.outcome == "refused":
            return State.FAILED, one.at
    tries = [one.at for one in told if one.outcome == "not-reached"]
    return (State.FAILED, tries[-1]) if tries and len(tries) >= entry.item.get("attempts", 1) else None


def _is_about(result: Result, entry: Entry, facts: BaseFacts) -> bool:
    """As `decided.results_about`: by the task, else by the item's name."""
    if result.task is not None:
        return result.task == entry.task
    rule, _, occurrence = entry.key.split("/", 2)
    if result.rule != rule or result.occurrence is not None:
        return result.rule == rule and result.occurrence == occurrence
    if occurrence == "once":
        return entry.anchor_on is None or local_date(result.at, facts.zone) >= entry.anchor_on
    opens = entry.item.get("opens")
    return opens is None or result.at >= datetime.fromisoformat(opens)
