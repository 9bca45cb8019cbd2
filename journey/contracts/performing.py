"""Moves: each kind has its own activity, so that Temporal's UI tells the story."""

from datetime import datetime, timedelta
from typing import Final

from temporalio import activity
from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityConfig

from journey.contracts.frozen import Frozen

CHANGED: Final = "changed"
STALE: Final = "stale"


class Perform(Frozen):
    """Do one move, if its entry and instant are still what the plan saw."""

    journey: str
    key: str
    due: datetime
    seen: str
    now: datetime


class Performed(Frozen):
    """`changed`, or `stale`: the world moved on, plan again. A send says what became of it, for whoever looks later."""

    outcome: str
    state: str = ""


@activity.defn(name="messaging.send")
async def send_message(command: Perform) -> Performed:
    """Deliver a message to each recipient at most once per key, if it may be sent now."""
    raise NotImplementedError


@activity.defn(name="tasks.open")
async def open_task(command: Perform) -> Performed:
    """Open the task of an item for its post."""
    raise NotImplementedError


@activity.defn(name="tasks.warn")
async def warn_task(command: Perform) -> Performed:
    """Warn the post that its task is about to be due."""
    raise NotImplementedError


@activity.defn(name="escalation.raise")
async def raise_escalation(command: Perform) -> Performed:
    """Hand an overdue task up to the next post."""
    raise NotImplementedError


@activity.defn(name="journeys.open")
async def open_journey(command: Perform) -> Performed:
    """Begin the journey of a home's next owner, or hand on to it what is open on the home; once."""
    raise NotImplementedError


# Waiting for a free worker is no failure; an attempt is short, what takes longer comes back as held.
PERFORM: Final = ActivityConfig(
    start_to_close_timeout=timedelta(seconds=9),
    schedule_to_close_timeout=timedelta(minutes=10),
    retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_attempts=3),
)
