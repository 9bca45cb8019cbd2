"""What a project's events say of its batches: buildings and dates, folded from all that count."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from journey.domain.clocks import local_date
from journey.domain.events import Event
from journey.domain.reasons import Reason
from journey.domain.verdicts import Judged, Opinion, Verdict, as_told_right, judge

DATES = {
    "handover_from": "handover_from",
    "contract_handover_date": "contract_handover",
    "completion_accepted_on": "completion",
}


@dataclass(slots=True)
class BatchFacts:
    """A batch as its project's events tell it; `dates` by name: {on, at, known_at, event}."""

    buildings: list[str] = field(default_factory=list)
    dates: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """The project's batches by code, and the verdicts on its events."""

    batches: Mapping[str, BatchFacts]
    judged: Judged


def fold_project(
    events: Iterable[Event], batches: Mapping[str, list[str]], *, now: datetime, zone: str
) -> ProjectFacts:
    """Fold a project's events over the batches (code: buildings) that are known without any."""
    judged = judge(events, now=now, zone=zone, known=frozenset())
    counted = [event for event in judged.live if _counts(event, judged, zone)]
    counts = {event.id for event in counted}
    counts |= {event_id for event_id, opinion in judged.opinions.items() if opinion.until is not None}
    counted = [event for event in as_told_right(judged.events)[0] if event.id in counts]
    found = {code: BatchFacts(list(buildings)) for code, buildings in batches.items()}
    for event in counted:
        if event.type in ("batch.planned", "batch.rescheduled"):
            _batch(found, event, judged)
        elif event.type == "milestone.reached" and event.data.get("milestone") == "completion-accepted":
            _completed(found, event, judged, zone)
    return ProjectFacts(found, judged)


def _counts(event: Event, judged: Judged, zone: str) -> bool:
    """Whether an event counts; one that moves a batch to before the day of its telling does not (it would miss all).

    What no rule acts on yet is kept, and says so.
    """
    day = event.read_date("handover_from") if event.type == "batch.rescheduled" else None
    told = local_date(event.occurred_at, zone)
    if day is not None and day < told:
        reason = Reason("into-the-past-date", {"on": day.isoformat(), "told": told.isoformat()})
        judged.opinions[event.id] = Opinion(Verdict.REFUSED, reason)
        return False
    if event.type == "emergency.declared":
        judged.opinions[event.id] = Opinion(Verdict.APPLIED, Reason("nobody-acts"))
    return True


def _batch(found: dict[str, BatchFacts], event: Event, judged: Judged) -> None:
    batch = found.setdefault(str(event.data.get("batch")), BatchFacts())
    if event.data.get("buildings"):
        batch.buildings = [str(building) for building in event.data["buildings"]]
    for name, kept in DATES.items():
        if event.data.get(name):
            _put(batch, kept, str(event.data[name]), event, judged)


def _completed(found: dict[str, BatchFacts], event: Event, judged: Judged, zone: str) -> None:
    scope: Mapping[str, Any] = event.scope or {}
    for code, batch in found.items():
        named = scope.get("batch", code) == code
        housed = "building" not in scope or scope["building"] in batch.buildings
        if named and housed:
            _put(batch, "completion", event.on(zone).isoformat(), event, judged)


def _put(batch: BatchFacts, name: str, on: str, event: Event, judged: Judged) -> None:
    """A date that is told again as it stands is no news: it keeps the event, and the instant, that brought it."""
    if batch.dates.get(name, {}).get("on") != on:
        batch.dates[name] = _dated(on, event, judged)


def _dated(on: str, event: Event, judged: Judged) -> dict[str, str]:
    correction = judged.moved_by.get(event.id)
    known = max(event.recorded_at, correction.recorded_at) if correction else event.recorded_at
    return {
        "on": on,
        "at": event.occurred_at.isoformat(),
        "known_at": known.isoformat(),
        "event": event.id,
        "moved_by": correction.id if correction else event.id,
    }
