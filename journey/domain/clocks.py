"""Instants in a project's zone, office hours and the clocks of service levels (domain rows C0 and C2).

Instants are aware and come back in UTC; a naive one raises ``ValueError``. Dates are civil dates in the zone.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache, lru_cache, partial
from zoneinfo import ZoneInfo

from journey.domain.calendar import WorkCalendar, add, legal_deadline
from journey.domain.periods import Period

_DAY = timedelta(days=1)
_MIDNIGHT = time()
_LAST_SECOND = time(23, 59, 59)


class ClockKind(StrEnum):
    """How a service clock counts."""

    NATURAL = "natural"
    WORKING_DAY = "working-day"
    BUSINESS_HOURS = "business-hours"
    ALWAYS = "24x7"


@cache
def zone_info(zone: str) -> ZoneInfo:
    """The rules of the IANA zone ``zone``; ``ZoneInfoNotFoundError`` (a ``KeyError``) when there is none."""
    return ZoneInfo(zone)


def local(instant: datetime, zone: str) -> datetime:
    """``instant`` on the clocks of ``zone``."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no zone; instants are aware")
    return instant.astimezone(zone_info(zone))


def local_date(instant: datetime, zone: str) -> date:
    """The civil date of ``instant`` in ``zone``."""
    return local(instant, zone).date()


def at(day: date, moment: time, zone: str, *, again: bool = False) -> datetime:
    """The instant, in UTC, at which the clocks of ``zone`` show ``moment`` on ``day``.

    A time that clocks skip gives the first instant after the gap; one that they show twice gives the first, or with
    ``again`` the second.
    """
    return _at(day, moment, zone, int(again))


def end_of_day(day: date, zone: str) -> datetime:
    """23:59:59 of ``day`` in ``zone``, in UTC; the later one when clocks show it twice."""
    return _at(day, _LAST_SECOND, zone, 1)


@lru_cache(maxsize=16)
def shifting(calendar: WorkCalendar, zone: str) -> Callable[[date | datetime, Period], date | datetime]:
    """How a day or an instant is moved by a period; an instant keeps its local time of day.

    What was asked is remembered by calendar and zone: to look those two up for each question cost half of the answer.
    """
    return lru_cache(maxsize=65536)(partial(_shifted, calendar, zone))


def _shifted(calendar: WorkCalendar, zone: str, start: date | datetime, period: Period) -> date | datetime:
    if not isinstance(start, datetime):
        return add(start, period, calendar)
    if period.is_subday:
        return start + timedelta(seconds=period.seconds)
    here = local(start, zone)
    return at(add(here.date(), period, calendar), here.time(), zone)


@lru_cache(maxsize=65536)
def _at(day: date, moment: time, zone: str, fold: int) -> datetime:
    rules = zone_info(zone)
    shown = datetime.combine(day, moment)
    instant = shown.replace(tzinfo=rules, fold=fold).astimezone(UTC)
    if instant.astimezone(rules).replace(tzinfo=None, fold=0) == shown:
        return instant
    return _end_of_gap(shown, rules)


def _end_of_gap(shown: datetime, rules: ZoneInfo) -> datetime:
    # Inside a gap the two readings of the clock lie on either side of the instant at which clocks jump.
    early = shown.replace(tzinfo=rules, fold=1).astimezone(UTC)
    late = shown.replace(tzinfo=rules, fold=0).astimezone(UTC)
    before = early.astimezone(rules).utcoffset()
    low, high = 0, int((late - early).total_seconds())
    while low < high:
        middle = (low + high) // 2
        if (early + timedelta(seconds=middle)).astimezone(rules).utcoffset() == before:
            low = middle + 1
        else:
            high = middle
    return (early + timedelta(seconds=low)).replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """When an office is open on a working day: intervals of local time, ascending; an end of 00:00 is midnight.

    ``ValueError`` when an interval is empty or two overlap.
    """

    intervals: tuple[tuple[time, time], ...] = ((time(9), time(18)),)

    def __post_init__(self) -> None:
        object.__setattr__(self, "intervals", tuple((start, end) for start, end in self.intervals))
        edges = [edge for interval in self.intervals for edge in interval]
        if edges and edges[-1] == _MIDNIGHT:
            edges[-1] = time.max
        if not edges or any(a > b for a, b in zip(edges[1::2], edges[2::2], strict=False)):
            raise ValueError("office hours need at least one interval, in ascending order")
        if any(a >= b for a, b in zip(edges[::2], edges[1::2], strict=True)):
            raise ValueError("an interval of office hours ends after it starts")

    def closing(self, day: date, zone: str) -> datetime:
        """The instant at which the office closes on ``day``, were it a working day."""
        return _closing(day, self.intervals[-1][1], zone)

    def add_business_time(self, start: datetime, amount: timedelta, calendar: WorkCalendar, zone: str) -> datetime:
        """The instant at which the office has been open for ``amount`` since ``start``.

        An amount used up at closing time ends there, not at the next opening. A negative one raises ``ValueError``.
        """
        if amount < timedelta():
            raise ValueError("business time is counted forwards")
        if not amount:
            return start.astimezone(UTC)
        blocks = self._blocks(start, calendar, zone)
        while True:
            opening, closing = next(blocks)
            begin = max(opening, start.astimezone(UTC))
            if amount <= closing - begin:
                return begin + amount
            amount -= closing - begin

    def business_time_between(self, a: datetime, b: datetime, calendar: WorkCalendar, zone: str) -> timedelta:
        """How long the office is open from ``a`` to ``b``; negative when ``b`` is the earlier one."""
        if b < a:
            return -self.business_time_between(b, a, calendar, zone)
        total = timedelta()
        for opening, closing in self._blocks(a, calendar, zone):
            if opening >= b:
                break
            total += min(closing, b) - max(opening, a)
        return total

    def _blocks(self, instant: datetime, calendar: WorkCalendar, zone: str) -> Iterator[tuple[datetime, datetime]]:
        """The open intervals that end after ``instant``, in order and without end."""
        day = local_date(instant, zone)
        while True:
            if calendar.is_working(day):
                for start, end in self.intervals:
                    opening, closing = at(day, start, zone), _closing(day, end, zone)
                    # A gap of the clocks can swallow an interval whole.
                    if opening < closing and closing > instant:
                        yield opening, closing
            day += _DAY


def _closing(day: date, end: time, zone: str) -> datetime:
    return at(day + _DAY, end, zone) if end == _MIDNIGHT else at(day, end, zone)


DEFAULT_HOURS = OfficeHours()
_ROUND_THE_CLOCK = OfficeHours(((_MIDNIGHT, _MIDNIGHT),))


def deadline(
    start: datetime,
    period: Period,
    kind: ClockKind,
    calendar: WorkCalendar,
    zone: str,
    hours: OfficeHours = DEFAULT_HOURS,
) -> datetime:
    """The instant at which a clock of ``kind`` runs out, ``period`` after ``start``; the starting day is not counted.

    ``24x7``: hours and days are plain time. ``natural``: hours are plain time, longer periods last to the end of their
    last day. ``working-day``: days count as working days and last to the end of the last one, hours pass on working
    days only. ``business-hours``: days count as working days and last to closing time, hours pass while the office is
    open. Months and years of the last two roll to the next working day. ``ValueError`` for a negative period.
    """
    if min(period.years, period.months, period.days, period.working_days, period.seconds) < 0:
        raise ValueError(f"a service clock runs forwards; {period} is negative")
    plain = kind in (ClockKind.NATURAL, ClockKind.ALWAYS)
    if period.is_subday or not period or (period.days and kind is ClockKind.ALWAYS):
        amount = period.as_timedelta()
        if plain:
            return start.astimezone(UTC) + amount
        return _hours_of(kind, hours).add_business_time(start, amount, calendar, zone)
    counted = Period(working_days=period.days) if period.days and not plain else period
    last = add(local_date(start, zone), counted, calendar)
    if plain:
        return end_of_day(last, zone)
    last = legal_deadline(last, calendar)
    return hours.closing(last, zone) if kind is ClockKind.BUSINESS_HOURS else end_of_day(last, zone)


def deadline_with_pauses(
    start: datetime,
    period: Period,
    kind: ClockKind,
    pauses: Sequence[tuple[datetime, datetime | None]],
    calendar: WorkCalendar,
    zone: str,
    hours: OfficeHours = DEFAULT_HOURS,
) -> datetime | None:
    """``deadline``, later by the time that the clock stood still; ``None`` while a pause without an end holds it.

    Pauses may overlap and come in any order; what lies before the start or begins at or after the deadline does not
    count. A pause costs working or office time only when the clock counts that.
    """
    due = deadline(start, period, kind, calendar, zone, hours)
    counted_to = start
    for begin, end in sorted(pauses, key=lambda pause: pause[0]):
        if begin >= due:
            break
        if end is None:
            return None
        begin = max(begin, counted_to)
        if end <= begin:
            continue
        counted_to = end
        if kind in (ClockKind.NATURAL, ClockKind.ALWAYS):
            due += end - begin
        else:
            counting = _hours_of(kind, hours)
            still = counting.business_time_between(begin, end, calendar, zone)
            due = counting.add_business_time(due, still, calendar, zone)
    return due


def _hours_of(kind: ClockKind, hours: OfficeHours) -> OfficeHours:
    return hours if kind is ClockKind.BUSINESS_HOURS else _ROUND_THE_CLOCK
