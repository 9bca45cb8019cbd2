"""The driver: moves the clock to the next instant of the script, tells it, waits for the answer, and goes on."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

import worker
from journey.domain.errors import Conflict, InvalidInput, NotFound
from journey.domain.event_types import EVENT_TYPES
from journey.domain.project_facts import DATES
from journey.settings import Settings
from journey.store import changes, project_dates, schema, sweeping
from journey.store.engine import Store
from journey.store.shelf import Shelf
from journey.sweeper import Sweeper
from starter.doors import Doors
from starter.simulate.homes import Home
from starter.simulate.moving import ScriptClock, VirtualClock, time_skipping
from starter.simulate.output import document
from starter.simulate.pending import is_due, stale
from starter.simulate.people import People
from starter.simulate.person import SimulatedPerson
from starter.simulate.policies import publish, publish_change, read_pack
from starter.simulate.scenario import BatchRow, EventRow, PolicyChange, Scenario
from starter.telling import Teller

Said = Callable[[datetime, str], None]
Look = Callable[[Client, Store, timedelta], Awaitable[None]]  # with how far business runs ahead of the server
Midway = tuple[datetime, Callable[[Store], Awaitable[None]]]  # an instant on the way, and who sees the store then
PATIENCE = timedelta(seconds=20)  # for one told fact; simulated hardware has nobody who waits
QUIET = timedelta(seconds=60)  # real time until what was due at an instant must be through
ROUNDS = 12  # of the sweep, within that time
GLANCE = 0.01
AT_A_TIME = 8  # activities: more would only wait for each other at the store


def silent(at: datetime, text: str) -> None:
    """Progress that nobody looks at."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something that the script does at an instant."""

    at: datetime
    order: int
    text: str
    do: Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Driver:
    """One scenario on its running engine."""

    scenario: Scenario
    clock: VirtualClock
    script: ScriptClock
    doors: Doors
    store: Store
    sweeper: Sweeper
    say: Said = silent
    midway: Midway | None = None
    journeys: dict[str, str] = field(default_factory=dict)
    owners: dict[str, list[str]] = field(default_factory=dict)
    refused: list[dict[str, Any]] = field(default_factory=list)

    async def run(self) -> dict[str, Any]:
        """The whole life, then its document."""
        acts = sorted(self._acts(), key=lambda act: (act.at, act.order))
        await self._at(self.scenario.start, "start", self._start)
        for act in acts:
            if act.at > self.scenario.until:
                break
            await self._at(act.at, act.text, act.do)
        await self.clock.move_to(self.scenario.until)
        await self._settle()
        self.say(self.scenario.until, "until")
        return await self.store.read(document, self.scenario.project.code, self.refused, self.scenario.until)

    async def _at(self, instant: datetime, text: str, do: Callable[[], Awaitable[None]]) -> None:
        await self.clock.move_to(instant)
        self.say(instant, text)
        self.script.pinned = max(instant, self.scenario.start)
        try:
            await do()
        finally:
            self.script.pinned = None

    async def _start(self) -> None:
        row, scenario = self.scenario.project, self.scenario
        body = {
            "code": row.code,
            "name": row.name or row.code,
            "city": row.city or "—",
            "zone": scenario.zone,
            "pack": scenario.pack,
            "overlays": scenario.overlays,
            "posts": row.posts,
            "go_live_at": row.go_live_at.isoformat() if row.go_live_at else None,
        }
        project = await self.doors.create_project(body)
        now = await self.script.now()
        for batch in scenario.batches:
            dates = _dates(batch, now)
            await self.store.write(project_dates.put_batch, project["id"], batch.code, batch.buildings, dates, now)
        for home in scenario.homes():
            await self._start_home(home)

    async def _start_home(self, home: Home) -> None:
        tagged = [_fact(f"tag:{tag}", "tag.added", self.scenario.start, {"tag": tag}, "scenario") for tag in home.tags]
        body = {"project": self.scenario.project.code, "unit": home.unit, "owners": home.owners, **home.more}
        started = await self.doors.start_journey({**body, "facts": [*tagged, *home.more.get("facts", [])]})
        named = home.more.get("external_id")
        if named is not None:
            self.journeys[named] = str(started.journey["id"])
        for name in (home.unit, named):
            if name is not None:
                self.owners[name] = home.refs

    def _acts(self) -> list[Act]:
        told = [
            Act(event.at, number, event.type, _bound(self._tell, event, number))
            for number, event in enumerate(self.scenario.events)
        ]
        if self.midway is not None:
            at, see = self.midway
            told.append(Act(at, len(told), "midway", _bound(self._show, see)))
        return told + [
            Act(change.at, -1, "policy change", _bound(self._change, change)) for change in self.scenario.policy_changes
        ]

    async def _show(self, see: Callable[[Store], Awaitable[None]]) -> None:
        await self._settle()
        await see(self.store)

    async def _tell(self, event: EventRow, number: int) -> None:
        body = self._body(event, number)
        try:
            where = self._where(event)
            if where is None:
                await self.doors.tell_project(self.scenario.project.code, body)
            else:
                await self.doors.tell_journey(where, body)
            await self._sweep()
            if event.type == "ownership.transferred":
                await self._settle()  # the journey that it begins
        except (InvalidInput, Conflict, NotFound) as error:
            reason = {"code": error.code, "text": str(error)}
            self.refused.append({"id": body["id"], "type": event.type, "reason": reason})

    def _where(self, event: EventRow) -> str | None:
        """The journey by its external id, or a home, which stands for the one that had it then; None: the project."""
        if event.journey is not None:
            return self.journeys[event.journey]
        return f"{self.scenario.project.code}/{event.unit}" if event.unit is not None else None

    def _body(self, event: EventRow, number: int) -> dict[str, Any]:
        body = _fact(event.ident(number), event.type, event.occurred_at or event.at, event.data, event.source)
        person = event.person
        owners = self.owners.get(event.journey or event.unit or "", [])
        if person is None and EVENT_TYPES[event.type].needs_person and len(owners) == 1:
            person = owners[0]
        named = {"person": person, "about": event.about, "scope": event.scope}
        return body | {name: value for name, value in named.items() if value is not None}

    async def _change(self, change: PolicyChange) -> None:
        await self.store.write(publish_change, self.scenario, change, await self.script.now())
        await self._sweep()

    async def _sweep(self) -> None:
        """Have everything planned that a fact concerns beside the journey that was told it, and wait for that.

        What becomes stale only meanwhile is poked in a further round: nobody else sweeps in a simulation.
        """
        for _ in range(ROUNDS):
            for agenda in await self.store.read(stale):
                await self.store.write(sweeping.mark_poke_wanted, agenda, datetime.now(UTC))
            while await self.sweeper.sweep():
                await self._until_true(self._nothing_to_plan_again)
            with suppress(TimeoutError):
                return await self._until_true(self._nothing_stale, QUIET / ROUNDS)
        raise TimeoutError(f"never planned: {', '.join(await self.store.read(stale))}")

    async def _settle(self) -> None:
        """Wait until every journey has done what is due by now."""
        await self._sweep()
        now = await self.clock.now()
        await self._until_true(lambda: self._nothing_due(now))

    async def _nothing_to_plan_again(self) -> bool:
        return not await self.store.read(changes.open_changes)

    async def _nothing_stale(self) -> bool:
        return not await self.store.read(stale)

    async def _nothing_due(self, now: datetime) -> bool:
        return not await self.store.read(is_due, now)

    async def _until_true(self, is_so: Callable[[], Awaitable[bool]], patience: timedelta = QUIET) -> None:
        async with asyncio.timeout(patience.total_seconds()):
            while not await is_so():  # noqa: ASYNC110 - the store has no bell, another process may write it
                await asyncio.sleep(GLANCE)


async def simulate(
    scenario: Scenario,
    *,
    extra_packs: Sequence[Mapping[str, Any]] = (),
    settings: Settings | None = None,
    say: Said = silent,
    url: str | None = None,
    look: Look | None = None,
    midway: Midway | None = None,
) -> dict[str, Any]:
    """Live a scenario and return its document. `extra_packs` are stored documents published beside the built-in ones.

    The store is a SQLite file that goes afterwards, or the empty database at `url`. `look` sees store and server at the
    end of the life, before they go. `midway` sees the store at an instant on the way.
    ScenarioError when pack, overlay or a policy change names what is not there.
    """
    with TemporaryDirectory(prefix="journey-simulate-", ignore_cleanup_errors=True) as folder:
        url = url or f"sqlite:///{Path(folder) / 'store.db'}"
        await asyncio.to_thread(schema.upgrade, url)
        with Store(url, commit_pause=0) as store:
            settings = settings or Settings()
            await publish(store, scenario, settings, extra_packs)
            async with time_skipping() as env:
                return await _live(scenario, env, store, settings, say, look, midway)


async def _live(
    scenario: Scenario,
    env: WorkflowEnvironment,
    store: Store,
    settings: Settings,
    say: Said,
    look: Look | None,
    midway: Midway | None,
) -> dict[str, Any]:
    clock = VirtualClock(env, timedelta(0))
    clock.ahead = scenario.start - await clock.now()
    script = ScriptClock(clock)
    teller = Teller(lambda: _itself(env), patience=PATIENCE)
    people = People(scenario.actors, env.client, store, clock, Shelf(read_pack), scenario.proves)
    people.doors = Doors(store, teller, clock)
    outages: dict[str, list[worker.Outage]] = {
        name: [worker.Outage(down_from=row.down_from, down_to=row.down_to) for row in rows]
        for name, rows in scenario.providers.items()
    }
    engine = await worker.build(
        settings,
        client=env.client,
        store=store,
        gateway=worker.memory_gateway(clock.now, outages),
        clock=clock,
        notice=people,
        extra_workflows=[SimulatedPerson],
        extra_activities=[people.work],
        ahead=clock.ahead,
        at_a_time=AT_A_TIME,
    )
    driver = Driver(scenario, clock, script, Doors(store, teller, script), store, engine.sweeper, say, midway)
    async with engine.worker:
        lived = await driver.run()
        if look is not None:
            await look(env.client, store, clock.ahead)
        return lived


async def _itself(env: WorkflowEnvironment) -> Any:
    return env.client


def _dates(batch: BatchRow, now: datetime) -> dict[str, dict[str, str]]:
    """The dates of a batch as facts of the scenario's first instant."""
    known = {"at": now.isoformat(), "known_at": now.isoformat(), "event": "", "moved_by": ""}
    given = {kept: getattr(batch, name) for name, kept in DATES.items()}
    return {kept: {"on": day.isoformat(), **known} for kept, day in given.items() if day is not None}


def _fact(ident: str, kind: str, at: datetime, data: Mapping[str, Any], source: str) -> dict[str, Any]:
    return {"id": ident, "type": kind, "occurred_at": at.isoformat(), "data": dict(data), "source": source}


def _bound(do: Callable[..., Awaitable[None]], *args: Any) -> Callable[[], Awaitable[None]]:
    return lambda: do(*args)
