"""From the tables of an export to rows of named cells: where the heading stands, what its columns mean."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Final

from starter.importing.headings import HEADINGS, REQUIRED, SEVERAL, is_never_kept, meaning_of
from starter.importing.workbooks import Table, UnreadableExport, read_tables

__all__ = ["Export", "Row", "UnreadableExport", "read_day", "read_export"]

SEARCHED: Final = 20  # lines at the top among which the heading is looked for: titles, notes and logos stand above it
_AS_WRITTEN: Final = frozenset({"name", "second_name"})  # the rest is folded: full-width digits are digits
_ONE_BELOW_THE_OTHER: Final = frozenset({"name", "phone", "ref", "second_name", "second_phone", "second_ref"})
_DATE: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]?\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?)?")
_DIGITS: Final = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL: Final = re.compile(r"([2-7]\d{4})(?:\.\d+)?")  # days since 1899-12-30: from 1954 to 2119
_EPOCH: Final = date(1899, 12, 30)
_MARKS: Final = re.compile("[,;\t]")
_SUMS: Final = re.compile("(合计|总计|小计|共计|制表|审核|备注|说明|注)人?([:\uff1a].*)?|total.*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet shows it, its worksheet (empty for CSV), and its cells by meaning."""

    number: int
    cells: Mapping[str, str]
    headings: Mapping[str, str]  # meaning: heading as written
    sheet: str = ""
    swallowed: tuple[str, ...] = ()  # cells of CSV that hold further rows, as after a quote that was not closed
    surplus: bool = False  # it has more cells than there are columns


@dataclass(frozen=True, slots=True)
class Export:
    """The rows of every worksheet, in order. Cells of `ignored` and `never` columns are not kept."""

    rows: tuple[Row, ...]
    headings: Mapping[str, str]
    ignored: tuple[str, ...] = ()
    never: tuple[str, ...] = ()  # columns that hold what is never stored, such as numbers of identity cards
    skipped: tuple[str, ...] = ()  # worksheets without a heading of homes


@dataclass(frozen=True, slots=True)
class _Heading:
    line: int
    meanings: Sequence[str | None]

    @property
    def missing(self) -> list[str]:
        return [HEADINGS[each][0] for each in REQUIRED if each not in self.meanings]


def read_export(content: bytes) -> Export:
    """The rows of a CSV or XLSX file; UnreadableExport when nothing in it is a list of homes."""
    tables = [table for table in read_tables(content) if table.lines]
    found = [(table, heading) for table in tables if not (heading := _heading(table)).missing]
    if not found:
        nearest = min((_heading(table) for table in tables), key=lambda heading: len(heading.missing))
        raise UnreadableExport(f"缺少列 / columns are missing: {', '.join(nearest.missing)}")
    rows: list[Row] = []
    headings: dict[str, str] = {}
    strangers: list[str] = []
    for table, heading in found:
        written = table.lines[heading.line]
        own = {meaning: word.strip() for meaning, word in zip(heading.meanings, written, strict=True) if meaning}
        headings = {**own, **headings}
        strangers += [
            word.strip()
            for word, meaning in zip(written, heading.meanings, strict=True)
            if word.strip() and not meaning
        ]
        rows += _rows(table, heading, own)
    never = tuple(dict.fromkeys(word for word in strangers if is_never_kept(word)))
    ignored = tuple(dict.fromkeys(word for word in strangers if not is_never_kept(word)))
    read = {table.name for table, _ in found}
    return Export(tuple(rows), headings, ignored, never, tuple(t.name for t in tables if t.name not in read))


def read_day(text: str) -> date | None:
    """The date written as 2026-06-30, 2026/6/30, 2026.6.30, 2026年6月30日, 20260630 or as a spreadsheet's number.

    None when it is no real date.
    """
    found = _DATE.fullmatch(text) or _DIGITS.fullmatch(text)
    if found:
        try:
            return date(*(int(part) for part in found.groups()))
        except ValueError:
            return None
    serial = _SERIAL.fullmatch(text)
    return _EPOCH + timedelta(days=int(serial[1])) if serial else None


def _heading(table: Table) -> _Heading:
    """The line that names most columns, the first of equals."""
    best = _Heading(0, ())
    for number, line in enumerate(table.lines[:SEARCHED]):
        meanings = _once([meaning_of(word) for word in line])
        if sum(map(bool, meanings)) > sum(map(bool, best.meanings)):
            best = _Heading(number, meanings)
    return best


def _once(meanings: Sequence[str | None]) -> list[str | None]:
    """A column that says the same as one before it is not read; a repeated co-owner is the next co-owner."""
    seen: set[str] = set()
    kept: list[str | None] = []
    for meaning in meanings:
        free = meaning if meaning not in seen else _next(meaning, seen)
        kept.append(free)
        seen |= {free} if free else set()
    return kept


def _next(meaning: str | None, seen: Collection[str]) -> str | None:
    """The next co-owner that no column has named yet; None for a column that there is only one of."""
    base = str(meaning).split(".")[0]
    if base not in SEVERAL:
        return None
    return next(free for number in count(2) if (free := f"{base}.{number}") not in seen)


def _rows(table: Table, heading: _Heading, headings: Mapping[str, str]) -> list[Row]:
    rows = []
    for number, line in enumerate(table.lines[heading.line + 1 :], start=heading.line + 2):
        cells = _cells(heading.meanings, line)
        named = cells.get("unit") or next((cell.strip() for cell in line if cell.strip()), "")
        repeated = [cells.get(meaning) for meaning in REQUIRED] == [headings.get(meaning) for meaning in REQUIRED]
        if cells and not repeated and not _SUMS.fullmatch(named):
            surplus = any(cell.strip() for cell in line[len(heading.meanings) :])
            rows.append(Row(number, cells, headings, table.name, _swallowed(table, heading, line), surplus))
    return rows


def _swallowed(table: Table, heading: _Heading, line: Sequence[str]) -> tuple[str, ...]:
    """The known columns of a line of CSV whose cell runs over a line's end.

    Owners may stand one below the other where no mark of cells is among them; an address may have both.
    """
    if table.name:
        return ()
    cells = [(meaning, cell) for meaning, cell in zip(heading.meanings, line, strict=False) if meaning]
    return tuple(meaning for meaning, cell in cells if "\n" in cell.strip() and not _may_break(meaning, cell))


def _may_break(meaning: str, cell: str) -> bool:
    base = meaning.split(".")[0]
    return base.endswith("address") or (base in _ONE_BELOW_THE_OTHER and not _MARKS.search(cell))


def _cells(meanings: Sequence[str | None], line: Sequence[str]) -> dict[str, str]:
    cells: dict[str, str] = {}
    for meaning, cell in zip(meanings, line, strict=False):
        if meaning and cell.strip():
            base = meaning.split(".")[0]
            text = cell if base in _AS_WRITTEN else unicodedata.normalize("NFKC", cell)
            lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
            cells[meaning] = ("\n" if base in _ONE_BELOW_THE_OTHER else " ").join(lines)
    return cells
