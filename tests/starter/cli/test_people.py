"""`journey people`: what it asks of the API, and that nobody is merged by a slip."""

import json

import pytest

from starter.cli.app import run
from tests.starter.cli.conftest import LoopbackApi

PERSON = {
    "id": "psn_1", "ref": "zw", "name": "张*", "language": "zh", "aliases": ["zw2"], "household": ["lf"],
    "homes": [{"journey": "jrn_1", "project": "XN", "unit": "3-1", "status": "active", "kind": "resale"}],
    "consents": [], "contacts": [{"channel": "phone", "address": "+86138****8000", "state": "ok", "since": "…"}],
}  # fmt: skip
APPLIED = {"id": "e1", "event": "evt_1", "verdict": "applied"}


def test_a_person_is_shown_in_words_and_as_one_document(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.answers["GET /v1/people/zw"] = (200, PERSON)

    assert run(["people", "show", "zw"]) == 0
    words = capsys.readouterr().out
    assert run(["people", "show", "zw", "--json"]) == 0

    assert "张*" in words
    assert "+86138****8000" in words
    assert json.loads(capsys.readouterr().out) == PERSON


def test_a_merge_must_be_confirmed_and_says_why(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.answers["POST /v1/people/zw/merge"] = (200, PERSON)

    asked = run(["people", "merge", "zw", "zw2", "--reason", "同一身份证", "--json"])
    unasked = list(api.asked)
    done = run(["people", "merge", "zw", "zw2", "--reason", "同一身份证", "--yes"])

    assert (asked, unasked, done) == (2, [], 0)
    assert api.asked[-1][2] == {"alias": "zw2", "reason": "同一身份证"}


def test_a_consent_taken_back_and_an_invalid_address_are_told(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str]
) -> None:
    api.answers["POST /v1/people/zw/consents"] = (200, APPLIED)
    api.answers["POST /v1/people/zw/contacts"] = (200, APPLIED)

    run(["people", "consent", "zw", "care", "--withdrawn", "--evidence", "电话"])
    run(["people", "contact", "zw", "phone", "13800138000", "--what", "invalid"])

    assert [body for _, _, body in api.asked] == [
        {"purpose": "care", "given": False, "evidence": "电话"},
        {"channel": "phone", "address": "13800138000", "what": "invalid"},
    ]


def test_an_inbox_is_shown_as_a_table_and_as_one_document(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    lies: dict[str, str | None] = {
        "id": "msg_1",
        "journey": "jrn_1",
        "class": "contract",
        "template": "handover.reminder",
        "language": "zh",
    }
    page = {
        "data": [lies | {"subject": "交付提醒", "text": None, "at": "2026-06-01T09:30:00+08:00", "read_at": None}],
        "next_cursor": None,
    }
    api.answers["GET /v1/people/zw/inbox"] = (200, page)

    assert run(["people", "inbox", "zw", "--unread"]) == 0
    words = capsys.readouterr().out
    assert run(["people", "inbox", "zw", "--json"]) == 0

    assert "交付提醒" in words
    assert json.loads(capsys.readouterr().out) == page


def test_forgetting_must_be_confirmed_and_says_why(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    done = {"id": "psn_1", "ref": "zw", "at": "2026-03-01T12:00:00+08:00", "evidence": False}
    api.answers["POST /v1/people/zw/erase"] = (200, done)

    asked = run(["people", "erase", "zw", "--reason", "本人申请", "--json"])
    unasked = list(api.asked)
    erased = run(["people", "erase", "zw", "--reason", "本人申请", "--yes"])

    assert (asked, unasked, erased) == (2, [], 0)
    assert api.asked[-1][2] == {"reason": "本人申请"}
    assert "另有期限" in capsys.readouterr().out


def test_a_dry_run_of_retention_asks_nobody_and_lists_reasons(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = [{"code": "kept-living", "count": 7, "text": "仍有在手的房产或购房"}]
    report = {"dry_run": True, "looked_at": 9, "erased": 2, "evidence_erased": 1, "strangers": 3, "kept": kept}
    api.answers["POST /v1/people/retention"] = (200, report)

    assert run(["people", "retention", "--dry-run"]) == 0

    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["将匿名化", "2"] in lines
    assert ["仍有在手的房产或购房", "7"] in lines
    assert api.asked[-1][2] == {"dry_run": True}
