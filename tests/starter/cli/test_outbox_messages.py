"""`journey outbox`: where messages stand, and the history of one."""

import json
from typing import Any

import pytest

from starter.cli.app import run
from tests.starter.cli.conftest import LoopbackApi

SENT: dict[str, Any] = {
    "id": "msg_1", "entry": "handover.notice/epi_1/once", "person": "zw", "channel": "sms",
    "template": "handover.notice", "state": "failed", "sent_at": "2026-06-01T08:00:00+08:00", "segments": 2,
    "cost": {"amount": "0.09", "currency": "CNY"},
    "reason": {"code": "not-delivered", "params": {}, "text": "sms 未送达(E1)"},
}  # fmt: skip
ONE = SENT | {
    "history": [{"at": "2026-06-01T08:00:00+08:00", "code": "message.sent", "text": "交付通知:已发送(短信)"}],
    "receipts": [{"at": "2026-06-01T08:00:05+08:00", "state": "failed", "code": "E1", "outcome": "applied"}],
    "answers": [{"event": "evt_1", "at": "2026-06-01T09:00:00+08:00", "text": "打错了"}],
    "decision": {"outcome": "sent", "text": ["2026-06-01 08:00 判定:可以发出", "选用 短信"]},
}


def test_messages_are_told_with_reason_parts_and_cost(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.answers["GET /v1/messages"] = (200, {"data": [SENT], "next_cursor": None})

    assert run(["outbox", "--state", "failed"]) == 0

    out = capsys.readouterr().out
    assert "state=failed" in api.asked[0][0]
    for text in ("zw", "0.09 CNY", "未送达", "msg_1"):
        assert text in out


def test_one_message_is_told_with_its_history(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.answers["GET /v1/messages/msg_1"] = (200, ONE)

    assert run(["outbox", "msg_1"]) == 0
    for_people = capsys.readouterr().out
    assert run(["outbox", "msg_1", "--json"]) == 0

    assert "交付通知:已发送(短信)" in for_people
    assert "已采用" in for_people
    assert "打错了" in for_people
    assert "选用 短信" in for_people
    assert json.loads(capsys.readouterr().out) == ONE


def test_a_message_without_receipts_does_not_say_that_there_is_nothing(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str]
) -> None:
    api.answers["GET /v1/messages/msg_1"] = (200, ONE | {"receipts": [], "answers": [], "decision": None})

    assert run(["outbox", "msg_1"]) == 0

    assert capsys.readouterr().err == ""
