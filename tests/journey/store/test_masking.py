"""Masked names and addresses."""

import pytest

from journey.store.masking import masked_address, masked_name


@pytest.mark.parametrize(
    ("name", "masked"),
    [("张伟", "张*"), ("欧阳娜娜", "欧***"), ("John Smith", "J***"), ("王", "王*"), ("", ""), (None, None)],
)
def test_a_name_shows_its_first_character(name: str | None, masked: str | None) -> None:
    assert masked_name(name) == masked


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("+8613800138000", "+86138****8000"),
        ("zhang@example.com", "z***@example.com"),
        ("13800138000", "138****8000"),
        ("+861010", "****10"),
        ("oABCDEFGHIJKLMNOPQRSTUVWXY12", "oA****12"),  # an openid
        ("12345678901234567890", "12****90"),  # longer than any number
        ("zhangwei", "****ei"),
        ("wm-7", "****"),
        ("x", "****"),
        ("", ""),
        (None, None),
    ],
)
def test_an_address_shows_what_is_needed_to_recognise_it(address: str | None, masked: str | None) -> None:
    assert masked_address(address) == masked
