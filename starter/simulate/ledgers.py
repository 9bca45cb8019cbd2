"""The ledgers of a project as they stand: what `comparing` looks at, read from the store."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from journey.domain.agendas import kind_of
from journey.domain.clocks import local
from journey.store.entry_queries import entries_view
from journey.store.outlines import left_document
from journey.store.tables import batches, entries, events, journeys, projects, units
from starter.simulate.comparing import Item, Ledger, StandsOn, Told

_AHEAD: Final = frozenset({"planned", "open", "held"})  # the agenda knows what these stand on


def read_ledgers(session: Session, code: str) -> dict[str, Ledger]:
    """Those of every home, of the batches and of the project itself, by id."""
    project, zone = session.execute(select(projects.c.id, projects.c.zone).where(projects.c.code == code)).one()
    return {
        name: Ledger(unit, _items(session, name), _told(session, name, project, zone))
        for name, unit in _names(session, project, code)
    }


def _names(session: Session, project: str, code: str) -> Iterator[tuple[str, str]]:
    homes = (
        select(journeys.c.id, units.c.code)
        .outerjoin(units, units.c.id == journeys.c.unit_id)
        .where(journeys.c.project_id == project)
        .order_by(units.c.code, journeys.c.id)
    )
    yield from ((row.id, row.code or row.id) for row in session.execute(homes))
    for row in session.execute(select(batches.c.id, batches.c.code).where(batches.c.project_id == project)):
        yield row.id, row.code
    yield project, code


def _items(session: Session, name: str) -> dict[str, Item]:
    stand = _stand(session, name)
    return {entry["key"]: _item(entry, stand) for entry in entries_view(session, name)}


def _item(entry: Mapping[str, Any], stand: Mapping[tuple[str, bool], StandsOn]) -> Item:
    params = (entry["why"] or {}).get("params") or {}
    key, ahead = entry["key"], entry["outcome"] in _AHEAD
    return Item(
        key=key,
        due=datetime.fromisoformat(entry["due"]),
        outcome=entry["outcome"],
        at=datetime.fromisoformat(entry["at"]) if entry["at"] else None,
        reason=entry["reason"],
        into=params.get("into"),
        because=frozenset(reason["code"] for reason in entry["because"]),
        steps=frozenset(step["step"] for step in entry["steps"]),
        stands_on=stand.get((key, ahead)) or stand.get((key, not ahead)) or ("", "", ""),
    )


def _stand(session: Session, name: str) -> dict[tuple[str, bool], StandsOn]:
    """The fact under each item by key: as the agenda has it now (True), and as it was when the ledger wrote it."""
    mine = {"scope": kind_of(name).value, "scope_id": name}
    document = left_document(session, name)
    rows = session.execute(
        select(entries.c.key, entries.c.anchor_event, entries.c.anchor_on, entries.c.moved_by).filter_by(**mine)
    )
    anchors = {item["key"]: item["anchor"] for item in document.get("items", ())}
    return {
        (row.key, False): (row.anchor_event, row.anchor_on.isoformat(), row.moved_by or "")
        for row in rows
        if row.anchor_event is not None and row.anchor_on is not None
    } | {(key, True): (each["event"], each["on"], each["moved_by"]) for key, each in anchors.items()}


def _told(session: Session, name: str, project: str, zone: str) -> list[Told]:
    rows = session.execute(
        select(events.c.id, events.c.type, events.c.recorded_at)
        .where(or_(events.c.journey_id == name, events.c.project_id == project))
        .order_by(events.c.recorded_at, events.c.seq)
    )
    return [Told(row.id, row.type, local(row.recorded_at, zone)) for row in rows]
