"""The version of the store's schema, on both engines."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from journey.store import schema
from journey.store.engine import StoreDown, database_url
from journey.store.tables import metadata


def test_an_upgraded_database_is_current_and_another_upgrade_changes_nothing(store_url: str) -> None:
    before = schema.current(store_url)

    schema.upgrade(store_url)

    assert schema.is_current(store_url)
    assert schema.current(store_url) == before == schema.head()


def test_the_tables_and_the_migrations_say_the_same(store_url: str) -> None:
    assert schema.drift(store_url, metadata) == []


def test_processes_that_upgrade_at_once_wait_for_each_other(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"

    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(schema.upgrade, url) for _ in range(4)]:
            done.result()

    assert schema.is_current(url)


def test_a_database_that_nobody_upgraded_has_no_version(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"

    assert schema.current(url) is None
    assert not inspect(create_engine(database_url(url))).get_table_names()


def test_a_database_that_is_away_cannot_be_upgraded() -> None:
    with pytest.raises(StoreDown):
        schema.upgrade("sqlite:////nowhere/at/all/store.db")


def test_missing_migrations_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "_MIGRATIONS", tmp_path / "migrations")

    with pytest.raises(schema.MigrationsMissing, match="No migrations at"):
        schema.upgrade(f"sqlite:///{tmp_path / 'new.db'}")
