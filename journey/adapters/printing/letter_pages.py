"""A letter on A4: letterhead, the recipient's address, reference with QR code, text on as many sheets as it needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from journey.adapters.printing.fonts import Typeface
from journey.adapters.printing.lines import lines_of
from journey.adapters.printing.sheets import MM, Sheets
from journey.adapters.templates import date_en, date_zh
from journey.domain.references import shown_reference
from journey.domain.stationery import Letter

LEFT, RIGHT, FOOT = 25.0, 185.0, 282.0
_TITLE_AT, _NEXT_AT, _LAST_AT = 92.0, 34.0, 262.0
_BODY, _LEADING, _GAP, _TITLE = 11.0, 6.6, 2.6, 16.0
_ADDRESS_AT, _ADDRESS_WIDE, _QR, _QR_AT = 48.0, 92.0, 22.0, 44.0
_SIGNED: Final = 22.0  # mm that the signature takes
WORDS: Final = {
    "zh": {"number": "编号 {}", "page": "第 {}/{} 页", "to": "{} 收"},
    "en": {"number": "Reference {}", "page": "Page {}/{}", "to": "{}"},
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the text, and how far below the line before it stands."""

    text: str
    indent: float
    drop: float


def laid_out(face: Typeface, letter: Letter) -> Sequence[Sequence[Line]]:
    """The text of a letter, sheet by sheet."""
    return _paged(_lines(face, letter), _first_at(face, letter))


def draw_letter(sheets: Sheets, letter: Letter, pages: Sequence[Sequence[Line]]) -> None:
    """Draw a letter that was laid out."""
    sheets.mark(letter.reference, shown_reference(letter.reference))
    for number, lines in enumerate(pages, start=1):
        _head(sheets, letter) if number == 1 else _next_head(sheets, letter)
        y = _first_at(sheets.face, letter) if number == 1 else _NEXT_AT
        for place, line in enumerate(lines):
            y += line.drop if place else 0.0
            sheets.text(LEFT + line.indent / MM, y, line.text, _BODY)
        if number == len(pages):
            _signature(sheets, letter, y)
        _foot(sheets, letter, number, len(pages))
        sheets.turn()


def day_words(letter: Letter) -> str:
    """The date of a letter in its language."""
    return date_zh(letter.on) if letter.language == "zh" else date_en(letter.on)


def _lines(face: Typeface, letter: Letter) -> list[Line]:
    """Chinese paragraphs begin two characters in, but for the salutation."""
    found: list[Line] = []
    for number, paragraph in enumerate(letter.paragraphs):
        indent = 2 * _BODY if number and letter.language == "zh" else 0.0
        for place, text in enumerate(lines_of(paragraph, face, _BODY, (RIGHT - LEFT) * MM, indent)):
            found.append(Line(text, indent if place == 0 else 0.0, _LEADING if place else _LEADING + _GAP))
    return found


def _title_at(face: Typeface, letter: Letter) -> float:
    """Below the address, however long that is."""
    return max(_TITLE_AT, _ADDRESS_AT + 6.0 * len(_address(face, letter)) + 6.0)


def _first_at(face: Typeface, letter: Letter) -> float:
    return _title_at(face, letter) + 5.0 + 7.0 * len(_title(face, letter))


def _title(face: Typeface, letter: Letter) -> Sequence[str]:
    return lines_of(letter.title, face, _TITLE, (RIGHT - LEFT) * MM)


def _paged(lines: Sequence[Line], first_at: float) -> list[list[Line]]:
    """The lines sheet by sheet; the signature never stands alone on one."""
    pages: list[list[Line]] = [[]]
    y = first_at
    for line in lines:
        if pages[-1] and y + line.drop > _LAST_AT:
            pages.append([])
        y = y + line.drop if pages[-1] else first_at if len(pages) == 1 else _NEXT_AT
        pages[-1].append(line)
    if y + _SIGNED > _LAST_AT + 12 and len(pages[-1]) > 1:
        pages.append([pages[-1].pop() for _ in range(min(2, len(pages[-1]) - 1))][::-1])
    return pages


def _head(sheets: Sheets, letter: Letter) -> None:
    head = letter.head
    sheets.text(LEFT, 22, head.name, 15, bold=True)
    about = [] if head.sender is None else [head.project]
    sheets.text(LEFT, 28.5, " · ".join([*about, head.city]), 9, grey=True)
    for place, words in enumerate(part for part in (head.address, head.phone) if part):
        sheets.text(RIGHT, 22 + 5 * place, words, 8.5, align="right", grey=True)
    sheets.rule(32, LEFT, RIGHT)
    for place, (text, size) in enumerate(_address(sheets.face, letter)):
        sheets.text(LEFT, _ADDRESS_AT + 6.0 * place, text, size)
    sheets.qr(RIGHT - _QR, _QR_AT, _QR, letter.reference)
    sheets.text(RIGHT, _QR_AT + _QR + 5, _numbered(letter), 9, align="right")
    sheets.text(RIGHT, _QR_AT + _QR + 10, day_words(letter), 9, align="right")
    for place, line in enumerate(_title(sheets.face, letter)):
        y = _title_at(sheets.face, letter) + 7 * place
        sheets.text((LEFT + RIGHT) / 2, y, line, _TITLE, align="centre", bold=True)


def _address(face: Typeface, letter: Letter) -> list[tuple[str, float]]:
    """The lines of the address with their size. In China the postcode leads and the name comes last; else it leads."""
    to, wide = letter.to, _ADDRESS_WIDE * MM
    code = [(to.postcode, 11.0)] if to.postcode else []
    street = [(line, 11.0) for line in lines_of(to.address, face, 11, wide)]
    named = WORDS[letter.language]["to"].format(to.name)
    name = [(line, 12.0) for line in lines_of(named, face, 12, wide)]
    return [*code, *street, *name] if letter.language == "zh" else [*name, *street, *code]


def _next_head(sheets: Sheets, letter: Letter) -> None:
    sheets.text(LEFT, 20, letter.head.name, 9, grey=True)
    sheets.text(RIGHT, 20, _numbered(letter), 9, align="right", grey=True)
    sheets.rule(23, LEFT, RIGHT, 0.3)


def _signature(sheets: Sheets, letter: Letter, y: float) -> None:
    sheets.text(RIGHT, y + 14, letter.head.name, _BODY, align="right")
    sheets.text(RIGHT, y + 21, day_words(letter), _BODY, align="right")


def _foot(sheets: Sheets, letter: Letter, page: int, of: int) -> None:
    words = WORDS[letter.language]["page"].format(page, of)
    sheets.text(LEFT, FOOT, _numbered(letter), 8, grey=True)
    sheets.text(RIGHT, FOOT, words, 8, align="right", grey=True)


def _numbered(letter: Letter) -> str:
    return WORDS[letter.language]["number"].format(shown_reference(letter.reference))
