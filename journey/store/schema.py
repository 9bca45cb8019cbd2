"""The version of a database's schema: ask for it, bring it to head, compare it with the tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, NullPool, create_engine, event, text
from sqlalchemy.exc import DBAPIError

from journey.domain.errors import JourneyError
from journey.store.engine import database_url
from journey.store.failures import store_error

_MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
_UPGRADE_LOCK = 0x4A4F55524E4559  # any number nobody else takes: "JOURNEY" in ASCII


class MigrationsMissing(JourneyError):
    """The migrations folder does not lie beside the `journey` package."""


def upgrade(url: str, to: str = "head") -> None:
    """Bring the database to head, or an older revision, in one transaction; two processes wait for each other."""
    config = _config()
    with _connection(url) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def current(url: str) -> str | None:
    """The revision of the database; None when nothing was ever upgraded."""
    with _connection(url) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str | None:
    """The newest revision that this build knows; None while there is none."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def is_known(revision: str) -> bool:
    """Whether this build knows a revision, and so can bring a database from there to head."""
    return any(each.revision == revision for each in ScriptDirectory.from_config(_config()).walk_revisions())


def is_current(url: str) -> bool:
    """Whether the database stands at head."""
    return current(url) == head()


def drift(url: str, metadata: MetaData) -> list[Any]:
    """What Alembic would change to make the database equal to the tables: empty when they agree."""
    with _connection(url) as connection:
        context = MigrationContext.configure(connection, opts={"render_as_batch": True})
        return list(compare_metadata(context, metadata))


def write_revision(url: str, message: str, metadata: MetaData) -> Path:
    """Write the next revision from what differs between the database, which stands at head, and the tables."""
    config = _config()
    number = len(list(ScriptDirectory.from_config(config).walk_revisions())) + 1
    with _connection(url) as connection:
        config.attributes |= {"connection": connection, "metadata": metadata}
        script = command.revision(config, message, autogenerate=True, rev_id=f"{number:04d}")
    if script is None or isinstance(script, list):
        raise MigrationsMissing("Alembic wrote no single revision")
    return Path(script.path)


def _config() -> Config:
    if not (_MIGRATIONS / "env.py").is_file():
        raise MigrationsMissing(
            f"No migrations at {_MIGRATIONS}: run from a checkout (`pip install -e .`) or copy the folder there"
        )
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    # A module name cannot begin with a digit.
    config.set_main_option("file_template", "v%%(rev)s_%%(slug)s")
    return config


@contextmanager
def _connection(url: str) -> Iterator[Connection]:
    engine = create_engine(database_url(url), poolclass=NullPool, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        # Foreign keys stay off, as batch migrations rebuild tables; the lock makes a second upgrade wait.
        event.listen(engine, "connect", _leave_transactions_to_us)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        if plain := store_error(error):
            raise plain from error
        raise
    finally:
        engine.dispose()


def _leave_transactions_to_us(connection: Any, _: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA busy_timeout=30000")
