"""agenda outline."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from journey.store.types import Document

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema to this revision; there is no way back but a backup."""
    with op.batch_alter_table("agenda", schema=None) as batch_op:
        batch_op.add_column(sa.Column("outline", Document(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE agenda ALTER COLUMN document TYPE json USING document::text::json")
