"""A store with one planned journey and no Temporal: moves are performed by hand, at instants the test names."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from temporalio.testing import ActivityEnvironment

import worker
from activities.messaging import MessagingActivities
from activities.site import Site
from journey.adapters.channels import Channel, Delivery, Gateway, Outgoing
from journey.adapters.packs import read_pack
from journey.contracts.performing import Perform
from journey.domain.entries import Entry
from journey.domain.moves import Move
from journey.domain.planner import Plan
from journey.ports import NoNotice
from journey.settings import Settings
from journey.store import installation
from journey.store.engine import Store
from journey.store.ledger import read_entry
from journey.store.planning import Planned, plan_agenda
from journey.store.shelf import Shelf
from journey.store.tables import entries, messages
from starter.doors import Answer, Doors
from starter.telling import Teller

NAMESPACE = "ns-of-tests"


class Unheard(Teller):
    """Nobody is told: the test plans itself."""

    def __init__(self) -> None:
        pass

    async def tell(self, subject: object, events: object) -> dict[str, str]:
        """No answers."""
        return {}

    async def wake(self, subject: object) -> None:
        """Nobody wakes."""


@dataclass
class HandClock:
    """A clock that the test sets."""

    instant: datetime

    async def now(self) -> datetime:
        """What the test set."""
        return self.instant


_TAKEN = Delivery(state="sent", provider_id="p-1")


@dataclass
class ScriptedChannel:
    """A provider that does what the test says: raise, or take the message; `after` runs once it took it."""

    name: str = "sms"
    provider: str = "scripted"
    needs_template: bool = False
    takes_keys: bool = True
    timeout: timedelta = timedelta(seconds=5)
    failures: list[Exception] = field(default_factory=list)
    calls: list[Outgoing] = field(default_factory=list)
    taken: dict[str, Outgoing] = field(default_factory=dict)
    delivery: Delivery = _TAKEN
    dies: int = 0  # how often the worker dies between the provider's yes and our record

    async def deliver(self, outgoing: Outgoing) -> Delivery:
        """Count, fail by the script, else take it once per key."""
        self.calls.append(outgoing)
        if self.failures:
            raise self.failures.pop(0)
        self.taken.setdefault(outgoing.key, outgoing)
        if self.dies:
            self.dies -= 1
            raise SystemError("killed")
        return self.delivery


@dataclass
class Ground:
    """One journey, one channel, and everything a test does with them."""

    store: Store
    doors: Doors
    clock: HandClock
    site: Site
    channel: ScriptedChannel
    journey: str = ""
    folder: Path = Path()
    others: Sequence[ScriptedChannel] = ()

    @property
    def messaging(self) -> MessagingActivities:
        """The activity under test."""
        given = {one.name: one for one in (*self.others, self.channel)}
        channels: Sequence[Channel] = [given.get(name, ScriptedChannel(name)) for name in ("sms", "wechat", "email")]
        return MessagingActivities(self.site, Gateway(channels))

    async def start(
        self, facts: Sequence[str] = ("subscription.signed",), *, owners: Sequence[dict[str, Any]] = ()
    ) -> None:
        """The journey of 3-1-1202; its owner has a phone unless told otherwise."""
        told = [self._fact(kind) for kind in facts]
        people = list(owners) or [{"ref": "zw", "name": "张伟", "phone": "13800138000"}]
        body = {"project": "XN", "unit": "3-1-1202", "owners": people, "facts": told}
        self.journey = (await self.doors.start_journey(body)).journey["id"]

    async def tell(self, kind: str, *, person: str | None = None, **data: Any) -> Answer:
        """One more fact of now."""
        event = self._fact(kind) | {"data": data} | ({"person": person} if person else {})
        return await self.doors.tell_journey(self.journey, event | {"id": f"{kind}-{self.clock.instant}"})

    def _fact(self, kind: str) -> dict[str, Any]:
        on = (self.clock.instant + timedelta(hours=8)).date().isoformat()
        return {"id": kind, "type": kind, "occurred_at": self.clock.instant.isoformat(), "data": {"on": on}}

    async def plan(self) -> Plan:
        """Plan as of the clock."""
        planned: Planned = await self.store.write(plan_agenda, self.journey, self.clock.instant, by=self.site.planner)
        assert planned.plan is not None
        return planned.plan

    async def move(self, rule: str) -> Move | None:
        """The due move of a rule, planned now."""
        return next((move for move in (await self.plan()).moves if move.key.startswith(f"{rule}/")), None)

    async def send(self, rule: str, *, move: Move | None = None) -> str:
        """Plan and perform the send of a rule; `changed`, `stale` or `none`."""
        wanted = move or await self.move(rule)
        if wanted is None:
            return "none"
        command = Perform(
            journey=self.journey, key=wanted.key, due=wanted.due, seen=wanted.seen, now=self.clock.instant
        )
        return (await ActivityEnvironment().run(self.messaging.send, command)).outcome

    async def entry(self, rule: str) -> Entry:
        """The entry of a rule that asks once."""
        plan = await self.store.read(_keys, self.journey)
        key = next(key for key in plan if key.startswith(f"{rule}/"))
        found = await self.store.read(read_entry, self.journey, key)
        assert found is not None
        return found

    async def outbox(self) -> list[tuple[str, str]]:
        """State and channel of every message row, oldest first."""
        rows = await self.store.read(lambda s: s.execute(select(messages).order_by(messages.c.reserved_at)).all())
        return [(row.state, row.channel) for row in rows]


def _keys(session: Any, journey: str) -> list[str]:
    return list(session.execute(select(entries.c.key).where(entries.c.scope_id == journey)).scalars())


async def ground(store: Store, tmp_path: Path, now: datetime, channel: ScriptedChannel | None = None) -> Ground:
    """A project without journeys as of `now`."""
    settings = Settings(home=tmp_path)
    await worker.publish_policies(store, settings, now)
    await store.write(installation.connect_to, NAMESPACE, now)
    clock = HandClock(now)
    doors = Doors(store, Unheard(), clock)
    await doors.create_project({"code": "XN", "name": "香年", "city": "成都"})
    site = Site(store, Shelf(read_pack), NAMESPACE, "test", NoNotice())
    return Ground(store, doors, clock, site, channel or ScriptedChannel(), folder=tmp_path)
