"""The page of a million homes multiplies what was measured, and says what was not."""

import inspect
from collections import Counter

import pytest

from benchmarks import planning, rates, scaling
from benchmarks.scaling import Time, filled, of_a_million, retimed, table, times
from benchmarks.sizes import HOMES, MOVE, PLAN, WAKE, YEARS, Lives

PAGE = """
| what | measured | target |
|---|---|---|
| planning transaction, PostgreSQL, 37 items, nothing changed | 1.91 ms | ≤ 5 ms |
| planning transaction, PostgreSQL, 37 items, agenda written | 2.50 ms | ≤ 5 ms |
| journeys on PostgreSQL: starts until all wait on their timer | 100/s = 0.87 of bare | ≥ 0.75 |
| journeys on PostgreSQL: events told and judged | 50/s = 0.60 of bare | ≥ 0.5 |
"""


@pytest.fixture
def lives() -> Lives:
    """Every home: ten plans, ten wakes and one move a year, 1 MiB of rows."""
    each = round(10 * HOMES * YEARS)
    return Lives(
        events=Counter({PLAN: each, WAKE: each, MOVE: each // 10}),
        room={"entries": HOMES * 2**20}, rows={"entries": HOMES}, grown=2 * HOMES * 2**20,
    )  # fmt: skip


def rows(lives: Lives, page: str) -> dict[str, str]:
    return {name: value for name, value, _ in of_a_million(lives, lives, times(page))}


def test_times_come_from_the_page_of_benchmarks() -> None:
    assert times(PAGE) == {"plan": Time(2.5, True), "told": Time(50, True), "started": Time(100, True)}


def test_without_them_the_target_stands_in_or_nothing() -> None:
    assert times("") == {"plan": Time(5.0, False), "told": Time(None, False), "started": Time(None, False)}


def test_a_million_homes_are_a_multiplication(lives: Lives) -> None:
    found = rows(lives, PAGE)

    assert found["plans, mean"] == "0.3/s"
    assert found["plans, a day's work in one hour"] == "8/s"
    assert found["store after a life"] == "977 GiB–1953 GiB"
    assert found["a change that concerns everybody"] == "0.7 h"
    assert found["a million homes imported"] == "2.8 h"
    assert found["a fact told to each"] == "5.6 h"
    assert found["an outage of a day, then"] == "9 min"


def test_what_nobody_measured_is_not_made_up(lives: Lives) -> None:
    found = rows(lives, "")

    assert found["a million homes imported"] == "– (not measured yet)"
    assert all(time.source != "measured" for time in times("").values())


def test_the_figures_that_are_looked_for_are_those_that_benchmarks_write() -> None:
    written = inspect.getsource(planning) + inspect.getsource(rates)

    for words in ("agenda written", ": events told and judged", ": starts until"):
        assert words in written
        assert words in PAGE


def test_only_what_stands_between_its_marks_is_replaced() -> None:
    page = "before\n<!-- a home -->\nold\n<!-- /a home -->\nafter\n"

    assert filled(page, "a home", "new") == "before\n<!-- a home -->\nnew\n<!-- /a home -->\nafter\n"


def test_the_page_holds_both_tables() -> None:
    page = (scaling.DOCS / "scaling.md").read_text(encoding="utf-8")

    for mark, row in (("a home", "| store on PostgreSQL |"), ("a million", "| store after a life |")):
        assert row in page.partition(f"<!-- {mark} -->")[2].partition(f"<!-- /{mark} -->")[0]


def test_its_times_are_those_of_the_page_of_benchmarks() -> None:
    page, measured = ((scaling.DOCS / f"{name}.md").read_text(encoding="utf-8") for name in ("scaling", "benchmarks"))

    assert retimed(page, times(measured)) == page, "run: python -m benchmarks.scaling --times"


def test_times_are_taken_over_without_measuring_again(lives: Lives) -> None:
    old, new = (
        table(("a", "b", "c"), of_a_million(lives, lives, times(page)))
        for page in (PAGE, PAGE.replace("2.50 ms", "5.00 ms").replace("100/s", "40/s"))
    )

    taken = retimed(old, times(PAGE.replace("2.50 ms", "5.00 ms").replace("100/s", "40/s")))

    assert old != new
    assert taken == new
