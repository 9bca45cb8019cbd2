"""Files that come back from the post: which letter got which number, and how each one ended. CSV or XLSX."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from journey.domain.errors import FieldError, field_error
from journey.domain.letters import BACK
from journey.domain.references import read_reference
from journey.domain.values import Proof
from journey.store.letter_returns import Ended, Tracked
from starter.importing.reading import read_day
from starter.importing.workbooks import read_tables
from starter.sheets import Columns, Line, plain

# Compared without spaces, case and punctuation; the first of each is how our own list calls it.
HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "reference": ("编号reference", "编号", "函件编号", "信函编号", "reference", "ref"),
    "tracking": (
        "ems单号tracking", "ems单号", "ems号", "单号", "运单号", "邮件号", "邮寄单号", "快递单号", "tracking",
        "trackingnumber", "trackingno",
    ),
    "on": ("日期", "送达日期", "妥投日期", "签收日期", "退回日期", "on", "date", "deliveredon"),
    "outcome": ("结果", "送达方式", "投递结果", "方式", "凭证", "proof", "outcome", "result"),
    "scan": ("扫描件", "回执", "回执扫描件", "附件", "scan", "file"),
}  # fmt: skip
OUTCOMES: Final[Mapping[str, tuple[str, ...]]] = {
    Proof.EMS.value: ("ems", "妥投", "已妥投", "ems妥投"),
    Proof.SIGNED.value: ("signed", "签收", "已签收", "本人签收"),
    Proof.COURIER.value: ("courier", "快递"),
    BACK: ("returned", "退回", "已退回", "退信", "退件"),
}
ALLOWED: Final = ", ".join(OUTCOMES)
_TRACKING: Final = re.compile(r"[A-Za-z0-9-]{4,60}")
_COLUMNS: Final = Columns(HEADINGS)
_BY_OUTCOME: Final = {word: outcome for outcome, words in OUTCOMES.items() for word in words}


def read_tracking(content: bytes) -> tuple[Sequence[Tracked], Sequence[FieldError]]:
    """Which letter got which number, and what is wrong with rows that cannot be read; rows without one are left out.

    InvalidInput for a file without its columns.
    """
    errors: list[FieldError] = []
    found = []
    for line in _lines(content, ("reference", "tracking")):
        reference = read_reference(line.cells["reference"]) if line.cells.get("tracking") else None
        if not line.cells.get("tracking"):
            continue
        tracking = line.cells["tracking"].replace(" ", "").upper()
        if reference is None:
            errors.append(field_error(f"rows/{line.row}/reference", "not-a-reference"))
        elif not _TRACKING.fullmatch(tracking):
            errors.append(field_error(f"rows/{line.row}/tracking", "invalid"))
        else:
            found.append(Tracked(line.row, reference, tracking))
    return found, errors


def read_ends(content: bytes) -> tuple[Sequence[Ended], Sequence[FieldError]]:
    """How letters ended, and what is wrong with rows that cannot be read; those that say nothing yet are left out.

    InvalidInput for a file without its columns.
    """
    errors: list[FieldError] = []
    found = []
    for line in _lines(content, ("reference", "on", "outcome")):
        cells = line.cells
        if not cells.get("on") and not cells.get("outcome"):
            continue
        reference, day = read_reference(cells["reference"]), read_day(cells.get("on", ""))
        outcome = _BY_OUTCOME.get(plain(cells.get("outcome", "")))
        if reference is None:
            errors.append(field_error(f"rows/{line.row}/reference", "not-a-reference"))
        if day is None:
            errors.append(field_error(f"rows/{line.row}/on", "not-a-date" if cells.get("on") else "required"))
        if outcome is None:
            errors.append(field_error(f"rows/{line.row}/outcome", "unknown-value", allowed=ALLOWED))
        if reference is not None and day is not None and outcome is not None:
            tracking = cells.get("tracking", "").replace(" ", "").upper() or None
            found.append(Ended(line.row, reference, day, outcome, tracking, cells.get("scan") or None))
    return found, errors


def with_scans(content: bytes, hashes: Mapping[str, str]) -> Sequence[Sequence[str]]:
    """The table of a file with the names of scans replaced by their hashes, row for row."""
    table = read_tables(content)[0].lines
    heading = _COLUMNS.heading(table, ("reference",))
    column = next((place for place, meaning in heading.meanings.items() if meaning == "scan"), None)
    if column is None:
        return table
    return [
        [hashes.get(cell.strip(), cell) if place == column else cell for place, cell in enumerate(line)]
        for line in table
    ]


def scans_named(content: bytes) -> Sequence[str]:
    """The names of the scans that a file speaks of."""
    named = (line.cells.get("scan", "") for line in _lines(content, ("reference",)))
    return list(dict.fromkeys(name for name in named if name))


def _lines(content: bytes, wanted: Sequence[str]) -> Iterator[Line]:
    return _COLUMNS.lines(content, wanted, key="reference")
