"""`journey letter`: what it asks of the API, what it writes, and how it ends."""

import json
from pathlib import Path
from typing import Any

import pytest

from starter.cli.app import run
from tests.starter.cli.conftest import LoopbackApi

MADE = {
    "id": "run_1", "project": "XN", "batch": "3", "letters": 2, "pages": 4, "missing": 1, "by": "li", "at": "…",
    "missing_letters": [{"unit": "3-1-2", "person": "ln", "title": "书面交付通知", "reason": "no-address"}],
}  # fmt: skip


def test_a_run_writes_its_three_files_for_their_owner_only_and_says_what_is_missing(
    api: LoopbackApi, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    api.answers["POST /v1/letters/runs"] = (201, MADE)
    for name in ("pdf", "addresses.xlsx", "addresses.csv"):
        api.answers[f"GET /v1/letters/runs/run_1/{name}"] = (200, name)

    ended = run(["letter", "run", "--batch", "XN/3", "--rule", "handover.formal-notice", "--out", str(tmp_path)])

    assert ended == 6  # partly: a letter is missing
    assert api.asked[0][2] == {"project": "XN", "batch": "3", "rule": "handover.formal-notice"}
    written = sorted(tmp_path.iterdir())
    assert [path.name for path in written] == ["run_1.csv", "run_1.pdf", "run_1.xlsx"]
    assert {path.stat().st_mode & 0o777 for path in written} == {0o600}
    said = capsys.readouterr()
    assert "ln" in said.out
    assert "未打印 1 封" in said.err


def test_a_run_of_nothing_is_no_failure_and_one_document(
    api: LoopbackApi, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nothing: dict[str, Any] = {
        "id": None,
        "project": "XN",
        "letters": 0,
        "pages": 0,
        "missing": 0,
        "missing_letters": [],
    }
    api.answers["POST /v1/letters/runs"] = (200, nothing)

    ended = run(["letter", "run", "--project", "XN", "--out", str(tmp_path), "--json"])

    assert ended == 0
    assert json.loads(capsys.readouterr().out) == nothing | {"written": []}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("where", [[], ["--batch", "XN"], ["--batch", "XN/3", "--project", "XN"]])
def test_a_run_says_where_and_only_once(api: LoopbackApi, tmp_path: Path, where: list[str]) -> None:
    assert run(["letter", "run", *where, "--out", str(tmp_path)]) == 2
    assert api.asked == []


def test_numbers_that_are_refused_end_the_command_with_every_row(
    api: LoopbackApi, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "ems.csv"
    file.write_text("编号,单号\n", encoding="utf-8")
    problem = {
        "code": "invalid-input",
        "detail": "bad",
        "errors": [{"field": "rows/2/tracking", "rule": "twice", "text": "twice"}],
    }
    api.answers["POST /v1/letters/runs/run_1/tracking"] = (422, problem)

    assert run(["letter", "tracking", "run_1", str(file), "--replace", "--json"]) == 1

    assert api.asked[0][0].endswith("?replace=true")
    assert json.loads(capsys.readouterr().out)["error"]["errors"] == problem["errors"]


def test_scans_of_a_folder_are_taken_first_and_named_by_their_hash(api: LoopbackApi, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1")
    file = tmp_path / "proofs.csv"
    file.write_text("编号,日期,结果,扫描件\nX,2026-06-10,ems,a.pdf\n", encoding="utf-8")
    api.answers["POST /v1/evidence"] = (201, {"hash": "f" * 64})
    rows = [{"row": 2, "reference": "X", "verdict": "applied"}]
    api.answers["POST /v1/letters/runs/run_1/proofs"] = (200, {"verdicts": {"applied": 1}, "rows": rows})

    assert run(["letter", "proof", "run_1", str(file), "--scans", str(tmp_path)]) == 0

    assert api.asked[0][2] == b"%PDF-1"
    assert api.asked[1][2].decode().splitlines()[1] == f"X,2026-06-10,ems,{'f' * 64}"


def test_a_scan_that_is_not_in_the_folder_stops_everything_before_it_begins(api: LoopbackApi, tmp_path: Path) -> None:
    file = tmp_path / "proofs.csv"
    file.write_text("编号,日期,结果,扫描件\nX,2026-06-10,ems,../a.pdf\n", encoding="utf-8")

    assert run(["letter", "proof", "run_1", str(file), "--scans", str(tmp_path)]) == 1
    assert api.asked == []


def test_a_task_is_reported_done_with_its_photo(api: LoopbackApi, tmp_path: Path) -> None:
    (tmp_path / "lobby.jpg").write_bytes(b"\xff\xd8\xff")
    api.answers["POST /v1/evidence"] = (201, {"hash": "a" * 64})
    api.answers["POST /v1/tasks/tsk_1/result"] = (200, {"verdict": "applied"})

    assert run(["task", "done", "tsk_1", "--by", "wu", "--photo", str(tmp_path / "lobby.jpg")]) == 0

    assert api.asked[1][2]["evidence"] == [{"photo": "a" * 64}]


def test_a_file_that_is_not_taken_as_evidence_is_named(
    api: LoopbackApi, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lobby.jpg").write_bytes(b"no picture")
    api.answers["POST /v1/evidence"] = (422, {"code": "invalid-input", "detail": "body:只能取:image/png"})

    assert run(["task", "done", "tsk_1", "--by", "wu", "--photo", str(tmp_path / "lobby.jpg")]) == 1

    assert capsys.readouterr().err.startswith("lobby.jpg: body:只能取")
