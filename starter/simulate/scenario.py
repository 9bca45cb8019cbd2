"""The scenario file: its models, its short forms, and every check that needs no running engine (`interfaces.md`)."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from journey.domain.clocks import zone_info
from journey.domain.errors import InvalidInput
from journey.domain.event_types import EVENT_TYPES
from journey.domain.owner_checks import check_owner
from starter.simulate.homes import Home, homes_of
from starter.simulate.reading import Location, Problem, ScenarioError, Source, read_source

DEFAULT_ZONE = "Asia/Shanghai"
RULES = {"missing": "required", "extra_forbidden": "unknown-field", "literal_error": "unknown-value"}
ChannelName = Literal["sms", "wechat", "voice", "email"]
Punctual = Literal["on-time", "late", "silent"]


def _instant(value: Any, info: ValidationInfo) -> Any:
    """An aware instant; a bare date is the midnight that begins it, a time without offset is the project's own."""
    if not isinstance(value, str):
        raise PydanticCustomError("not-an-instant", "must be an instant such as 2026-02-10T10:00:00+08:00")
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError(
            "not-an-instant", "must be a real instant such as 2026-02-10T10:00:00+08:00"
        ) from None
    return read if read.tzinfo else read.replace(tzinfo=zone_info((info.context or {}).get("zone", DEFAULT_ZONE)))


def _day(value: Any) -> Any:
    """A civil date; of an instant, its date as written."""
    try:
        return datetime.fromisoformat(value).date() if isinstance(value, str) else value
    except ValueError:
        raise PydanticCustomError("not-a-date", "must be a real date, YYYY-MM-DD") from None


def _known_type(value: Any) -> Any:
    if value in EVENT_TYPES:
        return value
    near = get_close_matches(str(value).lower(), EVENT_TYPES, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise PydanticCustomError("unknown-type", "{value} is not a known event type{hint}", {"value": value, "hint": hint})


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str | int) else value


Instant = Annotated[datetime, BeforeValidator(_instant)]
Day = Annotated[date, BeforeValidator(_day)]
TypeName = Annotated[str, BeforeValidator(_known_type)]
Names = Annotated[list[str], BeforeValidator(_listed)]


class Row(BaseModel):
    """Closed and frozen; numbers are accepted where codes are text, as YAML reads `code: 3`."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True, populate_by_name=True)


class ProjectRow(Row):
    """The project of the scenario."""

    code: str
    name: str = ""
    city: str = ""
    zone: str | None = None
    go_live_at: Instant | None = None
    posts: dict[str, list[str]] = Field(default_factory=dict)


class BatchRow(Row):
    """A handover batch, registered before the journeys start."""

    code: str
    buildings: Names
    handover_from: Day | None = None
    handover_to: Day | None = None
    contract_handover_date: Day | None = None
    completion_accepted_on: Day | None = None


class ShortBatch(Row):
    """One building as a batch of its own."""

    building: str
    contract_handover_date: Day | None = None
    completion_accepted_on: Day | None = None


class JourneyRow(Row):
    """One home, or `count` homes numbered by `pattern` (`3-1-{n:04}`)."""

    unit: str | None = None
    owners: list[dict[str, Any]] = Field(default_factory=list)
    tags: Names = Field(default_factory=list)
    building: str | None = None
    pack: str | None = None
    overlays: Names | None = None
    external_id: str | None = None
    facts: list[dict[str, Any]] = Field(default_factory=list)
    count: Annotated[int, Field(ge=1, le=10_000)] | None = None
    pattern: str | None = None


class EventRow(Row):
    """A fact of the script; `as` names the case that it opens."""

    at: Instant
    type: TypeName
    unit: str | None = None
    data: dict[str, Any] = Field(default_factory=dict)
    id: str | None = None
    as_: str | None = Field(None, alias="as")
    occurred_at: Instant | None = None
    source: str = "scenario"
    person: str | None = None
    about: dict[str, Any] | None = None
    scope: dict[str, Any] | None = None


class Staff(Row):
    """The short form of `actors`."""

    answers_calls: Literal["always", "never"]


class Actors(Row):
    """How simulated people answer their tasks."""

    staff: Punctual = "on-time"
    owners: Literal["answer", "silent"] = "answer"
    contractors: Punctual = "on-time"


class OutageRow(Row):
    """A time in which a provider is down."""

    down_from: Instant
    down_to: Instant

    @model_validator(mode="after")
    def _in_order(self) -> "OutageRow":
        if self.down_to <= self.down_from:
            raise PydanticCustomError("wrong-order", "down_to must lie after down_from")
        return self


class PolicyChange(Row):
    """A new version of the pack, published `at`, in force from `effective` (missing: at once)."""

    at: Instant
    set: dict[str, Any] = Field(min_length=1)
    effective: Day | None = None


class Scenario(Row):
    """A whole file."""

    pack: str = "cn-residential"
    overlays: Names = Field(default_factory=list)
    project: ProjectRow
    batches: list[BatchRow] = Field(default_factory=list)
    journeys: list[JourneyRow] = Field(min_length=1)
    start: Instant
    events: list[EventRow] = Field(default_factory=list)
    actors: Actors = Actors()
    providers: dict[ChannelName, list[OutageRow]] = Field(default_factory=dict)
    policy_changes: list[PolicyChange] = Field(default_factory=list)
    until: Instant

    @property
    def zone(self) -> str:
        """The project's IANA zone."""
        return self.project.zone or DEFAULT_ZONE

    def homes(self) -> list[Home]:
        """Every home, rows with `count` spelled out."""
        return [home for row in self.journeys for home in homes_of(row)]


ROWS: Mapping[str, type[Row]] = {
    "project": ProjectRow,
    "batches": BatchRow,
    "journeys": JourneyRow,
    "events": EventRow,
    "actors": Actors,
    "providers": OutageRow,
    "policy_changes": PolicyChange,
}


def read_scenario(path: Path) -> Scenario:
    """The scenario of a file; ScenarioError names file, line, field and rule of everything that is wrong."""
    source = read_source(path)
    document, problems = _long_form(source)
    zone = _zone(source, problems)
    try:
        scenario = Scenario.model_validate(document, context={"zone": zone})
    except ValidationError as error:
        raise ScenarioError(problems + [_problem(one, source) for one in error.errors(include_url=False)]) from None
    problems += [*_owners(scenario, source), *_events(scenario, source)]
    if scenario.until <= scenario.start:
        problems.append(source.problem(("until",), "wrong-order", "must lie after start"))
    if problems:
        raise ScenarioError(problems)
    return scenario


def scenario_from(document: Mapping[str, Any]) -> Scenario:
    """The scenario of a document that is already plain data."""
    return Scenario.model_validate(document, context={"zone": document["project"].get("zone") or DEFAULT_ZONE})


def _long_form(source: Source) -> tuple[dict[str, Any], list[Problem]]:
    """The document with its short forms spelled out."""
    document, problems = dict(source.document), list[Problem]()
    short = document.pop("batch", None)
    if short is not None and (row := _checked(ShortBatch, short, ("batch",), source, problems)):
        dates = {name: value for name, value in short.items() if name != "building"}
        long = {"code": row.building, "buildings": [row.building], **dates}
        document["batches"] = [*document.get("batches", []), long]
    actors = dict(document.get("actors") or {}) if isinstance(document.get("actors") or {}, Mapping) else {}
    staff, where = document.pop("staff", None), tuple[str, ...](["staff"])
    if isinstance(actors.get("staff"), Mapping):
        staff, where = actors.pop("staff"), ("actors", "staff")
    if staff is not None and (read := _checked(Staff, staff, where, source, problems)):
        document["actors"] = {"owners": "answer" if read.answers_calls == "always" else "silent", **actors}
    return document, problems


def _checked(model: type[Any], value: Any, where: Location, source: Source, problems: list[Problem]) -> Any:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        for one in error.errors(include_url=False):
            moved = {**one, "loc": (*where, *one["loc"])}
            problems.append(_problem(moved, source, list(model.model_fields)))  # type: ignore[arg-type] # only moved
        return None


def _zone(source: Source, problems: list[Problem]) -> str:
    project = source.document.get("project")
    zone = project.get("zone") if isinstance(project, Mapping) else None
    if zone is None:
        return DEFAULT_ZONE
    try:
        zone_info(str(zone))
    except (KeyError, ValueError, OSError):
        problems.append(source.problem(("project", "zone"), "not-a-zone", "is not an IANA time zone"))
        return DEFAULT_ZONE
    return str(zone)


def _problem(error: ErrorDetails, source: Source, names: Sequence[str] | None = None) -> Problem:
    place: Location = tuple(step for step in error["loc"] if step != "[key]")
    rule = RULES.get(error["type"], error["type"].replace("_", "-"))
    text = error["msg"].removeprefix("Value error, ")
    name = str(place[-1]) if place else ""
    if rule == "unknown-field":
        text = "is not a known field" + _near(name, names or _names(place))
    elif rule == "required":
        text = "is required"
    elif rule == "unknown-value":
        text += _near(str(error["input"]), [str(one) for one in _allowed(error)])
    return source.problem(place, rule, text)


def _allowed(error: ErrorDetails) -> Sequence[str]:
    words: str = error.get("ctx", {}).get("expected", "")
    return [word for word in words.split("'") if word.strip() not in ("", ",", "or")]


def _names(place: Location) -> list[str]:
    """The names that a field may have where an unknown one stands."""
    if len(place) == 1:
        return [*Scenario.model_fields, "batch", "staff"]
    model = ROWS.get(str(place[0]))
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def _near(name: str, names: Sequence[str]) -> str:
    near = get_close_matches(name, names, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _owners(scenario: Scenario, source: Source) -> Iterator[Problem]:
    """Owners are what the doors will accept; every unit stands once."""
    for number, row in enumerate(scenario.journeys):
        where: Location = ("journeys", number)
        if row.unit is None and row.pattern is None and row.count is not None:
            yield source.problem((*where, "pattern"), "required", "is required with count")
            continue
        for position, owner in enumerate(homes_of(row)[0].owners):
            try:
                check_owner(owner, at="owner")
            except InvalidInput as error:
                for one in error.errors:
                    field = one.field.removeprefix("owner").strip("/")
                    location: Location = (*where, "owners", position, *field.split("/")) if field else where
                    yield source.problem(location, one.rule, one.text.removeprefix("owner/"))
    units = Counter(home.unit for home in scenario.homes() if home.unit is not None)
    for unit in sorted(unit for unit, times in units.items() if times > 1):
        yield source.problem(("journeys",), "twice", f"{unit} is named twice")


def _events(scenario: Scenario, source: Source) -> Iterator[Problem]:
    owners = {home.unit: home.owners for home in scenario.homes() if home.unit is not None}
    later = {str(event.data.get("to")) for event in scenario.events if event.type == "unit.changed"}
    told: set[tuple[str | None, str]] = set()
    for number, event in enumerate(scenario.events):
        where: Location = ("events", number)
        kind = EVENT_TYPES[event.type]
        target = "journey" if event.unit is not None else "project"
        if target not in kind.targets:
            rule = "names no unit" if target == "project" else "is a fact of the project: it names no unit"
            yield source.problem((*where, "unit"), "wrong-target", f"{event.type} {rule}")
        elif event.unit is not None and event.unit not in owners and event.unit not in later:
            hint = _near(event.unit, list(owners))
            yield source.problem((*where, "unit"), "unknown-unit", f"no journey has the unit {event.unit}{hint}")
        elif kind.needs_person and event.person is None and len(owners.get(event.unit or "", ())) != 1:
            yield source.problem((*where, "person"), "required", "is required: the home has several owners")
        name = event.id or event.as_
        if name is not None:
            if (event.unit, name) in told:
                yield source.problem((*where, "id" if event.id else "as"), "twice", f"{name} is named twice")
            told.add((event.unit, name))
