"""The calendars that an installation loads."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from journey.adapters.calendars import load_calendar, propose
from journey.domain.calendar import (
    WorkCalendar,
    add,
    contact_day,
    first_working_day_after_no_call,
    internal_target,
    legal_deadline,
)
from journey.domain.periods import Period

FILES = Path(__file__).parents[3] / "policies" / "calendars"
GOOD = "country: cn\nyear: 2026\noff:\n  2026-01-01: 元旦\nwork:\n  - 2026-01-04\nno_call: []\n"


@pytest.fixture(scope="module")
def china() -> WorkCalendar:
    return load_calendar("cn", FILES)


def write(folder: Path, text: str, name: str = "cn-2026.yaml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("year", ["2025", "2026"])
def test_our_files_hold_the_same_days_as_the_library(year: str, tmp_path: Path, china: WorkCalendar) -> None:
    library = load_calendar("cn", tmp_path)

    assert china.to_document()["years"][year] == library.to_document()["years"][year]
    assert china.no_call == library.no_call


@pytest.mark.parametrize(("year", "off", "worked"), [(2025, 28, 5), (2026, 33, 6)])
def test_the_published_years_have_their_days(year: int, off: int, worked: int, china: WorkCalendar) -> None:
    assert sum(day.year == year for day in china.off) == off
    assert sum(day.year == year for day in china.work) == worked
    assert all(day.weekday() in (5, 6) for day in china.work)


def test_years_after_the_last_file_are_provisional(china: WorkCalendar) -> None:
    assert not china.is_provisional(date(2015, 1, 1))
    assert not china.is_provisional(date(2026, 12, 31))
    assert china.is_provisional(date(2027, 1, 1))
    assert china.is_holiday(date(2027, 10, 1))
    assert china.is_provisional(date(2051, 1, 1))


def test_earlier_years_come_with_their_made_up_days(china: WorkCalendar) -> None:
    assert china.is_working(date(2024, 2, 4))
    assert china.off[date(2024, 2, 12)] == "春节"
    assert china.off[date(2020, 10, 1)] == "中秋节、国庆节"


@pytest.mark.parametrize("year", range(2010, 2051))
def test_nobody_is_called_from_new_years_eve_to_the_third_day(year: int, china: WorkCalendar) -> None:
    days = sorted(day for day in china.no_call if day.year == year)

    assert days == [days[0] + timedelta(days=n) for n in range(4)]
    assert all(china.is_holiday(day) for day in days[1:])


def test_a_contact_in_the_spring_festival_of_2026_is_pulled_to_the_made_up_saturday(china: WorkCalendar) -> None:
    due = add(date(2026, 2, 11), Period.parse("7d"), china)

    assert due == date(2026, 2, 18)
    assert contact_day(due, china) == date(2026, 2, 14)
    assert first_working_day_after_no_call(due, china) == date(2026, 2, 24)


@pytest.mark.parametrize(
    ("start", "period", "last", "legal", "internal"),
    [
        (date(2025, 3, 20), "30d", date(2025, 4, 19), date(2025, 4, 21), date(2025, 4, 18)),
        (date(2026, 6, 27), "90d", date(2026, 9, 25), date(2026, 9, 28), date(2026, 9, 24)),
        (date(2026, 8, 21), "30d", date(2026, 9, 20), date(2026, 9, 20), date(2026, 9, 20)),
        (date(2026, 9, 10), "30d", date(2026, 10, 10), date(2026, 10, 10), date(2026, 10, 10)),
        (date(2025, 1, 31), "1mo", date(2025, 2, 28), date(2025, 2, 28), date(2025, 2, 28)),
        (date(2026, 2, 28), "2y", date(2028, 2, 28), date(2028, 2, 28), date(2028, 2, 28)),
        (date(2028, 2, 29), "5y", date(2033, 2, 28), date(2033, 2, 28), date(2033, 2, 28)),
    ],
)
def test_a_statutory_period_has_its_last_day_its_legal_end_and_our_target(
    start: date, period: str, last: date, legal: date, internal: date, china: WorkCalendar
) -> None:
    assert add(start, Period.parse(period), china) == last
    assert legal_deadline(last, china) == legal
    assert internal_target(last, china) == internal


def test_the_monthly_survey_is_due_on_the_fifth_working_day(china: WorkCalendar) -> None:
    assert china.add_working_days(date(2025, 3, 31), 5) == date(2025, 4, 8)
    assert china.add_working_days(date(2026, 6, 30), 5) == date(2026, 7, 7)


def test_a_claim_of_ten_working_days_ends_as_the_contract_counts(china: WorkCalendar) -> None:
    assert add(date(2026, 9, 3), Period.parse("10wd"), china) == date(2026, 9, 17)


@pytest.mark.parametrize(
    ("country", "holiday"),
    [
        ("gb", date(2026, 4, 6)),
        ("us", date(2026, 11, 26)),
        ("ae", date(2026, 12, 2)),
        ("sg", date(2026, 8, 10)),
    ],
)
def test_other_countries_follow_the_library_and_are_not_provisional(country: str, holiday: date) -> None:
    calendar = load_calendar(country, FILES)

    assert calendar.is_holiday(holiday)
    assert calendar.is_rest(date(2026, 7, 11))
    assert not calendar.is_provisional(date(2040, 1, 1))
    assert not calendar.no_call


def test_the_test_calendar_has_no_rest_days_and_is_never_provisional() -> None:
    calendar = load_calendar("none", FILES)

    assert calendar.is_working(date(2026, 10, 3))
    assert not calendar.is_provisional(date(2099, 1, 1))


def test_an_unknown_country_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="'xx': known are ae, cn, gb, sg, us and none"):
        load_calendar("xx", FILES)


def test_a_file_wins_over_the_library(tmp_path: Path) -> None:
    calendar = load_calendar("cn", write(tmp_path, GOOD))

    assert calendar.is_working(date(2026, 10, 1))
    assert calendar.is_working(date(2026, 1, 4))
    assert not any(day.year == 2026 for day in calendar.no_call)


def test_a_chinese_file_without_no_call_days_gets_them_from_the_moon(tmp_path: Path) -> None:
    calendar = load_calendar("cn", write(tmp_path, GOOD.replace("no_call: []\n", "")))

    assert calendar.is_no_call(date(2026, 2, 16))


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("2026-01-01: 元旦", "2026-13-01: 元旦", r"cn-2026\.yaml:4: '2026-13-01' is no date"),
        ("2026-01-01: 元旦", "2027-01-01: 元旦", r"cn-2026\.yaml:4: 2027-01-01 does not lie in 2026"),
        ("2026-01-01: 元旦", "2026-01-01:", r"cn-2026\.yaml:4: 2026-01-01 needs the name"),
        ("  - 2026-01-04", "  - soon", r"cn-2026\.yaml:6: 'soon' is no date"),
        ("  - 2026-01-04", "  - 2026-01-01", r"cn-2026\.yaml:5: 2026-01-01 is both off and worked"),
        ("work:\n  - 2026-01-04", "work: none", r"cn-2026\.yaml:5: work is a list"),
        ("country: cn", "country: gb", r"cn-2026\.yaml:1: country is 'gb'"),
        ("year: 2026", "year: 2025", r"cn-2026\.yaml:2: year is 2025"),
        ("no_call: []", "closed: []", r"cn-2026\.yaml:7: unknown key 'closed'"),
        ("no_call: []", "provisional: maybe", r"cn-2026\.yaml:7: provisional is true or false"),
        ("  2026-01-01: 元旦", "  2026-01-01: a\n  2026-01-01: b", r"cn-2026\.yaml:5: .*duplicate key"),
        ("元旦", "\x07", r"cn-2026\.yaml:1: "),
        (GOOD, "- 1\n", r"cn-2026\.yaml:1: expected a mapping"),
    ],
)
def test_a_bad_file_is_refused_with_its_name_and_line(old: str, new: str, problem: str, tmp_path: Path) -> None:
    folder = write(tmp_path, GOOD.replace(old, new))

    with pytest.raises(ValueError, match=problem):
        load_calendar("cn", folder)


@pytest.mark.parametrize(("country", "year"), [("cn", 2027), ("cn", 2026), ("gb", 2027), ("ae", 2027)])
def test_a_proposal_loads_again_as_a_provisional_year(country: str, year: int, tmp_path: Path) -> None:
    from_library = load_calendar(country, tmp_path).to_document()["years"][str(year)]

    calendar = load_calendar(country, write(tmp_path, propose(country, year), f"{country}-{year}.yaml"))

    assert calendar.to_document()["years"][str(year)] == {**from_library, "provisional": True}
    assert calendar.is_provisional(date(year, 6, 1))
