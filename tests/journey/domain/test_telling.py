"""Lines of a timeline in words."""

from typing import Any

import pytest

from journey.domain.entries import State
from journey.domain.telling import sentence, title


@pytest.mark.parametrize(
    ("code", "params", "about", "chinese", "english"),
    [
        (
            "event.contract.signed",
            {
                "type": "contract.signed",
                "verdict": "refused",
                "reason": {"code": "second-signing", "params": {"on": "1"}},
            },
            None,
            "签约:已拒绝;已于 1 登记",
            "Contract signed: refused; registered on 1 already",
        ),
        ("entry.held", {"reason": "no-address"}, "x", "x:暂缓;没有可用联系方式", "x: held; no address to send to"),
        ("message.sent", {}, None, "已发送", "sent"),
        ("something.new", {}, None, "something.new", "something.new"),
        ("event.of.tomorrow", {}, None, "of.tomorrow", "of.tomorrow"),
    ],
)
def test_a_line_says_what_happened_and_why(
    code: str, params: dict[str, Any], about: str | None, chinese: str, english: str
) -> None:
    assert sentence(code, params, about, "zh") == chinese
    assert sentence(code, params, about, "en").lower() == english.lower()


@pytest.mark.parametrize("state", list(State))
def test_every_state_of_an_entry_has_words(state: State) -> None:
    assert sentence(f"entry.{state}", {}, None, "zh") != f"entry.{state}"
    assert sentence(f"entry.{state}", {}, None, "en") != f"entry.{state}"


def test_titles_are_known_without_importing_the_stages_first() -> None:
    assert title("signing.service-callback", "zh") == "签约服务回访"
