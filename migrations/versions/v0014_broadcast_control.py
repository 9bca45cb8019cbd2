"""Broadcasts that are paced, paused, cancelled, and let go by a second person."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from journey.store.types import Json, UtcDateTime

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema to this revision; there is no way back but a backup."""
    with op.batch_alter_table("broadcasts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("family", sa.String(length=300), nullable=True))
        batch_op.add_column(sa.Column("author", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("rate", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("next_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("orders", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("followed", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("control", Json(), nullable=True))
        batch_op.add_column(sa.Column("seen", Json(), nullable=True))
        batch_op.create_index(batch_op.f("ix_broadcasts_family"), ["family"], unique=False)
