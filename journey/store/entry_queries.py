"""What happened and what is ahead: entries from ledger and agenda together, the forecast, the timeline."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from journey.domain.actions import PLANNED, seen_as
from journey.domain.actions import shown as outcome_of
from journey.domain.entries import State
from journey.domain.reasons import wording
from journey.domain.telling import is_by_operator, sentence, title, who_and_why
from journey.store.paging import DEFAULT_LIMIT, Order, Page
from journey.store.queries import find_journey, owner_refs, primary_refs, shown, zone_of
from journey.store.standings import STANDS, ledger_stands, planned_since
from journey.store.tables import agenda, entries, events, journal, messages, persons, tasks

_JOURNEY: Final = "journey"
_TIMELINE: Final = Order("timeline", (journal.c.seq,))
_STANDS: Final = {state.value for state in STANDS}


def entries_view(session: Session, journey_id: str, lang: str = "zh") -> list[dict[str, Any]]:
    """One document per item and occurrence of a journey, by due: what was done, what runs, what is planned.

    An item that the agenda has planned wins over what the ledger remembers of an earlier try.
    """
    shelf = _Shelf(session, journey_id, lang)
    rows = session.execute(
        select(entries).where(entries.c.scope == _JOURNEY, entries.c.scope_id == journey_id).order_by(entries.c.seq)
    ).all()
    found = {row.key: shelf.of_row(row) for row in rows}
    found |= {key: shelf.of_item(item) for key, item in shelf.planned.items() if key not in shelf.standing(rows)}
    return sorted(found.values(), key=lambda entry: (datetime.fromisoformat(entry["due"]), entry["key"]))


def forecast_view(session: Session, name: str, lang: str = "zh") -> Page:
    """Every entry still ahead, by due: one page, as the stored agenda has it; NotFound."""
    ahead = ("planned", "held")
    shown_entries = entries_view(session, find_journey(session, name), lang)
    return Page([entry for entry in shown_entries if entry["outcome"] in ahead])


def list_entries(session: Session, name: str, lang: str = "zh", *, state: str | None = None) -> Page:
    """Every item of a journey by due, ahead, running or ended; `state` is an outcome or an exact state; NotFound."""
    found = entries_view(session, find_journey(session, name), lang)
    wanted = [each for each in found if state in (None, each["outcome"], each["expected"].split("@")[0])]
    return Page(wanted)


def timeline_view(
    session: Session, name: str, lang: str = "zh", *, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page:
    """What happened to a journey, in the order in which it was written down, each line in words; NotFound."""
    journey_id = find_journey(session, name)
    zone = zone_of(session, journey_id)
    query = (
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
        .where(journal.c.journey_id == journey_id)
    )
    rows, following = _TIMELINE.fetch(session, query, cursor, limit)
    return Page([_line(row, zone, lang) for row in rows], following)


def _line(row: Row[Any], zone: str, lang: str) -> dict[str, Any]:
    is_event = row.code.startswith("event.")
    told = row.data if is_event and is_by_operator(row.type) else {}
    key = row.key or row.entry_key or (told.get("key") if is_event else row.ref)
    item = key.split("/", 1)[0] if key and "/" in key else None
    name = title(item, lang) if item else None
    by, why = told.get("by"), told.get("reason")
    return {
        "at": shown(row.at, zone),
        "code": row.code,
        "text": sentence(row.code, row.params, name, lang) + who_and_why(by, why, lang),
        "ref": row.ref,
        "item": item,
        "title": name,
        "by": by,
        "why": why,
        "params": row.params,
    }


class _Shelf:
    """What the entries of one journey are put together from."""

    def __init__(self, session: Session, journey_id: str, lang: str) -> None:
        self.lang = lang
        self.zone = zone_of(session, journey_id)
        self.planned_at = planned_since(session, journey_id)
        document = session.scalar(
            select(agenda.c.document).where(agenda.c.scope == _JOURNEY, agenda.c.scope_id == journey_id)
        )
        self.items: dict[str, Mapping[str, Any]] = {item["key"]: item for item in (document or {}).get("items", ())}
        self.planned = {key: self.items[key] for key in (document or {}).get("planned", ()) if key in self.items}
        self.primary = primary_refs(session, [journey_id]).get(journey_id)
        self.sends = _first_sends(session, journey_id)
        self.owners = owner_refs(session, journey_id)

    def standing(self, rows: Sequence[Row[Any]]) -> set[str]:
        """Keys of which the ledger has the last word."""
        return {
            row.key for row in rows if row.key not in self.planned or ledger_stands(row.state, row.at, self.planned_at)
        }

    def of_row(self, row: Row[Any]) -> dict[str, Any]:
        """A touched item; while it runs, the agenda knows its present instants."""
        item = self.items.get(row.key) if row.state in _STANDS else None
        reason = row.reason["code"] if row.reason else None
        return self._document(
            row.key,
            {**row.item, **(item or {})},
            due=None if item else row.due,
            state=row.state,
            at=None if row.state == State.RESERVED else row.at,
            reason=reason,
            steps=row.steps,
        )

    def of_item(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """An item that is only planned."""
        return self._document(item["key"], item, state=PLANNED)

    def _document(
        self,
        key: str,
        item: Mapping[str, Any],
        *,
        state: str,
        due: datetime | None = None,
        at: datetime | None = None,
        reason: str | None = None,
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
            "reason": reason,
            "because": [self._because(each) for each in item.get("because", ())],
            "requirement": list(item.get("requirement", ())),
            "steps": [{**step, "at": self._instant(step["at"])} for step in steps],
            "case": None,
        }

    def _named(self, item: Mapping[str, Any]) -> str | None:
        """The owner whom a letter or call is for."""
        person = (item.get("params") or {}).get("person")
        return self.owners.get(person) if person else None

    def _because(self, reason: Mapping[str, Any]) -> dict[str, Any]:
        params = reason.get("params") or {}
        return {"code": reason["code"], "params": params, "text": wording(reason["code"], params, self.lang)}

    def _instant(self, text: str | None) -> str | None:
        return shown(datetime.fromisoformat(text), self.zone) if text else None


def _first_sends(session: Session, journey_id: str) -> dict[str, tuple[str, str | None]]:
    rows = session.execute(
        select(messages.c.entry_key, messages.c.channel, persons.c.ref)
        .outerjoin(persons, persons.c.id == messages.c.person_id)
        .where(messages.c.journey_id == journey_id)
        .order_by(messages.c.reserved_at.desc(), messages.c.id.desc())
    )
    return {row.entry_key: (row.channel, row.ref) for row in rows}  # the first send comes last and stays


def _parts(key: str) -> tuple[str, str | None, str | None]:
    rule, *rest = key.split("/", 2)
    subject, occurrence = [*rest, None, None][:2]
    return rule, subject, occurrence
