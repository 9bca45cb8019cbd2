"""Letters as they were printed: each print run, and what became of every letter of it."""

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, String, Table, UniqueConstraint

from journey.store.tables.columns import PERSONAL, instant, key_column, metadata
from journey.store.types import Json

letter_runs = Table(
    "letter_runs",
    metadata,
    key_column(),
    Column("project_id", ForeignKey("projects.id"), nullable=False, index=True),
    Column("batch_id", String(40)),  # None: the whole project
    Column("rule", String(80)),  # None: every kind of letter
    instant("at"),
    Column("actor", String(200), nullable=False),
    Column("reason", String(400), info=PERSONAL),  # why letters were printed again, in somebody's words
    Column("letters", Integer, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("missing", Json, nullable=False),  # [{journey, key, person}]: no postal address, so no letter
    Column("files", Json, nullable=False),  # {pdf | xlsx | csv: hash in the evidence folder}
    Column("fonts", Json, nullable=False),  # what the letters were set in
)

letters = Table(
    "letters",
    metadata,
    key_column(),  # the reference
    Column("run_id", ForeignKey("letter_runs.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),  # in the run, from 1
    Column("journey_id", ForeignKey("journeys.id"), nullable=False),
    Column("entry_key", String(300), nullable=False),
    Column("copy", Integer, nullable=False),  # 0, and one more each time that it is printed again
    Column("person_id", String(40), nullable=False, index=True),
    Column("rule", String(80), nullable=False),
    Column("language", String(8), nullable=False),
    Column("first_page", Integer, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("tracking", String(60), unique=True),
    Column("outcome", String(12)),  # ems, signed, courier, returned: as the file of proofs said
    Column("outcome_on", Date),
    Column("scan", String(64)),  # hash in the evidence folder
    Column("event_id", String(40)),  # the fact that it became
    UniqueConstraint("journey_id", "entry_key", "copy"),
    Index("ix_letters_run_position", "run_id", "position"),
)
