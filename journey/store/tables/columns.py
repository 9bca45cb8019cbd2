"""Columns that many tables have."""

from typing import Final

from sqlalchemy import Column, Index, String, text

from journey.store.base import Base
from journey.store.types import UtcDateTime

metadata: Final = Base.metadata
PERSONAL: Final = {"personal": True}


def key_column() -> Column[str]:
    return Column("id", String(40), primary_key=True)


def instant(name: str, *, required: bool = True) -> Column[object]:
    return Column(name, UtcDateTime, nullable=not required)


def of_a_shared_agenda(table: str) -> Index:
    """Only rows of projects and batches: those of journeys are not written into it."""
    there = text("agenda_id IS NOT NULL")
    return Index(f"ix_{table}_agenda_id", "agenda_id", sqlite_where=there, postgresql_where=there)
