"""Lists as files for spreadsheets: CSV with the mark that Excel looks for, or an XLSX workbook."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

import xlsxwriter

Form: TypeAlias = Literal["csv", "xlsx"]
Columns: TypeAlias = Sequence[tuple[str, str, str]]  # key, 中文, English
MEDIA: Final[Mapping[str, str]] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def exported(form: Form, columns: Columns, rows: Iterable[Mapping[str, Any]], lang: str) -> bytes:
    """The rows as a file, headed in the reader's language; no cell is ever taken for a formula."""
    head = [zh if lang == "zh" else en for _, zh, en in columns]
    cells = ([_cell(row.get(key)) for key, _, _ in columns] for row in rows)
    return _csv(head, cells) if form == "csv" else _xlsx(head, cells)


def _cell(value: Any) -> str:
    return "" if value is None else str(value)


def _csv(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow(head)
    # A spreadsheet that opens a CSV file runs what looks like a formula: an apostrophe makes it text.
    writer.writerows([_inert(cell) for cell in row] for row in rows)
    return target.getvalue().encode("utf-8-sig")


def _inert(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) and not cell[1:].isdecimal() else cell


def _xlsx(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        for number, row in enumerate([head, *rows]):
            for place, cell in enumerate(row):
                sheet.write_string(number, place, cell)
    return target.getvalue()
