"""Moves on tasks: each locks the agenda's row, looks whether the plan still holds, changes entry and task together."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from journey.domain.entries import ENDED, RUNNING, Entry, Rung, State
from journey.domain.reasons import Reason
from journey.store.ids import new_id
from journey.store.ledger import journal_rows, owner_column, read_entry, write_entry
from journey.store.outlines import left_item
from journey.store.reading import is_ours
from journey.store.shared_reading import locked_agenda
from journey.store.tables import journal, tasks


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a move names: the item's key, the instant and the entry that the plan saw, and when the move runs."""

    journey: str
    key: str
    due: datetime
    seen: str
    now: datetime
    namespace_id: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """The locked journey with the item as the last plan left it; `planned`: not running and not ended."""

    row: Any
    item: Mapping[str, Any] | None
    entry: Entry | None
    planned: bool


@dataclass(frozen=True, slots=True)
class TaskChanged:
    """A task that staff are to hear of."""

    task: str
    what: str
    role: str


def look(session: Session, wanted: Wanted) -> Found | None:
    """The journey's item and entry under its lock; None when the journey is unknown or belongs to another Temporal."""
    row = locked_agenda(session, wanted.journey)
    if row is None or not is_ours(row, wanted.namespace_id):
        return None
    item, planned = left_item(session, wanted.journey, wanted.key)
    return Found(row, item, read_entry(session, wanted.journey, wanted.key), planned)


def is_stale(wanted: Wanted, found: Found) -> bool:
    """Whether the entry or the item changed since the plan that asked for this move."""
    return found.item is None or (found.entry.signature if found.entry else "") != wanted.seen


def open_task(session: Session, wanted: Wanted) -> TaskChanged | None:
    """Open the task of an item; None when stale."""
    return open_found(session, wanted, look(session, wanted))


def open_found(session: Session, wanted: Wanted, found: Found | None) -> TaskChanged | None:
    """The same, for who has looked already."""
    if found is None or is_stale(wanted, found) or not found.planned or _instant(found.item, "due") != wanted.due:
        return None
    item = found.item
    assert item is not None  # not stale
    task = new_id("tsk")
    entry = touched(found.entry, item, wanted.now, State.OPEN)
    entry = replace(entry, task=task, opened_at=wanted.now, attempts=0, next_attempt=None, warned_at=None, tries=0)
    write_entry(session, wanted.journey, replace(entry, escalated_at=None))
    role = item["role"] or "keeper"
    session.execute(
        insert(tasks).values(
            id=task,
            **{owner_column(wanted.journey): wanted.journey},
            project_id=found.row.project_id,
            key=wanted.key,
            rule=item["rule"],
            kind=item["kind"],
            role=role,
            state=State.OPEN.value,
            opened_at=wanted.now,
            due=_instant(item, "due"),
            legal_due=_instant(item, "legal_due"),
            max_attempts=item["attempts"],
        )
    )
    _tell(session, wanted, "entry.open", {"task": task, "role": role})
    return TaskChanged(task, "opened", role)


def warn_task(session: Session, wanted: Wanted) -> TaskChanged | None:
    """Warn the post of a task that is about to be due; None when stale."""
    return _climb(session, wanted, rung="warned", to_state=State.WARNED, instant="warn")


def escalate_task(session: Session, wanted: Wanted) -> TaskChanged | None:
    """Hand an overdue task up to the next post; None when stale."""
    return _climb(session, wanted, rung="escalated", to_state=State.ESCALATED, instant="escalate")


def _climb(session: Session, wanted: Wanted, *, rung: str, to_state: State, instant: str) -> TaskChanged | None:
    found = look(session, wanted)
    if found is None or is_stale(wanted, found) or _instant(found.item, instant) != wanted.due:
        return None
    item, entry = found.item, found.entry
    if item is None or entry is None or entry.state not in RUNNING or entry.task is None:
        return None
    role = item["role"] if rung == "warned" else item["escalates_to"] or item["role"]
    climbed = replace(entry, state=to_state, at=wanted.now, reason=None, until=None, tries=0)
    values: dict[str, Any] = {"state": to_state.value}
    if rung == "warned":
        climbed = replace(climbed, warned_at=wanted.now)
    else:
        climbed = replace(climbed, escalated_at=wanted.now)
        values["escalated_to"] = role
    write_entry(session, wanted.journey, climbed, rung=Rung(wanted.now, rung, role))
    session.execute(update(tasks).where(tasks.c.id == entry.task).values(**values))
    _tell(session, wanted, f"entry.{rung}", {"task": entry.task, "role": role})
    return TaskChanged(entry.task, rung, role)


def hold_back(session: Session, wanted: Wanted) -> bool:
    """Make the entry of a failing move wait, 1 minute doubling to 1 hour; a running task keeps its state.

    An attempt that was given up may have gone on and recorded: what ended since the plan is left alone.
    """
    now = wanted.now
    found = look(session, wanted)
    if found is None or (found.entry is None and found.item is None):
        return False
    entry = found.entry
    if entry is not None and entry.state in ENDED and (not found.planned or entry.signature != wanted.seen):
        return False
    tries = (entry.tries if entry else 0) + 1
    pause = min(timedelta(minutes=1) * 2 ** min(tries - 1, 10), timedelta(hours=1))
    if entry is None or (entry.state not in RUNNING and entry.state is not State.RESERVED):
        assert found.item is not None  # nothing else is planned
        entry = touched(entry, found.item, now, State.HELD)
    reason = Reason("failing", {"tries": tries})
    write_entry(session, wanted.journey, replace(entry, until=now + pause, tries=tries, reason=reason))
    _tell(session, wanted, "entry.failing", {"reason": reason.document()})
    return True


def touched(entry: Entry | None, item: Mapping[str, Any], now: datetime, state: State) -> Entry:
    """The entry of an item that a move touches now, with the fact it stands on."""
    anchor = item["anchor"]
    base = entry or Entry(item["key"], state, now)
    return replace(
        base,
        state=state,
        at=now,
        due=_instant(item, "due"),
        reason=None,
        fact=None,
        carrier=None,
        until=None,
        anchor_event=anchor["event"],
        anchor_on=date.fromisoformat(anchor["on"]),
        moved_by=anchor["moved_by"],
        item=item,
    )


def _tell(session: Session, wanted: Wanted, code: str, params: Mapping[str, Any]) -> None:
    session.execute(insert(journal), journal_rows(wanted.journey, [(wanted.now, code, wanted.key, params)]))


def _instant(item: Mapping[str, Any] | None, name: str) -> datetime | None:
    text = item.get(name) if item else None
    return datetime.fromisoformat(text) if text else None
