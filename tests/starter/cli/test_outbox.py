"""`journey outbox`: messages as ever, and the breakers beside them."""

import json
from typing import Any

import pytest

from starter.cli.app import run
from tests.starter.cli.conftest import LoopbackApi

EMPTY: dict[str, Any] = {"data": [], "next_cursor": None}
STOPPED = {"kind": "provider", "name": "sms/aliyun", "state": "open", "failed": 12, "passed": 0, "error": "error-503"}


def test_the_outbox_lists_messages_as_it_always_did(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.answers["GET /v1/messages"] = (200, EMPTY)
    api.answers["GET /v1/journeys/XN/3-1-1202"] = (200, {"id": "jrn_1"})

    assert run(["outbox", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == EMPTY
    assert run(["outbox", "XN/3-1-1202", "--state", "sent", "--json"]) == 0
    assert "journey=jrn_1" in api.asked[-1][0]
    assert "state=sent" in api.asked[-1][0]


def test_breakers_are_listed(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.answers["GET /v1/messages/breakers"] = (200, {"data": [STOPPED], "next_cursor": None})

    assert run(["outbox", "breakers"]) == 0
    assert "sms/aliyun" in capsys.readouterr().out
    assert run(["outbox", "breakers", "--state", "open", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["data"] == [STOPPED]


def test_receipts_of_nobodys_message_are_listed(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    kept = {"id": "rcp_1", "source": "carrier", "provider_id": "p-9", "state": "delivered", "outcome": "unknown"}
    api.answers["GET /v1/messages/receipts"] = (200, {"data": [kept], "next_cursor": None})

    assert run(["outbox", "receipts"]) == 0
    assert "p-9" in capsys.readouterr().out
    assert run(["outbox", "receipts", "--outcome", "unknown", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["data"] == [kept]
    assert "outcome=unknown" in api.asked[-1][0]


@pytest.mark.parametrize(
    "arguments", [["receipts", "--outcome", "bogus"], ["breakers", "--state", "bogus"], ["--state", "bogus"]]
)
def test_a_value_that_there_is_not_is_wrong_usage(api: LoopbackApi, arguments: list[str]) -> None:
    assert run(["outbox", *arguments]) == 2
    assert api.asked == []


def test_one_is_closed_with_a_reason(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.answers["POST /v1/messages/breakers/reset"] = (200, STOPPED | {"state": "recovering"})

    assert run(["outbox", "reset", "provider", "sms/aliyun", "--reason", "余额已充值", "--json"]) == 0

    assert json.loads(capsys.readouterr().out)["state"] == "recovering"
    assert api.asked[-1][2] == {"kind": "provider", "name": "sms/aliyun", "reason": "余额已充值"}


def test_without_a_reason_it_is_a_usage_error(api: LoopbackApi) -> None:
    assert run(["outbox", "reset", "provider", "sms/aliyun"]) == 2
    assert api.asked == []
