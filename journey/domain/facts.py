"""The facts of a journey, as rules ask for them: folded from the events that count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from typing import Any

from journey.domain.clocks import at, local_date, shifted
from journey.domain.events import Event
from journey.domain.items import Anchor
from journey.domain.packs import Pack
from journey.domain.periods import Period
from journey.domain.record import Cover, Record
from journey.domain.values import JourneyStatus
from journey.domain.verdicts import CLOSING, KEYS_OVER, Judged
from journey.domain.warranty import covers

RESULTS = {"task.result", "call.result", "visit.recorded"}


@dataclass(frozen=True, slots=True)
class Result:
    """What a person reported about a task or an item: `done`, `not-reached` or `refused`."""

    event: str
    at: datetime
    outcome: str
    task: str | None
    rule: str | None
    occurrence: str | None


class Facts:
    """What is known about one journey as of `now`. Dates are civil dates in the project's zone."""

    def __init__(self, record: Record, judged: Judged, pack: Pack, now: datetime) -> None:
        self.record = record
        self.judged = judged
        self.pack = pack
        self.now = now
        self.zone = record.zone
        self.calendar = record.calendar
        self.episode = record.episode
        self.unit = record.unit or record.episode
        self.put_right: Mapping[str, Sequence[str]] = {}  # void or correction: keys of what went out on the fact
        self.contradicted: Mapping[str, datetime] = {}  # events once applied, refused now: since when
        self._by_type: dict[str, list[Event]] = {}
        for event in judged.live:
            self._by_type.setdefault(event.type, []).append(event)

    def all(self, kind: str) -> Sequence[Event]:
        """Every event of a type that counts, in order."""
        return self._by_type.get(kind, ())

    def anchor(self, event: Event) -> Anchor:
        """The event as something that dates hang on; a corrected one was learnt when it was corrected."""
        correction = self.judged.moved_by.get(event.id)
        return Anchor(
            on=event.on(self.zone),
            at=event.occurred_at,
            known_at=max(event.recorded_at, correction.recorded_at) if correction else event.recorded_at,
            event=event.id,
            moved_by=correction.id if correction else event.id,
        )

    def first(self, *kinds: str) -> Anchor | None:
        """The earliest (by `on`) event of these types, or None."""
        found = [event for kind in kinds for event in self.all(kind)]
        if not found:
            return None
        return self.anchor(min(found, key=lambda event: (event.on(self.zone), event.order)))

    # the sale
    @cached_property
    def lead(self) -> Anchor | None:
        return self.first("lead.registered")

    @cached_property
    def subscription(self) -> Anchor | None:
        """认购."""
        return self.first("subscription.signed")

    @cached_property
    def contract(self) -> Anchor | None:
        """签约."""
        return self.first("contract.signed")

    @cached_property
    def filed(self) -> Anchor | None:
        """备案."""
        return self.first("contract.filed")

    # handover
    @cached_property
    def notice_served(self) -> Anchor | None:
        return self.first("handover.notice_served")

    @cached_property
    def keys(self) -> Anchor | None:
        """The outcome that put the home into the owner's hands: accepted, conditional or deemed."""
        return self.first(*KEYS_OVER)

    @cached_property
    def completion(self) -> Anchor | None:
        """竣工验收合格: of the batch or project; None while unknown or still ahead."""
        known = self.record.batch.completion
        return known if known is not None and known.on <= self.today else None

    @cached_property
    def covers(self) -> Sequence[Cover]:
        """The warranty ledger: one cover a component, in the pack's order, with the terms of the contract's day."""
        if self.keys is None:
            return ()
        pinned = self.record.packs.on((self.contract or self.keys).on).pack.warranty
        return covers(
            keys=self.keys, completion=self.completion, numbers=pinned, calendar=self.calendar, zone=self.zone
        )

    def cover(self, component: str) -> Cover | None:
        """The cover of a component, or None before hand-over."""
        return next((cover for cover in self.covers if cover.component == component), None)

    @cached_property
    def warranty_ends(self) -> datetime | None:
        """The end of the last finite warranty item."""
        ends = [c.owner_ends_at for c in self.covers if c.owner_ends_at is not None and not c.design_life]
        return max(ends, default=None)

    def spoke_since(self, since: datetime) -> bool:
        """Whether the owner answered or reported anything from an instant on (a responder)."""
        return self._last_spoke is not None and self._last_spoke >= since

    @cached_property
    def _last_spoke(self) -> datetime | None:
        kinds = ("message.replied", "defect.reported", "complaint.raised")
        return max((event.occurred_at for kind in kinds for event in self.all(kind)), default=None)

    # what people did
    @cached_property
    def results(self) -> Sequence[Result]:
        """Results of tasks, calls and visits that count, in order."""
        return [_result(event) for event in self.judged.live if event.type in RESULTS]

    @cached_property
    def spoken_of(self) -> frozenset[str]:
        """Rules that a result or an operator's skip names."""
        skipped = (str(event.data.get("key")).split("/", 1)[0] for event in self.all("item.skipped"))
        return frozenset({*skipped, *(result.rule for result in self.results if result.rule is not None)})

    # where it stands
    @cached_property
    def counts_from(self) -> datetime:
        """The start of the journey or the project's go-live, whichever is later: what fell due before is history."""
        return max(self.record.started_at, self.record.go_live_at or self.record.started_at)

    @cached_property
    def taken_back(self) -> Mapping[str, str]:
        """By key of what went out on a fact since taken back: the event that took it back."""
        return {key: event for event, keys in self.put_right.items() for key in keys}

    @cached_property
    def closing(self) -> Event | None:
        """The event that closed the journey: lost, cancelled or transferred."""
        return next((event for event in self.judged.live if event.type in CLOSING), None)

    @cached_property
    def status(self) -> JourneyStatus:
        """Closed by a fact, held by an operator, or active; `aftercare` is the planner's to say."""
        if self.closing is not None:
            return JourneyStatus(CLOSING[self.closing.type])
        held = {hold.how for hold in self.record.holds if hold.scope == "all" and hold.released_at is None}
        if "pause" in held:
            return JourneyStatus.PAUSED
        return JourneyStatus.MUTED if "mute" in held else JourneyStatus.ACTIVE

    # time
    @cached_property
    def today(self) -> date:
        return local_date(self.now, self.zone)

    def after(self, anchor: Anchor, period: Period) -> date | datetime:
        """The last day of a period from a fact (start day excluded); sub-day periods count from its instant."""
        return self.shift(anchor.at if period.is_subday else anchor.on, period)

    def begins(self, start: date | datetime) -> datetime:
        """The first instant of a day; an instant is itself."""
        return start if isinstance(start, datetime) else at(start, time(0), self.zone)

    def shift(self, start: date | datetime, period: Period) -> date | datetime:
        """A day or an instant moved by a period; an instant keeps its local time of day."""
        return shifted(start, period, self.calendar, self.zone)


def _result(event: Event) -> Result:
    about: Mapping[str, Any] = event.about or {}
    data = event.data
    outcome = str(data.get("outcome", "done"))
    if event.type == "call.result":
        outcome = "done" if data.get("reached") else "not-reached"
    return Result(
        event=event.id,
        at=event.read_instant("at") or event.occurred_at,
        outcome=outcome,
        task=about.get("task") or data.get("task"),
        rule=about.get("item"),
        occurrence=about.get("occurrence"),
    )
