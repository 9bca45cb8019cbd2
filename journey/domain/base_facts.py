"""What the kernel and every rule may ask of an agenda: its events in order, results, holds, and time."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from functools import cached_property

from journey.domain import calendar as days
from journey.domain.agendas import kind_of
from journey.domain.clocks import at, local_date, shifting
from journey.domain.events import Event
from journey.domain.groups import Group
from journey.domain.items import Anchor, Item
from journey.domain.packs import Pack
from journey.domain.periods import Period
from journey.domain.record import Record
from journey.domain.results import RESULTS, Result, read_result
from journey.domain.verdicts import Judged


class BaseFacts:
    """What is known of one agenda as of `now`. Dates are civil dates in the project's zone."""

    def __init__(self, record: Record, judged: Judged, pack: Pack, now: datetime) -> None:
        self.record = record
        self.judged = judged
        self.pack = pack
        self.now = now
        self.zone = record.zone
        self.calendar = record.calendar
        self._shifted = shifting(record.calendar, record.zone)
        self.episode = record.episode
        self.kind = kind_of(record.journey)
        self.put_right: Mapping[str, Sequence[str]] = {}  # void or correction: keys of what went out on the fact
        self.asked: Mapping[str, Item] = {}  # what this plan asks for, once the rules were asked
        self.groups: Mapping[str, Group] = {}  # and what of it goes out together
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
        correction, told = self.judged.moved_by.get(event.id), self.told_at(event)
        return Anchor(
            on=event.on(self.zone),
            at=event.occurred_at,
            known_at=max(told, correction.recorded_at) if correction else told,
            event=event.id,
            moved_by=correction.id if correction else event.id,
        )

    def told_at(self, event: Event) -> datetime:
        """When an event was learnt."""
        return event.recorded_at

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

    def presumed(self, key: str) -> bool:
        """Whether an item that nobody began was only presumed: nothing is left of it when it is no longer asked for."""
        return False

    # what people did
    @cached_property
    def results(self) -> Sequence[Result]:
        """Results of tasks, calls and visits that count, in order."""
        return [read_result(event) for event in self.judged.live if event.type in RESULTS]

    def task_done(self, key: str, by: datetime | None = None) -> bool:
        """Whether the task that opened for an item was reported done, or the item by its rule and occurrence.

        `by` asks whether it was done by an instant.
        """
        rule, _, occurrence = key.split("/", 2)
        entry = self.record.entries.get(key)
        task = entry.task if entry else None
        done = [one for one in self.results if one.outcome == "done" and (by is None or one.at <= by)]
        return any(one.task == task if one.task else (one.rule, one.occurrence) == (rule, occurrence) for one in done)

    def done_of(self, rule: str) -> Sequence[Anchor]:
        """When tasks of a rule were reported done, by their ids or by the rule's name."""
        tasks = {entry.task for key, entry in self.record.entries.items() if key.startswith(f"{rule}/")}
        about = [one for one in self.results if (one.task in tasks if one.task else one.rule == rule)]
        told = [self.event(one.event) for one in about if one.outcome == "done"]
        return [self.anchor(event) for event in told if event is not None]

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
        """The start of the agenda or the project's go-live, whichever is later: what fell due before is history."""
        return max(self.record.started_at, self.record.go_live_at or self.record.started_at)

    @cached_property
    def taken_back(self) -> Mapping[str, str]:
        """By key of what went out on a fact since taken back: the event that took it back."""
        return {key: event for event, keys in self.put_right.items() for key in keys}

    @property
    def closing(self) -> Event | None:
        """The event that closed the agenda's life; only an owner's journey knows one."""
        return None

    @property
    def closed(self) -> bool:
        """Whether only its last work is asked for."""
        return self.closing is not None

    @property
    def carried(self) -> frozenset[str]:
        """Events that an owner before told of work that he left open: it is no history of this agenda."""
        return frozenset()

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
        return self._shifted(start, period)
