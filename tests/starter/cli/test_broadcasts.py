"""`journey broadcast`: drafts, orders, and the list of who did not get it, from the command line."""

import json
from pathlib import Path
from typing import Any

import pytest

from starter.cli.app import run
from tests.starter.cli.conftest import LoopbackApi

START = ["broadcast", "start", "XN", "--template", "t", "--class", "marketing"]
ROW = {"person": "zw", "name": "张*", "outcome": "suppressed", "reason": "no-consent", "text": "未获授权"}


@pytest.mark.parametrize(("lang", "words"), [("zh", "待第二人"), ("en", "second person")])
def test_a_draft_says_that_a_second_person_has_to_let_it_go(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str], lang: str, words: str
) -> None:
    api.answers["POST /v1/broadcasts"] = (201, {"id": "brd_1", "opened": True, "state": "draft"})

    assert run([*START, "--rate", "20", "--by", "李雷", "--lang", lang]) == 0

    assert words in capsys.readouterr().err
    assert api.asked[-1][2]["rate"] == 20
    assert api.asked[-1][2]["by"] == "李雷"


@pytest.mark.parametrize(
    ("words", "sent"),
    [
        (["pause", "--reason", "核对号码"], {"reason": "核对号码"}),
        (["resume", "--reason", "已核对", "--by", "韩梅"], {"reason": "已核对", "by": "韩梅"}),
        (["cancel", "--reason", "作废"], {"reason": "作废"}),
        (["rate", "--reason", "服务商限流", "--per-second", "5"], {"reason": "服务商限流", "rate": 5}),
        (["rate", "--reason", "恢复"], {"reason": "恢复", "rate": None}),
        (["reject", "--reason", "措辞"], {"reason": "措辞"}),
        (["approve", "--seen", "ab.1"], {"seen": "ab.1"}),
    ],
)
def test_an_order_says_who_and_why_and_what_stands_then(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str], words: list[str], sent: dict[str, Any]
) -> None:
    what, *options = words
    api.answers[f"POST /v1/broadcasts/brd_1/{what}"] = (200, {"id": "brd_1", "state": "paused", "changed": True})

    assert run(["broadcast", what, "brd_1", *options, "--json"]) == 0

    assert json.loads(capsys.readouterr().out)["state"] == "paused"
    assert api.asked[-1][2] == sent


def test_an_order_that_is_refused_ends_as_a_conflict(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.answers["POST /v1/broadcasts/brd_1/approve"] = (
        409,
        {"code": "conflict", "detail": "another one", "errors": []},
    )

    assert run(["broadcast", "approve", "brd_1", "--seen", "ab.1", "--json"]) == 5
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "conflict"


def test_who_did_not_get_it_is_listed_or_kept_as_a_file(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    api.answers["GET /v1/broadcasts/brd_1/recipients"] = (200, {"data": [ROW], "next_cursor": None})
    api.answers["GET /v1/broadcasts/brd_1/export"] = (200, {"a": "file"})

    assert run(["broadcast", "recipients", "brd_1", "--missed", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["data"] == [ROW]
    assert run(["broadcast", "recipients", "brd_1", "--out", str(tmp_path / "list.xlsx")]) == 0
    assert run(["broadcast", "recipients", "brd_1", "--out", str(tmp_path / "list.pdf")]) == 2

    assert "missed=true" in api.asked[0][0]
    assert "form=xlsx" in api.asked[-1][0]
    assert (tmp_path / "list.xlsx").read_bytes() == b'{"a": "file"}'


def test_a_list_of_people_is_kept_for_its_owner_only_and_a_place_that_cannot_be_written_is_named(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    api.answers["GET /v1/broadcasts/brd_1/export"] = (200, {"a": "file"})
    (tmp_path / "taken").write_text("a file", encoding="utf-8")

    assert run(["broadcast", "recipients", "brd_1", "--out", str(tmp_path / "new" / "list.csv")]) == 0
    assert (tmp_path / "new" / "list.csv").stat().st_mode & 0o777 == 0o600
    assert run(["broadcast", "recipients", "brd_1", "--out", str(tmp_path / "taken" / "list.csv")]) == 1

    said = capsys.readouterr().err
    assert "写不了" in said
    assert "Error" not in said


def test_a_broadcast_is_shown_with_its_progress_orders_and_channels(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str]
) -> None:
    progress = {"expected": 10, "met": 4, "sent": 3, "left": 6, "per_second": 1.5, "limit": 5, "ends_at": "2026-09-20"}
    shown = {
        "id": "brd_1", "title": "紧急通告", "state": "paused", "progress": progress, "outcomes": [],
        "channels": [{"channel": "sms", "id": "brd_1", "state": "paused"}],
        "control": [{"at": "2026-09-20", "action": "pause", "by": "李雷", "reason": "核对号码"}],
        "reach": {"persons": 10, "reached": 7, "unreached": 3},
    }  # fmt: skip
    api.answers["GET /v1/broadcasts/brd_1"] = (200, shown)

    assert run(["broadcast", "show", "brd_1"]) == 0

    printed = capsys.readouterr().out
    assert all(word in printed for word in ("应达", "核对号码", "短信", "未能送达 3 人"))


TEXTS = [
    {"language": "zh", "channels": ["wechat", "sms"], "subject": None, "text": "【香年】周六停水", "recipients": 41},
    {"language": "en", "channels": ["sms"], "subject": None, "text": "香年: water is off", "recipients": 0},
]


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", ("文本", "微信 短信", "41")), ("en", ("persons", "wechat sms", "41"))]
)
def test_a_draft_is_shown_and_reviewed_with_its_words_in_every_language(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str], lang: str, words: tuple[str, ...]
) -> None:
    row = {
        "unit": "3-1-1",
        "name": "张*",
        "language": "zh",
        "channel": "sms",
        "outcome": "sent",
        "text": "【香年】停水",
    }
    seen = {"id": "brd_1", "state": "draft", "seen": "ab.41", "outcomes": [], "channels": [], "sample": [row]}
    shown = {"id": "brd_1", "state": "draft", "progress": {}, "outcomes": [], "channels": [], "control": []}
    api.answers["GET /v1/broadcasts/brd_1/review"] = (200, seen | {"texts": TEXTS})
    api.answers["GET /v1/broadcasts/brd_1"] = (200, shown | {"reach": None, "texts": TEXTS})

    printed = []
    for what in ("review", "show"):
        assert run(["broadcast", what, "brd_1", "--lang", lang]) == 0
        printed.append(capsys.readouterr())

    for one in printed:
        assert all(word in one.out for word in (*words, "【香年】周六停水", "香年: water is off"))
    assert "--seen ab.41" in printed[0].out
    assert "journey broadcast review brd_1" in printed[1].err


@pytest.mark.parametrize(("option", "name", "value"), [("--building", "building", ""), ("--rate", "rate", 0)])
def test_an_empty_option_is_refused_by_the_api_and_never_widens_a_broadcast(
    api: LoopbackApi, option: str, name: str, value: object
) -> None:
    api.answers["POST /v1/broadcasts"] = (201, {"id": "brd_1", "opened": True, "state": "draft"})

    assert run([*START, option, str(value)]) == 0

    assert api.asked[-1][2][name] == value
