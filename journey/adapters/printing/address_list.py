"""The list that goes to the post with a print run: one row a letter, with an empty column for the number it gets."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

import xlsxwriter

from journey.domain.references import shown_reference
from journey.domain.stationery import Letter, dialled

HEADINGS: Final = (
    "编号 reference", "收件人 name", "地址 address", "电话 phone", "邮编 postcode", "EMS 单号 tracking",
)  # fmt: skip
_WIDTHS: Final = (16, 18, 60, 16, 12, 20)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def as_csv(letters: Sequence[Letter]) -> bytes:
    """The list as CSV that spreadsheets open as it is meant: marked UTF-8, and no cell that they would calculate."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(_rows(letters))
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(letters: Sequence[Letter], made_at: datetime) -> bytes:
    """The list as a workbook; every cell is text."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"created": made_at.replace(tzinfo=None)})
        sheet, bold = book.add_worksheet("EMS"), book.add_format({"bold": True})
        for column, width in enumerate(_WIDTHS):
            sheet.set_column(column, column, width)
        for row, cells in enumerate(_rows(letters)):
            for column, cell in enumerate(cells):
                sheet.write_string(row, column, cell, None if row else bold)
        sheet.freeze_panes(1, 0)
    return out.getvalue()


def _rows(letters: Iterable[Letter]) -> Iterable[Sequence[str]]:
    yield HEADINGS
    for one in letters:
        cells = (
            shown_reference(one.reference),
            one.to.name,
            one.to.address,
            dialled(one.to.phone),
            one.to.postcode,
            "",
        )
        yield [_defused(cell or "") for cell in cells]


def _defused(cell: str) -> str:
    """A cell that a spreadsheet would take for a formula, as the text it is."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
