"""`journey show --live`: drawn again when something changed, until Ctrl-C."""

import json

import pytest

from starter.cli import following
from starter.cli.app import run
from tests.starter.cli.conftest import LoopbackApi

JOURNEY = {"id": "jrn_1", "project": "XN", "unit": "3-1", "stage": "signing", "status": "active", "overdue": 0}
FILING = {"due": "2026-03-20T18:00:00+08:00", "title": "合同备案", "item": "signing.filing", "role": "sales"}
CALL = {"id": "tsk_1", "due": "2026-03-04T18:00:00+08:00", "title": "签约服务回访", "role": "keeper", "state": "open"}


@pytest.fixture(autouse=True)
def stands(api: LoopbackApi) -> None:
    api.answers["GET /v1/journeys/XN/3-1"] = (200, JOURNEY)
    api.answers["GET /v1/journeys/XN/3-1/forecast"] = (200, {"data": [FILING], "next_cursor": None})
    api.answers["GET /v1/tasks"] = (200, {"data": [CALL], "next_cursor": None})


def test_as_json_it_is_one_document_of_how_the_journey_stands(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["show", "XN/3-1", "--live", "--json"]) == 0

    found = json.loads(capsys.readouterr().out)
    assert (found["journey"], found["next"], found["tasks"]) == (JOURNEY, [FILING], [CALL])
    assert "journey=jrn_1&state=open" in api.asked[-1][0]


def test_it_is_drawn_again_when_it_changed_and_ends_well_by_ctrl_c(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = iter(range(9))

    def pause(seconds: float) -> None:
        look = next(looks)
        if look == 2:
            api.answers["GET /v1/journeys/XN/3-1"] = (200, JOURNEY | {"stage": "handover", "overdue": 2})
        if look == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr(following, "sleep", pause)

    assert run(["show", "XN/3-1", "--live"]) == 0

    said = capsys.readouterr().out
    assert said.count("XN/3-1  签约 · 进行中") == 1
    assert "XN/3-1  交付 · 进行中  ⚠ 逾期 2" in said
    assert "签约服务回访" in said
    assert "合同备案" in said


def test_a_journey_that_is_not_there_is_said_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", "XN/9-9", "--live"]) == 3


def test_an_api_that_goes_away_is_waited_for(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    api.answers["GET /v1/journeys/XN/3-1"] = (503, {"code": "store-down", "detail": "away"})
    looks = iter(range(9))

    def pause(seconds: float) -> None:
        if next(looks) == 1:
            raise KeyboardInterrupt
        api.answers["GET /v1/journeys/XN/3-1"] = (200, JOURNEY)

    monkeypatch.setattr(following, "sleep", pause)

    assert run(["show", "XN/3-1", "--live", "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert "trying again" in said
    assert "signing · active" in said
