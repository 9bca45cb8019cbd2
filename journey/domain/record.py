"""Everything planning reads about one journey, as the store hands it over: plain values, no rows, no names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from journey.domain.calendar import WorkCalendar
from journey.domain.entries import Entry
from journey.domain.events import Event
from journey.domain.items import Anchor
from journey.domain.packs import PackHistory


@dataclass(frozen=True, slots=True)
class Hold:
    """A mute or pause; `person` is None when it holds the whole journey. Open while `released_at` is None."""

    event: str
    scope: str
    how: str
    placed_at: datetime
    released_at: datetime | None
    person: str | None = None

    def concerns(self, *, message_class: str, rule: str, key: str) -> bool:
        """Whether it holds an item of that class, rule or key."""
        return self.scope in ("all", message_class, rule, key)


@dataclass(frozen=True, slots=True)
class Bracket:
    """From five minutes before a backup until its restore: what was done then is not on record."""

    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Batch:
    """Shared dates of a handover batch, as far as they are known."""

    handover_from: Anchor | None = None
    contract_handover: Anchor | None = None
    completion: Anchor | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A journey with its facts, ledger and everything shared that concerns it."""

    journey: str
    episode: str
    unit: str | None
    zone: str
    started_at: datetime
    events: Sequence[Event]
    entries: Mapping[str, Entry]
    packs: PackHistory
    calendar: WorkCalendar
    go_live_at: datetime | None = None
    batch: Batch = field(default_factory=Batch)
    holds: Sequence[Hold] = ()
    brackets: Sequence[Bracket] = ()
    primary: str | None = None
    owners: tuple[str, ...] = ()  # every party of the episode, the primary contact first
    no_contact: Mapping[str, datetime] = field(default_factory=dict)  # owners whose every address is invalid: since
    consents: Mapping[str, Mapping[str, datetime]] = field(default_factory=dict)  # by person: purpose, last given
    bereaved: frozenset[str] = frozenset()
    reachable_since: datetime | None = None  # when the primary's contacts last changed
    staffed: frozenset[str] = frozenset()
    roles: Mapping[str, str] = field(default_factory=dict)  # by task: the post that has it
    known: frozenset[str] = frozenset()  # ids of tasks, cases, surveys, open days and sessions that exist
    units: frozenset[str] = frozenset()
    agenda: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # what the last plan left planned, by key


@dataclass(frozen=True, slots=True)
class Cover:
    """One warranty item of the ledger: the owner's clock, the contractor's, and the days between (C4)."""

    component: str
    owner_starts: date | None
    owner_ends: date | None
    contractor_ends: date | None
    owner_ends_at: datetime | None
    design_life: bool
    anchor: Anchor | None

    @property
    def gap_days(self) -> int | None:
        """Days in which only we stand behind the promise; None while either end is unknown."""
        if self.owner_ends is None or self.contractor_ends is None:
            return None
        return (self.owner_ends - self.contractor_ends).days
