"""What a broadcast leaves of a recipient: entries in his homes, lines in their timelines, a row of its own."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

from sqlalchemy.orm import Session

from journey.domain.entries import WENT_OUT, Entry, State
from journey.domain.feasts import greeting_hours
from journey.domain.reasons import Reason
from journey.domain.rules import RULES
from journey.domain.values import ItemKind
from journey.store.broadcasts import PERSON, WORDS, occurrence_of, recipient_key
from journey.store.bulk import insert_all, update_all
from journey.store.ledger import journal_rows, write_entries
from journey.store.outbox import Verdict
from journey.store.tables import broadcast_recipients, journal

_ROW: Final = ("broadcast_id", "person_id")
_CHANGES: Final = ("state", "reason", "tries", "until", "at")


@dataclass(frozen=True, slots=True)
class Mark:
    """A recipient with what became of him. `journey` carries the message, `also` are his other homes."""

    journey: str
    item: dict[str, Any]
    verdict: Verdict
    tries: int = 0
    also: Sequence[str] = ()


def item_of(row: Any, person: str, zone: str, again: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The item that a broadcast is to one person who lives in `zone`, as the ledger keeps it; `again`: his repeat."""
    subject = person if row.subject == PERSON else row.subject
    opens, expires = _hours(row, zone)
    rule = RULES.get(row.rule)
    nothing = ("role", "escalates_to", "legal_due", "original_due", "warn", "escalate")
    return dict.fromkeys(nothing) | {
        "key": recipient_key(row, person, again),
        "rule": row.rule,
        "subject": subject,
        "occurrence": occurrence_of(row, again),
        "kind": ItemKind.MESSAGE.value,
        "class": row.message_class,
        "requirement": list(rule.asks if rule else ()),
        "opens": opens.isoformat(),
        "due": opens.isoformat(),
        "expires": expires.isoformat(),
        "statutory": False,
        "recipients": "primary",
        "attempts": 1,
        "because": [],
        "params": {name: value for name, value in row.params.items() if name != WORDS}
        | {"broadcast": row.id}
        | ({"not_by": again["not_by"]} if again else {}),
    }


def _hours(row: Any, zone: str) -> tuple[datetime, datetime]:
    """A feast is greeted in the hours of the recipient's own day, everything else from its due until it expires."""
    day = row.params.get("day")
    if day is None:
        return row.due, row.expires
    first, last = (time.fromisoformat(clock) for clock in row.params["hours"])
    return greeting_hours(date.fromisoformat(day), (first, last), zone, row.due)


def write_marks(session: Session, broadcast: str, marks: Sequence[Mark], now: datetime, met: Container[str]) -> None:
    """Write down what became of a page; `met` are those who have a row of theirs already."""
    written: list[tuple[str, Entry]] = []
    lines: list[Any] = []
    for mark in marks:
        if mark.verdict.state is not State.RESERVED:  # a send under way shows once its end is known
            written.append((mark.journey, _entry(mark, mark.verdict, now)))
            lines += _line(mark.journey, mark, mark.verdict, now)
        if mark.verdict.person not in met:
            merged = _merged(mark)
            for home in mark.also:
                written.append((home, _entry(mark, merged, now)))
                lines += _line(home, mark, merged, now)
    write_entries(session, written)
    insert_all(session, journal, lines)
    fresh = [_fresh(broadcast, mark, now) for mark in marks if mark.verdict.person not in met]
    known = [_changed(broadcast, mark, now) for mark in marks if mark.verdict.person in met]
    insert_all(session, broadcast_recipients, fresh)
    update_all(session, broadcast_recipients, _ROW, known)


def _merged(mark: Mark) -> Verdict:
    """What the other homes of a person show: his oldest one carries the message, or what carried it before."""
    verdict = mark.verdict
    if verdict.state is State.MERGED:
        return verdict
    return Verdict(verdict.person, State.MERGED, Reason("merged", {"into": mark.journey}), carrier=mark.item["key"])


def _entry(mark: Mark, verdict: Verdict, now: datetime) -> Entry:
    return Entry(
        key=mark.item["key"],
        state=verdict.state,
        at=now,
        due=datetime.fromisoformat(mark.item["due"]),
        reason=verdict.reason,
        until=verdict.until,
        carrier=verdict.carrier,
        item=mark.item,
    )


def _line(journey: str, mark: Mark, verdict: Verdict, now: datetime) -> list[Any]:
    if verdict.state in WENT_OUT:  # it has its line with the message
        return []
    return journal_rows(journey, [(now, f"entry.{verdict.state}", mark.item["key"], verdict.said)])


def _fresh(broadcast: str, mark: Mark, now: datetime) -> dict[str, Any]:
    verdict = mark.verdict
    return {
        "broadcast_id": broadcast,
        "person_id": verdict.person,
        "journey_id": mark.journey,
        "state": verdict.state.value,
        "reason": verdict.reason.code if verdict.reason else None,
        "tries": mark.tries,
        "until": verdict.until,
        "at": now,
    }


def _changed(broadcast: str, mark: Mark, now: datetime) -> dict[str, Any]:
    row = _fresh(broadcast, mark, now)
    return {name: row[name] for name in (*_ROW, *_CHANGES)}
