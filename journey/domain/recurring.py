"""What comes again and again: rounds from a day on, and the same day of every year. Never more than the next one."""

from calendar import isleap, monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from journey.domain.facts import Facts
from journey.domain.periods import Period

DAY = timedelta(days=1)


def month_end(day: date) -> date:
    """The last day of a day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


@dataclass(frozen=True, slots=True)
class Round:
    """One of many equal stretches: its number from 1, the day before its first, its last day."""

    number: int
    after: date
    ends: date

    def holds(self, day: date) -> bool:
        """Whether a day lies in it."""
        return self.after < day <= self.ends


def running_rounds(j: Facts, start: date, every: Period, until: date | None = None) -> list[Round]:
    """The round that runs and the one before it; `until` cuts the last one short, and none begins after it.

    Each is counted from the start, so that a short month shifts none after it. The journey wakes when the next begins.
    """
    found: list[Round] = []
    after = start
    while (until is None or after < until) and j.begun(after + DAY):
        ends = j.day_of(j.shift(start, every.times(len(found) + 1)))
        if ends <= after:  # a stretch shorter than a day
            break
        found.append(Round(len(found) + 1, after, min(ends, until) if until else ends))
        after = ends
    return found[-2:]


def days_of_year(j: Facts, month: int, day: int, since: date) -> Iterator[date]:
    """The last such day after `since` and the next one ahead; today's counts as the last."""
    days = [in_year(year, month, day) for year in range(j.today.year - 1, j.today.year + 2)]
    past = [one for one in days if one <= j.today]
    yield from (one for one in (past[-1], days[len(past)]) if one > since)


def in_year(year: int, month: int, day: int) -> date:
    """The day of a year; 29 February falls on the 28th when there is none (民法典 202)."""
    if (month, day) == (2, 29) and not isleap(year):
        day = 28
    return date(year, month, day)
