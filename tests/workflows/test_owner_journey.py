"""A journey's life: it plans, performs, waits, ends and is woken again."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from temporalio.client import WorkflowExecutionStatus

from journey.store.engine import Store
from journey.store.tables import journal, tasks
from tests.engine import TestEngine, engine
from tests.packs import century_pack

HANDED_OVER = [
    {"type": "subscription.signed", "id": "sub"},
    {"type": "contract.signed", "id": "con", "contract_handover_date": "2040-06-30"},
]


@pytest.mark.slow
async def test_a_life_runs_from_subscription_to_aftercare_and_a_later_event_wakes_it(home: TestEngine) -> None:
    journey = await home.start(facts=HANDED_OVER)
    await home.move(days=3)
    accepted = await home.tell(journey, "handover.accepted", id="keys")
    await _finish_every_task(home, journey)
    for _ in range(42):
        await home.move(days=50)
        await _finish_every_task(home, journey)

    ended = await home.info(journey)
    row = await home.row(journey)
    woken = await home.tell(journey, "suggestion.raised", id="late-word", text="谢谢")

    assert accepted.verdict == "applied"
    assert ended.status == int(WorkflowExecutionStatus.COMPLETED)
    assert (row.status, row.over, row.stage) == ("aftercare", True, "warranty-end")
    assert woken.verdict == "applied"


@pytest.mark.slow
async def test_a_run_stays_short_and_a_life_costs_at_most_16_events_a_move(kernel_store: Store, tmp_path: Path) -> None:
    packs = {"test-century": century_pack()}
    async with engine(kernel_store, tmp_path, packs=packs, pack="test-century", cached=100) as home:
        journey = await home.start(facts=HANDED_OVER)
        await home.move(days=3)
        await home.tell(journey, "handover.accepted", id="keys")
        for _ in range(38):
            await _finish_every_task(home, journey)
            await home.move(days=100)

        lengths = await run_lengths(home, journey)
        moves = await moves_of(home, journey)

    assert moves >= 100
    assert max(lengths) <= 400
    assert (sum(lengths) - 8 * home.told) / moves <= 16


async def test_a_told_event_that_asks_for_nothing_costs_at_most_8_events(home: TestEngine) -> None:
    journey = await home.start(facts=HANDED_OVER)
    await home.move(minutes=5)
    before = sum(await run_lengths(home, journey))
    for number in range(5):
        await home.tell(journey, "service.ordered", id=f"order-{number}", text="保洁")

    assert sum(await run_lengths(home, journey)) - before <= 5 * 8


async def test_thirty_events_told_at_once_are_all_answered(home: TestEngine) -> None:
    journey = await home.start(facts=HANDED_OVER)

    answers = await asyncio.gather(
        *(home.tell(journey, "suggestion.raised", id=f"word-{number}", text="好") for number in range(30))
    )

    assert {answer.verdict for answer in answers} == {"applied"}


async def test_a_premature_event_counts_when_its_day_comes(home: TestEngine) -> None:
    journey = await home.start(facts=HANDED_OVER)
    parked = await home.tell(journey, "handover.accepted", id="keys", days=20)

    await home.move(days=21)

    assert parked.verdict == "parked"
    assert (await home.verdicts(journey))["keys"] == "applied"
    assert (await home.row(journey)).stage == "occupancy"


async def test_bad_messages_do_not_wedge_a_journey(home: TestEngine) -> None:
    journey = await home.start(facts=HANDED_OVER)
    handle = home.handle(journey)

    await handle.signal("poke", args=["too", "many"])
    await handle.signal("nobody-knows-this")
    answer = await home.tell(journey, "suggestion.raised", id="after", text="好")

    assert answer.verdict == "applied"
    assert (await home.info(journey)).status == int(WorkflowExecutionStatus.RUNNING)


async def test_an_unknown_journey_ends_at_once(home: TestEngine) -> None:
    await home.env.client.start_workflow(
        "OwnerJourney", {"journey": "jrn_nobody"}, id="journey/jrn_nobody", task_queue="journeys"
    )

    handle = home.env.client.get_workflow_handle("journey/jrn_nobody")
    await asyncio.wait_for(handle.result(), 60)


async def test_an_unfinished_task_is_warned_overdue_and_escalated_at_its_instants(home: TestEngine) -> None:
    journey = await home.start(facts=[{"type": "subscription.signed", "id": "sub"}])

    await home.move(days=10)

    assert (await home.states(journey))["signing.keeper-contact"] == "escalated"


async def test_a_lost_lead_ends_its_journey(home: TestEngine) -> None:
    journey = await home.start(facts=[{"type": "lead.registered", "id": "lead", "data": {"source": "walk-in"}}])
    lost = await home.tell(journey, "lead.lost", id="lost")

    await asyncio.wait_for(home.handle(journey).result(), 60)

    assert lost.verdict == "applied"
    assert (await home.row(journey)).status == "lost"


async def _finish_every_task(home: TestEngine, journey: str) -> None:
    """Staff finish what is open, until nothing is."""
    while open_tasks := await home.store.read(_open_tasks, journey):
        for task, kind in open_tasks:
            body = {"reached": True} if kind == "call" else {"outcome": "done", "by": "staff"}
            await home.doors.task_result(task, body)
            home.told += 1
        await home.move(minutes=1)


def _open_tasks(session: Session, journey: str) -> list[tuple[str, str]]:
    rows = session.execute(
        select(tasks.c.id, tasks.c.kind).where(tasks.c.journey_id == journey, tasks.c.closed_at.is_(None))
    )
    return [(row.id, row.kind) for row in rows]


async def run_lengths(home: TestEngine, journey: str) -> list[int]:
    """History events of every run of a life."""
    lengths = []
    handle = home.handle(journey)
    run = (await home.info(journey)).execution.run_id
    while run:
        history = await home.env.client.get_workflow_handle(handle.id, run_id=run).fetch_history()
        lengths.append(len(history.events))
        run = history.events[0].workflow_execution_started_event_attributes.continued_execution_run_id
    return lengths


async def moves_of(home: TestEngine, journey: str) -> int:
    """Moves made in a life: what was opened, warned, escalated or sent."""
    codes = (
        "entry.open",
        "entry.warned",
        "entry.escalated",
        "message.sent",
        "entry.held",
        "entry.suppressed",
        "entry.failed",
    )
    return await home.store.read(_count, journey, codes)


def _count(session: Session, journey: str, codes: tuple[str, ...]) -> int:
    counted = (
        select(func.count()).select_from(journal).where(journal.c.journey_id == journey, journal.c.code.in_(codes))
    )
    return session.execute(counted).scalar_one()
