"""Sheets of paper as a PDF: text from the top left in millimetres, QR codes, one date for the whole file."""

import io
from datetime import datetime
from typing import Any, Final

import segno
from reportlab.lib.pagesizes import A3, A4
from reportlab.pdfgen.canvas import Canvas

from journey.adapters.printing.fonts import Typeface

SIZES: Final = {"a4": A4, "a3": A3}
MM: Final = 72 / 25.4
BLACK, GREY = 0.0, 0.35
_BOLD: Final = 0.022  # of the size: how much wider strokes are drawn


class Sheets:
    """A PDF that grows sheet by sheet; the same calls with the same date give the same bytes."""

    def __init__(self, face: Typeface, made_at: datetime, title: str, size: str = "a4") -> None:
        self.face = face
        self.width, self.height = (side / MM for side in SIZES[size])
        self._file = io.BytesIO()
        self._canvas = Canvas(self._file, pagesize=SIZES[size], invariant=1, pageCompression=1)
        _date(self._canvas, made_at)
        self._canvas.setTitle(title)
        self._canvas.setCreator("Owner Journey")
        self._canvas.setViewerPreference("PrintScaling", "None")
        self._canvas.setViewerPreference("Duplex", "Simplex")  # the back of a letter is nobody else's
        self.pages = 0

    def text(
        self, x: float, y: float, text: str, size: float, *, align: str = "left", grey: bool = False, bold: bool = False
    ) -> None:
        """Write a line whose base lies `y` mm below the top edge; `x` is its left end, its middle or its right end."""
        shift = {"left": 0.0, "centre": 0.5, "right": 1.0}[align]
        left = x * MM - shift * self.face.width(text, size)
        line = self._canvas.beginText(left, (self.height - y) * MM)
        shade = GREY if grey else BLACK
        line.setFillGray(shade)
        line.setStrokeGray(shade)
        line.setTextRenderMode(2 if bold else 0)
        self._canvas.setLineWidth(size * _BOLD)
        for font, run in self.face.runs(text):
            line.setFont(font, size)
            line.textOut(run)
        line.setTextRenderMode(0)
        self._canvas.drawText(line)

    def rule(self, y: float, left: float, right: float, width: float = 0.6) -> None:
        """A line across."""
        self._canvas.setStrokeGray(BLACK)
        self._canvas.setLineWidth(width)
        self._canvas.line(left * MM, (self.height - y) * MM, right * MM, (self.height - y) * MM)

    def qr(self, x: float, y: float, side: float, content: str) -> None:
        """A QR code whose top left corner lies there, without its quiet zone."""
        code = segno.make(content, error="q", micro=False)
        modules = [list(row) for row in code.matrix]
        step = side * MM / len(modules)
        top = (self.height - y) * MM
        self._canvas.setFillGray(BLACK)
        path = self._canvas.beginPath()
        for row, line in enumerate(modules):
            for begun, end in _dark(line):
                path.rect(x * MM + begun * step, top - (row + 1) * step, (end - begun) * step, step)
        self._canvas.drawPath(path, stroke=0, fill=1)

    def mark(self, name: str, words: str) -> None:
        """Name this sheet in the list of contents of a viewer."""
        self._canvas.bookmarkPage(name)
        self._canvas.addOutlineEntry(words, name)

    def turn(self) -> None:
        """The sheet is done."""
        self._canvas.showPage()
        self.pages += 1

    def bytes(self) -> bytes:
        """The file; nothing may be drawn after it."""
        self._canvas.save()
        return self._file.getvalue()


def _dark(line: list[int]) -> list[tuple[int, int]]:
    """The dark stretches of a row."""
    found: list[tuple[int, int]] = []
    for place, dark in enumerate(line):
        if dark and found and found[-1][1] == place:
            found[-1] = (found[-1][0], place + 1)
        elif dark:
            found.append((place, place + 1))
    return found


def _date(canvas: Any, made_at: datetime) -> None:
    """Set the date that the file bears; the writer knows only its own clock."""
    stamp = canvas._doc._timeStamp
    stamp.t = made_at.timestamp()
    stamp.lt = made_at.utctimetuple()
    stamp.YMDhms, stamp.dhh, stamp.dmm, stamp.tzname = tuple(stamp.lt)[:6], 0, 0, "UTC"
