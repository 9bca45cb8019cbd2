"""The commands: one JSON document on stdout, notes on stderr, an exit code that says how it ended."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from starter.cli.app import run
from tests.starter.cli.conftest import LoopbackApi

JOURNEY = {"id": "jrn_1", "project": "XN", "unit": "3-1-1202", "stage": "signing", "status": "active"}
APPLIED = {"id": "e1", "event": "evt_1", "verdict": "applied"}


def document(capsys: pytest.CaptureFixture[str]) -> Any:
    """The one JSON document on stdout."""
    return json.loads(capsys.readouterr().out)


def test_help_answers_without_loading_what_commands_need() -> None:
    heavy = "{'rich', 'httpx2', 'fastapi', 'temporalio', 'sqlalchemy', 'pydantic', 'structlog'}"
    code = f"import sys; from starter.cli.app import run; run(['--help']); assert not {heavy} & set(sys.modules)"

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stderr
    assert "forecast" in result.stdout


def test_an_empty_list_is_one_document(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.answers["GET /v1/journeys"] = (200, {"data": [], "next_cursor": None})

    assert run(["list", "--json"]) == 0
    assert document(capsys) == {"data": [], "next_cursor": None}


def test_people_read_tables_in_chinese_unless_they_ask_for_english(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str]
) -> None:
    api.answers["GET /v1/journeys"] = (200, {"data": [JOURNEY], "next_cursor": None})

    run(["list"])
    chinese = capsys.readouterr().out
    run(["list", "--lang", "en"])
    english = capsys.readouterr().out

    assert "房号" in chinese
    assert "unit" in english
    assert "3-1-1202" in chinese
    assert api.asked[1][1]["Accept-Language"] == "en"


def test_a_home_stands_in_place_of_an_id(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.answers["GET /v1/journeys/XN/3-1-1202"] = (200, JOURNEY)

    assert run(["show", "XN/3-1-1202", "--json"]) == 0
    assert document(capsys)["id"] == "jrn_1"


@pytest.mark.parametrize(("status", "code"), [(500, 1), (422, 1), (404, 3), (401, 4), (403, 4), (409, 5)])
def test_the_exit_code_says_how_the_api_refused(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str], status: int, code: int
) -> None:
    problem = {"code": "a-code", "detail": "words", "errors": [{"field": "on", "text": "on is required"}]}
    api.answers["GET /v1/journeys/jrn_1"] = (status, problem)

    assert run(["show", "jrn_1", "--json"]) == code
    assert document(capsys) == {"error": {"code": "a-code", "text": "words", "errors": problem["errors"]}}


@pytest.mark.parametrize(
    "words",
    [
        ["show", "--json"],
        ["no-such-command", "--json"],
        ["list", "--limit", "many", "--json"],
        ["event", "--json", "XN/1", "contract.signed", "--data", "{"],
        ["event", "--json", "contract.signed"],
        ["start", "--json", "--project", "XN", "--owner", "only-a-ref"],
    ],
)
def test_a_usage_error_is_a_document_too(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert run(words) == 2
    assert document(capsys)["error"]["code"] == "usage"
    assert api.asked == []


def test_an_event_is_told_with_its_date_and_data(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.answers["POST /v1/journeys/XN/3-1-1202/events"] = (200, APPLIED)
    words = ["event", "XN/3-1-1202", "contract.signed", "--on", "2026-02-10", "--id", "e1", "--json"]

    assert run([*words, "--data", '{"contract_handover_date": "2026-06-30"}']) == 0

    body = api.asked[0][2]
    assert document(capsys)["verdict"] == "applied"
    assert (body["id"], body["type"], body["source"]) == ("e1", "contract.signed", "cli")
    assert body["data"] == {"contract_handover_date": "2026-06-30", "on": "2026-02-10"}


def test_an_event_of_a_building_is_told_to_the_project(api: LoopbackApi) -> None:
    api.answers["POST /v1/projects/XN/events"] = (200, APPLIED)

    assert run(["event", "gate.passed", "--project", "XN", "--scope", "building=3", "--data", '{"gate": "g1"}']) == 0
    assert api.asked[0][2]["scope"] == {"building": "3"}


def test_a_refused_event_fails_and_still_answers(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    refused = {**APPLIED, "verdict": "refused", "reason": {"code": "contradicts", "text": "no"}}
    api.answers["POST /v1/journeys/jrn_1/events"] = (200, refused)

    assert run(["event", "jrn_1", "subscription.cancelled", "--json"]) == 1
    assert document(capsys)["reason"]["code"] == "contradicts"


def test_a_journey_starts_in_a_project_made_on_the_way(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.answers["POST /v1/projects"] = (409, {"code": "conflict", "detail": "there"})
    api.answers["POST /v1/journeys"] = (201, JOURNEY)
    words = ["start", "--project", "XN", "--unit", "3-1-1202", "--owner", "zw,张伟,13800138000", "--json"]

    fact = 'contract.signed:{"on": "2026-02-10", "contract_handover_date": "2026-06-30"}'
    assert run([*words, "--fact", fact, "--create-project", "香年,成都"]) == 0

    project, journey = api.asked[0][2], api.asked[1][2]
    assert project == {"code": "XN", "name": "香年", "city": "成都", "pack": "cn-residential"}
    assert journey["owners"] == [{"ref": "zw", "name": "张伟", "phone": "13800138000"}]
    assert journey["facts"][0]["data"]["on"] == "2026-02-10"
    assert document(capsys)["id"] == "jrn_1"


def test_the_result_of_a_call_says_whether_the_owner_was_reached(api: LoopbackApi) -> None:
    api.answers["POST /v1/tasks/tsk_1/result"] = (200, APPLIED)

    assert run(["task", "done", "tsk_1", "--by", "lina", "--reached", "--satisfied"]) == 0

    body = api.asked[0][2]
    assert (body["reached"], body["satisfied"], body["by"]) == (True, True, "lina")
    assert "outcome" not in body


def test_a_task_that_somebody_else_has_is_a_conflict(api: LoopbackApi) -> None:
    api.answers["POST /v1/tasks/tsk_1/claim"] = (409, {"code": "conflict", "detail": "lina has it"})

    assert run(["task", "claim", "tsk_1", "--by", "wang"]) == 5


def test_without_an_address_the_way_out_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JOURNEY_HOME", str(tmp_path))

    assert run(["list", "--json", "--lang", "en"]) == 1

    error = document(capsys)["error"]
    assert error["code"] == "no-address"
    assert "journey up" in error["text"]


def test_the_home_says_where_the_api_is(
    api: LoopbackApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "client.toml").write_text(f'url = "{api.url}"\nkey = "jo_live_home"\n', encoding="utf-8")
    monkeypatch.setenv("JOURNEY_HOME", str(tmp_path))
    monkeypatch.delenv("JOURNEY_URL")
    monkeypatch.delenv("JOURNEY_API_KEY")
    api.answers["GET /v1/tasks"] = (200, {"data": [], "next_cursor": None})

    assert run(["task", "list", "--json"]) == 0
    assert api.asked[0][1]["Authorization"] == "Bearer jo_live_home"


def test_an_api_that_is_away_is_said_plainly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JOURNEY_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("JOURNEY_API_KEY", "k")

    assert run(["list", "--json"]) == 1
    assert document(capsys)["error"]["code"] == "unreachable"


def test_some_failed_rows_end_an_import_with_six(
    api: LoopbackApi, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    api.answers["POST /v1/journeys"] = (201, JOURNEY)
    api.answers["POST /v1/imports"] = (200, {"outlook": [], "errors": []})
    path = tmp_path / "export.csv"
    path.write_text("房号,客户姓名,手机号\n3-1-1202,张伟,13800138000\n3-1-1203,李娜,123\n", encoding="utf-8")

    assert run(["import", str(path), "--project", "XN", "--json"]) == 6

    report = document(capsys)
    assert (report["started"], report["failed"]) == (1, 1)
    assert report["errors"][0]["text"] == "row 3: 手机号: is not a valid phone number"
