"""Planning: one recorded activity around one transaction; its answer is small and carries ids, instants and codes."""

from datetime import datetime, timedelta
from typing import Final

from pydantic import Field
from temporalio import activity
from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityConfig, LocalActivityConfig

from journey.contracts.frozen import Frozen


class PlanJourney(Frozen):
    """Plan this journey as of `now`; `told` are event ids that somebody waits for."""

    journey: str
    now: datetime
    told: list[str] = Field(default_factory=list)
    shown: str = ""  # hash of what the run shows already


class MoveDue(Frozen):
    """A move that is due: its kind, the item's key, the instant that the plan saw."""

    kind: str
    key: str
    due: datetime
    seen: str = ""  # the entry's state and instant that the plan saw: another one makes the move stale
    title: str = ""


class Show(Frozen):
    """What Temporal's UI shows of a journey: search attributes and Markdown; no personal data."""

    hash: str
    project: str
    batch: str
    unit: str
    stage: str
    status: str
    segment: str
    next_due: datetime | None = None
    overdue: int = 0
    details: str = ""


class Step(Frozen):
    """The planner's answer: verdicts, the move due first, when and why to wake, what to show, whether it is over."""

    verdicts: dict[str, str] = Field(default_factory=dict)
    heard: list[str] | None = None  # the told events that this plan had; recorded, so that a replay answers the same
    due: list[MoveDue] = Field(default_factory=list)
    wake_at: datetime
    wake_for: str = ""
    show: Show | None = None
    over: bool = False


class HoldBack(Frozen):
    """A move kept failing: its entry waits, the rest goes first."""

    journey: str
    kind: str
    key: str
    seen: str = ""  # what the move saw of the entry: one that ended since is left alone


@activity.defn(name="planning.plan")
async def plan(command: PlanJourney) -> Step:
    """Plan a journey in one transaction."""
    raise NotImplementedError


@activity.defn(name="planning.hold_back")
async def hold_back(command: HoldBack) -> None:
    """Set `until` and `tries` on the entry of a failing move."""
    raise NotImplementedError


# With more attempts schedule_to_close is not enforced between them.
PLAN_LOCALLY: Final = LocalActivityConfig(
    start_to_close_timeout=timedelta(seconds=2),
    schedule_to_close_timeout=timedelta(seconds=5),
    retry_policy=RetryPolicy(maximum_attempts=2, initial_interval=timedelta(milliseconds=100)),
)
PLAN_ELSEWHERE: Final = ActivityConfig(
    start_to_close_timeout=timedelta(seconds=30),
    schedule_to_close_timeout=timedelta(minutes=10),
    retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1)),
)
FALLBACK: Final = ActivityConfig(
    start_to_close_timeout=timedelta(seconds=9),
    schedule_to_close_timeout=timedelta(minutes=10),
    retry_policy=RetryPolicy(maximum_attempts=3),
)
