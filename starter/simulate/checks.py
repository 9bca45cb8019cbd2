"""Reads a scenario file: spells out its short forms, and names everything that is wrong with it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from journey.domain.clocks import zone_info
from journey.domain.errors import InvalidInput
from journey.domain.event_types import EVENT_TYPES
from journey.domain.holding import HOMES_IN
from journey.domain.owner_checks import check_owner
from starter.simulate.homes import homes_of
from starter.simulate.reading import Location, Problem, ScenarioError, Source, read_source
from starter.simulate.scenario import (
    DEFAULT_ZONE,
    Actors,
    BatchRow,
    EventRow,
    JourneyRow,
    OutageRow,
    PolicyChange,
    ProjectRow,
    Row,
    Scenario,
    ShortBatch,
    Staff,
)

RULES = {"missing": "required", "extra_forbidden": "unknown-field", "literal_error": "unknown-value"}
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
    problems += [*_owners(scenario, source), *_events(scenario, source), *_never_reached(scenario, source)]
    if scenario.until <= scenario.start:
        problems.append(source.problem(("until",), "wrong-order", "must lie after start"))
    if problems:
        raise ScenarioError(problems)
    return scenario


def _never_reached(scenario: Scenario, source: Source) -> Iterator[Problem]:
    """What lies after the end would silently not happen: most often a slip in the year."""
    script: Mapping[str, Sequence[EventRow | PolicyChange]] = {
        "events": scenario.events,
        "policy_changes": scenario.policy_changes,
    }
    instants = {(name, number): row.at for name, rows in script.items() for number, row in enumerate(rows)}
    for place, instant in instants.items():
        if instant > scenario.until > scenario.start:
            yield source.problem((*place, "at"), "after-until", "lies after until: it would never happen")


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


def _owners_of(event: EventRow, homes: Mapping[Any, Any], named: Mapping[Any, Any]) -> Sequence[Any]:
    found: Sequence[Any] = named.get(event.journey, ()) if event.journey else homes.get(event.unit, ())
    return found


def _events(scenario: Scenario, source: Source) -> Iterator[Problem]:
    owners = {home.unit: home.owners for home in scenario.homes() if home.unit is not None}
    named = {home.more.get("external_id"): home.owners for home in scenario.homes()}
    later = {event.data.get(HOMES_IN[event.type]) for event in scenario.events if event.type in HOMES_IN}
    told: set[tuple[str | None, str]] = set()
    for number, event in enumerate(scenario.events):
        where: Location = ("events", number)
        kind = EVENT_TYPES[event.type]
        target = "journey" if event.unit is not None or event.journey is not None else "project"
        if target not in kind.targets:
            rule = "names no unit" if target == "project" else "is a fact of the project: it names no unit"
            yield source.problem((*where, "unit"), "wrong-target", f"{event.type} {rule}")
        elif event.unit is not None and event.unit not in owners and event.unit not in later:
            hint = _near(event.unit, list(owners))
            yield source.problem((*where, "unit"), "unknown-unit", f"no journey has the unit {event.unit}{hint}")
        elif event.journey is not None and (event.unit is not None or event.journey not in named):
            yield source.problem((*where, "journey"), "unknown-journey", "names the external_id of a journey, no unit")
        elif kind.needs_person and event.person is None and len(_owners_of(event, owners, named)) != 1:
            yield source.problem((*where, "person"), "required", "is required: the home has several owners")
        name = event.id or event.as_
        if name is not None:
            if (event.unit, name) in told:
                yield source.problem((*where, "id" if event.id else "as"), "twice", f"{name} is named twice")
            told.add((event.unit, name))
