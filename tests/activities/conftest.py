"""A project whose owners are written to, on each engine or on the one of the run."""

from pathlib import Path

import pytest_asyncio

from journey.store.engine import Store
from tests.activities.broadcast_ground import BEFORE, Announcer
from tests.activities.ground import ground


@pytest_asyncio.fixture
async def project(store: Store, tmp_path: Path) -> Announcer:
    """The project XN on each engine, without homes."""
    return Announcer(await ground(store, tmp_path, BEFORE))


@pytest_asyncio.fixture
async def here(kernel_store: Store, tmp_path: Path) -> Announcer:
    """The same on the engine of the run."""
    return Announcer(await ground(kernel_store, tmp_path, BEFORE))
