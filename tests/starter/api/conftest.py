"""The API over a real store and real doors; Temporal is away, so that facts are taken."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI
from temporalio.client import Client

from journey.adapters.packs import read_pack
from journey.settings import Settings
from journey.store import keys, shelf
from journey.store.engine import Store
from journey.store.shelf import Shelf
from starter.api.app import create_app
from starter.doors import Doors
from starter.telling import Teller
from tests.journey.store.seeds import NOON
from tests.packs import built_in

Connect: TypeAlias = Callable[..., AbstractAsyncContextManager[httpx2.AsyncClient]]


class FixedClock:
    """Time stands still."""

    async def now(self) -> datetime:
        return NOON


class Parts:
    """What `/readyz` is told of the other parts."""

    def __init__(self) -> None:
        self.state: dict[str, str] = {"temporal": "ok"}

    async def __call__(self) -> Mapping[str, str]:
        return self.state


async def nowhere() -> Client:
    raise OSError("Temporal is away")


@pytest.fixture
def parts() -> Parts:
    return Parts()


@pytest.fixture
def fresh_app(store_sqlite: Store, parts: Parts, tmp_path: Path) -> FastAPI:
    """An app that nobody asked anything yet."""
    pack = built_in()
    store_sqlite.write_sync(
        shelf.publish_pack, name="cn-residential", content_hash="h", document=pack.document, now=datetime.now(UTC)
    )
    doors = Doors(store_sqlite, Teller(nowhere), FixedClock())
    return create_app(
        store_sqlite,
        doors,
        Settings(home=tmp_path, letter_font="none"),
        parts,
        shelf=Shelf(read_pack),
        clock=FixedClock(),
    )


@pytest.fixture(scope="session")
def routes() -> list[FastAPI]:
    """The app whose routes were made ready for the first request of this run: a fifth of a second each time."""
    return []


@pytest.fixture
def app(fresh_app: FastAPI, routes: list[FastAPI]) -> FastAPI:
    """The same routes for every test, over the store and the doors of this one; what they counted stays."""
    if not routes:
        routes.append(fresh_app)
    routes[0].state.api = fresh_app.state.api
    return routes[0]


@pytest.fixture
def connect(app: FastAPI, store_sqlite: Store) -> Connect:
    """Opens a client with a key of the given scopes; none at all without scopes."""

    @asynccontextmanager
    async def opened(*scopes: str, admin: bool = False) -> AsyncIterator[httpx2.AsyncClient]:
        headers = {}
        if scopes or admin:
            _, plain = await store_sqlite.write(keys.create_key, "test", admin, scopes, NOON)
            headers["Authorization"] = f"Bearer {plain}"
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
            yield client

    return opened


@pytest_asyncio.fixture
async def writer(connect: Connect) -> AsyncIterator[httpx2.AsyncClient]:
    """A client that may read and write, but not read personal data."""
    async with connect("write") as client:
        yield client
