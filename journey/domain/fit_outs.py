"""The fit-outs of a home: which step belongs to which application, and how far each has come (C9)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from journey.domain.events import Event

PREFIX = "fit_out."


class Kind(StrEnum):
    """What an inspection or a breach may be called; packs and events may name more."""

    ROUTINE = "routine"
    WATER_TEST = "water-test"
    WATER_TEST_BEGUN = "water-test-begun"
    LOAD_BEARING = "load-bearing"


@dataclass(slots=True)
class FitOut:
    """One fit-out with its steps in order. Its id is that of the event that began it: an application, as a rule."""

    id: str
    steps: list[Event] = field(default_factory=list)

    def all(self, step: str) -> Sequence[Event]:
        """Every event of a step (`inspected`), in order."""
        return [event for event in self.steps if event.type == PREFIX + step]

    def first(self, step: str) -> Event | None:
        """The first event of a step."""
        return next((event for event in self.steps if event.type == PREFIX + step), None)

    @property
    def permitted(self) -> Event | None:
        return self.first("permitted")

    @property
    def rejected(self) -> bool:
        """Turned down, and not permitted since."""
        return self.permitted is None and self.first("rejected") is not None

    @property
    def accepted(self) -> Event | None:
        """The completion check that was passed."""
        return next((event for event in self.all("accepted") if event.data.get("passed") is not False), None)

    @property
    def refunded(self) -> Event | None:
        return self.first("deposit_refunded")

    @property
    def at_work(self) -> bool:
        """Permitted, and the completion not asked for yet; a completion check that failed sends them back to work."""
        ends = [*self.all("completion_requested"), *self.all("accepted")]
        last = max(ends, key=lambda event: event.order, default=None)
        return self.permitted is not None and (last is None or last.data.get("passed") is False)

    def permit_of(self, zone: str) -> tuple[Event, date | None] | None:
        """The permit or renewal that was told last, with the day that it names as its end."""
        told = [*self.all("permitted"), *self.all("renewed")]
        last = max(told, key=lambda event: (event.on(zone), event.order), default=None)
        return (last, last.read_date("until")) if last is not None else None

    @property
    def deposit(self) -> tuple[Decimal, Event] | None:
        """装修保证金: the amount that was paid, and the event that told it."""
        for event in self.steps:
            amount = amount_of(event, "deposit")
            if amount is not None and event is not self.refunded:
                return amount, event
        return None

    def passed(self, kind: str) -> Event | None:
        """The first inspection of a kind that was not failed."""
        told = (event for event in self.all("inspected") if event.data.get("kind") == kind)
        return next((event for event in told if event.data.get("passed") is not False), None)

    def resolved(self, breach: Event) -> Event | None:
        """The inspection that found a breach put right: of that kind, or a routine one unless it bears load."""
        kinds = {breach.data.get("kind")}
        if Kind.LOAD_BEARING not in kinds:
            kinds |= {None, Kind.ROUTINE.value}
        return next((event for event in self.all("inspected")
                     if event.data.get("passed") is True and event.data.get("kind") in kinds
                     and event.order > breach.order), None)  # fmt: skip


def amount_of(event: Event, name: str) -> Decimal | None:
    """An amount of money of an event, tolerantly: old rows were checked by old doors."""
    value = event.data.get(name)
    try:
        found = Decimal(str(value)) if value is not None and not isinstance(value, bool) else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None


def fit_outs_of(events: Sequence[Event]) -> list[FitOut]:
    """Every fit-out in the order in which they began.

    A step that names its `application` goes there; another to the oldest fit-out that waits for such a step. What fits
    none implies one that nobody applied for (未报先装).
    """
    found: list[FitOut] = []
    for event in events:
        if not event.type.startswith(PREFIX):
            continue
        step = event.type.removeprefix(PREFIX)
        one = None if step == "applied" else _named(event, found) or _waiting(step, found)
        if one is None:
            one = FitOut(event.id)
            found.append(one)
        one.steps.append(event)
    return found


Waits = Callable[[FitOut], bool]
_IN_HAND: tuple[Waits, ...] = (lambda one: one.at_work, lambda one: one.accepted is None and not one.rejected)
# By step: what a fit-out that waits for it looks like; the first description that fits any counts.
_WAITS: dict[str, tuple[Waits, ...]] = {
    "permitted": (lambda one: one.permitted is None and not one.rejected, lambda one: one.rejected),
    "rejected": (lambda one: one.permitted is None and not one.rejected,),
    "accepted": (
        lambda one: one.accepted is None and bool(one.all("completion_requested")),
        lambda one: one.accepted is None and not one.rejected,
    ),
    "rechecked": (lambda one: one.accepted is not None and not one.all("rechecked"), lambda one: True),
    "deposit_refunded": (
        lambda one: one.refunded is None and (one.accepted is not None or one.rejected),
        lambda one: one.refunded is None,
        lambda one: True,
    ),
}


def _waiting(step: str, found: Sequence[FitOut]) -> FitOut | None:
    for waits in _WAITS.get(step, _IN_HAND):
        for one in found:
            if waits(one):
                return one
    return None


def _named(event: Event, found: Sequence[FitOut]) -> FitOut | None:
    name = event.data.get("application")
    if name is None:
        return None
    return next((one for one in found if any(
        begun.type == "fit_out.applied" and name in (begun.id, begun.source_id) for begun in one.steps[:1]
    )), None)  # fmt: skip
