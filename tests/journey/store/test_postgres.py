"""What the store does on PostgreSQL to spare ways there and back, and what it must not lose by it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, event, insert, select, text
from sqlalchemy.orm import Session

from journey.store import postgres
from journey.store.engine import Store
from journey.store.tables import projects
from tests.databases import administer

pytestmark = pytest.mark.postgres
PROJECT = {
    "id": "prj_1", "code": "XN", "name": "香年", "city": "成都", "zone": "Asia/Shanghai", "pack": "cn-residential",
    "overlays": [], "posts": {}, "created_at": datetime(2026, 3, 1, tzinfo=UTC),
}  # fmt: skip


@pytest.fixture
def store_postgres(postgres_url: str) -> Iterator[Store]:
    """A store at head without rows."""
    with Store(postgres_url) as opened:
        yield opened


@pytest.fixture
def ended(store_postgres: Store) -> Iterator[list[str]]:
    """How each transaction ends: `commit` or `rollback`."""
    endings: list[str] = []
    listeners = {how: (lambda _, how=how: endings.append(how)) for how in ("commit", "rollback")}
    for how, listener in listeners.items():
        event.listen(Engine, how, listener)
    yield endings
    for how, listener in listeners.items():
        event.remove(Engine, how, listener)


def look(session: Session) -> Any:
    return session.execute(select(projects.c.code).with_for_update()).scalars().all()


async def test_a_transaction_that_only_looked_is_not_committed(store_postgres: Store, ended: list[str]) -> None:
    await store_postgres.write(look)

    assert ended == ["rollback"]


async def test_what_was_written_is_committed_however_it_was_told(store_postgres: Store, ended: list[str]) -> None:
    def inserted(session: Session) -> None:
        session.execute(insert(projects), PROJECT)

    def in_plain_sql(session: Session) -> None:
        session.execute(text("UPDATE projects SET name = 'B'"))

    await store_postgres.write(inserted)
    await store_postgres.write(in_plain_sql)
    await store_postgres.write(look)

    assert ended == ["commit", "commit", "rollback"]
    assert await store_postgres.read(lambda session: session.scalar(select(projects.c.name))) == "B"


async def test_a_connection_that_was_cut_while_it_lay_idle_is_replaced_without_a_word(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_PROVED_FOR", 0.0)
    with Store(postgres_url, pool_size=1) as store:
        held = await store.read(lambda session: session.scalar(text("SELECT pg_backend_pid()")))
        administer(postgres_url, f"SELECT pg_terminate_backend({held})")

        assert await store.read(lambda session: session.scalar(text("SELECT pg_backend_pid()"))) != held


async def test_the_columns_of_a_plain_statement_are_known_by_name(store_postgres: Store) -> None:
    found = await store_postgres.read(lambda session: session.execute(text("SELECT 1 AS one, 'x' AS letter")).one())

    assert found._asdict() == {"one": 1, "letter": "x"}
