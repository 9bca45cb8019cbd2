"""Published packs and calendars, kept for ever."""

from sqlalchemy import Column, Date, Integer, String, Table, UniqueConstraint

from journey.store.tables.columns import instant, metadata
from journey.store.types import Json

packs = Table(
    "packs",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("name", String(200), nullable=False),  # pack, with its overlays: cn-residential+zhejiang
    Column("hash", String(64), nullable=False),
    Column("effective_from", Date, nullable=False),
    Column("document", Json, nullable=False),
    instant("published_at"),
    UniqueConstraint("name", "hash"),
)

calendars = Table(
    "calendars",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("country", String(20), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("document", Json, nullable=False),
    instant("published_at"),
    UniqueConstraint("country", "hash"),
)
