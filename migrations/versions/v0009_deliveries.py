"""Who took a message, what it cost, when it arrived, was read and answered."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from journey.store.types import UtcDateTime

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema to this revision; there is no way back but a backup."""
    with op.batch_alter_table("messages", schema=None) as batch_op:
        for name in ("delivered_at", "read_at", "replied_at"):
            batch_op.add_column(sa.Column(name, UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("provider", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("segments", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("cost", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("currency", sa.String(length=3), nullable=True))
        batch_op.create_index("ix_messages_provider_id", ["provider", "provider_id"], unique=False)
