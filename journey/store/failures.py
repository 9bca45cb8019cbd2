"""What a database's own errors mean to a caller of the store."""

import sqlite3
from typing import Final

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from journey.domain.errors import JourneyError


class StoreDown(JourneyError):
    """The database cannot be reached or written now; nothing that was asked is known to be kept."""


class StoreFull(StoreDown):
    """The database has no room left: nothing is kept until somebody frees space."""


class BadStoreUrl(JourneyError, ValueError):
    """The address of the store is none that it runs on; the text says in both languages what is wrong with it."""

    code = "configuration"


_SQLITE_BUSY: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_SQLITE_AWAY: Final = {
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_CORRUPT,
}
# Serialisation failure, deadlock, lock not available: the transaction is known to be rolled back.
_PG_BUSY: Final = {"40001", "40P01", "55P03"}
# Read-only (a primary that became a standby), too many connections, no memory, shutdown, crash, starting up.
_PG_AWAY: Final = {"25006", "53300", "53200", "57P01", "57P02", "57P03"}
_PG_FULL: Final = "53100"


def is_busy(error: Exception) -> bool:
    """Whether the transaction was rolled back only because another one stood in its way."""
    match getattr(error, "orig", None):
        case sqlite3.Error() as cause:
            return _sqlite_code(cause) in _SQLITE_BUSY
        case psycopg.Error() as cause:
            return cause.sqlstate in _PG_BUSY
    return False


def store_error(error: Exception) -> StoreDown | None:
    """The store's error for a database that is away, full or still busy; None when the statement is at fault."""
    if isinstance(error, PoolTimeout):
        return StoreDown("The store is down: no database connection became free in time")
    if not isinstance(error, DBAPIError):
        return None
    match error.orig:
        case sqlite3.Error() as cause if _sqlite_code(cause) == sqlite3.SQLITE_FULL:
            return StoreFull("The store's disk is full: nothing can be written until there is room")
        case psycopg.Error() as cause if cause.sqlstate == _PG_FULL:
            return StoreFull("The store's disk is full: nothing can be written until there is room")
    if is_busy(error):
        return StoreDown("The store is busy: other transactions kept it locked")
    return StoreDown(f"The store is down: {error.orig}") if _is_away(error) else None


def _is_away(error: DBAPIError) -> bool:
    if error.connection_invalidated:
        return True
    match error.orig:
        case sqlite3.Error() as cause:
            return _sqlite_code(cause) in _SQLITE_AWAY
        case psycopg.OperationalError() as cause:
            # A connection that was never made, or broke without a last word, has no SQLSTATE.
            return cause.sqlstate is None or cause.sqlstate[:2] == "08" or cause.sqlstate in _PG_AWAY
        case psycopg.Error() as cause:
            return cause.sqlstate in _PG_AWAY
    return False


def _sqlite_code(error: sqlite3.Error) -> int:
    # The low byte is the primary code; the rest says where it happened.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
