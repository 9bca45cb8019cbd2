"""Change rows: a shared fact changed, many journeys are to be planned again (`kernel.md` §8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, insert, literal, select, update
from sqlalchemy.orm import Session

from journey.store.ids import new_id
from journey.store.shared_agendas import mark_all, mark_pack
from journey.store.tables import changes, journeys, units
from journey.store.types import Json, UtcDateTime


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Journeys of one page in the order of their ids, and whether more wait."""

    journeys: Sequence[str]
    more: bool


def record_change(session: Session, kind: str, concerns: Mapping[str, Any], now: datetime) -> str:
    """Write down that journeys are concerned, if any are; the sweeper starts the re-planning.

    An earlier change of the same thing that is not through yet ends here: planning reads facts, so that the later one
    gives every journey the last word, and nobody is planned twice for a word that did not last.
    """
    change_id = new_id("chg")
    _mark_shared(session, concerns)
    if session.execute(_concerned(concerns).limit(1)).first() is None:
        return change_id
    same = (changes.c.kind == kind) & (changes.c.concerns == literal(dict(concerns), Json()))
    session.execute(
        update(changes).where(same, changes.c.done_at.is_(None)).values(done_at=now, superseded_by=change_id)
    )
    session.execute(insert(changes).values(id=change_id, kind=kind, concerns=dict(concerns), created_at=now))
    return change_id


def _mark_shared(session: Session, concerns: Mapping[str, Any]) -> None:
    """Projects and batches are few: they are marked at once, without a page of theirs."""
    if "pack" in concerns:
        mark_pack(session, concerns["pack"], concerns["overlays"])
    elif "country" in concerns:
        mark_all(session)


def open_changes(session: Session, limit: int = 20) -> list[str]:
    """Changes that are not through yet, oldest first."""
    statement = select(changes.c.id).where(changes.c.done_at.is_(None)).order_by(changes.c.created_at).limit(limit)
    return list(session.execute(statement).scalars())


def next_page(session: Session, change_id: str, size: int) -> ChangePage:
    """The next journeys that a change concerns; those whose life is over are left alone."""
    change = session.execute(select(changes).where(changes.c.id == change_id)).first()
    if change is None or change.done_at is not None:
        return ChangePage((), more=False)
    statement = _concerned(change.concerns).where(journeys.c.over.is_(False)).order_by(journeys.c.id).limit(size)
    if change.cursor:
        statement = statement.where(journeys.c.id > change.cursor)
    found = list(session.execute(statement).scalars())
    return ChangePage(found, more=len(found) == size)


def page_done(session: Session, change_id: str, page: ChangePage, poked: int, now: datetime) -> None:
    """Remember how far a change came."""
    values: dict[str, Any] = {
        "planned": changes.c.planned + len(page.journeys),
        "poked": changes.c.poked + poked,
    }
    if page.journeys:
        values["cursor"] = page.journeys[-1]
    if not page.more:  # one that was superseded meanwhile keeps its end
        values["done_at"] = func.coalesce(changes.c.done_at, literal(now, UtcDateTime()))
    session.execute(update(changes).where(changes.c.id == change_id).values(**values))


def _concerned(concerns: Mapping[str, Any]) -> Select[Any]:
    statement = select(journeys.c.id)
    if "journeys" in concerns:
        return statement.where(journeys.c.id.in_(concerns["journeys"]))
    if "batch" in concerns:
        return statement.join(units, units.c.id == journeys.c.unit_id).where(units.c.batch_id == concerns["batch"])
    if "project" in concerns:
        return statement.where(journeys.c.project_id == concerns["project"])
    if "pack" in concerns:
        return statement.where(
            journeys.c.pack == concerns["pack"], journeys.c.overlays == literal(concerns["overlays"], Json())
        )
    return statement  # a calendar: everybody
