"""YAML of policies: plain values, the line of each, and what cannot be read."""

from pathlib import Path

import pytest

from journey.adapters.pack_files import PackError, Problem, read_source

TEXT = """\
day: 2020-01-01
off: no  # YAML 1.2: a word, not a boolean
hours:
  - [09:00, 18:00]
terms:
  - component: lift
    owner: null
    seasons: 2
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "pack.yaml"


def test_values_are_plain_json(file: Path) -> None:
    file.write_text(TEXT, encoding="utf-8")

    assert read_source(file).document == {
        "day": "2020-01-01",
        "off": "no",
        "hours": [["09:00", "18:00"]],
        "terms": [{"component": "lift", "owner": None, "seasons": 2}],
    }


def test_every_value_knows_its_line(file: Path) -> None:
    file.write_text(TEXT, encoding="utf-8")

    source = read_source(file)

    assert source.place(("hours", 0, 1)).line == 4
    assert source.place(("terms", 0, "seasons")).line == 8


def test_a_missing_value_stands_where_its_section_begins(file: Path) -> None:
    file.write_text(TEXT, encoding="utf-8")

    problem = read_source(file).problem(("terms", 0, "contractor"), "is missing")

    assert problem == Problem(file.as_posix(), 6, "terms.lift.contractor", "is missing")


def test_a_name_written_twice_is_refused_with_its_line(file: Path) -> None:
    file.write_text("language: zh\nzone: Asia/Shanghai\nlanguage: en\n", encoding="utf-8")

    with pytest.raises(PackError, match="duplicate key") as caught:
        read_source(file)

    assert [(problem.file, problem.line) for problem in caught.value.problems] == [(file.as_posix(), 3)]


@pytest.mark.parametrize("text", ["", "- a\n", "a: [1\n", "\tb: 1\n", "just words", "a: &x [*y]\n", "a: \x07\n"])
def test_a_file_that_is_no_mapping_is_refused(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")

    with pytest.raises(PackError) as caught:
        read_source(file)

    assert [problem.file for problem in caught.value.problems] == [file.as_posix()]


def test_a_file_that_is_not_utf_8_is_refused(file: Path) -> None:
    file.write_bytes("zh: 中文".encode("gb18030"))

    with pytest.raises(PackError, match="YAML"):
        read_source(file)
