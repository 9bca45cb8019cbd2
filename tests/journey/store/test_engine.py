"""The store's doors, on both engines."""

import asyncio
import contextvars
import sqlite3
import threading
from datetime import UTC, datetime, timedelta, timezone
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError, StatementError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from journey.store import engine
from journey.store.engine import Store, StoreDown, StoreFull, database_url
from journey.store.types import Json, UtcDateTime

WRITERS = 100
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Tables(DeclarativeBase):
    """Tables of these tests only."""


class Counter(Tables):
    """A number that a lost update would leave too small."""

    __tablename__ = "test_counter"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]


class Note(Tables):
    """An instant and a document."""

    __tablename__ = "test_note"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    body: Mapped[Any] = mapped_column(Json, nullable=True)


@pytest.fixture(autouse=True)
def tables(request: pytest.FixtureRequest) -> None:
    """Make this file's tables in whichever store the test uses."""
    for name in {"store", "store_sqlite"} & set(request.fixturenames):
        opened: Store = request.getfixturevalue(name)
        opened.write_sync(create_tables)


def create_tables(session: Session) -> None:
    Tables.metadata.create_all(session.connection())
    session.add(Counter(name="visits", value=0))


def increase(session: Session, *, by: int = 1) -> int:
    counter = session.get_one(Counter, "visits", with_for_update=True)
    counter.value += by
    session.flush()
    return counter.value


def visits(session: Session) -> int:
    return session.get_one(Counter, "visits").value


def increase_from_another_process(url: str, times: int) -> None:
    with Store(url) as store:
        for _ in range(times):
            store.write_sync(increase)


async def test_a_hundred_writers_at_once_all_succeed_and_lose_nothing(store: Store) -> None:
    results = await asyncio.gather(*(store.write(increase) for _ in range(WRITERS)))

    assert sorted(results) == list(range(1, WRITERS + 1))
    assert await store.read(visits) == WRITERS


@pytest.mark.slow
async def test_two_processes_write_one_sqlite_file_and_lose_nothing(store_sqlite: Store, sqlite_url: str) -> None:
    other = get_context("spawn").Process(target=increase_from_another_process, args=(sqlite_url, 50))

    other.start()
    await asyncio.gather(*(store_sqlite.write(increase) for _ in range(50)))
    await asyncio.to_thread(other.join)

    assert other.exitcode == 0
    assert await store_sqlite.read(visits) == 100


async def test_an_error_rolls_everything_back_and_reaches_the_caller_unchanged(store: Store) -> None:
    def fail(session: Session) -> None:
        increase(session)
        raise LookupError("no such home")

    with pytest.raises(LookupError, match="no such home"):
        await store.write(fail)

    assert await store.read(visits) == 0


async def test_a_broken_rule_of_the_schema_is_not_taken_for_a_database_that_is_down(store: Store) -> None:
    def insert_twice(session: Session) -> None:
        session.execute(text("INSERT INTO test_counter VALUES ('visits', 1)"))

    with pytest.raises(IntegrityError):
        await store.write(insert_twice)
    with pytest.raises((OperationalError, ProgrammingError), match="test_nowhere"):
        await store.read(lambda session: session.execute(text("SELECT 1 FROM test_nowhere")))


async def test_a_read_cannot_change_anything(store: Store) -> None:
    with pytest.raises(RuntimeError, match="read-only"):  # a mistake of ours: the store is not down
        await store.read(increase)

    assert await store.read(visits) == 0


@pytest.mark.postgres
async def test_a_connection_that_was_read_from_can_be_written_to_again(postgres_url: str) -> None:
    with Store(postgres_url, pool_size=1) as store:
        await store.write(create_tables)
        await store.read(visits)

        assert await store.write(increase) == 1


async def test_a_write_that_waits_its_turn_can_be_cancelled_and_never_runs(store_sqlite: Store) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def hold(session: Session) -> None:
        begun.set()
        go_on.wait(10)

    running = asyncio.create_task(store_sqlite.write(hold))
    await asyncio.to_thread(begun.wait, 10)
    waiting = asyncio.create_task(store_sqlite.write(increase))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    go_on.set()
    await running

    assert await store_sqlite.write(increase) == 1


async def test_what_a_write_returned_can_be_read_after_its_transaction(store: Store) -> None:
    def insert(session: Session) -> Note:
        note = Note(id=1, at=NOON, body=None)
        session.add(note)
        return note

    note = await store.write(insert)

    assert (note.id, note.at) == (1, NOON)


def test_callers_without_a_loop_use_the_same_transactions(store: Store) -> None:
    assert store.write_sync(increase, by=3) == 3
    assert store.read_sync(visits) == 3


async def test_an_awaiting_task_that_is_cancelled_leaves_its_running_transaction_whole(store: Store) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(session: Session) -> None:
        increase(session)
        begun.set()
        go_on.wait(10)
        increase(session)

    task = asyncio.create_task(store.write(slow))
    await asyncio.to_thread(begun.wait, 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()

    assert await store.write(increase) == 3


async def test_the_thread_sees_the_context_of_its_caller(store: Store) -> None:
    journey: contextvars.ContextVar[str] = contextvars.ContextVar("journey")
    journey.set("jrn_1")

    assert await store.read(lambda _: journey.get()) == "jrn_1"


async def test_a_transaction_that_meets_a_lock_is_tried_again(store_sqlite: Store) -> None:
    attempts = []

    def busy_once(session: Session) -> int:
        attempts.append(1)
        if len(attempts) == 1:
            locked = sqlite3.OperationalError("database is locked")
            locked.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise OperationalError("BEGIN IMMEDIATE", {}, locked)
        return increase(session)

    assert await store_sqlite.write(busy_once) == 1
    assert len(attempts) == 2


@pytest.mark.postgres
async def test_a_deadlock_is_tried_again_until_both_transactions_are_done(postgres_url: str) -> None:
    both_hold_one = threading.Barrier(2, timeout=10)
    waited = set()

    def both(session: Session, first: str, second: str) -> None:
        session.get_one(Counter, first, with_for_update=True).value += 1
        if first not in waited:
            waited.add(first)
            both_hold_one.wait()
        session.get_one(Counter, second, with_for_update=True).value += 1

    with Store(postgres_url) as store:
        await store.write(create_tables)
        await store.write(lambda session: session.add(Counter(name="calls", value=0)))
        await asyncio.gather(store.write(both, "visits", "calls"), store.write(both, "calls", "visits"))

        assert await store.read(lambda session: list(session.scalars(select(Counter.value)))) == [2, 2]


@pytest.mark.parametrize("url", ["sqlite:////nowhere/at/all/store.db", "postgresql://nobody@127.0.0.1:1/none"])
async def test_a_database_that_is_away_is_the_stores_own_error(url: str) -> None:
    with Store(url) as store:
        with pytest.raises(StoreDown, match="The store is down"):
            await store.check()
        with pytest.raises(StoreDown):
            await store.write(increase)


@pytest.mark.postgres
async def test_a_connection_lost_in_the_middle_is_down_once_and_then_replaced(postgres_url: str) -> None:
    def cut(session: Session) -> None:
        session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with Store(postgres_url, pool_size=1) as store:
        with pytest.raises(StoreDown):
            await store.write(cut)

        await store.check()


async def test_a_full_disk_says_so(store_sqlite: Store) -> None:
    def fill(session: Session) -> None:
        session.execute(text("PRAGMA max_page_count=1"))
        for number in range(1000):
            session.add(Note(id=number, at=NOON, body="x" * 4000))
        session.flush()

    with pytest.raises(StoreFull, match="disk is full"):
        await store_sqlite.write(fill)


async def test_instants_come_back_in_utc_to_the_microsecond(store: Store) -> None:
    told = datetime(2026, 3, 1, 20, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))

    await store.write(lambda session: session.add_all([Note(id=1, at=told), Note(id=2, at=None)]))
    kept = await store.read(lambda session: list(session.scalars(select(Note.at).order_by(Note.id))))

    assert kept == [told, None]
    assert kept[0] is not None
    assert kept[0].tzinfo is UTC or kept[0].utcoffset() == timedelta(0)


async def test_instants_sort_and_compare_across_zones_and_before_1970(store: Store) -> None:
    shanghai = timezone(timedelta(hours=8))
    instants = [NOON, NOON.replace(tzinfo=shanghai), NOON + timedelta(microseconds=1), datetime(1955, 7, 1, tzinfo=UTC)]

    await store.write(lambda s: s.add_all([Note(id=number, at=at) for number, at in enumerate(instants)]))
    ordered = await store.read(lambda s: list(s.scalars(select(Note.at).order_by(Note.at))))
    before = await store.read(lambda s: s.scalar(select(func.count()).where(Note.at < NOON)))
    latest = await store.read(lambda s: s.scalar(select(func.max(Note.at))))

    assert ordered == sorted(instants)
    assert before == 2
    assert latest == NOON + timedelta(microseconds=1)


async def test_an_instant_without_a_zone_is_refused(store: Store) -> None:
    naive = NOON.replace(tzinfo=None)

    with pytest.raises(StatementError, match="needs a time zone"):
        await store.write(lambda session: session.add(Note(id=1, at=naive)))


async def test_a_document_comes_back_equal_and_its_fields_can_be_asked_for(store: Store) -> None:
    body = {"name": "张伟", "tags": ["vip", None], "deep": {"n": 1.5, "yes": True}}

    await store.write(lambda s: s.add_all([Note(id=1, at=NOON, body=body), Note(id=2, at=NOON, body=None)]))
    kept = await store.read(lambda s: s.scalar(select(Note.body).where(Note.body["name"].as_string() == "张伟")))
    empty = await store.read(lambda s: s.scalar(select(Note.id).where(Note.body.is_(None))))

    assert kept == body
    assert empty == 2


async def test_sqlite_is_durable_and_keeps_foreign_keys(
    sqlite_url: str, durable_pragmas: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_SQLITE_PRAGMAS", durable_pragmas)

    def pragma(session: Session, name: str) -> Any:
        return session.execute(text(f"PRAGMA {name}")).scalar()

    with Store(sqlite_url) as store:
        kept = [
            await store.write(pragma, name) for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        ]

    assert kept == ["wal", 2, 5000, 1]


def test_the_usual_spellings_of_postgresql_mean_the_same() -> None:
    spellings = ["postgres://u:p@h/d", "postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"]

    assert {database_url(url).drivername for url in spellings} == {"postgresql+psycopg"}


@pytest.mark.parametrize("url", ["mysql://h/d", "sqlite://", "sqlite:///:memory:"])
def test_other_databases_are_refused_at_once(url: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JOURNEY_DATABASE_URL: the store"):
        Store(url)
