"""Rows beside each other: co-owners, one person with several homes, the same home twice, codes of homes in parts."""

from datetime import date

import pytest

from starter.importing.batches import planned_batches
from starter.importing.checking import Checked, check_export
from starter.importing.reading import read_export
from tests.starter.importing.books import workbook

HEADING = "房号,客户编号,客户姓名,手机号,合同编号,签约日期,合同交付日期"


def checked(*rows: str, heading: str = HEADING) -> Checked:
    export = read_export("\n".join([heading, *rows]).encode())
    return check_export(export, project="XN", today=date(2026, 11, 23))


def names(found: Checked) -> list[list[str]]:
    return [[owner["name"] for owner in home.owners] for home in found.homes]


def rules(found: Checked) -> list[str]:
    return [each.rule for each in (*found.errors, *found.warnings)]


def test_co_owners_in_one_cell_have_the_numbers_of_the_same_place() -> None:
    found = checked("3-1-1,C1,张伟、李娜,13800138000/13900139000,HT-1,2026-02-10,2027-06-30")

    assert [(owner["ref"], owner["phone"]) for owner in found.homes[0].owners] == [
        ("C1", "+8613800138000"), ("C1-2", "+8613900139000"),
    ]  # fmt: skip


def test_a_customer_number_in_one_cell_for_each_owner_is_theirs() -> None:
    found = checked("3-1-1,C1/C2,张伟/李娜,,,,")

    assert [owner["ref"] for owner in found.homes[0].owners] == ["C1", "C2"]


def test_a_cell_that_swallowed_the_next_row_keeps_its_row_out() -> None:
    found = checked(
        '3-1-1,C1,张伟,"13800138000,HT-1,2026-02-10,2027-06-30',
        '3-1-2,C2,李娜,13900139000",HT-2,2026-02-10,2027-06-30',
        "3-1-3,C3,王强,13700137000,HT-3,2026-02-10,2027-06-30",
    )

    assert [(error.row, error.rule) for error in found.errors] == [(2, "swallowed-rows")]
    assert names(found) == [["王强"]]


def test_a_home_s_code_that_runs_over_a_line_s_end_keeps_its_row_out() -> None:
    found = checked('"3-1-1\n3-1-2",张伟', heading="房号,客户姓名")

    assert (found.homes, rules(found)) == ([], ["swallowed-rows"])


def test_co_owners_one_below_the_other_in_a_cell_are_no_swallowed_rows() -> None:
    found = checked('3-1-1,C1,"张伟\n李娜",13800138000,HT-1,2026-02-10,2027-06-30')

    assert names(found) == [["张伟", "李娜"]]


def test_an_address_may_run_over_lines_and_have_commas() -> None:
    found = checked('3-1-1,Jane Smith,"12 High Street,\nLondon"', heading="房号,客户姓名,通讯地址")

    assert names(found) == [["Jane Smith"]]


@pytest.mark.parametrize(("row", "known"), [("3-1-1,C1,张,伟,138", ["more-cells"]), ("3-1-1,C1,张伟,,", [])])
def test_a_row_with_more_cells_than_columns_is_kept_out(row: str, known: list[str]) -> None:
    assert rules(checked(row, heading="房号,客户编号,客户姓名")) == known


def test_co_owners_in_columns_of_their_own_are_owners_once() -> None:
    heading = "房号,客户姓名,共有人1,共有人1手机,共有人2,共有人2编号"

    found = checked("3-1-1,张伟、李娜,李娜,13900139000,王强,C9", heading=heading)

    assert [(owner["ref"], owner["name"]) for owner in found.homes[0].owners] == [
        ("XN-3-1-1", "张伟"), ("XN-3-1-1-2", "李娜"), ("C9", "王强"),
    ]  # fmt: skip


def test_a_second_row_of_the_same_sale_is_a_co_owner_and_says_so() -> None:
    found = checked("3-1-1,C1,张伟,13800138000,HT-1,2026-02-10,2027-06-30", "3-1-1,C2,李娜,13900139000,HT-1,,")

    assert names(found) == [["张伟", "李娜"]]
    assert [(each.rule, each.row) for each in found.warnings] == [("co-owner-row", 3)]
    assert found.errors == []


@pytest.mark.parametrize(
    "second",
    [
        "3-1-1,C1,张伟,13800138000,HT-1,2026-02-10,2027-06-30",  # the row again
        "3-1-1,C2,李娜,13900139000,HT-2,2026-02-10,2027-06-30",  # another contract
        "3-1-1,C2,李娜,13900139000,HT-1,2026-03-10,2027-06-30",  # another day
        "3-1-1,C1,李娜,13900139000,HT-1,2026-02-10,2027-06-30",  # the same customer under another name
    ],
)
def test_a_second_row_that_may_be_another_sale_is_refused(second: str) -> None:
    found = checked("3-1-1,C1,张伟,13800138000,HT-1,2026-02-10,2027-06-30", second)

    assert [(each.rule, each.row) for each in found.errors] == [("duplicate-unit", 3)]
    assert names(found) == [["张伟"]]


def test_nobody_is_merged_by_phone_but_two_rows_that_look_like_one_person_are_named() -> None:
    found = checked("3-1-1,C1,张伟,13800138000,,,", "3-1-2,C2,张伟,13800138000,,,", "3-1-3,C1,张伟,13800138000,,,")

    assert [home.owners[0]["ref"] for home in found.homes] == ["C1", "C2", "C1"]
    assert [(each.rule, each.row) for each in found.warnings] == [("same-phone", 3)]
    assert "第 2 行" in found.warnings[0].line("zh")
    assert "row 2" in found.warnings[0].line("en")


def test_one_customer_number_with_two_names_is_named() -> None:
    assert rules(checked("3-1-1,C1,张伟,,,,", "3-1-2,C1,李娜,,,,")) == ["ref-other-name"]


@pytest.mark.parametrize(
    ("cells", "unit", "building"),
    [
        ("3栋,1单元,1202", "3-1-1202", "3"),
        ("3,1,1202", "3-1-1202", "3"),
        ("3号楼,,3-1-1202", "3-1-1202", "3"),
        (",,3栋1单元1202室", "3-1-1202", "3"),
        (",,3号楼1202", "3-1202", "3"),
        (",,3\uff0d1\uff0d1202", "3-1-1202", "3"),
        ("A座,,1202", "A-1202", "A"),
    ],
)
def test_a_home_s_code_is_put_together_from_its_parts(cells: str, unit: str, building: str) -> None:
    (home,) = checked(f"{cells},张伟", heading="楼栋,单元,房号,客户姓名").homes

    assert (home.unit, home.building) == (unit, building)


def test_what_else_a_row_says_of_its_owner_goes_along() -> None:
    heading = "房号,客户姓名,生日,微信,标签,邮箱"

    (home,) = checked("3-1-1,张伟,1988年5月4日,zw88,度假、大客户,zw@example.com", heading=heading).homes

    assert home.owners[0] == {
        "ref": "XN-3-1-1", "name": "张伟", "email": "zw@example.com", "wechat": "zw88", "birthday": "1988-05-04",
        "tags": ["度假", "大客户"],
    }  # fmt: skip


def test_where_letters_go_is_read_with_its_postcode_and_co_owners_of_one_cell_share_it() -> None:
    heading = "房号,客户姓名,通讯地址,邮编,共有人,共有人通讯地址,共有人2,共有人2地址"

    (home,) = checked("3-1-1,张伟、李娜,成都市春熙路1号,610000,王强,北京市东城区长安街2号,赵敏,", heading=heading).homes

    assert [(owner["name"], owner.get("address")) for owner in home.owners] == [
        ("张伟", "610000 成都市春熙路1号"), ("李娜", "610000 成都市春熙路1号"), ("王强", "北京市东城区长安街2号"),
        ("赵敏", None),
    ]  # fmt: skip


def test_an_address_that_is_none_keeps_no_home_out_and_is_named() -> None:
    found = checked("3-1-1,张伟,成都", heading="房号,客户姓名,联系地址")

    assert "address" not in found.homes[0].owners[0]
    assert rules(found) == ["not-an-address"]


def test_a_birthday_that_is_none_keeps_no_home_out() -> None:
    found = checked("3-1-1,张伟,五月", heading="房号,客户姓名,生日")

    assert (len(found.homes), rules(found)) == (1, ["not-a-date"])


def test_more_numbers_than_owners_are_named_and_the_first_counts() -> None:
    found = checked("3-1-1,C1,张伟,13800138000、13900139000,,,")

    assert (found.homes[0].owners[0]["phone"], rules(found)) == ("+8613800138000", ["more-phones"])


def test_a_row_of_a_workbook_is_named_with_its_sheet() -> None:
    lines = [["房号", "姓名", "手机"], ["3-1-1", "张伟", "1380013"]]
    export = read_export(workbook({"一期": lines, "二期": [*lines[:1], ["3-1-1", "张伟", ""]]}))

    found = check_export(export, project="XN", today=date(2026, 11, 23))

    assert [each.line("zh") for each in found.errors] == [
        "工作表 一期 第 2 行:手机:不是有效电话号码",
        "工作表 二期 第 2 行:房号:与工作表 一期 第 2 行重复",
    ]
    assert found.errors[0].line("en") == "sheet 一期 row 2: 手机: is not a valid phone number"


def test_a_building_in_two_batches_belongs_to_none_and_both_are_named() -> None:
    heading = "房号,客户姓名,签约日期,合同交付日期,交付批次"
    found = checked(
        "3-1-1,张伟,2026-02-10,2027-06-30,B1",
        "3-1-2,李娜,2026-02-10,2027-06-30,B2",
        "4-1-1,王强,2026-02-10,2027-06-30,B2",
        heading=heading,
    )

    batches = planned_batches(found.homes, "2026-11-23T09:00:00+08:00")

    assert [(event["data"]["batch"], event["data"]["buildings"]) for _, event in batches.planned] == [("B2", ["4"])]
    (error,) = batches.errors
    assert error.row == 3
    assert [word for word in ("B1", "B2", "第 2 行") if word not in error.line("zh")] == []


HANDED_OVER = "房号,客户姓名,合同编号,认购日期,签约日期,合同交付日期,备案日期,交付日期"


def test_a_home_handed_over_whose_promised_day_nobody_kept_comes_in_without_its_signing() -> None:
    found = checked("3-1-1,张伟,HT-1,2019-01-05,2019-01-20,,2019-02-10,2021-06-27", heading=HANDED_OVER)

    assert [(fact["type"], fact["data"]["on"]) for fact in found.homes[0].facts] == [
        ("subscription.signed", "2019-01-05"), ("contract.filed", "2019-02-10"), ("handover.accepted", "2021-06-27"),
    ]  # fmt: skip
    assert [(each.rule, each.column) for each in found.warnings] == [("signing-left-out", "合同交付日期")]
    assert found.errors == []


@pytest.mark.parametrize("handed_over", ["", "2027-06-27"])
def test_a_signing_of_a_home_still_owed_needs_the_promised_day(handed_over: str) -> None:
    found = checked(f"3-1-1,张伟,HT-1,,2026-01-20,,,{handed_over}", heading=HANDED_OVER)

    assert [(each.rule, each.column) for each in found.errors] == [("required", "合同交付日期")]
    assert found.homes == []


def test_a_signing_that_is_left_out_still_has_its_place_in_the_order() -> None:
    found = checked("3-1-1,张伟,HT-1,,2021-07-01,,,2021-06-27", heading=HANDED_OVER)

    assert [(each.rule, each.column) for each in found.errors] == [("wrong-order", "交付日期")]
