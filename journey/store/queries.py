"""What people are shown of projects and journeys. Instants are RFC 3339 text in the project's zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, Select, func, or_, select
from sqlalchemy.orm import Session

from journey.domain.clocks import local, local_date
from journey.domain.delay import as_of
from journey.domain.entries import RUNNING
from journey.domain.errors import NotFound
from journey.domain.reasons import Reason
from journey.domain.warranty import gap_days
from journey.store.masking import masked_address, masked_name
from journey.store.outlines import left_document
from journey.store.paging import DEFAULT_LIMIT, Order, Page
from journey.store.shared_agendas import row_table
from journey.store.tables import (
    batches,
    contacts,
    former_parties,
    journeys,
    parties,
    persons,
    projects,
    tasks,
    units,
    warranty_items,
)

OPEN_TASKS: Final = tuple(state.value for state in RUNNING)
_JOURNEYS: Final = Order("journeys", (journeys.c.started_at, journeys.c.id), descending=True)
_PROJECTS: Final = Order("projects", (projects.c.created_at, projects.c.id))
_COLUMNS: Final = (
    journeys.c.id,
    journeys.c.stage,
    journeys.c.status,
    journeys.c.external_id,
    journeys.c.next_due,
    journeys.c.overdue,
    journeys.c.started_at,
    projects.c.code.label("project"),
    projects.c.zone,
    units.c.code.label("unit"),
    units.c.building,
    batches.c.code.label("batch"),
)


@dataclass(frozen=True, slots=True)
class JourneyFilter:
    """Which journeys a list shows; None asks for all. `q` is part of a unit's code or of an external id.

    `person` is our id of somebody who is an owner now; `overdue` keeps those with late tasks, or with none.
    """

    project: str | None = None
    stage: str | None = None
    status: str | None = None
    q: str | None = None
    due_before: datetime | None = None
    batch: str | None = None
    building: str | None = None
    person: str | None = None
    overdue: bool | None = None


def shown(instant: datetime | None, zone: str) -> str | None:
    """An instant as people read it: RFC 3339 on the clocks of the zone."""
    return local(instant, zone).isoformat() if instant else None


def shown_to_seconds(instant: datetime | None, zone: str) -> str | None:
    """The same without the fraction of a second, where nobody compares it with another instant."""
    return shown(instant.replace(microsecond=0), zone) if instant else None


def find_journey(session: Session, name: str) -> str:
    """The id of a journey named by its id or as PROJECT/UNIT (there the one that lives, else the latest); NotFound."""
    found = session.scalar(select(journeys.c.id).where(journeys.c.id == name))
    if found is None and "/" in name:
        project, unit = name.split("/", 1)
        found = session.scalar(
            select(journeys.c.id)
            .join(projects, projects.c.id == journeys.c.project_id)
            .join(units, units.c.id == journeys.c.unit_id)
            .where(projects.c.code == project, units.c.code == unit)
            .order_by(journeys.c.over, journeys.c.started_at.desc(), journeys.c.id.desc())
            .limit(1)
        )
    if found is None:
        raise NotFound(Reason("no-such-journey"))
    return str(found)


def project_view(session: Session, code: str) -> dict[str, Any]:
    """A project; NotFound for an unknown code."""
    row = session.execute(select(projects).where(projects.c.code == code)).one_or_none()
    if row is None:
        raise NotFound(Reason("no-such-project"))
    return _project(row)


def list_projects(session: Session, *, cursor: str | None = None, limit: int = DEFAULT_LIMIT) -> Page:
    """Projects, oldest first."""
    rows, following = _PROJECTS.fetch(session, select(projects), cursor, limit)
    return Page([_project(row) for row in rows], following)


def list_journeys(
    session: Session, wanted: JourneyFilter, *, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page:
    """Journeys without their owners, the latest start first."""
    query = _filtered(_journeys(), wanted)
    rows, following = _JOURNEYS.fetch(session, query, cursor, limit)
    return Page([_journey(row) for row in rows], following)


def journey_view(session: Session, name: str, *, unmasked: bool = False, now: datetime | None = None) -> dict[str, Any]:
    """A journey with its owners, warranty ledger, number of open tasks and, as of `now`, its other ledgers; NotFound.

    Names and phone numbers are masked unless `unmasked`: whoever asks for that writes it to the audit log.
    """
    journey_id = find_journey(session, name)
    row = session.execute(_journeys().where(journeys.c.id == journey_id)).one()
    open_tasks = session.scalar(
        select(func.count()).where(tasks.c.journey_id == journey_id, tasks.c.state.in_(OPEN_TASKS))
    )
    return {
        **_journey(row),
        "owners": owners_view(session, journey_id, unmasked=unmasked),
        "warranty": warranty_view(session, journey_id),
        "open_tasks": open_tasks or 0,
        "ledgers": ledgers_view(session, journey_id, local_date(now, zone_of(session, journey_id))) if now else {},
    }


def warranty_view(session: Session, journey_id: str) -> list[dict[str, Any]]:
    """The unit's warranty ledger: per component both ends and the days between, each None while it is unknown."""
    unit_id = session.scalar(select(journeys.c.unit_id).where(journeys.c.id == journey_id))
    mine = warranty_items.c.journey_id == journey_id
    rows = session.execute(
        select(warranty_items)
        .where(or_(warranty_items.c.unit_id == unit_id, mine) if unit_id else mine)
        .order_by(warranty_items.c.position, warranty_items.c.component)
    )
    return [_cover(row) for row in rows]


def ledgers_view(session: Session, journey_id: str, today: date) -> dict[str, Any]:
    """Delay of a late handover (up to `today`), counters, deposits of fit-outs, gifts: what there is of each."""
    kept = left_document(session, journey_id).get("ledgers", {})
    return {name: as_of(ledger, today) if name == "delay" else ledger for name, ledger in kept.items()}


def primary_refs(session: Session, journey_ids: Sequence[str]) -> dict[str, str]:
    """The ref of each journey's primary owner, where it has one."""
    rows = session.execute(
        select(journeys.c.id, persons.c.ref)
        .join(parties, parties.c.episode_id == journeys.c.episode_id)
        .join(persons, persons.c.id == parties.c.person_id)
        .where(journeys.c.id.in_(journey_ids))
        .order_by(parties.c.position.desc())
    )
    return {row.id: row.ref for row in rows}  # the first position comes last and stays


def owner_refs(session: Session, journey_id: str) -> dict[str, str]:
    """The ref of each owner of a journey by our id, those who left included."""
    episode = select(journeys.c.episode_id).where(journeys.c.id == journey_id).scalar_subquery()
    members = [select(table.c.person_id).where(table.c.episode_id == episode) for table in (parties, former_parties)]
    rows = session.execute(select(persons.c.id, persons.c.ref).where(or_(*(persons.c.id.in_(one) for one in members))))
    return {row.id: row.ref for row in rows}


def zone_of(session: Session, agenda_id: str) -> str:
    """The IANA zone of the project that an agenda belongs to; NotFound."""
    table = row_table(agenda_id)
    zone = session.scalar(
        select(projects.c.zone).join(table, table.c.project_id == projects.c.id).where(table.c.id == agenda_id)
    )
    if zone is None:
        raise NotFound(Reason("no-such-journey"))
    return str(zone)


def contains(text: str) -> str:
    """A LIKE pattern (with escape `\\`) for what contains the text as it stands."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _journeys() -> Select[Any]:
    return (
        select(*_COLUMNS)
        .join(projects, projects.c.id == journeys.c.project_id)
        .outerjoin(units, units.c.id == journeys.c.unit_id)
        .outerjoin(batches, batches.c.id == units.c.batch_id)
    )


def _filtered(query: Select[Any], wanted: JourneyFilter) -> Select[Any]:
    if wanted.project is not None:
        query = query.where(projects.c.code == wanted.project)
    if wanted.stage is not None:
        query = query.where(journeys.c.stage == wanted.stage)
    if wanted.status is not None:
        query = query.where(journeys.c.status == wanted.status)
    if wanted.batch is not None:
        query = query.where(batches.c.code == wanted.batch)
    if wanted.building is not None:
        query = query.where(units.c.building == wanted.building)
    if wanted.person is not None:
        theirs = select(parties.c.episode_id).where(parties.c.person_id == wanted.person)
        query = query.where(journeys.c.episode_id.in_(theirs))
    if wanted.overdue is not None:
        query = query.where(journeys.c.overdue > 0 if wanted.overdue else journeys.c.overdue == 0)
    if wanted.due_before is not None:
        query = query.where(journeys.c.next_due < wanted.due_before)
    if wanted.q:
        like = contains(wanted.q)
        query = query.where(or_(units.c.code.ilike(like, escape="\\"), journeys.c.external_id.ilike(like, escape="\\")))
    return query


def _journey(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "project": row.project,
        "unit": row.unit,
        "building": row.building,
        "batch": row.batch,
        "stage": row.stage,
        "status": row.status,
        "external_id": row.external_id,
        "next_due": shown(row.next_due, row.zone),
        "overdue": row.overdue,
        "started_at": shown(row.started_at, row.zone),
    }


def _project(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "code": row.code,
        "name": row.name,
        "city": row.city,
        "pack": row.pack,
        "overlays": row.overlays,
        "zone": row.zone,
        "go_live_at": shown(row.go_live_at, row.zone),
    }


def owners_view(session: Session, journey_id: str, *, unmasked: bool = False) -> list[dict[str, Any]]:
    """The owners of a journey, the primary contact first; names and phones masked unless `unmasked`."""
    phone = (contacts.c.person_id == persons.c.id) & (contacts.c.channel == "phone")
    rows = session.execute(
        select(persons.c.ref, persons.c.name, contacts.c.address.label("phone"))
        .join(parties, parties.c.person_id == persons.c.id)
        .join(journeys, journeys.c.episode_id == parties.c.episode_id)
        .outerjoin(contacts, phone)
        .where(journeys.c.id == journey_id)
        .order_by(parties.c.position)
    )
    return [
        {
            "ref": row.ref,
            "name": row.name if unmasked else masked_name(row.name),
            "phone": row.phone if unmasked else masked_address(row.phone),
        }
        for row in rows
    ]


def _cover(row: Row[Any]) -> dict[str, Any]:
    return {
        "component": row.component,
        "owner_ends": row.owner_ends.isoformat() if row.owner_ends else None,
        "contractor_ends": row.contractor_ends.isoformat() if row.contractor_ends else None,
        "gap_days": gap_days(row.owner_ends, row.contractor_ends),
    }
