"""agendas of projects and batches."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from journey.store.types import Json, UtcDateTime

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema to this revision; there is no way back but a backup."""
    op.create_table(
        "shared_agendas",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("project_id", sa.String(length=40), nullable=False),
        sa.Column("batch_id", sa.String(length=40), nullable=True),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("next_due", UtcDateTime(), nullable=True),
        sa.Column("overdue", sa.Integer(), nullable=False),
        sa.Column("wake_at", UtcDateTime(), nullable=True),
        sa.Column("planned_at", UtcDateTime(), nullable=True),
        sa.Column("stale_since", UtcDateTime(), nullable=True),
        sa.Column("stale_mark", sa.Integer(), nullable=False),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("shown_hash", sa.String(length=64), nullable=True),
        sa.Column("pack_hash", sa.String(length=64), nullable=True),
        sa.Column("calendar_hash", sa.String(length=64), nullable=True),
        sa.Column("build", sa.String(length=40), nullable=True),
        sa.Column("rules", sa.Integer(), nullable=True),
        sa.Column("poked_at", UtcDateTime(), nullable=True),
        sa.Column("pokes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_shared_agendas_batch_id_batches")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_shared_agendas_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shared_agendas")),
    )
    with op.batch_alter_table("shared_agendas", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shared_agendas_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_shared_agendas_project_id"), ["project_id"], unique=False)

    with op.batch_alter_table("batches", schema=None) as batch_op:
        batch_op.add_column(sa.Column("gates", Json(), nullable=True))

    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.add_column(sa.Column("agenda_id", sa.String(length=40), nullable=True))
        batch_op.alter_column("journey_id", existing_type=sa.VARCHAR(length=40), nullable=True)
        batch_op.create_index(
            "ix_journal_agenda_id",
            ["agenda_id"],
            unique=False,
            sqlite_where=sa.text("agenda_id IS NOT NULL"),
            postgresql_where=sa.text("agenda_id IS NOT NULL"),
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_journal_agenda_id_shared_agendas"), "shared_agendas", ["agenda_id"], ["id"]
        )

    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.add_column(sa.Column("agenda_id", sa.String(length=40), nullable=True))
        batch_op.alter_column("journey_id", existing_type=sa.VARCHAR(length=40), nullable=True)
        batch_op.create_index(
            "ix_tasks_agenda_id",
            ["agenda_id"],
            unique=False,
            sqlite_where=sa.text("agenda_id IS NOT NULL"),
            postgresql_where=sa.text("agenda_id IS NOT NULL"),
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_tasks_agenda_id_shared_agendas"), "shared_agendas", ["agenda_id"], ["id"]
        )
    _open_agendas(op.get_bind())


def _open_agendas(connection: sa.Connection) -> None:
    """Projects and batches that are there get theirs, from today on: what fell due before is history.

    The sweeper starts their workflows, whose first plan finds the mark.
    """
    agendas = sa.table(
        "shared_agendas",
        *(sa.column(name) for name in ("id", "kind", "project_id", "batch_id", "stage", "status")),
        *(sa.column(name, UtcDateTime()) for name in ("started_at", "stale_since")),
        *(sa.column(name) for name in ("overdue", "stale_mark", "over", "revision", "pokes")),
    )
    new: dict[str, Any] = {
        "status": "active", "started_at": datetime.now(UTC), "stale_since": datetime(1970, 1, 1, tzinfo=UTC),
        "overdue": 0, "stale_mark": 0, "over": False, "revision": 0, "pokes": 0,
    }  # fmt: skip
    projects = connection.execute(sa.text("SELECT id FROM projects")).scalars()
    batches = connection.execute(sa.text("SELECT id, project_id FROM batches")).all()
    rows = [
        {"id": one, "kind": "project", "project_id": one, "batch_id": None, "stage": "planned", **new}
        for one in projects
    ] + [
        {"id": row.id, "kind": "batch", "project_id": row.project_id, "batch_id": row.id, "stage": "preparing", **new}
        for row in batches
    ]
    if rows:
        connection.execute(sa.insert(agendas), rows)
