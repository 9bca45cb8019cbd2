"""The facts of a journey, as rules ask for them: folded from the events that count."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import cached_property

from journey.domain import calendar as days
from journey.domain.clocks import at, local_date, shifted
from journey.domain.delay import Delay, delay_of
from journey.domain.events import Event
from journey.domain.items import Anchor
from journey.domain.outcomes import KEYS_OVER, OUTCOMES
from journey.domain.packs import Pack
from journey.domain.periods import Period
from journey.domain.record import Cover, Record
from journey.domain.results import RESULTS, Result, read_result
from journey.domain.values import JourneyStatus
from journey.domain.verdicts import CLOSING, Judged
from journey.domain.warranty import covers


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
        self.watched: set[date] = set()  # days that lie ahead and change what is asked
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

    def event(self, event_id: str | None) -> Event | None:
        """The event of that id, if it counts."""
        return next((event for event in self.judged.live if event.id == event_id), None)

    def latest(self, kind: str) -> Event | None:
        """The event of a type that happened last."""
        return max(self.all(kind), key=lambda event: event.order, default=None)

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

    @cached_property
    def owners(self) -> Sequence[str]:
        """Every owner, the primary contact first."""
        return self.record.owners or ((self.record.primary,) if self.record.primary else ())

    @cached_property
    def sold(self) -> bool:
        """Signed, or an owner of whose sale nothing was told."""
        if self.contract is not None or self.filed is not None:
            return True
        return self.record.unit is not None and self.lead is None and self.subscription is None

    # handover
    @cached_property
    def contract_date(self) -> Anchor | None:
        """The day by which the home is owed: the contract's, as last agreed, else the batch's."""
        agreed = [event for event in self._terms if event.read_date("contract_handover_date")]
        if not agreed:
            return self.record.batch.contract_handover if self.contract or self.filed else None
        on = agreed[-1].read_date("contract_handover_date")
        assert on is not None  # filtered
        return replace(self.anchor(agreed[-1]), on=on)

    @cached_property
    def _terms(self) -> Sequence[Event]:
        """Signings and amendments, in order."""
        terms = [*self.all("contract.signed"), *self.all("contract.amended")]
        return sorted(terms, key=lambda event: event.order)

    @cached_property
    def new_date(self) -> Anchor | None:
        """The day promised last after a delay."""
        event = self.latest("delay.new_date")
        return self.anchor(event) if event else None

    @cached_property
    def handover_date(self) -> Anchor | None:
        """The day of handover: the batch's or the household's new one, whichever was told last, else the contract's."""
        told = [anchor for anchor in (self.record.batch.handover_from, self.new_date) if anchor is not None]
        if not self.sold:
            return None
        return max(told, key=lambda anchor: anchor.known_at) if told else self.contract_date

    @cached_property
    def outcomes(self) -> Sequence[Event]:
        """What came of each visit, in the order of their days."""
        found = [event for kind in OUTCOMES for event in self.all(kind)]
        return sorted(found, key=lambda event: (event.on(self.zone), event.order))

    @cached_property
    def cancelled(self) -> Anchor | None:
        """退房: the contract's end, when it closed the journey."""
        closed = self.closing is not None and self.closing.type == "contract.cancelled"
        return self.anchor(self.closing) if self.closing and closed else None

    @cached_property
    def delay(self) -> Delay | None:
        """逾期交付: None while the contract date has not passed, and when the home was handed over by then."""
        owed = self.contract_date
        if owed is None:
            return None
        ended = self.keys or self.cancelled
        if (ended is not None and ended.on <= owed.on) or not self.begun(owed.on + timedelta(days=1)):
            return None
        return delay_of(
            owed, ended.on if ended else None, terms=self._terms, demands=self.all("handover.demanded"),
            numbers=self.pack.handover.late, rolled=self.rolled, zone=self.zone,
        )  # fmt: skip

    @cached_property
    def notice_served(self) -> Anchor | None:
        return self.first("handover.notice_served")

    @cached_property
    def keys(self) -> Anchor | None:
        """The outcome that put the home into the owner's hands: accepted, conditional or deemed."""
        return self.first(*KEYS_OVER)

    def served_to(self, owner: str) -> Sequence[Anchor]:
        """The served notices that reached an owner, in order; one that names nobody counts for all."""
        return [self.anchor(e) for e in self.all("handover.notice_served") if e.person in (None, owner)]

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
        return [read_result(event) for event in self.judged.live if event.type in RESULTS]

    def reported_done(self, key: str) -> bool:
        """Whether the task of an item was reported done, by its id or by the rule's name."""
        entry, rule = self.record.entries.get(key), key.split("/", 1)[0]
        task = entry.task if entry else None
        about = [one for one in self.results if (one.task == task if one.task else one.rule == rule)]
        return any(one.outcome == "done" for one in about)

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

    def begun(self, day: date) -> bool:
        """Whether a day has begun; the journey is planned again when one that lies ahead does."""
        if day <= self.today:
            return True
        self.watched.add(day)
        return False

    def after(self, anchor: Anchor, period: Period) -> date | datetime:
        """The last day of a period from a fact (start day excluded); sub-day periods count from its instant."""
        return self.shift(anchor.at if period.is_subday else anchor.on, period)

    def rolled(self, start: date, period: Period) -> date:
        """The last day of a legal period: the next working day when it would end on a day of rest."""
        return days.legal_deadline(self.day_of(self.shift(self.begins(start), period)), self.calendar)

    def begins(self, start: date | datetime) -> datetime:
        """The first instant of a day; an instant is itself."""
        return start if isinstance(start, datetime) else at(start, time(0), self.zone)

    def day_of(self, moment: date | datetime) -> date:
        """The civil day of an instant; a day is itself."""
        return local_date(moment, self.zone) if isinstance(moment, datetime) else moment

    def opening_of(self, day: date) -> datetime:
        """When the office opens on a day."""
        return at(day, self.pack.time.office_hours[0][0], self.zone)

    def shift(self, start: date | datetime, period: Period) -> date | datetime:
        """A day or an instant moved by a period; an instant keeps its local time of day."""
        return shifted(start, period, self.calendar, self.zone)
