"""Every table of the store. History is append-only: events, journal, audit, packs; the rest is projection or ledger.

Columns marked `personal` hold customer data: they are read through `people` only, and reads are audited.
"""

from typing import Final

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from journey.store.base import Base
from journey.store.types import Json, UtcDateTime

metadata: Final = Base.metadata
PERSONAL: Final = {"personal": True}


def _id() -> Column[str]:
    return Column("id", String(40), primary_key=True)


def _when(name: str, *, required: bool = True) -> Column[object]:
    return Column(name, UtcDateTime, nullable=not required)


installation = Table(
    "installation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("namespace_id", String(80)),  # the one Temporal that this store belongs to (kernel §10)
    Column("epoch", Integer, nullable=False),
    Column("digest_key", String(64), nullable=False),
    _when("created_at"),
)

epochs = Table(  # how the store came to its Temporal, row by row; never changed but for how far the return has come
    "epochs",
    metadata,
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(10), nullable=False),  # adopted, restored
    Column("namespace_id", String(80)),
    _when("at"),  # real time
    Column("journeys", Integer, nullable=False),  # how many were marked to start
    _when("bracket_from", required=False),  # what was done between these instants is not on record
    _when("bracket_to", required=False),
    _when("caught_up_at", required=False),
    Column("cursor", String(40)),
    _when("settled_at", required=False),
)

workers = Table(
    "workers",
    metadata,
    _id(),
    Column("namespace_id", String(80), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("build", String(40), nullable=False),
    Column("rules", Integer, nullable=False),
    _when("seen_at"),  # real time
)

projects = Table(
    "projects",
    metadata,
    _id(),
    Column("code", String(60), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("city", String(100), nullable=False),
    Column("pack", String(60), nullable=False),
    Column("overlays", Json, nullable=False),
    Column("zone", String(60), nullable=False),
    Column("posts", Json, nullable=False),  # staffed posts: {role: [holder refs]}; empty = every post is filled
    _when("go_live_at", required=False),
    _when("created_at"),
)

batches = Table(
    "batches",
    metadata,
    _id(),
    Column("project_id", ForeignKey("projects.id"), nullable=False, index=True),
    Column("code", String(60), nullable=False),
    Column("buildings", Json, nullable=False),
    Column("dates", Json, nullable=False),  # {name: {on, at, known_at, event}} folded from the project's events
    UniqueConstraint("project_id", "code"),
)

units = Table(
    "units",
    metadata,
    _id(),
    Column("project_id", ForeignKey("projects.id"), nullable=False),
    Column("code", String(60), nullable=False),
    Column("building", String(60), nullable=False),
    Column("batch_id", ForeignKey("batches.id"), index=True),
    UniqueConstraint("project_id", "code"),
)

persons = Table(
    "persons",
    metadata,
    _id(),
    Column("ref", String(200), nullable=False, unique=True),
    Column("name", String(200), info=PERSONAL),
    Column("birthday", Date, info=PERSONAL),
    Column("language", String(8), nullable=False),
    Column("zone", String(60)),
    Column("tags", Json, nullable=False),
    _when("bereaved_at", required=False),
    _when("reachable_since", required=False),
    _when("created_at"),
)

contacts = Table(
    "contacts",
    metadata,
    Column("person_id", ForeignKey("persons.id"), primary_key=True),
    Column("channel", String(20), primary_key=True),  # phone, email, wechat
    Column("address", String(320), nullable=False, info=PERSONAL),
    Column("state", String(20), nullable=False),  # ok, invalid
    _when("since"),
)

consents = Table(
    "consents",
    metadata,
    Column("person_id", ForeignKey("persons.id"), primary_key=True),
    Column("purpose", String(20), primary_key=True),
    Column("channel", String(20), primary_key=True),  # '' = every channel
    Column("given", Boolean, nullable=False),
    Column("event_id", String(40), nullable=False),  # the evidence
    _when("since"),
)

holds = Table(
    "holds",
    metadata,
    Column("event_id", String(40), primary_key=True),
    Column("journey_id", String(40), index=True),
    Column("person_id", String(40), index=True),
    Column("scope", String(300), nullable=False),
    Column("how", String(10), nullable=False),
    _when("placed_at"),
    _when("released_at", required=False),
)

episodes = Table(
    "episodes",
    metadata,
    _id(),
    Column("unit_id", ForeignKey("units.id"), index=True),
    Column("kind", String(20), nullable=False),
    _when("created_at"),
)

parties = Table(
    "parties",
    metadata,
    Column("episode_id", ForeignKey("episodes.id"), primary_key=True),
    Column("person_id", ForeignKey("persons.id"), primary_key=True, index=True),
    Column("position", Integer, nullable=False),  # 0 = primary contact
)

journeys = Table(
    "journeys",
    metadata,
    _id(),
    Column("project_id", ForeignKey("projects.id"), nullable=False, index=True),
    Column("unit_id", ForeignKey("units.id"), index=True),
    Column("episode_id", ForeignKey("episodes.id"), nullable=False, unique=True),
    Column("external_id", String(200), unique=True),
    Column("pack", String(60), nullable=False),
    Column("overlays", Json, nullable=False),
    Column("stage", String(20), nullable=False),
    Column("status", String(20), nullable=False),
    _when("started_at"),
    _when("next_due", required=False),
    Column("overdue", Integer, nullable=False, default=0),
    # planning
    _when("wake_at", required=False),
    _when("planned_at", required=False),
    _when("stale_since", required=False),  # real time of the mark, whatever clock business runs on
    Column("stale_mark", Integer, nullable=False, default=0),  # counts marks; planning clears the one that it saw
    Column("over", Boolean, nullable=False, default=False),
    Column("revision", Integer, nullable=False, default=0),
    Column("shown_hash", String(64)),
    Column("pack_hash", String(64)),
    Column("calendar_hash", String(64)),
    Column("build", String(40)),
    Column("rules", Integer),  # number of the rules that planned it: a build with a lower one hands it back
    # the sweeper
    _when("poked_at", required=False),
    Column("pokes", Integer, nullable=False, default=0),
    Index("ix_journeys_stale", "stale_since"),
    Index("ix_journeys_wake", "wake_at"),
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
    _when("occurred_at"),
    _when("recorded_at"),
    Column("data", Json, nullable=False, info=PERSONAL),
    Column("person_id", String(40), index=True),
    Column("about", Json),
    Column("scope", Json),
    Column("digest", String(64), nullable=False),
    Column("verdict", String(10), nullable=False),
    Column("reason", Json),
    UniqueConstraint("target", "source", "source_id"),
)

entries = Table(
    "entries",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("scope", String(10), nullable=False),
    Column("scope_id", String(40), nullable=False),
    Column("key", String(300), nullable=False),
    Column("state", String(12), nullable=False, index=True),
    _when("at"),
    _when("due", required=False),
    Column("reason", Json),
    Column("fact", String(40)),
    Column("anchor_event", String(40)),
    Column("anchor_on", Date),
    Column("moved_by", String(40)),
    _when("until", required=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("task", String(40)),
    Column("attempts", Integer, nullable=False, default=0),
    _when("next_attempt", required=False),
    _when("opened_at", required=False),
    _when("warned_at", required=False),
    _when("escalated_at", required=False),
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
    Column("journey_id", ForeignKey("journeys.id"), nullable=False, index=True),
    _when("at"),  # business time
    Column("code", String(40), nullable=False),
    Column("ref", String(300)),  # an entry's key, an event's, task's or message's id
    Column("params", Json, nullable=False),  # codes and ids, never values
)

agenda = Table(
    "agenda",
    metadata,
    Column("scope", String(10), primary_key=True),
    Column("scope_id", String(40), primary_key=True),
    Column("document", Json, nullable=False),
    Column("hash", String(64), nullable=False),
)

tasks = Table(
    "tasks",
    metadata,
    _id(),
    Column("journey_id", ForeignKey("journeys.id"), nullable=False, index=True),
    Column("project_id", ForeignKey("projects.id"), nullable=False),
    Column("key", String(300), nullable=False),
    Column("rule", String(80), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("role", String(30), nullable=False),
    Column("escalated_to", String(30)),
    Column("state", String(12), nullable=False),
    _when("opened_at"),
    _when("due"),
    _when("legal_due", required=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("max_attempts", Integer, nullable=False, default=1),
    _when("next_attempt", required=False),
    Column("claimed_by", String(200)),
    _when("claimed_at", required=False),
    _when("closed_at", required=False),
    Index("ix_tasks_role_state_due", "role", "state", "due"),
)

messages = Table(
    "messages",
    metadata,
    _id(),
    Column("journey_id", ForeignKey("journeys.id"), nullable=False, index=True),
    Column("entry_key", String(300), nullable=False),
    Column("key", String(360), nullable=False, unique=True),  # entry key + recipient: once in the whole store
    Column("person_id", String(40), nullable=False, index=True),
    Column("channel", String(20), nullable=False),
    Column("message_class", String(20), nullable=False),
    Column("template", String(100), nullable=False),
    Column("language", String(8), nullable=False),
    Column("state", String(12), nullable=False),
    Column("calls", Integer, nullable=False, default=0),
    _when("reserved_at"),
    _when("sent_at", required=False),
    _when("updated_at"),
    Column("provider_id", String(200)),
    Column("reason", Json),
    Index("ix_messages_person_sent", "person_id", "sent_at"),
)

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

packs = Table(
    "packs",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("name", String(200), nullable=False),  # pack, with its overlays: cn-residential+zhejiang
    Column("hash", String(64), nullable=False),
    Column("effective_from", Date, nullable=False),
    Column("document", Json, nullable=False),
    _when("published_at"),
    UniqueConstraint("name", "hash"),
)

calendars = Table(
    "calendars",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("country", String(20), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("document", Json, nullable=False),
    _when("published_at"),
    UniqueConstraint("country", "hash"),
)

api_keys = Table(
    "api_keys",
    metadata,
    _id(),
    Column("name", String(200), nullable=False),
    Column("prefix", String(20), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("admin", Boolean, nullable=False),
    Column("scopes", Json, nullable=False),
    _when("created_at"),
    _when("expires_at", required=False),
    _when("revoked_at", required=False),
    _when("last_used_at", required=False),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("api_key_id", String(40), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("status", Integer),
    Column("headers", Json),
    Column("body", Text),
    _when("created_at"),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    _when("at"),
    Column("actor", String(200), nullable=False),
    Column("action", String(60), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("detail", Json, nullable=False),
    Index("ix_audit_subject", "subject"),
)

changes = Table(
    "changes",
    metadata,
    _id(),
    Column("kind", String(20), nullable=False),  # pack, calendar, batch
    Column("concerns", Json, nullable=False),  # {"pack": name} | {"country": code} | {"batch": id} | {"project": id}
    _when("created_at"),
    Column("cursor", String(40)),
    Column("planned", Integer, nullable=False, default=0),
    Column("poked", Integer, nullable=False, default=0),
    _when("done_at", required=False),
    Column("superseded_by", String(40)),  # a later change of the same thing, which plans everybody with the last word
    Index("ix_changes_done", "done_at"),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("holder", String(80), nullable=False),
    _when("until"),
)
