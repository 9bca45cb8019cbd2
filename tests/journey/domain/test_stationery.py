"""What paper is made of: references that catch slips, addresses with their postcode, titles and paragraphs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.domain.references import ALPHABET, LENGTH, read_reference, shown_reference, with_check
from journey.domain.stationery import dialled, read_text, split_postcode

DRAWN = st.text(ALPHABET, min_size=LENGTH - 1, max_size=LENGTH - 1)


@given(DRAWN, st.sampled_from([str.lower, str.upper, lambda text: text.replace("-", " ")]))
def test_a_reference_is_read_as_anybody_may_write_it(drawn: str, write: object) -> None:
    reference = with_check(drawn)

    assert read_reference(write(shown_reference(reference))) == reference  # type: ignore[operator]


@given(DRAWN, st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_caught(drawn: str, place: int, other: str) -> None:
    reference = with_check(drawn)
    slip = reference[:place] + other + reference[place + 1 :]

    assert read_reference(slip) == (reference if slip == reference else None)


@pytest.mark.parametrize("text", ["", "7K3Q9", "7K3Q9-M2X4T7", "7K3Q9-M2X4!", "张伟"])
def test_what_cannot_be_a_reference_is_none(text: str) -> None:
    assert read_reference(text) is None


def test_letters_that_look_like_digits_are_read_as_these() -> None:
    reference = with_check("101010101")

    assert read_reference(shown_reference(reference).replace("1", "I").replace("0", "O")) == reference


@pytest.mark.parametrize(
    ("address", "postcode", "street"),
    [
        ("610000 四川省成都市春熙路1号", "610000", "四川省成都市春熙路1号"),
        ("四川省成都市春熙路1号 610000", "610000", "四川省成都市春熙路1号"),
        ("四川省成都市春熙路1号\uff0c610000", "610000", "四川省成都市春熙路1号"),
        ("1 Orchard Road, Singapore 238801", "238801", "1 Orchard Road, Singapore"),
        ("成都市春熙路123456号", None, "成都市春熙路123456号"),
        ("成都市春熙路1号", None, "成都市春熙路1号"),
    ],
)
def test_a_postcode_stands_at_an_end_of_an_address(address: str, postcode: str | None, street: str) -> None:
    assert split_postcode(address) == (postcode, street)


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("+8613800138000", "13800138000"), ("+442079460000", "00442079460000"), ("400-000", "400-000"), (None, None)],
)
def test_a_number_is_written_as_it_is_dialled(phone: str | None, shown: str | None) -> None:
    assert dialled(phone) == shown


def test_the_first_line_of_a_text_is_its_title_and_empty_lines_part_paragraphs() -> None:
    assert read_text("交付通知书\n\n尊敬的张伟:\n\n一行\n  又一行\n \n\n末段\n") == (
        "交付通知书", ["尊敬的张伟:", "一行 又一行", "末段"],
    )  # fmt: skip
