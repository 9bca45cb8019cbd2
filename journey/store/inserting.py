"""Inserting what somebody else may insert at the same moment."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session


def insert_new(session: Session, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert a row unless one with its key stands already, then it is left as it is; whether it was inserted."""
    insert = postgres_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    made = insert(table).values(**row).on_conflict_do_nothing().returning(*table.primary_key.columns)
    return session.execute(made).first() is not None
