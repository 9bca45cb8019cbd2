"""Codes in tables: Chinese for whoever reads Chinese, the codes themselves in English."""

import pytest

from journey.domain.broadcasts import BroadcastState
from journey.domain.entries import State, outcome
from journey.domain.labels import WORDS, in_words
from journey.domain.receipts import SHOWN
from journey.domain.values import ItemKind, JourneyStatus, MessageClass, Role, Stage

CLOSED = [
    ("stage", [one.value for one in Stage]), ("status", [one.value for one in JourneyStatus]),
    ("role", [one.value for one in Role]), ("kind", [one.value for one in ItemKind]),
    ("class", [one.value for one in MessageClass]), ("state", [*State, *BroadcastState, *SHOWN]),
    ("outcome", [outcome(one) for one in (None, *State)]),
]  # fmt: skip


@pytest.mark.parametrize(("column", "codes"), CLOSED)
def test_every_code_that_a_list_may_show_has_chinese_words(column: str, codes: list[str]) -> None:
    assert [code for code in codes if in_words(column, str(code), "zh") == str(code)] == []


def test_codes_stay_codes_in_english_and_what_nobody_knows_stays_as_it_is() -> None:
    assert in_words("state", "held", "en") == "held"
    assert in_words("state", "of-another-build", "zh") == "of-another-build"
    assert in_words("unit", "open", "zh") == "open"
    assert in_words("state", None, "zh") is None
    assert "unit" not in WORDS
