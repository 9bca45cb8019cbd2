"""Write `hundred-homes.yaml`: a project of a hundred homes in two batches over three years, for `journey simulate`.

The first ten homes have lives of their own, the others are signed for and taken over like most. Names are made up.
Run `python docs/samples/make_hundred.py`: nothing in it is left to chance, so the same file comes out.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Final, TypeAlias

HEAD: Final = """\
# A hundred homes of one project over three years, from the signings over the handover to lives in the homes.
# 一个项目一百套房的三年:签约、分两批交付、入住之后。
# Written by make_hundred.py. The first ten homes have lives of their own 前十套各有经历。
project: {code: HX, name: 和雅, city: 成都}
batches:
  - {code: "A", buildings: ["1", "2"], contract_handover_date: 2027-06-30,
     handover_from: 2027-06-12, handover_to: 2027-06-20}
  - {code: "B", buildings: ["3", "5"], contract_handover_date: 2027-09-30,
     handover_from: 2027-07-10, handover_to: 2027-07-18}
journeys:
  - {unit: 1-2-0201, owners: [{ref: leak, name: 张伟, phone: "13800138001", consents: [care], birthday: 1988-05-04}]}
  - {unit: 1-2-0202, owners: [{ref: complaint, name: 李娜, phone: "13800138002", consents: [care]}]}
  - {unit: 2-2-0301, owners: [{ref: fit-out, name: 王芳, phone: "13800138003", consents: [care, marketing]}]}
  - {unit: 2-2-0302, owners: [{ref: both, name: 赵强, phone: "13800138004", consents: [care]}]}
  - {unit: 3-2-0401, owners: [{ref: both, name: 赵强, phone: "13800138004"}]}
  - {unit: 3-2-0402, owners: [{ref: back, name: 陈静, phone: "13800138005"}]}
  - {unit: 1-2-0501, owners: [{ref: resale, name: 刘洋, phone: "13800138006", consents: [care]}]}
  - {unit: 2-2-0502, owners: [{ref: refused, name: 杨帆, phone: "13800138007"}]}
  - {unit: 5-2-0601, owners: [{ref: absent, name: 周敏, phone: "13800138008"},
                              {ref: husband, name: 吴磊, phone: "13800138009"}]}
  - {unit: 5-2-0602, owners: [{ref: quiet, name: 郑爽, phone: "13800138010", consents: [care]}]}
  - {count: 25, pattern: "1-1-{n:04}", owners: [{ref: "one-{n}", name: 业主, phone: "13900139001", consents: [care]}]}
  - {count: 25, pattern: "2-1-{n:04}", owners: [{ref: "two-{n}", name: 业主, phone: "13900139002"}]}
  - {count: 20, pattern: "3-1-{n:04}", owners: [{ref: "three-{n}", name: 业主, phone: "13900139003", consents: [care]}]}
  - {count: 20, pattern: "5-1-{n:04}", owners: [{ref: "five-{n}", name: 业主, phone: "13900139005"}]}
start: 2026-03-01T09:00:00+08:00
events:
"""
TAIL: Final = "actors: {staff: on-time, owners: answer, contractors: on-time}\nuntil: 2029-03-01\n"
OWN: Final = (
    "1-2-0201", "1-2-0202", "2-2-0301", "2-2-0302", "3-2-0401",
    "3-2-0402", "1-2-0501", "2-2-0502", "5-2-0601", "5-2-0602",
)  # fmt: skip
ALIKE: Final = {"1": 25, "2": 25, "3": 20, "5": 20}
CONTRACT: Final = {"1": "2027-06-30", "2": "2027-06-30", "3": "2027-09-30", "5": "2027-09-30"}
FIRST_KEYS: Final = {"1": date(2027, 6, 12), "2": date(2027, 6, 12), "3": date(2027, 7, 24), "5": date(2027, 7, 24)}
NO_KEYS: Final = ("3-2-0402", "2-2-0502", "5-2-0601")  # told below, or never
CHINA: Final = timezone(timedelta(hours=8))
SIGNED_FROM: Final = datetime(2026, 3, 5, 10, 20, tzinfo=CHINA)
Line: TypeAlias = tuple[datetime, str]

MILESTONES: Final = (
    ("topped-out", "2026-09-10", "2026-11-05"),
    ("utilities-connected", "2027-03-10", "2027-04-07"),
    ("completion-accepted", "2027-04-26", "2027-05-25"),
    ("completion-filed", "2027-05-06", "2027-06-04"),
)
# Day and hour, home, type, data, more: what makes the ten lives differ.
LIVES: Final = (
    ("2026-03-03T10:00", "1-2-0201", "subscription.signed", "{on: 2026-03-03}", ""),
    ("2026-06-12T10:00", "3-2-0401", "contract.amended", "{on: 2026-06-12, price: 1860000}", ""),
    # put off by two weeks, a week after the other batch was handed over 二批推迟两周
    ("2027-06-28T10:00", "", "batch.rescheduled",
     '{batch: "B", buildings: ["3", "5"], handover_from: 2027-07-24, handover_to: 2027-08-01}', ""),
    # a leak, put right, and again in the second year 漏水
    ("2027-11-11T09:30", "1-2-0201", "defect.reported",
     "{category: waterproofing, component: wet-room, severity: general, text: 主卫漏水}", "as: leak1"),
    ("2028-08-07T09:30", "1-2-0201", "defect.reported",
     "{category: plumbing, component: plumbing, severity: urgent, text: 水管渗水}", "as: leak2"),
    # a complaint, grave enough to stop care for a while 重大投诉
    ("2027-09-18T20:10", "1-2-0202", "complaint.raised",
     "{category: service, severity: major, text: 夜间施工}", "as: noise"),
    ("2028-02-01T10:00", "1-2-0202", "consent.withdrawn", "{purpose: care, evidence: 短信}", ""),
    # a fit-out 装修
    ("2027-08-02T10:00", "2-2-0301", "fit_out.applied", "{on: 2027-08-02}", ""),
    ("2027-08-04T10:00", "2-2-0301", "fit_out.permitted", "{on: 2027-08-04, until: 2027-10-29, deposit: 2000}", ""),
    ("2027-08-10T10:00", "2-2-0301", "fit_out.inspected", "{on: 2027-08-10, kind: demolition, passed: true}", ""),
    ("2027-10-25T10:00", "2-2-0301", "fit_out.completion_requested", "{on: 2027-10-25}", ""),
    ("2027-10-27T10:00", "2-2-0301", "fit_out.accepted", "{on: 2027-10-27, passed: true}", ""),
    ("2027-11-05T10:00", "2-2-0301", "fit_out.deposit_refunded", "{on: 2027-11-05, amount: 2000}", ""),
    ("2027-12-11T10:00", "2-2-0301", "moved_in", "{on: 2027-12-11}", ""),
    # given back before the handover 退房
    ("2027-07-05T10:00", "3-2-0402", "contract.cancelled", "{on: 2027-07-05, reason: 贷款未批}", ""),
    # resold 转卖
    ("2028-09-12T11:00", "1-2-0501", "ownership.transferred",
     '{on: 2028-09-12, kind: resale, to: [{ref: lf, name: 李芳, phone: "13900139009", consents: [care]}]}', ""),
    # refused with a good reason 有理拒收
    ("2027-06-13T15:00", "2-2-0502", "handover.refused", "{on: 2027-06-13, justified: true, reason: 渗漏}", ""),
    ("2027-07-03T11:00", "2-2-0502", "handover.accepted", "{on: 2027-07-03}", ""),
    # did not come, then did 未到场
    ("2027-07-24T17:00", "5-2-0601", "handover.no_show", "{on: 2027-07-24}", ""),
    ("2027-08-07T11:00", "5-2-0601", "handover.accepted", "{on: 2027-08-07}", ""),
    # wants to hear nothing for half a year 静默半年
    ("2027-10-08T10:00", "5-2-0602", "hold.placed", "{scope: care, how: mute, reason: 业主要求}", ""),
    ("2028-04-10T10:00", "5-2-0602", "hold.released", "{scope: care, how: mute, reason: 业主要求}", ""),
)  # fmt: skip


def homes() -> list[str]:
    """The homes in the order of the file."""
    return [*OWN, *(f"{building}-1-{n:04}" for building, count in ALIKE.items() for n in range(1, count + 1))]


def main() -> None:
    """Write the file beside this one."""
    lines = sorted([*_milestones(), *_sales(), *_keys(), *_lives()])
    events = "".join(f"  - {text}\n" for _, text in lines)
    Path(__file__).with_name("hundred-homes.yaml").write_text(HEAD + events + TAIL, encoding="utf-8")


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def _line(at: datetime, unit: str, kind: str, data: str, more: str = "") -> Line:
    parts = [f"at: {at.isoformat()}", f"unit: {unit}" if unit else "", more, f"type: {kind}", f"data: {data}"]
    return at, "{" + ", ".join(part for part in parts if part) + "}"


def _milestones() -> Iterator[Line]:
    for name, *days in MILESTONES:
        for on, buildings in zip(days, (("1", "2"), ("3", "5")), strict=True):
            for building in buildings:
                told = _at(f"{on}T16:00")
                yield _line(told, "", "milestone.reached", f'{{milestone: {name}, on: {on}, building: "{building}"}}')


def _sales() -> Iterator[Line]:
    """About a home a day is signed for; its contract is filed three weeks later."""
    for number, unit in enumerate(homes()):
        signed = SIGNED_FROM + timedelta(days=number * 85 // 100, hours=number % 6)
        due = CONTRACT[unit[0]]
        yield _line(signed, unit, "contract.signed", f"{{on: {signed.date()}, contract_handover_date: {due}}}")
        filed = signed + timedelta(days=21)
        yield _line(filed, unit, "contract.filed", f"{{on: {filed.date()}}}")


def _keys() -> Iterator[Line]:
    """The homes of a batch are taken over within its nine days."""
    for number, unit in enumerate(homes()):
        if unit not in NO_KEYS:
            first = datetime.combine(FIRST_KEYS[unit[0]], time(9), CHINA)
            taken = first + timedelta(days=number % 9, hours=number % 8)
            yield _line(taken, unit, "handover.accepted", f"{{on: {taken.date()}}}")


def _lives() -> Iterator[Line]:
    for at, unit, kind, data, more in LIVES:
        yield _line(_at(at), unit, kind, data, more)


if __name__ == "__main__":
    main()
