"""The law's least: a pack may promise more, never less; local law that allows less is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.domain.floors import FLOORS, Bound, Floor, breaches
from journey.domain.overlays import OverlayError, locate, set_path
from journey.domain.periods import Period
from tests.packs import built_in

ROOF = "warranty.components.roof-waterproof.owner"


def found(path: str, value: object, **allowed: str) -> list[str]:
    document = built_in().document
    set_path(document, path, value)
    return [each.floor.path for each in breaches(document, allowed)]


def test_the_built_in_pack_keeps_every_one() -> None:
    assert list(breaches(built_in().document, {})) == []


def test_every_line_of_the_table_has_its_article_and_its_place_in_the_pack() -> None:
    document = built_in().document
    missing = []
    for floor in FLOORS["cn"]:
        assert floor.article.startswith(("L✔ ", "L○ ", "L◇ "))
        try:
            locate(document, floor.path)
        except OverlayError:
            missing.append(floor.path)

    assert [path for path in missing if path.split(".")[0] in document] == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (ROOF, "4y"), (ROOF, "59mo"), (ROOF, "1825d"), (ROOF, None), (ROOF + "_from", "completion"),
        ("warranty.components.plumbing.contractor", "1y"), ("warranty.components.heating-cooling.seasons", 1),
        ("signing.filing.within", "31d"), ("signing.filing.within", "25wd"), ("handover.title.within", "3mo"),
        ("handover.formal_notice.within", "-9d"), ("handover.formal_notice_latest", "-5d"),
        ("handover.fund_check.within", "1d"), ("handover.late.lapses", "11mo"),
        ("handover.late.rescission.within", "4mo"), ("fit_out.report_breach.within", "72h"),
        ("fit_out.report_breach.within", "25h"), ("fit_out.work_hours", [["06:00", "23:00"]]),
        ("fit_out.work_hours", [["08:00", "12:00"], ["13:30", "18:00"]]), ("fit_out.work_hours", [["08:00", "18:00"]]),
        ("fit_out.work_hours", "all day"), ("fit_out.work_hours", [["late"]]),
    ],
)  # fmt: skip
def test_a_number_that_gives_owners_less_is_named(path: str, value: object) -> None:
    assert found(path, value) == [path]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (ROOF, "8y"), (ROOF, "60mo"), (ROOF, "1830d"), ("signing.filing.within", "20d"),
        ("signing.filing.within", "10wd"), ("handover.title.within", "2mo"), ("handover.formal_notice.within", "-1mo"),
        ("warranty.components.heating-cooling.seasons", 3), ("fit_out.report_breach.within", "12h"),
        ("fit_out.report_breach.within", "1d"), ("fit_out.work_hours", [["09:00", "12:00"], ["14:00", "17:30"]]),
    ],
)  # fmt: skip
def test_a_number_that_gives_owners_as_much_or_more_is_none(path: str, value: object) -> None:
    assert found(path, value) == []


def test_what_local_law_allows_is_allowed_for_that_number_only() -> None:
    document = built_in().document
    set_path(document, ROOF, "3y")
    set_path(document, "warranty.components.lift.owner", "1y")

    assert [each.floor.path for each in breaches(document, {ROOF: "某条例 9"})] == ["warranty.components.lift.owner"]


def test_a_pack_of_another_country_is_not_measured_by_the_law_of_china() -> None:
    document = built_in().document
    set_path(document, ROOF, "1y")

    assert list(breaches({**document, "country": "gb"}, {})) == []


def test_a_breach_says_by_how_much_and_by_which_article_in_both_languages() -> None:
    floor = Floor(ROOF, Bound.LEAST, "5y", "L✔ 质量条例40")

    assert floor.text("3y", "zh") == "3y 短于法定 5y(L✔ 质量条例40)"
    assert floor.text("3y", "en") == "3y is less than the 5y of the law (L✔ 质量条例40)"


def test_hours_beyond_the_laws_are_named_in_both_languages() -> None:
    floor = next(each for each in FLOORS["cn"] if each.path == "fit_out.work_hours")

    zh, en = (floor.text([["06:00", "23:00"]], lang) for lang in ("zh", "en"))

    assert zh == "06:00-23:00 超出 08:00-12:00, 14:00-18:00(L✔ 噪声法66)"
    assert en == "06:00-23:00 reaches beyond 08:00-12:00, 14:00-18:00 (L✔ 噪声法66)"


@given(st.integers(0, 4000), st.integers(0, 4000))
def test_days_are_compared_as_they_are_and_both_bounds_are_opposites(given_days: int, limit: int) -> None:
    least, most = (Floor("x", bound, f"{limit}d", "") for bound in (Bound.LEAST, Bound.MOST))

    assert least.kept_by(f"{given_days}d") == (given_days >= limit)
    assert most.kept_by(f"{given_days}d") == (given_days <= limit)


@given(st.integers(1, 240), st.sampled_from(["y", "mo", "d"]))
def test_every_length_keeps_itself(amount: int, unit: str) -> None:
    text = str(Period.parse(f"{amount}{unit}"))

    assert all(Floor("x", bound, text, "").kept_by(text) for bound in (Bound.LEAST, Bound.MOST))
