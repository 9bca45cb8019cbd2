"""A provider away for a day with thousands of messages due: how many go out, in which order, at which rate.

Business time is moved by hand, the pages, the store and the breakers are the real ones: what is measured is what the
engine decides, not how fast this machine waits.
"""

import os
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.rig import Figure
from journey.adapters.channels import Delivery, Outgoing, TemporaryFailure
from journey.domain.values import MessageClass
from journey.store import schema
from journey.store.engine import Store
from tests.activities.broadcast_ground import NEWS, Announcer
from tests.activities.ground import HandClock, ScriptedChannel, ground
from tests.records import instant

DUE = int(os.environ.get("BENCH_DUE", "5000"))  # half of them contract matters, half care
GONE, BACK = instant("2026-09-07 10:00"), instant("2026-09-08 10:00")


@dataclass
class Provider(ScriptedChannel):
    """Takes nothing before it is back; notes when each key was taken."""

    clock: HandClock = field(default_factory=lambda: HandClock(GONE))
    went: list[tuple[datetime, str]] = field(default_factory=list)

    async def deliver(self, outgoing: Outgoing) -> Delivery:
        """Refuse for now, or take it."""
        if self.clock.instant < BACK:
            self.calls.append(outgoing)
            raise TemporaryFailure("error-503")
        self.went.append((self.clock.instant, outgoing.key))
        return Delivery(state="sent", provider_id=outgoing.message_id)


async def measure() -> list[Figure]:
    """What became of messages that were due while their provider was away for a day."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'store.db'}"
        schema.upgrade(url)
        store = Store(url)
        try:
            return await _figures(store, Path(folder))
        finally:
            store.close()


async def _figures(store: Store, folder: Path) -> list[Figure]:
    provider = Provider()
    project = Announcer(await ground(store, folder, GONE - timedelta(days=1), provider))
    provider.clock = project.ground.clock
    for number in range(DUE // 2):
        await project.home(f"3-1-{number:05}")
    project.at(GONE)
    both = [
        await project.news(message_class=kind, occurrence=kind.value, scope={}, expires=BACK + timedelta(days=7))
        for kind in (MessageClass.CARE, MessageClass.CONTRACT)
    ]
    started = time.perf_counter()
    await _through(project, both)
    seconds = time.perf_counter() - started
    return _told(provider, seconds)


async def _through(project: Announcer, broadcasts: list[str]) -> None:
    """Both broadcasts page by page, at the instants at which either has something to do."""
    due = dict.fromkeys(broadcasts, project.ground.clock.instant)
    while due:
        one = min(due, key=lambda each: due[each])
        project.at(max(project.ground.clock.instant, due[one]))
        page = await project.take(one)
        if page.over:
            del due[one]
        else:
            due[one] = project.ground.clock.instant + timedelta(seconds=page.pause)


def _told(provider: Provider, seconds: float) -> list[Figure]:
    went = provider.went
    doubled = sum(count - 1 for count in Counter(key for _, key in went).values())
    most = max(Counter(at for at, _ in went).values())
    last_contract = max(at for at, key in went if f"{NEWS}/" in key and "/contract/" in key)
    # The probe that finds the provider back may be care.
    early_care = sum(at < last_contract for at, key in went if "/care/" in key)
    took = (went[-1][0] - BACK).total_seconds() / 60
    return [
        Figure(
            f"{DUE} messages due in a day's outage: went out once back", f"{len(went)}, {doubled} twice", f"{DUE}, 0"
        ),
        Figure("the same: calls while the provider was away", f"{len(provider.calls)}"),
        Figure("the same: most at one instant", f"{most}", "≤ 51"),
        Figure("the same: care before the last contract matter", f"{early_care}", "≤ 1"),
        Figure("the same: minutes from its return to the last one", f"{took:.0f}", "≤ 75"),
        Figure("the same: seconds of this machine for the day", f"{seconds:.0f}"),
    ]
