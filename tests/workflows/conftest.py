"""The engine that workflow tests run on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from journey.store.engine import Store
from tests.engine import TestEngine, engine


@pytest_asyncio.fixture
async def home(kernel_store: Store, tmp_path: Path) -> AsyncIterator[TestEngine]:
    """A running engine on the store that `--store` names."""
    async with engine(kernel_store, tmp_path) as running:
        yield running
