"""The store's gauges on `/metrics`: read when somebody asks, and kept a few seconds."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from time import monotonic
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from journey.ports import Clock
from journey.store.engine import Store
from journey.store.failures import StoreDown
from journey.store.gauges import Gauge, read_gauges

KEPT: Final = 5.0  # seconds: several scrapers ask the store once
WORDS: Final = {
    "journey_store_up": "Whether the store answers",
    "journey_stale_journeys": "Journeys that wait to be planned again",
    "journey_stale_journeys_oldest_seconds": "How long the first of them has waited",
    "journey_past_due_journeys": "Journeys more than a minute past their wake",
    "journey_past_due_journeys_oldest_seconds": "How far the first of them is past its wake",
    "journey_unjudged_events": "Events that were taken and not judged yet",
    "journey_unjudged_events_oldest_seconds": "How long the first of them has waited",
    "journey_long_parked_events": "Events that have been premature for more than ninety days",
    "journey_open_changes": "Changes of shared facts whose journeys are being planned again",
    "journey_open_changes_oldest_seconds": "How long the first of them has taken",
    "journey_waiting_receipts": "Receipts whose message is not recorded yet",
    "journey_waiting_receipts_oldest_seconds": "How long the first of them has waited",
    "journey_unknown_receipts": "Receipts of the last week that no message of ours was found for",
    "journey_unknown_entries": "Entries that may have happened: a person decides, and they stay",
    "journey_held_entries": "Entries that wait for an instant",
    "journey_failing_entries": "Entries whose move failed five times in a row or more",
    "journey_overdue_tasks": "Tasks past their due, by post",
    "journey_open_breakers": "Templates and providers that failed too often and are stopped, by kind",
    "journey_calendar_provisional": "1 while the holidays of a year are not published",
    "journey_sweeper_lease_seconds": "Seconds until the sweeper's lease ends; below zero nobody sweeps",
}


class StoreGauges(Collector):
    """What the store says, as Prometheus reads it; only `journey_store_up 0` while it is down."""

    def __init__(self, store: Store, clock: Clock, registry: CollectorRegistry, *, kept: float = KEPT) -> None:
        self._store = store
        self._clock = clock
        self._kept = kept
        self._lock = asyncio.Lock()
        self._asked: float | None = None
        self._found: list[Gauge] = []
        registry.register(self)

    async def refresh(self) -> None:
        """Ask the store again unless it was asked a moment ago."""
        async with self._lock:
            if self._asked is not None and monotonic() - self._asked < self._kept:
                return
            self._found = await self._read()
            self._asked = monotonic()

    async def _read(self) -> list[Gauge]:
        try:
            found = await self._store.read(read_gauges, await self._clock.now(), datetime.now(UTC))
        except StoreDown:
            return [Gauge("journey_store_up", 0)]
        return [Gauge("journey_store_up", 1), *found]

    def describe(self) -> Iterable[Metric]:
        """Nothing is known before the first question."""
        return []

    def collect(self) -> Iterable[Metric]:
        """What the last refresh found."""
        families: dict[str, GaugeMetricFamily] = {}
        for gauge in self._found:
            family = families.setdefault(
                gauge.name, GaugeMetricFamily(gauge.name, WORDS[gauge.name], labels=list(gauge.labels))
            )
            family.add_metric(list(gauge.labels.values()), float(gauge.value))
        return families.values()
