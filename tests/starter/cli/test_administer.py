"""Commands on the database itself: keys, migrations, the doctor."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import reportlab
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from journey.adapters.printing import fonts
from journey.adapters.printing.fonts import FontError
from journey.settings import Settings
from journey.store.engine import Store
from journey.store.keys import find_key
from journey.store.tables import entries, events, journeys
from starter.cli.app import run
from starter.cli.doctor_fonts import font_finding
from tests.journey.store.seeds import seed_work


@pytest.fixture
def home(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose store is at head."""
    assert sqlite_url.endswith(str(tmp_path / "store.db"))
    monkeypatch.setenv("JOURNEY_HOME", str(tmp_path))
    return tmp_path


def add_event(session: Session, row: dict[str, Any]) -> None:
    session.execute(insert(events).values(**row))


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


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("foo://x", ("不支持「foo」", "not on 'foo'")),
        ("sqlite://", ("须指定文件", "needs a SQLite file")),
        ("secret", ("无法识别", "cannot be read")),
        ("postgresql://u:secret@host:port/db", ("无法识别", "cannot be read")),
    ],
)
@pytest.mark.parametrize("command", [["db", "upgrade"], ["key", "list"]])
def test_a_database_that_the_store_does_not_run_on_is_a_configuration_at_fault(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
    url: str,
    words: tuple[str, str],
) -> None:
    monkeypatch.setenv("JOURNEY_DATABASE_URL", url)

    assert run([*command, "--json"]) == 2

    error = answer(capsys)["error"]
    assert error["code"] == "configuration"
    assert all(each in error["text"] for each in words)
    assert "secret" not in error["text"]


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


def test_the_doctor_names_the_font_of_letters_and_says_when_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "FOLDERS", (str(tmp_path),))
    none = font_finding(Settings(home=tmp_path))
    meant = font_finding(Settings(home=tmp_path, letter_font="none"))
    latin = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"

    assert (none.check, none.state, meant.state) == ("letter-font", "note", "note")
    assert "fonts-noto-cjk" in none.en
    assert "未找到中文字体" in none.zh
    assert "settings" in meant.en
    with pytest.raises(FontError, match="no Chinese"):
        font_finding(Settings(home=tmp_path, letter_font=str(latin)))


def test_the_doctor_names_the_first_of_those_that_a_person_should_look_at(
    home: Path, store_sqlite: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:9")
    now = datetime.now(UTC)
    store_sqlite.write_sync(seed_work)
    store_sqlite.write_sync(lambda session: session.execute(update(entries).values(state="unknown", tries=5)))
    store_sqlite.write_sync(lambda session: session.execute(update(journeys).values(stale_since=now)))
    for number, days in enumerate((91, 91, 91, 91, 91, 92, 89)):
        recorded = now - timedelta(days=days)
        row = {
            "id": f"evt_p{number}", "target": "jrn_1", "journey_id": "jrn_1", "source": "t", "source_id": f"p{number}",
            "type": "keys.collected", "occurred_at": recorded, "recorded_at": recorded, "data": {}, "digest": "d",
            "verdict": "parked",
        }  # fmt: skip
        store_sqlite.write_sync(add_event, row)

    assert run(["doctor", "--json", "--lang", "en"]) == 1

    found = {each["check"]: each for each in answer(capsys)["data"]}
    assert found["parked"]["ids"] == ["evt_p5", "evt_p0", "evt_p1", "evt_p2", "evt_p3"]
    assert found["parked"]["text"].startswith("events premature for more than 90 days: 6 (evt_p5; ")
    assert found["parked"]["text"].endswith("; …)")
    assert "jrn_1" in found["stale"]["ids"]
    assert all(each.startswith("jrn_1 ") and "/" in each for each in found["unknown"]["ids"])
    assert (found["unknown"]["state"], found["stuck"]["state"]) == ("note", "bad")
    assert found["stuck"]["ids"] == found["unknown"]["ids"]
