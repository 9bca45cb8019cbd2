"""From rows to homes: every cell is checked, and what is wrong is named by worksheet, row, column and rule."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from journey.domain.event_types.fields import EARLIEST, LATEST
from starter.bodies import CODE
from starter.importing.headings import HEADINGS
from starter.importing.owners import OwnersOf
from starter.importing.reading import Export, Row, read_day
from starter.importing.remarks import Place, Remark, remark

SOURCE: Final = "import"
# Column of the date, type of the event, the date that it must not precede.
FACTS: Final = (
    ("subscribed", "subscription.signed", ""),
    ("signed", "contract.signed", "subscribed"),
    ("filed", "contract.filed", "signed"),
    ("handed_over", "handover.accepted", "signed"),
)
_DAYS: Final = ("subscribed", "signed", "handover_due", "filed", "handed_over", "completion")
_BUILDING_WORDS: Final = re.compile(r"(号楼|栋|幢|座|#)$")
_ADDRESS: Final = re.compile(r"(\w+?)(?:号楼|栋|幢|座|#)-?(?:(\w+?)单元-?)?(\w+?)室?")  # 3栋1单元1202室
_DASHES: Final = re.compile("[\u2010-\u2015\u2212]")


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
    contract: str = ""
    sheet: str = ""

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(self.row, self.sheet)


@dataclass(slots=True)
class Checked:
    """What an export holds after checking."""

    homes: list[Home] = field(default_factory=list)
    errors: list[Remark] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)


def check_export(export: Export, *, project: str | None, today: date) -> Checked:
    """The homes that can be told and what is wrong with the other rows; dates after `today` are no facts yet."""
    checked = Checked()
    seen: dict[tuple[str, str], Place] = {}
    told: dict[Place, int] = {}
    for row in export.rows:
        reading = _Reading(row)
        home = reading.home(project, today)
        first = seen.setdefault((home.project, home.unit), home.place)
        if home.unit and first != home.place:
            known = told.get(first)
            if known is not None and not reading.errors and _is_co_owner(checked.homes[known], home):
                checked.homes[known] = _joined(checked.homes[known], home)
                reading.warn("name", "co-owner-row", other=first)
                checked.warnings += reading.warnings
                continue
            reading.refuse("unit", "duplicate-unit", other=first)
        checked.warnings += reading.warnings
        checked.errors += reading.errors
        if not reading.errors:
            told[home.place] = len(checked.homes)
            checked.homes.append(home)
    checked.warnings += _look_alike(checked.homes)
    return checked


def _is_co_owner(first: Home, home: Home) -> bool:
    """Whether a second row of a home is another owner of the same sale, rather than another sale or the row again."""
    names, refs = ({owner[key] for owner in first.owners} for key in ("name", "ref"))
    others = all(owner["name"] not in names and owner["ref"] not in refs for owner in _own(home))
    same_contract = home.contract in ("", first.contract)
    days = {fact["type"]: fact["data"]["on"] for fact in first.facts}
    same_days = all(days.get(fact["type"]) == fact["data"]["on"] for fact in home.facts)
    return others and same_contract and same_days and home.handover_due in (None, first.handover_due)


def _own(home: Home) -> list[Mapping[str, Any]]:
    """Owners of a row as they can be told apart from another row's: without numbers that come from the home."""
    made = f"{home.project}-{home.unit}"
    return [{**owner, "ref": None} if str(owner["ref"]).startswith(made) else owner for owner in home.owners]


def _joined(first: Home, home: Home) -> Home:
    owners = list(first.owners)
    for owner in _own(home):
        owners.append({**owner, "ref": owner["ref"] or f"{first.owners[0]['ref']}-{len(owners) + 1}"})
    return replace(first, owners=tuple(owners))


def _look_alike(homes: Sequence[Home]) -> Iterable[Remark]:
    """Rows that may be one person under two numbers, or two persons under one; nobody is merged by it."""
    phones: dict[str, tuple[str, Home]] = {}
    refs: dict[str, tuple[str, Home]] = {}
    for home in homes:
        for owner in home.owners:
            ref, name, phone = str(owner["ref"]), str(owner["name"]), owner.get("phone")
            known_name, known = refs.setdefault(ref, (name, home))
            if known_name != name:
                yield remark(home.place, HEADINGS["ref"][0], "ref-other-name", other=known.place)
            if phone:
                known_ref, known = phones.setdefault(str(phone), (ref, home))
                if known_ref != ref and known is not home:
                    yield remark(home.place, HEADINGS["phone"][0], "same-phone", other=known.place)


class _Reading:
    """One row being read."""

    def __init__(self, row: Row) -> None:
        self._row = row
        self._cells = row.cells
        self.errors: list[Remark] = []
        self.warnings: list[Remark] = []

    def refuse(self, column: str, rule: str, *, other: Place | None = None, **params: object) -> None:
        """Keep the row out, and say why."""
        self.errors.append(self._remark(column, rule, other, params))

    def warn(self, column: str, rule: str, *, other: Place | None = None, **params: object) -> None:
        """Take the row, and say what looks odd."""
        self.warnings.append(self._remark(column, rule, other, params))

    def home(self, project: str | None, today: date) -> Home:
        """The home as far as it can be read; what cannot is in `errors`."""
        for column in self._row.swallowed:
            self.refuse(column, "swallowed-rows")
        if self._row.surplus:
            self.refuse("unit", "more-cells")
        code = self._cells.get("project") or project or ""
        if not code:
            self.refuse("project", "required")
        elif project and code != project:
            self.refuse("project", "other-project")
        unit, building = self._unit()
        days = {name: day for name in _DAYS if (day := self._day(name))}
        return Home(
            row=self._row.number,
            project=code,
            unit=unit,
            building=building or unit.split("-", 1)[0],
            batch=self._cells.get("batch", ""),
            owners=self._owners(code, unit),
            facts=tuple(self._facts(unit, days, today)),
            handover_due=days.get("handover_due"),
            completion=days.get("completion"),
            contract=self._cells.get("contract", ""),
            sheet=self._row.sheet,
        )

    def _unit(self) -> tuple[str, str]:
        """The home's code and its building; some systems keep building, entrance and room in columns of their own."""
        building = _BUILDING_WORDS.sub("", self._place("building"))
        entrance = self._place("entrance").removesuffix("单元")
        unit = self._place("unit")
        if address := _ADDRESS.fullmatch(unit):
            building, entrance, unit = address[1], address[2] or entrance, address[3]
        if not unit:
            self.refuse("unit", "required")
            return "", building
        if building and unit.startswith(f"{building}-"):
            entrance = building = ""  # the whole code stands in one cell
        code = "-".join([part for part in (building, entrance) if part and not unit.startswith(f"{part}-")] + [unit])
        if not CODE.fullmatch(code):
            self.refuse("unit", "bad-text")
        return code, building

    def _place(self, column: str) -> str:
        return _DASHES.sub("-", self._cells.get(column, "").replace(" ", ""))

    def _day(self, name: str) -> date | None:
        text = self._cells.get(name)
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
        owners = OwnersOf(self._cells, self.refuse, self.warn).read(f"{project}-{unit}")
        tags = [tag for tag in re.split("[、,\uff0c;\uff1b/ ]+", self._cells.get("tags", "")) if tag]
        return ({**owners[0], "tags": tags}, *owners[1:]) if owners and tags else owners

    def _facts(self, unit: str, days: Mapping[str, date], today: date) -> Iterable[Mapping[str, Any]]:
        name = self._cells.get("contract") or unit
        unowed = "signed" in days and "handover_due" not in days  # a signing is told with the day that it promises
        if unowed:
            if "handover_due" in self._cells:
                return
            if not _is_past("handed_over", days, today):
                self.refuse("handover_due", "required")
                return
            self.warn("handover_due", "signing-left-out")
        elif "signed" in days and days["handover_due"] < days["signed"]:
            self.refuse("handover_due", "wrong-order", after=days["signed"])
        for column, type, earlier in FACTS:
            day = days.get(column)
            if day is None:
                continue
            if earlier in days and day < days[earlier]:
                self.refuse(column, "wrong-order", after=days[earlier])
            elif day > today:
                self.warn(column, "in-the-future")
            elif not (unowed and column == "signed"):
                yield new_fact(f"{SOURCE}:{name}:{type}", type, day, self._data(type, day, days))

    def _data(self, type: str, day: date, days: Mapping[str, date]) -> dict[str, Any]:
        data: dict[str, Any] = {"on": day.isoformat()}
        if type == "contract.signed":
            data["contract_handover_date"] = days["handover_due"].isoformat()
            data |= {"contract_no": self._cells["contract"]} if "contract" in self._cells else {}
        return data

    def _remark(self, column: str, rule: str, other: Place | None, params: Mapping[str, object]) -> Remark:
        heading = self._row.headings.get(column) or HEADINGS[column.split(".")[0]][0]
        return remark(Place(self._row.number, self._row.sheet), heading, rule, other=other, **params)


def _is_past(name: str, days: Mapping[str, date], today: date) -> bool:
    return name in days and days[name] <= today


def new_fact(id: str, type: str, day: date, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the event of a civil date: it happened at the beginning of that day in China, which never lies ahead."""
    return {"id": id, "type": type, "occurred_at": f"{day}T00:00:00+08:00", "data": dict(data), "source": SOURCE}
