"""What the journey makes of each event: applied, parked or refused (`kernel.md` §3). Judged afresh at every plan.

The judgement depends on the set of events only, never on the order in which they were told.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any

from journey.domain.clocks import at, local_date
from journey.domain.event_checks import merge_correction
from journey.domain.events import Event
from journey.domain.outcomes import OUTCOMES, refused_outcomes
from journey.domain.reasons import Reason

AHEAD = timedelta(minutes=5)  # clocks of other systems may run this far ahead
CLOSING = {
    "lead.lost": "lost",
    "subscription.cancelled": "lost",
    "contract.cancelled": "cancelled",
    "journey.cancelled": "cancelled",
    "ownership.transferred": "transferred",
}
AFTER_CLOSING = frozenset(
    {
        "event.voided", "event.corrected", "refund.settled", "message.receipt", "message.replied", "letter.delivered",
        "consent.given", "consent.withdrawn", "contact.invalid", "contact.verified", "contact.changed",
        "bereavement.noted", "hold.placed", "hold.released", "fit_out.deposit_refunded", "task.result", "call.result",
        "visit.recorded", "item.decided", "promise.recorded", "promise.breached",
    }
)  # fmt: skip
AFTER_SIGNING = frozenset({"contract.filed", "title.submitted", "title.issued"})  # they register what was signed
PROMISES = frozenset({"delay.new_date"})  # their `on` is a day promised, not the day it happened
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
) -> Judged:
    """Every event's verdict as of `now`. A deemed handover needs a notice served on each of `owners`."""
    ordered = sorted(events, key=lambda event: event.order)
    effective, moved_by, voided, opinions = as_told_right(ordered)
    counted: list[Event] = []
    for event in effective:
        opinion = _premature(event, now, zone, known, units)
        if opinion is None:
            counted.append(event)
        else:
            opinions[event.id] = opinion
    contradicted = _contradictions(counted, zone, owners)
    live: list[Event] = []
    for event in counted:
        reason = contradicted.get(event.id)
        if reason is None:
            live.append(event)
            opinions.setdefault(event.id, APPLIED)
        else:
            opinions[event.id] = Opinion(Verdict.REFUSED, reason)
    return Judged(ordered, live, opinions, moved_by, voided)


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


def _premature(event: Event, now: datetime, zone: str, known: frozenset[str], units: frozenset[str]) -> Opinion | None:
    if event.type.startswith(AT_THE_DOOR):
        return None
    if event.type in ("event.voided", "event.corrected"):
        return None
    on = event.read_date("on") if event.type not in PROMISES else None
    begins = event.occurred_at if event.occurred_at > now + AHEAD else None
    if on is not None and on > local_date(now if begins else max(now, event.occurred_at), zone):
        begins = max(begins or now, at(on, time(0), zone))
    if begins is not None:
        return Opinion(Verdict.PARKED, Reason("future", {"when": begins.isoformat()}), begins)
    missing = _unknown_reference(event, known, units)
    return Opinion(Verdict.PARKED, Reason("unknown-reference", {"kind": missing})) if missing else None


def _unknown_reference(event: Event, known: frozenset[str], units: frozenset[str]) -> str | None:
    about = event.about or {}
    for kind in ("task", "case"):
        named = about.get(kind)
        if named is not None and named not in known:
            return kind
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
    if event.type == "unit.changed" and event.data.get("to") not in units:
        return "unit"
    return None


def _contradictions(events: Sequence[Event], zone: str, owners: frozenset[str]) -> dict[str, Reason]:
    """Refused events with the reason; each rule looks at the dates of facts that stand."""
    refused: dict[str, Reason] = {}
    subscribed = _first(events, "subscription.signed", refused, zone)
    for event in events:
        if event.type == "contract.signed" and subscribed and event.on(zone) < subscribed.on(zone):
            refused[event.id] = Reason(
                "signed-before-subscription", {"on": _day(event, zone), "subscribed": _day(subscribed, zone)}
            )
    signed = _first(events, "contract.signed", refused, zone)
    for event in events:
        if event.type in AFTER_SIGNING and signed and event.on(zone) < signed.on(zone):
            params = {"on": _day(event, zone), "signed": _day(signed, zone)}
            refused[event.id] = Reason("filed-before-signing", params)
        if event.type == "subscription.cancelled" and signed and event.order > signed.order:
            refused[event.id] = Reason("cancelled-after-signing", {"signed": _day(signed, zone)})
    cancelled = _first(events, "contract.cancelled", refused, zone)
    if cancelled:
        _refuse_after_cancellation(events, cancelled, refused, zone)
        signed = _first(events, "contract.signed", refused, zone)
    refused |= refused_outcomes(
        [e for e in events if e.id not in refused], signed.on(zone) if signed else None, zone, owners
    )
    for event in events:
        to = event.read_instant("to") if event.type == "item.rescheduled" else None
        if to is not None and to <= event.occurred_at:
            refused.setdefault(event.id, Reason("into-the-past", {"to": to.isoformat()}))
    _refuse_after_closing(events, refused)
    return refused


def _refuse_after_cancellation(
    events: Sequence[Event], cancelled: Event, refused: dict[str, Reason], zone: str
) -> None:
    end = cancelled.on(zone)
    for event in events:
        concerned = event.type in OUTCOMES or event.type in ("contract.signed", "contract.filed")
        if concerned and event.on(zone) > end:
            params = {"on": _day(event, zone), "cancelled": end.isoformat()}
            refused.setdefault(event.id, Reason("after-cancellation", params))


def _refuse_after_closing(events: Sequence[Event], refused: dict[str, Reason]) -> None:
    closed: str | None = None
    for event in events:
        if event.id in refused:
            continue
        if closed is not None and event.type not in AFTER_CLOSING and not event.type.startswith(("case.", "cost.")):
            refused[event.id] = Reason("journey-closed", {"status": closed})
        elif closed is None and event.type in CLOSING:
            closed = CLOSING[event.type]


def _first(events: Sequence[Event], kind: str, refused: Mapping[str, Reason], zone: str) -> Event | None:
    found = [event for event in events if event.type == kind and event.id not in refused]
    return min(found, key=lambda event: (event.on(zone), event.order), default=None)


def _day(event: Event, zone: str) -> str:
    return event.on(zone).isoformat()
