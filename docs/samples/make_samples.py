"""Write three exports of a sales system, dirty rows included. Every name is made up.

`sales-export.csv`: 香年, under sale and handover. `midlife-export.csv`: 云栖, which enters with years of past.
`owners.xlsx`: 江岸, a workbook as people keep one, with titles, merged cells and several owners of a home.
Run `python docs/samples/make_samples.py`; the seeds are fixed, so the same files come out.
"""

import csv
import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final, TypeAlias

import xlsxwriter

HEADINGS: Final = (
    "项目编码", "楼栋", "房号", "客户编号", "客户姓名", "手机号", "邮箱", "共有人", "共有人手机号", "合同编号",
    "认购日期", "签约日期", "备案日期", "合同交付日期", "竣工验收日期", "交付日期",
)  # fmt: skip
FAMILY: Final = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章"
GIVEN: Final = "安晨东方芳刚国海涵豪浩华慧佳嘉建健静娟军俊凯兰乐磊丽琳玲龙敏明娜宁萍琪倩强晴瑞珊涛婷伟文雪岩怡颖宇"
CUSTOMERS: Final = {"XN": "C", "YQ": "Y"}  # how each project's customer numbers begin
TODAY: Final = date(2026, 11, 23)
# Building, floors, contract handover date, completion accepted on, handed over between (None: still ahead).
BUILDINGS: Final = (
    ("1", 18, date(2024, 6, 30), date(2024, 5, 20), (date(2024, 6, 15), date(2024, 7, 20))),
    ("2", 18, date(2025, 9, 30), date(2025, 8, 28), (date(2025, 9, 12), date(2025, 10, 31))),
    ("3", 24, date(2026, 10, 31), date(2026, 9, 25), (date(2026, 10, 20), date(2026, 11, 22))),
    ("5", 24, date(2026, 12, 31), date(2026, 11, 16), None),
    ("6", 26, date(2027, 6, 30), None, None),
)
# Signed in 2019 and handed over in 2021; half their warranty gone; in their first year; sold and not handed over.
MIDLIFE: Final = (
    ("1", 12, date(2021, 6, 30), date(2021, 5, 28), (date(2021, 6, 18), date(2021, 8, 15))),
    ("2", 12, date(2024, 12, 31), date(2024, 11, 20), (date(2024, 11, 26), date(2025, 1, 25))),
    ("3", 9, date(2026, 3, 31), date(2026, 2, 10), (date(2026, 3, 10), date(2026, 5, 20))),
    ("5", 7, date(2027, 3, 31), None, None),
)
OWNERS_HEADINGS: Final = (
    "楼栋", "单元", "房号", "业主", "联系电话", "认购日期", "签约日期", "备案", "合同交付日期", "交付批次",
    "标签", "身份证号",
)  # fmt: skip
Building: TypeAlias = tuple[str, int, date, date | None, tuple[date, date] | None]
Row: TypeAlias = dict[str, str]


def clean_rows(chance: random.Random, project: str, buildings: Sequence[Building]) -> list[Row]:
    """Return one row a sold home."""
    rows: list[Row] = []
    for building, floors, due, completion, handed_over in buildings:
        for floor in range(2, floors + 1):
            for door in ("01", "02"):
                if chance.random() < 0.97:
                    rows.append(
                        _row(
                            chance, project, f"{building}-1-{floor}{door}", len(rows) + 1, due, completion, handed_over
                        )
                    )
    return rows


def _row(
    chance: random.Random,
    project: str,
    unit: str,
    number: int,
    due: date,
    completion: date | None,
    handed_over: tuple[date, date] | None,
) -> Row:
    signed = min(due - timedelta(days=chance.randrange(150, 700)), TODAY - timedelta(days=chance.randrange(1, 40)))
    row = dict.fromkeys(HEADINGS, "")
    row |= {
        "项目编码": project,
        "楼栋": f"{unit.split('-')[0]}号楼",
        "房号": unit,
        "客户编号": f"{CUSTOMERS[project]}{number:05d}",
        "客户姓名": _name(chance),
        "手机号": _phone(chance),
        "合同编号": f"{project}-HT-{number:05d}",
        "认购日期": str(signed - timedelta(days=chance.randrange(3, 15))),
        "签约日期": str(signed),
        "合同交付日期": str(due),
    }
    filed = signed + timedelta(days=chance.randrange(5, 30))
    if filed <= TODAY:
        row["备案日期"] = str(filed)
    if completion:
        row["竣工验收日期"] = str(completion)
    if handed_over and chance.random() < 0.9:
        first, last = handed_over
        row["交付日期"] = str(first + timedelta(days=chance.randrange((last - first).days + 1)))
    if chance.random() < 0.3:
        row["邮箱"] = f"owner{number:05d}@example.com"
    if chance.random() < 0.25:
        row |= {"共有人": _name(chance), "共有人手机号": _phone(chance)}
    return row


def overdue_rows(chance: random.Random, rows: list[Row]) -> list[Row]:
    """Return the rows with what paper leaves behind over the years: filings late, and filings nobody can find."""
    for row in rows:
        if row["备案日期"] and chance.random() < 0.08:
            row["备案日期"] = str(date.fromisoformat(row["签约日期"]) + timedelta(days=chance.randrange(35, 200)))
        elif chance.random() < 0.08:
            row["备案日期"] = ""
    return rows


def dirty_rows(chance: random.Random, project: str, rows: list[Row]) -> list[Row]:
    """Return the rows with what real exports hold: six that cannot be loaded, three that only look odd."""
    due = date(2027, 12, 31)
    fresh = [_row(chance, project, f"7-1-{floor}01", 900 + floor, due, None, None) for floor in range(2, 11)]
    fresh[0]["手机号"] = "1380013"
    fresh[1]["签约日期"] = "2026-02-30"
    fresh[2]["房号"], fresh[2]["楼栋"] = rows[10]["房号"], rows[10]["楼栋"]
    fresh[3]["客户姓名"] = ""
    fresh[4]["认购日期"] = str(date.fromisoformat(fresh[4]["签约日期"]) + timedelta(days=9))
    fresh[5]["合同交付日期"] = ""
    fresh[6]["房号"] = f"  {fresh[6]['房号']}  "
    fresh[7]["手机号"] = fresh[7]["手机号"].translate({ord("0") + n: ord("０") + n for n in range(10)})
    fresh[8]["签约日期"] = fresh[8]["签约日期"].replace("-", "/")
    return rows + fresh


def _name(chance: random.Random) -> str:
    return chance.choice(FAMILY) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2))))


def _phone(chance: random.Random) -> str:
    # The prefix 13800… is what Chinese examples use.
    return f"13800{chance.randrange(1_000_000):06d}"


def main(folder: Path) -> None:
    """Write every file."""
    chance = random.Random(20261123)
    write(folder / "sales-export.csv", dirty_rows(chance, "XN", clean_rows(chance, "XN", BUILDINGS)))
    chance = random.Random(20211218)
    past = overdue_rows(chance, clean_rows(chance, "YQ", MIDLIFE))
    write(folder / "midlife-export.csv", dirty_rows(chance, "YQ", past))
    write_workbook(folder / "owners.xlsx", random.Random(20270308))


def write(path: Path, rows: Sequence[Row]) -> None:
    """Write a file as a Chinese spreadsheet reads it: UTF-8 with its mark."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, HEADINGS)
        writer.writeheader()
        writer.writerows(rows)


def write_workbook(path: Path, chance: random.Random) -> None:
    """Write two worksheets of homes and one of notes, as a colleague would send them."""
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"created": datetime(2027, 3, 8, tzinfo=UTC)})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        middle = book.add_format({"align": "center", "bold": True})
        for name, building in (("一期", "1"), ("二期", "2")):
            sheet = book.add_worksheet(name)
            sheet.merge_range(0, 0, 0, len(OWNERS_HEADINGS) - 1, f"江岸项目{name}业主台账", middle)
            sheet.write(1, 0, "制表:销售内勤")
            sheet.write_row(2, 0, OWNERS_HEADINGS)
            last = _write_homes(sheet, chance, building, day)
            sheet.write_row(last, 0, ["合计", last - 3])
        book.add_worksheet("说明").write(0, 0, "日期以合同为准;证件信息请勿填写。")


def _write_homes(sheet: Any, chance: random.Random, building: str, day: Any) -> int:
    """Write the homes of a building; the number of the row after the last one."""
    line = 3
    for floor in range(2, 14):
        signed = date(2025, 3, 1) + timedelta(days=chance.randrange(500))
        names, phones = [_name(chance)], [_phone(chance)]
        if floor % 4 == 0:
            names, phones = [*names, _name(chance)], [*phones, _phone(chance)]
        cells = [f"{building}栋", "1单元", f"{floor:02d}01", "、".join(names), "/".join(phones)]
        sheet.write_row(line, 0, cells)
        for column, when in enumerate((signed - timedelta(days=9), signed, signed + timedelta(days=12)), start=5):
            sheet.write_datetime(line, column, datetime.combine(when, time()), day)
        sheet.write(line, 8, "2027年12月31日" if floor % 2 else "2027/12/31")
        sheet.write_row(line, 9, [f"{building}期", "度假" if floor % 5 == 0 else "", "0000 0000"])
        line += 1
        if floor == 6:  # a co-owner on a row of their own, the home's cells merged over both
            for column, cell in enumerate(cells[:3]):
                sheet.merge_range(line - 1, column, line, column, cell)
            sheet.write_row(line, 3, [_name(chance), _phone(chance)])
            line += 1
    return line


if __name__ == "__main__":
    main(Path(__file__).parent)
