"""A worker serves what it measures, and Temporal's own metrics, on the port that it is given."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio
from temporalio.client import Client

import worker
from journey.ports import SystemClock
from journey.settings import Settings
from journey.store.engine import Store
from starter.doors import Doors
from starter.telling import Teller
from tests.architecture.test_alerts import RULES, named
from tests.servers import dev_server
from tests.workflows.runs import eventually

pytestmark = [pytest.mark.slow, pytest.mark.server]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest_asyncio.fixture
async def client() -> AsyncIterator[Client]:
    """A development server's client; the server knows our search attributes."""
    async with dev_server() as client:
        yield client


async def test_what_a_worker_did_can_be_scraped(
    client: Client, kernel_store: Store, kernel_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", client.service_client.config.target_host)
    settings = Settings(home=tmp_path, database_url=kernel_url, metrics_port=free_port())
    stop = asyncio.Event()
    working = asyncio.create_task(worker.run_worker(settings, stop=stop))

    async def connect() -> Client:
        return await worker.connect(settings)

    async def metrics() -> str:
        async with httpx2.AsyncClient(trust_env=False) as http:
            return (await http.get(f"http://127.0.0.1:{settings.metrics_port}/metrics")).text

    async def works() -> bool:
        assert not working.done(), working.exception()
        try:
            return "temporal_" in await metrics()
        except httpx2.TransportError:
            return False

    async def judged() -> bool:
        return "journey_verdict_seconds_count" in await metrics()

    try:
        await eventually(works)
        doors = Doors(kernel_store, Teller(connect), SystemClock())
        await doors.create_project({"code": "XN", "name": "香年", "city": "成都"})
        now = (await SystemClock().now()).isoformat()
        signed = {"id": "s", "type": "subscription.signed", "occurred_at": now, "data": {"on": now[:10]}, "source": "t"}
        owner = {"ref": "zw", "name": "张伟", "phone": "13800138000"}
        await doors.start_journey({"project": "XN", "unit": "3-1-1202", "owners": [owner], "facts": [signed]})
        await eventually(judged)
        text = await metrics()
    finally:
        stop.set()
        await working

    asked = {name for rule in RULES for name in named(rule["expr"]) if name.startswith("temporal_")}
    assert 'journey_plan_seconds_bucket{by="journey",le="0.005"}' in text
    assert asked <= named(text)
    assert "张伟" not in text
    assert "13800138000" not in text


def test_a_worker_without_a_port_serves_nothing() -> None:
    assert worker.metered(Settings()) is None
