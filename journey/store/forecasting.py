"""The stored agendas of a project, page by page: its journeys', its batches' and its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from journey.store.paging import Order
from journey.store.tables import agenda, batches, journeys

_AGENDAS: Final = Order("agendas", (agenda.c.scope, agenda.c.scope_id))
_PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class Agendas:
    """A page of agenda documents by whose they are, and the cursor of the next one (None: this is the last)."""

    documents: Mapping[str, Mapping[str, Any]]
    next_cursor: str | None


def project_agendas(session: Session, project_id: str, *, cursor: str | None = None) -> Agendas:
    """A page of the agendas that belong to a project, as the last plans left them."""
    homes = select(journeys.c.id).where(journeys.c.project_id == project_id)
    deliveries = select(batches.c.id).where(batches.c.project_id == project_id)
    query = select(agenda.c.scope_id, agenda.c.document).where(
        or_(
            and_(agenda.c.scope == "journey", agenda.c.scope_id.in_(homes)),
            and_(agenda.c.scope == "batch", agenda.c.scope_id.in_(deliveries)),
            and_(agenda.c.scope == "project", agenda.c.scope_id == project_id),
        )
    )
    rows, following = _AGENDAS.fetch(session, query, cursor, _PAGE)
    return Agendas({row.scope_id: row.document for row in rows}, following)


def count_journeys(session: Session, project_id: str) -> int:
    """How many journeys a project has, those that are over included."""
    counted = session.scalar(select(func.count()).select_from(journeys).where(journeys.c.project_id == project_id))
    return int(counted or 0)
