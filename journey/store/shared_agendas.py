"""Agendas of projects and batches: they come into being with them, and are marked when something concerns them."""

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, insert, literal, select, update
from sqlalchemy.orm import Session

from journey.domain.agendas import AgendaKind, kind_of
from journey.domain.values import BatchStage, JourneyStatus, ProjectStage
from journey.store.tables import journeys, projects, shared_agendas
from journey.store.types import Json

# A mark that the sweeper's next round acts on. Few agendas bear it, so that it need not be paced.
AT_ONCE: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST: Final = {AgendaKind.PROJECT: ProjectStage.PLANNED.value, AgendaKind.BATCH: BatchStage.PREPARING.value}


def row_table(agenda_id: str) -> Table:
    """The table that has an agenda's row: when it wakes, whether it is stale or over, who planned it."""
    return journeys if kind_of(agenda_id) is AgendaKind.JOURNEY else shared_agendas


def open_agenda(session: Session, agenda_id: str, project_id: str, now: datetime) -> None:
    """The agenda of a new project or batch; the sweeper starts its workflow when nobody else does."""
    kind = kind_of(agenda_id)
    session.execute(
        insert(shared_agendas).values(
            id=agenda_id,
            kind=kind.value,
            project_id=project_id,
            batch_id=agenda_id if kind is AgendaKind.BATCH else None,
            stage=_FIRST[kind],
            status=JourneyStatus.ACTIVE.value,
            started_at=now,
            stale_since=AT_ONCE,
        )
    )


def mark_project(session: Session, project_id: str) -> None:
    """Something was told to a project: it and its batches are planned again."""
    _mark(session, shared_agendas.c.project_id == project_id)


def mark_pack(session: Session, pack: str, overlays: list[str]) -> None:
    """A pack was published: the projects that go by it are planned again, with their batches."""
    by = (projects.c.pack == pack) & (projects.c.overlays == _json(overlays))
    _mark(session, shared_agendas.c.project_id.in_(select(projects.c.id).where(by)))


def mark_all(session: Session) -> None:
    """Every project and batch is planned again: a calendar was published, or Temporal was lost."""
    _mark(session, shared_agendas.c.over.is_(False))


def _mark(session: Session, concerned: ColumnElement[bool]) -> None:
    session.execute(
        update(shared_agendas)
        .where(concerned)
        .values(stale_since=AT_ONCE, stale_mark=shared_agendas.c.stale_mark + 1, poked_at=None, pokes=0)
    )


def _json(value: Any) -> ColumnElement[Any]:
    return literal(value, Json())
