"""A project: checks before its opening, milestones and their days, filing, half of its homes handed over."""

from temporalio import workflow

from journey.contracts.journeys import Ticket
from workflows.agenda import AgendaLoop


@workflow.defn(sandboxed=False)  # as `OwnerJourney`
class ProjectCalendar(AgendaLoop):
    """Lives as long as the project has homes to watch over."""

    @workflow.init
    def __init__(self, ticket: Ticket) -> None:
        super().__init__(ticket)

    @workflow.run
    async def run(self, ticket: Ticket) -> None:
        """Plan, perform, wait."""
        await self._live()
