"""One bad message must not wedge a ten-year life: whatever a handler raises is logged and stays with its caller."""

from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError
from temporalio.worker import (
    HandleSignalInput,
    HandleUpdateInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)


class GuardInterceptor(Interceptor):
    """Goes on every worker."""

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:
        """The inbound guard."""
        return Guard


class Guard(WorkflowInboundInterceptor):
    """Signals that cannot be handled are dropped with a log line; updates answer their caller with a failure."""

    async def handle_signal(self, input: HandleSignalInput) -> None:
        """Swallow what is not Temporal's own cancellation."""
        try:
            await super().handle_signal(input)
        except Exception:
            workflow.logger.warning("signal.dropped", extra={"signal": input.signal})

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:
        """A failure goes to the caller, never to the workflow task."""
        try:
            return await super().handle_update_handler(input)
        except FailureError:
            raise
        except Exception as error:
            raise ApplicationError(f"{input.update} was refused: {type(error).__name__}") from error
