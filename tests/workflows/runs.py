"""What tests ask of the runs of a journey: their histories, and how to make one long."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from temporalio.client import WorkflowExecutionStatus, WorkflowHistory

from journey.contracts.names import POKE
from journey.store.tables import journal, tasks
from tests.engine import TestEngine

RUNNING = int(WorkflowExecutionStatus.RUNNING)
SIGNED = [
    {"type": "subscription.signed", "id": "sub"},
    {"type": "contract.signed", "id": "con", "contract_handover_date": "2040-06-30"},
]
SUBSCRIBED = SIGNED[:1]


async def run_id(home: TestEngine, journey: str) -> str:
    """The latest run of a journey."""
    return str((await home.info(journey)).execution.run_id)


async def histories(home: TestEngine, journey: str) -> list[WorkflowHistory]:
    """The histories of every run of a life, the first run first."""
    found: list[WorkflowHistory] = []
    run = await run_id(home, journey)
    while run:
        history = await home.env.client.get_workflow_handle(home.handle(journey).id, run_id=run).fetch_history()
        found.insert(0, history)
        run = history.events[0].workflow_execution_started_event_attributes.continued_execution_run_id
    return found


async def timers(home: TestEngine, journey: str) -> list[timedelta]:
    """How long every timer of a life was set for."""
    return [
        event.timer_started_event_attributes.start_to_fire_timeout.ToTimedelta()
        for history in await histories(home, journey)
        for event in history.events
        if event.HasField("timer_started_event_attributes")
    ]


async def grow(home: TestEngine, journey: str, beyond: int = 100) -> str:
    """Poke a journey until its run has more events than this; the run's id."""
    handle = home.handle(journey)
    length = 0
    async with asyncio.timeout(60):
        while True:
            found = len((await handle.fetch_history()).events)
            if found > beyond:
                return await run_id(home, journey)
            if found > length:  # the server keeps signals back while a workflow task is under way
                length = found
                for _ in range(5):
                    await handle.signal(POKE)
            await asyncio.sleep(0.01)


async def eventually(true: Callable[[], Any], *, within: float = 60) -> None:
    """Wait in real time until an awaitable condition holds."""
    async with asyncio.timeout(within):
        while not await true():  # noqa: ASYNC110 - the store rings no bell
            await asyncio.sleep(0.02)


async def settled(home: TestEngine, journey: str) -> None:
    """Wait in real time until a journey was planned after everything told to it."""

    async def planned() -> bool:
        return (await home.row(journey)).stale_since is None and (await home.row(journey)).planned_at is not None

    await eventually(planned)


def lines(session: Session, journey: str, code: str) -> dict[str, int]:
    """How often a code stands in a journey's timeline, by what it is about."""
    counted = (
        select(journal.c.ref, func.count())
        .where(journal.c.journey_id == journey, journal.c.code == code)
        .group_by(journal.c.ref)
    )
    return {row[0]: row[1] for row in session.execute(counted)}


def open_tasks(session: Session, journey: str) -> dict[str, str]:
    """Open tasks by rule, with their ids."""
    rows = session.execute(
        select(tasks.c.rule, tasks.c.id).where(tasks.c.journey_id == journey, tasks.c.closed_at.is_(None))
    )
    return {row.rule: row.id for row in rows}
