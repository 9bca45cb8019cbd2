"""The way out of marketing, in every marketing text and in no other."""

import pytest

from journey.adapters.wiring import CHANNELS
from journey.domain.opting_out import opt_out, with_opt_out


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_marketing_text_ends_with_the_words_once(channel: str, language: str) -> None:
    once = with_opt_out("新品开盘 ", message_class="marketing", channel=channel, language=language)
    twice = with_opt_out(once, message_class="marketing", channel=channel, language=language)

    assert once.startswith("新品开盘")
    assert once.endswith(opt_out(channel, language))
    assert once == twice


@pytest.mark.parametrize("message_class", ["contract", "care", "internal", "emergency", ""])
def test_any_other_text_stays_as_it_is(message_class: str) -> None:
    assert with_opt_out("交付提醒", message_class=message_class, channel="sms", language="zh") == "交付提醒"


def test_a_text_message_says_it_as_carriers_want_it() -> None:
    said = with_opt_out("【香年】新品开盘", message_class="marketing", channel="sms", language="zh")

    assert said == "【香年】新品开盘 拒收请回复R"
