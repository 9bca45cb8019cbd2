"""What a worker measures: served with Temporal's own metrics on the worker's port, and nowhere without one.

Labels are names of code only: channels, states, ways; never an id, never anything of a person.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from temporalio.common import MetricMeter

from journey.store.planning import Planned

BUCKETS: Final[Mapping[str, Sequence[float]]] = {
    "journey_plan_seconds": (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
    "journey_verdict_seconds": (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3, 10, 60, 600, 3600),
    "journey_wake_seconds": (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 300, 3600, 86400),
}


class Measures:
    """Counters and histograms of one worker."""

    def __init__(self, meter: MetricMeter = MetricMeter.noop) -> None:
        self._plan = meter.create_histogram_float("journey_plan_seconds", "The planning transaction")
        self._verdict = meter.create_histogram_float("journey_verdict_seconds", "From an event's record to its verdict")
        self._wake = meter.create_histogram_float("journey_wake_seconds", "From the wake of a journey to its plan")
        self._messages = meter.create_counter("journey_messages", "What became of sends, by channel")
        self._opened = meter.create_counter("journey_breakers_opened", "Templates and providers that were stopped")
        self._held_back = meter.create_counter("journey_moves_held_back", "Moves that raised three times")

    def planned(self, planned: Planned, *, by: str, told: Sequence[str], now: datetime, seconds: float) -> None:
        """Note a plan that began at `now` and took `seconds`: itself, the verdicts it gave, how late it woke."""
        self._plan.record(seconds, {"by": by})
        for event, recorded_at in planned.judged.items():
            waited = (now - recorded_at).total_seconds() + seconds
            self._verdict.record(max(waited, 0), {"via": "door" if event in told else "sweeper"})
        if planned.woke_late is not None:
            self._wake.record((planned.woke_late + timedelta(seconds=seconds)).total_seconds())

    def sent(self, channel: str, outcome: str) -> None:
        """Note what became of a send to one recipient; the channel is `none` when none was chosen."""
        self._messages.add(1, {"channel": channel, "outcome": outcome})

    def opened(self) -> None:
        """Note a template or a provider that failed too often and was stopped."""
        self._opened.add(1)

    def held_back(self) -> None:
        """Note a move that was given up for now."""
        self._held_back.add(1)
