"""Old and new build side by side: an older one hands back what newer rules have planned (kernel, loss and return)."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from temporalio import activity

from activities.planning import PlanningActivities
from activities.site import Site
from journey.adapters.channels import Gateway
from journey.contracts.planning import PlanJourney, Step
from journey.domain.rules import RULES_NUMBER
from journey.store.engine import Store
from journey.store.planning import plan_agenda
from tests.engine import TestEngine, engine
from tests.workflows.runs import RUNNING, SIGNED, SUBSCRIBED, eventually, histories

NEWER = RULES_NUMBER + 1
CONTACT = "signing.keeper-contact"


@dataclass
class Fleet:
    """Workers of two builds on one queue; whoever plans beside a workflow is the older one."""

    newer: bool = True
    misses: int = 0  # of the attempts that go to the queue, how many the older one takes first
    planned_by: list[int] = field(default_factory=list)

    def plan(self, site: Site, gateway: Gateway) -> Callable[..., Any]:
        older, newer = PlanningActivities(site), PlanningActivities(replace(site, rules=NEWER, build="newer"))

        @activity.defn(name="planning.plan")
        async def plan(command: PlanJourney) -> Step:
            here = activity.info()
            by_newer = self.newer and not here.is_local and here.attempt > self.misses
            step = await (newer if by_newer else older).plan(command)
            self.planned_by.append(NEWER if by_newer else RULES_NUMBER)
            return step

        return plan


@asynccontextmanager
async def fleet(store: Store, tmp_path: Path, builds: Fleet) -> AsyncIterator[TestEngine]:
    async with engine(store, tmp_path, replaced={"planning.plan": builds.plan}) as home:
        yield home


async def planned_by_newer(home: TestEngine, journey: str) -> None:
    """The newer build has planned it."""
    newer = replace(home.site.planner, build="newer", rules=NEWER)
    await home.store.write(plan_agenda, journey, await home.now(), by=newer)


async def test_what_a_newer_build_planned_is_planned_by_it_wherever_the_workflow_runs(
    store_sqlite: Store, tmp_path: Path
) -> None:
    builds = Fleet()
    async with fleet(store_sqlite, tmp_path, builds) as home:
        journey = await home.start(facts=SIGNED)
        await home.move(minutes=1)
        await planned_by_newer(home, journey)
        builds.planned_by.clear()

        answer = await home.tell(journey, "suggestion.raised", id="word", text="好")
        row = await home.row(journey)

    assert answer.verdict == "applied"
    assert set(builds.planned_by) == {NEWER}
    assert (row.rules, row.build) == (NEWER, "newer")


@pytest.mark.slow
async def test_a_build_that_takes_what_it_cannot_plan_again_and_again_does_not_keep_it_from_the_newer(
    store_sqlite: Store, tmp_path: Path
) -> None:
    builds = Fleet(misses=12)
    async with fleet(store_sqlite, tmp_path, builds) as home:
        journey = await home.start(facts=SIGNED)
        await home.move(minutes=1)
        await planned_by_newer(home, journey)
        await home.tell(journey, "suggestion.raised", id="word", text="好")

        await home.move(seconds=15)
        await eventually(lambda: _judged(home, journey))


@pytest.mark.slow
async def test_with_the_newer_build_away_a_journey_waits_whole_and_its_history_stays_short(
    store_sqlite: Store, tmp_path: Path
) -> None:
    builds = Fleet(newer=False)
    async with fleet(store_sqlite, tmp_path, builds) as home:
        journey = await home.start(facts=SUBSCRIBED)
        await home.move(minutes=1)
        await planned_by_newer(home, journey)
        before = await home.row(journey)

        answer = await home.tell(journey, "suggestion.raised", id="word", text="好")
        await home.move(hours=4)
        meanwhile, states = await home.row(journey), await home.states(journey)
        longest = max(len(history.events) for history in await histories(home, journey))
        builds.newer = True
        await home.move(hours=2)
        await eventually(lambda: _judged(home, journey))
        status = (await home.info(journey)).status

    assert answer.verdict == "taken"
    assert meanwhile.revision == before.revision
    assert states[CONTACT] == "open"
    assert longest < 300
    assert status == RUNNING


async def _judged(home: TestEngine, journey: str) -> bool:
    return (await home.verdicts(journey))["word"] == "applied"
