"""After a restore: looking up what is known elsewhere of the time that it lost (`kernel.md` §10)."""

from datetime import timedelta
from typing import Final

from temporalio import activity
from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityConfig

from journey.contracts.frozen import Frozen


class LostTime(Frozen):
    """The epoch that a restore began; the store keeps its bracket and how far the search came."""

    epoch: int


class Searched(Frozen):
    """How many journeys of a page were looked at, how many sends were found, whether more wait."""

    journeys: int = 0
    found: int = 0
    more: bool = False


@activity.defn(name="recovery.page")
async def recover_page(command: LostTime) -> Searched:
    """Plan the next page of journeys, and ask providers and Temporal's history for what may have been sent."""
    raise NotImplementedError


RECOVER: Final = ActivityConfig(
    start_to_close_timeout=timedelta(minutes=5),
    retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1)),
)
