"""What differs between two packs, in words."""

import pytest

from journey.domain.overlays import set_path
from journey.domain.pack_words import differences, named, numbers_under
from tests.packs import built_in


def changed(path: str, value: object) -> list[tuple[str, str]]:
    after = built_in().document
    set_path(after, path, value)
    return [(each.text("zh"), each.text("en")) for each in differences(built_in().document, after)]


@pytest.mark.parametrize(
    ("path", "value", "zh", "en"),
    [
        ("signing.filing.within", "20d", "合同备案 期限:30 天 → 20 天", "filing due within: 30 days → 20 days"),
        ("signing.filing.warn", "-1d", "合同备案 预警:之前 7 天 → 之前 1 天",
         "filing warned: 7 days before → 1 day before"),
        (
            "warranty.components.roof-waterproof.owner", "8y", "屋面防水 业主保修期:5 年 → 8 年",
            "Roof waterproofing owner's term: 5 years → 8 years",
        ),
        ("warranty.components.insulation.owner", "10y", "保温工程 业主保修期:无 → 10 年",
         "Insulation owner's term: none → 10 years"),
        ("messages.cap_per_month", 3, "messages 每月上限:4 → 3", "messages cap a month: 4 → 3"),
        (
            "warranty.notices", ["-3mo", "-7d"],
            "warranty 到期提醒:之前 2 个月、之前 30 天、之前 7 天 → 之前 3 个月、之前 7 天",
            "warranty expiry notices: -2mo, -30d, -7d → -3mo, -7d",
        ),
    ],
)  # fmt: skip
def test_a_changed_number_is_told_in_both_languages(path: str, value: object, zh: str, en: str) -> None:
    assert changed(path, value) == [(zh, en)]


def test_changed_words_of_a_message_are_named_by_rule_and_language() -> None:
    before, after = built_in().document, built_in().document
    after["templates"]["zh"]["signing.keeper-welcome"] = "您好"

    (found,) = differences(before, after)

    assert found.path == "templates.zh.signing.keeper-welcome"
    assert named(found.path, "en") == "keeper welcome words (zh)"


def test_two_packs_that_say_the_same_differ_in_nothing() -> None:
    assert differences(built_in().document, built_in().document) == []


def test_a_number_that_only_one_of_them_has_is_told_too() -> None:
    before = built_in().document
    del before["time"]["settle"]

    assert [(each.was, each.now) for each in differences(before, built_in().document)] == [(None, "10min")]


def test_numbers_are_found_by_a_path_or_the_beginning_of_one() -> None:
    document = built_in().document

    assert numbers_under(document, "signing.filing.within") == {"signing.filing.within": "30d"}
    assert set(numbers_under(document, "signing.filing")) == {
        f"signing.filing.{name}" for name in ("within", "warn", "escalate", "window", "attempts")
    }
    assert numbers_under(document, "signing.fil") == {}
