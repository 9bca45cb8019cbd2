"""letters."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from journey.store.types import Json, UtcDateTime

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema to this revision; there is no way back but a backup."""
    op.create_table(
        "letter_runs",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("batch_id", sa.String(length=40), nullable=True),
        sa.Column("rule", sa.String(length=80), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=True),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("missing", Json(), nullable=False),
        sa.Column("files", Json(), nullable=False),
        sa.Column("fonts", Json(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_letter_runs_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_runs")),
    )
    with op.batch_alter_table("letter_runs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_runs_project_id"), ["project_id"], unique=False)

    op.create_table(
        "letters",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("journey_id", sa.String(length=40), nullable=False),
        sa.Column("entry_key", sa.String(length=300), nullable=False),
        sa.Column("copy", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("rule", sa.String(length=80), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("first_page", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("tracking", sa.String(length=60), nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("outcome_on", sa.Date(), nullable=True),
        sa.Column("scan", sa.String(length=64), nullable=True),
        sa.Column("event_id", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["journey_id"], ["journeys.id"], name=op.f("fk_letters_journey_id_journeys")),
        sa.ForeignKeyConstraint(["run_id"], ["letter_runs.id"], name=op.f("fk_letters_run_id_letter_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
        sa.UniqueConstraint("journey_id", "entry_key", "copy", name=op.f("uq_letters_journey_id_entry_key_copy")),
        sa.UniqueConstraint("tracking", name=op.f("uq_letters_tracking")),
    )
    with op.batch_alter_table("letters", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letters_run_id"), ["run_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_letters_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_letters_run_position", ["run_id", "position"], unique=False)
