"""Policy packs on disk: one folder a pack, overlays beside them, merged into one document with a content hash."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError

from journey.adapters.pack_changes import below_the_law, later_versions, lay, lay_versions
from journey.adapters.pack_files import Location, PackError, Problem, Source, plain, read_source
from journey.adapters.pack_problems import near, worded
from journey.adapters.template_lint import read_templates
from journey.adapters.wording_files import read_answers, read_wording
from journey.domain.packs import NEWER_NUMBERS, NEWER_SECTIONS, Pack
from journey.domain.values import Component, MessageClass, Role
from journey.domain.wording import PARTS

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
    "versions",
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
    law: Mapping[str, str] = field(default_factory=dict)  # local articles that allow less, by path


def available(folder: Path) -> list[str]:
    """Names of the packs in a folder, sorted."""
    return sorted(file.parent.name for file in folder.glob(f"*/{PACK_FILE}"))


def available_overlays(folder: Path) -> list[str]:
    """Names of the overlays in a folder of packs, sorted."""
    return sorted(file.stem for file in (folder / OVERLAYS).glob("*.yaml"))


def versions(folder: Path, name: str) -> list[str | None]:
    """What `load_pack` takes as the versions of a pack, oldest first: None is the pack's own file."""
    return [None, *(str(later.document.get("version")) for later in later_versions(folder / name))]


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


def load_pack(folder: Path, name: str, overlays: Sequence[str] = (), version: str | None = None) -> LoadedPack:
    """The pack of that name with overlays laid on in their order; `PackError` lists all that is wrong.

    Without a `version` it is the first one, the pack's own file.
    """
    _must_exist(folder, "pack", [name], available(folder))
    _must_exist(folder / OVERLAYS, "overlay", overlays, available_overlays(folder))
    source = read_source(folder / name / PACK_FILE)
    problems = _misnamed(source, "pack", name)
    problems += lay_versions(source, folder / name, version)
    allowed: dict[str, str] = {}
    for overlay in overlays:
        file = read_source(folder / OVERLAYS / f"{overlay}.yaml")
        problems += _misnamed(file, "overlay", overlay) + lay(source, file)
        allowed |= plain(file.document.get("law") or {})
    templates, faults = read_templates(folder / name / "templates")
    problems += [source.problem(path, "is missing") for path in _without_newer(source.document)]
    wording, misnamed = read_wording(folder / name, templates)
    answers, wrong = read_answers(folder / name)
    problems += _problems(source) + faults + misnamed + wrong
    problems = problems or below_the_law(source, allowed)
    if problems:
        raise PackError(problems)
    beside = {part: there for part, there in (("wording", wording), ("answers", answers)) if there}
    return replace(loaded({**source.document, "templates": templates, **beside}), law=allowed)


def loaded(document: Mapping[str, Any]) -> LoadedPack:
    """A merged document with its model and the sha256 of its canonical JSON; `PackError` when it is no valid pack."""
    body = plain(document)
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return LoadedPack(read_pack(body), body, sha256(canonical.encode()).hexdigest())


def read_pack(document: Mapping[str, Any]) -> Pack:
    """The pack of a stored document (its texts stand beside the numbers); `PackError` names paths, line 0."""
    body = {name: value for name, value in document.items() if name not in PARTS}
    pack, problems = _validated(Source(body, {}, str(body.get("pack", "pack"))))
    if pack is None or problems:
        raise PackError([Problem(problem.file, 0, problem.path, problem.text) for problem in problems])
    return pack


def schema() -> dict[str, Any]:
    """JSON Schema of `pack.yaml`, for editors: a file has every section, also those that older versions lack."""
    found = Pack.model_json_schema()
    found["required"] = [*found["required"], *sorted(NEWER_SECTIONS)]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


def _without_newer(document: Mapping[str, Any]) -> list[Location]:
    """Sections and numbers that published versions may lack, a pack file may not."""
    sections: list[Location] = [(name,) for name in sorted(NEWER_SECTIONS - document.keys())]
    for section, name in sorted(NEWER_NUMBERS):
        if isinstance(document.get(section), Mapping) and name not in document[section]:
            sections.append((section, name))
    return sections


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


def _problems(source: Source) -> list[Problem]:
    return _validated(source)[1]


def _validated(source: Source) -> tuple[Pack | None, list[Problem]]:
    """The pack, None where the model refuses it, and everything that is wrong with it, in the order of lines."""
    problems, pack = list(_unknown_and_missing(source)), None
    try:
        pack = Pack.model_validate(source.document)
    except ValidationError as error:
        problems += worded(error, source)
    return pack, sorted(problems, key=lambda problem: (problem.file, problem.line))


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
                where, f"unknown component {component}" + near(component, [c.value for c in Component])
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
        yield source.problem((*at, name), f"unknown name {name}" + near(name, sorted(known or ())))
