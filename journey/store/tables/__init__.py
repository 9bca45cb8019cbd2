"""Every table of the store. History is append-only: events, journal, audit, packs; the rest is projection or ledger.

Columns marked `personal` hold customer data: they are read through `people` only, and reads are audited.
"""

from journey.store.tables.agendas import agenda, entries, events, journal, journeys, shared_agendas
from journey.store.tables.breakers import breakers
from journey.store.tables.columns import metadata
from journey.store.tables.homes import (
    batches,
    episodes,
    former_parties,
    parties,
    projects,
    tenures,
    units,
    warranty_items,
)
from journey.store.tables.hooks import hook_calls, hooks, receipts
from journey.store.tables.letters import letter_runs, letters
from journey.store.tables.people import consents, contacts, holds, persons
from journey.store.tables.policies import calendars, packs
from journey.store.tables.site import api_keys, audit, changes, epochs, idempotency, installation, leases, workers
from journey.store.tables.wording import answer_versions, template_approvals, template_tests
from journey.store.tables.work import broadcast_recipients, broadcasts, cases, inbox_texts, messages, tasks

__all__ = [
    "agenda",
    "answer_versions",
    "api_keys",
    "audit",
    "batches",
    "breakers",
    "broadcast_recipients",
    "broadcasts",
    "calendars",
    "cases",
    "changes",
    "consents",
    "contacts",
    "entries",
    "episodes",
    "epochs",
    "events",
    "former_parties",
    "holds",
    "hook_calls",
    "hooks",
    "idempotency",
    "inbox_texts",
    "installation",
    "journal",
    "journeys",
    "leases",
    "letter_runs",
    "letters",
    "messages",
    "metadata",
    "packs",
    "parties",
    "persons",
    "projects",
    "receipts",
    "shared_agendas",
    "tasks",
    "template_approvals",
    "template_tests",
    "tenures",
    "units",
    "warranty_items",
    "workers",
]
