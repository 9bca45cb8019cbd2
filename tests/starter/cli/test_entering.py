"""Commands by which homes enter and batches move: what they show, what they refuse before anything is asked."""

import json
from pathlib import Path
from typing import Any

import pytest

from starter.cli.app import run
from tests.starter.cli.conftest import LoopbackApi

APPLIED = {"id": "e1", "event": "evt_1", "verdict": "applied"}


def document(capsys: pytest.CaptureFixture[str]) -> Any:
    """The one JSON document on stdout."""
    return json.loads(capsys.readouterr().out)


OUTLOOK = {
    "project": "XN", "go_live_at": None, "from": "2026-11-23T09:00:00+08:00", "until": "2026-12-07T09:00:00+08:00",
    "homes": 1, "new": 1, "statutory_met": 0, "messages": 1, "tasks": 0, "kept": [], "refused": [],
    "missed": [{"rule": "signing.filing", "title": "合同备案", "text": "早于上线", "count": 1, "statutory": True,
                "first": "2019-04-09", "last": "2019-04-09", "reason": "before-go-live"}],
    "statutory": [{"row": 2, "unit": "3-1-1202", "rule": "signing.filing", "title": "合同备案", "met_on": None,
                   "legal_date": "2019-04-09", "standing": "missed", "text": "法定期限已过"}],
    "leaving": [{"day": "2026-11-24", "kind": "message", "channel": "sms", "role": None, "count": 1,
                 "rule": "warranty.expiry-notice", "title": "保修到期告知"}],
}  # fmt: skip


def test_a_dry_run_shows_and_keeps_the_outlook_and_tells_nobody(
    api: LoopbackApi, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    api.answers["POST /v1/imports"] = (200, {"outlook": [OUTLOOK], "errors": []})
    api.answers["GET /v1/projects/XN"] = (200, {"code": "XN", "go_live_at": None})
    api.answers["GET /v1/journeys"] = (200, {"data": [], "next_cursor": None})
    path, kept = tmp_path / "export.csv", tmp_path / "report.html"
    path.write_text("房号,客户姓名\n3-1-1202,张伟\n", encoding="utf-8")

    code = run(["import", str(path), "--project", "XN", "--dry-run", "--report", str(kept)])

    shown = capsys.readouterr().out
    assert code == 0
    assert [
        word for word in ("2019-04-09", "3-1-1202", "法定期限已过", "保修到期告知", "短信") if word not in shown
    ] == []
    assert "法定期限已过" in kept.read_text(encoding="utf-8")
    asked = [what.split("?")[0] for what, _, _ in api.asked]
    assert asked == ["GET /v1/projects/XN", "POST /v1/imports", "GET /v1/journeys"]
    assert "dry_run=true" in api.asked[1][0]


@pytest.mark.parametrize(
    "words",
    [
        ["--report", "out.docx"],
        ["--go-live", "2026-11-23T09:00:00+08:00"],
        ["--create-project", "香年,成都", "--go-live", "2026-11-23"],
    ],
)
def test_an_import_told_wrongly_is_refused_before_anything_is_asked(
    api: LoopbackApi, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    path = tmp_path / "export.csv"
    path.write_text("房号,客户姓名\n3-1-1202,张伟\n", encoding="utf-8")

    assert run(["import", str(path), "--project", "XN", "--json", *words]) == 2
    assert document(capsys)["error"]["code"] == "usage"
    assert api.asked == []


BATCH = {
    "id": "bat_1", "project": "XN", "code": "3", "buildings": ["3"], "homes": 2, "stages": {"handover": 2},
    "dates": {"handover_from": {"on": "2026-06-20", "told_at": None, "event": "evt_1"}}, "changes": [],
    "moves": [{"event": "evt_1", "type": "batch.planned", "told_at": "2026-03-01T12:00:00+08:00", "by": "stf_7",
               "dates": {"handover_from": "2026-06-20"}, "reason": {"code": "batch-stands", "text": "现行日期"}}],
}  # fmt: skip
PREVIEW = {
    "verdict": "applied", "reason": None, "homes": 2, "moved_homes": 2, "poked_earlier": 1, "text": None,
    "dates": [{"date": "handover_from", "was": "2026-06-20", "to": "2026-07-20"}], "again": [], "at_once": [],
    "items": [{"rule": "warranty.ledger", "title": "补全保修台账", "kind": "task", "what": "moved", "count": 2}],
    "examples": [{"unit": "3-1-1", "key": "k", "what": "moved", "was": None, "due": None}],
}  # fmt: skip


def test_a_batch_is_shown_with_who_moved_it(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.answers["GET /v1/batches/XN/3"] = (200, BATCH)

    assert run(["batch", "show", "XN/3"]) == 0
    shown = capsys.readouterr().out
    assert [word for word in ("2026-06-20", "stf_7", "现行日期", "handover") if word not in shown] == []


def test_a_preview_says_what_moves(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.answers["POST /v1/batches/XN/3/preview"] = (200, PREVIEW)

    assert run(["batch", "preview", "XN/3", "--handover-from", "2026-07-20"]) == 0
    assert "补全保修台账" in capsys.readouterr().out
    assert api.asked[0][2] == {"handover_from": "2026-07-20"}


def test_a_batch_that_is_not_there_is_not_rescheduled_into_being(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str]
) -> None:
    api.answers["POST /v1/batches/XN/9"] = (200, APPLIED)

    assert run(["batch", "reschedule", "XN/9", "--handover-from", "2026-07-20", "--json"]) == 3
    assert [what for what, _, _ in api.asked] == ["GET /v1/batches/XN/9"]


def test_a_batch_is_moved_by_who_says_so(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.answers["GET /v1/batches/XN/3"] = (200, BATCH)
    api.answers["POST /v1/batches/XN/3"] = (200, APPLIED)
    words = ["--handover-from", "2026-07-20", "--by", "stf_7", "--reason", "验收推迟", "--json"]

    assert run(["batch", "reschedule", "XN/3", *words]) == 0
    assert document(capsys)["verdict"] == "applied"
    assert api.asked[1][2] == {"handover_from": "2026-07-20", "by": "stf_7", "reason": "验收推迟"}


def test_a_go_live_is_moved_with_a_reason(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    answer = APPLIED | {"go_live_at": "2026-12-01T09:00:00+08:00"}
    api.answers["POST /v1/projects/XN/actions/go-live"] = (200, answer)
    words = ["project", "go-live", "XN", "--to", "2026-12-01T09:00:00+08:00", "--reason", "推迟", "--id", "m1"]

    assert run([*words, "--json"]) == 0

    assert document(capsys)["go_live_at"] == "2026-12-01T09:00:00+08:00"
    assert api.asked[0][2] == {"to": "2026-12-01T09:00:00+08:00", "reason": "推迟", "id": "m1"}


def test_a_go_live_is_previewed_before_it_is_moved(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    moved = {"was": None, "to": "2026-12-01T09:00:00+08:00"}
    api.answers["POST /v1/projects/XN/preview"] = (200, PREVIEW | {"go_live": moved})
    words = ["project", "go-live", "XN", "--to", "2026-12-01T09:00:00+08:00", "--reason", "推迟", "--preview"]

    assert run(words) == 0

    assert "— → 2026-12-01T09:00:00+08:00" in capsys.readouterr().out
    assert api.asked[0][2]["type"] == "go_live.moved"
