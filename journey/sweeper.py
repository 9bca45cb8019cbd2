"""The sweeper: it alone makes «nothing is forgotten» true. Runs in every worker, leased (`kernel.md` §8)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

import structlog
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from journey.contracts.broadcasting import Order
from journey.contracts.frozen import Frozen
from journey.contracts.journeys import Ticket
from journey.contracts.names import (
    ORDERED,
    POKE,
    QUEUE,
    agenda_workflow,
    broadcast_workflow,
    recovery_workflow,
    replan_workflow,
)
from journey.contracts.recovering import LostTime
from journey.contracts.replanning import Change
from journey.ports import Clock
from journey.store import (
    adopting,
    broadcasts,
    changes,
    idempotency,
    installation,
    project_judging,
    receipts,
    settling,
    sweeping,
)
from journey.store.engine import Store, StoreDown
from journey.store.ids import new_id
from journey.store.sweeping import Sleeper

log = structlog.get_logger()
ROUND = timedelta(seconds=1)
HASTE = timedelta(milliseconds=200)  # between rounds while everything is started again after a loss
HOUR = timedelta(hours=1)
LEASE = timedelta(seconds=15)
POKES_A_ROUND = 50
RECEIPTS_A_ROUND = 500
AT_ONCE = 10


class Sweeper:
    """Pokes what is stale or past due, by signal-with-start; starts what rows ask for: `Replan`, `Broadcast`.

    After `adopt` or `restore` it makes haste: rounds follow each other as fast as the workers plan what was poked.
    """

    def __init__(
        self, store: Store, client: Client, clock: Clock, namespace_id: str, *, per_round: int = POKES_A_ROUND
    ) -> None:
        self._store = store
        self._client = client
        self._clock = clock
        self.namespace_id = namespace_id  # follows the server: one that lost its data comes back with another
        self._per_round = per_round
        self._holder = new_id("swp")
        self._tidied: datetime | None = None
        self._looked = datetime.min.replace(tzinfo=UTC)
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._hasty = False

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Round after round until cancelled; a round that fails is tried again."""
        while True:
            try:
                await self.sweep()
            except (StoreDown, RPCError, RuntimeError) as error:
                log.warning("sweeper.round_failed", error=type(error).__name__)
            await sleep((HASTE if self._hasty else ROUND).total_seconds())

    async def sweep(self) -> int:
        """One round; how many journeys were poked and changes started. Another holder's lease makes it none.

        Projects and batches are poked beside the journeys, and not counted.
        """
        real_now = datetime.now(UTC)
        now = await self._clock.now()
        self._hasty = False
        # Asked before the lease: a worker of another Temporal must not keep ours from sweeping.
        if not await self._store.read(installation.belongs_to, self.namespace_id):
            return 0
        if not await self._store.write(sweeping.take_lease, "sweeper", self._holder, real_now, LEASE):
            return 0
        await self._housekeeping(real_now, now)
        found = await self._store.write(
            sweeping.sleepers, now=now, real_now=real_now, limit=await self._share(real_now)
        )
        shared = await self._store.write(sweeping.shared_sleepers, now=now, real_now=real_now, limit=self._per_round)
        await self._poke_all([*shared, *found])
        await self._catch_up(now, real_now)
        started = await self._store.read(changes.open_changes)
        for change_id in started:
            await self._start("Replan", Change(change=change_id), replan_workflow(change_id))
        for broadcast, ordered in (await self._store.read(broadcasts.due_broadcasts, now)).items():
            signal = ORDERED if ordered else None
            await self._start("Broadcast", Order(broadcast=broadcast), broadcast_workflow(broadcast), signal)
        for epoch in await self._store.read(settling.unsettled):
            await self._start("Recovery", LostTime(epoch=epoch), recovery_workflow(epoch))
        return len(found) + len(started)

    async def _catch_up(self, now: datetime, real_now: datetime) -> None:
        """Receipts that came before their send was recorded; the journeys that hear of one are marked stale."""
        if await self._store.read(receipts.waits, real_now):
            await self._store.write(receipts.catch_up, now, real_now, RECEIPTS_A_ROUND)

    async def _share(self, real_now: datetime) -> int:
        """How many this round may poke; after a loss no more than the workers can take, round after round."""
        room = await self._store.read(adopting.room, real_now)
        if room is None:
            return self._per_round
        self._hasty = not await self._store.write(adopting.caught_up, real_now)
        return min(self._per_round, room)

    async def _poke_all(self, found: Sequence[Sleeper]) -> None:
        """A few at once; the first failure is the round's, after every other one has ended."""
        answers = await asyncio.gather(*(self._poke(sleeper) for sleeper in found), return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer

    async def _housekeeping(self, real_now: datetime, now: datetime) -> None:
        """Once an hour: answers kept for repeated requests are dropped; a project's facts whose day has come count."""
        if self._tidied is not None and real_now - self._tidied < HOUR and now - self._looked < HOUR:
            return
        self._tidied, self._looked = real_now, now
        await self._store.write(idempotency.purge, real_now)
        for project_id in await self._store.read(project_judging.projects_waiting):
            await self._store.write(project_judging.judge_project, project_id, now)

    async def _poke(self, sleeper: Sleeper) -> None:
        kind, workflow = agenda_workflow(sleeper.journey, sleeper.project)
        async with self._gate:
            await self._client.start_workflow(
                kind,
                Ticket(journey=sleeper.journey),
                id=workflow,
                task_queue=QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                start_signal=POKE,
                static_summary=f"{sleeper.project} {sleeper.unit}".strip(),
            )
        log.info("journey.poked", journey=sleeper.journey)

    async def _start(self, kind: str, argument: Frozen, workflow: str, signal: str | None = None) -> None:
        try:
            await self._client.start_workflow(
                kind,
                argument,
                id=workflow,
                task_queue=QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                start_signal=signal,
            )
        except WorkflowAlreadyStartedError:
            return
