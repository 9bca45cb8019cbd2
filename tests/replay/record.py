"""`python -m tests.replay.record RELEASE`: live some journeys and keep the histories for ever."""

import asyncio
import gzip
import json
import re
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session
from temporalio.client import WorkflowHistory

from journey.contracts.names import broadcast_workflow, recovery_workflow, replan_workflow
from journey.contracts.performing import PERFORM
from journey.domain.broadcasts import BroadcastOrder
from journey.store import changes, schema
from journey.store.engine import Store
from journey.store.tables import epochs
from starter.processes import leave
from tests.engine import TestEngine, engine, performing
from tests.workflows.runs import SIGNED, eventually, histories
from tests.workflows.runs import settled as reached_rest
from tests.workflows.test_broadcast import live_in, ordered, tell_news, where_it_is
from tests.workflows.test_failures import Trouble, timed_out
from tests.workflows.test_replan import copies
from tests.workflows.test_shared_agendas import plan_batch, project_of, settled, tell

FOLDER = Path(__file__).parent / "histories"
MACHINE = ("identity", "stackTrace")


@asynccontextmanager
async def fresh(**more: Any) -> AsyncIterator[TestEngine]:
    """An engine of its own, as tests have it."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/store.db"
        schema.upgrade(url)
        with Store(url) as store:
            async with engine(store, Path(folder), **more) as home:
                yield home


async def record(release: str) -> None:
    """Signing, handover, two years with tasks left to escalate, and continue-as-new."""
    async with fresh() as home:
        journey = await home.start(facts=SIGNED)
        await home.move(days=3)
        await home.tell(journey, "handover.accepted", id="keys")
        for _ in range(3):
            await home.move(days=300)
        await home.tell(journey, "suggestion.raised", id="word", text="好")
        keep(f"owner-journey-{release}", await histories(home, journey))


async def record_trouble(release: str) -> None:
    """Planning that fails here and then everywhere, moves that are held back, and a fallback that fails too."""
    trouble = Trouble(plan_here=True)
    async with fresh(replaced=trouble.activities, patience=timedelta(seconds=1)) as home:
        journey = await home.start(facts=SIGNED)
        trouble.plan_here, trouble.opening = False, "signing.keeper-contact"
        await home.move(minutes=10)
        trouble.holding_back = True
        await home.move(minutes=20)
        trouble.opening, trouble.holding_back = "", False
        await home.move(hours=1)
        trouble.plan_here = trouble.plan_elsewhere = True
        await home.tell(journey, "suggestion.raised", id="word", text="好")
        await home.move(hours=3)
        trouble.plan_here = trouble.plan_elsewhere = False
        await home.move(days=9)
        keep(f"owner-journey-{release}-trouble", await histories(home, journey))


async def record_starved(release: str) -> None:
    """A move that no worker takes in time, and one that comes back; ten minutes are a second here."""
    PERFORM["schedule_to_close_timeout"] = timedelta(seconds=1)
    async with fresh(performs=False) as home:
        journey = await home.start(facts=SIGNED)

        async def waited() -> bool:
            return await timed_out(home, journey) > 0

        await eventually(waited)
        async with performing(home):
            await home.move(hours=1)
        keep(f"owner-journey-{release}-starved", await histories(home, journey))


async def record_shared(release: str) -> None:
    """A project with its checks before the opening, and a batch from its planning to what it taught."""
    async with fresh() as home:
        project = await project_of(home)
        await tell(home, "sales.opening_planned", on=await home.today(20))
        batch = await plan_batch(home)
        await tell(home, "gate.passed", {"batch": "3"}, gate="ready-to-hand-over")
        await settled(home, batch)
        for days in (5, 5, 5, 5, 10, 10, 10, 20, 300):  # a call to the server lasts half a minute at most
            await home.move(days=days)
        keep(f"project-calendar-{release}", await histories(home, project))
        keep(f"handover-batch-{release}", await histories(home, batch))


async def record_pages(release: str) -> None:
    """A hundred homes planned again after a change, and searched after a restore, page by page."""
    async with fresh() as home:
        journey = await home.start(facts=SIGNED)
        await home.store.write(copies, journey, 120)
        now = await home.now()
        change = await home.store.write(changes.record_change, "calendar", {"country": "cn"}, now)
        await home.store.write(lose_five_minutes, 2, now)
        for name, workflow in (("replan", replan_workflow(change)), ("recovery", recovery_workflow(2))):
            await home.sweeper.sweep()
            handle = home.env.client.get_workflow_handle(workflow)
            await handle.result()
            keep(f"{name}-{release}", [await handle.fetch_history()])


async def record_broadcast(release: str) -> None:
    """A broadcast to four homes, paused at first, of which one lives where it is night."""
    async with fresh(cached=50) as home:
        journeys = [await home.start(f"3-1-{number}", facts=SIGNED) for number in range(4)]
        for journey in journeys:
            await reached_rest(home, journey)
        now = await home.now()
        await home.store.write(live_by_day_and_night, now)
        broadcast = await home.store.write(tell_news, now)
        await ordered(home, broadcast, BroadcastOrder.PAUSE)
        await home.sweeper.sweep()
        await home.move(minutes=1)
        await ordered(home, broadcast, BroadcastOrder.RESUME)
        await home.doors.wake_broadcasts([broadcast])
        for _ in range(8):
            await home.move(hours=2)
        handle = home.env.client.get_workflow_handle(broadcast_workflow(broadcast))
        await handle.result()
        keep(f"broadcast-{release}", [await handle.fetch_history()])


def live_by_day_and_night(session: Session, now: datetime) -> None:
    """The first owner sleeps now, the others do not."""
    live_in(session, "ref-3-1-0", where_it_is(now, night=True))
    for number in range(1, 4):
        live_in(session, f"ref-3-1-{number}", where_it_is(now, night=False))


def lose_five_minutes(session: Session, epoch: int, now: datetime) -> None:
    """As a restore leaves it: an epoch with the time that it lost."""
    bracket = {"bracket_from": now - timedelta(minutes=5), "bracket_to": now}
    session.execute(insert(epochs).values(epoch=epoch, kind="restored", at=now, journeys=121, **bracket))


def keep(name: str, life: Sequence[WorkflowHistory]) -> None:
    """Write the history of each run of a life."""
    for number, history in enumerate(life, 1):
        text = json.dumps(impersonal(json.loads(history.to_json())), ensure_ascii=False)
        (FOLDER / f"{name}-{number}.json.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


def impersonal(node: Any) -> Any:
    """A history without the machine that it was recorded on: no process, no host, no path of a file."""
    if isinstance(node, list):
        return [impersonal(each) for each in node]
    if isinstance(node, str):
        return re.sub(r"^\d+@[\w.-]+$", "sticky", node)
    if not isinstance(node, dict):
        return node
    return {name: "" if name in MACHINE else impersonal(value) for name, value in node.items()}


if __name__ == "__main__":
    asyncio.run(record(sys.argv[1]))
    asyncio.run(record_trouble(sys.argv[1]))
    asyncio.run(record_pages(sys.argv[1]))
    asyncio.run(record_shared(sys.argv[1]))
    asyncio.run(record_broadcast(sys.argv[1]))
    asyncio.run(record_starved(sys.argv[1]))  # the last one: it shortens what waits
    leave(0)
