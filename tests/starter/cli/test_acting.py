"""`journey act` and `journey task assign`: what they ask of the API, what they say, how they end."""

import io
import json
from typing import Any

import pytest

from starter.cli.app import run
from tests.starter.cli.conftest import LoopbackApi

KEY = "signing.filing/epi_1/once"
AT = "2026-03-05T10:00:00+08:00"
HOME = "XN/3-1-1202"
DONE = {
    "id": "act-1",
    "event": "evt_1",
    "verdict": "applied",
    "action": "skip",
    "journey": "jrn_1",
    "status": "active",
    "item": {"key": KEY, "expected": "skipped@2026-03-05T10:00:00+08:00"},
    "closes": [],
    "also": [],
}


def document(capsys: pytest.CaptureFixture[str]) -> Any:
    """The one JSON document on stdout."""
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("words", "body"),
    [
        (["skip", HOME, "--key", KEY, "--statutory"], {"key": KEY, "statutory": True}),
        (["redo", HOME, "--item", "a.b", "--occurrence", "m3"], {"item": "a.b", "occurrence": "m3"}),
        (["reschedule", HOME, "--key", KEY, "--to", AT], {"key": KEY, "to": AT}),
        (["decide", HOME, "--key", KEY, "--outcome", "not-happened"], {"key": KEY, "outcome": "not-happened"}),
        (["mute", HOME, "--scope", "care", "--person", "zw"], {"scope": "care", "person": "zw"}),
        (["pause", HOME, "--expected", "active"], {"scope": "all", "expected": "active"}),
        (["resume", HOME, "--how", "pause", "--id", "r1"], {"scope": "all", "how": "pause", "id": "r1"}),
        (["cancel", HOME, "--yes", "--by", "李娜"], {"by": "李娜"}),
        (["cancel", HOME, "--by", "李娜"], {"by": "李娜"}),
        (["undo", HOME, "evt_1"], {"event": "evt_1"}),
    ],
)  # fmt: skip
def test_each_action_tells_the_api_what_was_said(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str], words: list[str], body: dict[str, Any]
) -> None:
    api.answers[f"POST /v1/journeys/{HOME}/actions/{words[0]}"] = (200, DONE)

    assert run(["act", *words, "--reason", "业主要求", "--json"]) == 0

    assert document(capsys) == DONE
    assert api.asked[-1][2] == body | {"reason": "业主要求"}


def test_people_read_how_the_item_stands(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.answers[f"POST /v1/journeys/{HOME}/actions/skip"] = (200, DONE)

    run(["act", "skip", HOME, "--key", KEY, "--reason", "x"])

    said = capsys.readouterr().out
    assert "现状" in said
    assert "skipped@" in said


@pytest.mark.parametrize(
    "words",
    [
        ["act", "skip", HOME, "--key", KEY],
        ["act", "destroy", HOME, "--reason", "x"],
        ["act", "reschedule", HOME, "--key", KEY, "--reason", "x"],
        ["act", "undo", "a", "b", "c", "--reason", "x"],
        ["act", "cancel", HOME],
        ["task", "assign", "tsk_1", "--reason", "x"],
    ],
)
def test_what_is_missing_is_a_usage_error_and_nothing_is_asked(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert run([*words, "--json"]) == 2
    assert document(capsys)["error"]["code"] == "usage"
    assert api.asked == []


@pytest.mark.parametrize(("status", "code"), [(409, 5), (404, 3), (422, 1), (403, 4)])
def test_a_refusal_ends_with_its_exit_code(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str], status: int, code: int
) -> None:
    problem = {"code": "conflict", "detail": "您看到的是「planned」,现已变为「已发送」"}
    api.answers[f"POST /v1/journeys/{HOME}/actions/skip"] = (status, problem)

    assert run(["act", "skip", HOME, "--key", KEY, "--reason", "x", "--json"]) == code
    assert document(capsys)["error"]["text"] == problem["detail"]


def test_a_refused_verdict_fails_and_still_answers(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    refused = DONE | {"verdict": "refused", "reason": {"code": "into-the-past", "text": "no"}}
    api.answers[f"POST /v1/journeys/{HOME}/actions/redo"] = (200, refused)

    assert run(["act", "redo", HOME, "--key", KEY, "--reason", "x", "--json"]) == 1
    assert document(capsys)["reason"]["code"] == "into-the-past"


def test_an_undo_needs_only_the_event(api: LoopbackApi) -> None:
    api.answers["GET /v1/events/evt_1"] = (200, {"event": "evt_1", "journey": "jrn_1"})
    api.answers["POST /v1/journeys/jrn_1/actions/undo"] = (200, DONE)

    assert run(["act", "undo", "evt_1", "--reason", "x"]) == 0


class Terminal(io.StringIO):
    """Somebody sits there and types."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "code"), [("y\n", 0), ("n\n", 1)])
def test_a_cancel_names_the_work_that_it_closes_and_asks(
    api: LoopbackApi,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    code: int,
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    work = {"title": "签约服务回访", "due": "2026-03-05T18:00:00+08:00"}
    api.answers[f"GET /v1/journeys/{HOME}/entries"] = (200, {"data": [work], "next_cursor": None})
    api.answers[f"POST /v1/journeys/{HOME}/actions/cancel"] = (200, DONE)

    assert run(["act", "cancel", HOME, "--reason", "退房"]) == code

    assert "将关闭:签约服务回访" in capsys.readouterr().err
    assert [asked[0].split()[0] for asked in api.asked] == ["GET", "GET", *["POST"] * (code == 0)]


def test_a_cancel_without_a_terminal_is_confirmed_by_its_reason(
    api: LoopbackApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    api.answers[f"POST /v1/journeys/{HOME}/actions/cancel"] = (200, DONE)

    assert run(["act", "cancel", HOME, "--reason", "退房"]) == 0

    assert [asked[0].split()[0] for asked in api.asked] == ["POST"]


def test_a_task_is_assigned_with_a_reason(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    answer = DONE | {"action": "assign", "task": {"key": KEY, "state": "open", "role": "project-cs"}}
    api.answers["POST /v1/tasks/tsk_1/assign"] = (200, answer)

    assert run(["task", "assign", "tsk_1", "--to", "project-cs", "--by", "李娜", "--reason", "休假", "--json"]) == 0

    assert api.asked[0][2] == {"to": "project-cs", "by": "李娜", "reason": "休假"}
    assert document(capsys)["task"]["role"] == "project-cs"


def test_every_item_of_a_journey_is_listed_with_its_key(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    row = {"key": KEY, "item": "signing.filing", "outcome": "unknown", "expected": "unknown@2026-03-05T10:00:00+08:00"}
    api.answers[f"GET /v1/journeys/{HOME}/entries"] = (200, {"data": [row], "next_cursor": None})

    assert run(["show", HOME, "--state", "unknown"]) == 0

    assert KEY in capsys.readouterr().out
    assert api.asked[0][0].endswith("?state=unknown")
