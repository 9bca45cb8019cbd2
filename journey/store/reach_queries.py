"""Homes that no message reaches: every address of every owner is invalid, not verified yet, or missing (F 4).

Where letters go is none of them, nor is the inbox that everybody has: an EMS that arrived leaves a home on the list.
"""

from typing import Any, Final

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from journey.store.addressees import OK, SENT_TO
from journey.store.paging import DEFAULT_LIMIT, Order, Page
from journey.store.queries import shown
from journey.store.registry import project_row
from journey.store.tables import contacts, journeys, parties, projects, units

_ORDER: Final = Order("unreachable", (journeys.c.started_at, journeys.c.id))
_OF_ITS_OWNERS: Final = parties.c.episode_id == journeys.c.episode_id
_REACHES: Final = (contacts.c.person_id == parties.c.person_id) & contacts.c.channel.in_(sorted(SENT_TO))


def has_no_contact() -> ColumnElement[bool]:
    """Whether a journey has owners, and none of them an address that a message or a call may go to."""
    owned = exists().where(_OF_ITS_OWNERS)
    good = exists().where(_OF_ITS_OWNERS, _REACHES, contacts.c.state == OK)
    return owned & ~good


def is_unreachable(session: Session, journey: str) -> bool:
    """Whether no message reaches a home."""
    return session.execute(select(journeys.c.id).where(journeys.c.id == journey, has_no_contact())).first() is not None


def unreachable_homes(
    session: Session, project: str, *, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> tuple[int, Page]:
    """How many homes of a project no message reaches, and a page of them, the longest known first; NotFound."""
    here = (journeys.c.project_id == project_row(session, project).id, journeys.c.over.is_(False), has_no_contact())
    count = session.execute(select(func.count()).select_from(journeys).where(*here)).scalar_one()
    lost = select(func.max(contacts.c.since)).where(_OF_ITS_OWNERS, _REACHES).correlate(journeys).scalar_subquery()
    query = (
        select(journeys.c.id, units.c.code.label("unit"), journeys.c.stage, projects.c.zone, lost.label("since"))
        .join(projects, projects.c.id == journeys.c.project_id)
        .outerjoin(units, units.c.id == journeys.c.unit_id)
        .where(*here)
    )
    rows, following = _ORDER.fetch(session, query, cursor, limit)
    return count, Page([_home(row) for row in rows], following)


def _home(row: Any) -> dict[str, Any]:
    return {"journey": row.id, "unit": row.unit, "stage": row.stage, "since": shown(row.since, row.zone)}
