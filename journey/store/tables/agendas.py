"""What has an agenda: journeys, projects, batches; their events, ledger, timeline and what lies ahead."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, UniqueConstraint, text

from journey.store.agenda_documents import AgendaDocument
from journey.store.tables.columns import PERSONAL, instant, key_column, metadata, of_a_shared_agenda
from journey.store.types import Document, Json

journeys = Table(
    "journeys",
    metadata,
    key_column(),
    Column("project_id", ForeignKey("projects.id"), nullable=False, index=True),
    Column("unit_id", ForeignKey("units.id"), index=True),
    Column("episode_id", ForeignKey("episodes.id"), nullable=False, unique=True),
    Column("external_id", String(200), unique=True),
    Column("pack", String(60), nullable=False),
    Column("overlays", Json, nullable=False),
    Column("stage", String(20), nullable=False),
    Column("status", String(20), nullable=False),
    instant("started_at"),
    instant("next_due", required=False),
    Column("overdue", Integer, nullable=False, default=0),
    Column("care_stops", Json),  # {code: true, or since when}: what keeps care from its owners, as planning saw it
    # planning
    instant("wake_at", required=False),
    instant("planned_at", required=False),
    instant("stale_since", required=False),  # real time of the mark, whatever clock business runs on
    Column("stale_mark", Integer, nullable=False, default=0),  # counts marks; planning clears the one that it saw
    Column("over", Boolean, nullable=False, default=False),
    Column("revision", Integer, nullable=False, default=0),
    Column("shown_hash", String(64)),
    Column("pack_hash", String(64)),
    Column("calendar_hash", String(64)),
    Column("build", String(40)),
    Column("rules", Integer),  # number of the rules that planned it: a build with a lower one hands it back
    # the sweeper
    instant("poked_at", required=False),
    Column("pokes", Integer, nullable=False, default=0),
    Index("ix_journeys_stale", "stale_since"),
    Index("ix_journeys_wake", "wake_at"),
)

shared_agendas = Table(  # of projects and batches: a journey has the same columns in its own row
    "shared_agendas",
    metadata,
    key_column(),  # of the project or batch
    Column("kind", String(10), nullable=False),  # project, batch
    Column("project_id", ForeignKey("projects.id"), nullable=False, index=True),
    Column("batch_id", ForeignKey("batches.id"), index=True),
    Column("stage", String(20), nullable=False),
    Column("status", String(20), nullable=False),
    instant("started_at"),
    instant("next_due", required=False),
    Column("overdue", Integer, nullable=False, default=0),
    instant("wake_at", required=False),
    instant("planned_at", required=False),
    instant("stale_since", required=False),
    Column("stale_mark", Integer, nullable=False, default=0),
    Column("over", Boolean, nullable=False, default=False),
    Column("revision", Integer, nullable=False, default=0),
    Column("shown_hash", String(64)),
    Column("pack_hash", String(64)),
    Column("calendar_hash", String(64)),
    Column("build", String(40)),
    Column("rules", Integer),
    instant("poked_at", required=False),
    Column("pokes", Integer, nullable=False, default=0),
)

events = Table(
    "events",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", String(40), nullable=False, unique=True),
    Column("target", String(40), nullable=False),  # journey or project
    Column("journey_id", ForeignKey("journeys.id"), index=True),
    Column("project_id", ForeignKey("projects.id"), index=True),
    Column("source", String(200), nullable=False),
    Column("source_id", String(200), nullable=False),
    Column("type", String(60), nullable=False),
    instant("occurred_at"),
    instant("recorded_at"),
    Column("data", Json, nullable=False, info=PERSONAL),
    Column("person_id", String(40), index=True),
    Column("about", Json),
    Column("scope", Json),
    Column("digest", String(64), nullable=False),
    Column("verdict", String(10), nullable=False),
    Column("reason", Json),
    UniqueConstraint("target", "source", "source_id"),
    Index("ix_events_parked", "type", sqlite_where=text("verdict = 'parked'"),
          postgresql_where=text("verdict = 'parked'")),
)  # fmt: skip

entries = Table(
    "entries",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("scope", String(10), nullable=False),
    Column("scope_id", String(40), nullable=False),
    Column("key", String(300), nullable=False),
    Column("state", String(12), nullable=False, index=True),
    instant("at"),
    instant("due", required=False),
    Column("reason", Json),
    Column("fact", String(40)),
    Column("anchor_event", String(40)),
    Column("anchor_on", Date),
    Column("moved_by", String(40)),
    instant("until", required=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("task", String(40)),
    Column("attempts", Integer, nullable=False, default=0),
    instant("next_attempt", required=False),
    instant("opened_at", required=False),
    instant("warned_at", required=False),
    instant("escalated_at", required=False),
    Column("carrier", String(300)),
    Column("item", Json, nullable=False),
    Column("steps", Json, nullable=False),
    Column("pack_hash", String(64)),
    Column("calendar_hash", String(64)),
    UniqueConstraint("scope", "scope_id", "key"),
)

journal = Table(
    "journal",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("journey_id", ForeignKey("journeys.id"), index=True),
    Column("agenda_id", ForeignKey("shared_agendas.id")),  # in its place, of a project or batch
    instant("at"),  # business time
    Column("code", String(40), nullable=False),
    Column("ref", String(300)),  # an entry's key, an event's, task's or message's id
    Column("params", Json, nullable=False),  # codes and ids, never values
    of_a_shared_agenda("journal"),
)

agenda = Table(
    "agenda",
    metadata,
    Column("scope", String(10), primary_key=True),
    Column("scope_id", String(40), primary_key=True),
    Column("document", AgendaDocument, nullable=False),
    Column("outline", Document),  # what the next plan reads: {planned: {key: due}, covers}; null: an older build
    Column("hash", String(64), nullable=False),
)
