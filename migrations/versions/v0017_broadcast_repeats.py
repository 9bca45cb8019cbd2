"""A broadcast's message that did not arrive goes to its recipient once more by another channel."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from journey.store.types import Json

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema to this revision; there is no way back but a backup."""
    with op.batch_alter_table("broadcast_recipients", schema=None) as batch_op:
        batch_op.add_column(sa.Column("again", Json(), nullable=True))
