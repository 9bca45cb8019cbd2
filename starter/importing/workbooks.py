"""From the bytes of a file to tables of text: CSV in the encodings of Chinese spreadsheets, and XLSX workbooks."""

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import python_calamine as calamine

from journey.domain.errors import JourneyError

MOST_ROWS: Final = 200_000
MOST_UNPACKED: Final = 512 * 1024 * 1024
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # old .xls, and every workbook with a password
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")


class UnreadableExport(JourneyError):
    """The file as a whole cannot be read; the text says why."""

    code = "unreadable-file"


@dataclass(frozen=True, slots=True)
class Table:
    """The cells of one worksheet as text; `name` is empty for a CSV file. The first line is row 1."""

    name: str
    lines: Sequence[Sequence[str]]


def read_tables(content: bytes) -> list[Table]:
    """The worksheets of an XLSX workbook that are shown, or the one table of a CSV file; UnreadableExport."""
    if content.startswith(_OLE):
        raise _old_or_locked(content)
    tables = _workbook(content) if content.startswith(_ZIP) else [Table("", _csv(content))]
    if not any(table.lines for table in tables):
        raise UnreadableExport("文件为空 / the file is empty")
    if sum(len(table.lines) for table in tables) > MOST_ROWS:
        raise UnreadableExport(f"超过 {MOST_ROWS} 行,请分批导入 / more than {MOST_ROWS} rows: import them in parts")
    return tables


def decode(content: bytes) -> str:
    """The text: UTF-8 with or without a mark, else GB18030 (GBK is a part of it), which Chinese spreadsheets write."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise UnreadableExport("文件既非 UTF-8 也非 GB18030 / the file is neither UTF-8 nor GB18030")


def _csv(content: bytes) -> list[list[str]]:
    text = decode(content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    lines: list[list[str]] = []
    begins = 1
    try:
        for line in reader:
            lines.append(line)
            begins = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableExport(
            f"第 {begins} 行起不是有效的 CSV,多为引号未闭合 / "
            f"is no valid CSV from line {begins} on: a quote may be open ({error})"
        ) from error
    return lines


def _delimiter(text: str) -> str:
    """The commonest mark of the first lines: a title above the heading has none."""
    head = "\n".join(text.split("\n", 20)[:20])
    return max(",;\t", key=head.count)


def _old_or_locked(content: bytes) -> UnreadableExport:
    if _ENCRYPTED in content:
        return UnreadableExport("工作簿有密码,请去掉后再导入 / the workbook has a password: save it without one")
    return UnreadableExport("旧版 .xls 不支持,请另存为 .xlsx / .xls is not supported: save it as .xlsx")


def _workbook(content: bytes) -> list[Table]:
    _refuse_other_archives(content)
    try:
        with calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            shown = [sheet.name for sheet in book.sheets_metadata if _is_shown(sheet)]
            return [Table(name, _lines(book.get_sheet_by_name(name))) for name in shown]
    except (calamine.CalamineError, zipfile.BadZipFile, ValueError, OSError) as error:
        raise UnreadableExport("工作簿已损坏或无法读取 / the workbook is damaged or cannot be read") from error


def _is_shown(sheet: calamine.SheetMetadata) -> bool:
    # Hidden sheets hold lists for drop-downs, or rows that somebody took out on purpose.
    return sheet.typ == calamine.SheetTypeEnum.WorkSheet and sheet.visible == calamine.SheetVisibleEnum.Visible


def _refuse_other_archives(content: bytes) -> None:
    """A workbook is an archive: it must be one of Excel's, and must not unpack to more than any list of homes does."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise UnreadableExport("工作簿已损坏 / the workbook is damaged") from error
    if not any(entry.filename.startswith("xl/workbook") for entry in entries):
        raise UnreadableExport("不是 .xlsx 或 CSV 文件 / is neither an .xlsx workbook nor a CSV file")
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise UnreadableExport("工作簿解压后过大 / the workbook is too large when unpacked")


def _lines(sheet: calamine.CalamineSheet) -> list[list[str]]:
    """Every row from the first one, so that numbers are those on screen; merged cells repeat their value downwards."""
    lines = [[_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        for row in range(top + 1, min(bottom, len(lines) - 1) + 1):
            lines[row][left] = lines[top][left]
    return lines


def _text(cell: Any) -> str:
    """A cell as somebody would have typed it; of a formula, the value that was saved with it."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))  # spreadsheets keep phones and numbers of rooms as floating points
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time(0) else cell.isoformat(" ", "seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta | bool):
        return str(cell)
    return str(cell)
