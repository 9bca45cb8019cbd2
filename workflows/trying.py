"""One text, tried on the operator himself."""

from temporalio import workflow

from journey.contracts.trying import TRY, TrySend, send_test


@workflow.defn
class TemplateTest:
    """Its row keeps what became of it: any end of the workflow is harmless."""

    @workflow.run
    async def run(self, command: TrySend) -> str:
        """Send it once; the state it ended in."""
        return (await workflow.execute_activity(send_test, command, **TRY)).state
