"""Texts that lie in the inboxes of owners."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema to this revision; there is no way back but a backup."""
    op.create_table(
        "inbox_texts",
        sa.Column("message_id", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_inbox_texts_message_id_messages")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_inbox_texts")),
    )
    with op.batch_alter_table("inbox_texts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inbox_texts_person_id"), ["person_id"], unique=False)
