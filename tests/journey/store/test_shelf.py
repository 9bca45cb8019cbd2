"""Packs and calendars are kept once, whoever publishes them, and however many at a time."""

import asyncio
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from journey.domain.calendar import WorkCalendar
from journey.settings import Settings
from journey.store import shelf
from journey.store.engine import Store
from journey.store.tables import calendars, packs
from tests.records import instant
from worker import publish_policies

NOW = instant("2026-03-16 10:00")
PACK: dict[str, Any] = {"name": "test", "content_hash": "h", "document": {"effective_from": "2026-01-01"}, "now": NOW}


def with_holiday(day: date) -> WorkCalendar:
    return WorkCalendar.from_document(
        {
            "country": "XX",
            "rest_weekdays": [5, 6],
            "no_call": [],
            "years": {str(day.year): {"provisional": False, "off": {day.isoformat(): "feast"}, "work": []}},
        }
    )


def latest(session: Session) -> Any:
    newest = select(func.max(calendars.c.seq)).scalar_subquery()
    return session.execute(select(calendars.c.hash).where(calendars.c.seq == newest)).scalar()


async def test_a_pack_is_new_once(store: Store) -> None:
    first = await store.write(shelf.publish_pack, **PACK)
    second = await store.write(shelf.publish_pack, **PACK)

    assert (first, second) == (True, False)


async def test_processes_that_start_together_on_a_fresh_store_publish_once(store_url: str) -> None:
    stores = [Store(store_url) for _ in range(4)]

    await asyncio.gather(*(publish_policies(each, Settings(), NOW) for each in stores))

    names = await stores[0].read(lambda session: session.execute(select(packs.c.name, packs.c.hash)).all())
    for each in stores:
        each.close()
    assert len(names) == len(set(names)) > 0


async def test_a_calendar_that_comes_back_is_the_latest_again(store: Store) -> None:
    before, after = with_holiday(date(2027, 1, 1)), with_holiday(date(2027, 1, 4))

    new = [await store.write(shelf.publish_calendar, each, NOW) for each in (before, before, after, before)]

    assert new == [True, False, True, True]
    assert await store.read(latest) == before.content_hash
