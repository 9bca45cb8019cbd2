"""Which home a journey has and who its owners are: folded from its facts (认购, 换房, 更名, 产权转移).

Homes are named by their code, persons by our id.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from journey.domain.events import Event
from journey.domain.outcomes import KEYS_OVER
from journey.domain.reasons import Reason

OWNERS_IN = {"parties.changed": "owners", "ownership.transferred": "to"}
HOMES_IN = {"subscription.signed": "unit", "unit.changed": "to"}
AT_HOME = (*KEYS_OVER, "ownership.began")


@dataclass(frozen=True, slots=True)
class Ties:
    """What the store knows of a journey's home and owners beside its events."""

    home: str | None = None  # the one it began with
    founders: tuple[str, ...] = ()  # its first owners, the primary contact first; empty: nobody looks
    people: Mapping[str, str] = field(default_factory=dict)  # by ref: persons whom its events name as owners
    held: Mapping[str, str] = field(default_factory=dict)  # homes that another journey has: which one


@dataclass(frozen=True, slots=True)
class Holding:
    """The home and the owners as the facts have them; `homes` are all that it had, each with since when."""

    owners: tuple[str, ...] = ()
    homes: tuple[tuple[str, datetime | None], ...] = ()

    @property
    def home(self) -> str | None:
        """The present home."""
        return self.homes[-1][0] if self.homes else None


NOTHING_HELD = Holding()


def holding_of(live: Iterable[Event], ties: Ties) -> Holding:
    """Fold the events that count, in their order."""
    owners = ties.founders
    homes: list[tuple[str, datetime | None]] = [(ties.home, None)] if ties.home else []
    for event in live:
        named = home_named(event)
        if named is not None and (not homes or homes[-1][0] != named):
            homes.append((named, event.occurred_at if homes else None))
        if event.type == "parties.changed":
            owners = new_owners(event, ties) or owners
    return Holding(owners, tuple(homes))


def home_named(event: Event) -> str | None:
    """The home that an event gives to its journey."""
    named = event.data.get(HOMES_IN.get(event.type, ""))
    return str(named) if named is not None else None


def refs_named(data: Mapping[str, Any], kind: str) -> list[str]:
    """The refs of the owners that the data of an event names."""
    named = data.get(OWNERS_IN.get(kind, ""))
    owners = named if isinstance(named, list) else []
    return [str(owner["ref"]) for owner in owners if isinstance(owner, Mapping) and owner.get("ref")]


def new_owners(event: Event, ties: Ties) -> tuple[str, ...]:
    """The persons whom an event names as owners, each once, in its order."""
    found = [ties.people[ref] for ref in refs_named(event.data, event.type) if ref in ties.people]
    return tuple(dict.fromkeys(found))


def strangers(events: Sequence[Event], ties: Ties) -> dict[str, Reason]:
    """Events about a person who is no owner of this journey and never was: they wait for the fact that says so."""
    if not ties.founders or all(event.person is None for event in events):
        return {}
    ours = set(ties.founders)
    for event in events:
        if event.type == "parties.changed":
            ours.update(new_owners(event, ties))
    reason = Reason("not-of-this-home")
    return {event.id: reason for event in events if event.person is not None and event.person not in ours}


def waiting_for_a_home(live: Sequence[Event], ties: Ties) -> dict[str, Reason]:
    """The last changes of home, as far as another journey has that home: they count when it is free."""
    if not ties.held:
        return {}
    naming = [e for e in live if home_named(e) is not None and (e.type == "unit.changed" or ties.home is None)]
    parked: dict[str, Reason] = {}
    while naming and (named := str(home_named(naming[-1]))) in ties.held:
        parked[naming.pop().id] = Reason("home-held", {"unit": named, "journey": ties.held[named]})
    return parked


def refused_homes(events: Sequence[Event], ties: Ties) -> dict[str, Reason]:
    """Subscriptions for another home than the journey has; `events` are in the order in which they happened."""
    refused: dict[str, Reason] = {}
    home = ties.home
    for event in events:
        named = home_named(event)
        if event.type == "subscription.signed" and named is not None and home not in (None, named):
            refused[event.id] = Reason("other-home", {"unit": named, "has": home})
        elif named is not None:
            home = named
    return refused


def refused_transfers(events: Sequence[Event], ties: Ties, zone: str) -> dict[str, Reason]:
    """Changes of owners that cannot be, with the reason; `events` are in the order in which they happened."""
    refused: dict[str, Reason] = {}
    owners = ties.founders
    for event in events:
        if event.type == "parties.changed":
            owners = new_owners(event, ties) or owners
        elif event.type == "ownership.transferred":
            reason = _cannot_transfer(event, events, owners, ties, zone)
            if reason is not None:
                refused[event.id] = reason
    return refused


def _cannot_transfer(
    event: Event, events: Sequence[Event], owners: Sequence[str], ties: Ties, zone: str
) -> Reason | None:
    """Why ownership cannot go over: nothing was handed over by then, or the new owners are the old ones."""
    on = event.on(zone)
    if not any(one.type in AT_HOME and one.on(zone) <= on for one in events):
        return Reason("resale-before-handover", {"on": on.isoformat()})
    to = new_owners(event, ties)
    return Reason("same-owners") if to and set(to) == set(owners) else None
