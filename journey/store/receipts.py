"""What providers tell of messages: kept whatever it says, matched with its message, then acted upon, once.

A receipt may come twice, late, before the send that it is of was recorded, or of a message that is nobody's here. One
that cannot be matched yet waits, and is looked at again; after `PATIENCE` it counts as unknown, and stays on record.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from journey.domain.receipts import Receipt
from journey.domain.values import Failure, ReceiptState
from journey.store import template_tests
from journey.store.addressees import locked_people
from journey.store.hooks import Hook, first_call
from journey.store.ids import new_id
from journey.store.locking import lock_homes
from journey.store.overtaking import RECEIPT
from journey.store.receiving import APPLIED, WAITING, Done, Matched, act_on, hear
from journey.store.replying import Told, latest_sent, normalised, whose
from journey.store.tables import events, messages, receipts

UNKNOWN: Final = "unknown"
OF_TEST: Final = "test"
LEAST_PAUSE: Final = timedelta(seconds=2)
LONGEST_PAUSE: Final = timedelta(hours=1)
LONGEST_SOURCE: Final = 60  # of a hook; an event's may be longer, and stands whole with the event
PATIENCE: Final = timedelta(hours=72)  # that long a carrier's own receipts may take (C8)
ANSWERED_BY: Final = ("sms", "voice")  # what a telephone number was sent
NOTHING: Final[Mapping[str, str]] = {}
_KEPT: Final = update(receipts).where(receipts.c.id == bindparam("of"))


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a call: how many receipts by outcome, and the events that journeys are to hear of."""

    doubled: bool = False
    outcomes: Mapping[str, int] = field(default_factory=dict)
    faults: Sequence[str] = ()  # of those that could not be read: they are kept aside, and nobody looks at them again
    told: Sequence[Told] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """One call through a door: its id, and the hash of what it brought."""

    hook: Hook
    id: str
    digest: str


def keep(session: Session, call: Call, told: Sequence[Receipt], now: datetime, real_now: datetime) -> Kept:
    """Keep everything that a call told, and act on what can be matched; the same call again changes nothing."""
    if not first_call(session, call.hook.source, call.id, call.digest, now):
        return Kept(doubled=True)
    rows = [(new_id("rcp"), receipt) for receipt in told]
    if rows:
        session.execute(insert(receipts), [_row(call, ident, receipt, now) for ident, receipt in rows])
    read = [(ident, receipt) for ident, receipt in rows if receipt.fault is None]
    kept = _follow(session, read, {ident: 0 for ident, _ in read}, now, real_now)
    return replace(kept, faults=[receipt.fault for receipt in told if receipt.fault is not None])


def catch_up(session: Session, now: datetime, real_now: datetime, limit: int) -> Kept:
    """Look again at receipts that wait: their messages may have been recorded meanwhile."""
    waiting = session.execute(
        select(receipts).where(receipts.c.look_at <= real_now).order_by(receipts.c.look_at).limit(limit)
    ).all()
    if not waiting:
        return Kept()
    tries = {row.id: row.tries for row in waiting}
    known = {row.id: row.message_id for row in waiting if row.message_id is not None}
    given_up = {row.id for row in waiting if row.message_id is None and row.received_at < now - PATIENCE}
    return _follow(
        session,
        [(row.id, _receipt(row)) for row in waiting],
        tries,
        now,
        real_now,
        given_up,
        known,
        _told_as(session, waiting),
    )


def _told_as(session: Session, waiting: Sequence[Any]) -> dict[str, str]:
    """By receipt: the event that a journey was told it as."""
    named = events.c.id.in_({row.call for row in waiting}) & (events.c.type == RECEIPT)
    told = set(session.execute(select(events.c.id).where(named)).scalars())
    return {row.id: row.call for row in waiting if row.call in told}


def waits(session: Session, real_now: datetime) -> bool:
    """Whether a receipt is to be looked at again."""
    return session.execute(select(receipts.c.id).where(receipts.c.look_at <= real_now).limit(1)).first() is not None


def _follow(
    session: Session,
    rows: Sequence[tuple[str, Receipt]],
    tries: Mapping[str, int],
    now: datetime,
    real_now: datetime,
    given_up: Collection[str] = (),
    known: Mapping[str, str] | None = None,
    told_as: Mapping[str, str] = NOTHING,
) -> Kept:
    """Match and act; every receipt is left with its outcome, and with when it is looked at again."""
    matched = match(session, rows) | dict(known or {})
    done = act_on(
        session,
        [Matched(ident, one, matched[ident], told_as.get(ident)) for ident, one in rows if ident in matched],
        now,
        real_now,
    )
    if not matched:  # persons are locked before messages: with those it waits for the next look
        done = _unasked(session, rows, now, real_now)
    left = [(ident, one) for ident, one in rows if ident not in done.outcomes]
    done.outcomes.update(dict.fromkeys(template_tests.hear(session, left) if left else (), OF_TEST))
    outcomes: dict[str, int] = {}
    changes = []
    for ident, one in rows:
        outcome = done.outcomes.get(ident, UNKNOWN if ident in given_up else WAITING)
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
        heard = outcome not in (WAITING, UNKNOWN)
        changes.append(
            {
                "of": ident,
                "message_id": matched.get(ident),
                "outcome": outcome,
                "tries": tries[ident] + 1,
                "look_at": real_now + _pause(tries[ident]) if outcome == WAITING else None,
                "text": None if heard else one.text,  # from here on the journey's event has the words
                "address": None if heard else _address(one),
            }
        )
    if changes:
        session.execute(_KEPT, changes)
    return Kept(outcomes=outcomes, told=done.told)


def match(session: Session, rows: Sequence[tuple[str, Receipt]]) -> dict[str, str]:
    """The message of each receipt that has one here: by our id, by our key, by the provider's id, by who answered.

    The id of an answer may be its own, which names no message.
    """
    known = _Known.read(session, [receipt for _, receipt in rows])
    found = {ident: message for ident, receipt in rows if (message := known.message_of(receipt)) is not None}
    for ident, receipt in rows:
        if ident not in found and receipt.state is ReceiptState.REPLIED:
            answered = _by_address(session, receipt)
            if answered is not None:
                found[ident] = answered
    return found


@dataclass(frozen=True, slots=True)
class _Known:
    """The messages that a page of receipts may be of."""

    by_id: Mapping[str, Any]
    by_key: Mapping[str, Any]
    by_provider: Mapping[tuple[str, str], Any]

    @classmethod
    def read(cls, session: Session, told: Sequence[Receipt]) -> "_Known":
        named = [
            column.in_(values)
            for column, values in (
                (messages.c.id, {one.named for one in told if one.named}),
                (messages.c.key, {one.key for one in told if one.key}),
                (messages.c.provider_id, {one.provider_id for one in told if one.provider_id}),
            )
            if values
        ]
        if not named:
            return cls({}, {}, {})
        columns = (messages.c.id, messages.c.key, messages.c.provider, messages.c.provider_id)
        rows = session.execute(select(*columns).where(or_(*named))).all()
        return cls(
            {row.id: row for row in rows},
            {row.key: row for row in rows},
            {(row.provider, row.provider_id): row for row in rows},
        )

    def message_of(self, receipt: Receipt) -> str | None:
        """A provider speaks of his own messages only, and of those that nobody has taken yet."""
        for row in (self.by_id.get(receipt.named or ""), self.by_key.get(receipt.key or "")):
            if row is not None and row.provider in (None, receipt.provider):
                return str(row.id)
        row = self.by_provider.get((receipt.provider, receipt.provider_id or ""))
        return str(row.id) if row is not None else None


def _by_address(session: Session, receipt: Receipt) -> str | None:
    """What was sent last to whoever has the address: by the provider that brings it, else by another one."""
    channel = receipt.channel or "sms"
    people = _whose(session, receipt)
    channels = ANSWERED_BY if channel in ANSWERED_BY else (channel,)
    if not people:
        return None
    at = receipt.at
    message = latest_sent(session, people, channels, at, receipt.provider) or latest_sent(session, people, channels, at)
    return str(message.id) if message is not None else None


def _whose(session: Session, receipt: Receipt) -> Sequence[str]:
    """Whose address it is that the answer came from."""
    channel = receipt.channel or "sms"
    address = normalised(receipt.address, channel)
    return whose(session, "phone" if channel in ANSWERED_BY else channel, address) if address else ()


def _unasked(session: Session, rows: Sequence[tuple[str, Receipt]], now: datetime, real_now: datetime) -> Done:
    """Words of somebody whom nothing was sent to: he may want no more all the same, or be a stranger."""
    done = Done()
    said = [(ident, receipt) for ident, receipt in rows if receipt.state is ReceiptState.REPLIED and receipt.text]
    people = {person for _, receipt in said for person in _whose(session, receipt)}
    if people:
        locked_people(session, sorted(people))
        lock_homes(session, (), people)
    for ident, receipt in said:  # an answer before it may have left the address to nobody
        told = hear(session, ident, receipt, _whose(session, receipt), now, real_now)
        if told:
            done.outcomes[ident] = APPLIED
            done.told += told
    return done


def keep_told(session: Session, event: str, row: Mapping[str, Any], receipt: Receipt, outcome: str) -> None:
    """Keep a receipt that a journey was told of: `row` has its id, source, digest, instants."""
    call = {name: row[name] for name in ("id", "digest", "received_at")}
    named = {
        "source": row["source"][:LONGEST_SOURCE],
        "call": event,
        "message_id": row["message_id"],
        "outcome": outcome,
    }
    looked = {"tries": 0, "look_at": row["real_now"] + LEAST_PAUSE if outcome == WAITING else None}
    session.execute(insert(receipts).values(**_said(receipt), **call, **named, **looked))


def _pause(tries: int) -> timedelta:
    doubled: timedelta = LEAST_PAUSE * 2 ** min(tries, 12)
    return min(doubled, LONGEST_PAUSE)


def _address(receipt: Receipt) -> str | None:
    """Who answered, in the form in which contacts are kept: forgetting him finds it."""
    return normalised(receipt.address, receipt.channel or "sms") or receipt.address


def _row(call: Call, ident: str, receipt: Receipt, now: datetime) -> dict[str, Any]:
    return {
        "id": ident,
        "source": call.hook.source,
        "call": call.id,
        "digest": call.digest,
        **_said(receipt),
        "received_at": now,
        "outcome": UNKNOWN if receipt.fault else WAITING,
        "tries": 0,
    }


def _said(receipt: Receipt) -> dict[str, Any]:
    return {
        "provider": receipt.provider,
        "provider_id": receipt.provider_id,
        "key": receipt.key,
        "named": receipt.named,
        "state": receipt.state.value,
        "code": receipt.fault or receipt.code,
        "failure": receipt.failure.value if receipt.failure else None,
        "channel": receipt.channel,
        "address": _address(receipt),
        "text": receipt.text,
        "at": receipt.at,
    }


def _receipt(row: Any) -> Receipt:
    return Receipt(
        state=ReceiptState(row.state),
        at=row.at,
        provider=row.provider,
        provider_id=row.provider_id,
        key=row.key,
        named=row.named or row.message_id,
        code=row.code,
        failure=Failure(row.failure) if row.failure else None,
        channel=row.channel,
        address=row.address,
        text=row.text,
    )
