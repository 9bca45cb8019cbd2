"""Broadcasts: one text for many persons, page by page (`kernel.md` §11)."""

from datetime import timedelta
from typing import Final

from temporalio import activity
from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityConfig

from journey.contracts.frozen import Frozen
from journey.contracts.performing import Perform, Performed


class Order(Frozen):
    """The broadcast row that the store keeps."""

    broadcast: str


class PageSent(Frozen):
    """How far a stretch of pages came: persons met, messages sent; `over`, `paused`, or for how long nobody is due."""

    met: int = 0
    sent: int = 0
    over: bool = False
    pause: float = 0.0
    paused: bool = False


@activity.defn(name="broadcasts.page")
async def send_page(command: Order) -> PageSent:
    """Decide on the next recipients one by one, send to those who may be sent to, and record it, page after page."""
    raise NotImplementedError


@activity.defn(name="broadcasts.open")
async def open_broadcast(command: Perform) -> Performed:
    """Open the broadcast that an item of a project asks for, and start its workflow."""
    raise NotImplementedError


# Seconds of work; a worker that dies is noticed by its heartbeat, and its page is taken again.
BROADCAST: Final = ActivityConfig(
    start_to_close_timeout=timedelta(minutes=5),
    heartbeat_timeout=timedelta(seconds=15),
    retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1)),
)
