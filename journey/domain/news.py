"""Milestones and their news: which go out in one message, and when (C6, A430)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from journey.domain.calendar import WorkCalendar, add
from journey.domain.clocks import at
from journey.domain.items import Anchor
from journey.domain.numbers.broadcast import NewsNumbers
from journey.domain.packs import Pack


@dataclass(frozen=True, slots=True)
class Reached:
    """A milestone that was reached: which, where, the fact that says so, and when that was recorded."""

    milestone: str
    scope: Mapping[str, str]
    anchor: Anchor
    recorded_at: datetime

    def told_at(self, zone: str) -> datetime:
        """When it was first there to be told; its own day for one recorded ahead. A correction does not move it."""
        if self.anchor.moved_by != self.anchor.event:
            return self.recorded_at
        return max(self.recorded_at, self.anchor.at, at(self.anchor.on, time(0), zone))


@dataclass(frozen=True, slots=True)
class News:
    """Milestones of one place that go out in one message, in the order in which they were told."""

    reached: Sequence[Reached]
    last: date
    goes_at: datetime

    @property
    def first(self) -> Reached:
        """The milestone that the message hangs on: its event names the message for ever."""
        return self.reached[0]

    @property
    def begins(self) -> date:
        """The day of its earliest milestone."""
        return min(one.anchor.on for one in self.reached)

    @property
    def milestones(self) -> list[str]:
        """What the message tells, the earliest first."""
        return [one.milestone for one in sorted(self.reached, key=lambda one: one.anchor.on)]


def read_reached(documents: Sequence[Mapping[str, Any]]) -> list[Reached]:
    """The milestones of a project as its row keeps them."""
    return [
        Reached(
            str(one["milestone"]),
            one.get("scope") or {},
            Anchor(
                on=date.fromisoformat(one["on"]),
                at=datetime.fromisoformat(one["at"]),
                known_at=datetime.fromisoformat(one["known_at"]),
                event=str(one["event"]),
                moved_by=str(one.get("moved_by", one["event"])),
            ),
            datetime.fromisoformat(one.get("recorded_at", one["known_at"])),
        )
        for one in documents
    ]


def news_of(reached: Sequence[Reached], pack: Pack, calendar: WorkCalendar, zone: str) -> list[News]:
    """The messages of a project's milestones, oldest first.

    A message waits for the second working day after its earliest milestone, so that others can join it: those of the
    same place within a week that are told by then. What is told later goes out by itself, since each has the same two
    days. Milestones join in the order of telling: what is told later never changes a message that went out.
    """
    numbers = pack.broadcast
    if numbers is None:
        return []
    opens = pack.messages.window("contract")[0]
    places: dict[str, list[News]] = {}
    told = [(one.told_at(zone), one) for one in reached]
    for known, one in sorted(told, key=lambda each: (each[0], each[1].anchor.on, each[1].anchor.event)):
        last = add(one.anchor.on, numbers.milestone_news.within, calendar)
        alone = News([one], last, max(at(last, opens, zone), known, one.anchor.known_at))
        here = places.setdefault(repr(sorted(one.scope.items())), [])
        for place, news in enumerate(here):
            if _joins(alone, known, news, numbers.milestone_news, calendar):
                here[place] = News([*news.reached, one], min(last, news.last), min(alone.goes_at, news.goes_at))
                break
        else:
            here.append(alone)
    return sorted((news for here in places.values() for news in here), key=lambda news: news.begins)


def _joins(one: News, known: datetime, news: News, numbers: NewsNumbers, calendar: WorkCalendar) -> bool:
    """One that would bring the message forward to before it was told itself does not join."""
    days = [each.anchor.on for each in (*one.reached, *news.reached)]
    in_time = known <= news.goes_at and (one.last >= news.last or known < one.goes_at)
    return in_time and max(days) <= add(min(days), numbers.merge, calendar)
