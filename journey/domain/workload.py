"""The work ahead of many: what falls due in each week or month, by post, and what goes out, by class of message."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal

from journey.domain.clocks import local_date
from journey.domain.items import MESSAGE_KINDS
from journey.domain.reasons import Reason

By = Literal["week", "month"]
_MESSAGES = frozenset(kind.value for kind in MESSAGE_KINDS)


@dataclass(slots=True)
class Load:
    """How much there is: tasks, calls, letters by post, messages by class, and apart what will not go, by reason."""

    posts: Counter[str] = field(default_factory=Counter)
    messages: Counter[str] = field(default_factory=Counter)
    suppressed: Counter[str] = field(default_factory=Counter)

    def add(self, item: Mapping[str, Any], kept_back: str | None = None) -> None:
        """Count one item of an agenda; `kept_back` is the code of why it is expected not to go."""
        if kept_back is not None:
            self.suppressed[kept_back] += 1
        elif item.get("kind") in _MESSAGES:
            self.messages[item.get("class") or ""] += 1
        else:
            self.posts[item.get("role") or ""] += 1

    def document(self) -> dict[str, Any]:
        """Counts by post, class and reason, the largest first."""
        return {
            "posts": dict(self.posts.most_common()),
            "messages": dict(self.messages.most_common()),
            "suppressed": dict(self.suppressed.most_common()),
        }


@dataclass(frozen=True, slots=True)
class Span:
    """A week from its Monday or a calendar month, both days included."""

    begins: date
    until: date
    load: Load = field(default_factory=Load)

    def document(self) -> dict[str, Any]:
        """As it goes over the wire."""
        return {"from": self.begins.isoformat(), "until": self.until.isoformat(), **self.load.document()}


class Workload:
    """Agendas counted one after the other, in the periods from `now` on, days on the clocks of `zone`."""

    def __init__(self, now: datetime, zone: str, *, by: By = "week", weeks: int = 12) -> None:
        self.now, self.zone, self.by = now, zone, by
        self.periods = list(_periods(local_date(now, zone), by, weeks))
        self.overdue = Load()
        self.beyond = Load()
        self.agendas = 0

    def add(self, agenda: Mapping[str, Any], kept_back: Mapping[str, Reason] | None = None) -> None:
        """Count what an agenda document has ahead; items that go out as one count once.

        `kept_back` says by key why an item is expected not to go: it is nobody's work and no message.
        """
        self.agendas += 1
        items = agenda.get("items", ())
        carried = {other for item in items for other in _carried(item)}
        for item in items:
            if _identity(item, (item.get("params") or {}).get("component")) not in carried:
                kept = (kept_back or {}).get(item["key"])
                self._load_at(datetime.fromisoformat(item["due"])).add(item, kept.code if kept else None)

    def _load_at(self, due: datetime) -> Load:
        if due < self.now:
            return self.overdue
        day = local_date(due, self.zone)
        found = next((period.load for period in self.periods if period.begins <= day <= period.until), None)
        return found if found is not None else self.beyond

    def document(self) -> dict[str, Any]:
        """As it goes over the wire."""
        return {
            "by": self.by,
            "from": self.periods[0].begins.isoformat(),
            "until": self.periods[-1].until.isoformat(),
            "agendas": self.agendas,
            "overdue": self.overdue.document(),
            "periods": [period.document() for period in self.periods],
            "beyond": self.beyond.document(),
        }


def _periods(today: date, by: By, weeks: int) -> Iterator[Span]:
    """Whole weeks or months, from the one of today on."""
    last = today + timedelta(weeks=weeks, days=-1)
    begins = today.replace(day=1) if by == "month" else today - timedelta(days=today.weekday())
    while begins <= last:
        following = (begins + timedelta(days=32)).replace(day=1) if by == "month" else begins + timedelta(days=7)
        yield Span(begins, following - timedelta(days=1))
        begins = following


def _carried(item: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """What goes out under a carrier's text beside its own."""
    params = item.get("params") or {}
    for component in params.get("components", ()):
        if component != params.get("component"):
            yield _identity(item, component)


def _identity(item: Mapping[str, Any], component: str | None) -> tuple[Any, ...]:
    return item["key"].split("/", 1)[0], item.get("subject"), item["due"], component
