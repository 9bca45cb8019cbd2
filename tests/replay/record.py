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

from journey.contracts.names import recovery_workflow, replan_workflow
from journey.store import changes, schema
from journey.store.engine import Store
from journey.store.tables import epochs
from starter.processes import leave
from tests.engine import TestEngine, engine
from tests.workflows.runs import SIGNED, histories
from tests.workflows.test_failures import Trouble
from tests.workflows.test_replan import copies

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
    leave(0)
