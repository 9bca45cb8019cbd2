"""Coming back from a loss on real servers: another Temporal, an emptied one, builds that take turns."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

import worker
from journey.adapters.wiring import memory_gateway
from journey.domain.rules import RULES_NUMBER
from journey.store import adopting, installation, restoring
from journey.store.adopting import EngineRuns
from journey.store.backup import write_backup
from journey.store.engine import Store
from journey.store.tables import entries, leases
from starter.up.restoring import restore_home
from tests.servers import ShiftedClock, Town, at_work, dev_server, facts_of, runs, town
from tests.workflows.runs import eventually

pytestmark = [pytest.mark.server, pytest.mark.slow]
HOMES = [f"3-1-{number}" for number in range(4)]


@pytest_asyncio.fixture
async def home(store_sqlite: Store, tmp_path: Path) -> AsyncIterator[Town]:
    yield await town(store_sqlite, tmp_path)


async def settled(home: Town) -> None:
    """Every journey was planned after all that was told, and what was due is done."""

    async def quiet() -> bool:
        planned = all(row.stale_since is None and row.planned_at is not None for row in await home.rows())
        states = Counter(state for state, _ in (await home.ledger()).values())
        return planned and states["sent"] >= len(HOMES) and not states["reserved"]

    await eventually(quiet, within=60)


async def adopt(home: Town, client: Client) -> adopting.Standing:
    return await home.store.write(adopting.adopt, await worker.namespace_of(client), datetime.now(UTC))


async def all_run(home: Town, client: Client, journeys: list[str]) -> None:
    async def running() -> bool:
        return all([await runs(client, journey) for journey in journeys])

    await eventually(running, within=60)


async def test_a_new_server_that_adopts_the_store_starts_every_journey_and_repeats_nothing(home: Town) -> None:
    async with dev_server() as first, at_work(home, first):
        journeys = [await home.start(first, unit) for unit in HOMES]
        await settled(home)
    before, calls = await home.ledger(), home.calls()

    async with dev_server() as second, at_work(home, second) as engine:
        told = await home.say(second, journeys[0], "while-away")
        adopted = await adopt(home, second)
        await all_run(home, second, journeys)
        await settled(home)
        later = await home.say(second, journeys[1], "back")
        await eventually(lambda: _knows(engine, 2), within=30)
    after = await home.ledger()

    assert told == "taken"
    assert later == "applied"
    assert adopted.journeys == len(HOMES)
    assert {key: after[key] for key in before} == before
    assert home.calls() == calls
    assert max(Counter(calls).values()) == 1


async def test_of_two_temporals_on_one_store_only_the_one_that_it_names_does_anything(home: Town) -> None:
    async with dev_server() as first, dev_server() as second, at_work(home, first):
        journeys = [await home.start(first, unit) for unit in HOMES[:2]]
        await eventually(lambda: _sent(home, 2), within=60)
        async with at_work(home, second):
            await home.store.write(_lapse)  # the other worker may try for the sweeper's lease
            for journey in journeys:
                await home.say(second, journey, "elsewhere")
            stale = [not await runs(second, journey) for journey in journeys]
            await eventually(lambda: _judged(home), within=60)
            with pytest.raises(EngineRuns):
                await adopt(home, second)
            named = await home.store.read(installation.named)
            still = [await runs(first, journey) for journey in journeys]
    calls = home.calls()

    assert all(stale)
    assert all(still)
    assert named == (await home.store.read(installation.named))
    assert max(Counter(calls).values()) == 1


async def test_a_server_whose_workflows_were_lost_gets_them_back_by_adopting_it_again(home: Town) -> None:
    async with dev_server() as client, at_work(home, client):
        journeys = [await home.start(client, unit) for unit in HOMES]
        await settled(home)
        before, calls = await home.ledger(), home.calls()
        for journey in journeys:
            await client.get_workflow_handle(f"journey/{journey}").terminate("lost")
        for _ in range(2):
            await adopt(home, client)
        await all_run(home, client, journeys)
        await settled(home)
        epoch = await home.store.read(installation.epoch)
    after = await home.ledger()

    assert epoch == 3
    assert {key: after[key] for key in before} == before
    assert home.calls() == calls


@pytest.mark.filterwarnings("ignore:Cannot find activity to cancel")  # a task that moves to the other worker
async def test_two_builds_that_take_turns_do_everything_once(home: Town) -> None:
    newer = RULES_NUMBER + 1
    settings = home.settings.model_copy(update={"cached_workflows": 0, "build": "newer"})
    async with dev_server() as client:
        address = client.service_client.config.target_host
        other = await Client.connect(address, data_converter=pydantic_data_converter)  # as another process has
        async with at_work(replace(home, settings=settings), other) as young:
            young.site.rules = newer
            async with at_work(replace(home, settings=settings.model_copy(update={"build": "older"})), client):
                journeys = [await home.start(client, unit) for unit in HOMES]
                await settled(home)
                for turn in range(50):  # chance says which of the two plans: until the newer had each journey once
                    await asyncio.gather(*(home.say(client, journey, f"word-{turn}") for journey in journeys))
                    if turn > 3 and {row.rules for row in await home.rows()} == {newer}:
                        break
                await settled(home)
                rows = await home.rows()
    states = Counter(state for state, _ in (await home.ledger()).values())

    assert {row.rules for row in rows} == {newer}
    assert {row.build for row in rows} == {"newer"}
    assert max(Counter(home.calls()).values()) == 1
    assert not states.keys() & {"failed", "unknown"}


@pytest.mark.parametrize("remembers", ["provider", "Temporal"])
async def test_after_a_restore_what_was_sent_is_found_and_not_sent_again(
    home: Town, tmp_path: Path, remembers: str
) -> None:
    file, url = tmp_path / "backup.tar", f"sqlite:///{tmp_path / 'store.db'}"
    async with dev_server() as client:
        async with at_work(home, client):
            journeys = [await home.begin(client, unit) for unit in HOMES]
            taken = await asyncio.to_thread(write_backup, url, file, "0.1.0", await ShiftedClock().now())
            facts = facts_of((await ShiftedClock().now()).isoformat())
            for journey, fact in product(journeys, facts):
                await home.doors(client).tell_journey(journey, fact)
            await settled(home)
        sent = Counter(home.calls())
        home.store.close()
        await asyncio.to_thread(restore_home, tmp_path, file, taken, await ShiftedClock().now())
        with Store(url) as store:
            back = replace(home, store=store)
            if remembers == "Temporal":
                back = replace(back, gateway=memory_gateway(ShiftedClock().now))
            async with at_work(back, client):
                for journey, fact in product(journeys, facts):
                    await back.doors(client).tell_journey(journey, fact)
                await settled(back)
                while await store.write(restoring.unmute_page, datetime.now(UTC)):
                    pass
                await settled(back)
            reasons = await store.read(_found)
            again = Counter(back.calls())

    assert len(reasons) == sum(sent.values()) >= len(HOMES)
    assert set(reasons) == {"sms" if remembers == "provider" else "Temporal"}
    assert again == (sent if remembers == "provider" else Counter())


def _found(session: Session) -> list[str]:
    rows = session.execute(select(entries.c.reason).where(entries.c.state == "sent")).scalars()
    return [reason["params"]["where"] for reason in rows if reason["code"] == "found"]


async def _knows(engine: worker.Engine, epoch: int) -> bool:
    return engine.presence.epoch == epoch and engine.presence.ours


async def _sent(home: Town, count: int) -> bool:
    return Counter(state for state, _ in (await home.ledger()).values())["sent"] >= count


async def _judged(home: Town) -> bool:
    return all(row.stale_since is None for row in await home.rows())


def _lapse(session: Session) -> None:
    session.execute(update(leases).values(until=datetime(2020, 1, 1, tzinfo=UTC)))
