"""What the journey makes of each event: applied, parked or refused (`kernel.md` §3). Judged afresh at every plan.

The judgement depends on the set of events only, never on the order in which they were told.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any

from journey.domain.case_names import CaseNames
from journey.domain.clocks import at, local, local_date
from journey.domain.contradictions import CLOSING, contradictions
from journey.domain.event_checks import merge_correction
from journey.domain.events import Event
from journey.domain.holding import Ties, strangers, waiting_for_a_home
from journey.domain.reasons import Reason
from journey.domain.results import RESULTS

NO_TIES = Ties()
AHEAD = timedelta(minutes=5)  # clocks of other systems may run this far ahead
# their `on` is a day promised or planned, not the day it happened
PROMISES = frozenset({"delay.new_date", "sales.opening_planned", "milestone.planned", "activity.planned"})
AT_THE_DOOR = ("consent.", "contact.", "bereavement.", "hold.")  # they act at once, on the person's rows


class Verdict(StrEnum):
    """A journey's opinion of an event; `taken` = committed and not judged yet."""

    APPLIED = "applied"
    PARKED = "parked"
    REFUSED = "refused"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Opinion:
    """A verdict with its reason; `until` is when a parked event counts."""

    verdict: Verdict
    reason: Reason | None = None
    until: datetime | None = None


APPLIED = Opinion(Verdict.APPLIED)


@dataclass(frozen=True, slots=True)
class Judged:
    """All events as told, those that count (corrected, in order), and the opinion on every event."""

    events: list[Event]
    live: list[Event]
    opinions: dict[str, Opinion]
    moved_by: dict[str, Event] = field(default_factory=dict)  # event id: the correction that it carries
    voided: dict[str, str] = field(default_factory=dict)  # event id: the event that voids it

    @property
    def waits_until(self) -> datetime | None:
        """When the next parked event counts."""
        return min((o.until for o in self.opinions.values() if o.until is not None), default=None)


def judge(
    events: Iterable[Event],
    *,
    now: datetime,
    zone: str,
    known: frozenset[str],
    units: frozenset[str] = frozenset(),
    owners: frozenset[str] = frozenset(),
    ties: Ties = NO_TIES,
) -> Judged:
    """Every event's verdict as of `now`. A deemed handover needs a notice served on each of `owners`."""
    ordered = sorted(events, key=lambda event: event.order)
    effective, moved_by, voided, opinions = as_told_right(ordered)
    cases = CaseNames(effective)
    known |= _applications(effective)
    counted: list[Event] = []
    for event in effective:
        opinion = _premature(event, now, zone, known, units, cases)
        if opinion is None:
            counted.append(event)
        else:
            opinions[event.id] = opinion
    counted = _without(counted, _strangers(counted, ties), Verdict.PARKED, opinions)
    live = _without(counted, contradictions(counted, zone, owners, ties), Verdict.REFUSED, opinions)
    if not any(event.type in CLOSING for event in live):  # what closed has no home to wait for
        live = _without(live, waiting_for_a_home(live, ties), Verdict.PARKED, opinions)
    for event in live:
        opinions.setdefault(event.id, APPLIED)
    return Judged(ordered, live, opinions, moved_by, voided)


def _strangers(events: Sequence[Event], ties: Ties) -> dict[str, Reason]:
    """Of what acts at the door nobody waits: it has acted."""
    return strangers([event for event in events if not event.type.startswith(AT_THE_DOOR)], ties)


def _without(
    events: list[Event], reasons: Mapping[str, Reason], verdict: Verdict, opinions: dict[str, Opinion]
) -> list[Event]:
    """The events that no reason speaks against; the others get their verdict."""
    for event in events:
        if event.id in reasons:
            opinions[event.id] = Opinion(verdict, reasons[event.id])
    return [event for event in events if event.id not in reasons] if reasons else events


def as_told_right(
    ordered: Sequence[Event],
) -> tuple[list[Event], dict[str, Event], dict[str, str], dict[str, Opinion]]:
    """Voids and corrections applied; a void may itself be voided. Those whose target is unknown are parked."""
    by_id = {event.id: event for event in ordered}
    by_source = {(event.source, event.source_id): event for event in ordered}
    opinions: dict[str, Opinion] = {}
    aims: list[tuple[Event, str]] = []  # voids and corrections with their target, the last one told first
    for event in sorted(ordered, key=lambda event: (event.recorded_at, event.id), reverse=True):
        if event.type not in ("event.voided", "event.corrected"):
            continue
        named = str(event.data.get("event_id"))
        target = by_id.get(named) or by_source.get((event.source, named))
        if target is None or target.id == event.id:
            opinions[event.id] = Opinion(Verdict.PARKED, Reason("unknown-reference", {"kind": "event_id"}))
        else:
            aims.append((event, target.id))
    voided = _voided(aims)
    corrected = _corrections(aims, voided)
    moved_by: dict[str, Event] = {}
    effective: list[Event] = []
    for event in ordered:
        if event.id in voided:
            opinions[event.id] = Opinion(Verdict.APPLIED, Reason("voided"))
            continue
        for change, told in corrected.get(event.id, ()):
            event = replace(event, data=_corrected(event.data, change))
            moved_by[event.id] = told
        if event.id in moved_by:
            opinions[event.id] = Opinion(Verdict.APPLIED, Reason("corrected"))
        effective.append(event)
    return effective, moved_by, voided, opinions


def _voided(aims: Sequence[tuple[Event, str]]) -> dict[str, str]:
    """By voided event: the void that stands. One voided itself does not; of a circle, the last one told does."""
    voids = [(event, target) for event, target in aims if event.type == "event.voided"]
    against: dict[str, list[str]] = {}
    for event, target in voids:
        against.setdefault(target, []).append(event.id)
    stands: dict[str, bool] = {}
    pending = [event.id for event, _ in voids]
    while pending:
        left = []
        for void in pending:
            by = against.get(void, ())
            if all(other in stands for other in by) or any(stands.get(other) for other in by):
                stands[void] = not any(stands.get(other) for other in by)
            else:
                left.append(void)
        if len(left) == len(pending):
            stands[left.pop(0)] = True
        pending = left
    found: dict[str, str] = {}
    for event, target in voids:
        if stands[event.id]:
            found.setdefault(target, event.id)
    return found


def _corrections(aims: Sequence[tuple[Event, str]], voided: Mapping[str, str]) -> dict[str, list[tuple[Event, Event]]]:
    """By corrected event, in the order of telling: each correction (itself corrected), and who told it last."""
    found: dict[str, list[tuple[Event, Event]]] = {}
    for event, target in aims:
        if event.type == "event.voided" or event.id in voided:
            continue
        change, told = event, event
        for better, by in found.get(event.id, ()):
            change, told = replace(change, data=_corrected(change.data, better)), by
        found.setdefault(target, []).insert(0, (change, told))
    return found


def _corrected(data: Mapping[str, Any], correction: Event) -> Mapping[str, Any]:
    change = correction.data.get("data")
    return merge_correction(data, change) if isinstance(change, Mapping) else data


def _premature(
    event: Event, now: datetime, zone: str, known: frozenset[str], units: frozenset[str], cases: CaseNames
) -> Opinion | None:
    if event.type.startswith(AT_THE_DOOR):
        return None
    if event.type in ("event.voided", "event.corrected"):
        return None
    on = event.read_date("on") if event.type not in PROMISES else None
    done = event.read_instant("at") if event.type in RESULTS else None
    happens = max(event.occurred_at, done or event.occurred_at)
    begins = happens if happens > now + AHEAD else None
    when = local(begins, zone).isoformat() if begins is not None else None
    if on is not None and on > local_date(now if begins else max(now, event.occurred_at), zone):
        dawn = at(on, time(0), zone)
        if begins is None or dawn >= begins:
            begins, when = max(now, dawn), on.isoformat()
    if begins is not None:
        return Opinion(Verdict.PARKED, Reason("future", {"when": when}), begins)
    missing = _unknown_reference(event, known, units, cases)
    return Opinion(Verdict.PARKED, Reason("unknown-reference", {"kind": missing})) if missing else None


def _unknown_reference(event: Event, known: frozenset[str], units: frozenset[str], cases: CaseNames) -> str | None:
    named = (event.about or {}).get("task")
    if named is not None and named not in known:
        return "task"
    if cases.is_unknown(event, known):
        return "case"
    task = event.data.get("task") if event.type in ("task.result", "task.assigned") else None
    if task is not None and task not in known:
        return "task"
    if event.type == "survey.answered" and event.data.get("survey") not in known:
        return "survey"
    if event.type.startswith("open_day.") and event.type != "open_day.planned":
        for kind in ("open_day", "session"):
            named = event.data.get(kind)
            if named is not None and named not in known:
                return kind
    application = event.data.get("application") if event.type.startswith("fit_out.") else None
    if application is not None and application not in known:
        return "application"
    if event.type == "unit.changed" and event.data.get("to") not in units:
        return "unit"
    return None


def _applications(events: Sequence[Event]) -> frozenset[str]:
    """Every name of an application for a fit-out."""
    applied = [event for event in events if event.type == "fit_out.applied"]
    return frozenset(name for event in applied for name in (event.id, event.source_id) if name)
