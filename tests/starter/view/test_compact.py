"""What the page is given of a lives document."""

import pytest

from journey.domain.entries import State
from journey.domain.items import key_of
from journey.domain.reasons import TEXTS, Reason, spoken
from journey.domain.telling import CHANNELS, occurrence_words
from starter.view.compact import compact
from starter.view.words import GROUP_OF, GROUPS, PAGE, VERDICTS
from tests.starter.view.documents import document, entry, life


def test_instants_are_on_the_clocks_of_the_project() -> None:
    found = compact(document(life(entry())))

    day = 20_495  # 2026-02-11 since 1970
    assert found["lives"][0]["e"][0]["a"] == day * 1440 + 10 * 60


def test_what_happened_stands_where_it_happened_and_what_has_not_at_its_due() -> None:
    done, ahead = entry(), entry(key=key_of("signing.filing", "epi_1", "once"), outcome="planned", at=None)

    found = compact(document(life(done, ahead)))["lives"][0]["e"]

    assert [(one["t"] == one["d"]) for one in found] == [False, True]


def test_what_is_expected_not_to_go_is_told_apart_from_what_lies_ahead() -> None:
    planned = entry(outcome="planned", expected="planned@2026-06-01T09:00:00+08:00", at=None)
    kept = planned | {"outlook": "suppressed", "why": Reason("no-consent", {"purpose": "care"}).document()}

    found = compact(document(life(planned, kept)))

    going, staying = found["lives"][0]["e"]
    assert (going["g"], staying["g"]) == ("ahead", "quiet")
    assert found["texts"][staying["w"][0]] == ("未获关怀授权", "no consent for care")


def test_homes_are_in_the_order_of_their_numbers() -> None:
    lives = [life(unit=unit) for unit in ("3-1-10", "3-1-2", None, "12-1-1")]

    assert [one["u"] for one in compact(document(*lives))["lives"]] == ["3-1-2", "3-1-10", "12-1-1", "jrn_1"]


def test_a_text_is_kept_once_however_often_it_is_said() -> None:
    many = [entry(key=key_of("signing.service-callback", f"epi_{number}", "once")) for number in range(50)]

    found = compact(document(life(*many)))

    assert len(found["lives"][0]["e"]) == 50
    assert len(found["texts"]) == len({tuple(words) for words in found["texts"]})


@pytest.mark.parametrize("code", sorted(TEXTS))
def test_every_reason_is_told_in_both_languages(code: str) -> None:
    reason = Reason(code, {"was": "2026-05-01", "until": "2026-05-02"}).document()

    found = compact(document(life(entry(why=reason))))

    zh, en = found["texts"][found["lives"][0]["e"][0]["w"][0]]
    assert zh
    assert en
    assert zh != en
    assert zh != code


def test_every_state_has_a_colour_and_a_word_in_both_languages() -> None:
    for state in (*State, "planned"):
        assert GROUP_OF[state] in GROUPS
        assert spoken(state, "zh") != spoken(state, "en")


@pytest.mark.parametrize("words", [PAGE, GROUPS, CHANNELS, VERDICTS], ids=["page", "groups", "channels", "verdicts"])
def test_the_page_says_everything_in_both_languages(words: dict[str, tuple[str, str]]) -> None:
    assert all(zh and en and zh != en for zh, en in words.values() if zh != "—")


@pytest.mark.parametrize(
    ("occurrence", "zh", "en"),
    [
        ("once", "", ""),
        ("wet-room/m-2", "卫生间防渗漏 · 前 2 个月", "Wet rooms · 2 mo before"),
        ("d30", "第 30 天", "30 d"),
        ("2027-05", "2027-05", "2027-05"),
        ("psn_da7cf1b0e4e695f932cb", "", ""),
        ("once~evt_1", "", ""),
        (None, "", ""),
    ],
)
def test_an_occurrence_is_told_without_its_ids(occurrence: str | None, zh: str, en: str) -> None:
    assert occurrence_words(occurrence) == (zh, en)


def test_a_fact_told_late_stands_on_its_own_day() -> None:
    late = life()["facts"][0] | {"on": "2025-12-01"}

    fact = compact(document(life(facts=[late])))["lives"][0]["f"][0]

    assert fact["t"] < fact["a"] - 60 * 1440


def test_an_overdue_task_is_counted_as_late() -> None:
    running = entry(outcome="open", expected="escalated@2026-02-17T18:00:00+08:00")

    assert compact(document(life(running)))["lives"][0]["e"][0]["g"] == "late"


@pytest.mark.parametrize(("reason", "group"), [("before-go-live", "quiet"), ("window-closed", "wrong")])
def test_history_from_before_the_start_is_no_failure_of_anybody(reason: str, group: str) -> None:
    missed = entry(outcome="missed", expected="missed", reason=reason, why={"code": reason, "params": {}})

    assert compact(document(life(missed)))["lives"][0]["e"][0]["g"] == group
