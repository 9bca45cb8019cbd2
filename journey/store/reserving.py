"""Reserving: the outbox row that keeps the key of a send, in the transaction that decides on it.

The provider is called after it, outside any lock (`kernel.md` §6).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from journey.domain.appointments import appointment_of
from journey.domain.clocks import local, local_date
from journey.domain.entries import State
from journey.domain.reasons import Reason
from journey.domain.saying import in_language, said
from journey.store import breakers
from journey.store.addressees import (
    addressees,
    locked_people,
    template_of,
)
from journey.store.bulk import insert_all, update_all
from journey.store.ids import new_id
from journey.store.judging import Attempt, Granted, Refused, already, calling_days, judge
from journey.store.ledger import write_entry
from journey.store.outbox import Sending, Verdict, decided_by, record
from journey.store.overtaking import asked_by_overtaken
from journey.store.performing import Found, Wanted, is_stale, look, touched
from journey.store.shelf import Shelf, shelf_name
from journey.store.tables import messages


def reserve(
    session: Session,
    wanted: Wanted,
    person: str,
    shelf: Shelf,
    carriers: Mapping[str, str] | None = None,
    approving: Collection[str] = (),
) -> Sending | Verdict | None:
    """Decide whether this person may be sent to now, and reserve the send; None when the move is stale.

    `carriers` names the provider of each channel of the installation, `approving` the channels whose providers take
    only texts that they know.
    """
    who = locked_people(session, [person])
    found = look(session, wanted)
    if found is None or not who:
        return None
    entry = found.entry
    reserved = entry is not None and entry.state is State.RESERVED
    if not reserved and (is_stale(wanted, found) or not found.planned or asked_by_overtaken(session, wanted.key)):
        return None
    row = session.execute(select(messages).where(messages.c.key == f"{wanted.key}/{person}")).first()
    settled = already(row, wanted.journey, person)
    if settled is not None:
        return settled
    if found.item is None:  # nobody asks any more, and a send had begun: it may have happened
        return _give_up(session, row, person, wanted.now)
    history = shelf.history(session, shelf_name(found.row.pack, found.row.overlays))
    version = history.on(local_date(wanted.now, found.row.zone))
    to = addressees(session, who, {person: [wanted.journey]}, wanted.now)[person]
    gate = breakers.gate(session, wanted.now, carriers)
    calendar = calling_days(session, shelf, version, found.item["class"])
    attempt = Attempt(
        wanted.journey, found.item, to, found.row, row, version, wanted.now, gate=gate, calendar=calendar,
        texts=shelf.texts, approving=approving,
    )  # fmt: skip
    judged = judge(attempt)
    gate.write(session)
    if isinstance(judged, Refused):
        return end_refused(session, attempt, judged)
    _reserve_entry(session, wanted, found)
    return reserve_row(session, attempt, judged)


def end_refused(session: Session, attempt: Attempt, refused: Refused) -> Verdict:
    """Write down how a send that had begun ends; the verdict."""
    if refused.ends is not None:
        record(session, attempt.row.id, refused.ends, attempt.now, reason=refused.verdict.reason)
    return refused.verdict


def _give_up(session: Session, row: Any, person: str, now: datetime) -> Verdict:
    reason = Reason("not-asked")
    if row is not None:
        record(session, row.id, "unknown", now, reason=reason)
    return Verdict(person, State.UNKNOWN, reason)


def reserve_row(session: Session, attempt: Attempt, granted: Granted) -> Sending:
    """Write the reservation of one send, a new one or one that begins again."""
    return reserve_rows(session, [(attempt, granted)])[0]


def reserve_rows(session: Session, granted: Sequence[tuple[Attempt, Granted]]) -> list[Sending]:
    """Write the reservations of many sends, the new ones at once and those that begin again at once."""
    fresh = {attempt.key: new_id("msg") for attempt, _ in granted if attempt.row is None}
    rows = [_new_row(attempt, to, fresh[attempt.key]) for attempt, to in granted if attempt.row is None]
    insert_all(session, messages, rows)
    again = [_row_again(attempt, to) for attempt, to in granted if attempt.row is not None]
    update_all(session, messages, ["id"], again)
    return [_sending(one, to, fresh[one.key] if one.row is None else one.row.id) for one, to in granted]


def _row_again(attempt: Attempt, granted: Granted) -> dict[str, Any]:
    calls = attempt.row.calls + 1 if attempt.begun else 1
    return {"id": attempt.row.id, "calls": calls, **_reserved(granted, attempt.now)}


def _new_row(attempt: Attempt, granted: Granted, message: str) -> dict[str, Any]:
    """The outbox row of a first reservation."""
    return {
        "id": message,
        "journey_id": attempt.journey,
        "entry_key": attempt.item["key"],
        "key": attempt.key,
        "person_id": attempt.person,
        "message_class": attempt.item["class"],
        "template": template_of(attempt.item),
        "language": attempt.to.who.language,
        "calls": 1,
        **_reserved(granted, attempt.now),
    }


def _reserved(granted: Granted, now: datetime) -> dict[str, Any]:
    return {
        "channel": granted.channel, "state": "reserved", "updated_at": now, "reserved_at": now,
        "decision": granted.decision,
    }  # fmt: skip


def _sending(attempt: Attempt, granted: Granted, message: str) -> Sending:
    """What the provider needs of a reserved send."""
    return Sending(
        message,
        attempt.key,
        granted.channel,
        granted.address,
        attempt.to.who.language,
        template_of(attempt.item),
        attempt.version.hash,
        variables(attempt.home, attempt.to.who, attempt.item["params"], attempt.now)
        | in_language(attempt.words, attempt.to.who.language),
        attempt.called,
        attempt.item["class"],
        appointment_of(attempt.item["rule"], attempt.item["params"], attempt.home.zone, attempt.now),
        granted.probes,
        attempt.version.pack.messages.breaker,
    )


def _reserve_entry(session: Session, wanted: Wanted, found: Found) -> None:
    assert found.item is not None  # decided on it
    if found.entry is None or found.entry.state is not State.RESERVED:
        entry = touched(found.entry, found.item, wanted.now, State.RESERVED)
        write_entry(session, wanted.journey, replace(entry, fact=decided_by(found.entry, State.RESERVED)))


def variables(home: Any, who: Any, params: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """What a template may use; components, milestones and feasts are ids, the renderer puts them into words."""
    ends = date.fromisoformat(params["ends"]) if params.get("ends") else None
    days = {name: date.fromisoformat(params[name]) for name in _DAYS if params.get(name)}
    slot = local(datetime.fromisoformat(params["slot"]), home.zone) if params.get("slot") else None
    return {
        "owner": {"name": who.name or ""},
        "unit": {"code": home.unit or "", "building": home.building or ""},
        "project": {"name": home.project_name},
        "keeper": "keeper",
        "components": params.get("components") or ([params["component"]] if params.get("component") else []),
        "milestones": list(params.get("milestones", ())),
        "feast": str(params.get("feast", "")),
        "ends_on": ends,
        "days_left": (ends - local_date(now, home.zone)).days if ends else None,
        "slot_on": slot.date() if slot else None,
        "slot_at": f"{slot:%H:%M}" if slot else None,
        "session_at": params.get("session_at"),
        "words": None,
        **{name: days.get(name) for name in _DAYS},
        **said(params, who.language),
    }


_DAYS = ("handover_on", "moved_from", "moved_to", "until", "session_on")  # parameters that are civil dates
