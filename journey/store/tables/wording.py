"""What was said of texts and answers: who approved which, and test sends. Rows of the first two are only added."""

from sqlalchemy import Column, Index, Integer, String, Table, Text

from journey.store.tables.columns import PERSONAL, instant, key_column, metadata
from journey.store.types import Json

template_approvals = Table(
    "template_approvals",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("template", String(100), nullable=False),  # with the channel of its variant
    Column("language", String(8), nullable=False),
    Column("text_hash", String(64), nullable=False),
    Column("party", String(40), nullable=False),  # legal, marketing, or a provider
    Column("state", String(12), nullable=False),  # draft, submitted, approved, rejected
    Column("by", String(200), nullable=False),
    Column("actor", String(200), nullable=False),  # the API key
    instant("at"),
    Column("reason", Text),
    Column("sign", String(40), nullable=False, default=""),
    Column("code", String(100), nullable=False, default=""),
    Column("params", Json, nullable=False),
    Index("ix_template_approvals_template", "template"),
)

answer_versions = Table(
    "answer_versions",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("answer", String(100), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("state", String(12), nullable=False),  # draft, approved, retired
    Column("party", String(40)),  # whose approval the row is
    Column("document", Json, nullable=False),
    Column("by", String(200), nullable=False),
    Column("actor", String(200), nullable=False),
    instant("at"),
    Column("reason", Text),
)

template_tests = Table(
    "template_tests",
    metadata,
    key_column(),
    Column("template", String(100), nullable=False),
    Column("language", String(8), nullable=False),
    Column("text_hash", String(64), nullable=False),
    Column("pack_hash", String(64), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("content", Json, nullable=False),  # subject and body for an owner that does not exist, as providers know it
    Column("address", String(320), info=PERSONAL),  # of the operator; gone once the test has ended
    Column("shown_address", String(320), nullable=False),  # masked
    Column("state", String(12), nullable=False),  # waiting, reserved, then as the provider said
    Column("by", String(200), nullable=False),
    instant("at"),
    instant("ended_at", required=False),
    Column("provider", String(40)),
    Column("provider_id", String(200)),
    Column("segments", Integer),
    Column("reason", Json),
)
