"""The commands: one JSON document on stdout, notes on stderr, an exit code that says how it ended."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

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


def test_a_journey_is_shown_in_words_of_the_language(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    cover = {"component": "wet-room", "owner_ends": "2032-01-31", "contractor_ends": None, "gap_days": None}
    whole = {**JOURNEY, "owners": [{"ref": "c-1", "name": "张*"}], "overdue": 0, "warranty": [cover]}
    api.answers["GET /v1/journeys/jrn_1"] = (200, whole)

    run(["show", "jrn_1"])
    chinese = capsys.readouterr().out.split()
    run(["show", "jrn_1", "--lang", "en"])
    english = capsys.readouterr().out.split()

    assert {"阶段", "签约", "进行中", "业主", "张*", "卫生间防渗漏", "2032-01-31"} <= {*chinese}
    assert {"stage", "signing", "active", "owners", "wet-room"} <= {*english}
    assert "逾期" not in chinese


def test_the_ledgers_of_a_journey_are_shown_in_words_of_the_language(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str]
) -> None:
    ledgers = {
        "delay": {"days": 12, "running": True, "amount": None, "reason": "penalty-not-agreed"},
        "gifts": [{"feast": "lantern", "given_on": "2027-02-19"}, {"feast": "of-our-own", "given_on": "2027-03-01"}],
        "promises": {"open": [{"event": "evt_1"}], "kept": 2, "broken": 0},
        "moved_in": "2026-09-01",
    }
    api.answers["GET /v1/journeys/jrn_1"] = (200, {**JOURNEY, "ledgers": ledgers})

    run(["show", "jrn_1"])
    chinese = capsys.readouterr().out
    run(["show", "jrn_1", "--lang", "en"])
    english = capsys.readouterr().out

    for words in (
        "逾期交付",
        "天数 12 · 仍在延续 是",
        "合同未约定逾期违约金",
        "节日 元宵节",
        "节日 of-our-own",
        "进行中 1",
        "已兑现 2",
    ):
        assert words in chinese
    for words in ("late handover", "days 12 · goes on yes", "the contract agrees no penalty", "moved in", "2026-09-01"):
        assert words in english
    assert "{" not in chinese + english


@pytest.mark.parametrize(("status", "code"), [(500, 1), (422, 1), (404, 3), (401, 4), (403, 4), (409, 5)])
def test_the_exit_code_says_how_the_api_refused(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str], status: int, code: int
) -> None:
    problem = {"code": "a-code", "detail": "words", "errors": [{"field": "on", "text": "on is required"}]}
    api.answers["GET /v1/journeys/jrn_1"] = (status, problem)

    assert run(["show", "jrn_1", "--json"]) == code
    assert document(capsys) == {"error": {"code": "a-code", "text": "words", "errors": problem["errors"]}}


@pytest.mark.parametrize(("detail", "said"), [("on is required", 1), ("2 fields are wrong", 2)])
def test_an_error_that_is_the_whole_text_is_said_once(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str], detail: str, said: int
) -> None:
    problem = {"code": "a-code", "detail": detail, "errors": [{"field": "on", "text": "on is required"}]}
    api.answers["GET /v1/journeys/jrn_1"] = (422, problem)

    run(["show", "jrn_1"])

    assert len(capsys.readouterr().err.splitlines()) == said


@pytest.mark.parametrize(
    ("words", "asked"),
    [([], "state=open"), (["--state", "done"], "state=done"), (["--state", "all", "--role", "keeper"], "role=keeper")],
)
def test_a_list_of_tasks_holds_those_that_run_unless_others_are_asked_for(
    api: LoopbackApi, words: list[str], asked: str
) -> None:
    api.answers["GET /v1/tasks"] = (200, {"data": [], "next_cursor": None})

    assert run(["task", "list", *words]) == 0
    assert [path for path, _, _ in api.asked] == [f"GET /v1/tasks?{asked}"]


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


def test_what_happens_in_a_case_is_told_as_an_event_about_it(api: LoopbackApi) -> None:
    api.answers["POST /v1/journeys/XN/3-1-1202/events"] = (200, APPLIED)

    assert run(["case", "done", "XN/3-1-1202", "leak1", "--by", "wang", "--evidence", "photo 7"]) == 0
    assert run(["case", "reassign", "XN/3-1-1202", "leak1", "--by", "wang", "--to", "warranty-office"]) == 0

    told = [asked[2] for asked in api.asked]
    assert [(body["type"], body["about"], body["data"]) for body in told] == [
        ("case.fixed", {"case": "leak1"}, {"by": "wang", "evidence": "photo 7"}),
        ("case.reassigned", {"case": "leak1"}, {"by": "wang", "to": "warranty-office"}),
    ]


def test_a_refused_event_fails_and_still_answers(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    refused = {**APPLIED, "verdict": "refused", "reason": {"code": "contradicts", "text": "no"}}
    api.answers["POST /v1/journeys/jrn_1/events"] = (200, refused)

    assert run(["event", "jrn_1", "subscription.cancelled", "--json"]) == 1
    assert document(capsys)["reason"]["code"] == "contradicts"


def test_an_event_that_is_applied_without_a_reason_says_the_verdict_alone(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str]
) -> None:
    api.answers["POST /v1/journeys/jrn_1/events"] = (200, APPLIED)

    assert run(["event", "jrn_1", "moved_in", "--lang", "en"]) == 0
    assert capsys.readouterr().out.split() == ["verdict", "applied"]


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


def test_a_call_about_several_homes_is_listed_once_and_its_result_names_the_homes(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str]
) -> None:
    homes = [{"unit": unit, "journey": "jrn_1", "task": "tsk_1"} for unit in ("1-501", "1-502")]
    api.answers["GET /v1/tasks"] = (200, {"data": [{"id": "tsk_1", "homes": homes}], "next_cursor": None})
    api.answers["POST /v1/tasks/tsk_1/result"] = (200, APPLIED)

    run(["task", "list"])
    run(["task", "done", "tsk_1", "--reached", "--unit", "1-501", "--unit", "1-502"])

    assert "1-501; 1-502" in capsys.readouterr().out
    assert api.asked[1][2]["units"] == ["1-501", "1-502"]


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
    api.answers["GET /v1/projects/XN"] = (200, {"code": "XN", "go_live_at": None})
    api.answers["POST /v1/imports"] = (200, {"outlook": [], "errors": []})
    path = tmp_path / "export.csv"
    path.write_text("房号,客户姓名,手机号\n3-1-1202,张伟,13800138000\n3-1-1203,李娜,123\n", encoding="utf-8")

    assert run(["import", str(path), "--project", "XN", "--json"]) == 6

    report = document(capsys)
    assert (report["started"], report["failed"]) == (1, 1)
    assert report["errors"][0]["text"] == "row 3: 手机号: is not a valid phone number"


@pytest.mark.parametrize(("lang", "words"), [("zh", "此前已发起"), ("en", "Asked for before")])
def test_a_broadcast_that_was_asked_for_before_says_that_nothing_was_sent(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str], lang: str, words: str
) -> None:
    command = ["broadcast", "start", "XN", "--template", "t", "--class", "care", "--id", "spring", "--lang", lang]
    said = []
    for opened in (True, False):
        api.answers["POST /v1/broadcasts"] = (200, {"id": "brd_1", "opened": opened, "state": "running"})
        assert run(command) == 0
        said.append(capsys.readouterr().err)

    assert words not in said[0]
    assert words in said[1]


def test_a_list_is_narrowed_to_a_batch_a_building_an_owner_and_late_homes(api: LoopbackApi) -> None:
    api.answers["GET /v1/journeys"] = (200, {"data": [], "next_cursor": None})

    assert run(["list", "--batch", "B1", "--building", "3", "--owner", "zw", "--overdue", "--json"]) == 0
    assert run(["list", "--not-overdue", "--json"]) == 0

    first, second = (parse_qs(urlsplit(what.split()[1]).query) for what, _, _ in api.asked)
    assert {name: first[name] for name in ("batch", "building", "owner", "overdue")} == {
        "batch": ["B1"], "building": ["3"], "owner": ["zw"], "overdue": ["true"],
    }  # fmt: skip
    assert second["overdue"] == ["false"]
