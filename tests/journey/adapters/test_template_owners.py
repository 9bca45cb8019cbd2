"""Any text that passes the lint can be rendered for every owner that its rule may meet, and escapes from nothing."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.adapters.template_lint import lint
from journey.adapters.template_samples import LISTS, TEXTS, blank, samples
from journey.adapters.templates import render
from journey.domain.saying import COMMON, SAYS, says
from tests.packs import BUILT_IN, POLICIES

NAMES = st.text(max_size=200)
RULES = sorted({*SAYS, "signing.keeper-welcome"})
PIECES = st.sampled_from(
    [
        "您好", "{{ owner.name }}", "{{ unit.code }}", "{{ project.name | upper }}", "{{ keeper | lower }}",
        "{{ handover_on | date_zh }}", "{% if handover_on %}{{ handover_on | date_en }}{% endif %}",
        "{{ components | join('、') }}", "{{ components[0] }}", "{{ components | first }}", "{{ days_left + 1 }}",
        "{% if days_left > 7 %}x{% endif %}", "{{ until | date_zh }}", "{% for one in route %}{{ one }}{% endfor %}",
        "{{ owner.name | tojson }}", "{{ owner.name * 2 }}", "{{ 10 // days_left }}", "{{ slot_at }}",
        "{{ owner.name | replace('a', 'b') }}", "{{ milestones | length }}", "{{ feast | trim }}",
    ]
)  # fmt: skip


def owner_of(draw: Any, rule: str) -> dict[str, Any]:
    """Somebody to whom the rule says what it always says, and perhaps what it sometimes does."""
    said = says(rule).always | {each for each in says(rule).sometimes if draw(st.booleans())}
    values: dict[str, Any] = {}
    for each in said:
        if each in LISTS:
            values[each] = draw(st.lists(st.text(max_size=20), min_size=1, max_size=4))
        elif each in TEXTS or each.endswith("_at"):
            values[each] = draw(st.text(max_size=10))
        elif each == "landscaping":
            values[each] = True
        elif each == "days_left":
            values[each] = draw(st.integers(0, 400))
        else:
            values[each] = draw(st.dates(date(2020, 1, 1), date(2060, 1, 1)))
    unit = {"code": draw(st.text(max_size=60)), "building": draw(st.text(max_size=60))}
    common = {"owner": {"name": draw(NAMES)}, "unit": unit, "project": {"name": draw(st.text(max_size=60))}}
    return {**blank(), **common, "keeper": "管家", **values}


@given(st.data(), st.sampled_from(RULES), st.lists(PIECES, min_size=1, max_size=5))
@settings(max_examples=150, deadline=None)
def test_what_passes_the_lint_is_rendered_for_every_owner(data: Any, rule: str, pieces: list[str]) -> None:
    text = "".join(pieces)
    if lint(text, file="", path="", template=rule):
        return

    assert render(text, owner_of(data.draw, rule)) is not None


@pytest.mark.parametrize(
    "file", sorted((POLICIES / BUILT_IN / "templates").rglob("*.j2")), ids=lambda f: f"{f.parent.name}/{f.stem}"
)
def test_every_shipped_text_is_rendered_for_every_sample_owner(file: Any) -> None:
    text = file.read_text(encoding="utf-8")

    rendered = [render(text, owner) for owner in samples(file.stem, file.parent.name)]

    assert all(rendered)
    assert not [one for one in rendered if "None" in one]


@pytest.mark.parametrize("name", ["{{ 7*7 }}", "{% set x = 1 %}", "}}{{", "王😀小明", "O'Neill & <b>", "%s{0}"])
def test_a_name_is_put_in_as_it_is_whatever_it_looks_like(name: str) -> None:
    owner = next(samples("moved", "zh")) | {"owner": {"name": name}}

    assert render("您好{{ owner.name }}!", owner) == f"您好{name}!"


@pytest.mark.parametrize(
    ("rule", "text", "told"),
    [
        ("moved", "{{ handover_on | date_zh }}", "cannot be rendered for every owner"),
        ("moved", "{% if handover_on %}{{ handover_on | date_zh }}{% endif %}", None),
        ("handover.notice", "{{ handover_on | date_zh }}", None),
        ("handover.notice", "{{ ends_on | date_zh }}", "ends_on is not said by the rule of this text"),
        ("handover.notice", "{{ owner.name | tojson }}", "No filter named 'tojson'"),
        ("warranty.expiry-notice", "{{ 10 // days_left }}", "cannot be rendered for every owner"),
        ("handover.notice", "{{ owner.name }}" * 11, "cannot be rendered for every owner"),
    ],
)
def test_what_fails_for_one_kind_of_owner_is_told_before_anybody_is_sent_to(
    rule: str, text: str, told: str | None
) -> None:
    found = [problem.text for problem in lint(text, file="", path="", template=rule)]

    assert [each.startswith(told or "-") for each in found] == ([True] if told else [])


@pytest.mark.parametrize(
    "text",
    [
        "{{ owner.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ owner.name.format(owner) }}",
        "{{ owner.name.join(['a']) }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ self._TemplateReference__context }}",
        "{% for i in range(10) %}{{ i }}{% endfor %}",
        "{{ owner | attr('name') }}",
        "{% import 'x' as y %}",
        "{% macro m() %}{% endmacro %}",
        "{{ [1, 2] | map('string') | list }}",
        "{{ lipsum() }}",
    ],
)
def test_no_text_that_reaches_out_passes_the_lint(text: str) -> None:
    assert lint(text, file="", path="", template="moved")


def test_every_common_variable_and_every_said_one_has_a_sample() -> None:
    for rule in RULES:
        for owner in samples(rule, "zh"):
            assert {*COMMON, *says(rule).every} <= owner.keys()
