"""Parts of text messages: what a phone receives and a provider counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.domain.sms import ESCAPED, PLAIN, segments, signed

PLAIN_TEXTS = st.text(alphabet=sorted(PLAIN | ESCAPED), max_size=700)
TEXTS = st.text(max_size=400)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("字" * 70, 1),
        ("字" * 71, 2),
        ("字" * 134, 2),
        ("字" * 135, 3),
        ("a" * 69 + "字", 1),
        ("a" * 70 + "字", 2),  # one Chinese character makes the whole text wide
        ("€" * 80, 1),  # two places each
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 152, 3),  # none is divided: it opens the second part, and the last letter a third
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("字" * 66 + "😀" + "字" * 66, 3),
    ],
)
def test_a_text_has_as_many_parts_as_a_phone_receives(text: str, parts: int) -> None:
    assert segments(text) == parts


def test_a_sign_name_and_its_brackets_count() -> None:
    assert segments("字" * 66, "香年") == 1
    assert segments("字" * 67, "香年") == 2
    assert signed("您好", "香年") == "【香年】您好"


def test_a_text_that_bears_its_sign_already_bears_it_once() -> None:
    assert segments("【香年】" + "字" * 66, "香年") == 1
    assert signed("【香年】您好", "香年") == "【香年】您好"


def test_chinese_providers_count_plain_letters_as_any_other() -> None:
    assert segments("a" * 71) == 1
    assert segments("a" * 71, always_wide=True) == 2


@given(PLAIN_TEXTS)
def test_plain_letters_never_take_more_parts_than_wide_ones(text: str) -> None:
    assert segments(text) <= segments(text, always_wide=True)


@given(TEXTS, TEXTS)
def test_more_text_never_takes_fewer_parts(text: str, more: str) -> None:
    assert segments(text) <= segments(text + more)


@given(TEXTS)
def test_the_parts_carry_the_text_and_one_fewer_would_not(text: str) -> None:
    parts = segments(text, always_wide=True)
    places = len(text.encode("utf-16-le", "surrogatepass")) // 2

    assert places <= (70 if parts == 1 else 67 * parts)
    # Each part but the last may leave one place empty before a character of two.
    assert parts == 1 or places > max(70, 66 * (parts - 1))


@given(TEXTS, st.text(alphabet="香年里公馆", min_size=1, max_size=8))
def test_a_sign_never_makes_a_text_shorter(text: str, sign: str) -> None:
    assert segments(text, sign) >= segments(text, always_wide=True)
