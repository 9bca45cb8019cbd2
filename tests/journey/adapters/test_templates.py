"""Rendering: values in, text out, and nothing that a template could reach, repeat or grow."""

from datetime import UTC, date, datetime

import pytest

from journey.adapters.template_lint import VARIABLES
from journey.adapters.templates import TemplateError, date_en, date_zh, render, variables_of
from journey.domain.errors import JourneyError
from tests.packs import BUILT_IN, POLICIES

DAY = date(2026, 6, 27)
KNOWN = {
    "owner": {"name": "张伟"},
    "unit": {"code": "3-1-1202", "building": "3"},
    "project": {"name": "香年"},
    "keeper": "管家",
    "building": "3",
    "notice_text": "三号楼停水",
    "words": "三号楼停水",
    "components": ["电气管线", "给排水管道"],
    "ends_on": DAY,
    "days_left": 7,
    "handover_on": date(2026, 6, 27),
    "slot_on": DAY,
    "slot_at": "10:30",
    "milestones": ["主体封顶", "落架"],
    "feast": "中秋节",
    "moved_from": date(2026, 6, 20),
    "moved_to": DAY,
    "until": DAY,
    "session_on": DAY,
    "session_at": "09:30",
    "valid_until": DAY,
    "owner_pays_from": DAY,
    "fit_out_covered_until": DAY,
    "waterproof_covered_until": DAY,
    "work_hours": ["08:00–12:00", "14:00–18:00"],
    "route": ["物业客服", "地产客服", "集团400"],
    "landscaping": True,
}


def test_a_text_takes_its_variables() -> None:
    text = render("尊敬的{{ owner.name }},{{ unit.code }}于{{ ends_on | date_zh }}到期。", KNOWN)

    assert text == "尊敬的张伟,3-1-1202于2026年6月27日到期。"


def test_dates_are_written_as_each_language_writes_them() -> None:
    assert date_zh(DAY) == "2026年6月27日"
    assert date_en(DAY) == "27 June 2026"
    assert date_en("2026-01-05") == "5 January 2026"


@pytest.mark.parametrize("value", [datetime(2026, 6, 27, 20, tzinfo=UTC), "tomorrow", None, 5])
def test_what_is_no_civil_date_is_refused(value: object) -> None:
    with pytest.raises(TemplateError, match="a date filter takes a date"):
        render("{{ day | date_zh }}", {"day": value})


def test_a_plain_value_may_be_set_and_blank_edges_are_cut() -> None:
    text = render("{% set name = owner.name | trim %}\n  您好,{{ name }}\n\n", KNOWN)

    assert text == "您好,张伟"


@pytest.mark.parametrize(
    ("template", "variable"),
    [
        ("{{ nobody }}", "nobody"),
        ("{{ owner.nme }}", "owner.nme"),
        ("{{ owner['nme'] }}", "owner.nme"),
        ("{{ owner.address.city }}", "owner.address"),
        ("{{ nobody | date_zh }}", "nobody"),
        ("{% if nobody %}x{% endif %}", "nobody"),
        ("{% for one in nobody %}x{% endfor %}", "nobody"),
    ],
)
def test_an_undefined_variable_is_named(template: str, variable: str) -> None:
    with pytest.raises(TemplateError) as caught:
        render(template, KNOWN)

    assert caught.value.variable == variable
    assert str(caught.value) == f"undefined variable {variable}"
    assert isinstance(caught.value, JourneyError)


def test_a_default_stands_in_for_an_undefined_variable() -> None:
    assert render("{{ nobody | default('家人') }}", {}) == "家人"


@pytest.mark.parametrize(
    "template",
    [
        "{{ owner.__class__ }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ owner['__class__'] }}",
        "{{ owner | attr('__class__') }}",
        "{{ components.append('x') }}",
        "{{ components | map(attribute='__class__') | list }}",
        "{{ components | sort(attribute='__class__.__name__') | first }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ lipsum() }}",
        "{{ self }}",
        "{{ self.__init__ }}",
        "{{ owner.update({'name': 'x'}) }}",
        "{{ '%s' | format(owner) }}",
        "{% include 'other' %}",
        "{% import 'other' as other %}",
        "{% extends 'other' %}",
        "{% macro m() %}x{% endmacro %}{{ m() }}",
    ],
)
def test_a_template_cannot_reach_beyond_its_variables(template: str) -> None:
    with pytest.raises(TemplateError):
        render(template, KNOWN)


@pytest.mark.parametrize(
    "template",
    [
        "{{ range(10 ** 9) | list }}",
        "{{ 'x' * 1000000000 }}",
        "{{ 'x' ~ 'y' }}",
        "{{ owner.name + owner.name }}",
        "{{ 9 ** 9 ** 9 }}",
        "{% set n = 7 %}" + "{% set n = n * n %}" * 60 + "{{ n }}",
        "{% set l = 'x' %}" + "{% set l = [l, l] %}" * 60 + "{{ l | string | length }}",
        "{% set l = 'x' %}" + "{% set l = (l, l) %}" * 60 + "{{ l | string | length }}",
        "{% set t = 'x' %}" + "{% set t = t | replace('x', 'xx') %}" * 60 + "{{ t | length }}",
        "{% set t %}" + "x" * 2001 + "{% endset %}{{ t }}{{ t }}",
        "{{ 1 | round(999999999, 'floor') }}",
        "{{ '%999999999d' % 1 }}",
        "{{ 'x' | center(999999999) }}",
        "{{ '" + "x" * 2000 + "' | replace('x', '" + "y" * 2000 + "') | length }}",
        "{% for a in '" + "x" * 99 + "' %}{% for b in '" + "x" * 99 + "' %}{% endfor %}{% endfor %}",
        "{{ " + "(" * 4000 + "1" + ")" * 4000 + " }}",
        "{{ " + "not " * 2000 + "1 }}",
    ],
)
def test_a_template_cannot_grow_or_loop_without_end(template: str) -> None:
    with pytest.raises(TemplateError):
        render(template, KNOWN)


def test_a_text_has_at_most_2000_characters() -> None:
    assert render("{{ text }}", {"text": "字" * 2000}) == "字" * 2000

    with pytest.raises(TemplateError, match="longer than 2000"):
        render("{{ text }}", {"text": "字" * 2001})


def test_a_template_has_at_most_10000_characters() -> None:
    with pytest.raises(TemplateError, match="longer than 10000"):
        variables_of("x" * 10_001)


def test_a_failing_template_never_repeats_a_value() -> None:
    with pytest.raises(TemplateError) as caught:
        render("{{ owner.name - 1 }}", KNOWN)

    assert "张伟" not in str(caught.value)


def test_a_name_looked_up_by_a_value_is_refused_as_its_error_would_tell_the_value() -> None:
    with pytest.raises(TemplateError, match="only a written name"):
        render("{{ unit[owner.name] }}", KNOWN)


def test_broken_syntax_is_told_with_its_line() -> None:
    with pytest.raises(TemplateError, match="line 2"):
        render("first\n{{ owner.name", KNOWN)


def test_an_unknown_filter_is_told() -> None:
    with pytest.raises(TemplateError, match="date_fr"):
        render("{{ ends_on | date_fr }}", KNOWN)


def test_the_variables_of_a_template_are_listed() -> None:
    text = "{{ owner.name }}{% for one in components %}{{ one }}{% endfor %}{% if days_left > 3 %}!{% endif %}"

    assert variables_of(text) == {"owner", "components", "days_left"}


def test_every_template_of_the_built_in_pack_renders() -> None:
    files = sorted((POLICIES / BUILT_IN / "templates").glob("*/*.j2"))

    texts = [render(file.read_text(encoding="utf-8"), KNOWN) for file in files]

    assert set(KNOWN) == set(VARIABLES)
    assert all(texts)
    assert len(texts) >= 8
