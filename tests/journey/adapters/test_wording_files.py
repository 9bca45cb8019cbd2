"""What stands beside the texts of a pack is checked with file and line before anything depends on it."""

from pathlib import Path

import pytest

from journey.adapters.pack_files import PackError
from journey.adapters.packs import load_pack
from journey.adapters.wording_files import read_answers, read_wording
from tests.packs import BUILT_IN, POLICIES, copy_policies

TEXTS = {
    "zh": {"club": "您好{{ owner.name }},拒收请回复R", "club.sms": "短"},
    "en": {"club": "Dear {{ owner.name }}", "club.sms": "Short, reply R"},
}
HEAD = "opt_out: {zh: 拒收请回复R, en: reply R}\ntemplates:\n  club:\n"


def told(folder: Path, body: str) -> list[tuple[int, str]]:
    """Lines and words of what is wrong with a `templates.yaml`."""
    (folder / "templates.yaml").write_text(body, encoding="utf-8")
    _, problems = read_wording(folder, TEXTS)
    return [(problem.line, problem.text) for problem in problems]


def test_a_marketing_text_without_the_opt_out_words_is_an_error_in_each_text_that_lacks_them(tmp_path: Path) -> None:
    found = told(tmp_path, HEAD + "    class: marketing\n")

    assert found == [
        (4, "the en text of club lacks the opt-out words «reply R»"),
        (4, "the zh text of club.sms lacks the opt-out words «拒收请回复R»"),
    ]


def test_a_marketing_text_needs_opt_out_words_at_all(tmp_path: Path) -> None:
    ((line, text),) = told(tmp_path, "templates:\n  club:\n    class: marketing\n")

    assert line == 3
    assert text.startswith("a marketing text needs opt_out")


@pytest.mark.parametrize(
    ("body", "line", "text"),
    [
        ("    clas: care\n", 4, "unknown name clas"),
        ("    approvals: [boss]\n", 4, "Input should be 'legal' or 'marketing'"),
        ("    subject: {zh: 你好}\n", 4, "is missing"),
        ("    subject:\n      zh: '{{ price }}'\n      en: Hello\n", 5, "unknown variable price"),
        ("    subject:\n      zh: '{{ ends_on }}'\n      en: Hello\n", 5, "ends_on is not said by the rule"),
        (
            "    providers:\n      aliyun:\n        zh: {code: S1, params: {a: owner.phone}}\n", 6,
            "unknown variable owner.phone",
        ),
        ("    providers:\n      aliyun:\n        zh: {code: S1, params: {a: 'x | tojson'}}\n", 6, "unknown variable x"),
        ("    class: care\n  other:\n    class: care\n", 5, "there is no text of that name"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(tmp_path: Path, body: str, line: int, text: str) -> None:
    found = told(tmp_path, HEAD + body)

    assert [each for each in found if each[0] == line and each[1].startswith(text)], found


def test_a_pack_without_the_file_says_nothing_of_its_texts(tmp_path: Path) -> None:
    assert read_wording(tmp_path, TEXTS) == ({}, [])


def test_an_answer_of_a_pack_names_who_approved_it_and_rules_that_there_are(tmp_path: Path) -> None:
    (tmp_path / "answers").mkdir()
    file = tmp_path / "answers" / "lift.yaml"
    file.write_text("topic: {zh: 电梯, en: Lift}\ntext: {zh: 好, en: Good}\nrules: [no.such]\n", encoding="utf-8")

    answers, problems = read_answers(tmp_path)

    assert list(answers) == ["lift"]
    assert [(problem.file, problem.line, problem.text) for problem in problems] == [
        (file.as_posix(), 3, "there is no rule no.such"),
        (file.as_posix(), 1, "names nobody: an answer of a pack is an approved one"),
    ]


def test_the_shipped_texts_need_nobodys_approval() -> None:
    wording = load_pack(POLICIES, BUILT_IN).document["wording"]

    assert [name for name, spec in wording["templates"].items() if spec.get("approvals")] == []


def test_a_pack_with_a_mistake_beside_its_texts_cannot_be_used(tmp_path: Path) -> None:
    policies = copy_policies(tmp_path)
    (policies / BUILT_IN / "answers" / "lift.yaml").write_text("topic: 电梯\n", encoding="utf-8")

    with pytest.raises(PackError) as caught:
        load_pack(policies, BUILT_IN)

    assert {problem.file for problem in caught.value.problems} == {
        (policies / BUILT_IN / "answers/lift.yaml").as_posix()
    }
