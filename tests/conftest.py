"""The log, and databases for tests: SQLite files and, from a private server, PostgreSQL, copied from a migrated one."""

import io
import logging
import os
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine, create_engine
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite as SQLiteDialect
from sqlalchemy.util import LRUCache

from journey import publishing
from journey.adapters.wiring import Policy, calendar_for, load_policies
from journey.domain.calendar import WorkCalendar
from journey.observability import configure
from journey.settings import Settings
from journey.store import engine, schema
from journey.store.engine import Store, database_url
from tests import databases

# Speed is for the benchmarks: a busy machine fails no example. What the machine's own profile says otherwise stays.
# The same examples every time, so that a change fails only for what it changed; `make explore` tries others.
settings.register_profile(
    "unhurried", settings.get_profile(settings.get_current_profile_name()), deadline=None,
    suppress_health_check=[HealthCheck.too_slow], derandomize="EXPLORE" not in os.environ,
)  # fmt: skip
settings.load_profile("unhurried")
POLICIES = Path(__file__).parents[1] / "policies"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--store postgres`: the suites of the kernel run on PostgreSQL; SQLite without it."""
    parser.addoption("--store", choices=("sqlite", "postgres"), default="sqlite", help="where the kernel's suites run")


@pytest.fixture(scope="session", autouse=True)
def durable_pragmas() -> Iterator[tuple[str, ...]]:
    """SQLite's settings as they are outside tests, where nothing waits for the disk: no test cuts the power."""
    durable = engine._SQLITE_PRAGMAS
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_SQLITE_PRAGMAS", (*durable, "synchronous=OFF"))
        yield durable


@pytest.fixture(scope="session", autouse=True)
def _built_in_policies_are_read_once() -> Iterator[None]:
    """Hundreds of engines publish the repository's packs and calendars; reading them takes a tenth of a second."""
    built_in, calendar = load_policies(Settings()), cache(lambda country: calendar_for(Settings(), country))

    def load(settings: Settings) -> list[Policy]:
        return load_policies(settings) if settings.policies else list(built_in)

    def load_calendar(settings: Settings, country: str) -> WorkCalendar:
        return calendar_for(settings, country) if settings.policies else calendar(country)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publishing, "load_policies", load)
        patch.setattr(publishing, "calendar_for", load_calendar)
        yield


@pytest.fixture(scope="session", autouse=True)
def _statements_are_compiled_once() -> Iterator[None]:
    """Thousands of tests open a store of their own, whose engine would compile every statement anew.

    Two dialects of SQLite compile alike: the engines share what they compiled.
    """
    compiled: LRUCache[Any, Any] = LRUCache(5_000)

    def create(*given: Any, **more: Any) -> Engine:
        made = create_engine(*given, **more)
        made._compiled_cache = compiled
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SQLiteDialect, "__eq__", lambda one, other: type(one) is type(other))
        patch.setattr(SQLiteDialect, "__hash__", lambda one: hash(type(one)))
        patch.setattr(engine, "create_engine", create)
        yield


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What this process logs during the test, as JSON lines, whatever a test before it set up."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure(Settings(log_format="json"), stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file at head, without rows."""
    path = tmp_path_factory.mktemp("template") / "store.db"
    schema.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """The URL of a fresh SQLite file at head."""
    path = tmp_path / "store.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a server on which databases may be made: TEST_PG_URL, else a private one for this run."""
    with databases.postgres_server(durable=False) as url:
        yield url


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> Iterator[str]:
    """The name of a database at head, without rows, that others are copied from."""
    with databases.database(postgres_server) as url:
        schema.upgrade(url)
        yield str(database_url(url).database)


@pytest.fixture
def postgres_url(postgres_server: str, postgres_template: str) -> Iterator[str]:
    """The URL of a fresh PostgreSQL database at head."""
    with databases.database(postgres_server, postgres_template) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest) -> str:
    """The URL of a fresh database at head, once on each engine."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A store at head without rows, once on each engine."""
    with Store(store_url) as opened:
        yield opened


@pytest.fixture
def kernel_url(request: pytest.FixtureRequest) -> str:
    """The URL of a fresh database at head on the engine that `--store` names."""
    url: str = request.getfixturevalue(f"{request.config.getoption('--store')}_url")
    return url


@pytest.fixture
def kernel_store(kernel_url: str) -> Iterator[Store]:
    """A store at head without rows, on the engine that `--store` names: what the kernel's suites run on."""
    with Store(kernel_url) as opened:
        yield opened


@pytest.fixture
def store_sqlite(sqlite_url: str) -> Iterator[Store]:
    """A store at head without rows, on SQLite only."""
    with Store(sqlite_url) as opened:
        yield opened
