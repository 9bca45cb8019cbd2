"""The policies folder as authors work on it: what is wrong in it, what a pack says, what differs between two."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from journey.adapters.calendars import load_calendar, propose, read_year
from journey.adapters.pack_files import PackError, Problem, Source, read_source
from journey.adapters.packs import (
    PACK_FILE,
    LoadedPack,
    available,
    available_overlays,
    load_pack,
    loaded,
    overlays_of,
    schema,
    versions,
)
from journey.adapters.template_lint import check_texts, hints, read_templates
from journey.adapters.template_samples import usual
from journey.adapters.templates import TemplateError, render, variables_of
from journey.adapters.wiring import Policy, pack_policies
from journey.adapters.wording_files import check_answer, check_wording, parameter_problems
from journey.domain.errors import NotFound
from journey.domain.floors import breaches
from journey.domain.pack_words import Changed, differences
from journey.domain.saying import worded

__all__ = [
    "Finding", "PackError", "TemplateError", "available", "checked", "compare", "filled", "find", "lint",
    "parameter_problems", "propose_calendar", "published_from", "read_answer_file", "read_calendar_file", "render",
    "schema", "show", "usual", "variables_of",
]  # fmt: skip

CALENDARS = "calendars"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a lint: an error keeps the pack from being used, a hint does not."""

    level: Literal["error", "hint"]
    problem: Problem

    def document(self) -> dict[str, Any]:
        """As it is shown."""
        problem = self.problem
        return {
            "level": self.level, "file": problem.file, "line": problem.line, "path": problem.path, "text": problem.text,
        }  # fmt: skip


class NoCalendar(NotFound):
    """Nothing is known of the days off of that country."""

    code = "no-calendar"


class NoPack(NotFound):
    """Nothing of that name, or at that place, is a pack."""

    code = "no-pack"


def find(where: str, folder: Path) -> tuple[Path, list[str]]:
    """The folder of policies and the packs meant by a name, a pack's own folder, or a folder of packs; NoPack."""
    path = Path(where)
    if where in available(folder):
        return folder, [where]
    if (path / PACK_FILE).is_file():
        return path.resolve().parent, [path.resolve().name]
    if path.is_dir() and available(path):
        return path, available(path)
    known = ", ".join(available(folder)) or "none"
    raise NoPack(f"没有政策包 {where},现有:{known} / there is no pack {where}; there is {known}")


def lint(folder: Path, names: Iterable[str]) -> list[Finding]:
    """Everything wrong with packs in each version and under each overlay, and with the calendars of their countries."""
    found: dict[Problem, Finding] = {}
    advice: dict[Problem, Finding] = {}
    countries = set()
    for name in names:
        before = len(found)
        for overlays, version in _layers(folder, name, found):
            loaded = _try(found, folder, name, overlays, version)
            countries |= {loaded.pack.country} if loaded else set()
        texts = folder / name / "templates"
        if len(found) == before:  # texts that cannot be read have no length
            advice |= {hint: Finding("hint", hint) for hint in hints(read_templates(texts)[0], texts)}
    for country in sorted(countries):
        try:
            load_calendar(country, folder / CALENDARS)
        except ValueError as error:
            problem = Problem(f"{folder / CALENDARS}", 0, "", str(error))
            found[problem] = Finding("error", problem)
    return sorted(
        (*found.values(), *advice.values()), key=lambda each: (each.level, each.problem.file, each.problem.line)
    )


def published_from(source: Path) -> list[Policy]:
    """What a pack's folder, an overlay's file or a later version's file stands for, as it is published; NoPack."""
    if source.is_dir() or source.name == PACK_FILE:
        at = source if source.is_dir() else source.parent
        folder, names = find(str(at), at)
        return [policy for name in names for policy in pack_policies(folder, name)]
    try:
        document = read_source(source).document
    except OSError as error:
        raise NoPack(f"读不了 {source} / cannot read {source}: {error.strerror}") from error
    folder = source.resolve().parent.parent
    if "overlay" in document:
        name, overlay = str(document.get("applies_to")), str(document["overlay"])
        return [policy for policy in pack_policies(folder, name) if policy.overlays == (overlay,)]
    version = str(document.get("version"))
    found = [each for each in pack_policies(folder.parent, folder.name) if each.loaded.pack.version == version]
    if not found:
        raise NoPack(f"{source} 不是叠加或版本文件 / is neither an overlay nor a version of a pack")
    return found


def checked(document: Mapping[str, Any], law: Mapping[str, str]) -> LoadedPack:
    """A pack that somebody else has put together, checked as those of the folder are; PackError."""
    found = loaded(document)
    texts = found.document.get("templates") or {}
    problems = check_texts(texts, {})
    if "wording" in found.document:
        problems += check_wording(Source(found.document["wording"], {}, "templates.yaml"), texts)
    for answer, written in (found.document.get("answers") or {}).items():
        problems += check_answer(Source(written, {}, f"answers/{answer}.yaml"))
    problems += [
        Problem(found.pack.pack, 0, each.floor.path, each.floor.words(each.value))
        for each in breaches(found.document, law)
    ]
    if problems:
        raise PackError(problems)
    return found


def show(folder: Path, name: str, overlays: Sequence[str], day: date | None) -> LoadedPack:
    """The version of a pack that holds on a day (None: the newest), with overlays; NoPack, PackError."""
    there = available_overlays(folder)
    for overlay in overlays:
        if overlay not in there:
            known = ", ".join(there) or "none"
            raise NoPack(f"没有地方叠加 {overlay},现有:{known} / there is no overlay {overlay}; there is {known}")
    every = [load_pack(folder, name, overlays, version) for version in versions(folder, name)]
    begun = [loaded for loaded in every if day is None or loaded.pack.effective_from <= day]
    return (begun or every[:1])[-1]


def compare(before: LoadedPack, after: LoadedPack) -> list[Changed]:
    """What changed from one to the other, number by number."""
    return differences(before.document, after.document)


def read_answer_file(path: Path) -> Mapping[str, Any]:
    """An answer's file as a door takes it; NoPack when it cannot be read, PackError names the line."""
    try:
        return read_source(path).document
    except OSError as error:
        raise NoPack(f"读不了 {path} / cannot read {path}: {error.strerror}") from error


def filled(text: str, variables: Mapping[str, Any], language: str) -> str | None:
    """A template as its reader would read it; None when it cannot be rendered."""
    try:
        return render(text, worded(variables, language))
    except TemplateError:
        return None


def propose_calendar(country: str, year: int) -> str:
    """The file of a year to start from until its notice is published; NoCalendar for an unknown country."""
    try:
        return propose(country, year)
    except ValueError as error:
        raise NoCalendar(str(error)) from error


def read_calendar_file(path: Path) -> Mapping[str, Any]:
    """The checked contents of one year's file, as a door takes them; ValueError names file and line."""
    return read_year(path)


def _layers(folder: Path, name: str, found: dict[Problem, Finding]) -> list[tuple[tuple[str, ...], str | None]]:
    try:
        overlays = [(), *((overlay,) for overlay in overlays_of(folder, name))]
        return [(each, version) for each in overlays for version in versions(folder, name)]
    except PackError as error:
        _keep(found, error)
        return [((), None)]


def _try(
    found: dict[Problem, Finding], folder: Path, name: str, overlays: Sequence[str], version: str | None
) -> LoadedPack | None:
    try:
        return load_pack(folder, name, overlays, version)
    except PackError as error:
        _keep(found, error)
        return None


def _keep(found: dict[Problem, Finding], error: PackError) -> None:
    found |= {problem: Finding("error", problem) for problem in error.problems}
