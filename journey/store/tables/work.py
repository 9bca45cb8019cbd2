"""What is done in the world: tasks, cases, messages, broadcasts."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from journey.store.tables.columns import PERSONAL, instant, key_column, metadata, of_a_shared_agenda
from journey.store.types import Document, Json

tasks = Table(
    "tasks",
    metadata,
    key_column(),
    Column("journey_id", ForeignKey("journeys.id"), index=True),
    Column("agenda_id", ForeignKey("shared_agendas.id")),  # in its place, of a project or batch
    Column("project_id", ForeignKey("projects.id"), nullable=False),
    Column("key", String(300), nullable=False),
    Column("rule", String(80), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("role", String(30), nullable=False),
    Column("escalated_to", String(30)),
    Column("state", String(12), nullable=False),
    instant("opened_at"),
    instant("due"),
    instant("legal_due", required=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("max_attempts", Integer, nullable=False, default=1),
    instant("next_attempt", required=False),
    Column("claimed_by", String(200)),
    instant("claimed_at", required=False),
    instant("closed_at", required=False),
    Column("person_id", String(40)),  # whom a survey asks, with its class: how often is counted by them
    Column("message_class", String(20)),
    Index("ix_tasks_role_state_due", "role", "state", "due"),
    of_a_shared_agenda("tasks"),
    Index("ix_tasks_person_opened", "person_id", "opened_at"),
)

cases = Table(
    "cases",
    metadata,
    key_column(),  # of the report that opened it
    Column("journey_id", ForeignKey("journeys.id"), nullable=False, index=True),
    Column("project_id", ForeignKey("projects.id"), nullable=False),
    Column("unit_id", String(40), index=True),
    Column("kind", String(20), nullable=False),
    Column("severity", String(20), nullable=False),
    Column("state", String(12), nullable=False),
    Column("level", String(4), nullable=False),
    instant("opened_at"),
    instant("closed_at", required=False),
    Column("document", Json, nullable=False),
    Index("ix_cases_project_kind_state", "project_id", "kind", "state"),
)

messages = Table(
    "messages",
    metadata,
    key_column(),
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
    instant("reserved_at"),
    instant("sent_at", required=False),
    instant("delivered_at", required=False),
    instant("read_at", required=False),
    instant("replied_at", required=False),
    instant("failed_at", required=False),  # the carrier gave it back after it was sent
    instant("updated_at"),
    Column("provider", String(40)),  # who took it, and his own id for it: a receipt names both
    Column("provider_id", String(200)),
    Column("segments", Integer),
    Column("cost", Integer),  # in ten-thousandths of the currency
    Column("currency", String(3)),
    Column("text_hash", String(64)),  # the version of the text that went out
    Column("reason", Json),
    Column("decision", Document),  # what its last decision looked at (docs/decisions.md)
    Index("ix_messages_person_sent", "person_id", "sent_at"),
    Index("ix_messages_provider_id", "provider", "provider_id"),
)

inbox_texts = Table(
    "inbox_texts",
    metadata,
    Column("message_id", ForeignKey("messages.id"), primary_key=True),
    Column("person_id", String(40), nullable=False, index=True),
    Column("subject", String(200), nullable=False, info=PERSONAL),
    Column("body", Text, nullable=False, info=PERSONAL),
)

broadcasts = Table(
    "broadcasts",
    metadata,
    key_column(),
    Column("project_id", ForeignKey("projects.id"), nullable=False, index=True),
    Column("key", String(300), nullable=False, unique=True),  # rule / subject / occurrence: asked for once
    Column("rule", String(80), nullable=False),
    Column("occurrence", String(200), nullable=False),
    Column("subject", String(40), nullable=False),  # of the recipients' keys; "person": each is his own
    Column("message_class", String(20), nullable=False),
    Column("scope", Json, nullable=False),  # {building | batch: code}; empty = the whole project
    Column("audience", Json, nullable=False),  # {stages, tags}: whom of the scope; empty = everybody who is an owner
    Column("params", Json, nullable=False),  # template, milestones, day and hours of a feast
    Column("asked_by", String(200), nullable=False),
    Column("state", String(12), nullable=False, index=True),  # BroadcastState
    instant("opened_at"),  # who joined later is missed
    instant("due"),
    instant("expires"),
    Column("cursor", String(40)),  # the last person of the pages so far
    instant("paged_at", required=False),  # when every page was through; then the cursor begins again with who came late
    instant("closed_at", required=False),
    Column("family", String(300), index=True),  # the emergency that goes out by several channels, a broadcast each
    Column("author", String(40)),  # the API key that asked for it; None for a rule
    Column("rate", Integer),  # messages a second; None: the pack's
    instant("next_at", required=False),  # the throttle: when the next message may go
    Column("orders", Integer, nullable=False, default=0, server_default="0"),  # how often it was ordered about
    Column("followed", Integer, nullable=False, default=0, server_default="0"),  # how much of that its workflow saw
    Column("control", Json),  # [{at, action, by, reason}]: who ordered what, and why
    Column("seen", Json),  # what the second person had seen: {text, recipients}
)

broadcast_recipients = Table(
    "broadcast_recipients",
    metadata,
    Column("broadcast_id", ForeignKey("broadcasts.id"), primary_key=True),
    Column("person_id", String(40), primary_key=True),
    Column("journey_id", String(40), nullable=False),  # the home that carries it
    Column("state", String(12), nullable=False),
    Column("reason", String(40)),
    Column("tries", Integer, nullable=False, default=0),
    instant("until", required=False),
    instant("at"),
    Column("again", Json),  # what is sent to him once more: {asked, tried, not_by, dead} (broadcast_repeats)
    Index("ix_broadcast_recipients_waiting", "broadcast_id", "state", "until"),
)
