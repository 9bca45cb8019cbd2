"""Projects, batches, homes and the ownership episodes of each."""

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, String, Table, UniqueConstraint, text

from journey.store.tables.columns import instant, key_column, metadata
from journey.store.types import Json

projects = Table(
    "projects",
    metadata,
    key_column(),
    Column("code", String(60), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("city", String(100), nullable=False),
    Column("pack", String(60), nullable=False),
    Column("overlays", Json, nullable=False),
    Column("zone", String(60), nullable=False),
    Column("posts", Json, nullable=False),  # staffed posts: {role: [holder refs]}; empty = every post is filled
    instant("go_live_at", required=False),
    Column("milestones", Json),  # [{milestone, on, recorded_at, known_at, event, scope}] folded from its events
    instant("created_at"),
)

batches = Table(
    "batches",
    metadata,
    key_column(),
    Column("project_id", ForeignKey("projects.id"), nullable=False, index=True),
    Column("code", String(60), nullable=False),
    Column("buildings", Json, nullable=False),
    Column("dates", Json, nullable=False),  # {name: {on, at, known_at, event}} folded from the project's events
    Column("gates", Json),  # {gate: {state, at, event, by}}: the last word on each, folded likewise
    UniqueConstraint("project_id", "code"),
)

units = Table(
    "units",
    metadata,
    key_column(),
    Column("project_id", ForeignKey("projects.id"), nullable=False),
    Column("code", String(60), nullable=False),
    Column("building", String(60), nullable=False),
    Column("batch_id", ForeignKey("batches.id"), index=True),
    UniqueConstraint("project_id", "code"),
)

episodes = Table(
    "episodes",
    metadata,
    key_column(),
    Column("unit_id", ForeignKey("units.id"), index=True),  # the home it began with; the journey has the present one
    Column("kind", String(20), nullable=False),  # first-sale, or how it was taken over: resale, inheritance, …
    Column("household_id", String(40)),  # who lives together: episodes of the same owners share it
    Column("founders", Json),  # its first owners by id, once its parties changed
    instant("created_at"),
)

parties = Table(  # those who are owners now; who left stands in former_parties
    "parties",
    metadata,
    Column("episode_id", ForeignKey("episodes.id"), primary_key=True),
    Column("person_id", ForeignKey("persons.id"), primary_key=True, index=True),
    Column("position", Integer, nullable=False),  # 0 = primary contact
)

former_parties = Table(
    "former_parties",
    metadata,
    Column("episode_id", ForeignKey("episodes.id"), primary_key=True),
    Column("person_id", ForeignKey("persons.id"), primary_key=True, index=True),
    instant("left_at"),
)

tenures = Table(  # which journey has a home, and from when to when; the open one is the only one (an index of its own)
    "tenures",
    metadata,
    key_column(),
    Column("unit_id", ForeignKey("units.id"), nullable=False, index=True),
    Column("journey_id", ForeignKey("journeys.id"), nullable=False, index=True),
    instant("begins", required=False),  # business time; None = from the beginning
    instant("ends", required=False),
    Index("ux_tenures_open", "unit_id", unique=True, sqlite_where=text("ends IS NULL"),
          postgresql_where=text("ends IS NULL")),
)  # fmt: skip

warranty_items = Table(
    "warranty_items",
    metadata,
    Column("unit_id", String(40), primary_key=True),
    Column("component", String(40), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("journey_id", String(40), nullable=False),
    Column("owner_starts", Date),
    Column("owner_ends", Date),
    Column("contractor_ends", Date),
)
