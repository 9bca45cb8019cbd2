"""A run that has grown continues as new at its next quiet alarm, and nothing is lost or done twice."""

import asyncio
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from journey.contracts.journeys import Tell, Told
from journey.contracts.names import POKE, TELL
from journey.store.engine import Store
from tests.engine import TestEngine, engine
from tests.workflows.runs import RUNNING, SIGNED, SUBSCRIBED, grow, histories, lines, open_tasks, run_id
from tests.workflows.test_failures import Trouble

pytestmark = pytest.mark.server

LEAD = [{"type": "lead.registered", "id": "lead", "data": {"source": "walk-in"}}]
WELCOME, READ, CONTACT = "signing.keeper-welcome", "signing.read-contract", "signing.keeper-contact"


async def carried_on(home: TestEngine, journey: str, grown: str, **by: float) -> None:
    """Let the alarm ring; a new run of the same life must be awake."""
    await home.move(**by)

    assert await run_id(home, journey) != grown
    assert (await home.info(journey)).status == RUNNING


async def nothing_twice(home: TestEngine, journey: str) -> None:
    """No move stands twice in the timeline, nothing went out twice."""
    for code in ("entry.open", "entry.sent", "entry.warned", "entry.overdue", "entry.escalated"):
        assert set((await home.store.read(lines, journey, code)).values()) <= {1}
    assert len(home.sent()) == len(set(home.sent()))


async def evening(home: TestEngine) -> None:
    """Let time pass until ten at night in Shanghai."""
    now = (await home.now()).astimezone(ZoneInfo("Asia/Shanghai"))
    tonight = datetime.combine(now.date(), time(22), now.tzinfo)
    tonight += timedelta(days=1) if tonight <= now else timedelta(0)
    await home.env.sleep(tonight.astimezone(UTC) - await home.now())


async def test_with_a_planned_message_ahead(home: TestEngine) -> None:
    await evening(home)
    journey = await home.start(facts=SUBSCRIBED)
    before = await home.states(journey)
    grown = await grow(home, journey)

    await carried_on(home, journey, grown, days=3)

    assert READ not in before
    assert (await home.states(journey))[READ] == "sent"
    await nothing_twice(home, journey)


async def test_with_an_open_task(home: TestEngine) -> None:
    journey = await home.start(facts=SUBSCRIBED)
    await home.move(days=3)
    task = (await home.store.read(open_tasks, journey))[CONTACT]
    grown = await grow(home, journey)

    await carried_on(home, journey, grown, days=3)

    assert (await home.states(journey))[CONTACT] == "warned"
    assert (await home.store.read(open_tasks, journey))[CONTACT] == task
    await nothing_twice(home, journey)


async def test_with_an_overdue_task(home: TestEngine) -> None:
    journey = await home.start(facts=SUBSCRIBED)
    while (await home.states(journey)).get(CONTACT) != "overdue":
        await home.move(hours=6)
    grown = await grow(home, journey)

    await carried_on(home, journey, grown, days=2)

    assert (await home.states(journey))[CONTACT] == "escalated"
    await nothing_twice(home, journey)


async def test_with_a_held_message(home: TestEngine) -> None:
    await evening(home)
    journey = await home.start(facts=SUBSCRIBED)
    await home.move(minutes=1)
    before = await home.states(journey)
    grown = await grow(home, journey)

    await carried_on(home, journey, grown, hours=12)

    assert before[WELCOME] == "held"
    assert (await home.states(journey))[WELCOME] == "sent"
    await nothing_twice(home, journey)


async def test_with_a_parked_event(home: TestEngine) -> None:
    journey = await home.start(facts=SIGNED)
    parked = await home.tell(journey, "handover.accepted", id="keys", days=3)
    grown = await grow(home, journey)

    await carried_on(home, journey, grown, days=5)

    assert parked.verdict == "parked"
    assert (await home.verdicts(journey))["keys"] == "applied"
    assert (await home.row(journey)).stage == "occupancy"
    await nothing_twice(home, journey)


async def test_with_a_paused_journey(home: TestEngine) -> None:
    journey = await home.start(facts=SUBSCRIBED)
    await home.move(days=2)
    await home.tell(journey, "hold.placed", id="hold", scope="all", how="pause", reason="业主住院")
    grown = await grow(home, journey)

    await carried_on(home, journey, grown, days=120)
    paused = await home.states(journey)
    await home.tell(journey, "hold.released", id="release", scope="all", how="pause", reason="业主出院")
    await home.move(days=12)

    assert paused[CONTACT] in ("open", "warned")
    assert (await home.states(journey))[CONTACT] == "escalated"
    await nothing_twice(home, journey)


async def test_with_nothing_but_the_quarterly_wake(home: TestEngine) -> None:
    journey = await home.start(facts=LEAD)
    grown = await grow(home, journey)

    await carried_on(home, journey, grown, days=130)
    told = await home.tell(journey, "subscription.signed", id="sub")

    assert told.verdict == "applied"
    assert (await home.row(journey)).stage == "signing"


async def test_who_tells_while_a_run_drains_is_answered_taken_and_judged_by_the_next_run(
    kernel_store: Store, tmp_path: Path
) -> None:
    trouble = Trouble()

    async with engine(kernel_store, tmp_path, replaced=trouble.activities) as home:
        journey = await home.start(facts=SIGNED)
        handle = home.handle(journey)
        grown = await grow(home, journey)
        trouble.plan_here, gate = True, asyncio.Event()
        trouble.gate = gate
        await handle.signal(POKE)
        await asyncio.wait_for(trouble.reached.wait(), 60)
        telling = asyncio.create_task(handle.execute_update(TELL, Tell(events=["evt_late"]), result_type=Told))
        await asyncio.sleep(0.5)
        trouble.plan_here, trouble.gate = False, None
        gate.set()
        told = await asyncio.wait_for(telling, 60)
        await carried_on(home, journey, grown, minutes=1)
        judged = await home.tell(journey, "suggestion.raised", id="word", text="好")

    assert told.verdicts == {"evt_late": "taken"}
    assert judged.verdict == "applied"


@pytest.mark.slow
async def test_tells_around_a_ringing_alarm_are_all_judged_once(home: TestEngine) -> None:
    journey = await home.start(facts=SUBSCRIBED)
    grown = await grow(home, journey)

    async def tell(number: int) -> None:
        await asyncio.sleep(number * 0.02)
        await home.tell(journey, "suggestion.raised", id=f"word-{number}", text="好")

    await asyncio.gather(home.move(days=8), *(tell(number) for number in range(12)))
    await home.move(days=100)
    await home.tell(journey, "suggestion.raised", id="last", text="好")

    judged = await home.verdicts(journey)
    assert {judged[f"word-{number}"] for number in range(12)} == {"applied"}
    assert set((await home.store.read(lines, journey, "event.suggestion.raised")).values()) == {1}
    assert await run_id(home, journey) != grown


@pytest.mark.slow
async def test_a_run_that_nothing_but_news_wakes_continues_above_300_events(home: TestEngine) -> None:
    journey = await home.start(facts=SUBSCRIBED)
    first = await run_id(home, journey)

    for number in range(60):
        await home.tell(journey, "suggestion.raised", id=f"word-{number}", text="好")

    lengths = [len(history.events) for history in await histories(home, journey)]
    assert await run_id(home, journey) != first
    assert max(lengths) < 340
    assert set((await home.verdicts(journey)).values()) == {"applied"}


async def test_a_run_older_than_a_year_continues(home: TestEngine) -> None:
    journey = await home.start(facts=[])
    first = await run_id(home, journey)

    await home.move(days=300)
    young = await run_id(home, journey)
    await home.move(days=200)

    assert young == first
    assert await run_id(home, journey) != first
    assert (await home.info(journey)).status == RUNNING
