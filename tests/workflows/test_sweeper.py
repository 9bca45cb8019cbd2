"""The sweeper alone makes it true that nothing is forgotten (`kernel.md` §8, §10)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from temporalio.client import Client

from activities.replanning import _plan_and_mark
from journey.domain.receipts import Receipt
from journey.domain.values import ReceiptState
from journey.store import adopting, hooks, installation, receipts, sweeping
from journey.store.engine import Store
from journey.store.planning import plan_agenda
from journey.store.receipts import Call
from journey.store.sweeping import LEAST_PAUSE, LONGEST_PAUSE
from journey.store.tables import installation as installation_table
from journey.store.tables import journeys, leases, messages
from journey.store.tables import receipts as receipts_table
from journey.sweeper import HASTE, Sweeper
from starter.doors import Doors
from starter.telling import Subject, Teller
from tests.engine import TestEngine
from tests.workflows.runs import RUNNING, SUBSCRIBED, eventually, lines, run_id

A_WHILE = timedelta(seconds=6)


async def away() -> Client:
    """A Temporal that cannot be reached."""
    raise ConnectionError("nobody listens")


def doors_without_temporal(home: TestEngine) -> Doors:
    """Doors of the same store, with Temporal away."""
    return Doors(home.store, Teller(away), home.clock)


def marked_earlier(session: Session, journey: str) -> None:
    """As if it had been marked a while ago."""
    earlier = datetime.now(UTC) - A_WHILE
    session.execute(update(journeys).where(journeys.c.id == journey).values(stale_since=earlier, poked_at=None))


def grown_older(session: Session, journey: str) -> None:
    """As if its mark, should there be one, had stood for a while."""
    marked = update(journeys).where(journeys.c.id == journey, journeys.c.stale_since.is_not(None))
    session.execute(marked.values(stale_since=datetime.now(UTC) - A_WHILE))


async def quiet(home: TestEngine) -> str:
    """A journey whose first moves are made, so that nothing but what a test does marks or plans it."""
    journey = await home.start(facts=SUBSCRIBED)
    await home.move(minutes=1)
    return journey


async def judged(home: TestEngine, journey: str, ident: str) -> None:
    """Wait until an event has its verdict."""

    async def done() -> bool:
        return (await home.verdicts(journey))[ident] == "applied"

    await eventually(done)


async def test_an_event_told_while_temporal_is_away_is_taken_and_judged_after_a_sweep(home: TestEngine) -> None:
    journey = await quiet(home)
    answer = await doors_without_temporal(home).tell_journey(
        journey, await home.fact("suggestion.raised", id="word", text="好")
    )
    too_fresh = await home.sweeper.sweep()
    await home.store.write(marked_earlier, journey)

    poked = await home.sweeper.sweep()

    await judged(home, journey, "word")
    assert answer.verdict == "taken"
    assert too_fresh == 0
    assert poked == 1
    assert set((await home.store.read(lines, journey, "event.suggestion.raised")).values()) == {1}


@pytest.mark.slow
async def test_a_journey_started_while_temporal_is_away_begins_after_a_sweep(home: TestEngine) -> None:
    body = {"project": "XN", "unit": "3-1-1", "owners": [{"ref": "li", "name": "李娜", "phone": "13900139000"}]}
    started = await doors_without_temporal(home).start_journey(
        body | {"facts": [await home.fact("subscription.signed", id="sub")]}
    )
    journey = str(started.journey["id"])
    await home.store.write(marked_earlier, journey)

    await home.sweeper.sweep()

    await judged(home, journey, "sub")
    assert started.events[0].verdict == "taken"
    assert (await home.info(journey)).status == RUNNING


async def test_a_lost_workflow_is_started_again_when_past_due(home: TestEngine) -> None:
    journey = await quiet(home)
    lost = await run_id(home, journey)
    await home.handle(journey).terminate("lost")
    too_early = await home.sweeper.sweep()
    await home.move(days=9)

    poked = await home.sweeper.sweep()
    await eventually(lambda: _has_state(home, journey, "signing.keeper-contact", "escalated"))

    assert too_early == 0
    assert poked == 1
    assert await run_id(home, journey) != lost


class Forgetful(Teller):
    """A Temporal that is killed after a worker planned for an update, and before it wrote down that there was one."""

    def __init__(self, home: TestEngine) -> None:
        self._home = home

    async def tell(self, subject: Subject, events: Sequence[str]) -> Mapping[str, str]:
        """Plan, and answer nobody."""
        site, now = self._home.site, await self._home.now()
        await self._home.store.write(plan_agenda, subject.journey, now, by=site.planner, told=True)
        return {}


@pytest.mark.slow
async def test_a_workflow_that_never_heard_that_its_life_is_over_is_woken_to_end(home: TestEngine) -> None:
    journey = await quiet(home)
    forgetful = Doors(home.store, Forgetful(home), home.clock)

    answer = await forgetful.tell_journey(journey, await home.fact("lead.lost", id="lost", reason="不买了"))
    over, still_running = (await home.row(journey)).over, (await home.info(journey)).status
    await home.store.write(grown_older, journey)
    await home.sweeper.sweep()

    async def ended() -> bool:
        return bool((await home.info(journey)).status != RUNNING)

    await eventually(ended)
    assert answer.verdict == "applied"
    assert over
    assert still_running == RUNNING
    assert (await home.row(journey)).stale_since is None


async def test_a_workflow_that_missed_a_second_fact_about_a_life_that_is_over_is_woken_to_end(home: TestEngine) -> None:
    journey = await quiet(home)
    forgetful = Doors(home.store, Forgetful(home), home.clock)
    await forgetful.tell_journey(journey, await home.fact("lead.lost", id="lost", reason="不买了"))

    await forgetful.tell_journey(journey, await home.fact("suggestion.raised", id="word", text="好"))
    still_running = (await home.info(journey)).status
    await home.store.write(grown_older, journey)
    await home.sweeper.sweep()

    async def ended() -> bool:
        return bool((await home.info(journey)).status != RUNNING)

    await eventually(ended)
    assert still_running == RUNNING
    assert (await home.row(journey)).stale_since is None


@pytest.mark.slow
async def test_a_workflow_whose_life_turns_out_to_be_over_in_a_background_run_is_woken_to_end(home: TestEngine) -> None:
    journey = await quiet(home)
    unheard = doors_without_temporal(home)
    await unheard.tell_journey(journey, await home.fact("lead.lost", id="lost", reason="不买了"))

    planned = await home.store.write(_plan_and_mark, journey, await home.now(), home.site)
    await home.sweeper.sweep()

    async def ended() -> bool:
        return bool((await home.info(journey)).status != RUNNING)

    await eventually(ended)
    assert planned.plan is not None
    assert planned.plan.over
    assert (await home.row(journey)).stale_since is None


@pytest.mark.slow
async def test_a_workflow_that_never_heard_of_a_move_that_is_due_is_woken_to_make_it(home: TestEngine) -> None:
    journey = await quiet(home)
    forgetful = Doors(home.store, Forgetful(home), home.clock)

    signed = await home.fact("contract.signed", id="con", contract_handover_date="2040-06-30")
    answer = await forgetful.tell_journey(journey, signed)
    before = await home.states(journey)
    await home.move(minutes=2)
    await home.sweeper.sweep()

    async def opened() -> bool:
        return (await home.states(journey)).get("signing.service-callback") == "open"

    await eventually(opened)
    assert answer.verdict == "applied"
    assert "signing.service-callback" not in before


async def test_a_journey_that_ended_is_not_woken(home: TestEngine) -> None:
    journey = await quiet(home)
    await home.tell(journey, "subscription.cancelled", id="off", reason="贷款未批")
    await home.tell(journey, "refund.settled", id="paid")
    await home.move(days=40)
    ended = await home.row(journey)

    poked = await home.sweeper.sweep()

    assert ended.over
    assert poked == 0


async def test_pokes_pause_ever_longer_and_an_hour_at_most(home: TestEngine) -> None:
    journey = await quiet(home)
    await home.store.write(marked_earlier, journey)
    real_now = datetime.now(UTC)
    pauses = []
    for _ in range(11):
        found = await home.store.write(sweeping.sleepers, now=await home.now(), real_now=real_now, limit=10)
        again = await home.store.write(sweeping.sleepers, now=await home.now(), real_now=real_now, limit=10)
        until = (await home.row(journey)).poked_at
        assert [sleeper.journey for sleeper in found] == [journey]
        assert again == []
        pauses.append(until - real_now)
        real_now = until + timedelta(seconds=1)

    assert pauses[:4] == [LEAST_PAUSE, 2 * LEAST_PAUSE, 4 * LEAST_PAUSE, 8 * LEAST_PAUSE]
    assert max(pauses) == pauses[-1] == LONGEST_PAUSE


async def test_a_round_pokes_no_more_than_its_share(home: TestEngine) -> None:
    doors = doors_without_temporal(home)
    for number in range(3):
        owner = {"ref": f"li-{number}", "name": "李娜", "phone": "13900139000"}
        started = await doors.start_journey({"project": "XN", "unit": f"3-1-{number}", "owners": [owner]})
        await home.store.write(marked_earlier, str(started.journey["id"]))
    sweeper = Sweeper(home.store, home.env.client, home.clock, home.site.namespace_id, per_round=2)

    rounds = [await sweeper.sweep(), await sweeper.sweep(), await sweeper.sweep()]

    assert rounds == [2, 1, 0]


@pytest.mark.slow
async def test_after_an_adoption_rounds_hurry_until_every_journey_was_poked(home: TestEngine) -> None:
    journeys_ = [await home.start(f"3-1-{number}", facts=SUBSCRIBED) for number in range(3)]
    await home.move(minutes=1)
    for journey in journeys_:
        await home.handle(journey).terminate("lost")
    await home.store.write(adopting.adopt, home.site.namespace_id, datetime.now(UTC))
    sweeper = Sweeper(home.store, home.env.client, home.clock, home.site.namespace_id, per_round=2)
    pauses: list[float] = []

    class Enough(Exception):
        """Ends the loop."""

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 4:
            raise Enough

    with pytest.raises(Enough):
        await sweeper.run(sleep)

    assert pauses[:2] == [HASTE.total_seconds()] * 2
    assert pauses[-1] == 1
    for journey in journeys_:
        assert (await home.info(journey)).status == RUNNING


async def test_a_worker_of_another_temporal_keeps_nobody_from_sweeping(home: TestEngine) -> None:
    journey = await quiet(home)
    stranger = Sweeper(home.store, home.env.client, home.clock, "another")
    await home.store.write(_lapse)
    await stranger.sweep()
    await home.store.write(marked_earlier, journey)

    assert await home.sweeper.sweep() == 1


async def test_of_two_sweepers_one_has_the_lease_until_it_lapses(home: TestEngine) -> None:
    journey = await quiet(home)
    await home.sweeper.sweep()
    other = Sweeper(home.store, home.env.client, home.clock, home.site.namespace_id)
    await home.store.write(marked_earlier, journey)

    without = await other.sweep()
    await home.store.write(_lapse)
    after = await other.sweep()

    assert without == 0
    assert after == 1
    assert await home.sweeper.sweep() == 0


async def test_a_round_with_temporal_away_is_followed_by_another(home: TestEngine) -> None:
    journey = await quiet(home)
    await home.store.write(marked_earlier, journey)
    rounds: list[float] = []

    class Enough(Exception):
        """Ends the loop."""

    async def sleep(seconds: float) -> None:
        rounds.append(seconds)
        if len(rounds) == 2:
            raise Enough

    class Away:
        """A client whose connection broke."""

        async def start_workflow(self, *_: Any, **__: Any) -> None:
            raise RuntimeError("nobody listens")

    sweeper = Sweeper(home.store, Away(), home.clock, home.site.namespace_id)  # type: ignore[arg-type] # a small fake
    with pytest.raises(Enough):
        await sweeper.run(sleep)

    assert rounds == [1, 1]


@pytest.mark.slow
async def test_a_store_that_names_another_temporal_is_left_alone_until_it_is_adopted(
    home: TestEngine, kernel_store: Store, tmp_path: Path
) -> None:
    journey = await quiet(home)
    sent, before = home.sent(), await home.row(journey)
    await home.store.write(_adopt, "another")

    answer = await home.tell(journey, "suggestion.raised", id="word", text="好")
    await home.move(days=9)
    await home.store.write(marked_earlier, journey)
    poked = await home.sweeper.sweep()
    meanwhile, states = await home.row(journey), await home.states(journey)
    ended = (await home.info(journey)).status
    await home.store.write(_adopt, home.site.namespace_id)
    await home.store.write(marked_earlier, journey)
    back = await home.sweeper.sweep()
    await judged(home, journey, "word")

    assert answer.verdict == "taken"
    assert ended != RUNNING
    assert poked == 0
    assert home.sent()[: len(sent)] == sent
    assert meanwhile.revision == before.revision
    assert states["signing.keeper-contact"] == "open"
    assert back == 1
    assert (await home.info(journey)).status == RUNNING


async def test_a_store_takes_the_first_temporal_it_meets_and_no_other(home: TestEngine) -> None:
    first = await home.store.write(installation.connect_to, home.site.namespace_id, await home.now())
    other = await home.store.write(installation.connect_to, "another", await home.now())

    assert (first, other) == (True, False)


async def _has_state(home: TestEngine, journey: str, rule: str, state: str) -> bool:
    return (await home.states(journey)).get(rule) == state


def _lapse(session: Session) -> None:
    session.execute(update(leases).values(until=datetime.now(UTC) - timedelta(seconds=1)))


def _adopt(session: Session, namespace_id: str) -> None:
    session.execute(update(installation_table).values(namespace_id=namespace_id))


def recorded_as(session: Session, provider_id: str) -> str:
    """The send of a message is recorded under an id of the provider, and what waits is looked at now."""
    row = session.execute(select(messages).where(messages.c.state == "sent")).first()
    assert row is not None
    session.execute(update(messages).where(messages.c.id == row.id).values(provider_id=provider_id))
    session.execute(update(receipts_table).values(look_at=datetime.now(UTC) - A_WHILE))
    return str(row.id)


async def test_a_receipt_that_came_before_its_send_was_recorded_is_matched_by_a_sweep(home: TestEngine) -> None:
    await quiet(home)
    now = await home.clock.now()
    hook, _ = await home.store.write(hooks.add_hook, "carrier", now, kind="receipts", dialect="standard")
    told = Receipt(ReceiptState.DELIVERED, now, "simulated", provider_id="early")
    early = await home.store.write(receipts.keep, Call(hook, "one", "0" * 64), [told], now, datetime.now(UTC))
    message = await home.store.write(recorded_as, "early")

    await home.sweeper.sweep()

    state = select(messages.c.state).where(messages.c.id == message)
    assert early.outcomes == {"waiting": 1}
    assert await home.store.read(lambda session: session.execute(state).scalar_one()) == "delivered"
