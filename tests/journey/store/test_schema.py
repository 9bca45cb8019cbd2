"""The version of the store's schema, on both engines."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, inspect, select

from journey.store import schema
from journey.store import tables as t
from journey.store.engine import StoreDown, database_url
from journey.store.tables import metadata
from tests import databases
from tests.journey.store.rows_0003 import CAME, LEFT, NOON, ROWS, insert_rows, read_rows


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database that nobody upgraded, once on each engine."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'old.db'}"
        return
    with databases.database(request.getfixturevalue("postgres_server")) as url:
        yield url


def test_an_upgraded_database_is_current_and_another_upgrade_changes_nothing(store_url: str) -> None:
    before = schema.current(store_url)

    schema.upgrade(store_url)

    assert schema.is_current(store_url)
    assert schema.current(store_url) == before == schema.head()


def test_the_tables_and_the_migrations_say_the_same(store_url: str) -> None:
    assert schema.drift(store_url, metadata) == []


def test_rows_of_an_old_store_live_on_with_agendas_and_tenures_of_their_own(empty_url: str) -> None:
    schema.upgrade(empty_url, "0003")
    engine = create_engine(database_url(empty_url), poolclass=NullPool)
    with engine.begin() as connection:
        insert_rows(connection)
    before = datetime.now(UTC)

    schema.upgrade(empty_url)

    assert schema.is_current(empty_url)
    assert schema.drift(empty_url, metadata) == []
    with engine.connect() as connection:
        agendas = connection.execute(select(t.shared_agendas).order_by(t.shared_agendas.c.kind)).all()
        tenures = connection.execute(select(t.tenures).order_by(t.tenures.c.id)).all()
        assert read_rows(connection) == ROWS
    assert [(one.id, one.kind, one.project_id, one.batch_id, one.stage, one.status) for one in agendas] == [
        ("bat_1", "batch", "prj_1", "bat_1", "preparing", "active"),
        ("prj_1", "project", "prj_1", None, "planned", "active"),
    ]
    # From the upgrade on; stale, so that the sweeper starts them.
    assert all(before <= one.started_at <= datetime.now(UTC) for one in agendas)
    assert all(one.stale_since == datetime(1970, 1, 1, tzinfo=UTC) and not one.over for one in agendas)
    assert [(one.id, one.unit_id, one.journey_id, one.begins, one.ends) for one in tenures] == [
        ("ten_1", "unt_1", "jrn_1", None, LEFT),
        ("ten_2", "unt_1", "jrn_2", CAME, None),
        ("ten_4", "unt_2", "jrn_4", None, NOON),  # never planned
    ]


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
