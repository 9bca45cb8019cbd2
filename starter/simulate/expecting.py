"""Refusals that a scenario expects: which of them came, and which did not."""

from collections.abc import Mapping
from typing import Any

from starter.simulate.scenario import Scenario


def with_expectations(scenario: Scenario, document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with `expected` beside each refused event, and `refusals_missing`: those that did not come.

    A row with `refused: true` expects any refusal, one with a code that reason.
    """
    waiting = [
        {"id": event.ident(number), "type": event.type, "refused": event.refused}
        for number, event in enumerate(scenario.events)
        if event.refused
    ]
    refused = []
    for event in document["events_refused"]:
        found = next((each for each in waiting if _is_met(each, event)), None)
        if found is not None:
            waiting.remove(found)
        refused.append({**event, "expected": found is not None})
    return {**document, "events_refused": refused, "refusals_missing": waiting}


def as_expected(document: Mapping[str, Any]) -> bool:
    """Whether the refusals are those that the scenario expects; one that expects none takes any for a result."""
    events, missing = document["events_refused"], document["refusals_missing"]
    expects = bool(missing) or any(event["expected"] for event in events)
    return not expects or (not missing and all(event["expected"] for event in events))


def _is_met(wanted: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    same = (wanted["id"], wanted["type"]) == (event["id"], event["type"])
    return same and wanted["refused"] in (True, event["reason"]["code"])
