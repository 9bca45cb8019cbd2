"""Planning again every journey that a change concerns, page by page."""

from temporalio import workflow

from journey.contracts.replanning import REPLAN, Change, replan_page

PAGES_A_RUN = 50


@workflow.defn
class Replan:
    """Started by the sweeper for a change row; the row keeps how far it came, so any end of it is harmless."""

    @workflow.run
    async def run(self, change: Change) -> None:
        """Take page after page until no journey waits."""
        for _ in range(PAGES_A_RUN):
            page = await workflow.execute_activity(replan_page, change, **REPLAN)
            if not page.more:
                return
        workflow.continue_as_new(change)
