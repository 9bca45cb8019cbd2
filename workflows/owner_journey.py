"""An owner's journey: one ownership of one home, from the first contact to the last day of warranty."""

from temporalio import workflow

from journey.contracts.journeys import Ticket
from workflows.agenda import AgendaLoop


# Reading this module anew for each journey, as the sandbox does, took a third of what a start costs. What the sandbox
# refuses, clocks and chance, the linter and tests/architecture/test_sandbox.py refuse in every workflow file.
@workflow.defn(sandboxed=False)
class OwnerJourney(AgendaLoop):
    """Lives for years; its facts, plans and deeds are in the store."""

    @workflow.init
    def __init__(self, ticket: Ticket) -> None:
        super().__init__(ticket)

    @workflow.run
    async def run(self, ticket: Ticket) -> None:
        """Plan, perform, wait, until the life is over."""
        await self._live()
