"""The composition root: settings → store, adapters, activities → Worker, with the sweeper beside it."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.broadcasting import BroadcastActivities
from activities.journeys import JourneyActivities
from activities.measures import BUCKETS, Measures
from activities.messaging import MessagingActivities
from activities.planning import PlanningActivities
from activities.recovering import RecoveryActivities
from activities.replanning import ReplanActivities
from activities.site import Site
from activities.tasks import TaskActivities
from activities.trying import TryingActivities
from journey.adapters.channels import Gateway
from journey.adapters.chat import TaskLine
from journey.adapters.packs import read_pack
from journey.adapters.simulated import Outage as Outage
from journey.adapters.wiring import gateway_from, notice_from
from journey.adapters.wiring import memory_gateway as memory_gateway
from journey.contracts.guard import GuardInterceptor
from journey.contracts.names import QUEUE
from journey.ports import Clock, NoNotice, StaffNotice, SystemClock
from journey.presence import Presence
from journey.presence import namespace_of as namespace_of
from journey.publishing import publish_policies as publish_policies
from journey.publishing import publish_policy as publish_policy
from journey.settings import Settings
from journey.store import installation, schema
from journey.store.engine import Store, StoreDown
from journey.store.owner_inbox import StoreInbox
from journey.store.shelf import Shelf
from journey.store.work_queries import task_place
from journey.sweeper import Sweeper
from workflows.broadcast import Broadcast
from workflows.handover_batch import HandoverBatch
from workflows.owner_journey import OwnerJourney
from workflows.project_calendar import ProjectCalendar
from workflows.recovery import Recovery
from workflows.replan import Replan
from workflows.trying import TemplateTest

WORKFLOWS: Sequence[type] = (OwnerJourney, HandoverBatch, ProjectCalendar, Replan, Broadcast, Recovery, TemplateTest)
PLANS_AT_A_TIME = 20
GRACE = timedelta(seconds=5)


def sandbox() -> SandboxedWorkflowRunner:
    """The sandbox of every worker and replayer: only our own pure packages pass through."""
    return SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules("journey"))


def shelf() -> Shelf:
    """Packs and calendars of a store, parsed as they are met."""
    return Shelf(read_pack)


@dataclass(frozen=True, slots=True)
class Engine:
    """A worker with its sweeper and its heartbeat, and what they stand on."""

    worker: Worker
    sweeper: Sweeper
    presence: Presence
    site: Site


def metered(settings: Settings) -> Runtime | None:
    """The runtime that serves a worker's metrics and Temporal's own on the port of the settings; None without one."""
    if settings.metrics_port is None:
        return None
    served = PrometheusConfig(
        bind_address=f"{settings.metrics_host}:{settings.metrics_port}",
        counters_total_suffix=True,
        unit_suffix=True,
        durations_as_seconds=True,
        histogram_bucket_overrides=BUCKETS,
    )
    return Runtime(telemetry=TelemetryConfig(metrics=served, attach_service_name=False))


async def connect(settings: Settings, runtime: Runtime | None = None) -> Client:
    """A client by Temporal's standard environment configuration."""
    config: dict[str, Any] = dict(ClientConfig.load_client_connect_config())
    config.setdefault("target_host", "127.0.0.1:7233")
    return await Client.connect(**config, data_converter=pydantic_data_converter, runtime=runtime)


async def task_line(store: Store, task: str) -> TaskLine | None:
    """What a chat may know of a task; None when there is no such task."""
    row = await store.read(task_place, task)
    return None if row is None else TaskLine(**row)


def activities_of(site: Site, gateway: Gateway) -> list[Callable[..., Any]]:
    """Every activity of the engine, on one store."""
    planning, tasks = PlanningActivities(site), TaskActivities(site)
    broadcasting = BroadcastActivities(site, gateway)
    messaging, replanning = MessagingActivities(site, gateway), ReplanActivities(site)
    return [
        planning.plan,
        planning.hold_back,
        tasks.open,
        tasks.warn,
        tasks.escalate,
        messaging.send,
        JourneyActivities(site).open,
        replanning.page,
        broadcasting.open,
        broadcasting.page,
        RecoveryActivities(site, gateway).page,
        TryingActivities(site, gateway).send,
    ]


async def build(
    settings: Settings,
    *,
    client: Client,
    store: Store,
    gateway: Gateway,
    clock: Clock | None = None,
    notice: StaffNotice | None = None,
    task_queue: str = QUEUE,
    cached: int | None = None,
    ahead: timedelta = timedelta(0),
    at_a_time: int | None = None,
    extra_workflows: Sequence[type] = (),
    extra_activities: Sequence[Any] = (),
) -> Engine:
    """The worker of a store and a Temporal. The store takes the first Temporal that it meets as its own.

    Business runs `ahead` of the server's clock (negative: behind it), so that a simulation may begin in any year;
    `at_a_time` limits the ordinary activities under way, so that a burst waits its turn instead of timing out.
    """
    namespace_id = await namespace_of(client)
    await store.write(installation.connect_to, namespace_id, datetime.now(UTC))
    meter = (client.service_client.config.runtime or Runtime.default()).metric_meter
    site = Site(store, shelf(), namespace_id, settings.build, notice or NoNotice(), ahead, measures=Measures(meter))
    worker = Worker(
        client,
        task_queue=task_queue,
        workflows=[*WORKFLOWS, *extra_workflows],
        activities=[*activities_of(site, gateway), *extra_activities],
        workflow_runner=sandbox(),
        interceptors=[GuardInterceptor()],
        max_cached_workflows=settings.cached_workflows if cached is None else cached,
        max_concurrent_activities=at_a_time,
        max_concurrent_local_activities=PLANS_AT_A_TIME,
        graceful_shutdown_timeout=GRACE,
    )
    sweeper = Sweeper(store, client, clock or SystemClock(), namespace_id)

    def moved(now_serving: str) -> None:
        site.namespace_id = sweeper.namespace_id = now_serving

    presence = Presence(store, partial(namespace_of, client), namespace_id, settings.build, moved)
    return Engine(worker, sweeper, presence, site)


@asynccontextmanager
async def running(engine: Engine) -> AsyncIterator[None]:
    """Run worker, sweeper and heartbeat for the length of a block."""
    async with engine.worker:
        beside = [asyncio.create_task(engine.sweeper.run()), asyncio.create_task(engine.presence.run())]
        try:
            yield
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
    with suppress(StoreDown):
        await engine.presence.leave()


async def run_worker(settings: Settings, *, client: Client | None = None, stop: asyncio.Event | None = None) -> None:
    """Run worker and sweeper until stopped; the schema must be at head."""
    schema.upgrade(settings.store_url)
    store = Store(settings.store_url)
    try:
        await publish_policies(store, settings, datetime.now(UTC))
        clock = SystemClock()
        engine = await build(
            settings,
            client=client or await connect(settings, metered(settings)),
            store=store,
            gateway=gateway_from(settings, clock.now, StoreInbox(store)),
            notice=notice_from(settings, partial(task_line, store)),
        )
        async with running(engine):
            await (stop or asyncio.Event()).wait()
    finally:
        store.close()


def main() -> None:
    """`python worker.py`: the same as `journey worker`."""
    from starter.cli import main as cli  # noqa: PLC0415 - the command line is no part of a worker

    sys.argv.insert(1, "worker")
    cli()


if __name__ == "__main__":
    main()
