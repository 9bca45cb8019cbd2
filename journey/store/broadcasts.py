"""Broadcasts: one text for many persons. Their rows, whom they reach, and how far each has come.

A broadcast is a row first. It is closed at the instant at which it was opened: who joins later is missed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from journey.domain.broadcasts import BUSY, LIVE, BroadcastState
from journey.domain.items import key_of
from journey.domain.values import MessageClass
from journey.store.ids import new_id
from journey.store.inserting import insert_new
from journey.store.tables import (
    batches,
    broadcast_recipients,
    broadcasts,
    projects,
    units,
)

WORDS = "words"  # what an editorial post says, by language: in the row of the broadcast and nowhere else
PERSON = "person"  # the subject of a broadcast whose every recipient has a key of his own


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBroadcast:
    """What is asked for. `scope` is one of building and batch, or empty for the whole project.

    `stages` and `tags` narrow it: homes in one of the stages, persons with one of the tags. With `everyone` it reaches
    co-owners too. `params` go to the template; a `channel` among them is the only one that it goes out by, and `family`
    what it has in common with those of the other channels. `author` is the API key that asks. `ValueError` for one that
    would close before it is due.
    """

    project: str
    rule: str
    subject: str
    occurrence: str
    message_class: MessageClass
    due: datetime
    expires: datetime
    scope: Mapping[str, str] = field(default_factory=dict)
    stages: Sequence[str] = ()
    tags: Sequence[str] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    everyone: bool = False
    asked_by: str = ""
    author: str | None = None
    family: str | None = None
    rate: int | None = None
    state: BroadcastState = BroadcastState.RUNNING

    def __post_init__(self) -> None:
        if self.expires <= self.due:
            raise ValueError("a broadcast is due before it expires")

    @property
    def audience(self) -> dict[str, list[str]]:
        """Stages and tags as a row keeps them, and which owners when it is not the first of each home."""
        whom = {"stages": list(self.stages), "tags": list(self.tags)}
        return whom | ({"owners": ["all"]} if self.everyone else {})

    @property
    def key(self) -> str:
        """Asked for twice under the same key, it is one."""
        subject = self.project if self.subject == PERSON else self.subject
        return key_of(self.rule, subject, self.occurrence)


def open_broadcast(session: Session, new: NewBroadcast, now: datetime) -> tuple[str, bool]:
    """The id of the broadcast, and whether this call opened it; one that was asked for before is left as it is."""
    row = {
        "id": new_id("brd"),
        "project_id": new.project,
        "key": new.key,
        "rule": new.rule,
        "occurrence": new.occurrence,
        "subject": new.subject,
        "message_class": new.message_class.value,
        "scope": dict(new.scope),
        "audience": new.audience,
        "params": dict(new.params),
        "asked_by": new.asked_by,
        "author": new.author,
        "family": new.family,
        "rate": new.rate,
        "state": new.state.value,
        "opened_at": now,
        "due": new.due,
        "expires": new.expires,
    }
    if insert_new(session, broadcasts, row):
        return str(row["id"]), True
    known = session.execute(select(broadcasts.c.id).where(broadcasts.c.key == new.key)).scalar_one()
    return str(known), False


def recipient_key(row: Any, person: str, again: Mapping[str, Any] | None = None) -> str:
    """The key of the item that a broadcast is to one person, or of what goes to him once more (`kernel.md` §4)."""
    subject = person if row.subject == PERSON else row.subject
    return key_of(row.rule, subject, occurrence_of(row, again))


def occurrence_of(row: Any, again: Mapping[str, Any] | None) -> str:
    """The occurrence of a broadcast; a repeat adds what asked for it."""
    return f"{row.occurrence}~{again['asked']}" if again else str(row.occurrence)


def state_of(session: Session, broadcast: str) -> str:
    """How far a broadcast that stands has come."""
    return str(session.execute(select(broadcasts.c.state).where(broadcasts.c.id == broadcast)).scalar_one())


def asks_same(session: Session, broadcast: str, new: NewBroadcast) -> bool:
    """Whether a broadcast that stands was asked for with the same text, for the same people and as long."""
    row = session.execute(select(broadcasts).where(broadcasts.c.id == broadcast)).one()
    asked = (new.message_class.value, dict(new.scope), new.audience, dict(new.params), new.expires - new.due)
    return asked == (row.message_class, row.scope, row.audience, row.params, row.expires - row.due)


def places_of(session: Session, project: str, kind: str) -> list[str]:
    """What a scope of a project may name: its buildings with homes, or its batches (`kind`)."""
    place = {"building": units.c.building, "batch": batches.c.code}[kind]
    found = select(place).where(place.table.c.project_id == project, place.is_not(None)).distinct().order_by(place)
    return list(session.execute(found).scalars())


def due_broadcasts(session: Session, now: datetime, limit: int = 20) -> dict[str, bool]:
    """Broadcasts that have something to do now, the earliest first: not those that only wait for a later hour.

    With each whether its workflow has still to see an order: it may be asleep.
    """
    met = broadcast_recipients.c
    waits = select(met.person_id).where(met.broadcast_id == broadcasts.c.id, met.state == "held")
    due = waits.where(met.until <= now)
    asleep = broadcasts.c.paged_at.is_not(None) & waits.exists() & ~due.exists()
    ordered = (broadcasts.c.orders > broadcasts.c.followed).label("ordered")
    statement = select(broadcasts.c.id, ordered).where(
        or_(broadcasts.c.state.in_(BUSY) & ~asleep, broadcasts.c.state.in_(LIVE) & ordered)
    )
    rows = session.execute(statement.order_by(broadcasts.c.opened_at).limit(limit))
    return {row.id: bool(row.ordered) for row in rows}


def broadcast_row(session: Session, broadcast: str, *, lock: bool = False) -> Any | None:
    """A broadcast with its project's code, name and zone; None for an unknown id."""
    statement = (
        select(
            broadcasts,
            projects.c.code.label("project"),
            projects.c.name.label("project_name"),
            projects.c.zone,
            projects.c.pack,
            projects.c.overlays,
        )
        .join(projects, projects.c.id == broadcasts.c.project_id)
        .where(broadcasts.c.id == broadcast)
    )
    if lock:
        statement = statement.with_for_update(of=broadcasts)
    return session.execute(statement).first()


def next_held(session: Session, broadcast: str) -> datetime | None:
    """When the first of those who are held may be tried again; None when nobody waits."""
    met = broadcast_recipients.c
    return session.execute(
        select(func.min(met.until)).where(met.broadcast_id == broadcast, met.state == "held")
    ).scalar()


def moved_on(session: Session, broadcast: str, **values: Any) -> None:
    """Remember how far a broadcast came."""
    session.execute(update(broadcasts).where(broadcasts.c.id == broadcast).values(**values))
