"""An agenda is kept in rows, and read as the document that its items describe."""

from pathlib import Path
from typing import Any

import pytest_asyncio
from sqlalchemy import select, type_coerce, update
from sqlalchemy.orm import Session

from journey.domain.planner import Plan
from journey.store.engine import Store
from journey.store.outlines import left_document, left_item, read_outline
from journey.store.planning import plan_agenda
from journey.store.tables import agenda
from journey.store.types import Document, dumps, loads
from tests.activities.ground import Ground, ground
from tests.records import instant

MORNING = instant("2026-03-16 10:00")


@pytest_asyncio.fixture
async def home(store: Store, tmp_path: Path) -> Ground:
    """A signed home without Temporal, on each engine."""
    made = await ground(store, tmp_path, MORNING)
    await made.start()
    signed = {"on": "2026-03-16", "contract_handover_date": "2040-06-30"}
    event = {"id": "con", "type": "contract.signed", "occurred_at": MORNING.isoformat(), "data": signed}
    await made.doors.tell_journey(made.journey, event)
    return made


async def planned(home: Ground) -> Plan:
    found = await home.store.write(plan_agenda, home.journey, home.clock.instant, by=home.site.planner)
    assert found.plan is not None
    return found.plan


async def test_the_document_is_what_the_items_say(home: Ground) -> None:
    found = await planned(home)

    document = await home.store.read(left_document, home.journey)

    assert document["items"] == loads(dumps([item.document() for item in found.agenda]))
    assert document["planned"] == sorted(found.planned)


async def test_one_item_is_found_without_the_others(home: Ground) -> None:
    found = await planned(home)
    first = found.agenda[0]

    item, is_planned = await home.store.read(left_item, home.journey, first.key)

    assert item == loads(dumps(first.document()))
    assert is_planned == (first.key in found.planned)
    assert await home.store.read(left_item, home.journey, "no.such/rule/once") == (None, False)


async def test_it_is_kept_in_rows_and_one_of_an_older_build_is_read_as_it_is(home: Ground) -> None:
    found = await planned(home)

    def stored(session: Session) -> Any:
        kept = select(type_coerce(agenda.c.document, Document)).where(agenda.c.scope_id == home.journey)
        return session.execute(kept).scalar_one()

    assert "items" not in await home.store.read(stored)
    whole = await home.store.read(left_document, home.journey)

    def as_before(session: Session) -> None:
        of_home = agenda.c.scope_id == home.journey
        session.execute(update(agenda).where(of_home).values(document=dict(whole), outline=None))

    await home.store.write(as_before)

    assert await home.store.read(left_document, home.journey) == whole
    assert (await home.store.read(left_item, home.journey, found.agenda[0].key))[0] == whole["items"][0]
    _, outline = await home.store.read(read_outline, home.journey)
    assert set(outline["planned"]) == found.planned
