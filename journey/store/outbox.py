"""The outbox: what was reserved, what the provider said of it, and the entry that follows from both.

A row only climbs: reserved → failed | unknown → sent → delivered → served. A key with its recipient is unique in the
whole store: who comes second is merged. The decision stands in `judging.py`, the reservation in `reserving.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from journey.domain.appointments import Appointment
from journey.domain.entries import WENT_OUT, Entry, State
from journey.domain.numbers.kernel import BreakerNumbers
from journey.domain.reasons import Reason
from journey.store.breakers import Name
from journey.store.bulk import among, insert_all, update_all
from journey.store.ledger import journal_rows, write_entry
from journey.store.performing import Found, Wanted, look, touched
from journey.store.tables import journal, messages

RANK = {"failed": 1, "unknown": 1, "reserved": 0, "sent": 2, "delivered": 3, "served": 4}
SETTLED = ("unknown", "sent", "delivered", "served")
LOWEST = (
    State.RESERVED, State.HELD, State.UNKNOWN, State.FAILED, State.SUPPRESSED,
    State.SENT, State.DELIVERED, State.SERVED, State.MERGED,
)  # fmt: skip
COST_PARTS = 10_000  # a cost is kept in ten-thousandths of its currency: exact on every engine
LONGEST_PATIENCE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Sending:
    """A reserved message: everything the provider needs. `called_before` without an answer on record.

    `probes` are the breakers that its success closes, `breaker` the numbers that its failure counts by.
    """

    message: str
    key: str
    channel: str
    address: str
    language: str
    template: str
    pack_hash: str
    variables: Mapping[str, Any]
    called_before: bool
    message_class: str = ""
    appointment: Appointment | None = None
    probes: Sequence[Name] = ()
    breaker: BreakerNumbers = field(default_factory=BreakerNumbers)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one recipient without a call; `decision` is what was looked at."""

    person: str
    state: State
    reason: Reason | None = None
    until: datetime | None = None
    carrier: str | None = None
    decision: Mapping[str, Any] | None = None

    @property
    def said(self) -> dict[str, Any]:
        """What its line of the timeline says."""
        said = {"reason": self.reason.document() if self.reason else None, "decision": self.decision}
        return {name: value for name, value in said.items() if value}


@dataclass(frozen=True, slots=True)
class Taken:
    """Who took a message, under which id of his, in how many parts, for how much; None for what he did not say."""

    provider: str
    provider_id: str
    segments: int | None = None
    amount: Decimal | None = None
    currency: str | None = None
    text: str | None = None  # the version of the text


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of one call: the state it leaves, who took it, why; `dead` is a send whose address is no good."""

    message: str
    state: str
    taken: Taken | None = None
    reason: Reason | None = None
    dead: Sending | None = None


def not_called(session: Session, message: str) -> None:
    """The reservation stands, but this attempt ended before the provider was called."""
    session.execute(
        update(messages)
        .where(messages.c.id == message, messages.c.state == "reserved", messages.c.calls > 0)
        .values(calls=messages.c.calls - 1)
    )


def record(
    session: Session,
    message: str,
    state: str,
    now: datetime,
    *,
    taken: Taken | None = None,
    reason: Reason | None = None,
) -> None:
    """What the provider answered; a late answer may raise a row, never lower it."""
    record_all(session, [Answered(message, state, taken, reason)], now)


def record_all(session: Session, answers: Sequence[Answered], now: datetime) -> set[str]:
    """The answers to many calls at once; the ids of the messages whose rows took theirs, none that it would lower."""
    wanted = [answer.message for answer in answers]
    statement = select(messages).where(among(session, messages.c.id, wanted)).order_by(messages.c.id).with_for_update()
    rows = {row.id: row for row in session.execute(statement)}
    raised = [(rows[answer.message], answer) for answer in answers if _climbs(rows.get(answer.message), answer)]
    if not raised:
        return set()
    update_all(session, messages, ["id"], [_raised(row, answer, now) for row, answer in raised])
    insert_all(session, journal, [line for row, answer in raised for line in _line(row, answer, now)])
    return {row.id for row, _ in raised}


def _climbs(row: Any | None, answer: Answered) -> bool:
    if row is None or RANK[answer.state] < RANK[row.state]:
        return False
    return row.state != answer.state or answer.state == "reserved"


def _raised(row: Any, answer: Answered, now: datetime) -> dict[str, Any]:
    went_out = answer.state in ("sent", "delivered", "served")
    return {
        "id": row.id,
        "state": answer.state,
        "updated_at": now,
        "reason": answer.reason.document() if answer.reason else None,
        "sent_at": now if went_out and row.sent_at is None else row.sent_at,
        "delivered_at": now if answer.state == "delivered" and row.delivered_at is None else row.delivered_at,
        **_taken(row, answer.taken),
        "calls": 0 if answer.state == "failed" else row.calls,  # after a definite no the next attempt is a first one
    }


def _taken(row: Any, taken: Taken | None) -> dict[str, Any]:
    """The columns of who took it: as they are when this answer does not say."""
    if taken is None:
        return {
            name: getattr(row, name)
            for name in ("provider", "provider_id", "segments", "cost", "currency", "text_hash")
        }
    return {
        "provider": taken.provider,
        "provider_id": taken.provider_id,
        "segments": taken.segments,
        "cost": None if taken.amount is None else round(taken.amount * COST_PARTS),
        "currency": taken.currency,
        "text_hash": taken.text or row.text_hash,
    }


def _line(row: Any, answer: Answered, now: datetime) -> list[Any]:
    if answer.state == "reserved":
        return []
    params = {"message": row.id, "channel": row.channel, "state": answer.state}
    why = {"reason": answer.reason.document()} if answer.reason else {}
    return journal_rows(row.journey_id, [(now, f"message.{answer.state}", row.entry_key, params | why)])


def lowest_of(verdicts: Sequence[Verdict]) -> Verdict:
    """The lowest of the states of every recipient, merged ones not counted."""
    standing = [verdict for verdict in verdicts if verdict.state is not State.MERGED] or list(verdicts)
    if not standing:
        return Verdict("", State.FAILED, Reason("no-recipient"))
    return min(standing, key=lambda verdict: LOWEST.index(verdict.state))


def settle(session: Session, wanted: Wanted, verdicts: Sequence[Verdict]) -> bool:
    """The entry after every recipient: the lowest of their states, merged ones not counted."""
    found = look(session, wanted)
    if found is None:
        return False
    lowest = lowest_of(verdicts)
    entry = found.entry
    if _settled_meanwhile(found, wanted) and not _raises(found, lowest.state):
        return False  # an attempt past its timeout: another one has had the last word
    if found.item is not None:
        entry = touched(entry, found.item, wanted.now, lowest.state)
    if entry is None:
        return False
    tries = (found.entry.tries if found.entry else 0) + 1 if provider_away(lowest) else 0
    written = replace(
        entry, state=lowest.state, at=wanted.now, reason=lowest.reason, carrier=lowest.carrier,
        fact=decided_by(found.entry, lowest.state),
        until=_patience(lowest, tries, wanted.now), tries=tries,
    )  # fmt: skip
    write_entry(session, wanted.journey, written)
    if lowest.state not in WENT_OUT:  # what went out has its line with the message
        line = (wanted.now, f"entry.{lowest.state}", wanted.key, lowest.said)
        session.execute(insert(journal), journal_rows(wanted.journey, [line]))
    return True


def decided_by(was: Entry | None, state: State) -> str | None:
    """The decision by which an unknown outcome goes again: kept until it has gone, so that it acts once."""
    waits = was is not None and was.state in (State.HELD, State.RESERVED)
    return was.fact if was is not None and waits and state in (State.HELD, State.RESERVED, State.UNKNOWN) else None


def _settled_meanwhile(found: Found, wanted: Wanted) -> bool:
    entry = found.entry
    return entry is not None and entry.state is not State.RESERVED and entry.signature != wanted.seen


def _raises(found: Found, state: State) -> bool:
    entry = found.entry
    low = (State.HELD, State.UNKNOWN, State.FAILED)
    return entry is not None and entry.state in low and state in WENT_OUT


def provider_away(verdict: Verdict) -> bool:
    """Whether a send waits for its provider, or for the approval of its text, and not for its recipient."""
    waits = ("provider-away", "provider-silent", "template-not-approved")
    return verdict.reason is not None and verdict.reason.code in waits


def _patience(verdict: Verdict, tries: int, now: datetime) -> datetime | None:
    """When a held entry is looked at again: never within a minute; a provider that is away is asked ever less often."""
    if verdict.state not in (State.HELD, State.RESERVED) or not (verdict.until or provider_away(verdict)):
        return verdict.until
    later: datetime = max(verdict.until or now, now + pause_after(tries))
    return later


def waits_until(now: datetime, asked: timedelta | None) -> datetime | None:
    """The instant before which a provider asked not to be called again, an hour ahead at most; None when it did not."""
    return None if asked is None else now + min(asked, LONGEST_PATIENCE)


def pause_after(tries: int) -> timedelta:
    """How long a provider is left alone after it was away so often: a minute, doubling to an hour."""
    doubled: timedelta = timedelta(minutes=1) * 2 ** min(max(tries - 1, 0), 10)
    return min(doubled, LONGEST_PATIENCE)
