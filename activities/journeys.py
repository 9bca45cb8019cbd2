"""Journeys that follow from journeys: a home that changes hands."""

from datetime import UTC, datetime

import structlog
from temporalio import activity
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError

from activities.site import Site, wanted
from journey.contracts._implements import implements
from journey.contracts.journeys import Ticket
from journey.contracts.names import POKE, QUEUE, journey_workflow
from journey.contracts.performing import CHANGED, STALE, Perform, Performed, open_journey
from journey.store import opening
from journey.store.opening import Opened

log = structlog.get_logger()


class JourneyActivities:
    """Begins the journey of a home's next owner, and hands on what is open on the home."""

    def __init__(self, site: Site) -> None:
        self._site = site

    @implements(open_journey)
    async def open(self, command: Perform) -> Performed:
        """Begin it in the store, then wake it; with Temporal away the sweeper does so."""
        opened = await self._site.store.write(opening.open_next, wanted(command, self._site), datetime.now(UTC))
        if opened is None:
            return Performed(outcome=STALE)
        if opened.journey is not None:
            await self._wake(opened, opened.journey)
        return Performed(outcome=CHANGED)

    async def _wake(self, opened: Opened, journey: str) -> None:
        try:
            await activity.client().start_workflow(
                "OwnerJourney",
                Ticket(journey=journey),
                id=journey_workflow(journey),
                task_queue=QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                start_signal=POKE,
                static_summary=f"{opened.project} {opened.unit}".strip(),
            )
        except (RPCError, RuntimeError) as error:
            log.warning("journey.not_woken", journey=journey, error=type(error).__name__)
