"""Settling what a restore left `unknown`: what providers or Temporal's history still know of it (kernel §10)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from journey.domain.entries import State
from journey.domain.reasons import Reason
from journey.store import outbox, recipients
from journey.store.ids import new_id
from journey.store.ledger import JOURNEY, journal_rows, read_entry, write_entry
from journey.store.outbox import Taken
from journey.store.staleness import mark_stale
from journey.store.tables import entries, epochs, journal, journeys, messages, parties, persons


@dataclass(frozen=True, slots=True)
class LostPage:
    """The next journeys in the order of their ids, since when they are to be searched, whether more wait."""

    journeys: Sequence[str]
    since: datetime | None
    more: bool


@dataclass(frozen=True, slots=True)
class Trace:
    """A message that somebody else remembers: when it went out, by which channel if that is known."""

    at: datetime
    where: str
    channel: str = ""
    taken: Taken | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """A message of the lost time, and the persons that it was for."""

    key: str
    persons: Sequence[str]


def unsettled(session: Session) -> list[int]:
    """Epochs whose bracket nobody has searched to the end."""
    open_ones = epochs.c.bracket_to.is_not(None) & epochs.c.settled_at.is_(None)
    return list(session.execute(select(epochs.c.epoch).where(open_ones).order_by(epochs.c.epoch)).scalars())


def next_page(session: Session, epoch: int, size: int) -> LostPage:
    """The next journeys of an epoch's bracket."""
    row = session.execute(select(epochs).where(epochs.c.epoch == epoch)).first()
    if row is None or row.settled_at is not None:
        return LostPage((), None, more=False)
    after = journeys.c.id > (row.cursor or "")
    found = list(session.execute(select(journeys.c.id).where(after).order_by(journeys.c.id).limit(size)).scalars())
    return LostPage(found, row.bracket_from, more=len(found) == size)


def page_done(session: Session, epoch: int, page: LostPage, real_now: datetime) -> None:
    """Remember how far the search of a bracket came."""
    values: dict[str, object] = {"settled_at": None if page.more else real_now}
    if page.journeys:
        values["cursor"] = page.journeys[-1]
    session.execute(update(epochs).where(epochs.c.epoch == epoch).values(**values))


def doubts(session: Session, journey: str) -> list[Doubt]:
    """Messages of a journey that a restore left unknown."""
    rows = session.execute(
        select(entries.c.key, entries.c.item, entries.c.reason).where(
            entries.c.scope == JOURNEY, entries.c.scope_id == journey, entries.c.state == State.UNKNOWN.value
        )
    ).all()
    people = list(
        session.execute(
            select(parties.c.person_id)
            .join(journeys, journeys.c.episode_id == parties.c.episode_id)
            .where(journeys.c.id == journey)
            .order_by(parties.c.position)
        ).scalars()
    )
    return [
        Doubt(row.key, recipients.addressed_to(row.item, people))
        for row in rows
        if row.reason and row.reason["code"] == "restored" and row.item.get("kind") in ("message", "notice")
    ]


def found(session: Session, journey: str, doubt: Doubt, traces: Mapping[str, Trace], now: datetime) -> bool:
    """Write down what was found, by person; the entry is `sent` once everybody's message is accounted for."""
    entry = read_entry(session, journey, doubt.key)
    if entry is None or entry.state is not State.UNKNOWN or not traces:
        return False
    for person, trace in traces.items():
        if trace.channel:
            _message(session, journey, doubt.key, person, trace, now)
    if not doubt.persons or set(doubt.persons) - set(traces):
        return False
    latest = max(traces.values(), key=lambda trace: trace.at)
    reason = Reason("found", {"where": latest.where})
    write_entry(session, journey, replace(entry, state=State.SENT, at=latest.at, reason=reason))
    line = (now, "entry.sent", doubt.key, {"reason": reason.document()})
    session.execute(insert(journal), journal_rows(journey, [line]))
    mark_stale(session, journey, now)
    return True


def _message(session: Session, journey: str, key: str, person: str, trace: Trace, now: datetime) -> None:
    """The outbox row that the restore lost, so that caps count it and its key stays taken."""
    known = session.execute(select(messages.c.id).where(messages.c.key == f"{key}/{person}")).scalar()
    if known is not None:
        outbox.record(session, known, "sent", trace.at, taken=trace.taken)
        return
    item = session.execute(
        select(entries.c.item).where(entries.c.scope_id == journey, entries.c.key == key)
    ).scalar_one()
    language = session.execute(select(persons.c.language).where(persons.c.id == person)).scalar_one()
    session.execute(
        insert(messages).values(
            id=new_id("msg"),
            journey_id=journey,
            entry_key=key,
            key=f"{key}/{person}",
            person_id=person,
            channel=trace.channel,
            message_class=item["class"],
            template=str(item["params"].get("template", item["rule"])),
            language=language,
            state="sent",
            calls=1,
            reserved_at=trace.at,
            sent_at=trace.at,
            updated_at=now,
            provider=trace.taken.provider if trace.taken else None,
            provider_id=trace.taken.provider_id if trace.taken else None,
        )
    )
