"""The doors for signed callbacks, the calls they took, and what providers told of messages."""

from sqlalchemy import Column, Index, Integer, String, Table, Text, text

from journey.store.tables.columns import PERSONAL, instant, key_column, metadata
from journey.store.types import Json

hooks = Table(
    "hooks",
    metadata,
    Column("source", String(60), primary_key=True),
    Column("kind", String(20), nullable=False),  # what is told there: receipts
    Column("dialect", String(20), nullable=False),  # in whose form and under whose signature
    Column("provider", String(40), nullable=False),  # whose ids its receipts name
    Column("url", String(500)),  # under which the provider calls, where that is signed
    Column("secrets", Json, nullable=False),  # the newest first, two at most; no list and no answer shows them
    instant("created_at"),
    instant("rotated_at", required=False),
)

hook_calls = Table(
    "hook_calls",
    metadata,
    Column("source", String(60), primary_key=True),
    Column("call", String(200), primary_key=True),  # the caller's id of it, else the hash of its body
    Column("digest", String(64), nullable=False),
    instant("received_at"),
)

_LOOKED_AT = text("look_at IS NOT NULL")
receipts = Table(
    "receipts",
    metadata,
    key_column(),
    Column("source", String(60), nullable=False),
    Column("call", String(200), nullable=False),
    Column("digest", String(64), nullable=False),  # of the whole body
    Column("provider", String(40), nullable=False),
    Column("provider_id", String(200)),
    Column("key", String(360)),
    Column("named", String(40)),  # the message, where the provider hands our id back
    Column("message_id", String(40)),  # the message that it is of, once that is known
    Column("state", String(12), nullable=False),
    Column("code", String(80)),
    Column("failure", String(12)),
    Column("channel", String(20)),
    Column("address", String(320), info=PERSONAL),  # who answered: kept while nobody is known by it
    Column("text", Text, info=PERSONAL),  # his words: kept while no event of a journey has them
    instant("at"),
    instant("received_at"),
    Column("outcome", String(12), nullable=False),  # waiting, applied, stands, test, unknown
    instant("look_at", required=False),  # real time at which one that waits is looked at again
    Column("tries", Integer, nullable=False, default=0),
    Index("ix_receipts_message_id", "message_id"),
    Index("ix_receipts_outcome_received", "outcome", "received_at"),
    Index("ix_receipts_look_at", "look_at", sqlite_where=_LOOKED_AT, postgresql_where=_LOOKED_AT),
)
