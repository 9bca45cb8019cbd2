"""forgotten persons."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from journey.store.types import UtcDateTime

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema to this revision; there is no way back but a backup."""
    with op.batch_alter_table("persons", schema=None) as batch_op:
        batch_op.add_column(sa.Column("erased_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("evidence_erased_at", UtcDateTime(), nullable=True))
