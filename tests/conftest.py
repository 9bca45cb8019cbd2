"""Databases for tests: SQLite files and, from a private server, PostgreSQL; both copied from a migrated template."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from journey import publishing
from journey.adapters.wiring import Policy, load_policies
from journey.settings import Settings
from journey.store import schema
from journey.store.engine import Store, database_url
from tests import databases

POLICIES = Path(__file__).parents[1] / "policies"


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
