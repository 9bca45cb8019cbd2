"""Inboxes of owners: the texts of messages that went there, shown to an app, and marked when they were read."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from journey.domain.errors import NotFound
from journey.domain.reasons import Reason
from journey.ports import InboxAway
from journey.store.engine import Store
from journey.store.failures import StoreDown
from journey.store.inserting import insert_new
from journey.store.paging import DEFAULT_LIMIT, Order, Page
from journey.store.person_queries import person_id
from journey.store.queries import shown
from journey.store.tables import inbox_texts, journeys, messages, projects

_LATEST: Final = Order("inbox", (messages.c.reserved_at, messages.c.id), descending=True)


class StoreInbox:
    """The inboxes that the store keeps."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def put(self, message: str, *, subject: str, text: str) -> bool:
        """Lay the text of an outbox message there, once; False for a message that is not known. `InboxAway`."""
        try:
            return await self._store.write(put, message, subject, text)
        except StoreDown:
            raise InboxAway from None


def put(session: Session, message: str, subject: str, text: str) -> bool:
    """Lay a text into the inbox of the person whom the message is for; the first one stays."""
    person = session.execute(select(messages.c.person_id).where(messages.c.id == message)).scalar()
    if person is None:
        return False
    insert_new(session, inbox_texts, {"message_id": message, "person_id": person, "subject": subject, "body": text})
    return True


def list_inbox(
    session: Session,
    ref: str,
    *,
    unread: bool = False,
    unmasked: bool = False,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page:
    """What lies in a person's inbox, the latest first; without `unmasked` not what it says. NotFound."""
    query = (
        select(messages, inbox_texts.c.subject, inbox_texts.c.body, projects.c.zone)
        .join(inbox_texts, inbox_texts.c.message_id == messages.c.id)
        .join(journeys, journeys.c.id == messages.c.journey_id)
        .join(projects, projects.c.id == journeys.c.project_id)
        .where(inbox_texts.c.person_id == person_id(session, ref))
    )
    if unread:
        query = query.where(messages.c.read_at.is_(None))
    rows, following = _LATEST.fetch(session, query, cursor, limit)
    return Page([_shown(row, unmasked) for row in rows], following)


def mark_read(session: Session, ref: str, message: str, now: datetime) -> dict[str, Any]:
    """The message as it lies there, read: the first reading counts. NotFound for one that is in another inbox."""
    found = select(inbox_texts.c.message_id).where(
        inbox_texts.c.message_id == message, inbox_texts.c.person_id == person_id(session, ref)
    )
    if session.execute(found).first() is None:
        raise NotFound(Reason("no-such-message"))
    session.execute(update(messages).where(messages.c.id == message, messages.c.read_at.is_(None)).values(read_at=now))
    row = session.execute(
        select(messages.c.id, messages.c.read_at, projects.c.zone)
        .join(journeys, journeys.c.id == messages.c.journey_id)
        .join(projects, projects.c.id == journeys.c.project_id)
        .where(messages.c.id == message)
    ).one()
    return {"id": row.id, "read_at": shown(row.read_at, row.zone)}


def _shown(row: Any, unmasked: bool) -> dict[str, Any]:
    return {
        "id": row.id,
        "journey": row.journey_id,
        "class": row.message_class,
        "template": row.template,
        "language": row.language,
        "subject": row.subject if unmasked else None,
        "text": row.body if unmasked else None,
        "at": shown(row.sent_at or row.reserved_at, row.zone),
        "read_at": shown(row.read_at, row.zone),
    }
