"""Commands for authors of packs: lint, show, diff and schema work on files; preview and apply go through the API."""

import json
from pathlib import Path
from typing import Any

import pytest

from starter.cli.app import run
from tests.packs import BUILT_IN, copy_policies, spoil
from tests.starter.cli.conftest import LoopbackApi

PREVIEW = {
    "as_of": "2026-03-01T12:00:00+08:00", "homes": 2, "moved_homes": 2, "missed": 0, "poked_earlier": 1,
    "poked_homes": [],
    "policies": [{"name": BUILT_IN, "version": "2026.9", "changes": [
        {"path": "signing.filing.within", "text": "filing due within: 30 days → 20 days",
         "text_zh": "合同备案 期限:30 天 → 20 天"},
    ]}],
    "items": [{"rule": "signing.filing", "title": "合同备案", "kind": "task", "what": "moved", "count": 2}],
    "posts": [{"role": "sales", "items": 2}], "again": [], "at_once": [], "leaving": [], "examples": [], "text": None,
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_policies(tmp_path)


def document(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("where", [[], [BUILT_IN], ["FOLDER"], ["PACK"]])
def test_a_clean_pack_passes_wherever_it_is_named_from(
    folder: Path, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    named = [{"FOLDER": str(folder), "PACK": str(folder / BUILT_IN)}.get(word, word) for word in where]

    code = run(["pack", "lint", *named, "--folder", str(folder), "--json"])

    assert (code, document(capsys)["packs"]) == (0, [BUILT_IN])


def test_a_bad_pack_is_named_by_file_and_line_and_fails(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = spoil(folder / BUILT_IN / "pack.yaml", "within: 30d  # L✔ 开发条例26", "within: 45d")

    code = run(["pack", "lint", "--folder", str(folder), "--json"])

    (found,) = document(capsys)["data"]
    assert (code, found["line"], found["path"]) == (1, line, "signing.filing.within")


def test_a_pack_that_is_not_there_is_named_with_those_that_are(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(["pack", "lint", "cn-residental", "--folder", str(folder), "--json"])

    assert code == 3
    assert BUILT_IN in document(capsys)["error"]["text"]


def test_a_pack_is_shown_with_the_numbers_asked_for(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["pack", "show", BUILT_IN, "--overlay", "zhejiang", "--folder", str(folder)]

    code = run([*words, "--numbers", "warranty.components.roof-waterproof.owner", "--json"])
    shown = document(capsys)
    missing = run([*words, "--numbers", "warranty.roof", "--json"])

    assert (code, missing) == (0, 3)
    assert shown["numbers"] == {"warranty.components.roof-waterproof.owner": "8y"}


def test_two_packs_are_compared_in_words(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["pack", "diff", BUILT_IN, f"{BUILT_IN}+shandong", "--folder", str(folder), "--json"])

    found = document(capsys)["data"]
    assert code == 0
    assert "保温工程 业主保修期:无 → 10 年" in [each["text_zh"] for each in found]


def test_the_schema_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["pack", "schema"]) == 0
    assert "signing" in document(capsys)["properties"]


def test_a_preview_sends_every_version_and_shows_what_moves(
    api: LoopbackApi, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    api.answers["POST /v1/packs/preview"] = (200, PREVIEW)

    code = run(["pack", "preview", str(folder / BUILT_IN), "--project", "XN"])

    shown = capsys.readouterr().out
    body = api.asked[0][2]
    assert code == 0
    assert body["project"] == "XN"
    assert [each["overlays"] for each in body["versions"]] == [
        [],
        ["beijing"],
        ["henan"],
        ["shandong"],
        ["zhejiang"],
    ]
    assert [word for word in ("合同备案 期限:30 天 → 20 天", "销售", "moved") if word not in shown] == []
    assert [title for title in (f"{BUILT_IN} 2026.9:", "事项:", "岗位:") if title not in shown.splitlines()] == []


def test_a_change_is_applied_with_who_made_it(
    api: LoopbackApi, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"name": BUILT_IN, "version": "2026.9", "effective_from": "2026-01-01", "state": "published", "journeys": 2}
    api.answers["POST /v1/packs"] = (200, {"data": [row], "next_cursor": None})

    code = run(["pack", "apply", str(folder / "overlays" / "zhejiang.yaml"), "--by", "stf_1", "--json"])

    assert (code, document(capsys)["data"][0]["state"]) == (0, "published")
    assert (api.asked[0][2]["by"], len(api.asked[0][2]["versions"])) == ("stf_1", 1)


def test_a_pack_below_the_law_is_refused_before_anything_is_asked(api: LoopbackApi, folder: Path) -> None:
    spoil(folder / BUILT_IN / "pack.yaml", "within: 30d  # L✔ 开发条例26", "within: 45d")

    assert run(["pack", "apply", str(folder / BUILT_IN), "--json"]) == 1
    assert api.asked == []


def test_a_calendar_s_file_is_checked_and_sent(
    api: LoopbackApi, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "cn-2027.yaml"
    file.write_text("country: cn\nyear: 2027\noff:\n  2027-01-01: 元旦\nwork: []\n", encoding="utf-8")
    api.answers["POST /v1/calendars/preview"] = (200, PREVIEW | {"policies": []})

    code = run(["calendar", "check", str(file), "--json"])
    file.write_text("country: cn\nyear: 2027\noff:\n  2027-02-30: 元旦\nwork: []\n", encoding="utf-8")
    bad = run(["calendar", "apply", str(file), "--json"])

    assert (code, bad) == (0, 1)
    assert api.asked[0][2]["off"] == {"2027-01-01": "元旦"}
    assert len(api.asked) == 1
    assert "cn-2027.yaml:4" in capsys.readouterr().out


def test_an_event_may_be_previewed_instead_of_told(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    said: dict[str, Any] = {
        "journey": "jrn_1", "type": "moved_in", "verdict": "refused", "reason": {"code": "x", "text": "不成立"},
        "text": None, "stage": {"was": "handover", "to": "occupancy"}, "status": {"was": "active", "to": "active"},
        "moves": [], "withdrawn": [], "again": [], "at_once": [],
        "next": [{"title": "合同备案", "kind": "task", "at": "2026-03-02T18:00:00+08:00"}],
    }  # fmt: skip
    api.answers["POST /v1/journeys/XN/3-1-1/preview"] = (200, said)

    code = run(["event", "XN/3-1-1", "moved_in", "--on", "2026-03-01", "--preview"])

    shown = capsys.readouterr().out
    assert code == 1
    assert [what.split("?")[0] for what, _, _ in api.asked] == ["POST /v1/journeys/XN/3-1-1/preview"]
    assert "两周内将发生:" in shown.splitlines()
    assert [word for word in ("不成立", "交付 → 居住") if word not in shown] == []


def test_a_language_that_is_not_spoken_is_refused(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["list", "--lang", "fr", "--json"]) == 2
    assert document(capsys)["error"]["code"] == "usage"
    assert api.asked == []


def test_a_proposed_calendar_is_a_file_that_is_taken_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], api: LoopbackApi
) -> None:
    api.answers["POST /v1/calendars/preview"] = (200, PREVIEW | {"policies": []})

    assert run(["calendar", "propose", "cn", "2027"]) == 0

    file = tmp_path / "cn-2027.yaml"
    file.write_text(capsys.readouterr().out, encoding="utf-8")
    assert run(["calendar", "check", str(file)]) == 0
    assert api.asked[0][2]["provisional"] is True
    assert "2027-10-01" in api.asked[0][2]["off"]


def test_a_calendar_of_an_unknown_country_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["calendar", "propose", "xx", "2027", "--json"]) == 3

    assert "xx" in document(capsys)["error"]["text"]
