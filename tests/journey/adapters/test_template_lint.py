"""Templates that ask for what there is not are found before they are sent."""

from pathlib import Path

import pytest

from journey.adapters.pack_files import Problem
from journey.adapters.template_lint import check_texts, hints, lint, read_templates


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ owner.phone }}", "unknown variable owner.phone; there is name"),
        ("{{ owner['phone'] }}", "unknown variable owner.phone; there is name"),
        ("{{ price }}", "unknown variable price; there are building, components"),
        ("{{ ends_on | date_fr }}", "unknown filter date_fr"),
        ("{% if days_left is small %}{% endif %}", "unknown test small"),
        ("{% if days_left %}", "template: Unexpected end of template"),
        ("{% include 'other' %}", "a template stands on its own"),
    ],
)
def test_a_mistake_is_named_with_its_line(template: str, text: str) -> None:
    (problem,) = lint(f"Dear {{{{ owner.name }}}},\n{template}", file="moved.j2", path="templates.en.moved")

    assert (problem.file, problem.line, problem.path) == ("moved.j2", 2, "templates.en.moved")
    assert problem.text.startswith(text)


def test_all_mistakes_of_a_template_are_told_at_once() -> None:
    problems = lint("{{ a }}\n{{ b | c }}\n{{ unit.d }}", file="moved.j2", path="")

    assert [problem.line for problem in problems] == [1, 2, 2, 3]


@pytest.mark.parametrize(
    "template",
    [
        "{% for part in components %}{{ loop.index }}. {{ part }}{% endfor %}",
        "{% set day = ends_on | date_zh %}{{ day }}",
        "{{ components | join('、') }}{{ unit.building }}{{ moved_from | date_en }}",
    ],
)
def test_what_a_template_makes_itself_and_what_it_is_given_is_known(template: str) -> None:
    assert lint(template, file="moved.j2", path="") == []


def test_a_template_missing_in_one_language_is_named(tmp_path: Path) -> None:
    (tmp_path / "zh").mkdir()
    (tmp_path / "zh" / "moved.j2").write_text("{{ unit.code }}改期", encoding="utf-8")

    texts, problems = read_templates(tmp_path)

    assert texts == {"zh": {"moved": "{{ unit.code }}改期"}, "en": {}}
    assert problems == [Problem((tmp_path / "en/moved.j2").as_posix(), 1, "templates.en.moved", "template missing")]


def test_a_variable_that_one_language_leaves_out_is_named_unless_it_says_who_writes() -> None:
    texts = {
        "zh": {"handover.notice": "【{{ project.name }}】{{ unit.code }}{{ handover_on | date_zh }}"},
        "en": {"handover.notice": "{{ unit.code }}, your {{ keeper | lower }}"},
    }

    problems = check_texts(texts, {("en", "handover.notice"): "en/handover.notice.j2"})

    assert [(problem.file, problem.text) for problem in problems] == [
        ("en/handover.notice.j2", "does not use handover_on, which zh does")
    ]


def test_a_variant_needs_its_template_and_may_say_what_that_says(tmp_path: Path) -> None:
    for language in ("zh", "en"):
        (tmp_path / language).mkdir()
        (tmp_path / language / "handover.notice.sms.j2").write_text("{{ handover_on.year }}", encoding="utf-8")

    _, alone = read_templates(tmp_path)
    for language in ("zh", "en"):
        (tmp_path / language / "handover.notice.j2").write_text("{{ handover_on.year }}", encoding="utf-8")
    _, together = read_templates(tmp_path)

    assert [problem.text for problem in alone] == ["is a variant of handover.notice, which is not there"] * 2
    assert together == []


def test_a_long_text_is_a_hint_unless_it_has_a_shorter_one_for_sms(tmp_path: Path) -> None:
    long = {"signing.keeper-welcome": "好" * 300}

    found = hints({"zh": long, "en": {}}, tmp_path)
    with_short = hints({"zh": {**long, "signing.keeper-welcome.sms": "短"}, "en": {}}, tmp_path)

    assert [problem.text for problem in found] == ["约 300 字,须 5 条短信 / about 300 characters, 5 text messages"]
    assert with_short == []


def test_a_text_that_no_rule_sends_is_a_hint(tmp_path: Path) -> None:
    (found,) = hints({"zh": {"handover.notise": "x"}, "en": {}}, tmp_path)

    assert "no rule sends it" in found.text
