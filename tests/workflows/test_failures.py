"""Trouble in planning and moves neither wedges a journey nor fills its history (`kernel.md` §1)."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.planning import PlanningActivities
from activities.site import Site
from activities.tasks import TaskActivities
from journey.adapters.channels import Gateway
from journey.contracts.performing import PERFORM, Perform, Performed
from journey.contracts.planning import HoldBack, PlanJourney, Step
from journey.store.engine import Store
from journey.store.tables import entries
from tests.engine import TestEngine, engine, performing
from tests.workflows.runs import (
    RUNNING,
    SIGNED,
    SUBSCRIBED,
    eventually,
    grow,
    histories,
    lines,
    open_tasks,
    run_id,
    timers,
)
from workflows import agenda

CONTACT = "signing.keeper-contact"
SHORT = timedelta(seconds=1)


@dataclass
class Trouble:
    """Makes our own activities fail, as long as a test wants it."""

    plan_here: bool = False
    plan_elsewhere: bool = False
    after_commit: int = 0
    gate: asyncio.Event | None = None
    opening: str = ""
    escalating: bool = False
    holding_back: bool = False
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    tried: list[datetime] = field(default_factory=list)

    def plan(self, site: Site, gateway: Gateway) -> Callable[..., Any]:
        """Planning that raises, here or elsewhere, before or after its commit."""
        ours = PlanningActivities(site)

        @activity.defn(name="planning.plan")
        async def plan(command: PlanJourney) -> Step:
            local = activity.info().is_local
            if local and self.plan_here:
                raise RuntimeError("no plan here")
            if not local and self.gate is not None:
                self.reached.set()
                await self.gate.wait()
                raise ApplicationError("no plan elsewhere", non_retryable=True)
            if not local and self.plan_elsewhere:
                raise RuntimeError("no plan elsewhere")
            step = await ours.plan(command)
            if local and self.after_commit:
                self.after_commit -= 1
                raise RuntimeError("died after the commit")
            return step

        return plan

    def open(self, site: Site, gateway: Gateway) -> Callable[..., Any]:
        """Opening that raises for one rule."""
        ours = TaskActivities(site)

        @activity.defn(name="tasks.open")
        async def open_task(command: Perform) -> Performed:
            if self.opening and command.key.startswith(self.opening):
                self.tried.append(activity.info().started_time)
                raise RuntimeError("cannot open")
            return await ours.open(command)

        return open_task

    def escalate(self, site: Site, gateway: Gateway) -> Callable[..., Any]:
        """Escalating that raises."""
        ours = TaskActivities(site)

        @activity.defn(name="escalation.raise")
        async def escalate(command: Perform) -> Performed:
            if self.escalating:
                raise RuntimeError("cannot escalate")
            return await ours.escalate(command)

        return escalate

    def hold_back(self, site: Site, gateway: Gateway) -> Callable[..., Any]:
        """A fallback that raises."""
        ours = PlanningActivities(site)

        @activity.defn(name="planning.hold_back")
        async def hold_back(command: HoldBack) -> None:
            if self.holding_back:
                raise RuntimeError("cannot hold back")
            await ours.hold_back(command)

        return hold_back

    @property
    def activities(self) -> dict[str, Callable[[Site, Gateway], Callable[..., Any]]]:
        """Our activities by name, in the place of the engine's."""
        return {
            "planning.plan": self.plan,
            "tasks.open": self.open,
            "escalation.raise": self.escalate,
            "planning.hold_back": self.hold_back,
        }


async def entry_of(home: TestEngine, journey: str, rule: str) -> Any:
    """The row of the first entry of a rule."""
    wanted = select(entries).where(entries.c.scope_id == journey, entries.c.key.startswith(rule))
    return await home.store.read(lambda session: session.execute(wanted).first())


async def test_planning_that_raises_beside_the_workflow_is_done_elsewhere(kernel_store: Store, tmp_path: Path) -> None:
    trouble = Trouble(plan_here=True)

    async with engine(kernel_store, tmp_path, replaced=trouble.activities) as home:
        journey = await home.start(facts=SIGNED)
        answer = await home.tell(journey, "suggestion.raised", id="word", text="好")
        status = (await home.info(journey)).status

    assert answer.verdict == "applied"
    assert status == RUNNING


@pytest.mark.slow
async def test_a_journey_that_cannot_be_planned_answers_taken_stays_short_and_recovers(
    kernel_store: Store, tmp_path: Path
) -> None:
    trouble = Trouble(plan_here=True, plan_elsewhere=True)

    async with engine(kernel_store, tmp_path, replaced=trouble.activities, patience=SHORT) as home:
        journey = await home.start(facts=SIGNED)
        told_in_vain = await home.verdicts(journey)
        lengths = [0]
        for _ in range(48):  # a busy machine plans less often in the same time, which does not wait for it
            await home.move(minutes=30)
            lengths = [len(history.events) for history in await histories(home, journey)]
            if len(lengths) > 1:
                break
        pauses = await timers(home, journey)
        status = (await home.info(journey)).status
        trouble.plan_here = trouble.plan_elsewhere = False
        await home.move(hours=2)
        judged = await home.verdicts(journey)

    assert {verdict for ident, verdict in told_in_vain.items() if ident in ("sub", "con")} == {"taken"}
    assert status == RUNNING
    assert len(lengths) > 1
    assert max(lengths) < 130
    assert pauses[:4] == [timedelta(seconds=seconds) for seconds in (1, 2, 4, 8)]
    assert judged["sub"] == judged["con"] == "applied"


async def test_who_tells_while_the_fallback_plans_in_a_grown_run_is_answered_and_judged_by_the_next_run(
    kernel_store: Store, tmp_path: Path
) -> None:
    trouble = Trouble()

    async with engine(kernel_store, tmp_path, replaced=trouble.activities) as home:
        journey = await home.start(facts=SIGNED)
        grown = await grow(home, journey)
        trouble.plan_here, trouble.gate = True, asyncio.Event()
        await home.handle(journey).signal("poke")
        await asyncio.wait_for(trouble.reached.wait(), 60)
        telling = asyncio.create_task(home.tell(journey, "suggestion.raised", id="word", text="好"))
        await asyncio.sleep(0.3)
        trouble.plan_here, gate, trouble.gate = False, trouble.gate, None
        gate.set()
        answer = await telling
        await home.move(minutes=1)
        judged = await home.verdicts(journey)
        now_running = await run_id(home, journey)

    assert answer.verdict in ("taken", "applied")
    assert judged["word"] == "applied"
    assert now_running != grown


async def test_who_tells_during_the_pause_after_a_failure_is_answered_taken_at_once(
    kernel_store: Store, tmp_path: Path
) -> None:
    trouble = Trouble()
    trouble.gate = asyncio.Event()
    trouble.gate.set()

    async with engine(kernel_store, tmp_path, replaced=trouble.activities) as home:
        trouble.plan_here = True
        journey = await home.start(facts=SUBSCRIBED)
        told = await home.env.client.get_workflow_handle(f"journey/{journey}").execute_update(
            "tell", {"events": ["evt_unheard"]}
        )
        trouble.plan_here = False
        await home.move(minutes=2)
        judged = await home.verdicts(journey)

    assert told["verdicts"] == {"evt_unheard": "taken"}
    assert judged["sub"] == "applied"


async def test_a_move_that_always_raises_is_held_back_ever_longer_and_the_rest_goes_first(
    kernel_store: Store, tmp_path: Path
) -> None:
    trouble = Trouble(opening=CONTACT)

    async with engine(kernel_store, tmp_path, replaced=trouble.activities) as home:
        journey = await home.start(facts=SIGNED)
        await home.move(minutes=40)
        held = await entry_of(home, journey, CONTACT)
        others = await home.store.read(open_tasks, journey)
        trouble.opening = ""
        await home.move(hours=2)
        opened = await entry_of(home, journey, CONTACT)

    rounds = trouble.tried[::3]
    pauses = [round((later - earlier).total_seconds() / 60) for earlier, later in pairwise(rounds)]
    assert (held.state, held.tries, held.reason["code"]) == ("held", len(rounds), "failing")
    assert pauses == [1, 2, 4, 8, 16][: len(pauses)]
    assert len(pauses) >= 4
    assert "signing.service-callback" in others
    assert (opened.state, opened.tries, opened.until) == ("open", 0, None)


async def test_a_move_that_no_worker_takes_is_planned_again_and_counts_as_no_failure(
    kernel_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The server skips no time while a move waits for a worker: ten minutes are a second here.
    monkeypatch.setattr(agenda, "PERFORM", {**PERFORM, "schedule_to_close_timeout": SHORT})

    async with engine(kernel_store, tmp_path, performs=False) as home:
        journey = await home.start(facts=SUBSCRIBED)

        async def waited_twice() -> bool:
            return await timed_out(home, journey) >= 2

        async def opened() -> bool:
            return CONTACT in await home.store.read(open_tasks, journey)

        await eventually(waited_twice)
        async with performing(home):
            await eventually(opened)
        held = await home.store.read(lines, journey, "entry.held")
        entry = await entry_of(home, journey, CONTACT)

    assert held == {}
    assert (entry.state, entry.tries) == ("open", 0)


async def timed_out(home: TestEngine, journey: str) -> int:
    """How many activities of a journey nobody took in time."""
    found = await histories(home, journey)
    return sum(event.HasField("activity_task_timed_out_event_attributes") for one in found for event in one.events)


@pytest.mark.slow
async def test_a_rung_that_always_raises_waits_alone_and_its_task_keeps_its_state(
    kernel_store: Store, tmp_path: Path
) -> None:
    trouble = Trouble(escalating=True)

    async with engine(kernel_store, tmp_path, replaced=trouble.activities) as home:
        journey = await home.start(facts=SUBSCRIBED)
        await home.move(days=9)
        waiting = await entry_of(home, journey, CONTACT)
        trouble.escalating = False
        await home.move(days=1)
        climbed = await entry_of(home, journey, CONTACT)

    assert waiting.state == "overdue"
    assert waiting.tries >= 5
    assert waiting.until is not None
    assert (climbed.state, climbed.tries, climbed.until, climbed.reason) == ("escalated", 0, None, None)


@pytest.mark.slow
async def test_when_even_holding_back_fails_the_journey_rests_a_minute_and_recovers(
    kernel_store: Store, tmp_path: Path
) -> None:
    trouble = Trouble(opening=CONTACT, holding_back=True)

    async with engine(kernel_store, tmp_path, replaced=trouble.activities, patience=SHORT) as home:
        journey = await home.start(facts=SUBSCRIBED)
        await home.move(minutes=20)
        status = (await home.info(journey)).status
        trouble.opening, trouble.holding_back = "", False
        await home.move(minutes=5)
        states = await home.states(journey)

    assert status == RUNNING
    assert len(trouble.tried) <= 3 * 21
    assert states[CONTACT] == "open"


@pytest.mark.slow
async def test_a_plan_killed_between_its_commit_and_its_marker_records_nothing_twice(
    kernel_store: Store, tmp_path: Path
) -> None:
    trouble = Trouble(after_commit=1)

    async with engine(kernel_store, tmp_path, replaced=trouble.activities) as home:
        journey = await home.start(facts=SIGNED)
        for number in range(4):
            trouble.after_commit = 1 + number % 2
            await home.tell(journey, "suggestion.raised", id=f"word-{number}", text="好")
        await home.move(days=12)
        opened = await home.store.read(lines, journey, "entry.open")
        judged = [await home.store.read(lines, journey, f"event.{kind}") for kind in ("suggestion.raised",)]
        status = (await home.info(journey)).status

    assert status == RUNNING
    assert opened
    assert set(opened.values()) == {1}
    assert set(judged[0].values()) == {1}
    assert len(home.sent()) == len(set(home.sent()))


@pytest.mark.parametrize("failures", [2, 3])
async def test_an_exhausted_local_activity_does_not_fail_the_journey(
    kernel_store: Store, tmp_path: Path, failures: int
) -> None:
    trouble = Trouble(after_commit=failures)

    async with engine(kernel_store, tmp_path, replaced=trouble.activities) as home:
        journey = await home.start(facts=SUBSCRIBED)
        status = (await home.info(journey)).status
        judged = await home.verdicts(journey)

    assert status == RUNNING
    assert judged["sub"] == "applied"
