"""Reasons in words: nothing of the other language stands in a sentence."""

from string import Formatter

import pytest

from journey.domain.answer_reasons import ANSWER_TEXTS
from journey.domain.item_reasons import ITEM_TEXTS
from journey.domain.reasons import TEXTS, Reason, wording
from journey.domain.sendings import worded


@pytest.mark.parametrize(
    ("reason", "zh", "en"),
    [
        (
            Reason("not-delivered", {"channel": "sms", "code": "E1"}),
            "短信 未送达(E1)",
            "it did not arrive by SMS (E1)",
        ),
        (Reason("wrong-person", {"channel": "wechat"}), "微信 收件人并非业主本人", "a stranger answered by WeChat"),
        (
            Reason("broadcast-state", {"state": "draft", "order": "resume"}),
            "群发现为「待批准」,不能继续",
            "the broadcast is draft: it cannot be ordered to resume",
        ),
        (
            Reason("broadcast-state", {"state": "melting", "order": "stir"}),
            "群发现为「melting」,不能stir",
            "the broadcast is melting: it cannot be ordered to stir",
        ),
    ],
)
def test_a_channel_and_a_state_are_named_in_the_language_of_the_sentence(reason: Reason, zh: str, en: str) -> None:
    assert (reason.text("zh"), reason.text("en")) == (zh, en)


@pytest.mark.parametrize(("lang", "words", "never"), [("zh", "可以发出", "已发送"), ("en", "it may go", "sent (")])
def test_a_decision_to_send_does_not_say_that_it_was_sent(lang: str, words: str, never: str) -> None:
    record = {"at": "2026-06-01T00:00:00+00:00", "class": "contract", "outcome": "sent", "pack": "5f0c", "zone": "UTC"}

    first = worded(record, lang)[0]

    assert words in first
    assert never not in first


def test_no_code_has_two_sentences() -> None:
    assert not ITEM_TEXTS.keys() & ANSWER_TEXTS.keys()


# -- instants in sentences

UTC_INSTANT, LOCAL_INSTANT = "2026-03-05T01:30:00+00:00", "2026-03-04T20:30:00-05:00"


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kept", [UTC_INSTANT, LOCAL_INSTANT, "2026-03-05T01:30:00Z", "2026-03-05T01:30:00.5+00:00"])
def test_an_instant_is_told_on_the_clocks_of_the_project(lang: str, kept: str) -> None:
    said = wording("quiet-hours", {"until": kept}, lang, "Asia/Shanghai")

    assert "2026-03-05 09:30" in said


def test_days_and_whatever_else_is_kept_are_told_as_they_are() -> None:
    said = wording("raised", {"level": "L1", "why": "2026-03-05"}, "en", "Asia/Shanghai")

    assert said == "raised to L1: 2026-03-05"


def test_hours_of_the_place_where_somebody_lives_are_told_on_his_clocks() -> None:
    said = wording("not-yet", {"until": LOCAL_INSTANT}, "en", "Asia/Shanghai")

    assert said == "begins at 2026-03-04 20:30 where the person lives"


@pytest.mark.parametrize("code", sorted(TEXTS))
def test_no_sentence_shows_an_instant_of_another_clock(code: str) -> None:
    names = [name for _, name, _, _ in Formatter().parse(TEXTS[code][1]) if name]

    said = [wording(code, dict.fromkeys(names, UTC_INSTANT), lang, "Asia/Shanghai") for lang in ("zh", "en")]

    assert not any("+00:00" in each for each in said)


def test_what_is_named_and_not_known_is_called_in_the_readers_language() -> None:
    reason = Reason("unknown-reference", {"kind": "open_day"})

    assert reason.text("zh") == "提到的开放日尚不存在"
    assert reason.text("en") == "names an unknown open day"
