"""Development servers for tests that need several, or lose one: real time, business shifted to a working morning."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

import worker
from journey.adapters.channels import Gateway
from journey.adapters.simulated import MemoryChannel
from journey.adapters.wiring import memory_gateway
from journey.contracts.names import SEARCH_ATTRIBUTES, journey_workflow
from journey.settings import Settings
from journey.store.engine import Store
from journey.store.tables import entries, journeys
from starter.doors import Doors
from starter.telling import Teller
from tests.engine import BIN
from tests.records import instant

MORNING = instant("2026-03-16 10:00")
AHEAD = MORNING - datetime.now(UTC)
STARTUP = timedelta(minutes=1)  # a busy machine takes longer than the five seconds of the SDK


class ShiftedClock:
    """The machine's clock, moved to a working morning."""

    async def now(self) -> datetime:
        """The business instant."""
        return datetime.now(UTC) + AHEAD


@asynccontextmanager
async def dev_server() -> AsyncIterator[Client]:
    """A development server in memory that knows our search attributes, as empty as one that lost everything."""
    attributes = [word for pair in SEARCH_ATTRIBUTES.items() for word in ("--search-attribute", "=".join(pair))]
    env = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(BIN / "temporal"),
        dev_server_startup_timeout=STARTUP,
        dev_server_log_level="error",
        dev_server_extra_args=attributes,
        data_converter=pydantic_data_converter,
    )
    try:
        yield env.client
    finally:
        await env.shutdown()


@asynccontextmanager
async def at_work(town: "Town", client: Client) -> AsyncIterator[worker.Engine]:
    """Worker, sweeper and heartbeat on a server."""
    engine = await worker.build(
        town.settings, client=client, store=town.store, gateway=town.gateway, clock=ShiftedClock(), ahead=AHEAD
    )
    async with worker.running(engine):
        yield engine


def facts_of(occurred_at: str) -> list[dict[str, Any]]:
    """A home that was subscribed and signed for at an instant of this morning."""
    told: tuple[tuple[str, dict[str, str]], ...] = (
        ("subscription.signed", {}),
        ("contract.signed", {"contract_handover_date": "2027-06-30"}),
    )
    return [
        {"id": kind, "type": kind, "occurred_at": occurred_at, "data": {"on": "2026-03-16", **more}}
        for kind, more in told
    ]


@dataclass
class Town:
    """One store with the project XN; engines come and go."""

    store: Store
    settings: Settings
    gateway: Gateway = field(default_factory=lambda: memory_gateway(ShiftedClock().now))

    def doors(self, client: Client) -> Doors:
        """Doors that tell journeys on a server."""

        async def connect() -> Client:
            return client

        return Doors(self.store, Teller(connect, patience=timedelta(seconds=5)), ShiftedClock())

    async def start(self, client: Client, unit: str) -> str:
        """A journey that was signed this morning; its welcome goes out at once."""
        return await self.begin(client, unit, facts_of((await ShiftedClock().now()).isoformat()))

    async def begin(self, client: Client, unit: str, facts: Sequence[dict[str, Any]] = ()) -> str:
        """A journey with first facts."""
        owner = {"ref": f"ref-{unit}", "name": "张伟", "phone": "13800138000", "consents": ["care"]}
        body = {"project": "XN", "unit": unit, "owners": [owner], "facts": list(facts)}
        return str((await self.doors(client).start_journey(body)).journey["id"])

    async def say(self, client: Client, journey: str, ident: str) -> str:
        """Tell a journey news that asks for nothing; the verdict."""
        now = (await ShiftedClock().now()).isoformat()
        body = {"id": ident, "type": "service.ordered", "occurred_at": now, "data": {"text": "保洁"}}
        return (await self.doors(client).tell_journey(journey, body)).verdict

    async def ledger(self) -> dict[str, tuple[str, datetime]]:
        """State and instant of every entry of the store."""
        return await self.store.read(_ledger)

    async def rows(self) -> Sequence[Any]:
        """Every journey's row."""
        return await self.store.read(lambda session: session.execute(select(journeys)).all())

    def calls(self) -> list[str]:
        """Keys of every call that reached a provider, repeated ones too."""
        found: list[str] = []
        for name in self.gateway.names:
            channel = self.gateway.channel(name)
            assert isinstance(channel, MemoryChannel)  # tests send nowhere else
            found += [call.key for call in channel.calls]
        return found


async def town(store: Store, tmp_path: Path) -> Town:
    """A store that belongs to nobody yet."""
    made = Town(store, Settings(home=tmp_path))
    await worker.publish_policies(store, made.settings, MORNING)

    async def nobody() -> Client:
        raise ConnectionError("nobody listens")

    await Doors(store, Teller(nobody), ShiftedClock()).create_project({"code": "XN", "name": "香年", "city": "成都"})
    return made


async def runs(client: Client, journey: str) -> bool:
    """Whether the workflow of a journey runs on a server."""
    try:
        described = await client.get_workflow_handle(journey_workflow(journey)).describe()
    except Exception:  # never started there
        return False
    return described.status is WorkflowExecutionStatus.RUNNING


def _ledger(session: Session) -> dict[str, tuple[str, datetime]]:
    return {row.key: (row.state, row.at) for row in session.execute(select(entries))}
