"""A worker says that it is there, and finds out which Temporal it serves and since when (kernel §10)."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import structlog
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from journey.domain.rules import RULES_NUMBER
from journey.store import adopting
from journey.store.engine import Store, StoreDown
from journey.store.ids import new_id

log = structlog.get_logger()
ROUND = timedelta(seconds=1)
BEAT = timedelta(seconds=5)  # a third of the time after which a worker counts as gone


async def namespace_of(client: Client) -> str:
    """The id of the Temporal namespace that a client is connected to."""
    request = DescribeNamespaceRequest(namespace=client.namespace)
    answer = await client.workflow_service.describe_namespace(request)
    return answer.namespace_info.id


class Presence:
    """One worker's heartbeat. `moved` hears of another namespace behind the same address: a server lost its data."""

    def __init__(
        self,
        store: Store,
        ask: Callable[[], Awaitable[str]],
        namespace_id: str,
        build: str,
        moved: Callable[[str], None],
        *,
        rules: int = RULES_NUMBER,
    ) -> None:
        self._store = store
        self._ask = ask
        self._namespace_id = namespace_id
        self._build = build
        self._moved = moved
        self._rules = rules
        self._worker = new_id("wrk")
        self._beat: datetime | None = None
        self.epoch = 0
        self.ours = False

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Round after round until cancelled; a worker whose Temporal is away says nothing."""
        while True:
            try:
                await self.look()
            except (StoreDown, RPCError, RuntimeError) as error:
                log.warning("worker.unseen", error=type(error).__name__)
            await sleep(ROUND.total_seconds())

    async def look(self) -> None:
        """Ask which Temporal answers; every five seconds, and when it is another, write down that we serve it."""
        namespace_id = await self._ask()
        moved = namespace_id != self._namespace_id
        if moved:
            self._namespace_id = namespace_id
            self._moved(namespace_id)
            log.warning("temporal.replaced", namespace_id=namespace_id)
        real_now = datetime.now(UTC)
        if moved or self._beat is None or real_now - self._beat >= BEAT:
            await self._say(real_now)

    async def _say(self, real_now: datetime) -> None:
        known = self.epoch
        self.ours, self.epoch = await self._store.write(
            adopting.seen, self._worker, self._namespace_id, self._build, self._rules, real_now
        )
        self._beat = real_now
        if self.epoch > known > 0:
            log.info("epoch.taken", epoch=self.epoch, ours=self.ours)

    async def leave(self) -> None:
        """Write down that this worker stopped, so that nobody waits for it."""
        await self._store.write(adopting.gone, self._worker)
