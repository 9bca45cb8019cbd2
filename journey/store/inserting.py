"""Inserting what somebody else may insert at the same moment."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Table, text
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session


def insert_new(session: Session, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert a row unless one with its key stands already, then it is left as it is; whether it was inserted."""
    return session.execute(_insert(table, session.get_bind().dialect.name), row).first() is not None


def write_alone(session: Session, table: Table) -> None:
    """Nobody else writes to a table until this transaction ends; reading goes on. For tables that are rarely written.

    Numbers of rows then become visible in their order. On SQLite every writer is alone anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE"))


@cache
def _insert(table: Table, dialect: str) -> Any:
    """Built once a table: putting a statement together costs as much as running it."""
    insert = postgres_insert if dialect == "postgresql" else sqlite_insert
    return insert(table).on_conflict_do_nothing().returning(*table.primary_key.columns)
