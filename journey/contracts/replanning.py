"""Planning again many journeys after a shared fact changed (`kernel.md` §8)."""

from datetime import timedelta
from typing import Final

from temporalio import activity
from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityConfig

from journey.contracts.frozen import Frozen


class Change(Frozen):
    """The change row that the store keeps."""

    change: str


class Page(Frozen):
    """How far a page came: journeys planned and poked, whether more wait."""

    planned: int = 0
    poked: int = 0
    more: bool = False


@activity.defn(name="replan.page")
async def replan_page(command: Change) -> Page:
    """Plan the next page of the journeys that a change concerns, and poke those whose wake moved earlier."""
    raise NotImplementedError


REPLAN: Final = ActivityConfig(
    start_to_close_timeout=timedelta(minutes=2),
    retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1)),
)
