"""One text for many persons: stretch after stretch, and once more for those who were held."""

from datetime import timedelta

from temporalio import workflow

from journey.contracts.broadcasting import BROADCAST, Order, send_page
from journey.contracts.names import ORDERED

with workflow.unsafe.imports_passed_through():  # it has no state of its own: not read anew for each run
    from workflows.alarm import Alarm

PAGES_A_RUN = 50


@workflow.defn
class Broadcast:
    """Its row and its recipients' rows keep how far it came and what was ordered: any end of it is harmless."""

    def __init__(self) -> None:
        self._ordered = False
        self._alarm = Alarm()

    @workflow.run
    async def run(self, order: Order) -> None:
        """Take page after page until everybody was decided on; whoever is held, or a pause, is waited for."""
        for _ in range(PAGES_A_RUN):
            self._ordered = False
            page = await workflow.execute_activity(send_page, order, **BROADCAST)
            if page.over:
                return
            if page.paused:
                await workflow.wait_condition(lambda: self._ordered)
            elif page.pause:
                until = workflow.now() + timedelta(seconds=page.pause)
                await self._alarm.wait(lambda: self._ordered, until, "somebody is held until then")
        workflow.continue_as_new(order)

    @workflow.signal(name=ORDERED)
    def ordered(self) -> None:
        """The row was ordered about: look at it again, at once."""
        self._ordered = True
