"""Everything planning reads about one journey, as the store hands it over: plain values, no rows, no names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from journey.domain.calendar import WorkCalendar
from journey.domain.entries import Entry
from journey.domain.events import Event
from journey.domain.holding import Ties
from journey.domain.items import Anchor
from journey.domain.open_days import OpenDay
from journey.domain.packs import PackHistory
from journey.domain.quick import quick_dataclass


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
class GateWord:
    """The last word on a gate of a batch: `passed`, `failed` or `overridden`, when, by which event, in whose name."""

    state: str
    at: datetime
    event: str
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a home stands among the homes of its batch, in an order by lot: `rank` of `homes`, from 0."""

    rank: int
    homes: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Shared dates and gates of a handover batch, as far as they are known."""

    handover_from: Anchor | None = None
    contract_handover: Anchor | None = None
    completion: Anchor | None = None
    gates: Mapping[str, GateWord] = field(default_factory=dict)
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Ledgered:
    """A row of a unit's warranty ledger, as the owner before left it."""

    component: str
    owner_starts: date | None
    owner_ends: date | None
    contractor_ends: date | None


@dataclass(frozen=True, slots=True)
class Record:
    """A journey with its facts, ledger and everything shared that concerns it.

    `journey` is the id of the agenda: that of a batch or a project for a `SharedRecord`.
    """

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
    household: str | None = None  # who lives together: episodes of the same owners share it
    ties: Ties = field(default_factory=Ties)
    displaced_by: str | None = None  # the journey that has the home instead of this one
    inherited: Sequence[Ledgered] = ()  # the unit's warranty ledger, for who took the home over
    no_contact: Mapping[str, datetime] = field(default_factory=dict)  # owners whose every address is invalid: since
    no_post: frozenset[str] = frozenset()  # owners to whom no letter can be sent: no postal address that counts
    consents: Mapping[str, Mapping[str, datetime]] = field(default_factory=dict)  # by person: purpose, last given
    uncalled: Mapping[str, frozenset[str]] = field(default_factory=dict)  # by person: purposes given, not for calls
    bereaved: frozenset[str] = frozenset()
    reachable_since: datetime | None = None  # when the primary's contacts last changed
    birthdays: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # by owner: month and day, where known
    staffed: frozenset[str] = frozenset()
    posts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # the project's staffed posts: who holds each
    roles: Mapping[str, str] = field(default_factory=dict)  # by task: the post that has it
    known: frozenset[str] = frozenset()  # ids of tasks, cases, surveys, open days and sessions that exist
    units: frozenset[str] = frozenset()
    building: str | None = None  # of the home, and its batch: what milestones of a place are for
    batch_code: str | None = None
    milestones: Sequence[Mapping[str, Any]] = ()  # of the project, as its row keeps them
    open_days: Sequence[OpenDay] = ()  # those that the home is invited to, by their start
    agenda: Mapping[str, datetime] = field(default_factory=dict)  # what the last plan left planned: its due, by key


@dataclass(frozen=True, slots=True)
class SharedRecord(Record):
    """The record of a project, or of a batch of it; `journey` and `episode` are its own id.

    `events` are the project's, `registered` the buildings of every batch by code, as they stand in the store.
    """

    code: str = ""  # the batch's code, or the project's
    registered: Mapping[str, list[str]] = field(default_factory=dict)
    places: frozenset[str] | None = None  # buildings in which homes are known; None: nobody looked
    homes: int = 0  # homes that are known of
    delivered: int = 0  # of them: how many are handed over
    delivered_on: Sequence[date] = ()  # on which days, in order; read once the least share of the pack is reached


@quick_dataclass(frozen=True)
class Cover:
    """One warranty item of the ledger: the owner's clock and the contractor's (C4)."""

    component: str
    owner_starts: date | None
    owner_ends: date | None
    contractor_ends: date | None
    owner_ends_at: datetime | None
    design_life: bool
    anchor: Anchor | None
