"""Working days, public holidays and the arithmetic of dates (domain rows C0 and "Time")."""

import hashlib
import json
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Self

from journey.domain.periods import Period

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, eq=False)
class WorkCalendar:
    """The rest and working days of one country; equal and hashable by its content.

    ``off`` holds every day of a public holiday with its name, the weekends inside it too; ``work`` the weekend days
    that are worked instead. A year without data rests on ``rest_weekdays`` (Monday is 0) only and is provisional.
    Build one with ``from_document``.
    """

    country: str
    rest_weekdays: frozenset[int]
    off: Mapping[date, str]
    work: frozenset[date]
    no_call: frozenset[date]
    provisional_years: Mapping[int, bool]
    content_hash: str = field(init=False)

    def __post_init__(self) -> None:
        _check(self)
        text = json.dumps(self.to_document(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        object.__setattr__(self, "content_hash", hashlib.sha256(text.encode()).hexdigest())

    @classmethod
    def from_document(cls, doc: Mapping[str, Any]) -> Self:
        """The calendar that ``to_document`` described; ``ValueError`` when a day contradicts another or its year."""
        off: dict[date, str] = {}
        work: set[date] = set()
        for year, table in doc["years"].items():
            days = {date.fromisoformat(day): str(name) for day, name in table["off"].items()}
            made_up = {date.fromisoformat(day) for day in table["work"]}
            if strange := sorted(day.isoformat() for day in days.keys() | made_up if day.year != int(year)):
                raise ValueError(f"days outside their year {year}: {', '.join(strange)}")
            off |= days
            work |= made_up
        return cls(
            country=doc["country"],
            rest_weekdays=frozenset(doc["rest_weekdays"]),
            off=off,
            work=frozenset(work),
            no_call=frozenset(map(date.fromisoformat, doc["no_call"])),
            provisional_years={int(year): bool(table["provisional"]) for year, table in doc["years"].items()},
        )

    def to_document(self) -> dict[str, Any]:
        """Everything it knows, ready for JSON: ``country``, ``rest_weekdays``, ``years``, ``no_call``."""
        years: dict[str, dict[str, Any]] = {
            str(year): {"provisional": provisional, "off": {}, "work": []}
            for year, provisional in sorted(self.provisional_years.items())
        }
        for day in sorted(self.off):
            years[str(day.year)]["off"][day.isoformat()] = self.off[day]
        for day in sorted(self.work):
            years[str(day.year)]["work"].append(day.isoformat())
        return {
            "country": self.country,
            "rest_weekdays": sorted(self.rest_weekdays),
            "years": years,
            "no_call": [day.isoformat() for day in sorted(self.no_call)],
        }

    def with_year(
        self, year: int, *, provisional: bool, off: Mapping[date, str], work: Iterable[date], no_call: Iterable[date]
    ) -> Self:
        """The same calendar with another table for one year; ``ValueError`` for days outside it or in both lists."""
        if strange := sorted(day.isoformat() for day in (*off, *work, *no_call) if day.year != year):
            raise ValueError(f"days outside {year}: {', '.join(strange)}")
        return replace(
            self,
            off={**{day: name for day, name in self.off.items() if day.year != year}, **off},
            work=frozenset({*(day for day in self.work if day.year != year), *work}),
            no_call=frozenset({*(day for day in self.no_call if day.year != year), *no_call}),
            provisional_years={**self.provisional_years, year: provisional},
        )

    def keeping(self, known: "WorkCalendar | None") -> Self:
        """This calendar with the years of another one that are published there and provisional here."""
        if known is None:
            return self
        calendar = self
        for year, provisional in known.provisional_years.items():
            if not provisional and self.provisional_years.get(year, True):
                calendar = calendar.with_year(
                    year,
                    provisional=False,
                    off={day: name for day, name in known.off.items() if day.year == year},
                    work=[day for day in known.work if day.year == year],
                    no_call=[day for day in known.no_call if day.year == year],
                )
        return calendar

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WorkCalendar) and self.content_hash == other.content_hash

    def __hash__(self) -> int:
        return hash(self.content_hash)

    def is_holiday(self, day: date) -> bool:
        """Whether ``day`` belongs to a named public holiday; a plain weekend does not."""
        return day in self.off

    def is_rest(self, day: date) -> bool:
        """Whether nobody works: a public holiday, or a weekend that is not made up for."""
        return day in self.off or (day.weekday() in self.rest_weekdays and day not in self.work)

    def is_working(self, day: date) -> bool:
        """Whether ``day`` is a working day, made-up weekends included."""
        return not self.is_rest(day)

    def is_provisional(self, day: date) -> bool:
        """Whether the holidays of that year are not published yet, so that a date computed with it may move."""
        if not self.rest_weekdays and not self.provisional_years:
            return False
        return self.provisional_years.get(day.year, True)

    def is_no_call(self, day: date) -> bool:
        """Whether nobody is called that day (除夕 to 初三)."""
        return day in self.no_call

    def working_day_on_or_after(self, day: date) -> date:
        """``day`` itself when it is worked, else the next working day."""
        while self.is_rest(day):
            day += _DAY
        return day

    def working_day_on_or_before(self, day: date) -> date:
        """``day`` itself when it is worked, else the last working day before it."""
        while self.is_rest(day):
            day -= _DAY
        return day

    def add_working_days(self, day: date, count: int) -> date:
        """The ``count``-th working day after ``day`` (before it when negative); ``day`` itself never counts."""
        step = _DAY if count > 0 else -_DAY
        left = abs(count)
        while left:
            day += step
            if not self.is_rest(day):
                left -= 1
        return day


def _check(calendar: WorkCalendar) -> None:
    if not calendar.rest_weekdays < frozenset(range(7)):
        raise ValueError("rest_weekdays are numbers from 0 (Monday) to 6 (Sunday), and not all of them")
    if both := sorted(day.isoformat() for day in calendar.work if day in calendar.off):
        raise ValueError(f"both off and worked: {', '.join(both)}")
    if missing := {day.year for day in (*calendar.off, *calendar.work)} - calendar.provisional_years.keys():
        raise ValueError(f"days of years that are not listed: {', '.join(map(str, sorted(missing)))}")


def add(start: date, period: Period, calendar: WorkCalendar) -> date:
    """The last day of ``period`` counted from ``start``, which is not counted itself (民法典 200-202, C0).

    Months and years end on the day with the same number, or on the last day of a shorter month. The day is not rolled:
    see ``legal_deadline``. A period of hours or less raises ``ValueError``.
    """
    if period.days:
        return start + timedelta(days=period.days)
    if period.working_days:
        return calendar.add_working_days(start, period.working_days)
    if period.is_subday:
        raise ValueError(f"{period} is counted from an instant, not from a date")
    year, month = divmod(start.year * 12 + start.month - 1 + period.years * 12 + period.months, 12)
    month += 1
    # Every month has 28 days, so most starts need no look at the length of the month.
    return date(year, month, start.day if start.day <= 28 else min(start.day, monthrange(year, month)[1]))


def legal_deadline(last: date, calendar: WorkCalendar) -> date:
    """The day on which a statutory period ends: a last day at rest moves to the next working day (民法典 203)."""
    return calendar.working_day_on_or_after(last)


def internal_target(last: date, calendar: WorkCalendar) -> date:
    """The day by which we do a duty of ours: never later than the last day before it was rolled (C0)."""
    return calendar.working_day_on_or_before(last)


def contact_day(last: date, calendar: WorkCalendar) -> date:
    """The day of a call or text due on ``last``: pulled before a public holiday, left alone on a plain weekend (C0)."""
    return calendar.working_day_on_or_before(last) if calendar.is_holiday(last) else last


def over_no_call(pulled: date, last: date, calendar: WorkCalendar) -> bool:
    """Whether 除夕–初三 lie between a day and the one from which a contact would be pulled to it."""
    return any(calendar.is_no_call(pulled + n * _DAY) for n in range(1, (last - pulled).days + 1))


def first_working_day_after_no_call(day: date, calendar: WorkCalendar) -> date:
    """The first working day after the no-call days around ``day``; on or after ``day`` when there are none."""
    while calendar.is_no_call(day):
        day += _DAY
    return calendar.working_day_on_or_after(day)
