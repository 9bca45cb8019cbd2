"""From rows to homes: every cell is checked, and what is wrong is named by row, column and rule."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from pydantic_core import PydanticCustomError

from journey.domain.errors import RULE_TEXTS
from journey.domain.event_types.fields import EARLIEST, LATEST, read_email, read_phone
from starter.bodies import CODE
from starter.importing.reading import HEADINGS, Sheet, read_day

SOURCE: Final = "import"
# Column of the date, type of the event, the date that it must not precede.
FACTS: Final = (
    ("subscribed", "subscription.signed", ""),
    ("signed", "contract.signed", "subscribed"),
    ("filed", "contract.filed", "signed"),
    ("handed_over", "handover.accepted", "signed"),
)
_DAYS: Final = ("subscribed", "signed", "handover_due", "filed", "handed_over", "completion")
_OWN_RULES: Final = {
    "duplicate-unit": ("与第 {row} 行重复", "is the same home as row {row}"),
    "other-project": ("属于其他项目", "belongs to another project"),
    "in-the-future": ("在将来,未作为事实告知", "lies ahead and was not told as a fact"),
}
_BUILDING_WORDS: Final = re.compile(r"(号楼|栋|幢|座|#)$")


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about one cell: where it stands, a stable rule code, and words in both languages."""

    row: int
    column: str
    rule: str
    text_zh: str
    text: str

    def line(self, lang: str) -> str:
        """Return `row N: column: rule` in words."""
        if lang == "en":
            return f"row {self.row}: {self.column}: {self.text}"
        return f"第 {self.row} 行:{self.column}:{self.text_zh}"


@dataclass(frozen=True, slots=True)
class Home:
    """One row that can be told: the home, its owners, its facts, and the dates that make a batch."""

    row: int
    project: str
    unit: str
    building: str
    batch: str
    owners: tuple[Mapping[str, Any], ...]
    facts: tuple[Mapping[str, Any], ...]
    handover_due: date | None
    completion: date | None


@dataclass(slots=True)
class Checked:
    """What a sheet holds after checking."""

    homes: list[Home] = field(default_factory=list)
    errors: list[Remark] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)


def check_sheet(sheet: Sheet, *, project: str | None, today: date) -> Checked:
    """Return the homes that can be told and what is wrong with the other rows; dates after `today` are no facts yet."""
    checked = Checked()
    seen: dict[tuple[str, str], int] = {}
    for number, cells in sheet.rows:
        reading = _Row(number, cells, sheet.headings)
        home = reading.home(project, today)
        first = seen.setdefault((home.project, home.unit), number)
        if home.unit and first != number:
            reading.refuse("unit", "duplicate-unit", row=first)
        checked.warnings += reading.warnings
        checked.errors += reading.errors
        if not reading.errors:
            checked.homes.append(home)
    return checked


class _Row:
    """One row being read."""

    def __init__(self, number: int, cells: Mapping[str, str], headings: Mapping[str, str]) -> None:
        self.number = number
        self.cells = cells
        self.headings = headings
        self.errors: list[Remark] = []
        self.warnings: list[Remark] = []

    def refuse(self, column: str, rule: str, **params: object) -> None:
        self.errors.append(self._remark(column, rule, params))

    def home(self, project: str | None, today: date) -> Home:
        """Return the home as far as it can be read; what cannot is in `errors`."""
        code = self.cells.get("project") or project or ""
        if not code:
            self.refuse("project", "required")
        elif project and code != project:
            self.refuse("project", "other-project")
        building = _BUILDING_WORDS.sub("", self.cells.get("building", "").replace(" ", ""))
        unit = self._unit(building)
        days = {name: day for name in _DAYS if (day := self._day(name))}
        return Home(
            row=self.number,
            project=code,
            unit=unit,
            building=building or unit.split("-", 1)[0],
            batch=self.cells.get("batch", ""),
            owners=self._owners(code, unit),
            facts=tuple(self._facts(unit, days, today)),
            handover_due=days.get("handover_due"),
            completion=days.get("completion"),
        )

    def _unit(self, building: str) -> str:
        unit = self.cells.get("unit", "").replace(" ", "")
        if unit and not CODE.fullmatch(unit):
            self.refuse("unit", "bad-text")
        if not unit:
            self.refuse("unit", "required")
            return ""
        # A home's code begins with its building; some systems keep the two in columns of their own.
        return unit if not building or unit.startswith(f"{building}-") else f"{building}-{unit}"

    def _day(self, name: str) -> date | None:
        text = self.cells.get(name)
        if not text:
            return None
        day = read_day(text)
        if day is None:
            self.refuse(name, "not-a-date")
        elif not EARLIEST <= day <= LATEST:
            self.refuse(name, "out-of-range", range=f"{EARLIEST}..{LATEST}")
        else:
            return day
        return None

    def _owners(self, project: str, unit: str) -> tuple[Mapping[str, Any], ...]:
        # Nobody is merged by phone: without a number of the sales system, an owner is known by the home.
        ref = self.cells.get("ref") or f"{project}-{unit}"
        first = {"ref": ref, "name": self.cells.get("name"), "phone": self._phone("phone"), "email": self._email()}
        if not first["name"]:
            self.refuse("name", "required")
        owners = [first]
        if second := self.cells.get("second_name"):
            owners.append({"ref": f"{ref}-2", "name": second, "phone": self._phone("second_phone")})
        return tuple({key: value for key, value in owner.items() if value} for owner in owners)

    def _phone(self, column: str) -> str | None:
        if text := self.cells.get(column):
            try:
                return read_phone(text)
            except PydanticCustomError as error:
                self.refuse(column, error.type)
        return None

    def _email(self) -> str | None:
        if text := self.cells.get("email"):
            try:
                return read_email(text)
            except PydanticCustomError as error:
                self.refuse("email", error.type)
        return None

    def _facts(self, unit: str, days: Mapping[str, date], today: date) -> Iterable[Mapping[str, Any]]:
        name = self.cells.get("contract") or unit
        if "signed" in days and "handover_due" not in days:
            if "handover_due" not in self.cells:
                self.refuse("handover_due", "required")
            return
        if "signed" in days and days["handover_due"] < days["signed"]:
            self.refuse("handover_due", "wrong-order", after=days["signed"])
        for column, type, earlier in FACTS:
            day = days.get(column)
            if day is None:
                continue
            if earlier in days and day < days[earlier]:
                self.refuse(column, "wrong-order", after=days[earlier])
            elif day > today:
                self.warnings.append(self._remark(column, "in-the-future", {}))
            else:
                yield new_fact(f"{SOURCE}:{name}:{type}", type, day, self._data(type, day, days))

    def _data(self, type: str, day: date, days: Mapping[str, date]) -> dict[str, Any]:
        data: dict[str, Any] = {"on": day.isoformat()}
        if type == "contract.signed":
            data["contract_handover_date"] = days["handover_due"].isoformat()
            data |= {"contract_no": self.cells["contract"]} if "contract" in self.cells else {}
        return data

    def _remark(self, column: str, rule: str, params: Mapping[str, object]) -> Remark:
        zh, en = _OWN_RULES.get(rule) or RULE_TEXTS[rule]
        heading = self.headings.get(column) or HEADINGS[column][0]
        return Remark(self.number, heading, rule, zh.format(**params), en.format(**params))


def new_fact(id: str, type: str, day: date, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the event of a civil date: it happened at the beginning of that day in China, which never lies ahead."""
    return {"id": id, "type": type, "occurred_at": f"{day}T00:00:00+08:00", "data": dict(data), "source": SOURCE}
