"""The facts of a journey, as rules ask for them: folded from the events that count."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from journey.domain.base_facts import BaseFacts
from journey.domain.case_facts import Cases
from journey.domain.case_folding import fold_cases
from journey.domain.case_values import CaseKind
from journey.domain.contradictions import CLOSING
from journey.domain.delay import Delay, delay_of
from journey.domain.events import Event
from journey.domain.fit_outs import FitOut, fit_outs_of
from journey.domain.gates import OVERRIDDEN, awaited
from journey.domain.holding import Holding, holding_of
from journey.domain.items import Anchor
from journey.domain.news import News, news_of, read_reached
from journey.domain.outcomes import KEYS_OVER, LETTER_DELIVERED, NOTICE, OUTCOMES, deemed_alone, served_notices
from journey.domain.packs import Pack
from journey.domain.reasons import Reason
from journey.domain.record import Cover, Record
from journey.domain.replies import Meaning, meaning_of
from journey.domain.values import Gate, JourneyStatus
from journey.domain.verdicts import Judged
from journey.domain.warranty import Repaired, covers, inherited_covers, restarted


class Facts(BaseFacts):
    """What is known about one journey as of `now`. Dates are civil dates in the project's zone."""

    def __init__(self, record: Record, judged: Judged, pack: Pack, now: datetime) -> None:
        super().__init__(record, judged, pack, now)
        self.household = record.household or record.episode
        self.unit = record.unit or record.episode
        self.watched_instants: set[datetime] = set()
        self.case_clocks: dict[str, Any] = {}  # kept by `casework.clocks`

    def told_at(self, event: Event) -> datetime:
        """When an event was learnt; of work that an owner before left open, when he told of it."""
        return (event.read_instant("known_at") if event.id in self.carried else None) or event.recorded_at

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
        if self.taken_over is not None:
            return False
        if self.contract is not None or self.filed is not None:
            return True
        return self.record.unit is not None and self.lead is None and self.subscription is None

    def presumed(self, key: str) -> bool:
        """Handover work of a home whose sale was not told of, before it turned out not to be sold: it never was."""
        return not self.sold and self.taken_over is None and key.startswith("handover.")

    # the ownership
    @cached_property
    def holding(self) -> Holding:
        """The home and the owners as the facts have them."""
        return holding_of(self.judged.live, self.record.ties)

    @cached_property
    def taken_over(self) -> Anchor | None:
        """When the home was taken over from an owner before; None for its first sale."""
        return self.first("ownership.began")

    @cached_property
    def at_home_since(self) -> Anchor | None:
        """Since when these owners have the home in their hands: its handover, or its taking over."""
        return self.keys or self.taken_over

    def of_an_owner_before(self, moment: date | datetime) -> bool:
        """Whether a day or an instant lies before the home was taken over."""
        return self.taken_over is not None and self.day_of(moment) < self.taken_over.on

    @cached_property
    def carried(self) -> frozenset[str]:
        """Work that an owner before left open: it keeps its clocks, and is no history of this journey."""
        if not self.all("ownership.began"):
            return frozenset()
        return frozenset(event.id for event in self.judged.live if event.data.get("carried"))

    @property
    def closed(self) -> bool:
        """Whether only its last work is asked for: lost, cancelled, transferred, or another journey has the home."""
        return self.closing is not None or self.displaced_by is not None

    @cached_property
    def displaced_by(self) -> str | None:
        """Another journey that has the home: this one was closed, the home sold again, and the closing taken back."""
        return self.record.displaced_by if self.closing is None else None

    @cached_property
    def news(self) -> Sequence[News]:
        """News of milestones that concern the home, oldest first."""
        place = {"building": self.record.building, "batch": self.record.batch_code}
        here = [one for one in read_reached(self.record.milestones) if _concerns(one.scope, place)]
        return news_of(here, self.pack, self.calendar, self.zone)

    # handover
    @cached_property
    def contract_date(self) -> Anchor | None:
        """The day by which the home is owed: the contract's, as last agreed, else the batch's."""
        agreed = [event for event in self._terms if event.read_date("contract_handover_date")]
        if not agreed:
            return self._of_this_home(self.record.batch.contract_handover) if self.contract or self.filed else None
        on = agreed[-1].read_date("contract_handover_date")
        assert on is not None  # filtered
        return replace(self.anchor(agreed[-1]), on=on)

    def _of_this_home(self, shared: Anchor | None) -> Anchor | None:
        """A date of the batch, which concerns this journey since its home is one of it."""
        changed = self.latest("unit.changed")
        if shared is None or changed is None or changed.recorded_at <= shared.known_at:
            return shared
        return replace(shared, known_at=changed.recorded_at, moved_by=changed.id)

    @cached_property
    def _terms(self) -> Sequence[Event]:
        """Signings and amendments, by their days: an amendment that was told before its contract comes after it."""
        terms = [*self.all("contract.signed"), *self.all("contract.amended")]
        return sorted(terms, key=lambda event: (event.on(self.zone), event.order))

    @cached_property
    def new_date(self) -> Anchor | None:
        """The day promised last after a delay."""
        event = self.latest("delay.new_date")
        return self.anchor(event) if event else None

    @cached_property
    def promised_days(self) -> Sequence[Anchor]:
        """The days promised in place of the contract date, in the order of their telling.

        They are the home's own, and the batch's when it lies after that date: late from when both were known. One day
        told by both is one promise, the one that was told first.
        """
        told = [self.anchor(event) for event in sorted(self.all("delay.new_date"), key=lambda event: event.order)]
        shared, owed = self._of_this_home(self.record.batch.handover_from), self.contract_date
        if shared is None or owed is None or shared.on <= owed.on:
            return told
        late = replace(
            shared, at=max(shared.at, owed.at), known_at=max(shared.known_at, owed.known_at),
            event=shared.event or f"batch-{self.record.batch_code}",
        )  # fmt: skip
        days: list[Anchor] = []
        for day in sorted([*told, late], key=lambda day: day.at):
            if days and days[-1].on == day.on and late in (days[-1], day):
                days[-1] = min(days[-1], day, key=lambda day: day.known_at)
            else:
                days.append(day)
        return days

    @cached_property
    def handover_date(self) -> Anchor | None:
        """The day of handover: the batch's or the household's new one, whichever was told last, else the contract's."""
        planned = self._of_this_home(self.record.batch.handover_from)
        told = [anchor for anchor in (planned, self.new_date) if anchor is not None]
        if not self.sold:
            return None
        return max(told, key=lambda anchor: anchor.known_at) if told else self.contract_date

    @cached_property
    def offered(self) -> Anchor | None:
        """The day of handover until a visit has ended, with or without keys; a later day told then is offered anew."""
        return self._unanswered(self.outcomes)

    @cached_property
    def expected(self) -> Anchor | None:
        """The day of handover until the owner came; one who stayed away is still looked for."""
        return self._unanswered([event for event in self.outcomes if event.type != "handover.no_show"])

    def _unanswered(self, outcomes: Sequence[Event]) -> Anchor | None:
        day = self.handover_date
        if day is None or self.keys:
            return None
        answered = (not (day.known_at > event.occurred_at and day.on > event.on(self.zone)) for event in outcomes)
        return None if any(answered) else day

    @cached_property
    def gate_awaited(self) -> Reason | None:
        """Why the notices of its handover wait for the batch, or None when they may go."""
        return awaited(self.record.batch, self.pack.batch, self.calendar)

    @cached_property
    def gate_word(self) -> tuple[Reason, ...]:
        """In whose name the batch's gate was let go, when it was."""
        word = self.record.batch.gates.get(Gate.READY)
        if self.gate_awaited is not None or word is None or word.state != OVERRIDDEN:
            return ()
        return (Reason("gate-overridden", {"by": word.by or "?", "event": word.event}),)

    @cached_property
    def outcomes(self) -> Sequence[Event]:
        """What came of each visit, in the order of their days."""
        found = [event for kind in OUTCOMES for event in self.all(kind)]
        return sorted(found, key=lambda event: (event.on(self.zone), event.order))

    def doubt(self, event: Event) -> Reason | None:
        """Why a deemed handover is looked into though it counts."""
        if event.type != "handover.deemed":
            return None
        day = self.handover_date
        return deemed_alone(event, self.outcomes, day.on if day else None, self.zone)

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
        found = [event for event, _ in self._served_notices]
        return self.anchor(min(found, key=lambda event: (event.on(self.zone), event.order))) if found else None

    @cached_property
    def _served_notices(self) -> Sequence[tuple[Event, str | None]]:
        told = [*self.all(NOTICE), *self.all(LETTER_DELIVERED)]
        return served_notices(sorted(told, key=lambda event: event.order), self.owners)

    @cached_property
    def keys(self) -> Anchor | None:
        """The outcome that put the home into the owner's hands: accepted, conditional or deemed."""
        return self.first(*KEYS_OVER)

    @cached_property
    def fit_outs(self) -> Sequence[FitOut]:
        """装修: every fit-out of the home."""
        return fit_outs_of(self.judged.live)

    def served_to(self, owner: str) -> Sequence[Anchor]:
        """The served notices that reached an owner, in order; one that names nobody counts for all."""
        return [self.anchor(event) for event, person in self._served_notices if person in (None, owner)]

    @cached_property
    def completion(self) -> Anchor | None:
        """竣工验收合格: of the batch or project; None while unknown or still ahead."""
        known = self.record.batch.completion
        return known if known is not None and known.on <= self.today else None

    @cached_property
    def covers(self) -> Sequence[Cover]:
        """The warranty ledger: one cover a component, in the pack's order, with the terms of the contract's day."""
        if self.taken_over is not None:
            numbers = self.pack.warranty
            ledger = inherited_covers(self.record.inherited, self.taken_over, numbers.components, self.zone)
        elif self.keys is not None:
            numbers = self.record.packs.on((self.contract or self.keys).on).pack.warranty
            ledger = covers(
                keys=self.keys, completion=self.completion, numbers=numbers, calendar=self.calendar, zone=self.zone
            )
        else:
            return ()
        if not numbers.restart_on_repair:
            return ledger
        return restarted(ledger, self._repaired, numbers=numbers, calendar=self.calendar, zone=self.zone)

    @property
    def _repaired(self) -> Sequence[Repaired]:
        """The accepted repairs of a component."""
        return [
            Repaired(case.component, case.opened.at, case.closed)
            for case in self.cases.of(CaseKind.REPAIR)
            if case.component is not None and case.closed is not None
        ]

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
    def answers(self) -> Sequence[Event]:
        """What the owner wrote back: neither a stranger's word nor a refusal of more."""
        told, numbers = self.all("message.replied"), self.pack.contact
        if numbers is None:
            return told
        return [one for one in told if meaning_of(str(one.data.get("text", "")), numbers) is Meaning.OTHER]

    @cached_property
    def _last_spoke(self) -> datetime | None:
        spoke = [*self.answers, *self.all("defect.reported"), *self.all("complaint.raised")]
        return max((event.occurred_at for event in spoke), default=None)

    @cached_property
    def cases(self) -> Cases:
        """Repairs and complaints, with what became of them (`journey/domain/cases.py`)."""
        return fold_cases(
            self.judged.live, anchor=self.anchor, entries=self.record.entries, pack=self.pack,
            opening_of=self.opening_of,
        )  # fmt: skip

    @cached_property
    def contacts(self) -> Sequence[Event]:
        """Whenever somebody spoke to the owner, in order: calls that reached him, and visits (A302, A312)."""
        calls = (event for event in self.all("call.result") if event.data.get("reached") is True)
        visits = (event for event in self.all("visit.recorded") if event.data.get("reached") is not False)
        return sorted((*calls, *visits), key=lambda event: event.order)

    def reached(self, instant: datetime) -> bool:
        """Whether an instant has come; the journey is planned again when one that lies ahead does."""
        if instant <= self.now:
            return True
        self.watched_instants.add(instant)
        return False

    # where it stands
    @cached_property
    def closing(self) -> Event | None:
        """The event that closed the journey: lost, cancelled or transferred."""
        return next((event for event in self.judged.live if event.type in CLOSING), None)

    @cached_property
    def status(self) -> JourneyStatus:
        """Closed by a fact, held by an operator, or active; `aftercare` is the planner's to say."""
        if self.closing is not None:
            return JourneyStatus(CLOSING[self.closing.type])
        if self.displaced_by is not None:
            return JourneyStatus.CANCELLED
        held = {hold.how for hold in self.record.holds if hold.scope == "all" and hold.released_at is None}
        if "pause" in held:
            return JourneyStatus.PAUSED
        return JourneyStatus.MUTED if "mute" in held else JourneyStatus.ACTIVE


def _concerns(scope: Mapping[str, str], place: Mapping[str, str | None]) -> bool:
    """Whether what was told of a place is for a home; a phase has no homes of its own yet."""
    return all(kind in place and place[kind] == name for kind, name in scope.items())
