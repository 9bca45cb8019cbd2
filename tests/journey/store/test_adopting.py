"""Giving the store to a Temporal: whom it names, who must have stopped, what starts, how fast."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from journey.store import adopting, installation, sweeping
from journey.store.adopting import FRESH, WINDOW, EngineRuns
from journey.store.engine import Store
from journey.store.tables import epochs, journeys
from tests.activities.ground import NAMESPACE, Ground, ground
from tests.records import instant

MORNING = instant("2026-03-16 10:00")
OTHER = "another-namespace"


@pytest_asyncio.fixture
async def home(store: Store, tmp_path: Path) -> Ground:
    """A project with three homes that were planned and one whose life is over, on each engine."""
    made = await ground(store, tmp_path, MORNING)
    for number in range(1, 5):
        owner = {"ref": f"owner-{number}", "name": "张伟", "phone": "13800138000"}
        body = {"project": "XN", "unit": f"3-1-{number}", "owners": [owner]}
        made.journey = str((await made.doors.start_journey(body)).journey["id"])
        await made.plan()
    await made.store.write(_over, made.journey)
    return made


async def adopt(home: Ground, namespace_id: str = OTHER, **more: Any) -> adopting.Standing:
    return await home.store.write(adopting.adopt, namespace_id, datetime.now(UTC), **more)


async def work(home: Ground, namespace_id: str, worker: str = "wrk_1", ago: timedelta = timedelta(0)) -> None:
    """A worker of a namespace was seen a while ago."""
    await home.store.write(adopting.seen, worker, namespace_id, "0.1.0", 1, datetime.now(UTC) - ago)


async def sleepers(home: Ground, limit: int = 50) -> list[str]:
    found = await home.store.write(sweeping.sleepers, now=home.clock.instant, real_now=datetime.now(UTC), limit=limit)
    return [sleeper.journey for sleeper in found]


async def test_an_adopted_store_names_the_new_temporal_and_a_raised_epoch(home: Ground) -> None:
    before = await home.store.read(installation.epoch)

    adopted = await adopt(home)

    assert adopted.epoch == before + 1 == await home.store.read(installation.epoch)
    assert await home.store.read(installation.named) == OTHER


async def test_everything_that_should_run_is_poked_at_once_and_what_is_over_is_not(home: Ground) -> None:
    nobody = await sleepers(home)

    adopted = await adopt(home)

    poked = await sleepers(home)
    assert nobody == []
    assert adopted.journeys == len(poked) == 3
    assert home.journey not in poked


async def test_adopting_twice_is_harmless(home: Ground) -> None:
    await adopt(home)
    poked = await sleepers(home)

    again = await adopt(home)

    assert again.journeys == 3
    assert await sleepers(home) == poked
    assert await home.store.read(_epochs) == [(2, OTHER), (3, OTHER)]


async def test_while_the_old_engine_runs_nothing_is_adopted(home: Ground) -> None:
    await work(home, NAMESPACE)

    with pytest.raises(EngineRuns) as refused:
        await adopt(home)

    assert await home.store.read(installation.named) == NAMESPACE
    assert await sleepers(home) == []
    assert "--force" in str(refused.value)


async def test_force_adopts_although_the_old_engine_runs(home: Ground) -> None:
    await work(home, NAMESPACE)

    adopted = await adopt(home, force=True)

    assert adopted.others == ["0.1.0"]
    assert await home.store.read(installation.named) == OTHER


@pytest.mark.parametrize("left", [True, False])
async def test_an_engine_that_stopped_or_was_not_seen_for_a_while_stands_in_nobodys_way(
    home: Ground, left: bool
) -> None:
    await work(home, NAMESPACE, ago=timedelta(0) if left else FRESH)
    if left:
        await home.store.write(adopting.gone, "wrk_1")

    await adopt(home)

    assert await home.store.read(installation.named) == OTHER


async def test_workers_of_the_adopting_temporal_may_run(home: Ground) -> None:
    await work(home, OTHER)

    await adopt(home)
    ours, epoch = await home.store.write(adopting.seen, "wrk_1", OTHER, "0.1.0", 1, datetime.now(UTC))

    assert (ours, epoch) == (True, 2)


async def test_catching_up_gives_no_more_than_the_workers_can_take(home: Ground) -> None:
    before = await home.store.read(adopting.room, datetime.now(UTC))
    await adopt(home)
    empty = await home.store.read(adopting.room, datetime.now(UTC))
    await sleepers(home, limit=2)

    under_way = await home.store.read(adopting.room, datetime.now(UTC))

    assert before is None
    assert (empty, under_way) == (WINDOW, WINDOW - 2)


async def test_an_epoch_is_caught_up_when_every_journey_was_poked(home: Ground) -> None:
    await adopt(home)
    too_early = await home.store.write(adopting.caught_up, datetime.now(UTC))
    waiting = await home.store.read(adopting.catching_up)
    await sleepers(home)

    done = await home.store.write(adopting.caught_up, datetime.now(UTC))

    assert (too_early, done) == (False, True)
    assert waiting == (3, 3)
    assert await home.store.read(adopting.room, datetime.now(UTC)) is None


def _over(session: Session, journey: str) -> None:
    session.execute(update(journeys).where(journeys.c.id == journey).values(over=True))


def _epochs(session: Session) -> list[tuple[int, str | None]]:
    rows = session.execute(select(epochs.c.epoch, epochs.c.namespace_id).order_by(epochs.c.epoch))
    return [(row.epoch, row.namespace_id) for row in rows]
