"""The store that `journey api` serves: at head and with packs, also when no worker has run on it yet."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Final

import structlog

from journey.publishing import publish_policies
from journey.settings import Settings
from journey.store import schema
from journey.store.engine import Store, StoreDown

log = structlog.get_logger(__name__)
_PAUSE: Final = 5.0  # seconds between two tries while the store is away


@asynccontextmanager
async def prepared(settings: Settings, *, pause: float = _PAUSE) -> AsyncIterator[None]:
    """Upgrade the store and publish the policies folder, then run the block; with the store away, once it is back."""
    later = None if await _prepare(settings) else asyncio.create_task(_until_prepared(settings, pause))
    try:
        yield
    finally:
        if later is not None:
            later.cancel()
            with suppress(asyncio.CancelledError):
                await later


async def _prepare(settings: Settings) -> bool:
    """Whether the store took it; policies that cannot be read raise."""
    try:
        await asyncio.to_thread(schema.upgrade, settings.store_url)
        with Store(settings.store_url) as store:
            await publish_policies(store, settings, datetime.now(UTC))
    except StoreDown:
        log.warning("store.not_prepared", error="the store is away")
        return False
    return True


async def _until_prepared(settings: Settings, pause: float) -> None:
    while True:
        await asyncio.sleep(pause)
        if await _prepare(settings):
            return
