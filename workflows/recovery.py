"""After a restore, journey by journey: was what may have been sent really sent?"""

from temporalio import workflow

from journey.contracts.recovering import RECOVER, LostTime, recover_page

PAGES_A_RUN = 50


@workflow.defn
class Recovery:
    """Started by the sweeper for a bracket; the store keeps how far it came, so any end of it is harmless."""

    @workflow.run
    async def run(self, lost: LostTime) -> None:
        """Take page after page until no journey waits."""
        for _ in range(PAGES_A_RUN):
            page = await workflow.execute_activity(recover_page, lost, **RECOVER)
            if not page.more:
                return
        workflow.continue_as_new(lost)
