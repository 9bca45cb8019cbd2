"""What real exports look like: workbooks, encodings, titles above the heading, dates and digits in every spelling."""

import zipfile
from datetime import date
from io import BytesIO
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from starter.importing.headings import is_never_kept, meaning_of
from starter.importing.owners import split_names
from starter.importing.reading import UnreadableExport, read_day, read_export
from tests.starter.importing.books import workbook

HEADING: list[Any] = ["房号", "业主", "联系电话", "签约日期"]
HOME: list[Any] = ["3-1-1202", "张伟", 13800138000, date(2026, 2, 10)]


def test_a_workbook_gives_the_same_rows_as_its_csv() -> None:
    book = read_export(workbook({"台账": [HEADING, HOME]}))
    text = read_export("房号,业主,联系电话,签约日期\n3-1-1202,张伟,13800138000,2026-02-10\n".encode())

    assert [row.cells for row in book.rows] == [row.cells for row in text.rows]
    assert (book.rows[0].sheet, book.rows[0].number, text.rows[0].sheet) == ("台账", 2, "")


@pytest.mark.parametrize(
    ("heading", "meaning"),
    [
        ("合同约定交房日期", "handover_due"), ("应交付日期", "handover_due"), ("约定交楼日期", "handover_due"),
        ("入伙日期", "handed_over"), ("收楼时间", "handed_over"), ("交房时间", "handed_over"),
        ("接房日期", "handed_over"), ("交楼日期", "handed_over"), ("实际交楼日期", "handed_over"),
        ("网签时间", "signed"), ("网签备案日期", "filed"), ("下定时间", "subscribed"), ("网签合同号", "contract"),
        ("业主手机", "phone"), ("入伙批次", "batch"), ("竣工验收合格日期", "completion"), ("楼座", "building"),
        ("合同约定 交房日期 ", "handover_due"), ("入住日期", None),
    ],
)  # fmt: skip
def test_headings_of_sales_systems_are_known(heading: str, meaning: str | None) -> None:
    assert meaning_of(heading) == meaning


def test_titles_and_notes_above_the_heading_do_not_matter_and_rows_keep_the_numbers_of_the_screen() -> None:
    lines = [["香年业主台账"], ["制表:王丽", "", "2026年3月"], [], HEADING, HOME, [], ["合计", 1]]

    export = read_export(workbook({"一": lines}))

    assert [(row.number, row.cells["unit"]) for row in export.rows] == [(5, "3-1-1202")]


def test_every_worksheet_of_homes_is_read_and_the_others_are_named() -> None:
    second = ["4-1-101", "李娜", "13900139000", "2026/2/11"]

    export = read_export(
        workbook({"一期": [HEADING, HOME], "空": [], "说明": [["仅供内部"]], "二期": [HEADING, second]})
    )

    assert [(row.sheet, row.number) for row in export.rows] == [("一期", 2), ("二期", 2)]
    assert export.skipped == ("说明",)


def test_a_cell_that_is_merged_downwards_counts_for_every_row() -> None:
    lines = [HEADING, HOME, ["", "李娜", "13900139000", ""]]

    export = read_export(workbook({"一": lines}, merged=[(1, 2, 0)]))

    assert [row.cells["unit"] for row in export.rows] == ["3-1-1202", "3-1-1202"]


def test_of_a_formula_the_value_counts_that_was_saved_with_it() -> None:
    target = BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet("一")
        sheet.write_row(0, 0, ["房号", "业主", "签约日期"])
        sheet.write_formula(1, 0, '="3-1-"&A9', None, "3-1-1202")
        sheet.write(1, 1, "张伟")
        sheet.write_formula(1, 2, "=1/0", None, "#DIV/0!")

    (row,) = read_export(target.getvalue()).rows

    assert row.cells == {"unit": "3-1-1202", "name": "张伟"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_a_csv_file_is_read_in_every_encoding_of_chinese_spreadsheets(encoding: str) -> None:
    export = read_export("房号;客户姓名\n3-1-1;张伟\n".encode(encoding))

    assert export.rows[0].cells == {"unit": "3-1-1", "name": "张伟"}


def test_a_quote_that_is_never_closed_makes_the_file_unreadable_and_names_the_line() -> None:
    broken = '房号,客户姓名\n3-1-1,张伟\n3-1-2,"李娜\n3-1-3,王强\n'

    with pytest.raises(UnreadableExport, match=r"第 3 行.*from line 3 on: a quote may be open"):
        read_export(broken.encode())


@pytest.mark.parametrize(
    "text", ["2026-06-30", "2026/6/30", "2026.6.30", "2026年6月30日", "20260630", "46203", "2026-06-30 00:00:00"]
)
def test_a_date_is_understood_in_every_spelling(text: str) -> None:
    assert read_day(text) == date(2026, 6, 30)


@pytest.mark.parametrize("text", ["2026-02-30", "30.6.2026", "六月", "2026年6月", "4620", "1"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert read_day(text) is None


@given(st.dates(date(1955, 1, 1), date(2100, 1, 1)))
def test_the_number_of_a_spreadsheet_s_date_is_that_date(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days

    assert read_day(str(serial)) == day == read_day(f"{day.year}年{day.month}月{day.day}日")


@pytest.mark.parametrize(
    ("heading", "meaning"),
    [
        ("业主姓名", "name"), ("买受人", "name"), ("联系电话", "phone"), ("Mobile Phone", "phone"),
        ("单元号", "entrance"),
        ("备案", "filed"), ("合同 交付 日期", "handover_due"), ("交付批次", "batch"), ("客户标签", "tags"),
        ("共有人", "second_name"), ("共有人1", "second_name"), ("共有人2", "second_name.2"),
        ("共有人二手机", "second_phone.2"), ("手机2", None), ("备注", None),
    ],
)  # fmt: skip
def test_the_usual_headings_are_understood(heading: str, meaning: str | None) -> None:
    assert meaning_of(heading) == meaning


def test_columns_of_identity_cards_are_named_and_their_cells_are_kept_nowhere() -> None:
    export = read_export("房号,客户姓名,身份证号,备注\n3-1-1,张伟,510100190001010000,VIP\n".encode())

    assert (export.never, export.ignored) == (("身份证号",), ("备注",))
    assert "510100190001010000" not in repr(export)
    assert is_never_kept("证件号码")


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("张伟", ["张伟"]), ("张伟、李娜", ["张伟", "李娜"]), ("张伟/李娜;王强", ["张伟", "李娜", "王强"]),
        ("张伟和李娜", ["张伟", "李娜"]), ("谢和平", ["谢和平"]), ("张伟(50%)、李娜(50%)", ["张伟", "李娜"]),
        ("和记贸易、进出口有限公司", ["和记贸易、进出口有限公司"]), ("Smith, John", ["Smith, John"]),
        ("Smith & Sons Ltd", ["Smith & Sons Ltd"]), ("Zhang Wei/Li Na", ["Zhang Wei", "Li Na"]), ("", []),
    ],
)  # fmt: skip
def test_several_names_in_one_cell_are_several_owners(cell: str, names: list[str]) -> None:
    assert split_names(cell) == names


def _archive(**files: str) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/"), text)
    return target.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (workbook({"空": []}), "empty"),
        (workbook({"一": [HEADING, HOME]})[:-40], "damaged"),
        (_archive(xl__workbook="no xml"), "damaged"),
        (_archive(word__document="a letter"), "neither"),
        (OLE + b"\0" * 64, ".xlsx"),
        (OLE + b"\0" * 64 + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"PK\x03\x04 not an archive", "damaged"),
    ],
)
def test_a_workbook_that_cannot_be_read_says_why(content: bytes, words: str) -> None:
    with pytest.raises(UnreadableExport, match=words):
        read_export(content)


def test_a_workbook_that_would_unpack_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("starter.importing.workbooks.MOST_UNPACKED", 1000)

    with pytest.raises(UnreadableExport, match="too large"):
        read_export(workbook({"一": [HEADING, HOME]}))


def test_more_rows_than_an_import_takes_are_refused_before_they_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("starter.importing.workbooks.MOST_ROWS", 2)

    with pytest.raises(UnreadableExport, match="in parts"):
        read_export(b"unit,name\n1-1,A\n1-2,B\n")


def test_a_list_without_homes_names_the_column_that_is_missing() -> None:
    lines: list[list[Any]] = [["房号", "备注"], ["3-1-1", "空置"]]

    with pytest.raises(UnreadableExport, match="客户姓名"):
        read_export(workbook({"一": lines, "二": [["x"]]}))
