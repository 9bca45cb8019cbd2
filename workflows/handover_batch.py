"""A handover batch: from its planning to what it taught; many homes wait for its gate."""

from temporalio import workflow

from journey.contracts.journeys import Ticket
from workflows.agenda import AgendaLoop


@workflow.defn(sandboxed=False)  # as `OwnerJourney`
class HandoverBatch(AgendaLoop):
    """Lives until its window is over and its work is done; a later fact starts it again."""

    @workflow.init
    def __init__(self, ticket: Ticket) -> None:
        super().__init__(ticket)

    @workflow.run
    async def run(self, ticket: Ticket) -> None:
        """Plan, perform, wait."""
        await self._live()
