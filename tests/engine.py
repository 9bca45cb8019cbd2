"""A whole engine for tests: time-skipping server, store, worker without a cache (each test is a replay test), doors."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

import worker
from activities.site import Site
from journey.adapters.channels import Gateway
from journey.adapters.packs import LoadedPack, read_pack
from journey.adapters.simulated import MemoryChannel
from journey.adapters.wiring import memory_gateway
from journey.contracts.guard import GuardInterceptor
from journey.contracts.names import QUEUE, SEARCH_ATTRIBUTES, journey_workflow
from journey.ports import NoNotice
from journey.settings import Settings
from journey.store import installation
from journey.store.engine import Store
from journey.store.shelf import Shelf, publish_pack
from journey.store.tables import entries, events, journeys
from journey.sweeper import Sweeper
from starter.doors import Answer, Doors
from starter.telling import Teller

BIN = Path(sys.executable).parent
KINDS = {
    "Keyword": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "Datetime": IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
    "Int": IndexedValueType.INDEXED_VALUE_TYPE_INT,
}


@dataclass
class VirtualClock:
    """The test server's clock."""

    env: WorkflowEnvironment

    async def now(self) -> datetime:
        """The virtual instant."""
        return (await self.env.get_current_time()).astimezone(UTC)


@dataclass
class TestEngine:
    """Everything a test drives and looks at."""

    __test__ = False

    env: WorkflowEnvironment
    store: Store
    doors: Doors
    clock: VirtualClock
    gateway: Gateway
    sweeper: Sweeper
    site: Site
    told: int = 0

    async def now(self) -> datetime:
        """The virtual instant."""
        return await self.clock.now()

    async def today(self, days: int = 0) -> str:
        """The civil date in Shanghai, `days` from now."""
        return ((await self.now()) + timedelta(days=days, hours=8)).date().isoformat()

    async def start(self, unit: str = "3-1-1202", *, facts: Sequence[dict[str, Any]] = (), **owner: Any) -> str:
        """Start the journey of a home whose owner is 张伟, with first facts; its id."""
        body = {"ref": f"ref-{unit}", "name": "张伟", "phone": "13800138000", "consents": ["care"]} | owner
        told = [await self.fact(**fact) for fact in facts]
        started = await self.doors.start_journey({"project": "XN", "unit": unit, "owners": [body], "facts": told})
        self.told += 1
        return str(started.journey["id"])

    async def fact(self, type: str, *, days: int = 0, id: str | None = None, **data: Any) -> dict[str, Any]:
        """An event that occurs now, with its day `days` from today."""
        now = await self.now()
        on = (
            {}
            if type.split(".")[0] in ("call", "task", "hold", "item", "event", "consent")
            else {"on": await self.today(days)}
        )
        data |= data.pop("data", {})
        rest = {name: data.pop(name) for name in ("about", "person") if name in data}
        ident = id or f"{type}-{self.told}-{days}"
        told: dict[str, Any] = {"id": ident, "type": type, "occurred_at": now.isoformat(), "source": "test"}
        return told | {"data": on | data} | rest

    async def tell(self, journey: str, type: str, **data: Any) -> Answer:
        """Tell a journey a fact of now."""
        body = await self.fact(type, **data)
        self.told += 1
        return await self.doors.tell_journey(journey, body)

    async def move(self, **by: float) -> None:
        """Let virtual time pass."""
        await self.env.sleep(timedelta(**by))

    def handle(self, journey: str) -> WorkflowHandle[Any, Any]:
        """The journey's workflow."""
        return self.env.client.get_workflow_handle(journey_workflow(journey))

    async def info(self, journey: str) -> Any:
        """Status and run of the workflow, raw: the SDK cannot read an unset search attribute from this server."""
        request = DescribeWorkflowExecutionRequest(
            namespace="default", execution=WorkflowExecution(workflow_id=journey_workflow(journey))
        )
        described = await self.env.client.workflow_service.describe_workflow_execution(request)
        return described.workflow_execution_info

    async def states(self, journey: str) -> dict[str, str]:
        """Entry states by rule and occurrence."""
        return await self.store.read(_states, journey)

    async def row(self, journey: str) -> Any:
        """The journey's row."""
        return await self.store.read(
            lambda session: session.execute(select(journeys).where(journeys.c.id == journey)).one()
        )

    async def verdicts(self, journey: str) -> dict[str, str]:
        """Verdicts by the teller's id."""
        return await self.store.read(_verdicts, journey)

    def sent(self) -> list[str]:
        """Keys of everything that went out."""
        return [key for name in self.gateway.names for key in _memory(self.gateway, name).sent]


def _memory(gateway: Gateway, name: str) -> MemoryChannel:
    channel = gateway.channel(name)
    assert isinstance(channel, MemoryChannel)  # tests send nowhere else
    return channel


def _states(session: Session, journey: str) -> dict[str, str]:
    rows = session.execute(select(entries.c.key, entries.c.state).where(entries.c.scope_id == journey))
    return {_short(row.key): row.state for row in rows}


def _short(key: str) -> str:
    rule, _, occurrence = key.split("/", 2)
    return rule if occurrence == "once" else f"{rule}/{occurrence}"


def _verdicts(session: Session, journey: str) -> dict[str, str]:
    rows = session.execute(select(events.c.source_id, events.c.verdict).where(events.c.journey_id == journey))
    return {row.source_id: row.verdict for row in rows}


async def register_search_attributes(client: Client) -> None:
    """The test server knows only what it is told."""
    wanted = {name: KINDS[kind] for name, kind in SEARCH_ATTRIBUTES.items()}
    request = AddSearchAttributesRequest(namespace="default", search_attributes=wanted)
    await client.operator_service.add_search_attributes(request)


@asynccontextmanager
async def time_skipping() -> AsyncIterator[WorkflowEnvironment]:
    """A fresh time-skipping server: its clock is global, so that every test has its own."""
    env = await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(BIN / "temporal-test-server"), data_converter=pydantic_data_converter
    )
    try:
        await register_search_attributes(env.client)
        yield env
    finally:
        await env.shutdown()


@asynccontextmanager
async def engine(
    store: Store,
    tmp_path: Path,
    *,
    packs: Mapping[str, LoadedPack] | None = None,
    pack: str = "cn-residential",
    replaced: Mapping[str, Callable[[Site, Gateway], Callable[..., Any]]] | None = None,
    cached: int = 0,
    patience: timedelta = timedelta(seconds=10),
) -> AsyncIterator[TestEngine]:
    """An engine with the project XN; `replaced` puts other activities in the place of ours, by name."""
    async with time_skipping() as env:
        clock = VirtualClock(env)
        await worker.publish_policies(store, Settings(home=tmp_path), await clock.now())
        for name, loaded in (packs or {}).items():
            await store.write(
                publish_pack, name=name, content_hash=loaded.hash, document=loaded.document, now=await clock.now()
            )
        namespace_id = await worker.namespace_of(env.client)
        await store.write(installation.connect_to, namespace_id, await clock.now())
        site = Site(store, Shelf(read_pack), namespace_id, "test", NoNotice())
        gateway = memory_gateway(clock.now)

        async def connect() -> Client:
            return env.client

        doors = Doors(store, Teller(connect, patience=patience), clock)
        await doors.create_project({"code": "XN", "name": "香年", "city": "成都", "pack": pack})
        async with _worker(env.client, _activities(site, gateway, replaced or {}), cached):
            sweeper = Sweeper(store, env.client, clock, namespace_id)
            yield TestEngine(env, store, doors, clock, gateway, sweeper, site)
    await asyncio.sleep(0)


def _activities(
    site: Site, gateway: Gateway, replaced: Mapping[str, Callable[[Site, Gateway], Callable[..., Any]]]
) -> list[Callable[..., Any]]:
    ours = {_name(one): one for one in worker.activities_of(site, gateway)}
    return list((ours | {name: make(site, gateway) for name, make in replaced.items()}).values())


def _name(function: Callable[..., Any]) -> str:
    definition = function.__temporal_activity_definition  # type: ignore[attr-defined] # set by activity.defn
    return str(definition.name)


def _worker(client: Client, activities: Sequence[Callable[..., Any]], cached: int) -> Worker:
    return Worker(
        client,
        task_queue=QUEUE,
        workflows=list(worker.WORKFLOWS),
        activities=list(activities),
        workflow_runner=worker.sandbox(),
        interceptors=[GuardInterceptor()],
        max_cached_workflows=cached,
    )
