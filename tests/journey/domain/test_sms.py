"""Parts of a text message: the limits of GSM 03.38 and UCS-2, each from both sides."""

import pytest

from journey.domain.sms import length, segments


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1), ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3),
        ("好" * 70, 1), ("好" * 71, 2), ("好" * 134, 2), ("好" * 135, 3),
        ("😀" * 35, 1), ("😀" * 36, 2), ("€" * 80, 1), ("€" * 81, 2), ("a" * 69 + "好", 1), ("a" * 70 + "好", 2),
    ],
)  # fmt: skip
def test_a_text_takes_so_many_parts(text: str, parts: int) -> None:
    assert segments(text) == parts


def test_the_sign_name_counts_unless_the_text_bears_one() -> None:
    assert segments("好" * 66, "香年") == 1
    assert segments("好" * 67, "香年") == 2
    assert segments("【香年】" + "好" * 66, "香年") == 1


def test_an_emoji_and_an_escaped_character_count_twice() -> None:
    assert (length("好😀"), length("a€")) == (3, 3)
