"""Who was told first: the day of a milestone, the batch of a building. It goes by the telling, not by what is told."""

from bisect import insort
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from journey.domain.events import Event
from journey.domain.reasons import Reason

Order = tuple[datetime, datetime, str]
BEFORE_ALL: Order = (datetime.min.replace(tzinfo=UTC),) * 2 + ("",)
AFTER_ALL: Order = (datetime.max.replace(tzinfo=UTC),) * 2 + ("",)


def first_days(reached: Iterable[Event], zone: str) -> dict[tuple[str, str], str]:
    """By milestone and place: the day that was told first."""
    found: dict[tuple[str, str], str] = {}
    for event in sorted(reached, key=_told):
        found.setdefault(milestone_of(event), event.on(zone).isoformat())
    return found


def milestone_of(event: Event) -> tuple[str, str]:
    """Which milestone an event tells of, and of what place."""
    place = "/".join(f"{kind}:{name}" for kind, name in sorted((event.scope or {}).items()))
    return str(event.data.get("milestone")), place


def holdings_taken(
    moves: Iterable[Event], registered: Mapping[str, frozenset[str]], dates: Collection[str]
) -> dict[str, Reason]:
    """By event that plans or moves a batch: why it is refused. A building belongs to one batch at a time.

    What one batch has is not taken from it without a word, nor by news of an earlier day that was told later. A batch
    without any of the `dates` waits, and has no building until a day is told.
    """
    told = _Told(dates, {code: [(BEFORE_ALL, buildings)] for code, buildings in registered.items()})
    for move in sorted(moves, key=_told):
        told.take(move)
    return told.taken | {move.id: refusal for move in told.waiting if (refusal := told.refusal(move)) is not None}


@dataclass(slots=True)
class _Told:
    """The moves of batches as they were told: since when each batch has which buildings, and what was refused."""

    dates: Collection[str]
    holdings: dict[str, list[tuple[Order, frozenset[str]]]]
    dated: dict[str, Order] = field(default_factory=dict)  # batch: from when on it has a day
    waiting: list[Event] = field(default_factory=list)  # without a day
    taken: dict[str, Reason] = field(default_factory=dict)

    def take(self, move: Event) -> None:
        code, has_date = _code(move), any(move.data.get(name) for name in self.dates)
        if not has_date and self.dated.get(code, AFTER_ALL) > move.order:
            self.waiting.append(move)
            return
        refusal = self.refusal(move)
        if refusal is not None:
            self.taken[move.id] = refusal
            return
        if _wanted(move):
            insort(self.holdings.setdefault(code, []), (move.order, _wanted(move)), key=lambda held: held[0])
        if has_date:
            self.dated[code] = min(move.order, self.dated.get(code, AFTER_ALL))
            waiting, self.waiting = self.waiting, []
            for other in waiting:
                self.take(other)

    def refusal(self, move: Event) -> Reason | None:
        """Another batch that has one of the buildings at some time for which this one wants it."""
        code, wanted = _code(move), _wanted(move)
        ends = min((since for since, _ in self.holdings.get(code, ()) if since > move.order), default=AFTER_ALL)
        for other in sorted(self.holdings.keys() - {code}) if wanted else ():
            held = self.holdings[other]
            until = [since for since, _ in held[1:]] + [AFTER_ALL]
            for (since, buildings), end in zip(held, until, strict=True):
                both = sorted(wanted & buildings)
                if both and since < ends and move.order < end:
                    return Reason("building-in-batch", {"building": ", ".join(both), "batch": code, "other": other})
        return None


def _code(move: Event) -> str:
    return str(move.data.get("batch"))


def _wanted(move: Event) -> frozenset[str]:
    return frozenset(str(building) for building in move.data.get("buildings") or ())


def _told(event: Event) -> tuple[datetime, str]:
    return event.recorded_at, event.id
