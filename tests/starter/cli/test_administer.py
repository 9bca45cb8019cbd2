"""Commands on the database itself: keys, migrations, the doctor."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from journey.store.engine import Store
from journey.store.keys import find_key
from starter.cli.app import run


@pytest.fixture
def home(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose store is at head."""
    assert sqlite_url.endswith(str(tmp_path / "store.db"))
    monkeypatch.setenv("JOURNEY_HOME", str(tmp_path))
    return tmp_path


def answer(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_an_admin_key_is_shown_once_and_opens_the_store(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["key", "create", "--admin", "--name", "first", "--json"]) == 0

    made = answer(capsys)
    with Store(f"sqlite:///{home / 'store.db'}") as store:
        known = store.read_sync(find_key, made["key"], datetime.now(UTC))
    assert known is not None
    assert (known.id, known.admin) == (made["id"], True)


def test_the_list_of_keys_never_shows_one(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["key", "create", "--json"])
    secret = answer(capsys)["key"]

    assert run(["key", "list", "--json"]) == 0

    listed = capsys.readouterr().out
    assert secret not in listed
    assert json.loads(listed)["data"][0]["scopes"] == ["read", "write"]


def test_a_revoked_key_opens_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["key", "create", "--json"])
    made = answer(capsys)

    assert run(["key", "revoke", made["id"], "--json"]) == 0

    with Store(f"sqlite:///{home / 'store.db'}") as store:
        assert store.read_sync(find_key, made["key"], datetime.now(UTC)) is None


def test_an_unknown_key_cannot_be_revoked(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["key", "revoke", "key_none", "--json"]) == 3
    assert answer(capsys)["error"]["code"] == "not-found"


def test_a_scope_that_does_not_exist_is_refused(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["key", "create", "--scope", "everything", "--json"]) == 1
    assert answer(capsys)["error"]["errors"][0]["field"] == "scopes"


def test_without_a_store_the_way_out_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JOURNEY_HOME", str(tmp_path / "none"))

    assert run(["key", "list", "--json"]) == 1
    assert answer(capsys)["error"]["code"] == "no-store"


def test_a_store_is_made_and_brought_to_head(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JOURNEY_HOME", str(tmp_path / "fresh"))

    assert run(["db", "upgrade", "--json"]) == 0
    first = answer(capsys)
    assert run(["db", "upgrade", "--json"]) == 0

    assert first["before"] is None
    assert answer(capsys)["before"] == first["after"]


def test_the_doctor_says_what_is_missing(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:9")

    assert run(["doctor", "--json"]) == 1

    findings = {each["check"]: each["state"] for each in answer(capsys)["data"]}
    assert findings["store"] == "ok"
    assert findings["email"] == "note"
    assert findings["temporal"] == "bad"
    assert findings["stuck"] == "ok"
