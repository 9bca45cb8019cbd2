"""What happened and what is ahead: entries from ledger and agenda together, the forecast, the timeline."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, or_, select
from sqlalchemy.orm import Session

from journey.domain.actions import PLANNED, seen_as
from journey.domain.actions import shown as outcome_of
from journey.domain.agendas import kind_of
from journey.domain.entries import State
from journey.domain.reasons import Reason, with_text
from journey.domain.telling import is_by_operator, item_name, sentence, title, who_and_why
from journey.store.expecting import kept_back_of
from journey.store.ledger import owner_column
from journey.store.outlines import left_document
from journey.store.paging import DEFAULT_LIMIT, Order, Page
from journey.store.queries import find_journey, owner_refs, primary_refs, shown, zone_of
from journey.store.shelf import Shelf
from journey.store.standings import STANDS, ledger_stands, planned_since
from journey.store.tables import entries, events, journal, messages, persons, tasks

_TIMELINE: Final = Order("timeline", (journal.c.seq,))
# Kinds of lines by what their codes begin with.
LINES: Final[Mapping[str, tuple[str, ...]]] = {
    "facts": ("event.", "journey."),
    "items": ("entry.", "task."),
    "messages": ("message.", "letter."),
}
_STANDS: Final = {state.value for state in STANDS}


def entries_view(
    session: Session, agenda_id: str, lang: str = "zh", *, kept_back: Mapping[str, Reason] | None = None
) -> list[dict[str, Any]]:
    """One document per item and occurrence of an agenda, by due: what was done, what runs, what is planned.

    An item that the agenda has planned wins over what the ledger remembers of an earlier try. One that `kept_back`
    has a reason for, by key, has the `outlook` that it will be suppressed.
    """
    made = _Entries(session, agenda_id, lang, kept_back or {})
    rows = session.execute(
        select(entries)
        .where(entries.c.scope == kind_of(agenda_id).value, entries.c.scope_id == agenda_id)
        .order_by(entries.c.seq)
    ).all()
    found = {row.key: made.of_row(row) for row in rows}
    standing = made.standing(rows)
    found |= {key: made.of_item(item) for key, item in made.planned.items() if key not in standing}
    return sorted(found.values(), key=lambda entry: (datetime.fromisoformat(entry["due"]), entry["key"]))


def forecast_view(session: Session, name: str, now: datetime, lang: str = "zh", *, shelf: Shelf) -> Page:
    """Every entry still ahead, by due: one page, as the stored agenda has it; NotFound.

    `outlook` and `reason` say of care that will not go that it will be suppressed, and why, as things stand `now`.
    """
    ahead = ("planned", "held")
    journey = find_journey(session, name)
    shown_entries = entries_view(session, journey, lang, kept_back=kept_back_of(session, shelf, journey, now))
    return Page([entry for entry in shown_entries if entry["outcome"] in ahead])


def list_entries(session: Session, name: str, lang: str = "zh", *, state: str | None = None) -> Page:
    """Every item of a journey by due, ahead, running or ended; `state` is an outcome or an exact state; NotFound."""
    found = entries_view(session, find_journey(session, name), lang)
    wanted = [each for each in found if state in (None, each["outcome"], each["expected"].split("@")[0])]
    return Page(wanted)


def timeline_view(
    session: Session,
    name: str,
    lang: str = "zh",
    *,
    kind: str | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page:
    """What happened to a journey, in the order in which it was written down, each line in words; NotFound.

    `kind` asks for one of `LINES` only: `facts`, `items`, `messages`.
    """
    return agenda_timeline(session, find_journey(session, name), lang, kind=kind, cursor=cursor, limit=limit)


def agenda_timeline(
    session: Session,
    agenda_id: str,
    lang: str = "zh",
    *,
    kind: str | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page:
    """The same of any agenda, by its id."""
    zone = zone_of(session, agenda_id)
    query = _lines(agenda_id)
    if kind is not None:
        query = query.where(or_(*(journal.c.code.startswith(prefix, autoescape=True) for prefix in LINES[kind])))
    rows, following = _TIMELINE.fetch(session, query, cursor, limit)
    return Page([_line(row, zone, lang) for row in rows], following)


def lines_about(session: Session, journey_id: str, refs: Collection[str], lang: str = "zh") -> list[dict[str, Any]]:
    """The lines of a timeline that speak of certain entries, tasks, messages or events, in order."""
    zone = zone_of(session, journey_id)
    query = _lines(journey_id).where(journal.c.ref.in_(sorted(refs))).order_by(journal.c.seq)
    return [_line(row, zone, lang) for row in session.execute(query)]


def _lines(agenda_id: str) -> Select[Any]:
    return (
        select(
            journal.c.at,
            journal.c.code,
            journal.c.ref,
            journal.c.params,
            tasks.c.key,
            messages.c.entry_key,
            events.c.type,
            events.c.data,
        )
        .outerjoin(events, events.c.id == journal.c.ref)
        .outerjoin(tasks, tasks.c.id == journal.c.ref)
        .outerjoin(messages, messages.c.id == journal.c.ref)
        .where(journal.c[owner_column(agenda_id)] == agenda_id)
    )


def _line(row: Row[Any], zone: str, lang: str) -> dict[str, Any]:
    is_event = row.code.startswith("event.")
    told = row.data if is_event and is_by_operator(row.type) else {}
    key = row.key or row.entry_key or (told.get("key") if is_event else row.ref)
    item = key.split("/", 1)[0] if key and "/" in key else None
    name = item_name(key, lang) if key and item else None
    by, why = told.get("by"), told.get("reason")
    return {
        "at": shown(row.at, zone),
        "code": row.code,
        "text": sentence(row.code, row.params, name, lang, zone) + who_and_why(by, why, lang),
        "ref": row.ref,
        "item": item,
        "title": name,
        "by": by,
        "why": why,
        "params": row.params,
    }


class _Entries:
    """What the entries of one agenda are put together from."""

    def __init__(self, session: Session, journey_id: str, lang: str, kept_back: Mapping[str, Reason]) -> None:
        self.lang = lang
        self.kept_back = kept_back
        self.zone = zone_of(session, journey_id)
        self.planned_at = planned_since(session, journey_id)
        document = left_document(session, journey_id)
        self.items: dict[str, Mapping[str, Any]] = {item["key"]: item for item in document.get("items", ())}
        self.planned = {key: self.items[key] for key in (document or {}).get("planned", ()) if key in self.items}
        self.primary = primary_refs(session, [journey_id]).get(journey_id)
        self.sends = _first_sends(session, journey_id, self.primary)
        self.owners = owner_refs(session, journey_id)

    def standing(self, rows: Sequence[Row[Any]]) -> set[str]:
        """Keys of which the ledger has the last word."""
        return {
            row.key for row in rows if row.key not in self.planned or ledger_stands(row.state, row.at, self.planned_at)
        }

    def of_row(self, row: Row[Any]) -> dict[str, Any]:
        """A touched item; while it runs, the agenda knows its present instants."""
        item = self.items.get(row.key) if row.state in _STANDS else None
        return self._document(
            row.key,
            {**row.item, **(item or {})},
            due=None if item else row.due,
            state=row.state,
            at=None if row.state == State.RESERVED else row.at,
            reason=row.reason,
            steps=row.steps,
        )

    def of_item(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """An item that is only planned, and whether it is expected to go."""
        kept = self.kept_back.get(item["key"])
        found = self._document(item["key"], item, state=PLANNED, reason=kept.document() if kept else None)
        return found | {"outlook": State.SUPPRESSED.value if kept else None}

    def _document(
        self,
        key: str,
        item: Mapping[str, Any],
        *,
        state: str,
        due: datetime | None = None,
        at: datetime | None = None,
        reason: Mapping[str, Any] | None = None,
        steps: Sequence[Mapping[str, Any]] = (),
    ) -> dict[str, Any]:
        rule, subject, occurrence = _parts(key)
        channel, person = self.sends.get(key, (None, None))
        shown_due = shown(due, self.zone) or self._instant(item.get("due")) or shown(at, self.zone)
        return {
            "key": key,
            "subject": item.get("subject", subject),
            "item": item.get("rule", rule),
            "title": title(item.get("rule", rule), self.lang),
            "occurrence": item.get("occurrence", occurrence),
            "kind": item.get("kind"),
            "role": item.get("role"),
            "class": item.get("class"),
            "channel": "phone" if item.get("kind") == "call" else channel,
            "person": person or self._named(item) or self.primary,
            "due": shown_due,
            "original_due": self._instant(item.get("original_due")),
            "legal_due": self._instant(item.get("legal_due")),
            "at": shown(at, self.zone),
            "outcome": outcome_of(state),
            "expected": seen_as(state, datetime.fromisoformat(shown_due) if shown_due else None),
            "outlook": None,
            "reason": reason["code"] if reason else None,
            "why": self._because(reason) if reason else None,
            "because": [self._because(each) for each in item.get("because", ())],
            "requirement": list(item.get("requirement", ())),
            "steps": [{**step, "at": self._instant(step["at"])} for step in steps],
            "case": (item.get("params") or {}).get("case"),
        }

    def _named(self, item: Mapping[str, Any]) -> str | None:
        """The owner whom a letter or call is for."""
        person = (item.get("params") or {}).get("person")
        return self.owners.get(person) if person else None

    def _because(self, reason: Mapping[str, Any]) -> dict[str, Any] | None:
        return with_text(reason, self.lang, self.zone)

    def _instant(self, text: str | None) -> str | None:
        return shown(datetime.fromisoformat(text), self.zone) if text else None


def _first_sends(session: Session, journey_id: str, primary: str | None) -> dict[str, tuple[str, str | None]]:
    """By entry: channel and recipient of its send to the primary contact, else of its first one."""
    rows = session.execute(
        select(messages.c.entry_key, messages.c.channel, persons.c.ref)
        .outerjoin(persons, persons.c.id == messages.c.person_id)
        .where(messages.c.journey_id == journey_id)
        .order_by(messages.c.reserved_at.desc(), persons.c.ref.desc(), messages.c.id.desc())
    )
    told = sorted(rows, key=lambda row: bool(row.ref == primary))
    return {row.entry_key: (row.channel, row.ref) for row in told}  # what comes last stays


def _parts(key: str) -> tuple[str, str | None, str | None]:
    rule, *rest = key.split("/", 2)
    subject, occurrence = [*rest, None, None][:2]
    return rule, subject, occurrence
