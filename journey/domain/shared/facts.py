"""The facts of a project and of a handover batch, as their rules ask for them: folded from the project's events."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from math import ceil

from journey.domain.agendas import AgendaKind, kind_of
from journey.domain.base_facts import BaseFacts
from journey.domain.clocks import at
from journey.domain.events import Event
from journey.domain.gates import STATES, Readiness, Round, readiness, reserve_missing, rounds_of, words_of
from journey.domain.items import Anchor
from journey.domain.packs import Pack
from journey.domain.project_facts import MOVES, ToldBatch, ToldProject, concerns, dated_anchor, fold_project
from journey.domain.record import GateWord, SharedRecord
from journey.domain.values import BatchStage, Labelled, Milestone, ProjectStage

CONTRACT = "contract_handover"  # as `project_facts` keeps the day by which a batch is owed


class SharedFacts(BaseFacts, ABC):
    """What a project and its batches have in common: milestones and gates told to the project."""

    def __init__(self, record: SharedRecord, told: ToldProject, pack: Pack, now: datetime) -> None:
        super().__init__(record, told.judged, pack, now)
        self.shared = record
        self.batches = told.batches

    def reached(self, milestone: str, place: Mapping[str, str] | None = None) -> Anchor | None:
        """The day of a milestone; with a place, as told for that place or for the whole."""
        told = [event for event in self.all("milestone.reached") if event.data.get("milestone") == milestone]
        found = [event for event in told if place is None or not event.scope or event.scope == place]
        return self.anchor(min(found, key=lambda event: (event.on(self.zone), event.order))) if found else None

    def failure(self, word: GateWord, day: Anchor) -> Anchor:
        """The day that a gate is for, learnt anew by its failure."""
        event = self.event(word.event)
        known = self.anchor(event).known_at if event is not None else word.at
        return replace(day, known_at=max(known, day.known_at), event=word.event, moved_by=word.event)

    @property
    @abstractmethod
    def stage(self) -> Labelled:
        """How far it has come."""

    @property
    def over(self) -> bool:
        """Whether nothing more is to come of it once its items are done."""
        return False


class ProjectFacts(SharedFacts):
    """What is known about one project as of `now`."""

    @cached_property
    def openings(self) -> Sequence[Event]:
        """开盘: the last plan of each place that opens, the whole project or one phase of it."""
        last = {place_of(event): event for event in self.all("sales.opening_planned")}
        return list(last.values())

    def buildings_of(self, scope: Mapping[str, str]) -> Sequence[str]:
        """The buildings of a place: the one named, those of its batch, else every one that a batch has."""
        if "building" in scope:
            return [scope["building"]]
        found = [batch for code, batch in self.batches.items() if scope.get("batch", code) == code]
        return sorted({building for batch in found for building in batch.buildings})

    @cached_property
    def handed_over_from(self) -> Sequence[tuple[str, ToldBatch, Anchor]]:
        """The batches whose first day of handover has come, with that day."""
        dated = [(code, batch, batch.dates.get("handover_from")) for code, batch in sorted(self.batches.items())]
        found = [(code, batch, dated_anchor(stored)) for code, batch, stored in dated if stored is not None]
        return [(code, batch, first) for code, batch, first in found if self.begun(first.on)]

    @cached_property
    def lived_in(self) -> Anchor | None:
        """Since when owners live there: the first day of the first batch, or once a home without one is handed over."""
        first = min((day for _, _, day in self.handed_over_from), key=lambda day: day.on, default=None)
        if first is None and self.shared.delivered:
            return Anchor(self.day_of(self.counts_from), self.counts_from, self.counts_from, self.episode, self.episode)
        return first

    def words(self, gate: str, place: Mapping[str, str]) -> Sequence[GateWord]:
        """What was said of a gate, in order: for that place, or for the whole."""
        told = sorted((event for kind in STATES for event in self.all(kind)), key=lambda event: event.order)
        here = [e for e in told if e.data.get("gate") == gate and (not e.scope or e.scope == place)]
        return [GateWord(STATES[event.type], event.occurred_at, event.id) for event in here]

    def rounds(self, gate: str, place: Mapping[str, str]) -> Sequence[Round]:
        """The rounds of a check of a place."""
        return rounds_of(self.words(gate, place))

    @cached_property
    def planned_milestones(self) -> Sequence[Event]:
        """The last plan of each milestone and place."""
        last = {(event.data.get("milestone"), place_of(event)): event for event in self.all("milestone.planned")}
        return list(last.values())

    @property
    def stage(self) -> Labelled:
        """Delivering as soon as one home is handed over, completed, on sale, or planned."""
        if self.shared.delivered:
            return ProjectStage.DELIVERING
        if self.reached(Milestone.COMPLETION_ACCEPTED) is not None:
            return ProjectStage.COMPLETED
        opened = any(event.on(self.zone) <= self.today for event in self.openings)
        return ProjectStage.SELLING if opened or self.shared.homes else ProjectStage.PLANNED

    @cached_property
    def assembly(self) -> tuple[Anchor, int] | None:
        """The day from which so many homes are handed over that an owners' assembly is called for, and their share."""
        n = self.pack.project
        if n is None:
            return None
        days = {n.assembly_share: self._delivered(n.assembly_share)}
        if n.assembly_later is not None and self.shared.delivered_on:
            reached = self._delivered(n.assembly_later.share)
            ripe = self.day_of(self.shift(self.shared.delivered_on[0], n.assembly_later.after))
            days.setdefault(n.assembly_later.share, max(reached, ripe) if reached is not None else None)
        on, share = min(((day, share) for share, day in days.items() if day is not None), default=(None, 0))
        if on is None or not self.begun(on):
            return None
        begins = at(on, time(0), self.zone)
        return Anchor(on, begins, begins, self.episode, self.episode), share

    def _delivered(self, share: int) -> date | None:
        """The day on which a share of the homes, in percent, was handed over."""
        number = ceil(self.shared.homes * share / 100)
        return self.shared.delivered_on[number - 1] if 0 < number <= len(self.shared.delivered_on) else None

    def look_again(self) -> Sequence[datetime]:
        """From the first day of handover on, homes handed over are counted weekly: none of them wakes the project."""
        n = self.pack.project
        if n is None or not self.shared.homes or self.assembly is not None:
            return ()
        handing_over = self.shared.delivered or self._first_handover is None or self.begun(self._first_handover)
        looked = self.shift(self.today, n.assembly_look)
        return (at(self.day_of(looked), time(0), self.zone),) if handing_over else ()

    @property
    def _first_handover(self) -> date | None:
        """The first day on which a batch is, or is owed to be, handed over; None while no batch has one."""
        told = [batch.dates.get(name) for batch in self.batches.values() for name in ("handover_from", CONTRACT)]
        return min((dated_anchor(dated).on for dated in told if dated is not None), default=None)


class BatchFacts(SharedFacts):
    """What is known about one handover batch as of `now`; only events that concern it count."""

    def __init__(self, record: SharedRecord, told: ToldProject, pack: Pack, now: datetime) -> None:
        self.buildings: Sequence[str] = told.batches[record.code].buildings if record.code in told.batches else ()
        live = [event for event in told.judged.live if concerns(event, record.code, self.buildings)]
        super().__init__(record, replace(told, judged=replace(told.judged, live=live)), pack, now)

    @property
    def handover_from(self) -> Anchor | None:
        """The first day of its window."""
        return self.record.batch.handover_from

    @property
    def handover_day(self) -> Anchor | None:
        """What its preparation hangs on: the first day of its window, or its contract date until one is planned."""
        return self.handover_from or self.record.batch.contract_handover

    @cached_property
    def handover_to(self) -> date | None:
        """The last day of its window, as last told; the first one when nobody said."""
        if self.handover_from is None:
            return None
        told = [event for kind in MOVES for event in self.all(kind) if event.data.get("batch") == self.shared.code]
        last = max(told, key=lambda event: event.order, default=None)
        named = last.read_date("handover_to") if last is not None else None
        return max(named or self.handover_from.on, self.handover_from.on)

    @cached_property
    def readiness(self) -> Readiness | None:
        """Whether it may be handed over; None under a pack that knows no gates."""
        n = self.pack.batch
        return readiness(self.record.batch, n, self.calendar) if n is not None else None

    @property
    def is_ready(self) -> bool:
        """Whether it may be handed over, as far as its pack knows gates."""
        return self.readiness is not None and self.readiness.ready

    def rounds(self, gate: str) -> Sequence[Round]:
        """The rounds of a gate of this batch."""
        return rounds_of(words_of(gate, self.judged.live, self.buildings))

    @cached_property
    def reserve_missing(self) -> int:
        """How many days of inspection and rectification it lacks (A006)."""
        n = self.pack.batch
        return reserve_missing(self.record.batch, n, self.calendar) if n is not None else 0

    @property
    def stage(self) -> Labelled:
        """Closed after its window, handing over within it, else ready or not."""
        first, last = self.handover_from, self.handover_to
        if first is not None and last is not None and self.today >= first.on:
            return BatchStage.CLOSED if self.today > last else BatchStage.HANDING_OVER
        return BatchStage.READY if self.is_ready else BatchStage.PREPARING

    @property
    def over(self) -> bool:
        """Its window has ended."""
        return self.stage is BatchStage.CLOSED

    def look_again(self) -> Sequence[datetime]:
        """When its stage changes by itself."""
        first, last = self.handover_from, self.handover_to
        days = [first.on, last + timedelta(days=1)] if first is not None and last is not None else []
        return [at(day, time(0), self.zone) for day in days if day > self.today]


def shared_facts(record: SharedRecord, pack: Pack, now: datetime) -> ProjectFacts | BatchFacts:
    """The facts of a project or of a batch."""
    told = fold_project(
        record.events, record.registered, now=now, zone=record.zone, known=record.known, homes=record.places
    )
    kind = BatchFacts if kind_of(record.journey) is AgendaKind.BATCH else ProjectFacts
    return kind(record, told, pack, now)


def place_of(event: Event) -> str:
    """What an event of a project is about: `once` for the whole, else the phase, batch or building."""
    return "-".join(str(name) for _, name in sorted((event.scope or {}).items())) or "once"
