"""Simulated people do their tasks, and leave alone what is not theirs to hurry."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from temporalio.client import Client

from journey.store.engine import Store
from journey.store.tables import tasks
from starter.simulate.checks import read_scenario
from starter.simulate.driver import simulate
from tests.scenarios.living import FOLDER

pytestmark = pytest.mark.server


async def test_a_task_that_is_answered_and_stays_open_until_its_plan_is_looked_at_ever_less_often() -> None:
    scenario = read_scenario(FOLDER / "greetings.yaml")
    runs: list[bool] = []

    async def look(client: Client, store: Store, ahead: timedelta) -> None:
        """Whether a person at a task that is closed by now needed more than the twenty turns of a run."""
        closed = select(tasks.c.id).where(tasks.c.closed_at.is_not(None))
        for task in await store.read(lambda session: session.execute(closed).scalars().all()):
            history = await client.get_workflow_handle(f"staff/{task}").fetch_history()
            begun = history.events[0].workflow_execution_started_event_attributes
            runs.append(bool(begun.continued_execution_run_id))

    await simulate(scenario, look=look)

    assert runs
    assert not any(runs)
