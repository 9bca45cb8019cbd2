"""Parts of a text message: how many a phone receives, and how many are paid for (GSM 03.38, 03.40; C8).

A text of plain letters holds 160 characters alone and 153 in each part of a longer one; any other holds 70 and 67,
which Chinese providers count for every text, its sign name 签名 and opt-out words included.
"""

from collections.abc import Sequence
from typing import Final

PLAIN: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
ESCAPED: Final = frozenset("\f^{}\\[~]|€")  # each takes two places
_PLAIN_PARTS: Final = (160, 153)
_WIDE_PARTS: Final = (70, 67)
_HIGHEST_SINGLE: Final = "\uffff"  # what lies beyond takes two places of 16 bits


def segments(text: str, sign: str = "", *, always_wide: bool = False) -> int:
    """The parts of a text under a sign name; with `always_wide` plain letters count as Chinese ones do."""
    whole = signed(text, sign)
    plain = not always_wide and is_plain(whole)
    alone, part = _PLAIN_PARTS if plain else _WIDE_PARTS
    widths = [_width(character, plain) for character in whole]
    return 1 if sum(widths) <= alone else _parts(widths, part)


def signed(text: str, sign: str) -> str:
    """The text as it arrives: 【sign】 stands before it, once."""
    mark = f"【{sign}】"
    return text if not sign or text.startswith(mark) else mark + text


def length(text: str) -> int:
    """Places that a text takes: a plain text's brace takes two, so does an emoji."""
    plain = is_plain(text)
    return sum(_width(character, plain) for character in text)


def is_plain(text: str) -> bool:
    """Whether seven bits a character are enough."""
    return all(character in PLAIN or character in ESCAPED for character in text)


def _width(character: str, plain: bool) -> int:
    return 2 if (character in ESCAPED if plain else character > _HIGHEST_SINGLE) else 1


def _parts(widths: Sequence[int], part: int) -> int:
    """How many parts hold them in their order: a character of two places is never divided."""
    count, filled = 1, 0
    for width in widths:
        if filled + width > part:
            count, filled = count + 1, 0
        filled += width
    return count
