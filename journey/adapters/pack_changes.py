"""What is laid over a pack: its later versions, then overlays. What they set stands from then on in their own file."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from journey.adapters.pack_files import PackError, Problem, Source, read_source
from journey.adapters.pack_problems import near, worded
from journey.domain.floors import breaches
from journey.domain.overlays import OverlayError, check_applies, locate, set_path

VERSIONS = "versions"


class Overlay(BaseModel):
    """The file of an overlay: the pack that it changes, new values by path, and the articles that allow less.

    `law` names, path by path, the local article under which a number may lie below the law of the country.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    overlay: str
    applies_to: str
    set: Mapping[str, Any]
    law: Mapping[str, str] = Field(default_factory=dict)


class LaterVersion(BaseModel):
    """The file of a later version of a pack: from when it holds, and the numbers that differ from the one before."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str = Field(min_length=1)
    effective_from: date
    set: Mapping[str, Any]


def later_versions(pack_folder: Path) -> list[Source]:
    """The files of a pack's later versions, the earliest first; `PackError` for one that cannot be read."""
    sources = [read_source(file) for file in sorted((pack_folder / VERSIONS).glob("*.yaml"))]
    return sorted(sources, key=lambda source: str(source.document.get("effective_from")))


def lay_versions(source: Source, pack_folder: Path, until: str | None) -> list[Problem]:
    """Lay the later versions up to the named one on a pack's own file; None lays none."""
    own, files = str(source.document.get("version")), later_versions(pack_folder)
    if until is None or (until == own and own not in [str(later.document.get("version")) for later in files]):
        return []
    problems: list[Problem] = []
    names = [own]
    for later in files:
        problems += _misfit(source, later, names) or lay(source, later)
        names.append(str(later.document.get("version")))
        if names[-1] == until:
            return problems
    text = f"there is no version {until}; there are {', '.join(names)}"
    raise PackError([*problems, Problem((pack_folder / VERSIONS).as_posix(), 0, "", text + near(until, names))])


def lay(source: Source, change: Source) -> list[Problem]:
    """Lay an overlay or a later version on the document of `source`, in place; what is wrong with it."""
    try:
        _read(source, change)
    except ValidationError as error:
        return worded(error, change)
    except OverlayError as error:
        return [change.problem(("applies_to",), error.text)]
    problems = []
    for path, value in change.document["set"].items():
        try:
            location = locate(source.document, path)
            set_path(source.document, path, value)
        except OverlayError as error:
            place = change.place(("set", path))
            problems.append(Problem(place.file, place.line, path, error.text))
        else:
            for stale in [old for old in source.places if old[: len(location)] == location]:
                del source.places[stale]
            source.places[location] = change.place(("set", path))
    return problems


def below_the_law(source: Source, allowed: Mapping[str, str]) -> list[Problem]:
    """Numbers that give owners less than the law, unless an overlay names the local article that allows it."""
    return [
        source.problem(locate(source.document, breach.floor.path), breach.floor.words(breach.value))
        for breach in breaches(source.document, allowed)
    ]


def _read(source: Source, change: Source) -> None:
    if "overlay" in change.document:
        Overlay.model_validate(change.document)
        check_applies(source.document, change.document)
        return
    later = LaterVersion.model_validate(change.document)
    for name in ("version", "effective_from"):
        source.document[name] = str(getattr(later, name))
        source.places[(name,)] = change.place((name,))


def _misfit(source: Source, later: Source, names: list[str]) -> list[Problem]:
    """A version that begins no later than the one before it would never hold."""
    version, begins = (str(later.document.get(name)) for name in ("version", "effective_from"))
    if version in names:
        return [later.problem(("version",), f"version {version} is there already")]
    if begins <= str(source.document.get("effective_from")):
        before = f"{source.document.get('effective_from')}, when version {names[-1]} begins"
        return [later.problem(("effective_from",), f"must lie after {before}")]
    return []
