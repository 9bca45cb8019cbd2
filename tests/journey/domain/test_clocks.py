"""Instants in a zone, office hours and service clocks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.domain.calendar import WorkCalendar
from journey.domain.clocks import (
    ClockKind,
    OfficeHours,
    at,
    deadline,
    deadline_with_pauses,
    end_of_day,
    local,
    local_date,
)
from journey.domain.periods import Period

SHANGHAI = "Asia/Shanghai"
LONDON = "Europe/London"
# Friday 2026-06-19 to Sunday 06-21 is off, as is every weekend.
CALENDAR = WorkCalendar.from_document(
    {
        "country": "cn",
        "rest_weekdays": [5, 6],
        "years": {"2026": {"provisional": False, "off": {"2026-06-19": "端午节"}, "work": []}},
        "no_call": [],
    }
)
HOURS = OfficeHours()
SPLIT = OfficeHours(((time(9), time(12)), (time(13, 30), time(18))))
NIGHT_DESK = OfficeHours(((time(8), time(10)), (time(20), time(0))))

instants = st.integers(0, 364 * 86_400).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=n))
amounts = st.timedeltas(timedelta(), timedelta(hours=100))
offices = st.sampled_from([HOURS, SPLIT, NIGHT_DESK])
zones = st.sampled_from([SHANGHAI, LONDON, "America/New_York"])
kinds = st.sampled_from(list(ClockKind))
spans = st.sampled_from([Period.parse(text) for text in ("30min", "24h", "1d", "3d", "3wd", "1mo")])


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(SHANGHAI))


def test_a_local_time_becomes_an_instant_in_utc() -> None:
    instant = at(date(2026, 6, 27), time(18), SHANGHAI)

    assert instant == datetime(2026, 6, 27, 10, tzinfo=UTC)
    assert instant.tzinfo is UTC
    assert local(instant, SHANGHAI).hour == 18


def test_the_date_of_an_instant_is_the_one_in_the_zone() -> None:
    instant = datetime(2026, 6, 27, 16, 30, tzinfo=UTC)

    assert local_date(instant, SHANGHAI) == date(2026, 6, 28)
    assert local_date(instant, LONDON) == date(2026, 6, 27)


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="has no zone"):
        local_date(datetime(2026, 6, 27, tzinfo=UTC).replace(tzinfo=None), SHANGHAI)


def test_a_day_ends_one_second_before_midnight_in_the_zone() -> None:
    assert end_of_day(date(2026, 6, 27), SHANGHAI) == datetime(2026, 6, 27, 15, 59, 59, tzinfo=UTC)
    assert end_of_day(date(2026, 6, 27), LONDON) == datetime(2026, 6, 27, 22, 59, 59, tzinfo=UTC)
    assert end_of_day(date(2026, 1, 27), LONDON) == datetime(2026, 1, 27, 23, 59, 59, tzinfo=UTC)


def test_the_same_office_hour_moves_with_summer_time_in_london() -> None:
    assert at(date(2026, 3, 28), time(9), LONDON).hour == 9
    assert at(date(2026, 3, 29), time(9), LONDON).hour == 8


@pytest.mark.parametrize(
    ("day", "moment", "zone", "expected"),
    [
        (date(2026, 3, 29), time(1, 30), LONDON, datetime(2026, 3, 29, 1, tzinfo=UTC)),
        (date(2026, 3, 29), time(1), LONDON, datetime(2026, 3, 29, 1, tzinfo=UTC)),
        (date(2026, 3, 8), time(2, 59, 59, 5), "America/New_York", datetime(2026, 3, 8, 7, tzinfo=UTC)),
        (date(2011, 12, 30), time(12), "Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),
    ],
)
def test_a_time_that_clocks_skip_is_the_first_instant_after_the_gap(
    day: date, moment: time, zone: str, expected: datetime
) -> None:
    assert at(day, moment, zone) == expected


def test_a_time_that_clocks_show_twice_is_the_first_of_them() -> None:
    assert at(date(2026, 10, 25), time(1, 30), LONDON) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_day_whose_last_hour_is_shown_twice_ends_with_the_second() -> None:
    # Beirut turned its clocks back at midnight, so 23:00 to 24:00 was shown twice.
    assert end_of_day(date(2020, 10, 24), "Asia/Beirut") == datetime(2020, 10, 24, 21, 59, 59, tzinfo=UTC)


@given(st.dates(date(2000, 1, 1), date(2040, 1, 1)), st.times(), zones)
def test_an_instant_of_a_day_lies_in_that_day(day: date, moment: time, zone: str) -> None:
    assert local_date(at(day, moment, zone), zone) == day
    assert at(day, time(0), zone) <= at(day, moment, zone)


@pytest.mark.parametrize(
    "intervals",
    [
        (),
        ((time(18), time(9)),),
        ((time(9), time(9)),),
        ((time(9), time(13)), (time(12), time(18))),
        ((time(13), time(18)), (time(9), time(12))),
        ((time(20), time(0)), (time(21), time(22))),
    ],
)
def test_office_hours_that_make_no_sense_are_refused(intervals: tuple[tuple[time, time], ...]) -> None:
    with pytest.raises(ValueError, match=r"interval"):
        OfficeHours(intervals)


def test_business_time_skips_breaks_and_rest_days() -> None:
    start = shanghai("2026-06-18T11:30")

    assert SPLIT.add_business_time(start, timedelta(hours=5), CALENDAR, SHANGHAI) == shanghai("2026-06-18T18:00")
    assert SPLIT.add_business_time(start, timedelta(hours=6), CALENDAR, SHANGHAI) == shanghai("2026-06-22T10:00")


def test_an_interval_that_ends_at_midnight_is_open_to_the_end_of_the_day() -> None:
    start = shanghai("2026-06-17T23:30")

    assert NIGHT_DESK.add_business_time(start, timedelta(hours=1), CALENDAR, SHANGHAI) == shanghai("2026-06-18T08:30")


def test_business_time_runs_forwards_only() -> None:
    with pytest.raises(ValueError, match="forwards"):
        HOURS.add_business_time(shanghai("2026-06-18T11:30"), timedelta(hours=-1), CALENDAR, SHANGHAI)


@given(instants, amounts, amounts, offices, zones)
def test_business_time_is_additive(
    start: datetime, first: timedelta, second: timedelta, office: OfficeHours, zone: str
) -> None:
    halfway = office.add_business_time(start, first, CALENDAR, zone)

    in_two_steps = office.add_business_time(halfway, second, CALENDAR, zone)

    assert in_two_steps == office.add_business_time(start, first + second, CALENDAR, zone)


@given(instants, amounts, offices, zones)
def test_the_business_time_between_is_what_was_added(
    start: datetime, amount: timedelta, office: OfficeHours, zone: str
) -> None:
    end = office.add_business_time(start, amount, CALENDAR, zone)

    assert office.business_time_between(start, end, CALENDAR, zone) == amount
    assert office.business_time_between(end, start, CALENDAR, zone) == -amount


@pytest.mark.parametrize(
    ("kind", "period", "expected"),
    [
        (ClockKind.ALWAYS, "30min", "2026-06-18T17:30:00"),
        (ClockKind.ALWAYS, "2d", "2026-06-20T17:00:00"),
        (ClockKind.ALWAYS, "1mo", "2026-07-18T23:59:59"),
        (ClockKind.NATURAL, "24h", "2026-06-19T17:00:00"),
        (ClockKind.NATURAL, "2d", "2026-06-20T23:59:59"),
        (ClockKind.NATURAL, "3wd", "2026-06-24T23:59:59"),
        (ClockKind.WORKING_DAY, "2d", "2026-06-23T23:59:59"),
        (ClockKind.WORKING_DAY, "2wd", "2026-06-23T23:59:59"),
        (ClockKind.WORKING_DAY, "24h", "2026-06-22T17:00:00"),
        (ClockKind.WORKING_DAY, "1mo", "2026-07-20T23:59:59"),
        (ClockKind.BUSINESS_HOURS, "30min", "2026-06-18T17:30:00"),
        (ClockKind.BUSINESS_HOURS, "2h", "2026-06-22T10:00:00"),
        (ClockKind.BUSINESS_HOURS, "1d", "2026-06-22T18:00:00"),
        (ClockKind.BUSINESS_HOURS, "1mo", "2026-07-20T18:00:00"),
    ],
)
def test_each_kind_of_clock_counts_in_its_own_way(kind: ClockKind, period: str, expected: str) -> None:
    start = shanghai("2026-06-18T17:00")

    assert deadline(start, Period.parse(period), kind, CALENDAR, SHANGHAI) == shanghai(expected)


def test_a_service_clock_cannot_run_backwards() -> None:
    with pytest.raises(ValueError, match="-1h is negative"):
        deadline(shanghai("2026-06-18T17:00"), Period.parse("-1h"), ClockKind.ALWAYS, CALENDAR, SHANGHAI)


@given(instants, spans, kinds, zones)
def test_without_pauses_a_clock_runs_to_its_deadline(
    start: datetime, period: Period, kind: ClockKind, zone: str
) -> None:
    due = deadline(start, period, kind, CALENDAR, zone)

    assert due > start
    assert deadline_with_pauses(start, period, kind, [], CALENDAR, zone) == due


@given(instants, spans, amounts, amounts)
def test_a_pause_shifts_a_natural_clock_by_its_length(
    start: datetime, period: Period, wait: timedelta, length: timedelta
) -> None:
    due = deadline(start, period, ClockKind.NATURAL, CALENDAR, SHANGHAI)
    begin = start + wait

    shifted = deadline_with_pauses(start, period, ClockKind.NATURAL, [(begin, begin + length)], CALENDAR, SHANGHAI)

    assert shifted == (due + length if begin < due else due)


@given(instants, spans, kinds, st.lists(st.tuples(amounts, amounts), max_size=4), zones)
def test_pauses_never_bring_a_deadline_forward_and_their_order_does_not_matter(
    start: datetime, period: Period, kind: ClockKind, waits: list[tuple[timedelta, timedelta]], zone: str
) -> None:
    pauses = [(start + wait, start + wait + length) for wait, length in waits]

    shifted = deadline_with_pauses(start, period, kind, pauses, CALENDAR, zone)
    reversed_order = deadline_with_pauses(start, period, kind, pauses[::-1], CALENDAR, zone)

    assert shifted is not None
    assert shifted == reversed_order
    assert shifted >= deadline(start, period, kind, CALENDAR, zone)


def test_a_pause_overnight_costs_a_business_clock_only_office_time() -> None:
    start = shanghai("2026-06-17T09:00")
    pause = (shanghai("2026-06-17T17:00"), shanghai("2026-06-18T10:00"))

    due = deadline_with_pauses(start, Period.parse("10h"), ClockKind.BUSINESS_HOURS, [pause], CALENDAR, SHANGHAI)

    assert due == shanghai("2026-06-18T12:00")


def test_a_pause_over_a_rest_day_costs_a_working_day_clock_nothing() -> None:
    start = shanghai("2026-06-17T09:00")
    pause = (shanghai("2026-06-19T00:00"), shanghai("2026-06-22T00:00"))

    due = deadline_with_pauses(start, Period.parse("3wd"), ClockKind.WORKING_DAY, [pause], CALENDAR, SHANGHAI)

    assert due == shanghai("2026-06-23T23:59:59")


def test_overlapping_pauses_count_once() -> None:
    start = shanghai("2026-06-17T09:00")
    pauses = [
        (start + timedelta(hours=1), start + timedelta(hours=4)),
        (start + timedelta(hours=2), start + timedelta(hours=3)),
        (start + timedelta(hours=3), start + timedelta(hours=6)),
        (start - timedelta(hours=9), start - timedelta(hours=8)),
    ]

    due = deadline_with_pauses(start, Period.parse("24h"), ClockKind.ALWAYS, pauses, CALENDAR, SHANGHAI)

    assert due == start + timedelta(hours=29)


def test_a_clock_held_by_an_open_pause_has_no_deadline() -> None:
    start = shanghai("2026-06-17T09:00")
    period = Period.parse("24h")

    held = deadline_with_pauses(start, period, ClockKind.ALWAYS, [(start, None)], CALENDAR, SHANGHAI)
    too_late = deadline_with_pauses(
        start, period, ClockKind.ALWAYS, [(start + timedelta(hours=24), None)], CALENDAR, SHANGHAI
    )

    assert held is None
    assert too_late == start + timedelta(hours=24)
