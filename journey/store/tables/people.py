"""Persons, how they are reached, what they agreed to, what is held for them."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, String, Table

from journey.store.tables.columns import PERSONAL, instant, key_column, metadata
from journey.store.types import Json

persons = Table(
    "persons",
    metadata,
    key_column(),
    Column("ref", String(200), nullable=False, unique=True),
    Column("name", String(200), info=PERSONAL),
    Column("birthday", Date, info=PERSONAL),
    Column("language", String(8), nullable=False),
    Column("zone", String(60)),
    Column("preferred_channel", String(20)),  # where he wants to be reached, of those that a class uses
    Column("tags", Json, nullable=False),
    instant("bereaved_at", required=False),
    instant("reachable_since", required=False),
    instant("created_at"),
    instant("erased_at", required=False),  # forgotten since; what proves his consents may be kept longer
    instant("evidence_erased_at", required=False),
    Column("merged_into", String(40), index=True),  # an alias: everything of it stands under that one
)

contacts = Table(
    "contacts",
    metadata,
    Column("person_id", ForeignKey("persons.id"), primary_key=True),
    Column("channel", String(20), primary_key=True),  # phone, email, wechat, post
    Column("address", String(320), nullable=False, info=PERSONAL),
    Column("state", String(20), nullable=False),  # ok, unverified (it follows an invalid one), invalid
    instant("since"),
    Index("ix_contacts_address", "address"),  # who has it: a stranger's is one for all of them
)

consents = Table(
    "consents",
    metadata,
    Column("person_id", ForeignKey("persons.id"), primary_key=True),
    Column("purpose", String(20), primary_key=True),
    Column("channel", String(20), primary_key=True),  # '' = every channel
    Column("given", Boolean, nullable=False),
    Column("event_id", String(40), nullable=False),  # the evidence
    instant("since"),
)

holds = Table(
    "holds",
    metadata,
    Column("event_id", String(40), primary_key=True),
    Column("journey_id", String(40), index=True),
    Column("person_id", String(40), index=True),
    Column("scope", String(300), nullable=False),
    Column("how", String(10), nullable=False),
    instant("placed_at"),
    instant("released_at", required=False),
)
