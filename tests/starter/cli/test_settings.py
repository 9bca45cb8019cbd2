"""A setting that cannot be used ends every command in plain words: its variable, the rule, the exit code of usage."""

import json
from pathlib import Path

import pytest

from starter.cli.app import run

PORTS = ["--port", "0", "--temporal-port", "0", "--ui-port", "0"]
UP, API, LIST, DOCTOR, WORKER = ["up", *PORTS], ["api", "--port", "0"], ["list"], ["doctor"], ["worker"]
BROKEN = "[providers\n"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOURNEY_HOME", str(tmp_path / "home"))


@pytest.mark.parametrize("command", [UP, API, LIST, DOCTOR, WORKER], ids=lambda words: words[0])
@pytest.mark.parametrize(
    ("name", "value", "zh", "en"),
    [
        ("JOURNEY_SMTP_PORT", "abc", "必须是有限数值", "must be a finite number"),
        ("JOURNEY_SMTP_PORT", "70000", "<= 65535", "<= 65535"),
        ("JOURNEY_SMTP_TLS", "maybe", "只能取:starttls, tls, none", "must be one of: starttls, tls, none"),
        ("JOURNEY_LOG_LEVEL", "LOUD", "只能取:", "must be one of: "),
        ("JOURNEY_LOG_FORMAT", "xml", "只能取:console, json", "must be one of: console, json"),
        ("JOURNEY_STRANGERS_KEPT_DAYS", "1", ">= 4", ">= 4"),
        ("JOURNEY_POLICIES", "/no/such/folder", "没有这个文件夹", "no folder"),
    ],
)
def test_a_wrong_setting_is_named_with_its_rule(
    command: list[str], name: str, value: str, zh: str, en: str,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv(name, value)

    assert run(command) == 2

    said = capsys.readouterr()
    assert f"{name}:{zh}" in said.err or (name in said.err and zh in said.err)
    assert (said.out, "Traceback" in said.err, "pydantic" in said.err) == ("", False, False)
    if command in (LIST, DOCTOR):
        assert run([*command, "--lang", "en"]) == 2
        said = capsys.readouterr()
        assert name in said.err
        assert en in said.err


def test_the_levels_of_the_log_are_known_in_small_letters_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JOURNEY_LOG_LEVEL", "debug")

    assert run(["doctor"]) != 2
    assert "JOURNEY_LOG_LEVEL" not in capsys.readouterr().err


def test_every_wrong_setting_is_told_to_a_script_by_field_and_rule_without_its_value(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JOURNEY_SMTP_PORT", "hunter2")
    monkeypatch.setenv("JOURNEY_METRICS_PORT", "-1")

    assert run(["list", "--json"]) == 2

    out = capsys.readouterr().out
    error = json.loads(out)["error"]
    assert error["code"] == "configuration"
    assert [(one["field"], one["rule"]) for one in error["errors"]] == [
        ("JOURNEY_SMTP_PORT", "not-a-number"),
        ("JOURNEY_METRICS_PORT", "out-of-range"),
    ]
    assert "hunter2" not in out


@pytest.mark.parametrize("command", [UP, API, WORKER], ids=lambda words: words[0])
@pytest.mark.parametrize("url", ["nonsense", "mysql://u:secret@x/y", "sqlite://"])
def test_an_address_of_a_store_that_cannot_be_used_is_named_before_anything_runs(
    command: list[str], url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JOURNEY_DATABASE_URL", url)

    assert run(command) == 2

    said = capsys.readouterr().err
    assert "JOURNEY_DATABASE_URL" in said
    assert "SQLite" in said
    assert "secret" not in said


def test_the_doctor_names_the_variable_of_a_store_that_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JOURNEY_DATABASE_URL", "nonsense")

    assert run(["doctor", "--json"]) == 1

    rows = {row["check"]: row for row in json.loads(capsys.readouterr().out)["data"]}
    assert "JOURNEY_DATABASE_URL" in rows["store"]["text"]


@pytest.mark.parametrize("command", [UP, WORKER], ids=lambda words: words[0])
@pytest.mark.parametrize(("file", "rule"), [("missing.toml", "cannot be read"), ("broken.toml", "is not TOML")])
def test_a_file_of_providers_that_cannot_be_used_is_named_with_its_variable(
    command: list[str], file: str, rule: str,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    (tmp_path / "broken.toml").write_text(BROKEN, encoding="utf-8")
    monkeypatch.setenv("JOURNEY_PROVIDERS", str(tmp_path / file))

    assert run(command) == 2

    said = capsys.readouterr().err
    assert "JOURNEY_PROVIDERS" in said
    assert f"{file}: {rule}" in said


def test_the_api_says_so_in_its_log_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JOURNEY_PROVIDERS", str(tmp_path / "missing.toml"))
    monkeypatch.setenv("JOURNEY_DATABASE_URL", "nonsense")  # where it ends

    assert run(API) == 2

    said = capsys.readouterr().err
    assert "providers.unusable" in said
    assert "JOURNEY_PROVIDERS: missing.toml: cannot be read" in said
    assert "JOURNEY_DATABASE_URL" in said


def test_the_doctor_names_the_variable_of_a_file_of_providers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JOURNEY_PROVIDERS", str(tmp_path / "missing.toml"))

    assert run(["doctor", "--json"]) == 1

    texts = [row["text"] for row in json.loads(capsys.readouterr().out)["data"] if row["check"] == "providers"]
    assert texts == ["JOURNEY_PROVIDERS: missing.toml: cannot be read (FileNotFoundError)"]
