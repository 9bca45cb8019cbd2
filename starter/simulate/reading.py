"""A scenario file as YAML 1.2, with the line of every value, so that an error can say where it stands."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

from ruamel.yaml import YAML
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from journey.domain.errors import JourneyError

Location = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a scenario: file, line from 1 (0: unknown), the field (`events/0/type`), the rule, words."""

    file: str
    line: int
    field: str
    rule: str
    text: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (place, self.field, self.text) if part) + f" [{self.rule}]"


class ScenarioError(JourneyError):
    """The file cannot be run; `problems` lists everything that is wrong with it."""

    code: ClassVar[str] = "invalid-scenario"

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems

    def documents(self) -> list[dict[str, Any]]:
        """The problems for JSON."""
        return [asdict(problem) for problem in self.problems]


@dataclass(frozen=True, slots=True)
class Source:
    """A document of plain JSON values and the line of each."""

    document: dict[str, Any]
    lines: Mapping[Location, int]
    file: str

    def problem(self, location: Location, rule: str, text: str) -> Problem:
        """A problem of the value at a location; one that is missing stands where its section begins."""
        known = location
        while known and known not in self.lines:
            known = known[:-1]
        return Problem(self.file, self.lines.get(known, 1), "/".join(map(str, location)), rule, text)


class _TextDates(RoundTripConstructor):
    """Dates stay the text that they are in YAML 1.2's core schema; whoever needs a date reads one."""


_TextDates.add_constructor("tag:yaml.org,2002:timestamp", lambda self, node: self.construct_scalar(node))


def read_source(path: Path) -> Source:
    """The document of a file; ScenarioError for one that cannot be read or is no mapping."""
    file = path.as_posix()
    yaml = YAML(typ="rt", pure=True)
    yaml.Constructor = _TextDates
    try:
        tree = yaml.load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ScenarioError([Problem(file, 0, "", "unreadable", error.strerror or "cannot be read")]) from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise ScenarioError([Problem(file, line, "", "yaml", str(error.problem))]) from error
    except (YAMLError, UnicodeDecodeError, ValueError) as error:
        raise ScenarioError([Problem(file, 1, "", "yaml", str(error))]) from error
    if not isinstance(tree, Mapping):
        raise ScenarioError([Problem(file, 1, "", "not-an-object", "a mapping of names to values is expected")])
    return Source(_plain(tree), dict(_lines(tree, ())), file)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(child) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(child) for child in value]
    if value is None or isinstance(value, bool):
        return value
    for kind in (int, float):
        if isinstance(value, kind):
            return kind(value)
    return str(value)


def _lines(node: Any, location: Location) -> Iterator[tuple[Location, int]]:
    """Locations with the line (from 1) on which each begins, as the round-trip loader noted them."""
    if not isinstance(node, Mapping | list):
        return
    known = node.lc.data or {}  # type: ignore[union-attr] # the loader's own mappings and lists carry it
    for key in node if isinstance(node, Mapping) else range(len(node)):
        step = key if isinstance(node, list) else str(key)
        if key in known:
            yield (*location, step), known[key][0] + 1
        yield from _lines(node[key], (*location, step))
