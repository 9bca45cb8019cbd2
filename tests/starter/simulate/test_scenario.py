from pathlib import Path
from typing import Any

import pytest

from starter.simulate.checks import read_scenario
from starter.simulate.homes import numbered
from starter.simulate.reading import Problem, ScenarioError
from starter.simulate.scenario import Scenario

GOOD = """\
project: {code: XN, name: 香年, city: 成都}
batch: {building: "3", contract_handover_date: 2026-06-30}
journeys:
  - {unit: 3-1-1202, owners: [{ref: zw, name: 张伟, phone: 13800138000}], tags: [vip]}
start: 2026-02-01T09:00:00+08:00
events:
  - {at: 2026-02-10T10:00:00+08:00, unit: 3-1-1202, type: consent.given, data: {purpose: care, evidence: paper}}
until: 2031-07-01
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "scenario.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def read(folder: Path, text: str = GOOD) -> Scenario:
    return read_scenario(written(folder, text))


def problems(folder: Path, old: str, new: str) -> list[Problem]:
    assert old in GOOD
    with pytest.raises(ScenarioError) as caught:
        read(folder, GOOD.replace(old, new))
    return caught.value.problems


def test_dates_of_data_stay_text_for_the_doors(tmp_path: Path) -> None:
    text = GOOD.replace("{purpose: care, evidence: paper}", "{on: 2026-02-10}").replace("consent.given", "moved_in")

    assert read(tmp_path, text).events[0].data == {"on": "2026-02-10"}


def test_a_date_for_an_instant_is_the_midnight_that_begins_it(tmp_path: Path) -> None:
    assert read(tmp_path).until.isoformat() == "2031-07-01T00:00:00+08:00"


def test_the_short_form_of_a_batch_is_a_batch_of_its_building(tmp_path: Path) -> None:
    batch = read(tmp_path).batches[0]

    assert (batch.code, batch.buildings) == ("3", ["3"])


@pytest.mark.parametrize(("said", "meant"), [("always", "answer"), ("never", "silent")])
def test_the_short_form_of_actors_says_whether_owners_answer(tmp_path: Path, said: str, meant: str) -> None:
    scenario = read(tmp_path, GOOD + f"staff: {{answers_calls: {said}}}\n")

    assert (scenario.actors.staff, scenario.actors.owners) == ("on-time", meant)


def test_one_row_makes_many_homes_with_owners_of_their_own(tmp_path: Path) -> None:
    row = '{count: 3, pattern: "3-1-{n:04}", owners: [{ref: zw, name: 张伟, phone: 13800138000}]}'
    text = GOOD[: GOOD.index("  - {unit")] + f"  - {row}\nstart: 2026-02-01\nuntil: 2031-07-01\n"

    homes = read(tmp_path, text).homes()

    assert [home.unit for home in homes] == ["3-1-0001", "3-1-0002", "3-1-0003"]
    assert [home.refs for home in homes] == [["zw-1"], ["zw-2"], ["zw-3"]]


@pytest.mark.parametrize("pattern", ["3-{n:02}", "3-{:02d}", "3-%02d", "3-##"])
def test_a_pattern_may_be_written_in_several_ways(pattern: str) -> None:
    assert numbered(pattern, 7) == "3-07"


def test_an_owner_needs_no_ref(tmp_path: Path) -> None:
    homes = read(tmp_path, GOOD.replace("ref: zw, ", "")).homes()

    assert homes[0].refs == ["3-1-1202:1"]


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "rule", "hint"),
    [
        ("until:", "untl:", 8, "untl", "unknown-field", "did you mean until?"),
        ("city:", "ciy:", 1, "project/ciy", "unknown-field", "did you mean city?"),
        ("tags: [vip]", "tgas: [vip]", 4, "journeys/0/tgas", "unknown-field", "did you mean tags?"),
        ("consent.given", "consent.givn", 7, "events/0/type", "unknown-type", "did you mean consent.given?"),
        ("unit: 3-1-1202, type", "unit: 3-1-1203, type", 7, "events/0/unit", "unknown-unit", "did you mean 3-1-1202?"),
        ("2026-02-10T10:00:00+08:00", "2026-02-30", 7, "events/0/at", "not-an-instant", "real instant"),
        ("until: 2031", "until: 2021", 8, "until", "wrong-order", "after start"),
        ("2026-02-10T10:00:00+08:00", "2062-02-10", 7, "events/0/at", "after-until", "would never happen"),
        ("phone: 13800138000", "phone: 12", 4, "journeys/0/owners/0/phone", "not-a-phone", "phone"),
        ("building:", "bulding:", 2, "batch/bulding", "unknown-field", "did you mean building?"),
        ("consent.given", "batch.planned", 7, "events/0/unit", "wrong-target", "fact of the project"),
        ("unit: 3-1-1202, type", "type", 7, "events/0/unit", "wrong-target", "names no unit"),
    ],
)
def test_an_error_names_file_line_field_and_rule(
    tmp_path: Path, old: str, new: str, line: int, field: str, rule: str, hint: str
) -> None:
    found = problems(tmp_path, old, new)

    assert [(problem.line, problem.rule) for problem in found if problem.field == field] == [(line, rule)]
    assert hint in str(next(problem for problem in found if problem.field == field))
    assert found[0].file.endswith("scenario.yaml")


@pytest.mark.parametrize("text", ["", "- 1\n", "a: [1\n", "a: 1\na: 2\n", "a: \x00\n"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ScenarioError):
        read(tmp_path, text)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="unreadable"):
        read_scenario(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ("actors: {staff: ontime}\n", "actors/staff"),
        ("staff: {answers_calls: sometimes}\n", "staff/answers_calls"),
        ("providers: {pigeon: []}\n", "providers/pigeon"),
        ("providers: {sms: [{down_from: 2026-03-02, down_to: 2026-03-01}]}\n", "providers/sms/0"),
        ("policy_changes: [{at: 2026-03-02, set: {}}]\n", "policy_changes/0/set"),
    ],
)
def test_values_outside_their_list_are_refused(tmp_path: Path, more: str, field: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        read(tmp_path, GOOD + more)

    assert field in [problem.field for problem in caught.value.problems]


def test_a_home_with_several_owners_must_say_which_one(tmp_path: Path) -> None:
    owners = "owners: [{ref: zw, name: 张伟, phone: 13800138000}"

    found = problems(tmp_path, owners, owners + ", {ref: ln, name: 李娜}")

    assert [(problem.field, problem.rule) for problem in found] == [("events/0/person", "required")]


def test_a_unit_stands_once(tmp_path: Path) -> None:
    again: Any = "  - {unit: 3-1-1202}\nstart:"

    found = problems(tmp_path, "start:", again)

    assert [problem.rule for problem in found if problem.field == "journeys"] == ["twice"]
