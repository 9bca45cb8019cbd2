"""`journey api` alone on a fresh store: it brings its tables and packs itself."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from journey.domain.errors import InvalidInput
from journey.publishing import publish_policies
from journey.settings import Settings
from journey.store.engine import Store, StoreDown
from starter import preparing
from starter.doors import Doors
from starter.telling import Teller
from tests.starter.api.conftest import FixedClock, nowhere

PROJECT = {"code": "XN", "name": "香年", "city": "成都"}


def doors_of(settings: Settings) -> Doors:
    return Doors(Store(settings.store_url), Teller(nowhere), FixedClock())


async def test_a_project_can_be_made_before_any_worker_ran(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)

    async with preparing.prepared(settings):
        made = await doors_of(settings).create_project(PROJECT)

    assert made["code"] == "XN"


async def test_a_store_that_is_away_gets_its_packs_once_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path)
    tries = 0
    back = asyncio.Event()

    async def away_twice(*args: Any) -> None:
        nonlocal tries
        tries += 1
        if tries <= 2:
            raise StoreDown("away")
        await publish_policies(*args)
        back.set()

    monkeypatch.setattr(preparing, "publish_policies", away_twice)

    async with preparing.prepared(settings, pause=0.01):
        with pytest.raises(InvalidInput):
            await doors_of(settings).create_project(PROJECT)
        await back.wait()
        made = await doors_of(settings).create_project(PROJECT)

    assert made["code"] == "XN"
