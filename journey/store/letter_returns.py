"""What comes back of a print run by file: the numbers that the post gave, and how each letter ended."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from journey.domain.clocks import at, local_date
from journey.domain.errors import FieldError, InvalidInput, field_error
from journey.domain.letters import BACK, DELIVERED, RETURNED
from journey.domain.outcomes import FORMAL_NOTICE
from journey.store import audit
from journey.store.ledger import journal_rows
from journey.store.letter_runs import run_row
from journey.store.repairing import is_void
from journey.store.tables import journal, letters, persons

SOURCE = "letters"
NOON = time(12)


@dataclass(frozen=True, slots=True)
class Tracked:
    """A row of a file: which letter got which number."""

    row: int
    reference: str
    tracking: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A row of a file: how a letter ended, on which day, with the hash of its scan."""

    row: int
    reference: str
    on: date
    outcome: str
    tracking: str | None = None
    scan: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """The fact that a row is: the body of an event, and what of it makes it the same fact when told again."""

    ended: Ended
    journey: str
    event: Mapping[str, Any]
    same: Mapping[str, Any]


def track(
    session: Session, run: str, rows: Sequence[Tracked], now: datetime, key_id: str, *, replace: bool = False,
    unread: Sequence[FieldError] = (),
) -> dict[str, int]:  # fmt: skip
    """Write the numbers down, all or none; InvalidInput names every row at fault, in order. Again changes nothing.

    `unread` is what is wrong with rows that could not be read.
    """
    run_row(session, run)
    known = _letters(session, run)
    errors = [*unread, *_strangers(rows, known), *_numbers(session, rows, known, replace=replace)]
    if errors:
        raise InvalidInput(tuple(sorted(errors, key=_row_of)))
    fresh = [row for row in rows if known[row.reference].tracking != row.tracking]
    for row in fresh:  # a number may pass from one letter of the file to another
        session.execute(update(letters).where(letters.c.id == row.reference).values(tracking=None))
    lines: list[Any] = []
    for row in fresh:
        session.execute(update(letters).where(letters.c.id == row.reference).values(tracking=row.tracking))
        one = known[row.reference]
        params = {"run": run, "reference": row.reference}
        lines += journal_rows(one.journey_id, [(now, "letter.tracked", one.entry_key, params)])
    if lines:
        session.execute(insert(journal), lines)
        audit.append(session, now, key_id, "letters.tracked", run, {"letters": len(fresh)})
    return {"written": len(fresh), "unchanged": len(rows) - len(fresh)}


def facts_of(
    session: Session, run: str, rows: Sequence[Ended], kept: Collection[str], now: datetime,
    unread: Sequence[FieldError] = (),
) -> Sequence[Told]:  # fmt: skip
    """The facts that the rows of a file are; InvalidInput names every row at fault, in order, and then none is told.

    `kept` are the hashes of the scans that were taken, `unread` what is wrong with rows that could not be read.
    """
    row = run_row(session, run)
    known = _letters(session, run)
    errors = [*unread, *_strangers(rows, known), *_days(rows, row, now), *_scans(rows, kept)]
    errors += _contradicting(session, rows, known)
    if errors:
        raise InvalidInput(tuple(sorted(errors, key=_row_of)))
    return [_told(one, known[one.reference], row.zone, now) for one in rows]


def note_end(session: Session, ended: Ended, event: str) -> None:
    """Remember how a letter ended, and the fact that it became."""
    values = {"outcome": ended.outcome, "outcome_on": ended.on, "scan": ended.scan, "event_id": event}
    session.execute(update(letters).where(letters.c.id == ended.reference).values(**values))


def _letters(session: Session, run: str) -> dict[str, Any]:
    rows = session.execute(
        select(letters, persons.c.ref)
        .outerjoin(persons, persons.c.id == letters.c.person_id)
        .where(letters.c.run_id == run)
    )
    return {row.id: row for row in rows}


def _strangers(rows: Sequence[Tracked | Ended], known: Mapping[str, Any]) -> list[FieldError]:
    """References that are not of this run, or stand in the file twice."""
    seen: set[str] = set()
    errors = []
    for row in rows:
        if row.reference not in known:
            errors.append(field_error(f"rows/{row.row}/reference", "not-in-run"))
        elif row.reference in seen:
            errors.append(field_error(f"rows/{row.row}/reference", "twice"))
        seen.add(row.reference)
    return errors


def _numbers(session: Session, rows: Sequence[Tracked], known: Mapping[str, Any], *, replace: bool) -> list[FieldError]:
    """Numbers of other letters, and numbers that would take the place of another one unasked."""
    told = [row.tracking for row in rows]
    taken = session.execute(select(letters.c.id, letters.c.tracking).where(letters.c.tracking.in_(told)))
    owner = {one.tracking: one.id for one in taken}
    ours = {row.reference for row in rows}
    errors = []
    for row in rows:
        has, holder = known.get(row.reference), owner.get(row.tracking)
        if told.count(row.tracking) > 1:
            errors.append(field_error(f"rows/{row.row}/tracking", "twice"))
        elif holder not in (None, row.reference) and not (replace and holder in ours):
            errors.append(field_error(f"rows/{row.row}/tracking", "used-elsewhere"))
        elif has is not None and has.tracking not in (None, row.tracking) and not replace:
            errors.append(field_error(f"rows/{row.row}/tracking", "told-otherwise"))
    return errors


def _days(rows: Sequence[Ended], run: Any, now: datetime) -> list[FieldError]:
    printed, today = local_date(run.at, run.zone), local_date(now, run.zone)
    late = [field_error(f"rows/{row.row}/on", "not-yet") for row in rows if row.on > today]
    early = [row for row in rows if row.on < printed]
    return late + [field_error(f"rows/{row.row}/on", "before-printing", printed=printed.isoformat()) for row in early]


def _scans(rows: Sequence[Ended], kept: Collection[str]) -> list[FieldError]:
    lost = [row for row in rows if row.scan is not None and row.scan not in kept]
    return [field_error(f"rows/{row.row}/scan", "unknown-file") for row in lost]


def _contradicting(session: Session, rows: Sequence[Ended], known: Mapping[str, Any]) -> list[FieldError]:
    """Letters that are said to have come back although a proof of theirs stands: that one has to be void first."""
    errors = []
    for row in rows:
        letter = known.get(row.reference) if row.outcome == BACK else None
        if letter is None or letter.outcome in (None, BACK):
            continue
        if not is_void(session, letter.event_id):
            told = {"on": letter.outcome_on.isoformat(), "event": letter.event_id}
            errors.append(field_error(f"rows/{row.row}/outcome", "proved-served", **told))
    return errors


def _row_of(error: FieldError) -> int:
    return int(error.field.split("/")[1])


def _told(ended: Ended, letter: Any, zone: str, now: datetime) -> Told:
    """The fact of one row. Its instant is noon of its day, or now on the day itself: the file knows the day only."""
    rule, _, occurrence = letter.entry_key.split("/", 2)
    tracking = ended.tracking or letter.tracking
    kind = RETURNED if ended.outcome == BACK else "handover.notice_served" if rule == FORMAL_NOTICE else DELIVERED
    data: dict[str, Any] = {"on": ended.on.isoformat(), "reference": ended.reference}
    data |= {"proof": ended.outcome} if kind != RETURNED else {}
    data |= {"evidence": [{"scan": ended.scan}]} if ended.scan else {}
    numbered = {"tracking": tracking or ended.reference} if kind == DELIVERED or tracking else {}
    event = {
        "id": f"{ended.reference}:{ended.outcome}",
        "type": kind,
        "occurred_at": min(at(ended.on, NOON, zone), now).isoformat(),
        "source": SOURCE,
        "person": letter.ref,
        "about": {"item": rule, "occurrence": occurrence},
        "data": data | numbered,
    }
    # The number may come by file after the proof did: the proof told again is the same all the same.
    return Told(ended, letter.journey_id, event, {"type": kind, **data})
