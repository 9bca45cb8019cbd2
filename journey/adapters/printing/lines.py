"""Lines of a paragraph: Chinese breaks between any two characters but beside some marks, other words between words."""

from collections.abc import Iterator, Sequence
from typing import Final

from journey.adapters.printing.fonts import Typeface

# The usual rules of Chinese setting: what begins no line, and what ends none. Full-width twins of ASCII as escapes.
_NO_START: Final = frozenset("\uff0c\uff1b\uff1a\uff1f\uff01\uff09\uff05。、》〉」』】〕…—·%‰℃”’.,;:?!)]}%")
_NO_END: Final = frozenset("\uff08《〈「『【〔“‘([{¥$#")
_FIRST_WIDE: Final = 0x2E80


def lines_of(text: str, face: Typeface, size: float, width: float, indent: float = 0.0) -> Sequence[str]:
    """The lines of a paragraph within a width; the first one is shorter by the indent."""
    lines: list[str] = []
    line, room = "", width - indent
    for piece in _pieces(text):
        if line and face.width((line + piece).rstrip(), size) > room:
            lines.append(line.rstrip())
            line, room = "", width
            piece = piece.lstrip()
        while face.width(piece.rstrip(), size) > room:
            head = _fitting(piece, face, size, room)
            lines.append(head)
            piece, room = piece[len(head) :], width
        line += piece
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _pieces(text: str) -> Iterator[str]:
    """What may not be broken, in order: a Chinese character with its marks, or a word with the space after it."""
    piece = ""
    for place, character in enumerate(text):
        if place and _may_break(text[place - 1], character):
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece


def _may_break(before: str, after: str) -> bool:
    if after in _NO_START or before in _NO_END or after.isspace():
        return False
    return before.isspace() or _is_wide(before) or _is_wide(after)


def _is_wide(character: str) -> bool:
    return ord(character) >= _FIRST_WIDE


def _fitting(piece: str, face: Typeface, size: float, room: float) -> str:
    """As much of a word as a line holds, one character at least."""
    end = 1
    while end < len(piece) and face.width(piece[: end + 1], size) <= room:
        end += 1
    return piece[:end]
