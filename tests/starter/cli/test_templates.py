"""`journey template` and `journey answer`: what they send, what they show, how they end."""

import json
from pathlib import Path
from typing import Any

import pytest

from starter.cli.app import run
from tests.packs import BUILT_IN, copy_policies, spoil
from tests.starter.cli.conftest import LoopbackApi

KEPT = {
    "template": "handover.notice", "language": "zh", "version": "ab" * 32, "party": "legal", "state": "approved",
    "changed": True,
}  # fmt: skip
ROW = {
    "id": "handover.notice", "label": "交付通知", "class": "contract", "approvals": ["legal"], "providers": [],
    "variants": [], "languages": {"zh": {"state": "waiting"}, "en": {"state": "active"}},
}  # fmt: skip
ANSWER = {
    "id": "parking", "version": 1, "state": "draft", "topic": "车位", "text": "以公示为准", "lacks": ["legal"],
    "origin": "store", "history": [],
}  # fmt: skip


def document(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_a_list_says_in_words_whether_the_newest_text_goes_out(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str]
) -> None:
    api.answers["GET /v1/templates"] = (200, {"data": [ROW], "next_cursor": None})

    assert run(["template", "list"]) == 0
    assert "旧文本发出,新文本待批" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "body"),
    [
        (["approve", "--party", "legal"], {"party": "legal", "state": "approved"}),
        (
            ["submit", "--party", "aliyun", "--channel", "sms"],
            {"party": "aliyun", "state": "submitted", "channel": "sms"},
        ),
        (["reject", "--party", "legal", "--reason", "有误"], {"party": "legal", "state": "rejected", "reason": "有误"}),
        (
            ["map", "--provider", "aliyun", "--sign", "香年", "--code", "S1", "--param", "name=owner.name"],
            {"party": "aliyun", "state": "draft", "sign": "香年", "code": "S1", "params": {"name": "owner.name"}},
        ),
    ],
)  # fmt: skip
def test_a_word_goes_to_the_api_as_it_was_said(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str], words: list[str], body: dict[str, Any]
) -> None:
    api.answers["POST /v1/templates/handover.notice/approvals"] = (200, KEPT)

    code = run(["template", words[0], "handover.notice", *words[1:], "--by", "stf_1", "--json"])

    assert code == 0
    assert document(capsys) == KEPT
    assert api.asked[0][2] == {"by": "stf_1", "language": "zh", "pack": BUILT_IN} | body


def test_a_parameter_without_a_variable_is_a_mistake_of_usage(api: LoopbackApi) -> None:
    assert run(["template", "map", "handover.notice", "--provider", "aliyun", "--by", "s", "--param", "name"]) == 2
    assert api.asked == []


def test_a_preview_with_a_missing_variable_fails(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    channel = {"channel": "sms", "text": None, "missing": ["owner.nickname"]}
    api.answers["GET /v1/templates/handover.notice/preview"] = (200, {"channels": [channel], "assumed": []})

    code = run(["template", "preview", "handover.notice", "--journey", "XN/3-1-1202"])

    assert code == 1
    assert "owner.nickname" in capsys.readouterr().out


@pytest.mark.parametrize(("state", "code"), [("sent", 0), ("waiting", 0), ("failed", 1), ("unknown", 1)])
def test_a_test_ends_as_it_was_sent(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str], state: str, code: int
) -> None:
    api.answers["POST /v1/templates/handover.notice/test"] = (201, {"id": "tst_1", "state": state})

    assert run(["template", "send-test", "handover.notice", "--to", "13900139000", "--by", "s", "--json"]) == code
    assert document(capsys)["state"] == state


def test_a_lint_of_texts_names_file_and_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = copy_policies(tmp_path)
    line = spoil(folder / BUILT_IN / "templates.yaml", "{zh: 交付通知, en: Handover notice}", "{zh: 交付通知}")

    code = run(["template", "lint", "--folder", str(folder), "--json"])

    errors = [row for row in document(capsys)["data"] if row["level"] == "error"]
    assert code == 1
    assert [(row["line"], Path(row["file"]).name) for row in errors] == [(line, "templates.yaml")]


def test_an_answer_is_added_from_a_file_as_packs_have_them(
    api: LoopbackApi, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "parking.yaml"
    file.write_text(
        "topic: {zh: 车位, en: Parking}\ntext: {zh: 以公示为准, en: As displayed}\ncategories: [service]\n",
        encoding="utf-8",
    )
    api.answers["POST /v1/answers"] = (201, ANSWER)

    assert run(["answer", "add", "parking", "--file", str(file), "--by", "stf_1", "--json"]) == 0
    assert document(capsys) == ANSWER
    assert api.asked[0][2] == {
        "id": "parking", "topic_zh": "车位", "topic_en": "Parking", "text_zh": "以公示为准", "text_en": "As displayed",
        "categories": ["service"], "by": "stf_1", "pack": BUILT_IN,
    }  # fmt: skip


def test_nothing_of_an_answers_file_is_dropped_and_nothing_in_it_breaks_the_command(
    api: LoopbackApi, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "parking.yaml"
    file.write_text("topic: {zh: 车位, fr: Parking}\ntext: 5\ncatgories: [service]\n", encoding="utf-8")
    api.answers["POST /v1/answers"] = (201, ANSWER)

    assert run(["answer", "add", "parking", "--file", str(file), "--by", "stf_1", "--json"]) == 0

    asked = {"id": "parking", "topic_zh": "车位", "topic_fr": "Parking", "by": "stf_1", "pack": BUILT_IN}
    assert api.asked[0][2] == asked | {"catgories": ["service"]}


def test_a_file_that_is_not_there_is_named(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["answer", "add", "parking", "--file", "nowhere.yaml", "--by", "s", "--json"]) == 2
    assert "nowhere.yaml" in document(capsys)["error"]["text"]


def test_a_task_is_shown_with_the_answers_that_help(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    task = {"id": "tsk_1", "title": "答复", "state": "open", "answers": [{"id": "noise", "topic": "噪声", "text": "…"}]}
    api.answers["GET /v1/tasks/tsk_1"] = (200, task)

    assert run(["task", "show", "tsk_1"]) == 0
    assert "噪声" in capsys.readouterr().out
