"""What holds for every command: the home it is about, files that are not there, one id where one will do."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from starter.cli.app import run
from starter.cli.whose_home import taken
from tests.starter.cli.conftest import LoopbackApi

CASE = {"id": "evt_9", "alias": "leak1", "journey": "jrn_1", "kind": "repair", "clocks": [], "steps": []}


def document(capsys: pytest.CaptureFixture[str]) -> Any:
    """The one JSON document on stdout."""
    return json.loads(capsys.readouterr().out)


def at(home: Path, url: str) -> Path:
    """A home whose API is there."""
    home.mkdir()
    (home / "client.toml").write_text(f'url = "{url}"\nkey = "jo_live_home"\n', encoding="utf-8")
    return home


@pytest.mark.parametrize("place", ["before", "after", "equals"])
def test_any_command_finds_the_api_of_the_home_that_it_is_told(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    home = str(at(tmp_path / "other", api.url))
    monkeypatch.setenv("JOURNEY_URL", "http://127.0.0.1:1")
    api.answers["GET /v1/journeys"] = (200, {"data": [], "next_cursor": None})
    words = {
        "before": ["--home", home, "list", "--json"],
        "after": ["list", "--home", home, "--json"],
        "equals": ["list", f"--home={home}", "--json"],
    }

    assert run(words[place]) == 0

    assert api.asked[0][1]["Authorization"] == "Bearer jo_live_home"
    assert os.environ["JOURNEY_URL"] == "http://127.0.0.1:1"
    assert "JOURNEY_HOME" not in os.environ


def test_a_home_that_is_not_there_is_not_replaced_by_what_the_environment_names(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOURNEY_URL", api.url)
    monkeypatch.setenv("JOURNEY_API_KEY", "jo_live_production")

    assert run(["list", "--home", str(tmp_path / "mistyped"), "--json"]) == 1

    error = document(capsys)["error"]
    assert (error["code"], "mistyped" in error["text"]) == ("no-address", True)
    assert api.asked == []
    assert os.environ["JOURNEY_URL"] == api.url


def test_a_store_of_the_environment_replaces_that_of_the_home(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOURNEY_DATABASE_URL", f"sqlite:///{tmp_path / 'own.db'}")

    assert run(["db", "upgrade", "--home", str(tmp_path / "home"), "--json"]) == 0

    capsys.readouterr()
    assert (tmp_path / "own.db").exists()
    assert not (tmp_path / "home" / "store.db").exists()


def test_commands_on_the_store_take_the_store_of_that_home(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JOURNEY_HOME", raising=False)

    assert run(["db", "upgrade", "--home", str(tmp_path / "new"), "--json"]) == 0
    capsys.readouterr()
    assert run(["--home", str(tmp_path / "new"), "key", "create", "--json"]) == 0

    assert (tmp_path / "new" / "store.db").exists()
    assert document(capsys)["key"].startswith("jo_live_")


@pytest.mark.parametrize(
    ("words", "left", "home"),
    [
        (["list"], ["list"], None),
        (["up", "--home", "a", "--json"], ["up", "--json"], "a"),
        (["list", "--home"], ["list", "--home"], None),
        (["event", "--", "--home", "x"], ["event", "--", "--home", "x"], None),
    ],
)
def test_the_flag_is_taken_from_wherever_it_stands(words: list[str], left: list[str], home: str | None) -> None:
    assert taken(words) == (left, home)


@pytest.mark.parametrize(
    "words",
    [
        ["simulate", "none.yaml"],
        ["import", "none.csv"],
        ["restore", "none.tar"],
        ["pack", "preview", "none"],
        ["pack", "apply", "none"],
        ["calendar", "check", "none.yaml"],
        ["answer", "add", "a", "--by", "li", "--file", "none.yaml"],
        ["letter", "proof", "prn_1", "none.csv"],
        ["task", "import", "none.csv"],
    ],
)
def test_a_file_that_is_not_there_is_a_usage_error_everywhere(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert run([*words, "--json"]) == 2

    assert "none" in document(capsys)["error"]["text"]
    assert api.asked == []


@pytest.mark.parametrize(
    "words",
    [
        ["pack", "show", "mars"],
        ["pack", "lint", "mars"],
        ["pack", "diff", "cn-residential", "mars"],
        ["pack", "show", "cn-residential", "--overlay", "mars"],
        ["pack", "diff", "cn-residential", "cn-residential+mars"],
    ],
)
def test_a_pack_that_is_not_there_is_not_found(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert run([*words, "--json"]) == 3

    assert document(capsys)["error"]["code"] == "no-pack"


def test_the_schema_of_packs_is_json_however_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["pack", "schema", "--json"]) == 0
    told = document(capsys)
    assert run(["pack", "schema"]) == 0

    assert document(capsys) == told


def test_a_case_is_shown_and_moved_by_its_id_alone(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.answers["GET /v1/cases/evt_9"] = (200, CASE)
    api.answers["POST /v1/journeys/jrn_1/events"] = (200, {"id": "e", "event": "evt_10", "verdict": "applied"})

    assert run(["case", "show", "evt_9", "--json"]) == 0
    assert document(capsys)["alias"] == "leak1"
    assert run(["case", "done", "evt_9", "--by", "wang"]) == 0

    assert api.asked[-1][2]["about"] == {"case": "evt_9"}


def test_a_case_of_a_journey_is_named_as_it_was_told(api: LoopbackApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.answers["GET /v1/cases"] = (200, {"data": [CASE], "next_cursor": None})

    assert run(["case", "show", "XN/3-1", "leak1", "--json"]) == 0
    assert document(capsys)["id"] == "evt_9"
    assert run(["case", "show", "a", "b", "c", "--json"]) == 2
    assert run(["case", "show", "leak1", "--json"]) == 3


def test_a_journey_is_started_with_its_pack_overlays_and_their_own_id(
    api: LoopbackApi, capsys: pytest.CaptureFixture[str]
) -> None:
    api.answers["POST /v1/journeys"] = (201, {"id": "jrn_1"})

    words = ["start", "--project", "XN", "--unit", "3-1", "--owner", "zw,张伟", "--pack", "cn-residential"]
    assert run([*words, "--overlay", "zhejiang", "--external-id", "crm-7", "--json"]) == 0

    body = api.asked[0][2]
    assert (body["pack"], body["overlays"], body["external_id"]) == ("cn-residential", ["zhejiang"], "crm-7")
