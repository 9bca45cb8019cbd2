"""The planning transaction: lock, read, plan, write (`kernel.md` §3). Only planning activities may import it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic_core import to_json
from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from journey.domain.decided import Decided
from journey.domain.entries import ENDED, RUNNING
from journey.domain.errors import PlannedByNewer
from journey.domain.planner import Plan, plan
from journey.domain.record import Cover
from journey.domain.rules import RULES_NUMBER
from journey.domain.showing import details, segment
from journey.domain.verdicts import Opinion, Verdict
from journey.store.decisions import follow_decision
from journey.store.ledger import JOURNEY, journal_rows, write_entry
from journey.store.reading import Reading, is_ours, locked_journey, read_journey
from journey.store.shelf import Shelf
from journey.store.tables import agenda, events, journal, journeys, tasks, warranty_items
from journey.store.types import dumps

Line = tuple[datetime, str, str | None, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan that was written, with what the workflow wants to know of it; `plan` is None for a journey not ours."""

    plan: Plan | None
    verdicts: Mapping[str, str]
    shown: Mapping[str, Any]
    language: str = "zh"
    moved_earlier: bool = False
    judged: Mapping[str, datetime] = field(default_factory=dict)  # events that got their first verdict: recorded when
    woke_late: timedelta | None = None  # how far the journey was past the wake that it had been given


NOT_OURS = Planned(None, {}, {})


@dataclass(frozen=True, slots=True)
class By:
    """Who plans: the packs it has, the Temporal it serves (None: nobody's, a preview), its build and rules number."""

    shelf: Shelf
    namespace_id: str | None
    build: str = "dev"
    rules: int = RULES_NUMBER


def plan_journey(session: Session, journey_id: str, now: datetime, *, by: By) -> Planned:
    """Plan one journey and write what changed. Unknown journeys and other Temporals get `NOT_OURS`.

    Raises PlannedByNewer when rules with a higher number than ours had it last.
    """
    row = locked_journey(session, journey_id)
    if row is None or not is_ours(row, by.namespace_id):
        return NOT_OURS
    if (row.rules or 0) > by.rules:
        raise PlannedByNewer(f"{journey_id}: rules {row.rules} of build {row.build}, ours are {by.rules}")
    now = max(now, row.planned_at) if row.planned_at else now
    reading = read_journey(session, row, by.shelf)
    found = plan(reading.record, now, reading.seen)
    lines = _write_verdicts(session, reading, found, now)
    lines += _write_entries(session, reading, found, now)
    document_hash = _write_agenda(session, reading, found)
    language = reading.record.packs.on(now.date()).pack.language
    shown = _shown(reading, found, now, language)
    _write_row(session, reading, found, now, by, shown, document_hash)
    if lines:
        session.execute(insert(journal), journal_rows(journey_id, lines))
    verdicts = {event_id: opinion.verdict.value for event_id, opinion in found.opinions.items()}
    earlier = row.wake_at is None or found.wake_at < row.wake_at or bool(found.moves)
    return Planned(found, verdicts, shown, language, earlier, _judged(reading, found), _late(row, now))


def _judged(reading: Reading, found: Plan) -> dict[str, datetime]:
    return {
        event.id: event.recorded_at
        for event in reading.record.events
        if reading.seen.get(event.id) is Verdict.TAKEN and event.id in found.opinions
    }


def _late(row: Any, now: datetime) -> timedelta | None:
    """None for a plan before the wake, and for the one after a move: it follows at once."""
    if row.wake_at is None or row.planned_at is None or not row.planned_at < row.wake_at <= now:
        return None
    late: timedelta = now - row.wake_at
    return late


def _write_verdicts(session: Session, reading: Reading, found: Plan, now: datetime) -> list[Line]:
    """Verdicts that changed; each change is a line of the timeline, so that their history is kept."""
    types = {event.id: event.type for event in reading.record.events}
    lines: list[Line] = []
    for event_id, opinion in found.opinions.items():
        if reading.seen.get(event_id) == opinion.verdict:
            continue
        reason = opinion.reason.document() if opinion.reason else None
        session.execute(
            update(events).where(events.c.id == event_id).values(verdict=opinion.verdict.value, reason=reason)
        )
        lines.append((now, f"event.{types[event_id]}", event_id, _verdict_params(types[event_id], opinion)))
    return lines


def _verdict_params(kind: str, opinion: Opinion) -> dict[str, Any]:
    params: dict[str, Any] = {"type": kind, "verdict": opinion.verdict.value}
    if opinion.reason:
        params["reason"] = opinion.reason.document()
    return params


def _write_entries(session: Session, reading: Reading, found: Plan, now: datetime) -> list[Line]:
    hashes = (found.pack_hash, reading.record.calendar.content_hash)
    lines: list[Line] = []
    for decided in found.changes:
        entry = decided.entry
        assert entry is not None  # changes carry entries
        write_entry(session, reading.record.journey, entry, rung=decided.rung, hashes=hashes)
        was = reading.record.entries.get(entry.key)
        if entry.reason is not None:
            follow_decision(session, reading.record.journey, entry.key, entry.reason, now)
        if was is not None and was.task is not None:
            _write_task(session, was.task, decided, now)
        if was is None or was.state is not entry.state:
            params = {"reason": entry.reason.document()} if entry.reason else {}
            lines.append((now, f"entry.{entry.state}", entry.key, params))
    return lines


def _write_task(session: Session, task_id: str, decided: Decided, now: datetime) -> None:
    """The task row follows its entry: rung, dates, attempts, and its closing."""
    entry, item = decided.entry, decided.item
    assert entry is not None  # changes carry entries
    values: dict[str, Any] = {"attempts": entry.attempts, "next_attempt": entry.next_attempt}
    if entry.state in RUNNING:
        values["state"] = entry.state.value
        if item is not None:
            values |= {"due": item.due, "legal_due": item.legal_due, "max_attempts": item.attempts}
        if decided.post is not None:
            values |= {"role": decided.post, "claimed_by": None, "claimed_at": None}
    elif entry.state in ENDED:
        values |= {"state": entry.state.value, "closed_at": now}
    session.execute(update(tasks).where(tasks.c.id == task_id, tasks.c.closed_at.is_(None)).values(**values))


def _write_agenda(session: Session, reading: Reading, found: Plan) -> str:
    """The agenda document and, with it, the unit's warranty ledger: written only when they changed."""
    covers = [_cover(cover) for cover in found.covers]
    planned = sorted(found.planned)
    ledgers = _ledgers(found)
    content = to_json(([item.content for item in found.agenda], planned, covers, ledgers))
    content_hash = hashlib.blake2b(content, digest_size=16).hexdigest()
    if content_hash == reading.agenda_hash:
        return content_hash
    journey_id = reading.record.journey
    document = {"items": [item.document() for item in found.agenda], "planned": planned, "covers": covers}
    document["ledgers"] = ledgers
    values = {"document": document, "hash": content_hash}
    if reading.agenda_hash is None:
        session.execute(insert(agenda).values(scope=JOURNEY, scope_id=journey_id, **values))
    else:
        session.execute(
            update(agenda).where(agenda.c.scope == JOURNEY, agenda.c.scope_id == journey_id).values(**values)
        )
    if covers != reading.covers and reading.record.unit:
        _write_covers(session, reading.record.unit, journey_id, found.covers)
    return content_hash


def _ledgers(found: Plan) -> dict[str, Any]:
    """What is counted by the day, as of its first day: whoever reads it brings it up to date."""
    return {"delay": found.delay.document(found.delay.first_day)} if found.delay else {}


def _cover(cover: Cover) -> list[str | None]:
    days = (cover.owner_starts, cover.owner_ends, cover.contractor_ends)
    return [cover.component, *(day.isoformat() if day else None for day in days)]


def _write_covers(session: Session, unit_id: str, journey_id: str, covers: Sequence[Cover]) -> None:
    session.execute(delete(warranty_items).where(warranty_items.c.unit_id == unit_id))
    rows = [
        {
            "unit_id": unit_id,
            "component": cover.component,
            "position": position,
            "journey_id": journey_id,
            "owner_starts": cover.owner_starts,
            "owner_ends": cover.owner_ends,
            "contractor_ends": cover.contractor_ends,
        }
        for position, cover in enumerate(covers)
    ]
    if rows:
        session.execute(insert(warranty_items), rows)


def _shown(reading: Reading, found: Plan, now: datetime, language: str) -> dict[str, Any]:
    row = reading.row
    shown: dict[str, Any] = {
        "project": row.project,
        "batch": row.batch or "",
        "unit": row.unit or "",
        "stage": found.stage.value,
        "status": found.status.value,
        "segment": segment(found, now),
        "next_due": found.next_due,
        "overdue": found.overdue,
        "details": details(found, lang=language, zone=reading.record.zone, now=now),
    }
    shown["hash"] = hashlib.blake2b(dumps(shown).encode(), digest_size=8).hexdigest()
    return shown


def _write_row(
    session: Session,
    reading: Reading,
    found: Plan,
    now: datetime,
    by: By,
    shown: Mapping[str, Any],
    document_hash: str,
) -> None:
    """The journey's row; the stale mark is cleared only if it is the one that was read."""
    row = reading.row
    values: dict[str, Any] = {
        "stage": found.stage.value,
        "status": found.status.value,
        "next_due": found.next_due,
        "overdue": found.overdue,
        "wake_at": None if found.over else found.wake_at,
        "over": found.over,
        "shown_hash": shown["hash"],
        "pack_hash": found.pack_hash,
        "calendar_hash": reading.record.calendar.content_hash,
        "build": by.build,
        "rules": by.rules,
        "stale_since": None,
        "pokes": 0,
    }
    changed = any(getattr(row, name) != value for name, value in values.items())
    if not changed and not found.changes and document_hash == reading.agenda_hash:
        return
    session.execute(
        update(journeys)
        .where(journeys.c.id == row.id)
        .values(**values, planned_at=now, revision=journeys.c.revision + 1)
    )
