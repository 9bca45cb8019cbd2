"""Change rows: whom a shared fact concerns, page by page, once."""

from pathlib import Path
from typing import Any

import pytest_asyncio
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from journey.store import changes
from journey.store import tables as t
from journey.store.changes import ChangePage
from journey.store.engine import Store
from tests.activities.ground import Ground, ground
from tests.records import instant

MORNING = instant("2026-03-16 10:00")


@pytest_asyncio.fixture
async def home(store: Store, tmp_path: Path) -> Ground:
    """A project with the homes 3-1-1 to 3-1-5, on each engine."""
    made = await ground(store, tmp_path, MORNING)
    for number in range(1, 6):
        await begin(made, f"3-1-{number}")
    return made


async def begin(home: Ground, unit: str, **more: Any) -> str:
    """A journey of a home; its id."""
    owner = {"ref": f"owner-{unit}", "name": "张伟", "phone": "13800138000"}
    started = await home.doors.start_journey({"project": "XN", "unit": unit, "owners": [owner]} | more)
    return str(started.journey["id"])


async def record(home: Ground, kind: str, **concerns: Any) -> str:
    """Write a change down."""
    return await home.store.write(changes.record_change, kind, concerns, home.clock.instant)


async def pages(home: Ground, change: str, size: int) -> list[ChangePage]:
    """Every page of a change, each taken as done."""
    found = []
    while True:
        page = await home.store.read(changes.next_page, change, size)
        found.append(page)
        await home.store.write(changes.page_done, change, page, 1, home.clock.instant)
        if not page.more:
            return found


async def ids(home: Ground) -> list[str]:
    """Every journey's id in order."""
    return list(
        await home.store.read(lambda s: s.execute(select(t.journeys.c.id).order_by(t.journeys.c.id)).scalars().all())
    )


async def test_pages_name_every_journey_once_in_the_order_of_ids(home: Ground) -> None:
    change = await record(home, "calendar", country="cn")

    found = await pages(home, change, 2)

    assert [one for page in found for one in page.journeys] == await ids(home)
    assert [len(page.journeys) for page in found] == [2, 2, 1]


async def test_a_change_that_is_through_counts_what_it_did_and_names_nobody_again(home: Ground) -> None:
    change = await record(home, "calendar", country="cn")

    await pages(home, change, 3)

    row = await home.store.read(lambda s: s.execute(select(t.changes)).one())
    assert (row.planned, row.poked, row.done_at) == (5, 2, MORNING)
    assert await home.store.read(changes.next_page, change, 3) == ChangePage((), more=False)
    assert await home.store.read(changes.open_changes) == []


async def test_a_page_that_was_not_finished_is_taken_again(home: Ground) -> None:
    change = await record(home, "calendar", country="cn")

    first = await home.store.read(changes.next_page, change, 2)

    assert await home.store.read(changes.next_page, change, 2) == first


async def test_a_last_page_that_is_full_is_followed_by_an_empty_one(home: Ground) -> None:
    change = await record(home, "calendar", country="cn")

    assert [len(page.journeys) for page in await pages(home, change, 5)] == [5, 0]


async def test_lives_that_are_over_are_left_alone(home: Ground) -> None:
    over, *rest = await ids(home)
    await home.store.write(_end, over)

    found = await pages(home, await record(home, "calendar", country="cn"), 10)

    assert list(found[0].journeys) == rest


async def test_a_batch_concerns_the_homes_of_its_buildings(home: Ground) -> None:
    other = await begin(home, "5-1-1")
    data = {"batch": "5", "buildings": ["5"], "handover_from": "2026-06-20", "handover_to": "2026-06-30"}
    event = {"id": "b5", "type": "batch.planned", "occurred_at": MORNING.isoformat(), "data": data}

    answer = await home.doors.tell_project("XN", event)

    opened = await home.store.read(changes.open_changes)
    assert answer.verdict == "applied"
    assert [list(page.journeys) for page in await pages(home, opened[0], 10)] == [[other]]


async def test_a_pack_concerns_those_who_live_by_it_with_the_same_overlays(home: Ground) -> None:
    change = await record(home, "pack", pack="cn-residential", overlays=[])
    other = await record(home, "pack", pack="cn-residential", overlays=["zhejiang"])

    opened = await home.store.read(changes.open_changes)

    assert opened == [change]
    assert other not in opened


async def test_a_change_that_concerns_nobody_is_not_written_down(home: Ground) -> None:
    await record(home, "batch", batch="bat_nobody")

    assert await home.store.read(changes.open_changes) == []


async def test_a_later_change_of_the_same_thing_ends_the_one_under_way(home: Ground) -> None:
    first = await record(home, "calendar", country="cn")
    begun = await home.store.read(changes.next_page, first, 2)

    second = await record(home, "calendar", country="cn")
    await home.store.write(changes.page_done, first, begun, 0, home.clock.instant)

    row = await home.store.read(lambda s: s.execute(select(t.changes).where(t.changes.c.id == first)).one())
    assert (row.superseded_by, row.planned, row.done_at) == (second, 2, MORNING)
    assert await home.store.read(changes.open_changes) == [second]
    assert await home.store.read(changes.next_page, first, 2) == ChangePage((), more=False)
    assert [one for page in await pages(home, second, 2) for one in page.journeys] == await ids(home)


async def test_a_change_of_something_else_leaves_the_one_under_way_alone(home: Ground) -> None:
    first = await record(home, "calendar", country="cn")

    second = await record(home, "pack", pack="cn-residential", overlays=[])

    assert set(await home.store.read(changes.open_changes)) == {first, second}


async def test_an_unknown_change_has_no_pages(home: Ground) -> None:
    assert await home.store.read(changes.next_page, "chg_nobody", 5) == ChangePage((), more=False)


def _end(session: Session, journey: str) -> None:
    session.execute(update(t.journeys).where(t.journeys.c.id == journey).values(over=True))
