"""Test sends: one text to an address of the operator's own."""

from datetime import timedelta
from typing import Final

from temporalio import activity
from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityConfig

from journey.contracts.frozen import Frozen


class TrySend(Frozen):
    """The test that the store keeps."""

    test: str


class Ended(Frozen):
    """How it ended."""

    state: str


@activity.defn(name="templates.test")
async def send_test(command: TrySend) -> Ended:
    """Send a test once, by its channel, and record what the provider said."""
    raise NotImplementedError


TRY: Final = ActivityConfig(
    start_to_close_timeout=timedelta(seconds=15),
    schedule_to_close_timeout=timedelta(minutes=10),
    retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_attempts=3),
)
