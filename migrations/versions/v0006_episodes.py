"""Who has a home and since when, households, owners who left, and persons who were merged."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from journey.store.types import Json, UtcDateTime

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Journeys that run have their home from the beginning, or from the start of the one that came after another; those that
# are closed had it until they were planned last. Of two that run on one home, which no door lets in, the first has it.
_TENURES = """
    INSERT INTO tenures (id, unit_id, journey_id, begins, ends)
    SELECT 'ten' || substr(id, 4), unit_id, id,
           CASE WHEN place = 1 THEN NULL ELSE started_at END,
           CASE WHEN closed = 1 THEN COALESCE(planned_at, started_at) ELSE NULL END
    FROM (
        SELECT id, unit_id, started_at, planned_at,
               CASE WHEN status IN ('cancelled', 'transferred', 'lost') THEN 1 ELSE 0 END AS closed,
               ROW_NUMBER() OVER (PARTITION BY unit_id ORDER BY started_at, id) AS place,
               ROW_NUMBER() OVER (
                   PARTITION BY unit_id,
                   CASE WHEN status IN ('cancelled', 'transferred', 'lost') THEN 1 ELSE 0 END
                   ORDER BY started_at, id
               ) AS of_its_kind
        FROM journeys WHERE unit_id IS NOT NULL
    ) AS homes
    WHERE closed = 1 OR of_its_kind = 1
"""


def upgrade() -> None:
    """Bring the schema to this revision; there is no way back but a backup."""
    op.create_table(
        "former_parties",
        sa.Column("episode_id", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("left_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["episode_id"], ["episodes.id"], name=op.f("fk_former_parties_episode_id_episodes")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_former_parties_person_id_persons")),
        sa.PrimaryKeyConstraint("episode_id", "person_id", name=op.f("pk_former_parties")),
    )
    with op.batch_alter_table("former_parties", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_former_parties_person_id"), ["person_id"], unique=False)

    op.create_table(
        "tenures",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("unit_id", sa.String(length=40), nullable=False),
        sa.Column("journey_id", sa.String(length=40), nullable=False),
        sa.Column("begins", UtcDateTime(), nullable=True),
        sa.Column("ends", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["journey_id"], ["journeys.id"], name=op.f("fk_tenures_journey_id_journeys")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_tenures_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenures")),
    )
    with op.batch_alter_table("tenures", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tenures_journey_id"), ["journey_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tenures_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index(
            "ux_tenures_open",
            ["unit_id"],
            unique=True,
            sqlite_where=sa.text("ends IS NULL"),
            postgresql_where=sa.text("ends IS NULL"),
        )

    with op.batch_alter_table("episodes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("household_id", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("founders", Json(), nullable=True))

    with op.batch_alter_table("persons", schema=None) as batch_op:
        batch_op.add_column(sa.Column("merged_into", sa.String(length=40), nullable=True))
        batch_op.create_index(batch_op.f("ix_persons_merged_into"), ["merged_into"], unique=False)

    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index(
            "ix_events_parked",
            ["type"],
            unique=False,
            sqlite_where=sa.text("verdict = 'parked'"),
            postgresql_where=sa.text("verdict = 'parked'"),
        )

    op.execute(_TENURES)
