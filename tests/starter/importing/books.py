"""Workbooks for tests, written as a colleague's spreadsheet program would."""

import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import xlsxwriter


def workbook(sheets: Mapping[str, Sequence[Sequence[Any]]], *, merged: Sequence[tuple[int, int, int]] = ()) -> bytes:
    """The bytes of a workbook; `merged` are (first row, last row, column) of every sheet, counted from 0."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"strings_to_formulas": False}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, lines in sheets.items():
            sheet = book.add_worksheet(name)
            for row, line in enumerate(lines):
                for column, cell in enumerate(line):
                    if isinstance(cell, date):
                        sheet.write_datetime(row, column, cell, day)
                    else:
                        sheet.write(row, column, cell)
            for first, last, column in merged:
                sheet.merge_range(first, column, last, column, lines[first][column])
    return target.getvalue()
