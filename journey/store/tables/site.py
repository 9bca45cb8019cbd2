"""What the installation knows of itself: its Temporal, its workers, keys, who did what, what runs once."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text

from journey.store.tables.columns import instant, key_column, metadata
from journey.store.types import Json

installation = Table(
    "installation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("namespace_id", String(80)),  # the one Temporal that this store belongs to (kernel §10)
    Column("epoch", Integer, nullable=False),
    Column("digest_key", String(64), nullable=False),
    instant("created_at"),
)

epochs = Table(  # how the store came to its Temporal, row by row; never changed but for how far the return has come
    "epochs",
    metadata,
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(10), nullable=False),  # adopted, restored
    Column("namespace_id", String(80)),
    instant("at"),  # real time
    Column("journeys", Integer, nullable=False),  # how many were marked to start
    instant("bracket_from", required=False),  # what was done between these instants is not on record
    instant("bracket_to", required=False),
    instant("caught_up_at", required=False),
    Column("cursor", String(40)),
    instant("settled_at", required=False),
)

workers = Table(
    "workers",
    metadata,
    key_column(),
    Column("namespace_id", String(80), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("build", String(40), nullable=False),
    Column("rules", Integer, nullable=False),
    instant("seen_at"),  # real time
)

api_keys = Table(
    "api_keys",
    metadata,
    key_column(),
    Column("name", String(200), nullable=False),
    Column("prefix", String(20), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("admin", Boolean, nullable=False),
    Column("scopes", Json, nullable=False),
    instant("created_at"),
    instant("expires_at", required=False),
    instant("revoked_at", required=False),
    instant("last_used_at", required=False),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("api_key_id", String(40), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("status", Integer),
    Column("headers", Json),
    Column("body", Text),
    instant("created_at"),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    instant("at"),
    Column("actor", String(200), nullable=False),
    Column("action", String(60), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("detail", Json, nullable=False),
    Index("ix_audit_subject", "subject"),
)

changes = Table(
    "changes",
    metadata,
    key_column(),
    Column("kind", String(20), nullable=False),  # pack, calendar, batch
    Column("concerns", Json, nullable=False),  # {"pack": name} | {"country": code} | {"batch": id} | {"project": id}
    instant("created_at"),
    Column("cursor", String(40)),
    Column("planned", Integer, nullable=False, default=0),
    Column("poked", Integer, nullable=False, default=0),
    instant("done_at", required=False),
    Column("superseded_by", String(40)),  # a later change of the same thing, which plans everybody with the last word
    Index("ix_changes_done", "done_at"),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("holder", String(80), nullable=False),
    instant("until"),
)
