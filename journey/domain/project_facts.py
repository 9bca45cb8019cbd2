"""What a project's events say of its batches: buildings, dates and gates, folded from all that count."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from journey.domain import go_live
from journey.domain.clocks import local_date
from journey.domain.events import Event
from journey.domain.first_told import first_days, holdings_taken, milestone_of
from journey.domain.gates import FAILED, gate_of, gates_of
from journey.domain.go_live import UNTOLD, GoLive, go_live_of
from journey.domain.items import Anchor
from journey.domain.open_days import fold_open_days
from journey.domain.reasons import Reason
from journey.domain.record import GateWord
from journey.domain.values import Gate
from journey.domain.verdicts import Judged, Opinion, Verdict, as_told_right, judge

DATES = {
    "handover_from": "handover_from",
    "contract_handover_date": "contract_handover",
    "completion_accepted_on": "completion",
}
MOVES = ("batch.planned", "batch.rescheduled")
GATES = frozenset(gate.value for gate in Gate)


@dataclass(slots=True)
class ToldBatch:
    """A batch as its project's events tell it; `dates` by name: {on, at, known_at, event}."""

    buildings: list[str] = field(default_factory=list)
    dates: dict[str, dict[str, str]] = field(default_factory=dict)
    gates: Mapping[str, GateWord] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ToldProject:
    """The project's batches by code, the verdicts on its events, and its go-live as they move it."""

    batches: Mapping[str, ToldBatch]
    judged: Judged
    go_live: GoLive = UNTOLD


def fold_project(
    events: Iterable[Event],
    batches: Mapping[str, list[str]],
    *,
    now: datetime,
    zone: str,
    known: frozenset[str] = frozenset(),
    homes: frozenset[str] | None = None,
) -> ToldProject:
    """Fold a project's events over the batches (code: buildings) that stand; `known` are the ids of its tasks.

    `homes` are the buildings in which it has homes: a milestone of a place that neither they nor a batch know waits for
    it. None: nobody looked. A fact that lies ahead has its dates counted already, and is parked all the same.
    """
    events = list(events)
    open_days = frozenset().union(*(open_day.names for open_day in fold_open_days(events, zone)))
    judged = judge(events, now=now, zone=zone, known=known | open_days)
    live = {event.id for event in judged.live}
    ahead = {event_id for event_id, opinion in judged.opinions.items() if opinion.until is not None}
    effective = [event for event in as_told_right(judged.events)[0] if event.id in live | ahead]
    places = _places(effective, batches, homes) if homes is not None else {}
    reached = [event for event in effective if event.type == "milestone.reached" and not _unknown(event, places)]
    fold = _Fold(
        judged,
        zone,
        accepted=[one for one in effective if gate_of(one) == Gate.UNIT_ACCEPTANCE and one.id in live],
        batches={code: ToldBatch(list(buildings)) for code, buildings in batches.items()},
        taken=_taken(effective, batches, zone),
        reached=first_days(reached, zone),
        places=places,
    )
    counted = []
    for event in effective:
        opinion = fold.take(event)
        if opinion is None or opinion.verdict is Verdict.APPLIED:
            counted.append(event)
        if opinion is not None:
            judged.opinions[event.id] = opinion
    for code, batch in fold.batches.items():
        batch.gates = gates_of(
            [event for event in counted if _here(event, code, batch) and event.id in live], batch.buildings
        )
    counts = {event.id for event in counted}
    standing = [event for event in judged.live if event.id in counts]
    return ToldProject(fold.batches, replace(judged, live=standing), go_live_of(events, standing))


def dated_anchor(stored: Mapping[str, Any]) -> Anchor:
    """A day of a batch, as it is kept, as something that dates hang on."""
    return Anchor(
        on=date.fromisoformat(stored["on"]),
        at=datetime.fromisoformat(stored["at"]),
        known_at=datetime.fromisoformat(stored["known_at"]),
        event=stored["event"],
        moved_by=stored.get("moved_by", stored["event"]),
    )


def concerns(event: Event, code: str, buildings: Sequence[str]) -> bool:
    """Whether what an event tells is about a batch: the whole project, the batch by name, or one of its buildings."""
    return placed_in(event.scope or {}, code, buildings)


def placed_in(scope: Mapping[str, Any], code: str, buildings: Sequence[str]) -> bool:
    """Whether a place is the whole project, the batch by name, or one of its buildings."""
    named = scope.get("batch", code) == code
    return named and ("building" not in scope or scope["building"] in buildings)


def _taken(events: Sequence[Event], batches: Mapping[str, list[str]], zone: str) -> dict[str, Reason]:
    """What gives a batch a building of another. Batches that no event tells of were there before any."""
    moves = [event for event in events if event.type in MOVES]
    told = {str(event.data.get("batch")) for event in moves}
    registered = {code: frozenset(buildings) for code, buildings in batches.items() if code not in told}
    return holdings_taken([event for event in moves if _into_the_past(event, zone) is None], registered, DATES)


def _places(
    events: Sequence[Event], batches: Mapping[str, list[str]], homes: frozenset[str]
) -> Mapping[str, frozenset[str]]:
    """By kind: the places that somebody may be told about."""
    moves = [event for event in events if event.type in MOVES]
    told = [str(building) for event in moves for building in event.data.get("buildings") or ()]
    there = [building for buildings in batches.values() for building in buildings]
    codes = frozenset({*batches, *(str(event.data.get("batch")) for event in moves)})
    return {"building": homes | {*told, *there}, "batch": codes}


def _unknown(event: Event, places: Mapping[str, frozenset[str]]) -> Reason | None:
    """The place that a milestone waits for; until it is known the milestone keeps no other day out."""
    unknown = [(kind, name) for kind, name in (event.scope or {}).items() if name not in places.get(kind, {name})]
    return next((Reason(f"unknown-{kind}", {kind: name}) for kind, name in unknown), None)


def _into_the_past(event: Event, zone: str) -> Reason | None:
    """One that moves a batch to before the day of its telling would miss everything without a word."""
    day = event.read_date("handover_from") if event.type == "batch.rescheduled" else None
    told = local_date(event.occurred_at, zone)
    if day is None or day >= told:
        return None
    return Reason("into-the-past-date", {"on": day.isoformat(), "told": told.isoformat()})


def _here(event: Event, code: str, batch: ToldBatch) -> bool:
    return gate_of(event) is not None and concerns(event, code, batch.buildings)


@dataclass(slots=True)
class _Fold:
    """The batches as they grow, event by event; `take` says what is to be thought of one that does not simply count."""

    judged: Judged
    zone: str
    accepted: Sequence[Event]  # words on 分户验收, in order
    batches: dict[str, ToldBatch]
    taken: Mapping[str, Reason]  # event id: the building that another batch has
    reached: Mapping[tuple[str, str], str]  # milestone and scope: the day that stands
    places: Mapping[str, frozenset[str]] = field(default_factory=dict)  # by kind: what a scope may name

    def take(self, event: Event) -> Opinion | None:
        if event.type in MOVES:
            return self._batch(event)
        if event.type == "milestone.reached":
            return self._milestone(event)
        if event.type == go_live.MOVED:
            return go_live.opinion_on(event)
        if event.type.startswith("gate.") and event.data.get("gate") not in GATES:
            return Opinion(Verdict.APPLIED, Reason("gate-unknown", {"gate": event.data.get("gate")}))
        return None

    def _batch(self, event: Event) -> Opinion | None:
        code = str(event.data.get("batch"))
        refusal = _into_the_past(event, self.zone) or self.taken.get(event.id)
        if refusal is not None:
            return Opinion(Verdict.REFUSED, refusal)
        batch = self.batches.get(code, ToldBatch())
        if not any(event.data.get(name) for name in DATES) and not batch.dates:
            return Opinion(Verdict.PARKED, Reason("batch-without-date", {"batch": code}))
        if self._not_accepted(event, code, batch):
            return Opinion(Verdict.PARKED, Reason("unit-acceptance-failed", {"batch": code}))
        self.batches[code] = batch
        if event.data.get("buildings"):
            batch.buildings = [str(building) for building in event.data["buildings"]]
        for name, kept in DATES.items():
            if event.data.get(name):
                _put(batch, kept, str(event.data[name]), event, self.judged)
        return None

    def _not_accepted(self, event: Event, code: str, batch: ToldBatch) -> bool:
        """Whether it is to be handed over for the first time though 分户验收 had failed, and still does (C1)."""
        if not event.data.get("handover_from") or "handover_from" in batch.dates:
            return False
        buildings = [str(building) for building in event.data.get("buildings") or batch.buildings]
        here = [word for word in self.accepted if concerns(word, code, buildings)]
        return all(_failed(words, buildings) for words in ([one for one in here if one.order < event.order], here))

    def _milestone(self, event: Event) -> Opinion | None:
        """The day told first stands: news hung on it. Another day is a correction, and has to be told as one."""
        unknown = _unknown(event, self.places)
        if unknown is not None:
            return Opinion(Verdict.PARKED, unknown)
        (milestone, _), on = milestone_of(event), event.on(self.zone).isoformat()
        first = self.reached[milestone_of(event)]
        if first != on:
            return Opinion(
                Verdict.REFUSED, Reason("milestone-told", {"milestone": milestone, "on": on, "first": first})
            )
        if milestone == "completion-accepted":
            for code, batch in self.batches.items():
                if concerns(event, code, batch.buildings):
                    _put(batch, "completion", on, event, self.judged)
        return None


def _failed(words: Sequence[Event], buildings: Sequence[str]) -> bool:
    """Whether the last word on 分户验收 is that it failed, for any of the buildings."""
    word = gates_of(words, buildings).get(Gate.UNIT_ACCEPTANCE)
    return word is not None and word.state == FAILED


def _put(batch: ToldBatch, name: str, on: str, event: Event, judged: Judged) -> None:
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
