"""The planning transaction: lock, read, plan, write (`kernel.md` §3). Only planning activities may import it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, insert, update
from sqlalchemy.orm import Session

from journey.domain.agendas import kind_of
from journey.domain.case_names import OPENINGS
from journey.domain.decided import Decided
from journey.domain.entries import ENDED, RUNNING
from journey.domain.errors import PlannedByNewer
from journey.domain.planner import Plan, plan
from journey.domain.record import Cover, Record, SharedRecord
from journey.domain.rules import RULES_NUMBER
from journey.domain.shared.plans import plan_shared
from journey.domain.showing import details
from journey.domain.values import JourneyStatus
from journey.domain.verdicts import Verdict
from journey.store.agenda_documents import kept
from journey.store.case_rows import write_cases
from journey.store.changes import record_change
from journey.store.decisions import follow_decision
from journey.store.episodes import follow
from journey.store.ledger import journal_rows, verdict_params, write_entry
from journey.store.outlines import left_item
from journey.store.reading import Reading, is_ours
from journey.store.shared_agendas import row_table
from journey.store.shared_reading import locked_agenda, read_agenda
from journey.store.shelf import Shelf
from journey.store.tables import agenda, events, journal, journeys, shared_agendas, tasks, warranty_items
from journey.store.types import dumps

# Built once, as putting a statement together costs as much as running it; each sets the columns that it is given.
_VERDICT = update(events).where(events.c.id == bindparam("event"))
_NEW_AGENDA, _LINES = insert(agenda), insert(journal)
_AGENDA = update(agenda).where(agenda.c.scope == bindparam("in_scope"), agenda.c.scope_id == bindparam("of"))
_ROWS = {
    table: update(table).where(table.c.id == bindparam("of")).values(revision=table.c.revision + 1)
    for table in (journeys, shared_agendas)
}
HOME_MOVES = 3  # a plan that gives the journey another home or other owners is made again with them
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


def plan_agenda(session: Session, agenda_id: str, now: datetime, *, by: By, told: bool = False) -> Planned:
    """Plan one agenda and write what changed. Unknown ones and other Temporals get `NOT_OURS`.

    `told` plans answer an update, which a killed Temporal forgets: when one finds a life that is over, the mark of
    what was told stays, so that the sweeper asks once more, by a signal, which is not forgotten.

    Raises PlannedByNewer when rules with a higher number than ours had it last.
    """
    row = locked_agenda(session, agenda_id)
    if row is None or not is_ours(row, by.namespace_id):
        return NOT_OURS
    if (row.rules or 0) > by.rules:
        raise PlannedByNewer(f"{agenda_id}: rules {row.rules} of build {row.build}, ours are {by.rules}")
    now = max(now, row.planned_at) if row.planned_at else now
    reading, found = _worked_out(session, row, by.shelf, now)
    row = reading.row
    lines = _write_verdicts(session, reading, found, now)
    lines += _write_entries(session, reading, found, now)
    document_hash = _write_agenda(session, reading, found, now)
    language = reading.record.packs.on(now.date()).pack.language
    shown = _shown(reading, found, now, language)
    ends = found.over and not row.over  # the workflow has not heard of it yet
    mark = (row.stale_since or now) if found.over and told else None
    _write_row(session, reading, found, now, by, shown, document_hash, mark)
    if lines:
        session.execute(_LINES, journal_rows(agenda_id, lines))
    verdicts = {event_id: opinion.verdict.value for event_id, opinion in found.opinions.items()}
    if isinstance(reading.record, SharedRecord):  # the door judged them as they came
        verdicts = {event_id: verdict.value for event_id, verdict in reading.seen.items()}
    earlier = ends or row.wake_at is None or found.wake_at < row.wake_at or bool(found.moves)
    return Planned(found, verdicts, shown, language, earlier, _judged(reading, found), _late(row, now))


def _worked_out(session: Session, row: Any, shelf: Shelf, now: datetime) -> tuple[Reading, Plan]:
    """What stands and what follows from it; a journey's home and owners follow its facts first."""
    reading = read_agenda(session, row, shelf)
    if isinstance(reading.record, SharedRecord):
        return reading, plan_shared(reading.record, now)
    found = plan(reading.record, now, reading.seen)
    for _ in range(HOME_MOVES):
        if not follow(session, reading, found, now):
            break
        reading = read_agenda(session, locked_agenda(session, row.id), shelf)
        found = plan(reading.record, now, reading.seen)
    return reading, found


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
    rows: list[dict[str, Any]] = []
    for event_id, opinion in found.opinions.items():
        if reading.seen.get(event_id) == opinion.verdict:
            continue
        reason = opinion.reason.document() if opinion.reason else None
        rows.append({"event": event_id, "verdict": opinion.verdict.value, "reason": reason})
        lines.append((now, f"event.{types[event_id]}", event_id, verdict_params(types[event_id], opinion)))
    if rows:
        session.execute(_VERDICT, rows)  # all of them in one go
    return lines


def _write_entries(session: Session, reading: Reading, found: Plan, now: datetime) -> list[Line]:
    hashes = (found.pack_hash, reading.record.calendar.content_hash)
    lines: list[Line] = []
    for decided in found.changes:
        entry = decided.entry
        assert entry is not None  # changes carry entries
        was = reading.record.entries.get(entry.key)
        if was is None and not entry.item:  # nobody asks for it any more: it stands as the last plan left it
            item, _ = left_item(session, reading.record.journey, entry.key)
            entry = replace(entry, item=item or {})
        entry = follow_decision(session, reading.record.journey, entry, now)
        write_entry(session, reading.record.journey, entry, rung=decided.rung, hashes=hashes)
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


def _write_agenda(session: Session, reading: Reading, found: Plan, now: datetime) -> str:
    """The agenda document and, with it, the unit's warranty ledger: written only when they changed."""
    covers = [_cover(cover) for cover in found.covers]
    cases = [dict(case) for case in found.cases]
    document = kept(found, covers)
    content_hash = hashlib.blake2b(f"{document}{dumps(cases)}".encode(), digest_size=16).hexdigest()
    if content_hash == reading.agenda_hash:
        return content_hash
    agenda_id = reading.record.journey
    scope = kind_of(agenda_id).value
    ahead = {item.key: item.due for item in found.agenda if item.key in found.planned}
    values = {"document": document, "outline": {"planned": ahead, "covers": covers}, "hash": content_hash}
    if reading.agenda_hash is None:
        session.execute(_NEW_AGENDA, {"scope": scope, "scope_id": agenda_id, **values})
    else:
        session.execute(_AGENDA, {"in_scope": scope, "of": agenda_id, **values})
    if cases or any(event.type in OPENINGS for event in reading.record.events):
        write_cases(session, reading.row, cases)
    if covers != reading.covers:
        _follow_covers(session, reading, found, now)
    return content_hash


def _follow_covers(session: Session, reading: Reading, found: Plan, now: datetime) -> None:
    """The home's ledger is its owner's plan's; of a home that was sold anew the former one leaves it alone."""
    record, holder = reading.record, reading.row.holder
    assert isinstance(record, Record)  # batches and projects have no covers
    theirs = holder not in (None, record.journey)
    sold_anew = theirs and found.status is not JourneyStatus.TRANSFERRED
    if record.unit is None or record.inherited or sold_anew:
        return
    _write_covers(session, record.unit, record.journey, found.covers)
    if theirs:  # the ends stay the home's: its new owner's plan reads them
        record_change(session, "unit", {"journeys": [holder]}, now)


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
        "unit": "" if isinstance(reading.record, SharedRecord) else row.unit or "",
        "stage": found.stage.value,
        "status": found.status.value,
        "segment": found.segment.value if found.segment else "",
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
    mark: datetime | None,
) -> None:
    """The agenda's row; the stale mark is cleared only if it is the one that was read."""
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
        "stale_since": mark,
        "pokes": 0,
    }
    if not isinstance(reading.record, SharedRecord):
        values["care_stops"] = found.care_stops
    changed = any(getattr(row, name) != value for name, value in values.items())
    if not changed and not found.changes and document_hash == reading.agenda_hash:
        return
    session.execute(_ROWS[row_table(row.id)], {**values, "planned_at": now, "of": row.id})
