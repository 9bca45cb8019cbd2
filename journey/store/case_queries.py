"""Lists of cases. Instants are RFC 3339 text in the project's zone; owners stand by their ref."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from journey.domain.case_values import CaseKind, CaseLevel
from journey.domain.errors import NotFound
from journey.domain.reasons import Reason
from journey.domain.values import label
from journey.store.paging import DEFAULT_LIMIT, Order, Page
from journey.store.queries import find_journey, shown
from journey.store.tables import cases, events, journeys, persons, projects, units

_CASES: Final = Order("cases", (cases.c.opened_at, cases.c.id), descending=True)
OPEN: Final = ("open", "paused", "fixed", "disputed")


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases a list shows; None asks for all. The state `open` stands for every one that is not closed."""

    project: str | None = None
    kind: str | None = None
    state: str | None = None
    journey: str | None = None


def list_cases(
    session: Session, wanted: CaseFilter, lang: str = "zh", *, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page:
    """Cases, the last reported first; NotFound for an unknown journey."""
    rows, following = _CASES.fetch(session, _filtered(session, _cases(), wanted), cursor, limit)
    return Page([_case(row, lang) for row in rows], following)


def case_view(session: Session, case: str, lang: str = "zh") -> dict[str, Any]:
    """One case; NotFound."""
    row = session.execute(_cases().where(cases.c.id == case)).first()
    if row is None:
        raise NotFound(Reason("no-such-case"))
    return _case(row, lang)


def cases_view(session: Session, journey_id: str, lang: str = "zh") -> list[dict[str, Any]]:
    """Every case of a journey, the first reported first."""
    rows = session.execute(_cases().where(cases.c.journey_id == journey_id).order_by(cases.c.opened_at, cases.c.id))
    return [_case(row, lang) for row in rows]


def _cases() -> Select[Any]:
    return (
        select(
            cases, projects.c.code.label("project"), projects.c.zone, units.c.code.label("unit"), persons.c.ref,
        )
        .join(projects, projects.c.id == cases.c.project_id)
        .join(journeys, journeys.c.id == cases.c.journey_id)
        .join(events, events.c.id == cases.c.id)
        .outerjoin(units, units.c.id == cases.c.unit_id)
        .outerjoin(persons, persons.c.id == events.c.person_id)
    )  # fmt: skip


def _filtered(session: Session, query: Select[Any], wanted: CaseFilter) -> Select[Any]:
    if wanted.project is not None:
        query = query.where(projects.c.code == wanted.project)
    if wanted.kind is not None:
        query = query.where(cases.c.kind == wanted.kind)
    if wanted.state is not None:
        query = query.where(cases.c.state.in_(OPEN if wanted.state == "open" else (wanted.state,)))
    if wanted.journey is not None:
        query = query.where(cases.c.journey_id == find_journey(session, wanted.journey))
    return query


def _case(row: Row[Any], lang: str) -> dict[str, Any]:
    document: Mapping[str, Any] = row.document
    local = {name: _local(document[name], row.zone) for name in ("opened_at", "closed_at", "paused_until")}
    return {
        **document,
        **local,
        "journey": row.journey_id,
        "project": row.project,
        "unit": row.unit,
        "person": row.ref,
        "title": f"{label(CaseKind(row.kind), lang)} · {label(CaseLevel(row.level), lang)}",
        "reopened": [_local(each, row.zone) for each in document["reopened"]],
        "clocks": [
            {**each, "due": _local(each["due"], row.zone), "at": _local(each["at"], row.zone)}
            for each in document["clocks"]
        ],
        "steps": [{**each, "at": _local(each["at"], row.zone)} for each in document["steps"]],
    }


def _local(text: str | None, zone: str) -> str | None:
    return shown(datetime.fromisoformat(text), zone) if text else None
