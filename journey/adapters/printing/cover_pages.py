"""The first sheets of a print run: what is in it, in its order, and what is not, with the reason."""

from collections.abc import Sequence
from typing import Final

from journey.adapters.printing.letter_pages import FOOT, LEFT, RIGHT
from journey.adapters.printing.lines import lines_of
from journey.adapters.printing.sheets import MM, Sheets
from journey.domain.references import shown_reference
from journey.domain.stationery import Cover, Letter

_ROWS: Final = 42
WORDS: Final = {
    "zh": {
        "title": "函件打印批次", "count": "{} 封、{} 页、单面打印", "left": "{} 封未打印(见末尾)", "missing": "未打印",
        "no-address": "无通讯地址", "no-words": "政策包没有此函文本", "no-glyphs": "字体缺字",
        "columns": "序号|编号|房号|事项|页",
    },
    "en": {
        "title": "Print run of letters", "count": "{} letters, {} pages, print one side only",
        "left": "{} not printed, see the end", "missing": "Not printed", "no-address": "no postal address",
        "no-words": "the pack has no words for it", "no-glyphs": "the font lacks a character",
        "columns": "No.|Reference|Unit|Letter|Page",
    },
}  # fmt: skip
_COLUMNS: Final = (LEFT, LEFT + 12, LEFT + 42, LEFT + 80, RIGHT)


def cover_sheets(letters: int, missing: int) -> int:
    """How many sheets a cover takes."""
    return -(-max(letters + (missing + 2 if missing else 0), 1) // _ROWS)


def draw_cover(sheets: Sheets, cover: Cover, letters: Sequence[Letter], pages: Sequence[tuple[int, int]]) -> None:
    """Draw the cover; `pages` are the first sheet and the number of sheets of each letter."""
    rows = [
        (str(place), shown_reference(one.reference), one.unit, one.item, f"{first} ({count})")
        for place, (one, (first, count)) in enumerate(zip(letters, pages, strict=True), start=1)
    ]
    rows += _missing(cover)
    of = cover_sheets(len(letters), len(cover.missing))
    for number in range(of):
        _head(sheets, cover, len(letters), sum(count for _, count in pages))
        for place, row in enumerate(rows[number * _ROWS : (number + 1) * _ROWS]):
            _row(sheets, 64.5 + place * 5.1, row)
        sheets.text(LEFT, FOOT, cover.run, 8, grey=True)
        sheets.text(RIGHT, FOOT, f"{number + 1}/{of}", 8, align="right", grey=True)
        sheets.turn()


def _missing(cover: Cover) -> list[tuple[str, str, str, str, str]]:
    if not cover.missing:
        return []
    words = WORDS[cover.language]
    rows = [("–", one.name, one.unit, one.item, words[one.reason]) for one in cover.missing]
    return [("", "", "", "", ""), ("", words["missing"], "", "", ""), *rows]


def _head(sheets: Sheets, cover: Cover, letters: int, pages: int) -> None:
    words = WORDS[cover.language]
    sheets.text(LEFT, 24, words["title"], 17, bold=True)
    sheets.text(LEFT, 32, " · ".join(dict.fromkeys((cover.head.name, cover.head.project, cover.scope))), 10)
    sheets.text(LEFT, 38, f"{cover.run} · {cover.printed_at}", 10)
    sheets.text(LEFT, 44, words["count"].format(letters, pages), 10)
    if cover.missing:
        sheets.text(LEFT, 49, words["left"].format(len(cover.missing)), 10, bold=True)
    _row(sheets, 57, words["columns"].split("|"))
    sheets.rule(59, LEFT, RIGHT, 0.4)


def _row(sheets: Sheets, y: float, cells: Sequence[str]) -> None:
    for place, (x, cell) in enumerate(zip(_COLUMNS, cells, strict=True)):
        room = (_COLUMNS[place + 1] - x - 3 if place < 3 else 60.0) * MM
        shown = lines_of(cell, sheets.face, 9, room)[0] if cell else ""
        sheets.text(x, y, shown, 9, align="right" if place == len(cells) - 1 else "left")
