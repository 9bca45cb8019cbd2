"""Packs and calendars are kept once, whoever publishes them, and however many at a time."""

import asyncio
from datetime import date
from pathlib import Path
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


async def test_a_pack_that_was_replaced_comes_back_only_where_it_is_asked_for(store: Store) -> None:
    older, newer = PACK | {"content_hash": "older"}, PACK | {"content_hash": "newer"}
    for each in (older, newer):
        await store.write(shelf.publish_pack, **each)

    at_a_start = await store.write(shelf.publish_pack, **older)
    asked_for = await store.write(shelf.publish_pack, **older, again=True)
    twice = await store.write(shelf.publish_pack, **older, again=True)

    assert (at_a_start, asked_for, twice) == (False, True, False)
    assert await store.read(shelf.pack_holds, str(PACK["name"]), "older")


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


async def test_a_start_with_an_older_folder_keeps_a_year_that_was_published_in_the_meantime(
    store: Store, tmp_path: Path
) -> None:
    await publish_policies(store, Settings(home=tmp_path), NOW)
    known = await store.read(shelf.latest_calendar, "cn")
    assert known is not None
    feast = date(2027, 6, 9)
    published = known.with_year(2027, provisional=False, off={feast: "端午节"}, work=[], no_call=[])
    await store.write(shelf.publish_calendar, published, NOW)

    await publish_policies(store, Settings(home=tmp_path), NOW)

    after = await store.read(shelf.latest_calendar, "cn")
    assert after == published
    assert (known.is_provisional(feast), published.is_provisional(feast)) == (True, False)
