"""Commands that look back and ahead, against an API that answers as told."""

import json
from pathlib import Path
from typing import Any

import pytest

from starter.cli.app import run
from tests.starter.cli.conftest import LoopbackApi
from tests.starter.view.documents import HOSTILE, entry, life

HOME = "/v1/journeys/XN/3-1-1202"
NONE: dict[str, Any] = {"posts": {}, "messages": {}, "suppressed": {}}
LOAD = {
    "project": "XN", "name": "香年", "now": "2026-03-01T12:00:00+08:00", "by": "week", "journeys": 1, "agendas": 1,
    "from": "2026-02-23", "until": "2026-03-08", "overdue": NONE | {"posts": {"sales": 2}},
    "periods": [NONE | {"from": "2026-02-23", "until": "2026-03-01", "posts": {"keeper": 3}, "messages": {"care": 1}}],
    "beyond": NONE,
}  # fmt: skip
LINES = {
    "data": [
        {"at": "2026-03-01T10:00:00+08:00", "code": "event.contract.signed", "text": "签约:已采纳"},
        {"at": "2026-03-01T11:30:00+08:00", "code": "entry.open", "text": "签约服务回访:已开启(管家)"},
        {"at": "2026-03-02T08:00:00+08:00", "code": "message.sent", "text": "[提醒]细读合同:已发送(短信)"},
    ],
    "next_cursor": None,
}
EXPLAINED = {
    "asked": True, "key": "signing.filing/epi_1/once", "title": "合同备案",
    "sections": [{"name": "why", "title": "为什么有它", "lines": [{"code": "own-rule", "text": "内核自身的规则"}]}],
}  # fmt: skip


def test_a_timeline_is_grouped_by_day(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.answers[f"GET {HOME}/timeline"] = (200, LINES)

    code = run(["timeline", "XN/3-1-1202"])

    lines = capsys.readouterr().out.splitlines()
    assert code == 0
    assert lines == [
        "2026-03-01",
        "  10:00  签约:已采纳",
        "  11:30  签约服务回访:已开启(管家)",
        "2026-03-02",
        "  08:00  [提醒]细读合同:已发送(短信)",
    ]


def test_a_timeline_asks_for_one_kind(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.answers[f"GET {HOME}/timeline"] = (200, LINES)

    code = run(["timeline", "XN/3-1-1202", "--kind", "message", "--json"])

    assert code == 0
    assert "kind=messages" in api.asked[0][0]
    assert json.loads(capsys.readouterr().out)["data"] == LINES["data"]


def test_a_kind_that_there_is_not_is_a_usage_error(api: LoopbackApi) -> None:
    assert run(["timeline", "XN/3-1-1202", "--kind", "letters"]) == 2
    assert api.asked == []


@pytest.mark.parametrize(("lang", "head"), [("zh", ["时段", "销售", "管家", "消息·关怀"]), ("en", ["period", "sales"])])
def test_a_project_is_a_table_of_weeks_and_posts(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str], lang: str, head: list[str]
) -> None:
    api.answers["GET /v1/projects/XN/forecast"] = (200, LOAD)

    code = run(["forecast", "XN", "--weeks", "2", "--lang", lang])

    lines = capsys.readouterr().out.splitlines()
    assert code == 0
    assert "weeks=2" in api.asked[0][0]
    assert lines[0].split()[: len(head)] == head
    assert lines[1].split()[-1] == "2"
    assert lines[2].split()[-2:] == ["3", "1"]


def test_what_a_project_will_not_send_is_summed_up_in_one_column(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str]
) -> None:
    beyond = NONE | {"suppressed": {"no-consent": 5, "bereavement": 2}}
    api.answers["GET /v1/projects/XN/forecast"] = (200, LOAD | {"beyond": beyond})

    run(["forecast", "XN", "--lang", "en"])

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].rstrip().endswith("will not go")
    assert lines[-1].split() == ["later", "7"]


def test_an_explanation_is_told_in_sections(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.answers[f"GET {HOME}/explain"] = (200, EXPLAINED)

    code = run(["explain", "XN/3-1-1202", "signing.filing"])

    assert code == 0
    assert capsys.readouterr().out.splitlines() == [
        "合同备案  signing.filing/epi_1/once",
        "为什么有它",
        "  内核自身的规则",
    ]


def test_an_item_that_nobody_asked_for_is_not_found(api: LoopbackApi) -> None:
    api.answers[f"GET {HOME}/explain"] = (200, EXPLAINED | {"asked": False})

    assert run(["explain", "XN/3-1-1202", "no.such"]) == 3


@pytest.mark.parametrize("command", ["timeline", "forecast"])
def test_a_journey_is_drawn_on_a_page_and_only_the_page_is_named(
    api: LoopbackApi, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    api.answers[f"GET {HOME}/timeline"] = (200, LINES)
    api.answers[f"GET {HOME}/forecast"] = (200, LINES)
    api.answers[f"GET {HOME}/life"] = (200, life(entry(), unit=HOSTILE))

    code = run([command, "XN/3-1-1202", "--html", str(tmp_path / "life.html"), "--lang", "en"])

    html = (tmp_path / "life.html").read_text(encoding="utf-8")
    assert code == 0
    assert f'"kind":"{command}"' in html
    assert '<html lang="en">' in html
    assert html.count("</script>") == 2
    assert [path for path, _, _ in api.asked if "names" in path] == []
    assert capsys.readouterr().out == f"Page: {tmp_path / 'life.html'}\n"


def test_names_are_asked_for_by_the_word_for_it(api: LoopbackApi, tmp_path: Path) -> None:
    api.answers[f"GET {HOME}/timeline"] = (200, LINES)
    api.answers[f"GET {HOME}/life"] = (200, life())

    run(["timeline", "XN/3-1-1202", "--html", str(tmp_path / "life.html"), "--names"])

    assert [path for path, _, _ in api.asked if "names=true" in path] == [f"GET {HOME}/life?names=true"]


def test_a_project_is_drawn_with_its_work_ahead_and_its_homes_side_by_side(api: LoopbackApi, tmp_path: Path) -> None:
    api.answers["GET /v1/projects/XN/forecast"] = (200, LOAD | {"journeys": 300})
    lives = [life(id=f"jrn_{number}", unit=f"3-1-{number}") for number in range(3)]
    api.answers["GET /v1/projects/XN/lives"] = (200, {"data": lives, "next_cursor": None})

    code = run(["forecast", "XN", "--html", str(tmp_path / "project.html")])

    html = (tmp_path / "project.html").read_text(encoding="utf-8")
    assert code == 0
    assert '"load":{' in html
    assert '"total":300' in html
    assert html.count('"u":"3-1-') == 3


def test_a_page_and_a_document_may_be_asked_for_together(
    api: LoopbackApi, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    api.answers[f"GET {HOME}/timeline"] = (200, LINES)
    api.answers[f"GET {HOME}/life"] = (200, life())

    code = run(["timeline", "XN/3-1-1202", "--html", str(tmp_path / "life.html"), "--json"])

    said = capsys.readouterr()
    assert (code, json.loads(said.out)) == (0, LINES)
    assert "life.html" in said.err


@pytest.mark.parametrize(
    ("command", "where"), [("timeline", "XN/3-1-1202"), ("forecast", "XN/3-1-1202"), ("forecast", "XN")]
)
def test_a_page_that_cannot_be_written_is_named_in_both_languages(
    api: LoopbackApi, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, where: str
) -> None:
    api.answers[f"GET {HOME}/forecast"] = (200, LINES)
    api.answers[f"GET {HOME}/life"] = (200, life())
    api.answers["GET /v1/projects/XN/forecast"] = (200, LOAD)
    api.answers["GET /v1/projects/XN/lives"] = (200, {"data": [life()], "next_cursor": None})
    page = tmp_path / "nowhere" / "page.html"

    code = run([command, where, "--html", str(page), "--json"])

    error = json.loads(capsys.readouterr().out)["error"]
    assert (code, error["code"]) == (1, "bad-file")
    assert error["text"] == f"写不了 {page} / cannot write {page}: No such file or directory"
