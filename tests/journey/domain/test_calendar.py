"""Working days and the arithmetic of dates, on the Chinese spring of 2026."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.domain.calendar import (
    WorkCalendar,
    add,
    contact_day,
    first_working_day_after_no_call,
    internal_target,
    legal_deadline,
)
from journey.domain.periods import Period

FESTIVAL = {f"2026-02-{day}": "春节" for day in range(15, 24)}
DOCUMENT: dict[str, Any] = {
    "country": "cn",
    "rest_weekdays": [5, 6],
    "years": {
        "2026": {
            "provisional": False,
            "off": {**FESTIVAL, "2026-06-19": "端午节"},
            "work": ["2026-02-14", "2026-02-28"],
        },
        "2027": {"provisional": True, "off": {"2027-01-01": "元旦"}, "work": []},
    },
    "no_call": ["2026-02-16", "2026-02-17", "2026-02-18", "2026-02-19"],
}
CALENDAR = WorkCalendar.from_document(DOCUMENT)
NEVER_RESTS = WorkCalendar.from_document({"country": "none", "rest_weekdays": [], "years": {}, "no_call": []})

dates = st.dates(date(2020, 1, 1), date(2035, 12, 31))


def document(**changes: Any) -> dict[str, Any]:
    return {**DOCUMENT, **changes}


def test_a_document_comes_back_as_it_was_and_is_json() -> None:
    assert CALENDAR.to_document() == DOCUMENT
    assert WorkCalendar.from_document(json.loads(json.dumps(CALENDAR.to_document()))) == CALENDAR


def test_the_hash_follows_the_content_and_not_the_order() -> None:
    shuffled = WorkCalendar.from_document(document(rest_weekdays=[6, 5], no_call=DOCUMENT["no_call"][::-1]))
    other = WorkCalendar.from_document(document(no_call=[]))

    assert shuffled.content_hash == CALENDAR.content_hash
    assert hash(shuffled) == hash(CALENDAR)
    assert other != CALENDAR
    assert len(CALENDAR.content_hash) == 64


@pytest.mark.parametrize(
    ("year", "off", "work", "problem"),
    [
        ("2026", {"2026-02-14": "春节"}, ["2026-02-14"], "both off and worked: 2026-02-14"),
        ("2026", {"2027-02-14": "春节"}, [], "outside their year 2026: 2027-02-14"),
        ("2026", {}, ["2025-01-01"], "outside their year 2026: 2025-01-01"),
    ],
)
def test_days_that_contradict_are_refused(year: str, off: dict[str, str], work: list[str], problem: str) -> None:
    years = {year: {"provisional": False, "off": off, "work": work}}

    with pytest.raises(ValueError, match=problem):
        WorkCalendar.from_document(document(years=years))


def test_a_week_without_working_days_is_refused() -> None:
    with pytest.raises(ValueError, match="not all of them"):
        WorkCalendar.from_document(document(rest_weekdays=list(range(7))))


def test_made_up_weekends_are_worked_and_holidays_are_not() -> None:
    assert CALENDAR.is_working(date(2026, 2, 14))
    assert CALENDAR.is_rest(date(2026, 2, 20))
    assert CALENDAR.off[date(2026, 2, 20)] == "春节"
    assert CALENDAR.is_rest(date(2026, 3, 7))
    assert not CALENDAR.is_holiday(date(2026, 3, 7))


def test_a_year_is_provisional_when_marked_or_unknown() -> None:
    assert not CALENDAR.is_provisional(date(2026, 5, 1))
    assert CALENDAR.is_provisional(date(2027, 5, 1))
    assert CALENDAR.is_provisional(date(2040, 5, 1))
    assert not NEVER_RESTS.is_provisional(date(2040, 5, 1))


@given(dates)
def test_the_empty_calendar_never_rests(day: date) -> None:
    assert NEVER_RESTS.is_working(day)
    assert legal_deadline(day, NEVER_RESTS) == internal_target(day, NEVER_RESTS) == day


@given(dates)
def test_a_legal_deadline_is_worked_and_never_before_the_last_day(last: date) -> None:
    end = legal_deadline(last, CALENDAR)

    assert end >= last
    assert CALENDAR.is_working(end)
    assert all(CALENDAR.is_rest(last + timedelta(days=n)) for n in range((end - last).days))


@given(dates)
def test_an_internal_target_is_worked_and_never_after_the_last_day(last: date) -> None:
    target = internal_target(last, CALENDAR)

    assert target <= last
    assert CALENDAR.is_working(target)


@given(dates)
def test_a_contact_moves_only_out_of_a_public_holiday(last: date) -> None:
    day = contact_day(last, CALENDAR)

    assert day <= last
    assert (day == last) == (not CALENDAR.is_holiday(last))


@given(dates, st.integers(1, 60))
def test_working_days_forth_and_back_return_to_a_working_day(day: date, count: int) -> None:
    start = CALENDAR.working_day_on_or_after(day)

    there = CALENDAR.add_working_days(start, count)

    assert CALENDAR.is_working(there)
    assert CALENDAR.add_working_days(there, -count) == start
    assert sum(CALENDAR.is_working(start + timedelta(days=n)) for n in range(1, (there - start).days + 1)) == count


@given(dates, st.integers(-120, 120))
def test_months_end_on_the_same_day_number_or_on_the_last_of_the_month(start: date, months: int) -> None:
    end = add(start, Period(months=months), CALENDAR)

    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day == start.day or (end.day < start.day and (end + timedelta(days=1)).day == 1)


@given(dates, st.integers(-20, 20))
def test_years_are_twelve_months_each(start: date, years: int) -> None:
    assert add(start, Period(years=years), CALENDAR) == add(start, Period(months=12 * years), CALENDAR)


@pytest.mark.parametrize(
    ("start", "period", "end"),
    [
        (date(2025, 1, 31), "1mo", date(2025, 2, 28)),
        (date(2028, 1, 31), "1mo", date(2028, 2, 29)),
        (date(2028, 2, 29), "1y", date(2029, 2, 28)),
        (date(2028, 2, 29), "4y", date(2032, 2, 29)),
        (date(2024, 2, 29), "-1y", date(2023, 2, 28)),
        (date(2026, 3, 31), "-1mo", date(2026, 2, 28)),
        (date(2025, 12, 31), "2mo", date(2026, 2, 28)),
        (date(2026, 6, 27), "90d", date(2026, 9, 25)),
        (date(2026, 2, 13), "2wd", date(2026, 2, 24)),
        (date(2026, 2, 13), "0d", date(2026, 2, 13)),
    ],
)
def test_a_period_is_counted_without_its_first_day(start: date, period: str, end: date) -> None:
    assert add(start, Period.parse(period), CALENDAR) == end


def test_hours_cannot_be_added_to_a_date() -> None:
    with pytest.raises(ValueError, match="48h is counted from an instant"):
        add(date(2026, 1, 1), Period.parse("48h"), CALENDAR)


def test_a_contact_due_in_the_spring_festival_is_pulled_to_the_made_up_saturday_before() -> None:
    assert contact_day(date(2026, 2, 18), CALENDAR) == date(2026, 2, 14)


def test_a_contact_on_a_plain_weekend_stays() -> None:
    assert contact_day(date(2026, 3, 7), CALENDAR) == date(2026, 3, 7)


def test_after_the_no_call_days_comes_the_first_working_day() -> None:
    assert first_working_day_after_no_call(date(2026, 2, 17), CALENDAR) == date(2026, 2, 24)
    assert first_working_day_after_no_call(date(2026, 3, 3), CALENDAR) == date(2026, 3, 3)
    assert CALENDAR.is_no_call(date(2026, 2, 19))
    assert not CALENDAR.is_no_call(date(2026, 2, 20))
