"""A work list as a file: what is read from what people write into it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from journey.domain.errors import InvalidInput
from starter.exporting import Form, exported
from starter.task_files import FILE, Written, moved_on, read_results, result_of, rows_of

NOW = datetime(2026, 3, 5, 4, tzinfo=UTC)
CALL = {"id": "tsk_1", "kind": "call", "attempts": 0, "due": "2026-03-04T18:00:00+08:00", "unit": "3-1", "homes": []}
CHECK = {"id": "tsk_2", "kind": "task", "attempts": 1, "due": "2026-03-04T18:00:00+08:00", "unit": "3-2", "homes": []}
HEAD = "任务编号,已办次数,涉及各户,结果,是否接通,是否满意,办理时间,办理人,照片,备注\n"


def written(*rows: str) -> tuple[list[Written], list[tuple[int, str, str]]]:
    """What the rows of a file say, and the row, column and rule of what is wrong."""
    found, errors = read_results((HEAD + "\n".join(rows)).encode())
    return found, [(each.row, each.column.split()[0], each.rule) for each in errors]


def body(row: str, task: dict[str, Any]) -> dict[str, Any]:
    """The result that a row makes of a task."""
    found, errors = written(row)
    assert errors == []
    made, wrong = result_of(found[0], task, NOW)
    assert wrong == []
    return made


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_list_that_left_comes_back_and_rows_without_a_result_are_left_out(form: Form) -> None:
    filled = {"outcome": "完成", "by": "李娜", "satisfied": "是", "notes": "=1+1"}
    rows = [{**row, **(filled if row["id"] == "tsk_1" else {})} for row in rows_of([CALL, CHECK])]

    found, errors = read_results(exported(form, FILE, rows, "zh"))

    assert errors == []
    assert [(one.row, one.task, one.attempts) for one in found] == [(2, "tsk_1", 0)]
    assert found[0].said == {"outcome": "done", "by": "李娜", "satisfied": True, "notes": "=1+1"}


def test_a_row_becomes_the_result_of_its_kind_of_task() -> None:
    reached = body("tsk_1,0,,,是,否,2026-03-05 11:30,李娜,,再约", CALL)
    silent = body("tsk_1,0,,未接通,,,2026-03-04,李娜,,", CALL)
    checked = body("tsk_2,1,,完成,,,,王强,a.jpg、b.jpg,", CHECK)

    assert reached == {
        "id": "tsk_1:1", "reached": True, "satisfied": False, "at": "2026-03-05T11:30:00+08:00", "by": "李娜",
        "notes": "再约",
    }  # fmt: skip
    assert silent == {"id": "tsk_1:1", "reached": False, "at": "2026-03-04T12:00:00+08:00", "by": "李娜"}
    assert checked["id"] == "tsk_2:2"
    assert (checked["outcome"], checked["evidence"]) == ("done", [{"photo": "a.jpg"}, {"photo": "b.jpg"}])


def test_a_call_about_several_homes_keeps_those_that_it_reached() -> None:
    joint = CALL | {"homes": [{"unit": "3-1"}, {"unit": "3-2"}]}
    row = rows_of([joint])[0]

    assert row["units"] == "3-1、3-2"
    assert body("tsk_1,0,3-1,,是,,,李娜,,", joint)["units"] == ["3-1"]
    assert "units" not in body("tsk_1,0,3-1,,否,,,李娜,,", joint)
    assert "units" not in body("tsk_1,0,3-1,,是,,,李娜,,", CALL)


def test_what_is_wrong_is_named_by_row_and_column() -> None:
    found, errors = written(
        "tsk_1,x,,跑了,也许,,,李娜,,", "tsk_2,1,,完成,,,,,,", "tsk_3,0,,完成,,,,李娜,,", "tsk_3,0,,拒绝,,,,李娜,,"
    )

    assert found == []
    assert errors == [
        (2, "已办次数", "not-a-number"), (2, "结果", "unknown-value"), (2, "是否接通", "unknown-value"),
        (3, "办理人", "required"), (4, "任务编号", "twice"), (5, "任务编号", "twice"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "task", "wrong"),
    [
        ("tsk_1,0,,,,是,,李娜,,", CALL, ("是否接通", "required")),
        ("tsk_1,0,,完成,否,,,李娜,,", CALL, ("结果", "wrong-outcome")),
        ("tsk_2,1,,,,,,李娜,,好", CHECK, ("结果", "required")),
        ("tsk_2,1,,完成,,,2026-03-06,李娜,,", CHECK, ("办理时间", "not-yet")),
        ("tsk_2,1,,完成,,,昨天,李娜,,", CHECK, ("办理时间", "not-a-date")),
    ],
)
def test_what_a_kind_of_task_lacks_is_named(row: str, task: dict[str, Any], wrong: tuple[str, str]) -> None:
    found, _ = written(row)

    assert [(one.column.split()[0], one.rule) for one in result_of(found[0], task, NOW)[1]] == [wrong]


def test_a_task_that_was_closed_or_tried_since_is_left_alone() -> None:
    found, _ = written("tsk_1,0,,,是,,,李娜,,")

    assert not moved_on(found[0], CALL)
    assert moved_on(found[0], CALL | {"attempts": 1})
    assert moved_on(found[0], CALL | {"closed_at": "2026-03-05T12:00:00+08:00"})


def test_a_file_without_its_columns_is_refused_with_their_names() -> None:
    with pytest.raises(InvalidInput, match="columns/by is required"):
        read_results("任务编号,结果\ntsk_1,完成\n".encode())
