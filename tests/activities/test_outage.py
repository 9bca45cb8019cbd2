"""A provider away for a day, with many homes' messages due: nothing lost, nothing doubled, at a rate."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from temporalio.testing import ActivityEnvironment

from activities.messaging import MessagingActivities
from journey.adapters.channels import Delivery, Gateway, Outgoing, TemporaryFailure
from journey.contracts.performing import Perform
from journey.domain.moves import Move, MoveKind
from journey.store import performing, surveying
from journey.store.engine import Store
from journey.store.performing import Wanted
from journey.store.tables import entries, journeys, messages
from tests.activities.ground import NAMESPACE, Ground, HandClock, ScriptedChannel, ground
from tests.records import instant

WELCOME, BIRTHDAY = "signing.keeper-welcome", "occupancy.birthday"
START = instant("2026-03-16 07:00")
BACK = instant("2026-03-17 11:00")
HOMES = 24
RATE = 50  # a second, as the pack says


@dataclass
class Provider(ScriptedChannel):
    """Takes nothing before it is back; notes when each key was taken."""

    clock: HandClock = field(default_factory=lambda: HandClock(START))
    went: list[tuple[datetime, str]] = field(default_factory=list)

    async def deliver(self, outgoing: Outgoing) -> Delivery:
        """Refuse for now, or take it."""
        if self.clock.instant < BACK:
            self.calls.append(outgoing)
            raise TemporaryFailure("error-503")
        self.went.append((self.clock.instant, outgoing.key))
        return await super().deliver(outgoing)


async def live(home: Ground, until: datetime) -> None:
    """Every journey wakes at its instants, the earliest first, and makes the moves that are due."""
    messaging = MessagingActivities(home.site, Gateway([home.channel]))
    while True:
        home.journey, wakes = await home.store.read(_next)
        if wakes > until:
            return
        home.clock.instant = max(home.clock.instant, wakes)
        for move in (await home.plan()).moves[:1]:
            await _perform(home, messaging, move)


async def _perform(home: Ground, messaging: MessagingActivities, move: Move) -> None:
    now = home.clock.instant
    if move.kind is MoveKind.SEND:
        command = Perform(journey=home.journey, key=move.key, due=move.due, seen=move.seen, now=now)
        await ActivityEnvironment().run(messaging.send, command)
        return
    wanted = Wanted(home.journey, move.key, move.due, move.seen, now, NAMESPACE)
    match move.kind:
        case MoveKind.OPEN:
            await home.store.write(surveying.open_task, wanted, home.site.shelf)
        case MoveKind.WARN:
            await home.store.write(performing.warn_task, wanted)
        case _:
            await home.store.write(performing.escalate_task, wanted)


def _next(session: Session) -> tuple[str, datetime]:
    row = session.execute(select(journeys.c.id, journeys.c.wake_at).order_by(journeys.c.wake_at).limit(1)).one()
    return row.id, row.wake_at


def _entries(session: Session, rule: str) -> Counter[tuple[str, str | None]]:
    rows = session.execute(select(entries.c.state, entries.c.reason).where(entries.c.key.startswith(f"{rule}/")))
    return Counter((row.state, row.reason["code"] if row.reason else None) for row in rows)


async def town(store: Store, tmp_path: Path) -> tuple[Ground, Provider]:
    """Homes signed on the evening before; in every third somebody has his birthday while it lasts."""
    provider = Provider()
    made = await ground(store, tmp_path, START, provider)
    provider.clock = made.clock
    for number in range(HOMES):
        owner: dict[str, Any] = {
            "ref": f"o{number}", "name": "业主", "phone": f"138{number:08d}", "consents": ["care"],
            "birthday": "1980-03-17" if number % 3 == 0 else "1980-10-01",
        }  # fmt: skip
        facts = [
            {"id": kind, "type": kind, "occurred_at": START.isoformat(),
             "data": {"on": "2026-03-16", "contract_handover_date": "2028-06-30"}}
            for kind in ("subscription.signed", "contract.signed")
        ]  # fmt: skip
        body = {"project": "XN", "unit": f"3-1-{number}", "owners": [owner], "facts": facts}
        made.journey = (await made.doors.start_journey(body)).journey["id"]
        await made.plan()
    return made, provider


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_after_a_day_without_its_provider_everything_wanted_goes_out_once(
    kernel_store: Store, tmp_path: Path
) -> None:
    home, provider = await town(kernel_store, tmp_path)

    await live(home, BACK + timedelta(hours=2, minutes=30))

    assert await home.store.read(_entries, WELCOME) == {("sent", None): HOMES}  # nothing lost
    assert await home.store.read(_entries, BIRTHDAY) == {("skipped", "late"): HOMES // 3}  # not a day late
    assert max(Counter(key for _, key in provider.went).values()) == 1  # nothing doubled
    _within_the_rate([at for at, _ in provider.went])
    rows = await home.store.read(lambda session: session.execute(select(messages.c.entry_key, messages.c.state)).all())
    assert all(row.state == "sent" for row in rows if not row.entry_key.startswith(BIRTHDAY))
    # While it was away it was asked by probes, not by everybody every hour.
    assert len(provider.calls) - len(provider.went) < 2 * HOMES


def _within_the_rate(went: list[datetime]) -> None:
    for index, first in enumerate(went):
        for count, last in enumerate(went[index:], start=1):
            assert count <= (last - first).total_seconds() * RATE + RATE + 1
