"""Opening a broadcast, and taking its pages."""

import asyncio
from typing import Final

import structlog
from temporalio import activity
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from activities.courier import Courier
from activities.site import Site, wanted
from activities.stretching import Crew, Stretch
from activities.watching import Watch
from journey.adapters.channels import Gateway
from journey.contracts._implements import implements
from journey.contracts.broadcasting import Order, PageSent, open_broadcast, send_page
from journey.contracts.names import broadcast_workflow
from journey.contracts.performing import CHANGED, STALE, Perform, Performed
from journey.domain.entries import State
from journey.store import broadcast_opening as opening

log = structlog.get_logger()
PAGES: Final = 1000  # of a stretch, which its time ends sooner
AT_ONCE: Final = 50  # calls to providers


class BroadcastActivities:
    """Sends a broadcast to each recipient at most once per key, and wakes no journey."""

    def __init__(self, site: Site, gateway: Gateway, page: int | None = None, pages: int = PAGES) -> None:
        self._site = site
        courier = Courier(site, gateway)
        self._crew = Crew(site, courier, Watch(site, courier), asyncio.Semaphore(AT_ONCE), page, pages)

    @implements(open_broadcast)
    async def open(self, command: Perform) -> Performed:
        """The row first, then the workflow; one that cannot be started now is started by the sweeper."""
        opened = await self._site.store.write(opening.open_for_item, wanted(command, self._site))
        for broadcast in opened:
            await self._start(broadcast)
        return Performed(outcome=CHANGED, state=State.SENT.value) if opened else Performed(outcome=STALE)

    @implements(send_page)
    async def page(self, command: Order) -> PageSent:
        """A stretch of pages; taken again after a kill, it meets those whose send broke off, and repeats nothing."""
        return await Stretch(self._crew, command.broadcast).run()

    async def _start(self, broadcast: str) -> None:
        try:
            await activity.client().start_workflow(
                "Broadcast",
                Order(broadcast=broadcast),
                id=broadcast_workflow(broadcast),
                task_queue=activity.info().task_queue,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
            )
        except (RPCError, WorkflowAlreadyStartedError) as error:
            log.info("broadcast.left_to_the_sweeper", broadcast=broadcast, error=type(error).__name__)
