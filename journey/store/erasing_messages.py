"""Forgetting what was sent to a person, what he answered, and what was printed for him."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from journey.store import audit
from journey.store.receipt_queries import RECEIPTS
from journey.store.replying import normalised
from journey.store.tables import contacts, events, inbox_texts, letter_runs, letters, messages, persons, receipts


def addresses_ever(session: Session, person: str) -> set[str]:
    """Every address that he has or had; read before they go."""
    now = select(contacts.c.address).where(contacts.c.person_id == person)
    told = select(events.c.data["address"].as_string()).where(
        events.c.person_id == person, events.c.type.startswith("contact.")
    )
    return {one for query in (now, told) for one in session.execute(query).scalars() if one}


def forget_texts(session: Session, person: str, addresses: Collection[str]) -> None:
    """His inbox, the answers that no home heard of, and why letters of his were printed again."""
    session.execute(delete(inbox_texts).where(inbox_texts.c.person_id == person))
    sent = select(messages.c.id).where(messages.c.person_id == person)
    his = or_(receipts.c.message_id.in_(sent), receipts.c.address.in_(addresses))
    session.execute(update(receipts).where(his).values(address=None, text=None))
    runs = select(letters.c.run_id).where(letters.c.person_id == person)
    session.execute(update(letter_runs).where(letter_runs.c.id.in_(runs)).values(reason=None))


def strangers(session: Session, before: datetime) -> int:
    """How many answers that came before an instant still say from whom, or what, and found nobody here."""
    return session.execute(select(func.count()).select_from(receipts).where(*_of_strangers(before))).scalar_one()


def forget_strangers(session: Session, before: datetime, now: datetime, actor: str) -> int:
    """Drop number and words of such answers, and note it in the audit log; that they came stays. How many."""
    found = strangers(session, before)
    if found:
        session.execute(update(receipts).where(*_of_strangers(before)).values(address=None, text=None))
        audit.append(session, now, actor, "receipts.forgotten", RECEIPTS, {"count": found})
    return found


def _of_strangers(before: datetime) -> Sequence[ColumnElement[bool]]:
    """What was heard keeps neither: its words stand in an event of the journey."""
    known = or_(receipts.c.address.is_not(None), receipts.c.text.is_not(None))
    return known, receipts.c.received_at < before


def answers_of(session: Session, person: str, concerned: Sequence[str], addresses: Collection[str]) -> Iterator[Any]:
    """What was told of his homes without naming anybody, but is of a message to him or of an address of his."""
    sent = set(session.execute(select(messages.c.id).where(messages.c.person_id == person)).scalars())
    rows = session.execute(
        select(events.c.id, events.c.type, events.c.target, events.c.data).where(
            events.c.journey_id.in_(concerned), events.c.person_id.is_(None), events.c.type.startswith("message.")
        )
    )
    for row in rows.all():
        if row.data.get("message") in sent or _from(row.data) in addresses:
            yield row


def _from(data: Mapping[str, Any]) -> str | None:
    """Where an answer came from, as contacts have it."""
    address = data.get("address")
    return normalised(address, str(data.get("channel") or "sms")) or address


def paper_of_nobody(session: Session) -> set[str]:
    """Hashes of files of which everybody is forgotten, proofs too: slips of letters, and whole print runs."""
    known = exists().where(persons.c.id == letters.c.person_id, persons.c.evidence_erased_at.is_(None))
    slips = set(session.execute(select(letters.c.scan).where(letters.c.scan.is_not(None), ~known)).scalars())
    others = set(session.execute(select(letters.c.scan).where(letters.c.scan.in_(slips), known)).scalars())
    of_somebody = exists().where(letters.c.run_id == letter_runs.c.id, known)
    runs = session.execute(select(letter_runs.c.files).where(~of_somebody)).scalars()
    return (slips - others) | {digest for files in runs for digest in files.values()}
