"""`journey task export|import`: a list goes out, results come in, row by row."""

import json
from pathlib import Path
from typing import Any

import pytest

from starter.cli.app import run
from tests.starter.cli.conftest import LoopbackApi

TASK = {
    "id": "tsk_1", "project": "XN", "unit": "3-1-1202", "title": "签约服务回访", "kind": "call", "role": "keeper",
    "due": "2026-03-04T18:00:00+08:00", "state": "open", "attempts": 0, "homes": [], "closed_at": None,
}  # fmt: skip


def document(capsys: pytest.CaptureFixture[str]) -> Any:
    """The one JSON document on stdout."""
    return json.loads(capsys.readouterr().out)


def filled(path: Path, *rows: str) -> str:
    """A list with results."""
    path.write_text("\n".join(["任务编号,已办次数,结果,是否接通,办理人,备注", *rows]), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("name", ["work.csv", "work.xlsx"])
def test_open_tasks_of_a_post_leave_as_a_file_for_its_owner_only(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    api.answers["GET /v1/tasks"] = (200, {"data": [TASK], "next_cursor": None})

    assert run(["task", "export", str(tmp_path / name), "--role", "keeper", "--json"]) == 0

    assert document(capsys)["tasks"] == 1
    assert "role=keeper" in api.asked[0][0]
    assert "state=open" in api.asked[0][0]
    assert (tmp_path / name).stat().st_mode & 0o077 == 0


def test_results_are_told_under_an_id_that_makes_a_repetition_harmless(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    api.answers["GET /v1/tasks/tsk_1"] = (200, TASK)
    api.answers["POST /v1/tasks/tsk_1/result"] = (200, {"id": "tsk_1:1", "event": "evt_1", "verdict": "applied"})
    file = filled(tmp_path / "w.csv", "tsk_1,0,完成,,李娜,好")

    assert run(["task", "import", file, "--json"]) == 0
    first = document(capsys)
    assert run(["task", "import", file, "--json"]) == 0
    api.answers["GET /v1/tasks/tsk_1"] = (200, TASK | {"state": "done", "closed_at": "2026-03-04T12:00:00+08:00"})
    capsys.readouterr()
    assert run(["task", "import", file, "--json"]) == 0

    told = [body for what, _, body in api.asked if what.startswith("POST")]
    assert told == [{"id": "tsk_1:1", "reached": True, "by": "李娜", "notes": "好"}] * 2
    assert (first["told"], first["failed"], document(capsys)["stands"]) == (1, 0, 1)


def test_bad_rows_are_numbered_and_good_ones_are_told_all_the_same(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    api.answers["GET /v1/tasks/tsk_1"] = (200, TASK)
    api.answers["GET /v1/tasks/tsk_2"] = (200, TASK | {"id": "tsk_2"})
    api.answers["POST /v1/tasks/tsk_1/result"] = (200, {"id": "tsk_1:1", "event": "evt_1", "verdict": "applied"})
    api.answers["POST /v1/tasks/tsk_2/result"] = (422, {"code": "invalid-input", "detail": "evidence:须附照片"})
    file = filled(
        tmp_path / "w.csv", "tsk_1,0,,是,李娜,", "tsk_2,0,,是,李娜,", "tsk_9,0,完成,,李娜,", "tsk_4,0,跑了,,李娜,"
    )

    assert run(["task", "import", file, "--json"]) == 6

    found = document(capsys)
    assert (found["rows"], found["told"], found["failed"]) == (4, 1, 3)
    assert [(each["row"], each["rule"]) for each in found["errors"]] == [
        (3, "invalid-input"), (4, "unknown-task"), (5, "unknown-value"),
    ]  # fmt: skip


def test_a_dry_run_tells_nothing(api: LoopbackApi, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    api.answers["GET /v1/tasks/tsk_1"] = (200, TASK)

    assert run(["task", "import", filled(tmp_path / "w.csv", "tsk_1,0,完成,,李娜,"), "--dry-run", "--json"]) == 0

    assert document(capsys)["told"] == 1
    assert [what.split()[0] for what, _, _ in api.asked] == ["GET"]


def test_an_api_that_is_away_ends_the_import_and_blames_no_row(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    api.answers["GET /v1/tasks/tsk_1"] = (200, TASK)
    api.answers["POST /v1/tasks/tsk_1/result"] = (503, {"code": "store-down", "detail": "away"})

    assert run(["task", "import", filled(tmp_path / "w.csv", "tsk_1,0,完成,,李娜,"), "--json"]) == 1
    assert document(capsys)["error"]["code"] == "store-down"
