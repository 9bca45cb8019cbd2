"""Write `sales-export.csv`: what a sales system would hand over, dirty rows included. Every name is made up.

Run `python docs/samples/make_samples.py`; the seed is fixed, so the same file comes out.
"""

import csv
import random
from datetime import date, timedelta
from pathlib import Path
from typing import Final, TypeAlias

HEADINGS: Final = (
    "项目编码", "楼栋", "房号", "客户编号", "客户姓名", "手机号", "邮箱", "共有人", "共有人手机号", "合同编号",
    "认购日期", "签约日期", "备案日期", "合同交付日期", "竣工验收日期", "交付日期",
)  # fmt: skip
PROJECT: Final = "XN"
FAMILY: Final = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章"
GIVEN: Final = "安晨东方芳刚国海涵豪浩华慧佳嘉建健静娟军俊凯兰乐磊丽琳玲龙敏明娜宁萍琪倩强晴瑞珊涛婷伟文雪岩怡颖宇"
TODAY: Final = date(2026, 11, 23)
# Building, floors, contract handover date, completion accepted on, handed over between (None: still ahead).
BUILDINGS: Final = (
    ("1", 18, date(2024, 6, 30), date(2024, 5, 20), (date(2024, 6, 15), date(2024, 7, 20))),
    ("2", 18, date(2025, 9, 30), date(2025, 8, 28), (date(2025, 9, 12), date(2025, 10, 31))),
    ("3", 24, date(2026, 10, 31), date(2026, 9, 25), (date(2026, 10, 20), date(2026, 11, 22))),
    ("5", 24, date(2026, 12, 31), date(2026, 11, 16), None),
    ("6", 26, date(2027, 6, 30), None, None),
)
Row: TypeAlias = dict[str, str]


def clean_rows(chance: random.Random) -> list[Row]:
    """Return one row a sold home."""
    rows: list[Row] = []
    for building, floors, due, completion, handed_over in BUILDINGS:
        for floor in range(2, floors + 1):
            for door in ("01", "02"):
                if chance.random() < 0.97:
                    rows.append(
                        _row(chance, f"{building}-1-{floor}{door}", len(rows) + 1, due, completion, handed_over)
                    )
    return rows


def _row(
    chance: random.Random,
    unit: str,
    number: int,
    due: date,
    completion: date | None,
    handed_over: tuple[date, date] | None,
) -> Row:
    signed = min(due - timedelta(days=chance.randrange(150, 700)), TODAY - timedelta(days=chance.randrange(1, 40)))
    row = dict.fromkeys(HEADINGS, "")
    row |= {
        "项目编码": PROJECT,
        "楼栋": f"{unit.split('-')[0]}号楼",
        "房号": unit,
        "客户编号": f"C{number:05d}",
        "客户姓名": _name(chance),
        "手机号": _phone(chance),
        "合同编号": f"XN-HT-{number:05d}",
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


def dirty_rows(chance: random.Random, rows: list[Row]) -> list[Row]:
    """Return the rows with what real exports hold: six that cannot be loaded, three that only look odd."""
    fresh = [_row(chance, f"7-1-{floor}01", 900 + floor, date(2027, 12, 31), None, None) for floor in range(2, 11)]
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


def main(path: Path) -> None:
    """Write the file as a Chinese spreadsheet reads it: UTF-8 with its mark."""
    chance = random.Random(20261123)
    rows = dirty_rows(chance, clean_rows(chance))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, HEADINGS)
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main(Path(__file__).with_name("sales-export.csv"))
