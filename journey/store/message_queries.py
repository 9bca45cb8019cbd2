"""What people are shown of messages: where each stands, why, what it cost; and the whole history of one."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, String, and_, cast, exists, literal, or_, select, union_all
from sqlalchemy.orm import Session

from journey.domain.entries import State
from journey.domain.errors import NotFound
from journey.domain.items import MESSAGE_KINDS
from journey.domain.reasons import Reason, with_text
from journey.domain.receipts import Standing
from journey.domain.sendings import worded
from journey.store.entry_queries import lines_about
from journey.store.ledger import JOURNEY
from journey.store.outbox import COST_PARTS
from journey.store.paging import DEFAULT_LIMIT, Order, Page
from journey.store.queries import find_journey, shown
from journey.store.tables import entries, events, journeys, messages, persons, projects, receipts

_ENTRY: Final = "ent_"  # messages that were never begun are named by their entry
_LATEST: Final = Order("messages", (messages.c.reserved_at, messages.c.id), descending=True)
# By the state that people see: those of entries that no message was begun for.
_KEPT_BACK: Final[Mapping[str, tuple[State, ...]]] = {
    "held": (State.HELD,),
    "skipped": (State.SKIPPED, State.SUPPRESSED, State.MISSED),
    "failed": (State.FAILED,),
    "unknown": (State.UNKNOWN,),
}
STATES: Final = (
    "planned", "held", "sent", "delivered", "read", "replied", "served", "skipped", "failed", "unknown"
)  # fmt: skip
_SEEN_AS: Final = {state.value: name for name, states in _KEPT_BACK.items() for state in states}
_of_entry = and_(
    entries.c.scope == JOURNEY, entries.c.scope_id == messages.c.journey_id, entries.c.key == messages.c.entry_key
)


def list_messages(
    session: Session,
    *,
    journey: str | None = None,
    state: str | None = None,
    lang: str = "zh",
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page:
    """Messages without addresses or text, the latest first; NotFound for an unknown journey.

    Those that were held, skipped or failed before they were begun stand among them where a journey or such a state is
    asked for: they are entries of the ledger, each with its reason.
    """
    home = find_journey(session, journey) if journey is not None else None
    begun = select(messages.c.id, messages.c.reserved_at.label("at")).where(*_wanted(home, state))
    if home is None and state not in _KEPT_BACK:
        rows, following = _LATEST.fetch(session, begun, cursor, limit)
    else:
        kept = union_all(begun, _never_begun(home, state)).subquery("found")
        latest = Order("messages", (kept.c.at, kept.c.id), descending=True)
        rows, following = latest.fetch(session, select(kept), cursor, limit)
    shown_rows = _documents(session, [str(row.id) for row in rows], lang)
    return Page([shown_rows[str(row.id)] for row in rows], following)


def message_view(session: Session, ident: str, lang: str = "zh", *, words: bool = False) -> dict[str, Any]:
    """One message with what was tried, told and decided; the owner's `words` only for who may read them. NotFound."""
    found = _documents(session, [ident], lang).get(ident)
    if found is None:
        raise NotFound(Reason("no-such-message"))
    row = session.execute(
        select(entries).where(
            entries.c.scope == JOURNEY, entries.c.scope_id == found["journey"], entries.c.key == found["entry"]
        )
    ).first()
    zone = _zone(session, found["journey"])
    return {
        **found,
        "asked": _asked(row, lang, zone),
        "history": _history(session, found, lang),
        "receipts": _receipts(session, ident, zone),
        "answers": _answers(session, found, zone, words=words),
    }


def _wanted(home: str | None, state: str | None) -> list[ColumnElement[bool]]:
    """What a list asks of the rows of the outbox."""
    asked = [messages.c.journey_id == home] if home is not None else []
    return [*asked, _is_shown(state)] if state is not None else asked


def _is_shown(state: str) -> ColumnElement[bool]:
    """The rows that people see in a state, as `Standing.shown` says of one."""
    read, replied, back = (messages.c[name].is_not(None) for name in ("read_at", "replied_at", "failed_at"))
    silent = and_(messages.c.read_at.is_(None), messages.c.replied_at.is_(None))
    held = exists().where(_of_entry, entries.c.state == State.HELD.value)
    match state:
        case "replied":
            return replied
        case "read":
            return and_(read, messages.c.replied_at.is_(None))
        case "planned" | "reserved":
            return messages.c.state == "reserved"
        case "held":
            return and_(messages.c.state == "failed", held)
        case "failed":
            refused = and_(messages.c.state == "failed", ~held)
            return and_(silent, or_(refused, and_(messages.c.state == "sent", back)))
        case "sent":
            return and_(silent, messages.c.state == "sent", messages.c.failed_at.is_(None))
        case _:
            return and_(silent, messages.c.state == state)


def _never_begun(home: str | None, state: str | None) -> Select[Any]:
    states = _KEPT_BACK.get(state, ()) if state is not None else [one for each in _KEPT_BACK.values() for one in each]
    kinds = [kind.value for kind in MESSAGE_KINDS]
    asked = [entries.c.scope_id == home] if home is not None else []
    begun = exists().where(messages.c.journey_id == entries.c.scope_id, messages.c.entry_key == entries.c.key)
    ident = (literal(_ENTRY) + cast(entries.c.seq, String)).label("id")
    return select(ident, entries.c.at.label("at")).where(
        entries.c.scope == JOURNEY,
        entries.c.state.in_([one.value for one in states]),
        entries.c.item["kind"].as_string().in_(kinds),
        ~begun,
        *asked,
    )


def _documents(session: Session, idents: Collection[str], lang: str) -> dict[str, dict[str, Any]]:
    """Messages and entries as they are shown, by id."""
    begun = [ident for ident in idents if not ident.startswith(_ENTRY)]
    kept = [int(ident.removeprefix(_ENTRY)) for ident in idents if ident.removeprefix(_ENTRY).isdecimal()]
    found = {}
    if begun:
        query = (
            select(
                messages,
                persons.c.ref,
                projects.c.zone,
                entries.c.state.label("entry_state"),
                entries.c.reason.label("entry_reason"),
            )
            .join(journeys, journeys.c.id == messages.c.journey_id)
            .join(projects, projects.c.id == journeys.c.project_id)
            .outerjoin(persons, persons.c.id == messages.c.person_id)
            .outerjoin(entries, _of_entry)
            .where(messages.c.id.in_(begun))
        )
        found = {row.id: _message(row, lang) for row in session.execute(query)}
    if kept:
        query = (
            select(entries, projects.c.zone)
            .join(journeys, journeys.c.id == entries.c.scope_id)
            .join(projects, projects.c.id == journeys.c.project_id)
            .where(entries.c.scope == JOURNEY, entries.c.seq.in_(kept))
        )
        found |= {f"{_ENTRY}{row.seq}": _kept_back(row, lang) for row in session.execute(query)}
    return found


def _message(row: Row[Any], lang: str) -> dict[str, Any]:
    standing = Standing(
        row.state, row.read_at is not None, row.replied_at is not None, row.failed_at is not None, row.entry_state
    )
    waits_for = row.entry_reason if standing.shown == State.HELD.value else None  # the row has why the last one failed
    cost = None if row.cost is None else {"amount": str(Decimal(row.cost) / COST_PARTS), "currency": row.currency}
    instants = ("reserved_at", "sent_at", "delivered_at", "read_at", "replied_at", "failed_at")
    return {
        "id": row.id,
        "key": row.key,
        "journey": row.journey_id,
        "entry": row.entry_key,
        "person": row.ref,
        "channel": row.channel,
        "class": row.message_class,
        "template": row.template,
        "language": row.language,
        "state": standing.shown,
        **{name: shown(getattr(row, name), row.zone) for name in instants},
        "provider": row.provider,
        "provider_id": row.provider_id,
        "segments": row.segments,
        "cost": cost,
        "calls": row.calls,
        "version": row.text_hash,
        "reason": with_text(waits_for or row.reason, lang, row.zone),
        "decision": {**row.decision, "text": worded(row.decision, lang)} if row.decision else None,
    }


def _kept_back(row: Row[Any], lang: str) -> dict[str, Any]:
    """An entry that no message was begun for, in the same form."""
    nothing = ("person", "channel", "language", "reserved_at", "sent_at", "provider", "provider_id", "segments", "cost")
    return {
        "id": f"{_ENTRY}{row.seq}",
        "key": row.key,
        "journey": row.scope_id,
        "entry": row.key,
        "class": row.item["class"],
        "template": str(row.item["params"].get("template", row.item["rule"])),
        "state": _SEEN_AS.get(row.state, row.state),
        **dict.fromkeys(nothing),
        "decided_at": shown(row.at, row.zone),
        "until": shown(row.until, row.zone),
        "calls": 0,
        "reason": with_text(row.reason, lang, row.zone),
    }


def _asked(row: Any | None, lang: str, zone: str) -> dict[str, Any] | None:
    """What asked for it, by which rules: the item as it stood, and the hashes of pack and calendar."""
    if row is None:
        return None
    item = row.item
    return {
        "state": row.state,
        "reason": with_text(row.reason, lang, zone),
        "because": [with_text(one, lang, zone) for one in item.get("because", ())],
        "class": item.get("class"),
        "statutory": item.get("statutory"),
        "due": item.get("due"),
        "expires": item.get("expires"),
        "not_by": item.get("params", {}).get("not_by", []),
        "requirement": item.get("requirement", []),
        "pack": row.pack_hash,
        "calendar": row.calendar_hash,
    }


def _history(session: Session, found: Mapping[str, Any], lang: str) -> list[dict[str, Any]]:
    """The lines of the timeline about the message: of an item for several owners, its own ones."""
    lines = lines_about(session, found["journey"], {found["entry"], found["id"]}, lang)
    return [
        {"at": line["at"], "code": line["code"], "text": line["text"]}
        for line in lines
        if line["params"].get("message") in (None, found["id"])
    ]


def _receipts(session: Session, ident: str, zone: str) -> list[dict[str, Any]]:
    rows = session.execute(
        select(receipts).where(receipts.c.message_id == ident).order_by(receipts.c.received_at, receipts.c.id)
    )
    return [
        {
            "id": row.id, "source": row.source, "provider": row.provider, "provider_id": row.provider_id,
            "state": row.state, "code": row.code, "failure": row.failure, "outcome": row.outcome,
            "at": shown(row.at, zone), "received_at": shown(row.received_at, zone),
        }
        for row in rows
    ]  # fmt: skip


def _answers(session: Session, found: Mapping[str, Any], zone: str, *, words: bool) -> list[dict[str, Any]]:
    """What the owner wrote back to it; the words stay in the store for who may not read them."""
    told = session.execute(
        select(events.c.id, events.c.occurred_at, events.c.data)
        .where(events.c.journey_id == found["journey"], events.c.type == "message.replied")
        .where(events.c.data["message"].as_string() == found["id"])
        .order_by(events.c.seq)
    )
    return [
        {"event": row.id, "at": shown(row.occurred_at, zone), "text": row.data.get("text") if words else None}
        for row in told
    ]


def _zone(session: Session, journey: str) -> str:
    of = select(projects.c.zone).join(journeys, journeys.c.project_id == projects.c.id)
    return str(session.execute(of.where(journeys.c.id == journey)).scalar_one())
