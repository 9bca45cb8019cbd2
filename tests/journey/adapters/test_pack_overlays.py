"""Overlays on disk: what a province changes, and errors that are named in the overlay's own file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from journey.adapters.pack_files import Location, shown
from journey.adapters.packs import load_pack
from tests.packs import BUILT_IN as PACK
from tests.packs import POLICIES, at, built_in, copy_policies, problems_of, spoil


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    return copy_policies(tmp_path)


def differing(left: Any, right: Any, path: Location = ()) -> Iterator[Location]:
    if isinstance(left, dict) and isinstance(right, dict) and left.keys() == right.keys():
        for name in left:
            yield from differing(left[name], right[name], (*path, name))
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for position, (one, other) in enumerate(zip(left, right, strict=True)):
            yield from differing(one, other, (*path, position))
    elif left != right:
        yield path


@pytest.mark.parametrize(
    ("overlay", "changed"),
    [
        (
            "zhejiang",
            {
                f"warranty.components.{component}.owner": "8y"
                for component in ("roof-waterproof", "wet-room", "exterior-seepage", "electrical", "plumbing")
            },
        ),
        (
            "shandong",
            {
                "warranty.components.insulation.owner": "10y",
                "warranty.components.insulation.owner_from": "completion",
                "project.assembly_later": {"share": 25, "after": "2y"},
            },
        ),
        ("beijing", {"warranty.restart_on_repair": True}),
        ("henan", {"warranty.restart_on_repair": True}),
    ],
)
def test_a_province_changes_exactly_its_numbers(overlay: str, changed: dict[str, Any]) -> None:
    merged = load_pack(POLICIES, PACK, [overlay]).document

    found = {}
    for location in differing(built_in().document, merged):
        found[shown(merged, location)] = at(merged, location)
    assert found == changed


def test_a_wrong_value_in_an_overlay_is_named_in_the_overlay(policies: Path) -> None:
    file = policies / "overlays" / "zhejiang.yaml"
    line = spoil(file, "wet-room.owner: 8y", "wet-room.owner: 8yr")

    (problem,) = problems_of(policies, "zhejiang")

    assert (problem.file, problem.line) == (file.as_posix(), line)
    assert problem.path == "warranty.components.wet-room.owner"


def test_every_unknown_path_of_an_overlay_is_named(policies: Path) -> None:
    file = policies / "overlays" / "zhejiang.yaml"
    first = spoil(file, "wet-room.owner:", "wet-rooms.owner:")
    second = spoil(file, "plumbing.owner:", "plumbing.owners:")

    problems = problems_of(policies, "zhejiang")

    assert [(problem.file, problem.line) for problem in problems] == [
        (file.as_posix(), first),
        (file.as_posix(), second),
    ]
    assert all("did you mean" in problem.text for problem in problems)


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("applies_to: cn-residential", "applies_to: uk-nhqc", "applies to uk-nhqc"),
        ("overlay: zhejiang", "overlay: zhejian", "the name on disk is zhejiang"),
        ("set:", "sets:", "unknown name sets; did you mean set?"),
    ],
)
def test_an_overlay_that_is_not_meant_is_refused(policies: Path, old: str, new: str, text: str) -> None:
    file = policies / "overlays" / "zhejiang.yaml"
    line = spoil(file, old, new)

    problems = problems_of(policies, "zhejiang")

    assert (file.as_posix(), line) in [(p.file, p.line) for p in problems if text in p.text]
