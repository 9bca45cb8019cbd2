"""From the bytes of an export to rows of named cells: encodings, headings, dates as sales systems write them."""

import csv
import io
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from journey.domain.errors import JourneyError

# What a column means: the headings under which it is known, compared without spaces, case and punctuation.
HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "project": ("项目编码", "项目代码", "项目编号", "项目", "project", "project code"),
    "unit": ("房号", "房间", "房间号", "房源", "房源编号", "房屋编号", "unit", "room", "home"),
    "building": ("楼栋", "楼号", "楼栋号", "栋号", "幢", "building", "block"),
    "batch": ("批次", "交付批次", "batch", "handover batch"),
    "ref": ("客户编号", "客户编码", "客户ID", "业主编号", "customer id", "customer no", "owner ref", "ref"),
    "name": ("客户姓名", "姓名", "业主姓名", "买受人", "客户名称", "customer name", "owner name", "owner", "name"),
    "phone": ("手机号", "手机号码", "手机", "电话", "联系电话", "移动电话", "phone", "mobile", "mobile phone"),
    "email": ("邮箱", "电子邮箱", "电子邮件", "email", "e-mail"),
    "second_name": ("共有人", "共有人姓名", "共同买受人", "co-owner", "second owner"),
    "second_phone": ("共有人手机", "共有人手机号", "共有人电话", "co-owner phone", "second owner phone"),
    "contract": ("合同编号", "合同号", "合同备案号", "contract no", "contract number"),
    "subscribed": ("认购日期", "认购时间", "subscribed on", "subscription date"),
    "signed": ("签约日期", "签约时间", "合同签订日期", "signed on", "signing date", "contract date"),
    "handover_due": ("合同交付日期", "约定交付日期", "合同约定交付日", "合同交房日期", "contract handover date"),
    "filed": ("备案日期", "备案时间", "filed on", "filing date"),
    "handed_over": ("交付日期", "实际交付日期", "收楼日期", "交房日期", "handed over on", "handover date"),
    "completion": ("竣工验收日期", "竣工日期", "竣工验收时间", "completion accepted on", "completion date"),
}
REQUIRED: Final = ("unit", "name")
_AS_WRITTEN: Final = frozenset({"name", "second_name"})  # the rest is folded: full-width digits are digits
_DATE: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?)?")
_DIGITS: Final = re.compile(r"(\d{4})(\d{2})(\d{2})")


class UnreadableExport(JourneyError):
    """The file as a whole cannot be read; the text says why."""

    code = "unreadable-file"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of an export with the number that a spreadsheet shows (the heading is row 1)."""

    headings: Mapping[str, str]  # meaning: heading as written
    rows: tuple[tuple[int, Mapping[str, str]], ...]
    ignored: tuple[str, ...]  # headings that mean nothing to us; their cells are never kept


def read_sheet(content: bytes) -> Sheet:
    """Return the rows of a CSV file in UTF-8 or GB18030; UnreadableExport when a required column is missing."""
    text = decode(content)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))
    except csv.Error as error:
        raise UnreadableExport(f"不是有效的 CSV / is no valid CSV: {error}") from error
    if not lines:
        raise UnreadableExport("文件为空 / the file is empty")
    meanings = [_meaning(heading) for heading in lines[0]]
    headings = {meaning: heading.strip() for meaning, heading in zip(meanings, lines[0], strict=True) if meaning}
    if missing := [HEADINGS[each][0] for each in REQUIRED if each not in headings]:
        raise UnreadableExport(f"缺少列 / columns are missing: {', '.join(missing)}")
    rows = tuple(
        (number, _cells(meanings, line)) for number, line in enumerate(lines[1:], start=2) if any(map(str.strip, line))
    )
    ignored = (heading.strip() for heading, meaning in zip(lines[0], meanings, strict=True) if not meaning)
    return Sheet(headings, rows, tuple(filter(None, ignored)))


def decode(content: bytes) -> str:
    """Return the text: UTF-8 with or without a mark, else GB18030, which Chinese spreadsheets write."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise UnreadableExport("文件既非 UTF-8 也非 GB18030 / the file is neither UTF-8 nor GB18030")


def read_day(text: str) -> date | None:
    """Return the date written as 2026-06-30, 2026/6/30, 2026年6月30日 or 20260630; None when it is no real date."""
    found = _DATE.fullmatch(text) or _DIGITS.fullmatch(text)
    if not found:
        return None
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        return None


def _meaning(heading: str) -> str | None:
    return _BY_HEADING.get(_plain(heading))


def _plain(heading: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", heading).lower())


def _cells(meanings: list[str | None], line: list[str]) -> dict[str, str]:
    cells: dict[str, str] = {}
    for meaning, cell in zip(meanings, line, strict=False):
        if meaning and cell.strip():
            folded = cell if meaning in _AS_WRITTEN else unicodedata.normalize("NFKC", cell)
            cells.setdefault(meaning, " ".join(folded.split()))
    return cells


def _delimiter(text: str) -> str:
    heading = text.split("\n", 1)[0]
    return max(",;\t", key=heading.count)


_BY_HEADING: Final = {_plain(heading): meaning for meaning, known in HEADINGS.items() for heading in known}
