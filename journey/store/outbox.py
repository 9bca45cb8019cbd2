"""The outbox: decide and reserve in one transaction, record in another; the provider is called between.

A row only climbs: reserved → failed | unknown → sent → delivered → served. A key with its recipient is unique in the
whole store: who comes second is merged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.orm import Session

from journey.domain.clocks import at, local_date
from journey.domain.consent import Fail, Hold, Merge, Send, SendRequest, Suppress, decide
from journey.domain.entries import WENT_OUT, Entry, State
from journey.domain.packs import Pack
from journey.domain.reasons import Reason
from journey.domain.values import MessageClass
from journey.store.ids import new_id
from journey.store.ledger import journal_rows, write_entry
from journey.store.performing import Found, Wanted, is_stale, look, touched
from journey.store.shelf import Shelf, shelf_name
from journey.store.tables import consents, contacts, entries, holds, journal, messages, parties, persons

ADDRESS_OF = {"sms": "phone", "voice": "phone", "email": "email", "wechat": "wechat"}
RANK = {"failed": 1, "unknown": 1, "reserved": 0, "sent": 2, "delivered": 3, "served": 4}
SETTLED = ("unknown", "sent", "delivered", "served")
LOWEST = (
    State.RESERVED, State.HELD, State.UNKNOWN, State.FAILED, State.SUPPRESSED,
    State.SENT, State.DELIVERED, State.SERVED, State.MERGED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sending:
    """A reserved message: everything the provider needs. `called_before` without an answer on record."""

    message: str
    key: str
    channel: str
    address: str
    language: str
    template: str
    pack_hash: str
    variables: Mapping[str, Any]
    called_before: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one recipient without a call."""

    person: str
    state: State
    reason: Reason | None = None
    until: datetime | None = None
    carrier: str | None = None


def recipients(session: Session, wanted: Wanted) -> Sequence[str] | None:
    """The persons that an item goes to; None when the move is stale."""
    found = look(session, wanted)
    if found is None:
        return None
    reserved = found.entry is not None and found.entry.state is State.RESERVED
    if not reserved and (is_stale(wanted, found) or not found.planned):
        return None
    people = session.execute(
        select(parties.c.person_id).where(parties.c.episode_id == found.row.episode_id).order_by(parties.c.position)
    ).scalars()
    everybody = list(people)
    named = found.item or _stored_item(session, wanted)
    return everybody if named.get("recipients") == "owners" else everybody[:1]


def reserve(session: Session, wanted: Wanted, person: str, shelf: Shelf) -> Sending | Verdict | None:
    """Decide whether this person may be sent to now, and reserve the send; None when the move is stale."""
    who = session.execute(select(persons).where(persons.c.id == person).with_for_update(key_share=True)).first()
    found = look(session, wanted)
    if found is None or who is None:
        return None
    entry = found.entry
    reserved = entry is not None and entry.state is State.RESERVED
    if not reserved and (is_stale(wanted, found) or not found.planned):
        return None
    key = f"{wanted.key}/{person}"
    row = session.execute(select(messages).where(messages.c.key == key)).first()
    if row is not None and (row.journey_id != wanted.journey or row.state in SETTLED):
        return _already(row, wanted, person)
    if found.item is None:  # nobody asks any more, and a send had begun: it may have happened
        return _give_up(session, wanted, row, person, "not-asked")
    history = shelf.history(session, shelf_name(found.row.pack, found.row.overlays))
    version = history.on(local_date(wanted.now, found.row.zone))
    channel, address, invalid = _address(session, person, version.pack, found.item["class"])
    decision = decide(_request(session, wanted, found, who, version.pack, channel, address, invalid))
    begun = row if row is not None and row.state == "reserved" else None
    if begun is not None and begun.calls > 0 and not (isinstance(decision, Send) and begun.channel == channel):
        # It may have gone out already, and only the same provider could make one contact of two calls.
        return _give_up(session, wanted, row, person, "no-longer-allowed")
    if not isinstance(decision, Send):
        verdict = _refused(person, decision, found.item)
        if begun is not None:  # reserved, and never called
            _climb(session, begun.id, "failed", wanted.now, reason=verdict.reason)
        return verdict
    return _reserve_row(session, wanted, found, who, key, row, channel, address or "", version.hash)


def _already(row: Any, wanted: Wanted, person: str) -> Verdict:
    if row.journey_id != wanted.journey:
        return Verdict(person, State.MERGED, Reason("merged", {"into": row.journey_id}), carrier=row.entry_key)
    return Verdict(person, State(row.state), Reason.read(row.reason))


def _give_up(session: Session, wanted: Wanted, row: Any, person: str, code: str) -> Verdict:
    """A send had begun and may not go on: it may have happened, a person decides."""
    reason = Reason(code)
    if row is not None:
        _climb(session, row.id, "unknown", wanted.now, reason=reason)
    return Verdict(person, State.UNKNOWN, reason)


def _refused(person: str, decision: Hold | Suppress | Merge | Fail, item: Mapping[str, Any]) -> Verdict:
    match decision:
        case Hold(until=until, reason=code):
            return Verdict(person, State.HELD, Reason(code, {"until": until.isoformat()}), until)
        case Suppress(reason=code):
            return Verdict(person, State.SUPPRESSED, Reason(code, {"purpose": item["class"]}))
        case Fail(reason=code):
            return Verdict(person, State.FAILED, Reason(code))
        case Merge(into=into):
            return Verdict(person, State.MERGED, Reason("merged", {"into": into}), carrier=into)


def _request(
    session: Session,
    wanted: Wanted,
    found: Found,
    who: Any,
    pack: Pack,
    channel: str,
    address: str | None,
    invalid: bool,
) -> SendRequest:
    item = found.item or {}
    message_class = MessageClass(item["class"])
    zone = who.zone or found.row.zone
    expires = item.get("expires")
    return SendRequest(
        message_class=message_class,
        statutory=bool(item.get("statutory")),
        now=wanted.now,
        zone=zone,
        consents=_consents(session, who.id, channel),
        has_address=address is not None,
        address_invalid=invalid,
        muted=_held(session, wanted, item, who.id, "mute"),
        paused_until_release=_held(session, wanted, item, who.id, "pause"),
        channel=channel,
        bereaved=who.bereaved_at is not None,
        sent_this_month=_sent_this_month(session, who.id, wanted.now, zone),
        window=pack.messages.window(message_class),
        cap=pack.messages.cap_per_month,
        expires=datetime.fromisoformat(expires) if expires else None,
    )


def _address(session: Session, person: str, pack: Pack, message_class: str) -> tuple[str, str | None, bool]:
    """Channel and address by the class's order; an invalid address is the last resort, to be told apart from none."""
    rows = session.execute(select(contacts).where(contacts.c.person_id == person)).all()
    known = {row.channel: row for row in rows}
    order = pack.messages.order(message_class)
    for channel in order:
        row = known.get(ADDRESS_OF[channel])
        if row is not None and row.state == "ok":
            return channel, row.address, False
    for channel in order:
        if ADDRESS_OF[channel] in known:
            return channel, known[ADDRESS_OF[channel]].address, True
    return order[0], None, False


def _consents(session: Session, person: str, channel: str) -> frozenset[str]:
    rows = session.execute(select(consents).where(consents.c.person_id == person)).all()
    given = {row.purpose for row in rows if row.given and row.channel in ("", channel, ADDRESS_OF[channel])}
    barred = {row.purpose for row in rows if not row.given and row.channel in (channel, ADDRESS_OF[channel])}
    return frozenset(given - barred)


def _held(session: Session, wanted: Wanted, item: Mapping[str, Any], person: str, how: str) -> bool:
    scopes = ("all", item["class"], item["rule"], item["key"])
    found = session.execute(
        select(holds.c.event_id)
        .where(or_(holds.c.journey_id == wanted.journey, holds.c.person_id == person))
        .where(holds.c.how == how, holds.c.released_at.is_(None), holds.c.scope.in_(scopes))
        .limit(1)
    ).first()
    return found is not None


def _sent_this_month(session: Session, person: str, now: datetime, zone: str) -> int:
    today = local_date(now, zone)
    first = date(today.year, today.month, 1)
    after = date(today.year + today.month // 12, today.month % 12 + 1, 1)
    return (
        session.execute(
            select(func.count())
            .select_from(messages)
            .where(messages.c.person_id == person, messages.c.message_class.in_(("care", "marketing")))
            .where(messages.c.sent_at >= at(first, time(0), zone), messages.c.sent_at < at(after, time(0), zone))
        ).scalar()
        or 0
    )


def _reserve_row(
    session: Session,
    wanted: Wanted,
    found: Found,
    who: Any,
    key: str,
    row: Any,
    channel: str,
    address: str,
    pack_hash: str,
) -> Sending:
    item = found.item
    assert item is not None  # decided on it
    called_before = row is not None and row.state == "reserved" and row.calls > 0
    message = row.id if row is not None else new_id("msg")
    values = {"channel": channel, "state": "reserved", "updated_at": wanted.now, "reserved_at": wanted.now}
    calls = row.calls + 1 if row is not None and row.state == "reserved" else 1
    template = str(item["params"].get("template", item["rule"]))
    if row is None:
        session.execute(
            insert(messages).values(
                id=message,
                journey_id=wanted.journey,
                entry_key=wanted.key,
                key=key,
                person_id=who.id,
                message_class=item["class"],
                template=template,
                language=who.language,
                calls=calls,
                **values,
            )
        )
    else:
        session.execute(update(messages).where(messages.c.id == row.id).values(calls=calls, **values))
    if found.entry is None or found.entry.state is not State.RESERVED:
        entry = touched(found.entry, item, wanted.now, State.RESERVED)
        write_entry(session, wanted.journey, replace(entry, fact=_decided_by(found.entry, State.RESERVED)))
    return Sending(
        message,
        key,
        channel,
        address,
        who.language,
        template,
        pack_hash,
        _variables(found, who, item, wanted),
        called_before,
    )


def _variables(found: Found, who: Any, item: Mapping[str, Any], wanted: Wanted) -> dict[str, Any]:
    """What a template may use; `components` are ids, the renderer puts them into words."""
    params = item["params"]
    ends = date.fromisoformat(params["ends"]) if params.get("ends") else None
    moved = {name: date.fromisoformat(params[name]) for name in ("moved_from", "moved_to") if params.get(name)}
    return {
        "owner": {"name": who.name or ""},
        "unit": {"code": found.row.unit or "", "building": found.row.building or ""},
        "project": {"name": found.row.project_name},
        "keeper": "keeper",
        "components": params.get("components") or ([params["component"]] if params.get("component") else []),
        "ends_on": ends,
        "days_left": (ends - local_date(wanted.now, found.row.zone)).days if ends else None,
        "handover_on": date.fromisoformat(params["handover_on"]) if params.get("handover_on") else None,
        "moved_from": moved.get("moved_from"),
        "moved_to": moved.get("moved_to"),
    }


def record(
    session: Session,
    message: str,
    state: str,
    now: datetime,
    *,
    provider_id: str | None = None,
    reason: Reason | None = None,
) -> None:
    """What the provider answered; a late answer may raise a row, never lower it."""
    _climb(session, message, state, now, provider_id=provider_id, reason=reason)


def not_called(session: Session, message: str) -> None:
    """The reservation stands, but this attempt ended before the provider was called."""
    session.execute(
        update(messages)
        .where(messages.c.id == message, messages.c.state == "reserved", messages.c.calls > 0)
        .values(calls=messages.c.calls - 1)
    )


def _climb(
    session: Session,
    message: str,
    state: str,
    now: datetime,
    *,
    provider_id: str | None = None,
    reason: Reason | None = None,
) -> None:
    row = session.execute(select(messages).where(messages.c.id == message).with_for_update()).first()
    if row is None or RANK[state] < RANK[row.state] or (row.state == state and state != "reserved"):
        return
    values: dict[str, Any] = {"state": state, "updated_at": now, "reason": reason.document() if reason else None}
    if provider_id:
        values["provider_id"] = provider_id
    if state in ("sent", "delivered", "served") and row.sent_at is None:
        values["sent_at"] = now
    if state == "failed":
        values["calls"] = 0  # a definite no: the next attempt is a first one again
    session.execute(update(messages).where(messages.c.id == message).values(**values))
    if state != "reserved":
        params = {"message": message, "channel": row.channel, "state": state}
        line = (now, f"message.{state}", row.entry_key, params | ({"reason": reason.document()} if reason else {}))
        session.execute(insert(journal), journal_rows(row.journey_id, [line]))


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
    tries = (found.entry.tries if found.entry else 0) + 1 if _provider_away(lowest) else 0
    written = replace(
        entry, state=lowest.state, at=wanted.now, reason=lowest.reason, carrier=lowest.carrier,
        fact=_decided_by(found.entry, lowest.state),
        until=_patience(lowest, tries, wanted.now), tries=tries,
    )  # fmt: skip
    write_entry(session, wanted.journey, written)
    if lowest.state not in WENT_OUT:  # what went out has its line with the message
        params = {"reason": lowest.reason.document()} if lowest.reason else {}
        line = (wanted.now, f"entry.{lowest.state}", wanted.key, params)
        session.execute(insert(journal), journal_rows(wanted.journey, [line]))
    return True


def _decided_by(was: Entry | None, state: State) -> str | None:
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


def _provider_away(verdict: Verdict) -> bool:
    return verdict.reason is not None and verdict.reason.code in ("provider-away", "provider-silent")


def _patience(verdict: Verdict, tries: int, now: datetime) -> datetime | None:
    """When a held entry is looked at again: never within a minute; a provider that is away is asked ever less often."""
    if verdict.state not in (State.HELD, State.RESERVED) or not (verdict.until or _provider_away(verdict)):
        return verdict.until
    pause = min(timedelta(minutes=1) * 2 ** min(max(tries - 1, 0), 10), timedelta(hours=1))
    later: datetime = max(verdict.until or now, now + pause)
    return later


def _stored_item(session: Session, wanted: Wanted) -> Mapping[str, Any]:
    row = session.execute(
        select(entries.c.item).where(entries.c.scope_id == wanted.journey, entries.c.key == wanted.key)
    ).scalar()
    return row or {}
