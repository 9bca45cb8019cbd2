"""Policy packs on disk: one folder a pack, overlays beside them, merged into one document with a content hash."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from journey.adapters.pack_files import Location, PackError, Problem, Source, plain, read_source
from journey.adapters.template_lint import read_templates
from journey.domain.overlays import OverlayError, check_applies, locate, set_path
from journey.domain.packs import Pack
from journey.domain.values import Component, MessageClass, Role

__all__ = [
    "LoadedPack",
    "PackError",
    "Problem",
    "available",
    "available_overlays",
    "load_pack",
    "loaded",
    "read_pack",
    "schema",
]

PACK_FILE = "pack.yaml"
OVERLAYS = "overlays"
NEEDED_CLASSES = frozenset(MessageClass) - {MessageClass.EMERGENCY}  # an emergency goes at any hour


@dataclass(frozen=True, slots=True)
class LoadedPack:
    """A pack as it is used (`pack`) and as it is stored (`document`: plain JSON with `templates`), with its hash."""

    pack: Pack
    document: dict[str, Any]
    hash: str


class Overlay(BaseModel):
    """The file of an overlay: its name, the pack that it changes, and new values by path."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    overlay: str
    applies_to: str
    set: Mapping[str, Any]


def available(folder: Path) -> list[str]:
    """Names of the packs in a folder, sorted."""
    return sorted(file.parent.name for file in folder.glob(f"*/{PACK_FILE}"))


def available_overlays(folder: Path) -> list[str]:
    """Names of the overlays in a folder of packs, sorted."""
    return sorted(file.stem for file in (folder / OVERLAYS).glob("*.yaml"))


def overlays_of(folder: Path, name: str) -> list[str]:
    """The overlays that apply to a pack; `PackError` for one that applies to no pack of the folder."""
    fitting = []
    for overlay in available_overlays(folder):
        source = read_source(folder / OVERLAYS / f"{overlay}.yaml")
        applies_to = source.document.get("applies_to")
        if applies_to not in available(folder):
            raise PackError([source.problem(("applies_to",), f"there is no pack {applies_to}")])
        if applies_to == name:
            fitting.append(overlay)
    return fitting


def load_pack(folder: Path, name: str, overlays: Sequence[str] = ()) -> LoadedPack:
    """The pack of that name with overlays laid on in their order; `PackError` lists all that is wrong."""
    _must_exist(folder, "pack", [name], available(folder))
    _must_exist(folder / OVERLAYS, "overlay", overlays, available_overlays(folder))
    source = read_source(folder / name / PACK_FILE)
    problems = _misnamed(source, "pack", name)
    for overlay in overlays:
        problems += _lay(source, read_source(folder / OVERLAYS / f"{overlay}.yaml"), overlay)
    templates, faults = read_templates(folder / name / "templates")
    problems += _problems(source) + faults
    if problems:
        raise PackError(problems)
    return loaded({**source.document, "templates": templates})


def loaded(document: Mapping[str, Any]) -> LoadedPack:
    """A merged document with its model and the sha256 of its canonical JSON; `PackError` when it is no valid pack."""
    body = plain(document)
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return LoadedPack(read_pack(body), body, sha256(canonical.encode()).hexdigest())


def read_pack(document: Mapping[str, Any]) -> Pack:
    """The pack of a stored document (its `templates` are for rendering only); `PackError` names paths, line 0."""
    body = {name: value for name, value in document.items() if name != "templates"}
    problems = _problems(Source(body, {}, str(body.get("pack", "pack"))))
    if problems:
        raise PackError([Problem(problem.file, 0, problem.path, problem.text) for problem in problems])
    return Pack.model_validate(body)


def schema() -> dict[str, Any]:
    """JSON Schema of `pack.yaml`, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Pack.model_json_schema()}


def _must_exist(folder: Path, what: str, wanted: Sequence[str], there: list[str]) -> None:
    known = ", ".join(there) or "none"
    unknown = [name for name in wanted if name not in there]
    if unknown:
        raise PackError(
            [Problem(folder.as_posix(), 0, "", f"unknown {what} {name}; there is {known}") for name in unknown]
        )


def _misnamed(source: Source, field: str, name: str) -> list[Problem]:
    written = source.document.get(field, name)
    return [] if written == name else [source.problem((field,), f"is {written}, but the name on disk is {name}")]


def _lay(source: Source, overlay: Source, name: str) -> list[Problem]:
    """Lay an overlay on the document of `source`; what it sets stands from now on in the overlay's file."""
    try:
        Overlay.model_validate(overlay.document)
        check_applies(source.document, overlay.document)
    except ValidationError as error:
        return _worded(error, overlay)
    except OverlayError as error:
        return [overlay.problem(("applies_to",), error.text)]
    problems = _misnamed(overlay, "overlay", name)
    for path, value in overlay.document["set"].items():
        try:
            location = locate(source.document, path)
            set_path(source.document, path, value)
        except OverlayError as error:
            place = overlay.place(("set", path))
            problems.append(Problem(place.file, place.line, path, error.text))
        else:
            for stale in [old for old in source.places if old[: len(location)] == location]:
                del source.places[stale]
            source.places[location] = overlay.place(("set", path))
    return problems


def _problems(source: Source) -> list[Problem]:
    problems = list(_unknown_and_missing(source))
    try:
        Pack.model_validate(source.document)
    except ValidationError as error:
        problems += _worded(error, source)
    return sorted(problems, key=lambda problem: (problem.file, problem.line))


def _unknown_and_missing(source: Source) -> Iterator[Problem]:
    """What the model sees only when the rest is valid, or not at all; here it is told together with the rest."""
    document = source.document
    zone = document.get("zone")
    if isinstance(zone, str) and not _is_zone(zone):
        yield source.problem(("zone",), f"{zone} is no IANA time zone")
    posts, messages, warranty = (document.get(name) for name in ("posts", "messages", "warranty"))
    yield from _names(source, ("posts",), posts, needed=frozenset(Role), known=None)
    for table in ("windows", "channels"):
        entries = messages.get(table) if isinstance(messages, dict) else None
        known = frozenset(MessageClass)
        yield from _names(source, ("messages", table), entries, needed=NEEDED_CLASSES, known=known)
    terms = warranty.get("components") if isinstance(warranty, dict) else None
    for position, term in enumerate(terms if isinstance(terms, list) else []):
        component = term.get("component") if isinstance(term, dict) else None
        if isinstance(component, str) and component not in frozenset(Component):
            where: Location = ("warranty", "components", position, "component")
            yield source.problem(
                where, f"unknown component {component}" + _near(component, [c.value for c in Component])
            )


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _names(
    source: Source, at: Location, table: Any, *, needed: frozenset[str], known: frozenset[str] | None
) -> Iterator[Problem]:
    if not isinstance(table, dict):
        return
    for name in sorted(needed - table.keys()):
        yield source.problem((*at, name), "is missing")
    for name in sorted(table.keys() - known) if known is not None else ():
        yield source.problem((*at, name), f"unknown name {name}" + _near(name, sorted(known or ())))


def _worded(error: ValidationError, source: Source) -> list[Problem]:
    details = error.errors(include_url=False, include_context=False)
    missing = [detail["loc"] for detail in details if detail["type"] == "missing"]
    problems = []
    for detail in details:
        # Told already, name by name, by `_unknown_and_missing`.
        if "has no entry for" not in detail["msg"]:
            location = _location(detail, source)
            problems.append(source.problem(location, _text(detail, location, missing)))
    return problems


def _location(detail: ErrorDetails, source: Source) -> Location:
    """Where an error stands: one about a whole section begins with the name that it is about."""
    location = tuple(step for step in detail["loc"] if step != "[key]")
    subject = _message(detail).split(maxsplit=1)[0].rstrip(":")
    return (*location, subject) if (*location, subject) in source.places else location


def _text(detail: ErrorDetails, location: Location, missing: list[Location]) -> str:
    name = str(location[-1]) if location else ""
    if detail["type"] == "missing":
        return "is missing"
    if detail["type"] == "extra_forbidden":
        return f"unknown name {name}" + _near(name, [str(loc[-1]) for loc in missing if loc[:-1] == location[:-1]])
    if detail["loc"][-1:] == ("[key]",):
        return f"unknown role {name}" + _near(name, [role.value for role in Role])
    value = detail["input"]
    got = f" (got {value!r})" if detail["type"] != "value_error" and not isinstance(value, dict | list) else ""
    return _message(detail) + got


def _message(detail: ErrorDetails) -> str:
    return detail["msg"].removeprefix("Value error, ")


def _near(name: str, names: Sequence[str]) -> str:
    near = get_close_matches(name, names, n=1)
    return f"; did you mean {near[0]}?" if near else ""
