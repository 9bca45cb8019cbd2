"""The pinned requirements: complete, with hashes, and without the address of any index."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.txt", "requirements-dev.txt")
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==(\S+)(.*)$", re.MULTILINE)


def pins(lock: str) -> dict[str, str]:
    found = PINNED.findall((ROOT / lock).read_text(encoding="utf-8"))
    return {canonicalize_name(name): version for name, version, _ in found}


def declared(extras: tuple[str, ...]) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = [line for extra in extras for line in project["optional-dependencies"][extra]]
    return [Requirement(line) for line in project["dependencies"] + optional]


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_names_no_index_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")

    assert not re.search(r"[a-z]+://|--index|--extra-index|--find-links|--trusted-host| @ ", text)


@pytest.mark.parametrize("lock", LOCKS)
def test_everything_pinned_has_a_hash(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    blocks = [block for block in re.split(r"\n(?=\S)", text) if not block.startswith("#")]

    assert blocks
    assert [block for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize(("lock", "extras"), [(LOCKS[0], ("build",)), (LOCKS[1], ("build", "dev"))])
def test_the_lock_holds_what_the_project_declares(lock: str, extras: tuple[str, ...]) -> None:
    pinned = pins(lock)

    missing = [
        str(wanted)
        for wanted in declared(extras)
        if (version := pinned.get(canonicalize_name(wanted.name))) is None or version not in wanted.specifier
    ]

    assert missing == []


def test_development_runs_on_the_versions_that_production_runs_on() -> None:
    run, development = pins(LOCKS[0]), pins(LOCKS[1])

    assert {name: development.get(name) for name in run} == run


def test_packages_that_break_others_are_not_pinned() -> None:
    # niquests brings urllib3-future, which overwrites urllib3.
    assert {"niquests", "urllib3-future"} & (pins(LOCKS[1]).keys()) == set()
