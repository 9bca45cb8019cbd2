"""The documents say what the code does: commands, targets, settings, tables and links."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from docs.tables import TABLES, current
from journey.settings import Settings
from starter.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NAMED = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())

_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"^```\w*\n(.*?)^```|`([^`\n]+)`", re.DOTALL | re.MULTILINE)
_COMMAND = re.compile(r"^(?:\$ )?(?:\.venv/bin/)?journey((?: [a-z][a-z-]*)+)(?= |$)(.*)$", re.MULTILINE)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_REGISTRY = re.compile(r"pypi\.org|pythonhosted|npmjs|crates\.io|proxy\.golang|rubygems|mirrors?\.\w+\.(?:com|cn|edu)")
_PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_MAIL = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")
_FOLDERS = re.compile(r"(?<![\w.])/(?:home|root|Users|tmp|work)/")
# Numbers and names that the sample of the README uses; a phone of a real person has no place here.
MADE_UP = {"13800138000"}


def code_of(text: str) -> Iterator[str]:
    """Everything that stands in code: fenced blocks and inline spans."""
    for block, span in _CODE.findall(text):
        yield block or span


def commands_of(text: str) -> Iterator[tuple[list[str], list[str]]]:
    """Words and flags of every `journey …` line in code."""
    for code in code_of(text):
        for words, rest in _COMMAND.findall(code.replace("\\\n", " ")):
            yield words.split(), re.findall(r"(?<=\s)--[a-z-]+", rest)


def anchors_of(text: str) -> set[str]:
    """The anchors of a document's headings, made as GitHub makes them."""
    headings = _HEADING.findall(_FENCE.sub("", text))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links_of(path: Path) -> Iterator[str]:
    """The targets of a document's links, code left out."""
    return iter(_LINK.findall(_FENCE.sub("", path.read_text(encoding="utf-8"))))


@NAMED
def test_commands_in_documents_exist_with_their_flags(path: Path) -> None:
    tree = typer.main.get_command(app)

    for words, flags in commands_of(path.read_text(encoding="utf-8")):
        command: Any = tree
        while hasattr(command, "commands") and words:
            assert words[0] in command.commands, f"journey {' '.join(words)}"
            command = command.commands[words.pop(0)]
        known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)}
        assert set(flags) <= known | {"--help"}, f"journey {command.name}"


@NAMED
def test_make_targets_in_documents_exist(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        target
        for code in code_of(path.read_text(encoding="utf-8"))
        for target in re.findall(r"^make ([a-z]+)", code, re.MULTILINE)
    }

    assert named <= targets


@NAMED
def test_relative_links_lead_somewhere(path: Path) -> None:
    for link in links_of(path):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        assert target.exists(), link
        if anchor:
            assert anchor in anchors_of(target.read_text(encoding="utf-8")), link


@NAMED
def test_tables_are_what_the_code_says(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert current(text) == text, "run: python -m docs.tables"


def test_every_table_stands_in_a_document() -> None:
    texts = [path.read_text(encoding="utf-8") for path in DOCUMENTS]

    for name in TABLES:
        assert sum(f"<!-- table: {name} -->" in text for text in texts) == 1, name


def test_every_setting_is_documented_with_words() -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")

    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert f"`JOURNEY_{name.upper()}`" in text


def test_variables_in_documents_are_settings() -> None:
    known = {f"JOURNEY_{name.upper()}" for name in Settings.model_fields}

    for path in DOCUMENTS:
        assert set(re.findall(r"\bJOURNEY_[A-Z_]+[A-Z]\b", path.read_text(encoding="utf-8"))) <= known, path.name


def test_every_file_under_docs_is_linked_from_a_document() -> None:
    linked = {(path.parent / link.partition("#")[0]).resolve() for path in DOCUMENTS for link in links_of(path)}
    spoken_of = "".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)

    for file in (ROOT / "docs").rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            name = file.relative_to(ROOT).as_posix()
            assert file in linked or name in spoken_of, name


@NAMED
def test_documents_name_no_real_person_no_registry_and_no_folder_of_a_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert set(_PHONE.findall(text)) <= MADE_UP
    assert not [host for host in _MAIL.findall(text) if not host.startswith("example.")]
    assert not _REGISTRY.search(text)
    assert not _FOLDERS.search(text)


@pytest.mark.parametrize("name", ["overview.svg", "kernel.svg"])
def test_pictures_are_readable_on_light_and_dark_pages(name: str) -> None:
    picture = (ROOT / "docs" / "images" / name).read_text(encoding="utf-8")

    assert "prefers-color-scheme: dark" in picture
    assert "<title" in picture
    assert "<desc" in picture
