"""The workflow of a broadcast: started by the sweeper, page by page, waiting for who is held, woken by nobody."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from journey.contracts.names import broadcast_workflow
from journey.domain.broadcasts import BroadcastOrder
from journey.domain.clocks import local
from journey.domain.values import MessageClass
from journey.store import broadcast_control, broadcasts
from journey.store.broadcast_control import Command
from journey.store.broadcasts import NewBroadcast
from journey.store.engine import Store
from journey.store.tables import broadcast_recipients, persons, projects
from tests.engine import TestEngine, engine
from tests.workflows.runs import SIGNED, histories, settled

pytestmark = pytest.mark.server
NEWS = "project.milestone-news"


@pytest_asyncio.fixture
async def home(kernel_store: Store, tmp_path: Path) -> AsyncIterator[TestEngine]:
    """A running engine with a cache: a broadcast and journeys share its clock (`tests.engine.engine`)."""
    async with engine(kernel_store, tmp_path, cached=50) as made:
        yield made


def tell_news(session: Session, now: datetime) -> str:
    """Open news of a milestone for the whole project; the id."""
    project = session.execute(select(projects.c.id)).scalar_one()
    new = NewBroadcast(
        project=project, rule=NEWS, subject=project, occurrence="evt_1", message_class=MessageClass.CONTRACT,
        due=now, expires=now + timedelta(days=14), params={"milestones": ["topped-out"]},
    )  # fmt: skip
    return broadcasts.open_broadcast(session, new, now)[0]


def _counts(session: Session, broadcast: str) -> dict[str, int]:
    met = broadcast_recipients.c
    rows = session.execute(select(met.state, func.count()).where(met.broadcast_id == broadcast).group_by(met.state))
    return {row[0]: row[1] for row in rows}


async def test_a_broadcast_waits_for_those_who_are_held_and_wakes_no_journey(home: TestEngine) -> None:
    journeys_of = [await home.start(f"3-1-{number}", facts=SIGNED) for number in range(3)]
    for journey in journeys_of:
        await settled(home, journey)
    # The clock of the server stands at some hour: one owner lives where it is night.
    now = await home.now()
    await home.store.write(live_in, "ref-3-1-1", where_it_is(now, night=True))
    await home.store.write(live_in, "ref-3-1-0", where_it_is(now, night=False))
    await home.store.write(live_in, "ref-3-1-2", where_it_is(now, night=False))
    marks = [(await home.row(journey)).stale_mark for journey in journeys_of]
    broadcast = await home.store.write(tell_news, now)

    await home.sweeper.sweep()
    handle = home.env.client.get_workflow_handle(broadcast_workflow(broadcast))
    await home.move(seconds=30)
    held = await home.store.read(_counts, broadcast)
    for _ in range(7):  # in strides: one long sleep is given up on a busy machine
        await home.move(hours=2)
    await handle.result()

    assert held == {"sent": 2, "held": 1}
    assert await home.store.read(_counts, broadcast) == {"sent": 3}
    assert [(await home.row(journey)).stale_mark for journey in journeys_of] == marks
    assert [await _pokes(home, journey) for journey in journeys_of] == [0, 0, 0]
    row = await home.store.read(broadcasts.broadcast_row, broadcast)
    assert row is not None
    assert row.state == "closed"
    assert await home.sweeper.sweep() == 0


async def ordered(home: TestEngine, broadcast: str, what: BroadcastOrder) -> None:
    """An order, committed to the row."""
    command = Command(order=what, key="key_1", by="stf_1", reason="核对号码")
    await home.store.write(broadcast_control.follow, broadcast, command, await home.now())


@pytest.mark.parametrize("told", ["by signal", "by the sweeper"])
async def test_an_order_is_seen_at_once_by_a_broadcast_that_sleeps(home: TestEngine, told: str) -> None:
    await settled(home, await home.start("3-1-0", facts=SIGNED))
    now = await home.now()
    await home.store.write(live_in, "ref-3-1-0", where_it_is(now, night=True))
    broadcast = await home.store.write(tell_news, now)
    await home.sweeper.sweep()
    await home.move(seconds=30)
    assert await home.store.read(_counts, broadcast) == {"held": 1}

    await ordered(home, broadcast, BroadcastOrder.CANCEL)
    if told == "by signal":
        await home.doors.wake_broadcasts([broadcast])
    else:
        await home.sweeper.sweep()
    handle = home.env.client.get_workflow_handle(broadcast_workflow(broadcast))
    await asyncio.wait_for(handle.result(), 60)

    assert await home.store.read(_counts, broadcast) == {"withdrawn": 1}
    assert await home.now() - now < timedelta(hours=1)


async def test_a_paused_broadcast_waits_for_its_word_however_long_that_takes(home: TestEngine) -> None:
    await settled(home, await home.start("3-1-0", facts=SIGNED))
    now = await home.now()
    await home.store.write(live_in, "ref-3-1-0", where_it_is(now, night=False))
    broadcast = await home.store.write(tell_news, now)
    await ordered(home, broadcast, BroadcastOrder.PAUSE)

    await home.sweeper.sweep()
    await home.move(hours=1)
    waiting = await home.store.read(broadcasts.broadcast_row, broadcast)
    met = await home.store.read(_counts, broadcast)
    await ordered(home, broadcast, BroadcastOrder.RESUME)
    await home.doors.wake_broadcasts([broadcast])
    handle = home.env.client.get_workflow_handle(broadcast_workflow(broadcast))
    await asyncio.wait_for(handle.result(), 60)

    assert waiting is not None
    assert (waiting.state, waiting.orders, waiting.followed, met) == ("paused", 1, 1, {})
    assert await home.store.read(_counts, broadcast) == {"sent": 1}


async def _pokes(home: TestEngine, journey: str) -> int:
    """How often a journey was poked in its life."""
    signals = [event.HasField("workflow_execution_signaled_event_attributes")
               for history in await histories(home, journey) for event in history.events]  # fmt: skip
    return sum(signals)


def live_in(session: Session, ref: str, zone: str) -> None:
    """Let a person live somewhere."""
    session.execute(update(persons).where(persons.c.ref == ref).values(zone=zone))


def where_it_is(now: datetime, *, night: bool) -> str:
    """A zone in which nobody may be written to now, or one in which it is the middle of the day."""
    zones = ("Asia/Shanghai", "Europe/London", "America/Los_Angeles", "Pacific/Auckland")
    fits = _sleeps if night else _awake
    return next(zone for zone in zones if fits(local(now, zone).hour))


def _sleeps(hour: int) -> bool:
    return not 7 <= hour < 21


def _awake(hour: int) -> bool:
    return 8 <= hour < 20
