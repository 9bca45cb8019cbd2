"""`journey hook`: a source with its secret, shown once, changed without a gap."""

import json
from pathlib import Path
from typing import Any

import pytest

from journey.store.engine import Store
from journey.store.hooks import find_hook
from starter.cli.app import run


@pytest.fixture
def home(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose store is at head."""
    monkeypatch.setenv("JOURNEY_HOME", str(tmp_path))
    return tmp_path


def answer(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def secrets(home: Path, source: str) -> tuple[str, ...]:
    with Store(f"sqlite:///{home / 'store.db'}") as store:
        return store.read_sync(find_hook, source).secrets


def test_a_source_is_made_with_a_secret_that_no_list_shows(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["hook", "add", "carrier", "--kind", "receipts", "--json"]) == 0
    made = answer(capsys)
    assert run(["hook", "list", "--json"]) == 0

    listed = capsys.readouterr().out
    assert made["path"] == "/v1/hooks/carrier"
    assert made["secret"].startswith("whsec_")
    assert made["secret"] not in listed
    assert json.loads(listed)["data"][0]["secrets"] == 1


def test_two_secrets_count_while_one_is_changed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["hook", "add", "carrier", "--json"])
    made = [answer(capsys)["secret"]]
    for more in ([], [], ["--at-once"]):
        assert run(["hook", "rotate", "carrier", "--json", *more]) == 0
        made.append(answer(capsys)["secret"])
        expected = 1 if more else 2
        assert secrets(home, "carrier") == tuple(reversed(made))[:expected]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["add", "Carrier One"], 1),
        (["add", "x", "--kind", "weather"], 1),
        (["add", "x", "--form", "fax"], 1),
        (["add", "x", "--form", "twilio", "--secret", "0123456789abcdef"], 1),
        (["add", "x", "--secret", "short"], 1),
        (["rotate", "nobody"], 3),
        (["remove", "nobody"], 3),
    ],
)
def test_what_makes_no_sense_is_refused(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int
) -> None:
    assert run(["hook", *arguments, "--json"]) == code
    assert answer(capsys)["error"]["code"] in ("invalid-input", "not-found")


def test_a_source_is_made_once_and_closed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["hook", "add", "twilio", "--form", "twilio", "--url", "https://example.com/v1/hooks/twilio",
                "--secret", "0123456789abcdef"]) == 0  # fmt: skip
    assert run(["hook", "add", "twilio", "--json"]) == 5
    assert run(["hook", "remove", "twilio"]) == 0
    assert run(["hook", "remove", "twilio"]) == 3
    capsys.readouterr()


def test_the_doctor_names_a_source_whose_provider_carries_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:9")
    run(["hook", "add", "carrier", "--provider", "carier"])
    run(["hook", "add", "tests", "--provider", "simulated"])
    capsys.readouterr()

    run(["doctor", "--json"])

    found = [one for one in answer(capsys)["data"] if one["check"] == "hooks"]
    assert [(one["state"], "carier" in str(one)) for one in found] == [("bad", True)]


@pytest.mark.parametrize(
    ("arguments", "zh", "en"),
    [
        (["add", "x", "--form", "fax"], "form:只能取:standard", "form must be one of: standard"),
        (["add", "Carrier One"], "source:须为小写字母", "source must be small letters"),
        (["rotate", "nobody"], "没有这个回调来源", "there is no such hook"),
    ],
)
def test_a_refusal_names_the_option_in_the_readers_language(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], zh: str, en: str
) -> None:
    run(["hook", *arguments])
    assert zh in capsys.readouterr().err
    run(["hook", *arguments, "--lang", "en"])
    assert en in capsys.readouterr().err
