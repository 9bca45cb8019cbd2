"""Days of feasts against an independent table, and the hours of a greeting around the world."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from holidays.calendars.chinese import _ChineseLunisolar as Lunisolar
from hypothesis import given
from hypothesis import strategies as st

from journey.domain.clocks import local
from journey.domain.feasts import FIRST_YEAR, Feast, feast_day, feasts_of, greeting_hours
from tests.records import SHANGHAI, calendar, instant

LAST_YEAR = 2050  # as far as the tables of lunar feasts reach
YEARS = range(FIRST_YEAR, LAST_YEAR + 1)
HOURS = (time(9), time(11))
EVERYBODY: dict[Feast, list[str]] = {feast: [] for feast in Feast}


@pytest.mark.parametrize(
    ("feast", "table", "later"),
    [
        (Feast.SPRING_FESTIVAL, Lunisolar.LUNAR_NEW_YEAR_DATES, -1),
        (Feast.LANTERN, Lunisolar.LUNAR_NEW_YEAR_DATES, 14),
        (Feast.DRAGON_BOAT, Lunisolar.DRAGON_BOAT_DATES, 0),
        (Feast.MID_AUTUMN, Lunisolar.MID_AUTUMN_DATES, 0),
        (Feast.DOUBLE_NINTH, Lunisolar.DOUBLE_NINTH_DATES, 0),
    ],
)
def test_lunar_days_are_those_of_the_library(feast: Feast, table: Any, later: int) -> None:
    found = {year: feast_day(feast, year) for year in YEARS}

    assert found == {year: date(year, *table[year]) + timedelta(days=later) for year in YEARS}


def test_feasts_that_are_public_holidays_lie_in_the_holidays_of_the_calendar() -> None:
    named = {feast: feast.zh.removesuffix("节") for feast in Feast}
    public = [feast for feast in Feast if feast not in (Feast.LANTERN, Feast.DOUBLE_NINTH)]

    for year in (2025, 2026):
        for feast in public:
            day = feast_day(feast, year)
            assert day is not None
            name = calendar().off[day]
            assert named[feast] in name or (feast is Feast.SPRING_FESTIVAL and name == "除夕"), (feast, name)


def test_a_year_beyond_the_tables_has_only_its_fixed_feasts() -> None:
    assert feast_day(Feast.MID_AUTUMN, LAST_YEAR + 1) is None
    assert [feast for feast, _ in feasts_of(LAST_YEAR + 1, EVERYBODY)] == [
        Feast.NEW_YEAR, Feast.LABOUR_DAY, Feast.NATIONAL_DAY,
    ]  # fmt: skip


def test_of_two_feasts_on_one_day_one_is_greeted() -> None:
    both = dict(feasts_of(2031, EVERYBODY))

    assert both[Feast.MID_AUTUMN] == date(2031, 10, 1)
    assert Feast.NATIONAL_DAY not in both


def test_a_feast_of_few_gives_way_to_one_of_everybody() -> None:
    found = dict(feasts_of(2033, {**EVERYBODY, Feast.DOUBLE_NINTH: ["senior"]}))

    assert feast_day(Feast.DOUBLE_NINTH, 2033) == date(2033, 10, 1)
    assert Feast.DOUBLE_NINTH not in found
    assert found[Feast.NATIONAL_DAY] == date(2033, 10, 1)


@given(st.integers(FIRST_YEAR, LAST_YEAR))
def test_the_feasts_of_a_year_lie_in_it_and_on_days_of_their_own(year: int) -> None:
    days = [day for _, day in feasts_of(year, EVERYBODY)]

    assert len(set(days)) == len(days)
    assert {day.year for day in days} == {year}
    assert days == sorted(days)


@given(
    st.sampled_from(["Asia/Shanghai", "America/New_York", "Pacific/Honolulu", "Europe/London", "Pacific/Auckland"]),
    st.dates(date(2025, 1, 1), date(2050, 12, 31)),
)
def test_nobody_is_greeted_on_another_day_than_the_feast_where_he_lives(zone: str, day: date) -> None:
    due = instant(f"{day.isoformat()} 09:00")

    opens, closes = greeting_hours(day, HOURS, zone, due)

    assert opens >= due
    assert timedelta(0) < closes - opens <= timedelta(hours=2)
    assert local(opens, zone).date() == local(closes, zone).date() == day


def test_the_greeting_of_the_project_s_own_zone_is_over_at_eleven() -> None:
    due = instant("2026-09-25 09:00")

    assert greeting_hours(date(2026, 9, 25), HOURS, SHANGHAI, due) == (due, instant("2026-09-25 11:00"))
