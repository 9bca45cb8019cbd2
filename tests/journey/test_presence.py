"""A worker's heartbeat: which Temporal it serves, what it takes from the store, what it leaves when it goes."""

from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import select

from journey.presence import Presence
from journey.store import adopting
from journey.store.engine import Store
from journey.store.tables import workers
from tests.activities.ground import NAMESPACE, Ground, ground
from tests.records import instant


class Server:
    """A Temporal that may lose everything, or be away."""

    def __init__(self) -> None:
        self.namespace = NAMESPACE
        self.away = False

    async def ask(self) -> str:
        if self.away:
            raise RuntimeError("nobody listens")
        return self.namespace


@pytest_asyncio.fixture
async def home(store: Store, tmp_path: Path) -> Ground:
    return await ground(store, tmp_path, instant("2026-03-16 10:00"))


def presence(home: Ground, server: Server, moved: list[str]) -> Presence:
    return Presence(home.store, server.ask, NAMESPACE, "0.1.0", moved.append)


async def named(home: Ground) -> list[str]:
    return await home.store.read(lambda session: list(session.execute(select(workers.c.namespace_id)).scalars()))


async def test_a_worker_is_known_while_it_runs_and_forgotten_when_it_stops(home: Ground) -> None:
    worker = presence(home, Server(), [])

    await worker.look()
    running = await named(home)
    await worker.leave()

    assert running == [NAMESPACE]
    assert (worker.ours, worker.epoch) == (True, 1)
    assert await named(home) == []


async def test_a_server_that_lost_its_data_is_noticed_at_once(home: Ground) -> None:
    server, moved = Server(), list[str]()
    worker = presence(home, server, moved)
    await worker.look()

    server.namespace = "emptied"
    await worker.look()

    assert moved == ["emptied"]
    assert worker.ours is False
    assert await named(home) == ["emptied"]


async def test_a_newer_epoch_is_taken_without_a_restart(home: Ground) -> None:
    server, moved = Server(), list[str]()
    worker = presence(home, server, moved)
    await worker.look()
    await home.store.write(adopting.adopt, "emptied", instant("2026-03-16 10:00"), force=True)

    server.namespace = "emptied"
    await worker.look()

    assert (worker.ours, worker.epoch) == (True, 2)


async def test_a_worker_whose_temporal_is_away_goes_on_and_says_nothing(home: Ground) -> None:
    server, rounds = Server(), list[float]()
    server.away = True
    worker = presence(home, server, [])

    class Enough(Exception):
        """Ends the loop."""

    async def sleep(seconds: float) -> None:
        rounds.append(seconds)
        if len(rounds) == 2:
            raise Enough

    with pytest.raises(Enough):
        await worker.run(sleep)

    assert rounds == [1, 1]
    assert await named(home) == []
