"""The store's doors: functions of a Session, each run in one transaction in a thread (kernel §9)."""

import asyncio
import contextvars
import random
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Concatenate, Final, ParamSpec, Self, TypeVar

from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from journey.store.failures import BadStoreUrl, StoreDown, StoreFull, is_busy, store_error
from journey.store.postgres import postgres_engine
from journey.store.types import dumps, loads
from journey.store.writes import READING, notice_writes, refuse_writes, wrote

__all__ = ["Store", "StoreDown", "StoreFull", "database_url"]

P = ParamSpec("P")
R = TypeVar("R")

_RETRIES: Final = 3
_RETRY_PAUSE: Final = 0.02  # seconds, times the attempt, jittered
_COMMIT_PAUSE: Final = 0.002  # seconds between two commits, so that other processes find SQLite's lock free
_SQLITE_READERS: Final = 4
_POSTGRES_WRITERS: Final = 4  # more only take the interpreter from each other: ten judged a tenth fewer events a second
_SQLITE_PRAGMAS: Final = ("busy_timeout=5000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")


class Store:
    """One database, `sqlite:///path` or `postgresql+psycopg://…` (`postgresql://` and `postgres://` mean the same).

    `write` and `read` run `fn(session, *args)` in one transaction of a thread; `write` commits. `fn` must be safe
    to run again: a transaction that loses against another one is repeated up to three times. `read` refuses changes
    with a RuntimeError. A transaction that wrote nothing is rolled back: a commit of PostgreSQL waits for the disk to
    keep even a lock.
    Both raise StoreDown when the database is away and StoreFull when its disk is full. Cancelling the awaiting task
    lets a running transaction end by itself; one that has not begun never runs.
    """

    def __init__(self, url: str, *, pool_size: int = 10, commit_pause: float = _COMMIT_PAUSE) -> None:
        parsed = database_url(url)
        self.url = url
        self.dialect: str = parsed.get_backend_name()
        self._is_sqlite = self.dialect == "sqlite"
        self._commit_pause = commit_pause
        self._last_commit = 0.0
        if self._is_sqlite:
            self._write_engine = _sqlite_engine(parsed, begin="BEGIN IMMEDIATE", threads=1)
            self._read_engine = _sqlite_engine(parsed, begin="BEGIN", threads=_SQLITE_READERS)
            self._writer = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
            self._reader = ThreadPoolExecutor(_SQLITE_READERS, thread_name_prefix="store-reader")
        else:
            self._write_engine = self._read_engine = postgres_engine(parsed, pool_size)
            notice_writes(self._write_engine)
            writers = min(pool_size, _POSTGRES_WRITERS)
            self._writer = ThreadPoolExecutor(writers, thread_name_prefix="store-writer")
            self._reader = ThreadPoolExecutor(max(pool_size - writers, 1), thread_name_prefix="store-reader")

    async def write(self, fn: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run `fn` in one transaction, commit, and return its result."""
        return await asyncio.wrap_future(self._in_writer(lambda session: fn(session, *args, **kwargs)))

    async def read(self, fn: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Return the result of `fn` on one snapshot (SQLite), or on what each question finds committed (PostgreSQL)."""
        return await asyncio.wrap_future(self._in_reader(lambda session: fn(session, *args, **kwargs)))

    def write_sync(self, fn: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Do what `write` does, for callers without an event loop; never call it inside `fn`."""
        return self._in_writer(lambda session: fn(session, *args, **kwargs)).result()

    def read_sync(self, fn: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Do what `read` does, for callers without an event loop; never call it inside `fn`."""
        return self._in_reader(lambda session: fn(session, *args, **kwargs)).result()

    async def check(self) -> None:
        """Return when the database answers, else raise StoreDown."""
        await self.read(_touch)

    def close(self) -> None:
        """Let running transactions end, drop the waiting ones, and close every connection."""
        for pool in (self._writer, self._reader):
            pool.shutdown(wait=True, cancel_futures=True)
        for engine in (self._write_engine, self._read_engine):
            engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _in_writer(self, work: Callable[[Session], R]) -> Future[R]:
        def transaction() -> R:
            self._leave_room()
            try:
                with Session(self._write_engine, expire_on_commit=False) as session, session.begin():
                    result = work(session)
                    if not self._is_sqlite and not wrote(session):
                        session.rollback()
                    return result
            finally:
                self._last_commit = time.monotonic()

        # The caller's context goes along, so that log lines in the thread name the workflow too.
        return self._writer.submit(contextvars.copy_context().run, _with_retries, transaction)

    def _in_reader(self, work: Callable[[Session], R]) -> Future[R]:
        def transaction() -> R:
            with Session(self._read_engine, expire_on_commit=False) as session:
                if not self._is_sqlite:
                    session.connection(execution_options=READING)
                return work(session)

        return self._reader.submit(contextvars.copy_context().run, _with_retries, transaction)

    def _leave_room(self) -> None:
        # Paid by the next writer only when it follows at once; the caller before it has its answer already.
        if self._is_sqlite:
            rest = self._last_commit + self._commit_pause - time.monotonic()
            if rest > 0:
                time.sleep(rest)


def database_url(url: str) -> URL:
    """Parse a store's URL and name its driver; BadStoreUrl for any other database or one in memory."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:  # never repeated: it may hold a password
        raise BadStoreUrl(
            "JOURNEY_DATABASE_URL:数据库地址无法识别,须为 SQLite 或 PostgreSQL 的地址 / "
            "JOURNEY_DATABASE_URL: the address of the store cannot be read; it must be one of SQLite or PostgreSQL"
        ) from error
    if parsed.drivername in {"postgres", "postgresql", "postgresql+psycopg"}:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in {"sqlite", "sqlite+pysqlite"}:
        name = parsed.drivername
        raise BadStoreUrl(
            f"JOURNEY_DATABASE_URL:数据库须为 SQLite 或 PostgreSQL,不支持「{name}」 / "
            f"JOURNEY_DATABASE_URL: the store runs on SQLite or PostgreSQL, not on {name!r}"
        )
    if not parsed.database or parsed.database == ":memory:":
        raise BadStoreUrl(
            "JOURNEY_DATABASE_URL:SQLite 须指定文件,不能在内存中 / "
            "JOURNEY_DATABASE_URL: the store needs a SQLite file: one in memory is another database in every thread"
        )
    return parsed


def _touch(session: Session) -> None:
    # A constant would be answered by SQLite without opening the file.
    table = "sqlite_master" if session.get_bind().dialect.name == "sqlite" else "pg_database"
    session.execute(text(f"SELECT 1 FROM {table} LIMIT 1"))


def _with_retries(transaction: Callable[[], R]) -> R:
    attempt = 0
    while True:
        attempt += 1
        try:
            return transaction()
        except (DBAPIError, PoolTimeout) as error:
            if attempt > _RETRIES or not is_busy(error):
                if plain := store_error(error):
                    raise plain from error
                raise
        time.sleep(attempt * _RETRY_PAUSE * random.uniform(0.5, 1.5))


def _sqlite_engine(url: URL, *, begin: str, threads: int) -> Engine:
    engine = create_engine(
        url, pool_size=threads, max_overflow=0, json_serializer=dumps, json_deserializer=loads, hide_parameters=True
    )

    def prepare(connection: Any, _: object) -> None:
        # The driver's own transactions begin too late: they lose updates without an error.
        connection.isolation_level = None
        for pragma in _SQLITE_PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        if begin == "BEGIN":
            connection.execute("PRAGMA query_only=ON")

    if begin == "BEGIN":
        refuse_writes(engine)
    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine
