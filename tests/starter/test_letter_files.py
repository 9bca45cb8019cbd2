"""Files from the post: our own list filled in, other systems' headings, and every row at fault by its number."""

import csv
import io
from datetime import date

import pytest

from journey.adapters.printing.address_list import HEADINGS as OURS
from journey.domain.errors import InvalidInput
from journey.domain.references import shown_reference, with_check
from starter.letter_files import read_ends, read_tracking, scans_named, with_scans
from tests.starter.importing.books import workbook

FIRST, SECOND = with_check("123456789"), with_check("23456789A")


def table(*rows: tuple[str, ...]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def errors(found: pytest.ExceptionInfo[InvalidInput]) -> list[tuple[str, str]]:
    return [(each.field, each.rule) for each in found.value.errors]


def test_our_own_list_comes_back_with_its_last_column_filled_and_gaps_left_out() -> None:
    own = table(
        tuple(OURS),
        (shown_reference(FIRST), "张伟", "成都", "138", "610000", " ex 123456789 cn "),
        (shown_reference(SECOND), "李娜", "成都", "138", "610000", ""),
    )

    (found,), _ = read_tracking(own)

    assert (found.row, found.reference, found.tracking) == (2, FIRST, "EX123456789CN")


def test_a_workbook_of_proofs_is_read_with_its_own_headings_below_a_title() -> None:
    book = workbook({"EMS": [
        ["六月交付通知妥投情况"], ["函件编号", "签收日期", "投递结果", "回执"],
        [shown_reference(FIRST), date(2026, 6, 10), "妥投", "a.pdf"],
        [SECOND.lower(), "2026/6/11", "退信", None], [None, None, None, None],
    ]})  # fmt: skip

    (first, second), unread = read_ends(book)

    assert (first.row, first.reference, first.on, first.outcome, first.scan) == (
        3, FIRST, date(2026, 6, 10), "ems", "a.pdf",
    )  # fmt: skip
    assert (second.reference, second.on, second.outcome, second.scan) == (SECOND, date(2026, 6, 11), "returned", None)
    assert scans_named(book) == ["a.pdf"]
    assert unread == []


def test_every_row_at_fault_is_named() -> None:
    _, numbers = read_tracking(table(("编号", "单号"), ("12345-67890", "EX1CN"), (FIRST, "??"), (SECOND, "EX2CN")))
    _, ends = read_ends(
        table(("reference", "on", "proof"), (FIRST, "31/31", "ems"), (SECOND, "", "lost"), ("x", "", ""))
    )
    with pytest.raises(InvalidInput) as heading:
        read_ends(table(("编号", "日期"), (FIRST, "2026-06-10")))

    assert [(one.field, one.rule) for one in numbers] == [
        ("rows/2/reference", "not-a-reference"),
        ("rows/3/tracking", "invalid"),
    ]
    assert [(one.field, one.rule) for one in ends] == [
        ("rows/2/on", "not-a-date"), ("rows/3/on", "required"), ("rows/3/outcome", "unknown-value"),
    ]  # fmt: skip
    assert errors(heading) == [("columns/outcome", "required")]


def test_names_of_scans_give_way_to_their_hashes_row_for_row() -> None:
    told = table(("编号", "日期", "结果", "扫描件"), (FIRST, "2026-06-10", "ems", "a.pdf"), (SECOND, "", "", ""))

    found = with_scans(told, {"a.pdf": "f" * 64})

    assert [row[-1] for row in found] == ["扫描件", "f" * 64, ""]
