"""What is thought of the events of a journey: verdicts, contradictions and their beginning, what answers add."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from journey.domain.base_facts import BaseFacts
from journey.domain.events import Event
from journey.domain.facts import Facts
from journey.domain.items import Item
from journey.domain.reasons import Reason
from journey.domain.record import Record
from journey.domain.serving_nothing import with_what_is_missing
from journey.domain.surveys import survey_names
from journey.domain.verdicts import Judged, Opinion, Verdict, judge
from journey.domain.warranty import reported_in_cover


def judged_of(record: Record, events: Sequence[Event], now: datetime) -> Judged:
    """What is to be thought of a journey's events as of `now`, by all that is known around it."""
    return judge(
        events, now=now, zone=record.zone, known=record.known | survey_names(), units=record.units,
        owners=frozenset(record.owners), ties=record.ties,
    )  # fmt: skip


def contradicted(
    record: Record, opinions: Mapping[str, Opinion], seen: Mapping[str, Verdict], now: datetime
) -> dict[str, datetime]:
    """Events that were applied once and are refused now, with the telling of what contradicts them."""
    found: dict[str, datetime] = {}
    for event_id, opinion in opinions.items():
        if opinion.verdict is Verdict.REFUSED:
            key = f"kernel.contradiction/{record.episode}/{event_id}"
            if seen.get(event_id) is Verdict.APPLIED or key in record.entries or key in record.agenda:
                found[event_id] = _refused_since(record, event_id, now)
    return found


def _refused_since(record: Record, event_id: str, now: datetime) -> datetime:
    """When the event that brought the contradiction was told: found by halving the list of tellings."""
    told = sorted({event.recorded_at for event in record.events})
    low, high = 0, len(told) - 1
    while low < high:
        middle = (low + high) // 2
        known = [event for event in record.events if event.recorded_at <= told[middle]]
        opinion = judged_of(record, known, now).opinions.get(event_id)
        if opinion is not None and opinion.verdict is Verdict.REFUSED:
            high = middle
        else:
            low = middle + 1
    return told[low]


def opinions_of(facts: Facts, items: Sequence[Item]) -> dict[str, Opinion]:
    """The opinion on every event of a journey, with what its ledger, its cases and its items have to say to it."""
    opinions = _on_operators(_with_covers(facts), facts, items) | _on_deemed(facts) | _on_cases(facts)
    return with_what_is_missing(opinions, facts)


def _with_covers(facts: Facts) -> dict[str, Opinion]:
    """Reports of defects are answered with what the ledger says of their component."""
    opinions = dict(facts.judged.opinions)
    for event in facts.all("defect.reported"):
        component = event.data.get("component")
        cover = facts.cover(str(component)) if component else None
        if cover is None:
            continue
        inside = reported_in_cover(cover, event.occurred_at, facts.zone)
        code = {True: "in-cover", False: "out-of-cover", None: "cover-unknown"}[inside]
        ends = cover.owner_ends.isoformat() if cover.owner_ends else None
        opinions[event.id] = replace(opinions[event.id], reason=Reason(code, {"component": component, "ends": ends}))
    return opinions


def _on_deemed(facts: Facts) -> dict[str, Opinion]:
    """A deemed handover that nothing on record explains counts, and is answered with what it lacks."""
    told = [(event, facts.doubt(event)) for event in facts.all("handover.deemed")]
    return {
        event.id: replace(facts.judged.opinions[event.id], reason=doubt) for event, doubt in told if doubt is not None
    }


def _on_cases(facts: Facts) -> dict[str, Opinion]:
    """What was told of a case and cannot be: a pause that nobody may grant."""
    return {event: Opinion(Verdict.REFUSED, reason) for event, reason in facts.cases.refused.items()}


def _on_operators(opinions: dict[str, Opinion], facts: BaseFacts, items: Sequence[Item]) -> dict[str, Opinion]:
    """An operator's decision on an item that nobody asks for is answered so: it counts, and does nothing yet."""
    asked = {item.key for item in items}
    for kind in ("item.skipped", "item.redone", "item.rescheduled"):
        for event in facts.all(kind):
            key = str(event.data.get("key"))
            known = key in facts.record.entries and kind != "item.redone"
            if key not in asked and key.split("~")[0] not in asked and not known:
                opinions[event.id] = replace(opinions[event.id], reason=Reason("nothing-asked", {"key": key}))
    return opinions
