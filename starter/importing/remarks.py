"""What an import says about one cell: where it stands, a stable rule, words in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from journey.domain.errors import RULE_TEXTS

# Beside those of `journey.domain.errors`. Where a text names another row, it names its worksheet too.
TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "duplicate-unit": ("与{place_zh}重复", "is the same home as {place}"),
    "other-project": ("属于其他项目", "belongs to another project"),
    "in-the-future": ("在将来,未作为事实告知", "lies ahead and was not told as a fact"),
    "signing-left-out": (
        "缺失,签约因此未作为事实告知,其余照常导入",
        "is missing, so the signing was not told as a fact; the rest of the row was taken",
    ),
    "swallowed-rows": (
        "一格中含有其他行,多为引号未闭合",
        "holds further rows in one cell: a quote may be open",
    ),
    "more-cells": (
        "所在行的列数多于表头,可能有未加引号的逗号",
        "stands in a row with more cells than columns: a comma may lack its quotes",
    ),
    "more-phones": ("号码多于姓名,多出的未采用", "holds more numbers than names; the rest was left out"),
    "co-owner-row": ("作为{place_zh}的共有人", "was taken as a co-owner of {place}"),
    "same-phone": (
        "与{place_zh}的号码相同;如为同一人,请填相同的客户编号(系统从不按号码合并)",
        "is the number of {place} too: if it is one person, give both one customer number (nobody is merged by phone)",
    ),
    "ref-other-name": (
        "与{place_zh}客户编号相同而姓名不同,请核对",
        "is the customer number of {place}, which has another name: have a look",
    ),
    "building-in-two-batches": (
        "{building} 号楼同时属于批次 {first}({place_zh})和 {second},两批次均未计入该楼",
        "puts building {building} into batch {second}, {place} into {first}: it was counted in neither",
    ),
    "batch-stands-otherwise": (
        "批次 {batch} 未改:这些日期早先已告知,此后又有改动,现行 {there},文件为 {told};"
        "以文件为准请用 journey batch reschedule",
        "leaves batch {batch} as it is: these dates were told once and changed since. It stands at {there}, the file "
        "says {told}; if the file is right, use `journey batch reschedule`",
    ),
    "unknown-task": ("没有这个任务", "names no task"),
    "wrong-outcome": ("与「是否接通」矛盾", "contradicts whether anybody was reached"),
    "unknown-project": (
        "没有项目 {code},其 {count} 行未导入;请先新建项目,或用 --create-project",
        "there is no project {code}, so its {count} rows were left out: create it first, or say --create-project",
    ),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A row of an export: its number as a spreadsheet shows it, and its worksheet (empty: there is only one)."""

    row: int
    sheet: str = ""

    def words(self, lang: str) -> str:
        """`row 3`, `sheet 一期 row 3`; 第 3 行, 工作表 一期 第 3 行."""
        if lang == "en":
            return f"sheet {self.sheet} row {self.row}" if self.sheet else f"row {self.row}"
        return f"工作表 {self.sheet} 第 {self.row} 行" if self.sheet else f"第 {self.row} 行"


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about one cell; row 0 stands for the file as a whole."""

    row: int
    column: str
    rule: str
    text_zh: str
    text: str
    sheet: str = ""

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(self.row, self.sheet)

    def line(self, lang: str) -> str:
        """`row N: column: rule` in words; without the row when it is about the whole file."""
        place = self.place.words(lang)
        if lang == "en":
            return f"{place}: {self.column}: {self.text}" if self.row else f"{self.column}: {self.text}"
        return f"{place}:{self.column}:{self.text_zh}" if self.row else f"{self.column}:{self.text_zh}"

    def document(self) -> dict[str, Any]:
        """As a report has it."""
        return {
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "rule": self.rule,
            "text": self.line("en"),
            "text_zh": self.line("zh"),
            "words": self.text,
            "words_zh": self.text_zh,
        }


def remark(place: Place, column: str, rule: str, *, other: Place | None = None, **params: object) -> Remark:
    """The remark of a rule; `other` is the row that it points at."""
    zh, en = TEXTS.get(rule) or RULE_TEXTS[rule]
    if other is not None:
        params |= {"place": other.words("en"), "place_zh": other.words("zh")}
    return Remark(place.row, column, rule, zh.format(**params), en.format(**params), place.sheet)
