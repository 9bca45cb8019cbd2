"""A changed number under twenty thousand homes: the pure planner over facts in memory, a process for each core."""

import os
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from multiprocessing import get_context

from benchmarks.rig import Figure
from journey.domain.comparing import Stands, compare
from journey.domain.events import Event
from journey.domain.impact import Impact
from journey.domain.packs import PackHistory, PackVersion
from journey.domain.planner import plan
from journey.domain.record import Record
from journey.domain.verdicts import Verdict
from tests.lives import written
from tests.packs import test_pack
from tests.records import completion, instant, pack, record, told

HOMES = int(os.environ.get("BENCH_HOMES", "20000"))
PAGE = 250
NOW = instant("2026-03-02 10:00")
CHANGE = {"signing.service_callback.within": "5d", "warranty.notices": ["-3mo", "-30d", "-7d"]}

_ground: dict[str, PackHistory] = {}  # of a process that counts: the versions before and after


async def measure() -> list[Figure]:
    """Seconds that the busiest process has planned and compared; making up the homes is left out."""
    pages = [range(start, min(start + PAGE, HOMES)) for start in range(0, HOMES, PAGE)]
    impact = Impact()
    busy: defaultdict[int, float] = defaultdict(float)
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), _begin) as pool:
        for part, process, seconds in pool.map(_count, pages):
            impact.merge(part)
            busy[process] += seconds
    assert impact.homes == HOMES
    items = sum(tally.count for tally in impact.items.values())
    value = f"{max(busy.values()):.1f} s in {len(busy)} processes, {impact.moved_homes} homes and {items} items move"
    return [Figure(f"preview of a changed pack over {HOMES} homes, facts in memory", value, "≤ 60 s")]


def _begin() -> None:
    before, after = PackVersion("before", pack()), PackVersion("after", test_pack(**CHANGE).pack)
    _ground["before"], _ground["after"] = PackHistory([before]), PackHistory([before, after])


def _count(numbers: Sequence[int]) -> tuple[Impact, int, float]:
    """A page of homes at rest, each planned with the change and compared; by which process, and in how long."""
    homes = [_at_rest(number) for number in numbers]
    impact = Impact()
    started = time.perf_counter()
    for home, seen, stands, wake_at in homes:
        changed = plan(replace(home, packs=_ground["after"]), NOW, seen)
        impact.add(home.journey, home.journey, compare(stands, changed, wake_at=wake_at))
    return impact, os.getpid(), time.perf_counter() - started


def _at_rest(number: int) -> tuple[Record, Mapping[str, Verdict], Stands, datetime]:
    home = replace(_home(number), packs=_ground["before"])
    found = plan(home, NOW)
    left, seen = written(home, found)
    return left, seen, Stands.of_plan(found), found.wake_at


def _home(number: int) -> Record:
    """Homes in every age: signed within the last eight years, two thirds of them handed over."""
    signed = date(2018, 3, 1) + timedelta(days=number * 7919 % 2922)
    keys = signed + timedelta(days=540)
    events: list[Event] = [
        told("subscription.signed", f"{signed - timedelta(days=5)} 10:00"),
        told("contract.signed", f"{signed} 10:00", contract_handover_date=str(keys)),
    ]
    if keys <= NOW.date():
        events.append(told("handover.accepted", f"{keys} 10:00"))
    return replace(record(events, batch=completion(str(keys - timedelta(days=60)))), journey=f"jrn_{number}")
