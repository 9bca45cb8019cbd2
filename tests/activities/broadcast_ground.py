"""Homes of a project, a broadcast over them, and its pages taken by hand."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from temporalio.testing import ActivityEnvironment

from activities.broadcasting import BroadcastActivities
from journey.adapters.channels import Gateway
from journey.contracts.broadcasting import Order, PageSent
from journey.domain.values import MessageClass
from journey.store import broadcasts
from journey.store.broadcasts import PERSON, NewBroadcast
from journey.store.tables import broadcast_recipients, entries, journeys, messages, persons, projects, units
from tests.activities.ground import Ground, ScriptedChannel
from tests.records import instant

MOON = "project.greeting"
NEWS = "project.milestone-news"
BEFORE = instant("2026-09-01 10:00")
FEAST = instant("2026-09-25 09:00")


@dataclass
class Announcer:
    """A project's homes on the ground of the messaging tests, with one channel for all of them."""

    ground: Ground
    page: int = 100
    pages: int = 1
    homes: int = 0

    @property
    def channel(self) -> ScriptedChannel:
        """The provider of every message."""
        return self.ground.channel

    async def home(
        self, unit: str, ref: str = "", *, consents: Sequence[str] = ("care",), zone: str | None = None, **owner: Any
    ) -> str:
        """A signed home with one owner (an owner known before keeps what is known); its journey, planned."""
        self.homes += 1
        phone = f"138{self.homes:08d}"
        ref = ref or f"ref-{unit}"
        body = {"ref": ref, "name": f"业主{self.homes}", "phone": phone, "consents": list(consents)} | owner
        self.ground.clock.instant += timedelta(seconds=1)  # homes began one after the other
        fact = self.ground._fact("contract.signed")
        fact["data"] |= {"contract_handover_date": "2028-06-30"}
        started = await self.ground.doors.start_journey(
            {"project": "XN", "unit": unit, "owners": [body], "facts": [fact]}
        )
        self.ground.journey = started.journey["id"]
        await self.ground.plan()
        if zone is not None:
            await self.ground.store.write(_live_in, ref, zone)
        return self.ground.journey

    async def moon(self, **changes: Any) -> str:
        """The greeting of 中秋 2026, opened now."""
        day = {"day": "2026-09-25", "hours": ["09:00", "11:00"], "template": MOON, "feast": "mid-autumn"}
        due = self.ground.clock.instant
        asked: dict[str, Any] = {
            "rule": MOON, "subject": PERSON, "occurrence": "mid-autumn/2026", "message_class": MessageClass.CARE,
            "due": due, "expires": due + timedelta(days=2), "params": day,
        }  # fmt: skip
        return await self.open(**asked | changes)

    async def news(self, **changes: Any) -> str:
        """News of two milestones of building 3, opened now."""
        due = self.ground.clock.instant
        asked: dict[str, Any] = {
            "rule": NEWS, "subject": "prj_1", "occurrence": "evt_1", "message_class": MessageClass.CONTRACT,
            "due": due, "expires": due + timedelta(days=14), "scope": {"building": "3"},
            "params": {"template": NEWS, "milestones": ["topped-out", "scaffold-down"]},
        }  # fmt: skip
        return await self.open(**asked | changes)

    async def open(self, **asked: Any) -> str:
        """Open a broadcast of the project XN."""
        project = await self.ground.store.read(lambda s: s.execute(select(projects.c.id)).scalar_one())
        new = NewBroadcast(project=project, **asked)
        found, _ = await self.ground.store.write(broadcasts.open_broadcast, new, self.ground.clock.instant)
        return found

    async def take(self, broadcast: str) -> PageSent:
        """One page, as its activity takes it at the hour of the clock."""
        activities = BroadcastActivities(self.ground.site, self.gateway, self.page, self.pages)
        environment = ActivityEnvironment()

        environment.info = replace(environment.info, started_time=self.ground.clock.instant)
        return await environment.run(activities.page, Order(broadcast=broadcast))

    async def killed(self, broadcast: str) -> None:
        """A page whose worker dies after the reservations were committed."""
        channel = self.ground.channel
        self.ground.channel = _Deadly(channel.name, takes_keys=channel.takes_keys)
        try:
            await self.take(broadcast)
        finally:
            self.ground.channel = channel

    @property
    def gateway(self) -> Gateway:
        """Every channel is the scripted one."""
        others = [ScriptedChannel(name) for name in ("sms", "wechat", "email") if name != self.channel.name]
        return Gateway([self.channel, *others])

    async def run(self, broadcast: str, *, wait: bool = True) -> list[PageSent]:
        """Every page until it is over; time passes to when those who are held may be tried, unless it may not."""
        pages = []
        while True:
            pages.append(await self.take(broadcast))
            if pages[-1].over or (pages[-1].pause and not wait):
                return pages
            self.ground.clock.instant += timedelta(seconds=pages[-1].pause)

    async def states(self, unit: str, rule: str = MOON) -> list[tuple[str, str | None]]:
        """State and reason of a rule's entries of a home."""
        return await self.ground.store.read(_states, unit, rule)

    async def recipients(self, broadcast: str) -> dict[str, str]:
        """What became of each recipient, by ref."""
        return await self.ground.store.read(_recipients, broadcast)

    async def row(self, broadcast: str) -> Any:
        """The broadcast's row."""
        return await self.ground.store.read(broadcasts.broadcast_row, broadcast)

    async def messages(self) -> list[str]:
        """States of the outbox rows."""
        return await self.ground.store.read(lambda s: sorted(s.execute(select(messages.c.state)).scalars()))

    async def stop(self, unit: str, stops: Mapping[str, Any]) -> None:
        """What planning found standing on a home."""
        await self.ground.store.write(_stop, unit, dict(stops))

    def at(self, instant: datetime) -> None:
        """Set the clock."""
        self.ground.clock.instant = instant


class _Deadly(ScriptedChannel):
    """The process goes before the provider hears anything."""

    async def deliver(self, outgoing: Any) -> Any:
        raise asyncio.CancelledError


def _live_in(session: Session, ref: str, zone: str) -> None:
    session.execute(update(persons).where(persons.c.ref == ref).values(zone=zone))


def _stop(session: Session, unit: str, stops: Mapping[str, Any]) -> None:
    home = select(units.c.id).where(units.c.code == unit).scalar_subquery()
    session.execute(update(journeys).where(journeys.c.unit_id == home).values(care_stops=stops))


def _states(session: Session, unit: str, rule: str) -> list[tuple[str, str | None]]:
    rows = session.execute(
        select(entries.c.state, entries.c.reason)
        .join(journeys, journeys.c.id == entries.c.scope_id)
        .join(units, units.c.id == journeys.c.unit_id)
        .where(units.c.code == unit, entries.c.key.startswith(f"{rule}/"))
    )
    return [(row.state, row.reason["code"] if row.reason else None) for row in rows]


def _recipients(session: Session, broadcast: str) -> dict[str, str]:
    rows = session.execute(
        select(persons.c.ref, broadcast_recipients.c.state)
        .join(persons, persons.c.id == broadcast_recipients.c.person_id)
        .where(broadcast_recipients.c.broadcast_id == broadcast)
    )
    return {row.ref: row.state for row in rows}


async def homes(project: Announcer, count: int, **owner: Any) -> list[str]:
    """So many homes of building 3, each with an owner of its own; then it is the morning of the feast."""
    found = [await project.home(f"3-1-{number}", **owner) for number in range(count)]
    project.at(FEAST)
    return found
