"""A notice for the wall of a building, on A4 or A3: large text on one sheet, and a large QR code of its task."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from journey.adapters.printing.fonts import Typeface
from journey.adapters.printing.lines import lines_of
from journey.adapters.printing.sheets import MM, Sheets
from journey.adapters.templates import date_en, date_zh
from journey.domain.stationery import Poster

_QR: Final = 52.0  # mm on A4
WORDS: Final = {
    "zh": {"place": "{} · {} 号楼", "said": "张贴后请拍照(连同此码)并上传"},
    "en": {"place": "{} · {}", "said": "Post it, take a photo with this code in it, and upload that"},
}
_BODY: Final = (22.0, 20.0, 18.0, 16.0, 14.0, 12.0, 10.0)
Lines = Sequence[tuple[str, float, float]]  # text, indent, drop in mm on A4


def draw_poster(face: Typeface, poster: Poster, made_at: datetime, size: str) -> bytes:
    """One sheet; the text is as large as it may be and still fits."""
    sheets = Sheets(face, made_at, poster.title, size)
    scale = sheets.width / 210
    left, right = 22 * scale, sheets.width - 22 * scale
    room = sheets.height - (_QR + 30) * scale
    body, lines = next(
        (fit for each in _BODY if (fit := _set(face, poster, each, scale))[2] < room), _set(face, poster, 9, scale)
    )[:2]
    sheets.text(left, 26 * scale, poster.head.name, 14 * scale, bold=True)
    sheets.text(right, 26 * scale, _place(poster), 12 * scale, align="right", grey=True)
    sheets.rule(31 * scale, left, right, 1.2 * scale)
    sheets.text(sheets.width / 2, 50 * scale, poster.title, 28 * scale, align="centre", bold=True)
    y = 66 * scale
    for text, indent, drop in lines:
        y += drop
        sheets.text(left + indent, y, text, body * scale)
    _foot(sheets, poster, scale, left, right)
    sheets.turn()
    return sheets.bytes()


def _set(face: Typeface, poster: Poster, body: float, scale: float) -> tuple[float, Lines, float]:
    """The text in one size: its lines, and how far down they reach."""
    width, y = 166 * scale * MM, 66 * scale
    found: list[tuple[str, float, float]] = []
    for paragraph in poster.paragraphs:
        indent = 2 * body * scale if poster.language == "zh" else 0.0
        for place, text in enumerate(lines_of(paragraph, face, body * scale, width, indent)):
            drop = body * scale * (1.55 if place else 2.1) / MM if found else 0.0
            y += drop
            found.append((text, indent / MM if place == 0 else 0.0, drop))
    return body, found, y


def _place(poster: Poster) -> str:
    return WORDS[poster.language]["place"].format(poster.head.project, poster.building)


def _foot(sheets: Sheets, poster: Poster, scale: float, left: float, right: float) -> None:
    zh, top = poster.language == "zh", sheets.height - (_QR + 18) * scale
    sheets.qr(left, top, _QR * scale, poster.reference)
    sheets.text(right, top + 14 * scale, poster.head.name, 15 * scale, align="right")
    sheets.text(right, top + 23 * scale, date_zh(poster.on) if zh else date_en(poster.on), 15 * scale, align="right")
    sheets.text(right, top + _QR * scale, WORDS[poster.language]["said"], 8 * scale, align="right", grey=True)
