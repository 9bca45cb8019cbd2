"""The home of one machine: one `up` at a time, ports said plainly, a key that stays."""

import os
import socket
import stat
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from journey.store.engine import Store
from journey.store.keys import find_key, list_keys, revoke_key
from starter.up.home import CannotStart, HomeBusy, free_port, lock, open_port, prepare, write_client_file

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def test_a_new_home_is_its_owner_s_only(tmp_path: Path) -> None:
    home = tmp_path / "deep" / "home"

    prepare(home)

    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert (home / "outbox").is_dir()


def test_a_home_that_cannot_be_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(CannotStart, match="cannot write to the home"):
        prepare(tmp_path / "file" / "home")


def test_a_second_one_is_refused_with_the_first_one_s_process(tmp_path: Path) -> None:
    held = lock(tmp_path)

    with pytest.raises(HomeBusy, match=f"pid {os.getpid()}"):
        lock(tmp_path, patience=0)

    os.close(held)
    os.close(lock(tmp_path, patience=0))


def test_a_port_in_use_is_named_with_its_flag() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(CannotStart, match=f"port {port} \\(API\\) is in use.*--port"):
            open_port(port, "API", "--port")


def test_port_nought_is_any_free_one() -> None:
    assert free_port(0, "Temporal", "--temporal-port") > 1024


def test_the_key_of_a_home_is_made_once_and_used_again(store_sqlite: Store, tmp_path: Path) -> None:
    first = tomllib.loads(write_client_file(tmp_path, store_sqlite, "http://127.0.0.1:1", NOW).read_text("utf-8"))

    path = write_client_file(tmp_path, store_sqlite, "http://127.0.0.1:2", NOW)

    second = tomllib.loads(path.read_text("utf-8"))
    assert (second["url"], second["key"]) == ("http://127.0.0.1:2", first["key"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(store_sqlite.read_sync(list_keys)) == 1


def test_a_revoked_key_of_a_home_is_replaced(store_sqlite: Store, tmp_path: Path) -> None:
    path = write_client_file(tmp_path, store_sqlite, "http://127.0.0.1:1", NOW)
    key = tomllib.loads(path.read_text("utf-8"))["key"]
    found = store_sqlite.read_sync(find_key, key, NOW)
    assert found is not None
    store_sqlite.write_sync(revoke_key, found.id, NOW)

    write_client_file(tmp_path, store_sqlite, "http://127.0.0.1:1", NOW + timedelta(days=1))

    assert tomllib.loads(path.read_text("utf-8"))["key"] != key
