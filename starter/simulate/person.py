"""A simulated person at one task: sleeps until it is time, does the task, and sleeps again while it stays open."""

from datetime import timedelta

from pydantic import BaseModel
from temporalio import workflow
from temporalio.common import RetryPolicy

TURNS_A_RUN = 20  # times at most thirty days: the time-skipping server ends a run at ten years
LONGEST = timedelta(days=30)
ATTEMPT = timedelta(seconds=30)


class Work(BaseModel):
    """A task and how long, in seconds, its person leaves it alone."""

    task: str
    wait: float = 0.0


class Turn(BaseModel):
    """What comes of one look at the task: seconds until the next one, None when there is nothing left to do."""

    wait: float | None = None


# It holds nothing that a sandbox could protect, and is imported beside modules that no workflow may load twice.
@workflow.defn(sandboxed=False)
class SimulatedPerson:
    """Started for every task that opens, by the staff notice of a simulation."""

    @workflow.run
    async def run(self, work: Work) -> None:
        """Wait, look, work, until the task is closed."""
        wait: float | None = work.wait
        for _ in range(TURNS_A_RUN):
            if wait is None:
                return
            await workflow.sleep(min(timedelta(seconds=wait), LONGEST))
            turn = await workflow.execute_activity(
                "staff.work",
                work.task,
                result_type=Turn,
                start_to_close_timeout=ATTEMPT,
                retry_policy=RetryPolicy(maximum_attempts=3),
            )
            wait = turn.wait
        workflow.continue_as_new(Work(task=work.task, wait=wait or 0.0))
