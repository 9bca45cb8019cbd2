"""What planning reads of a journey beside its row, facts, owners and ledger, in one question.

Each answer is small, and asking costs more than answering: on PostgreSQL every question is a way there and back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, exists, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from journey.domain.agendas import AgendaKind
from journey.store.outlines import outline_of
from journey.store.reading_home import ANY_OPEN_DAY
from journey.store.shelf import NEWEST_CALENDAR, NEWEST_PACK, Newest
from journey.store.tables import agenda, holds, journeys, parties, tasks
from journey.store.types import Document


class object_of(GenericFunction[Any]):  # noqa: N801 - named as SQL names its functions
    """A JSON object of the rows: a key and a value of each."""

    type = Document()
    inherit_cache = True


@compiles(object_of)
def _on_postgresql(function: object_of, compiler: SQLCompiler, **how: Any) -> str:
    return f"json_object_agg{compiler.process(function.clause_expr, **how)}"


@compiles(object_of, "sqlite")
def _on_sqlite(function: object_of, compiler: SQLCompiler, **how: Any) -> str:
    return f"json_group_object{compiler.process(function.clause_expr, **how)}"


HELD = or_(
    holds.c.journey_id == bindparam("journey"),
    holds.c.person_id.in_(select(parties.c.person_id).where(parties.c.episode_id == bindparam("episode"))),
)
_ROLES = select(object_of(tasks.c.id, tasks.c.role)).where(tasks.c.journey_id == bindparam("journey"))
_SURROUNDINGS = (
    select(
        agenda.c.outline,
        agenda.c.hash,
        NEWEST_PACK.scalar_subquery().label("pack"),
        NEWEST_CALENDAR.scalar_subquery().label("calendar"),
        _ROLES.scalar_subquery().label("roles"),
        exists().where(HELD).label("held"),
        ANY_OPEN_DAY.label("open_days"),
    )
    .select_from(journeys)
    .outerjoin(agenda, (agenda.c.scope == AgendaKind.JOURNEY.value) & (agenda.c.scope_id == journeys.c.id))
    .where(journeys.c.id == bindparam("journey"))
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The last agenda in outline with its hash, None before the first; what is newest on the shelf; the post of each
    task; whether a hold concerns the journey or its owners; whether its project ever planned an open day.
    """

    agenda_hash: str | None
    planned: Mapping[str, str]
    covers: Sequence[Any]
    newest: Newest
    roles: Mapping[str, str]
    held: bool
    open_days: bool


def surroundings_of(session: Session, row: Any, pack: str, country: str) -> Surroundings:
    """Of a journey with a pack, whose calendar is that of a country (empty: not known yet)."""
    named = {
        "journey": row.id, "episode": row.episode_id, "project": row.project_id, "name": pack, "country": country,
    }  # fmt: skip
    found = session.execute(_SURROUNDINGS, named).one()
    outline = outline_of(session, row.id, found.outline) if found.hash is not None else {"planned": {}, "covers": []}
    newest = Newest(found.pack, found.calendar)
    return Surroundings(
        agenda_hash=found.hash,
        planned=outline["planned"],
        covers=outline["covers"],
        newest=newest,
        roles=found.roles or {},
        held=found.held,
        open_days=found.open_days,
    )
