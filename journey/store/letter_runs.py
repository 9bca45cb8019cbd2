"""Print runs: written down once their files are kept, each letter under a key that no second run can take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, func, insert, select
from sqlalchemy.orm import Session

from journey.domain.errors import Conflict, NotFound
from journey.domain.letters import BACK
from journey.domain.reasons import Reason
from journey.domain.references import read_reference, shown_reference
from journey.domain.rules import title
from journey.domain.values import Proof
from journey.store import audit, registry
from journey.store.inserting import insert_new
from journey.store.ledger import journal_rows
from journey.store.letter_gathering import Due
from journey.store.paging import DEFAULT_LIMIT, Order, Page
from journey.store.queries import shown
from journey.store.tables import batches, entries, journal, journeys, letter_runs, letters, persons, projects, units

_RUNS: Final = Order("letter-runs", (letter_runs.c.at, letter_runs.c.id), descending=True)
_LETTERS: Final = Order("letters", (letters.c.run_id, letters.c.id))


@dataclass(frozen=True, slots=True)
class NewLetter:
    """A letter on paper: its reference, what it was, its first sheet and how many it takes."""

    reference: str
    due: Due
    first_page: int
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """A run whose files are kept."""

    id: str
    project: str
    batch: str | None
    rule: str | None
    actor: str
    reason: str | None
    pages: int
    missing: Sequence[Mapping[str, str]]
    files: Mapping[str, str]
    fonts: Sequence[str]
    letters: Sequence[NewLetter]


def record_run(session: Session, run: NewRun, now: datetime, key_id: str, by: str | None) -> None:
    """Write a run down; Conflict when another one has printed a letter of it meanwhile."""
    session.execute(
        insert(letter_runs).values(
            id=run.id, project_id=run.project, batch_id=run.batch, rule=run.rule, at=now, actor=run.actor,
            reason=run.reason, letters=len(run.letters), pages=run.pages, missing=list(run.missing),
            files=dict(run.files), fonts=list(run.fonts),
        )
    )  # fmt: skip
    for position, one in enumerate(run.letters, start=1):
        if not insert_new(session, letters, _row(session, run, one, position)):
            raise Conflict(Reason("letter-printed"))
    _journal(session, run, now)
    detail = {"letters": len(run.letters), "missing": len(run.missing), "pdf": run.files["pdf"]} | audit.person(by)
    audit.append(session, now, key_id, "letters.printed", run.id, detail)


def _row(session: Session, run: NewRun, one: NewLetter, position: int) -> dict[str, Any]:
    due = one.due
    copies = select(func.count()).where(letters.c.journey_id == due.journey, letters.c.entry_key == due.key)
    copy = session.execute(copies).scalar_one() if run.reason is not None else 0
    return {
        "id": one.reference, "run_id": run.id, "position": position, "journey_id": due.journey, "entry_key": due.key,
        "copy": copy, "person_id": due.person, "rule": due.rule, "language": due.language,
        "first_page": one.first_page, "pages": one.pages,
    }  # fmt: skip


def _journal(session: Session, run: NewRun, now: datetime) -> None:
    code = "letter.printed" if run.reason is None else "letter.reprinted"
    rows: list[Any] = []
    for one in run.letters:
        line = (now, code, one.due.key, {"run": run.id, "reference": one.reference})
        rows += journal_rows(one.due.journey, [line])
    session.execute(insert(journal), rows)
    agenda = run.batch or run.project
    counts = {"letters": len(run.letters), "missing": len(run.missing)}
    session.execute(insert(journal), journal_rows(agenda, [(now, "letter.run", run.id, counts)]))


def run_row(session: Session, run: str) -> Any:
    """A run by its id, with project and zone; NotFound."""
    row = session.execute(_runs().where(letter_runs.c.id == run)).first()
    if row is None:
        raise NotFound(Reason("no-such-run"))
    return row


def list_runs(
    session: Session, *, project: str | None = None, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page:
    """Print runs, the latest first; NotFound for an unknown project."""
    query = _runs()
    if project is not None:
        query = query.where(letter_runs.c.project_id == registry.project_row(session, project).id)
    rows, following = _RUNS.fetch(session, query, cursor, limit)
    return Page([run_document(row) for row in rows], following)


def run_view(session: Session, run: str, lang: str = "zh") -> dict[str, Any]:
    """A run with what became of its letters by outcome, and whose letters are missing; NotFound."""
    row = run_row(session, run)
    outcomes = session.execute(
        select(letters.c.outcome, func.count()).where(letters.c.run_id == run).group_by(letters.c.outcome)
    )
    counts = {outcome or "on-its-way": count for outcome, count in outcomes}
    missing = [_missing(session, one, lang) for one in row.missing]
    return {**run_document(row), "outcomes": counts, "missing_letters": missing}


def run_document(row: Any) -> dict[str, Any]:
    """A run as lists show it."""
    return {
        "id": row.id, "project": row.project, "batch": row.batch, "rule": row.rule, "at": shown(row.at, row.zone),
        "by": row.actor, "reason": row.reason, "letters": row.letters, "pages": row.pages,
        "missing": len(row.missing), "files": row.files, "fonts": row.fonts,
    }  # fmt: skip


def _runs() -> Select[Any]:
    return (
        select(letter_runs, projects.c.code.label("project"), projects.c.zone, batches.c.code.label("batch"))
        .join(projects, projects.c.id == letter_runs.c.project_id)
        .outerjoin(batches, batches.c.id == letter_runs.c.batch_id)
    )


def _missing(session: Session, stored: Mapping[str, str], lang: str) -> dict[str, Any]:
    row = session.execute(
        select(units.c.code, persons.c.ref)
        .select_from(journeys)
        .outerjoin(units, units.c.id == journeys.c.unit_id)
        .outerjoin(persons, persons.c.id == stored["person"])
        .where(journeys.c.id == stored["journey"])
    ).first()
    rule = stored["key"].split("/", 1)[0]
    return {
        "journey": stored["journey"], "unit": row.code if row else None, "person": row.ref if row else None,
        "item": rule, "title": title(rule, lang), "reason": stored["reason"],
    }  # fmt: skip


STATES = ("open", *(proof.value for proof in Proof), BACK)


@dataclass(frozen=True, slots=True)
class LetterFilter:
    """Which letters a list shows; None asks for all. `state` is an outcome, or `open` for those without one."""

    project: str | None = None
    batch: str | None = None
    run: str | None = None
    state: str | None = None


def list_letters(
    session: Session, wanted: LetterFilter, lang: str = "zh", *, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page:
    """Printed letters, without names and addresses."""
    query = _letters()
    for column, value in ((projects.c.code, wanted.project), (batches.c.code, wanted.batch),
                          (letters.c.run_id, wanted.run)):  # fmt: skip
        query = query.where(column == value) if value is not None else query
    if wanted.state is not None:
        of_it = letters.c.outcome.is_(None) if wanted.state == "open" else letters.c.outcome == wanted.state
        query = query.where(of_it)
    rows, following = _LETTERS.fetch(session, query, cursor, limit)
    return Page([_letter(row, lang) for row in rows], following)


def letter_view(session: Session, reference: str, lang: str = "zh") -> dict[str, Any]:
    """One printed letter by its reference, as anybody may write it; NotFound."""
    found = read_reference(reference)
    row = session.execute(_letters().where(letters.c.id == found)).first() if found else None
    if row is None:
        raise NotFound(Reason("no-such-letter"))
    return _letter(row, lang)


def _letters() -> Select[Any]:
    entry = (entries.c.scope_id == letters.c.journey_id) & (entries.c.key == letters.c.entry_key)
    return (
        select(
            letters, projects.c.code.label("project"), units.c.code.label("unit"), batches.c.code.label("batch"),
            persons.c.ref, entries.c.state,
        )
        .join(journeys, journeys.c.id == letters.c.journey_id)
        .join(projects, projects.c.id == journeys.c.project_id)
        .outerjoin(units, units.c.id == journeys.c.unit_id)
        .outerjoin(batches, batches.c.id == units.c.batch_id)
        .outerjoin(persons, persons.c.id == letters.c.person_id)
        .outerjoin(entries, entry)
    )  # fmt: skip


def _letter(row: Any, lang: str) -> dict[str, Any]:
    return {
        "reference": shown_reference(row.id), "run": row.run_id, "position": row.position, "project": row.project,
        "batch": row.batch, "unit": row.unit, "journey": row.journey_id, "key": row.entry_key, "item": row.rule,
        "title": title(row.rule, lang), "person": row.ref, "copy": row.copy, "tracking": row.tracking,
        "outcome": row.outcome, "on": row.outcome_on.isoformat() if row.outcome_on else None, "scan": row.scan,
        "state": row.state, "first_page": row.first_page, "pages": row.pages,
    }  # fmt: skip
