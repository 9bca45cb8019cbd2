"""A whole engine for tests: time-skipping server, store, worker without a cache (each test is a replay test), doors."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

import worker
from activities.site import Site
from journey.adapters.channels import Gateway
from journey.adapters.packs import LoadedPack, read_pack
from journey.adapters.simulated import MemoryChannel
from journey.adapters.wiring import memory_gateway
from journey.contracts.guard import GuardInterceptor
from journey.contracts.names import QUEUE, agenda_workflow
from journey.domain.calendar import WorkCalendar
from journey.ports import NoNotice
from journey.settings import Settings
from journey.store import installation
from journey.store.engine import Store
from journey.store.shelf import Shelf, latest_calendar, publish_pack
from journey.store.tables import entries, events, journeys, shared_agendas
from journey.sweeper import Sweeper
from starter.doors import Answer, Doors
from starter.simulate.moving import time_skipping
from starter.telling import Subject, Teller

BIN = Path(sys.executable).parent
A_STOP = 60.0  # seconds
SHANGHAI = ZoneInfo("Asia/Shanghai")


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
        """The workflow of a journey, or of the batch or project whose agenda it is."""
        return self.env.client.get_workflow_handle(agenda_workflow(journey, "XN")[1])

    async def info(self, journey: str) -> Any:
        """Status and run of the workflow, raw: the SDK cannot read an unset search attribute from this server."""
        request = DescribeWorkflowExecutionRequest(
            namespace="default", execution=WorkflowExecution(workflow_id=agenda_workflow(journey, "XN")[1])
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
    project_runs: bool = False,
    performs: bool = True,
) -> AsyncIterator[TestEngine]:
    """An engine with the project XN; `replaced` puts other activities in the place of ours, by name.

    Unless it `performs`, its worker plans and takes no move: `performing` begins another one that does.

    The project's own workflow is started with it only if `project_runs`: without a cache the time-skipping server loses
    a workflow task now and then where two workflows wake at one instant, and finds it again ten seconds later.
    """
    async with time_skipping() as env:
        clock = VirtualClock(env)
        await worker.publish_policies(store, Settings(home=tmp_path), await clock.now())
        await env.sleep(await store.read(_until_office_hours, await clock.now()))
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

        teller = Teller(connect, patience=patience)
        doors = Doors(store, teller, clock)
        creating = doors if project_runs else Doors(store, Silent(), clock)
        await creating.create_project({"code": "XN", "name": "香年", "city": "成都", "pack": pack})
        if not project_runs:
            await store.write(_at_rest)
        async with _worker(env.client, _activities(site, gateway, replaced or {}), cached, performs=performs):
            sweeper = Sweeper(store, env.client, clock, namespace_id)
            yield TestEngine(env, store, doors, clock, gateway, sweeper, site)
    await asyncio.sleep(0)


def _until_office_hours(session: Session, now: datetime) -> timedelta:
    """From `now` to ten o'clock of a Tuesday in an ordinary week: no test depends on the hour at which it is run."""
    calendar = latest_calendar(session, "cn")
    assert calendar is not None  # published just before
    begin = (now.astimezone(SHANGHAI) + timedelta(days=1)).replace(hour=10, minute=0, second=0, microsecond=0)
    mornings = (begin + timedelta(days=n) for n in range(60))
    return next(morning for morning in mornings if _ordinary(morning.date(), calendar)) - now


def _ordinary(day: date, calendar: WorkCalendar) -> bool:
    week = [day + timedelta(days=n) for n in range(-1, 6)]  # from its Monday on
    return day.weekday() == 1 and [calendar.is_working(each) for each in week] == [True] * 5 + [False] * 2


class Silent(Teller):
    """Wakes nobody."""

    def __init__(self) -> None:
        pass

    async def wake(self, subject: Subject) -> None:
        """Nothing."""


def _at_rest(session: Session) -> None:
    """The sweeper starts no project that nothing was told of."""
    session.execute(update(shared_agendas).values(stale_since=None, wake_at=None))


def _activities(
    site: Site, gateway: Gateway, replaced: Mapping[str, Callable[[Site, Gateway], Callable[..., Any]]]
) -> list[Callable[..., Any]]:
    ours = {_name(one): one for one in worker.activities_of(site, gateway)}
    return list((ours | {name: make(site, gateway) for name, make in replaced.items()}).values())


def _name(function: Callable[..., Any]) -> str:
    definition = function.__temporal_activity_definition  # type: ignore[attr-defined] # set by activity.defn
    return str(definition.name)


def performing(home: TestEngine) -> Worker:
    """A worker that takes moves and runs no workflow."""
    return Worker(home.env.client, task_queue=QUEUE, activities=worker.activities_of(home.site, home.gateway))


class _Stoppable(Worker):
    """One that waits in vain for an answer of the test server, which happens, ends with it."""

    async def shutdown(self) -> None:
        """Stop, or wait no longer."""
        with suppress(TimeoutError):
            await asyncio.wait_for(super().shutdown(), A_STOP)


def _worker(client: Client, activities: Sequence[Callable[..., Any]], cached: int, *, performs: bool = True) -> Worker:
    return _Stoppable(
        client,
        task_queue=QUEUE,
        workflows=list(worker.WORKFLOWS),
        activities=list(activities),
        workflow_runner=worker.sandbox(),
        interceptors=[GuardInterceptor()],
        max_cached_workflows=cached,
        no_remote_activities=not performs,
    )
