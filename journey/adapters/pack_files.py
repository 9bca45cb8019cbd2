"""YAML files of policies, read with the line of every value, so that an error can say where it stands."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from journey.domain.errors import FieldError, InvalidInput

Location = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands; `line` counts from 1, 0 = the document came from no file."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a pack: file and line, the dotted path of the value (may be empty), and what is wrong."""

    file: str
    line: int
    path: str
    text: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (place, self.path, self.text) if part)


class PackError(InvalidInput):
    """A pack, an overlay or a template cannot be used; `problems` lists everything that is wrong with it."""

    code: ClassVar[str] = "invalid-pack"

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(tuple(FieldError(each.path, "invalid", str(each), str(each)) for each in problems))
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Source:
    """A document of plain JSON values and the place of each of them."""

    document: dict[str, Any]
    places: dict[Location, Place]
    file: str

    def place(self, location: Location) -> Place:
        """Where a value stands; for one that is missing, its enclosing section."""
        while location and location not in self.places:
            location = location[:-1]
        return self.places.get(location, Place(self.file, 1))

    def problem(self, location: Location, text: str) -> Problem:
        """A problem of the value at a location."""
        place = self.place(location)
        return Problem(place.file, place.line, shown(self.document, location), text)


def read_source(path: Path) -> Source:
    """The YAML 1.2 document of a file; `PackError` for one that cannot be read or is no mapping."""
    file = path.as_posix()
    try:
        document, lines = _read(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise PackError([Problem(file, mark.line + 1 if mark else 1, "", f"YAML: {error.problem}")]) from error
    except (YAMLError, ValueError) as error:
        raise PackError([Problem(file, 1, "", f"YAML: {error}")]) from error
    document = json.loads(document)
    if not isinstance(document, dict):
        raise PackError([Problem(file, 1, "", "a mapping of names to values is expected")])
    return Source(document, {location: Place(file, line) for location, line in lines.items()}, file)


@lru_cache(maxsize=64)  # a pack is read again for each of its overlays and versions: a quarter of a second each time
def _read(text: str) -> tuple[str, Mapping[Location, int]]:
    """The document as JSON, which nobody can change, and the line of each of its values."""
    tree = YAML(typ="rt", pure=True).load(text)
    return json.dumps(plain(tree)), dict(_lines(tree, ()))


def plain(value: Any) -> Any:
    """The same value in JSON's own types; dates as ISO text."""
    if isinstance(value, Mapping):
        return {str(key): plain(child) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return [plain(child) for child in value]
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, bool):
        return value
    for kind in (int, float):
        if isinstance(value, kind):
            return kind(value)
    return str(value)


def shown(document: Any, location: Location) -> str:
    """The dotted path of a location, as overlays write it: an entry of a list by its component."""
    names, node = [], document
    for step in location:
        try:
            node = node[step]
        except (LookupError, TypeError):
            node = None
        names.append(str(node.get("component", step) if isinstance(step, int) and isinstance(node, dict) else step))
    return ".".join(names)


def _lines(node: Any, location: Location) -> Iterator[tuple[Location, int]]:
    """Locations with the line (from 1) on which each begins, as the round-trip loader noted them."""
    if not isinstance(node, Mapping | list):
        return
    known = node.lc.data or {}  # type: ignore[union-attr]
    for key in node if isinstance(node, Mapping) else range(len(node)):
        step = key if isinstance(node, list) else str(key)
        if key in known:
            yield (*location, step), known[key][0] + 1
        yield from _lines(node[key], (*location, step))
