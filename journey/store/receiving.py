"""What a matched receipt changes: the message's row, the entry it was sent for, a broadcast's recipient, the journey.

A row only climbs. That it arrived, was read or answered wakes no journey; that it did not arrive, and what was
answered, are facts that a journey hears of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from journey.domain.event_checks import NewEvent
from journey.domain.json_checks import body_digest
from journey.domain.reasons import Reason
from journey.domain.receipts import ARRIVED, STANDS, Receipt
from journey.domain.unknowns import HAPPENED
from journey.domain.values import Failure, ReceiptState
from journey.store import inbox, installation
from journey.store.addressees import ADDRESS_OF, locked_people
from journey.store.broadcast_repeats import Lost, go_again, lock_broadcasts
from journey.store.entries_following import Changed, follow_rows, is_broadcast, under_way
from journey.store.inbox import Target
from journey.store.ledger import journal_rows
from journey.store.locking import lock_homes
from journey.store.outbox import RANK
from journey.store.overtaking import RECEIPT, overtaken_as_told, overtaken_by_arrival
from journey.store.replying import (
    Answer,
    Told,
    address_of,
    follow_answer,
    home_of,
    invalidate,
    is_strangers,
    normalised,
    whose,
)
from journey.store.staleness import mark_stale
from journey.store.tables import journal, messages, persons

WAITING, APPLIED = "waiting", "applied"
ACTS: Final = (ReceiptState.FAILED, ReceiptState.REPLIED)  # what a journey hears of
_COLUMNS: Final = (
    "state", "sent_at", "delivered_at", "read_at", "replied_at", "failed_at", "provider", "provider_id", "reason",
)  # fmt: skip
_CHANGE: Final = (
    update(messages)
    .where(messages.c.id == bindparam("of"))
    .values({name: bindparam(f"to_{name}") for name in (*_COLUMNS, "updated_at")})
)


@dataclass(frozen=True, slots=True)
class Matched:
    """A receipt with the message that it is of; `event` is the one that a journey was told it as already.

    `text` is what an answer says whose receipt has no words, as they stand with its event.
    """

    id: str
    receipt: Receipt
    message: str
    event: str | None = None
    text: str | None = None


@dataclass(slots=True)
class Done:
    """What became of each receipt, the events that were told, and which plans have to be made anew."""

    outcomes: dict[str, str] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    replan: set[str] = field(default_factory=set)  # homes where less is asked for than was planned


def act_on(session: Session, matched: Sequence[Matched], now: datetime, real_now: datetime) -> Done:
    """Act on receipts, in the order of their instants; those of a send that is under way wait for its end."""
    done = Done()
    if not matched:
        return done
    rows, by_message = climb(session, matched, done, now)
    for told in by_message.values():
        for one in told:
            if done.outcomes[one.id] == APPLIED and one.receipt.state in ACTS:
                done.told += _tell(session, rows[one.message], one, now, real_now)
    for home in sorted(done.replan):
        mark_stale(session, home, real_now)
    return done


def climb(
    session: Session, matched: Sequence[Matched], done: Done, now: datetime
) -> tuple[dict[str, Any], dict[str, list[Matched]]]:
    """Let messages, and what hangs on them, follow their receipts; the rows as they were, and what was told of each."""
    rows = _locked(session, matched)
    waiting = under_way(session, list(rows.values()))
    by_message: dict[str, list[Matched]] = {}
    for one in sorted(matched, key=lambda one: (one.receipt.at, one.id)):
        if one.message not in rows or one.message in waiting:
            done.outcomes[one.id] = WAITING
        else:
            by_message.setdefault(one.message, []).append(one)
    changed = [(rows[message], _changes(rows[message], told, done)) for message, told in by_message.items()]
    changed = [(row, values) for row, values in changed if values]
    if changed:
        session.execute(_CHANGE, [_written(row, values, now) for row, values in changed])
    follow_rows(session, changed, now)
    _overtake(session, matched, rows, changed, done, now)
    lines = [line for row, values in changed for line in _lines(row, values, now)]
    if lines:
        session.execute(insert(journal), lines)
    return rows, by_message


def _overtake(
    session: Session,
    matched: Sequence[Matched],
    rows: Mapping[str, Any],
    changed: Sequence[Changed],
    done: Done,
    now: datetime,
) -> None:
    """Mark what journeys were told of messages and what these receipts show to be no longer so.

    What a stranger answers has not arrived at its owner.
    """
    came_back = [row for row, values in changed if row.failed_at is not None and values.get("delivered_at") is not None]
    said = [(one.message, one.text or one.receipt.text) for one in matched]
    not_his = {
        row.id
        for row in came_back
        if any(of == row.id and text and is_strangers(session, text, row.journey_id, now) for of, text in said)
    }
    done.replan |= overtaken_by_arrival(session, [row for row in came_back if row.id not in not_his])
    arrived = {row.id for row, values in changed if values.get("delivered_at") is not None}
    for one in matched:
        if one.event is not None and one.receipt.state is ReceiptState.FAILED and done.outcomes[one.id] == STANDS:
            row = rows[one.message]
            overtaken_as_told(session, one.event, row.id in arrived or RANK[row.state] >= RANK["delivered"])
            done.replan.add(row.journey_id)


def _locked(session: Session, matched: Sequence[Matched]) -> dict[str, Any]:
    """The rows of the messages, locked after the persons and journeys that what was told acts upon."""
    wanted = sorted({one.message for one in matched})
    lock_broadcasts(session, [one.message for one in matched if one.receipt.state in ACTS])
    heads = {row.id: row for row in session.execute(select(messages).where(messages.c.id.in_(wanted)))}
    people: set[str] = set()
    for one in matched:
        if one.receipt.state in ACTS and one.message in heads:
            row = heads[one.message]
            by_carrier = one.receipt.state is ReceiptState.FAILED
            address = address_of(session, row, one.receipt.address, by_carrier=by_carrier)
            named = {address, normalised(one.receipt.address, row.channel)}
            column = ADDRESS_OF.get(row.channel, row.channel)
            people |= {row.person_id, *(who for each in named for who in whose(session, column, each))}
    if people:
        locked_people(session, sorted(people))
    lock_homes(session, {row.journey_id for row in heads.values()}, people)
    rows = select(messages).where(messages.c.id.in_(wanted)).order_by(messages.c.id).with_for_update()
    return {row.id: row for row in session.execute(rows)}


def _changes(row: Any, told: Sequence[Matched], done: Done) -> dict[str, Any]:
    """The columns that the receipts of one message change; each receipt is left with what became of it."""
    now = {name: getattr(row, name) for name in _COLUMNS}
    for one in told:
        before = dict(now)
        _take(now, row, one.receipt)
        said = one.receipt.state is ReceiptState.REPLIED and bool(one.receipt.text)
        done.outcomes[one.id] = APPLIED if now != before or said else STANDS
    if now["delivered_at"] is not None:  # what came back of it before was overtaken: nobody hears of that
        done.outcomes |= {one.id: STANDS for one in told if one.receipt.state is ReceiptState.FAILED}
    return {name: value for name, value in now.items() if value != getattr(row, name)}


def _written(row: Any, values: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    columns = {f"to_{name}": values.get(name, getattr(row, name)) for name in _COLUMNS}
    return {"of": row.id, "to_updated_at": now, **columns}


def _take(now: dict[str, Any], row: Any, receipt: Receipt) -> None:
    state, at = receipt.state, receipt.at
    if state is ReceiptState.UNKNOWN:  # he does not know either: that changes nothing
        return
    if state is ReceiptState.FAILED and not _may_come_back(now, receipt):
        return
    now["provider"] = now["provider"] or receipt.provider
    if state is not ReceiptState.REPLIED:  # an answer may have an id of its own
        now["provider_id"] = now["provider_id"] or receipt.provider_id
    if state is ReceiptState.FAILED:
        now["failed_at"] = at
        if now["state"] == "unknown":  # he knows its end, and nobody else has to find out
            now["state"] = "failed"
        now["reason"] = Reason("not-delivered", {"channel": row.channel, "code": receipt.code or "?"}).document()
        return
    climbs_to = "delivered" if state in ARRIVED else "sent"
    if RANK[now["state"]] < RANK[climbs_to]:
        now["state"], now["reason"] = climbs_to, None
        now["sent_at"] = now["sent_at"] or at
    if state in ARRIVED:
        now["delivered_at"], now["failed_at"], now["reason"] = now["delivered_at"] or at, None, None
    if state is ReceiptState.READ:
        now["read_at"] = now["read_at"] or at
    if state is ReceiptState.REPLIED:
        now["replied_at"] = now["replied_at"] or at


def _may_come_back(now: Mapping[str, Any], receipt: Receipt) -> bool:
    """Whether a message can be given back: not one that arrived, came back or failed already, is known to its owner
    as a person found out, or went again since under another id of the provider's.
    """
    if RANK[now["state"]] >= RANK["delivered"] or now["failed_at"] is not None or now["state"] == "failed":
        return False
    if (now["reason"] or {}).get("code") == HAPPENED:
        return False
    return None in (now["provider_id"], receipt.provider_id) or now["provider_id"] == receipt.provider_id


def _lines(row: Any, values: Mapping[str, Any], now: datetime) -> list[Any]:
    """What the timeline says: the furthest that came of it."""
    codes = {"replied_at": "replied", "read_at": "read", "delivered_at": "delivered", "failed_at": "returned"}
    code = next((code for name, code in codes.items() if values.get(name) is not None), values.get("state"))
    if code is None:
        return []
    params = {"message": row.id, "channel": row.channel, "state": code}
    why = {"reason": values["reason"]} if values.get("reason") else {}
    return journal_rows(row.journey_id, [(now, f"message.{code}", row.entry_key, params | why)])


def _tell(session: Session, row: Any, one: Matched, now: datetime, real_now: datetime) -> list[Told]:
    """The journey hears of what did not arrive, and of an answer; a dead address and a stranger's are invalid.

    A broadcast goes once more to whom it did not reach, and wakes his homes by a dead address only.
    """
    if one.receipt.state is ReceiptState.FAILED:
        failure = known_failure(session, row, one.receipt.failure, one.receipt.address)
        one = replace(one, receipt=replace(one.receipt, failure=failure))
        if is_broadcast(row.entry_key) and one.receipt.failure is not Failure.PERMANENT:
            go_again(session, row, Lost(one.id, later=one.receipt.failure is Failure.LATER), now)
            return []
        heard: list[Told] = []
        if one.event is None:
            heard = [_event(session, row, one, RECEIPT, _failure(row, one.receipt), now, real_now)]
        dead = follow_dead(session, row, one.receipt, one.event or heard[0].event, now, real_now)
        if is_broadcast(row.entry_key):
            go_again(session, row, Lost(one.id, dead=True), now)
        return [*heard, *dead]
    if not one.receipt.text or is_forgotten(session, row.person_id):
        return []
    data = {"text": one.receipt.text, "message_class": row.message_class, **about_message(row)}
    if one.receipt.address:
        data["address"] = one.receipt.address
    told = _event(session, row, one, "message.replied", data, now, real_now)
    followed = follow_answer(session, told.event, row, now, real_now)
    if is_broadcast(row.entry_key) and is_strangers(session, one.receipt.text, row.journey_id, now):
        go_again(session, row, Lost(one.id, dead=True, stranger=True), now)
    return [told, *followed]


def hear(
    session: Session, ident: str, receipt: Receipt, people: Sequence[str], now: datetime, real_now: datetime
) -> list[Told]:
    """An answer to nothing that was sent, of the first of these who has a home; nothing for nobody.

    Whoever calls this has locked them and their homes.
    """
    found = next(((one, home) for one in people if (home := home_of(session, one, "")) is not None), None)
    if found is None or is_forgotten(session, found[0]):
        return []
    person, journey = found
    data = {"text": receipt.text, "channel": receipt.channel or "sms", "address": receipt.address}
    at, source = min(receipt.at, now), f"provider:{receipt.provider}"
    event = NewEvent(ident, "message.replied", at, data, source=source, person=person)
    digest = body_digest(data, installation.digest_key(session, now))
    accepted = inbox.accept(session, Target(journey, journey=journey), event, digest, now, real_now)
    return [Told(journey, accepted.id), *follow_answer(session, accepted.id, None, now, real_now)]


def is_forgotten(session: Session, person: str) -> bool:
    """Whether nothing that he says may be kept any more: he was forgotten, after a message went out to him perhaps."""
    found = select(persons.c.id).where(persons.c.id == person, persons.c.erased_at.is_not(None))
    return session.execute(found).first() is not None


def _failure(row: Any, receipt: Receipt) -> dict[str, Any]:
    said = {"code": receipt.code, "failure": receipt.failure.value if receipt.failure else None}
    return {"state": "failed", **about_message(row), **{name: value for name, value in said.items() if value}}


def about_message(row: Any) -> dict[str, Any]:
    """What an event of a message says of it."""
    return {"message": row.id, "entry": row.entry_key, "channel": row.channel}


def _event(
    session: Session, row: Any, one: Matched, kind: str, data: dict[str, Any], now: datetime, real_now: datetime
) -> Told:
    rule, _, occurrence = row.entry_key.split("/", 2)
    about = {"item": rule, "occurrence": occurrence, "message": row.id}
    at = min(one.receipt.at, now)  # a clock of theirs that runs ahead of ours parks no fact
    event = NewEvent(
        one.id, kind, at, data, source=f"provider:{one.receipt.provider}", person=row.person_id, about=about
    )
    digest = body_digest(data, installation.digest_key(session, now))
    accepted = inbox.accept(session, Target(row.journey_id, journey=row.journey_id), event, digest, now, real_now)
    return Told(row.journey_id, accepted.id)


def known_failure(session: Session, row: Any, failure: Failure | None, told: str | None = None) -> Failure | None:
    """How a message failed as far as it counts: where nobody knows what it went to, no address is dead, but the way."""
    if failure is Failure.PERMANENT and address_of(session, row, told, by_carrier=True) is None:
        return Failure.REFUSED
    return failure


def follow_dead(
    session: Session, row: Any, receipt: Receipt, event: str, now: datetime, real_now: datetime
) -> list[Told]:
    """A number that does not exist, or bars us for good, is invalid for everybody who has it."""
    if receipt.failure is not Failure.PERMANENT:
        return []
    address = address_of(session, row, receipt.address, by_carrier=True)
    if address is None:
        return []
    about = Answer(event, row.journey_id, "", row.channel, row.person_id, address, row.message_class)
    evidence = {"receipt": event, "code": receipt.code or "?"}
    return invalidate(session, about, "dead-address", evidence, now, real_now)
