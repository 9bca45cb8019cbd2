"""Lives scenario files and finds what came of an item."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starter.simulate.checks import read_scenario
from starter.simulate.driver import simulate
from starter.simulate.scenario import DEFAULT_ZONE, Scenario

FOLDER = Path(__file__).resolve().parent
store_url: str | None = None  # set by conftest.py: the database that `--store postgres` asks for


@dataclass(frozen=True, slots=True)
class Life:
    """One home of a simulation's document."""

    journey: Mapping[str, Any]

    def entry(self, item: str, occurrence: str = "once") -> Mapping[str, Any]:
        """The one entry of an item and occurrence."""
        entries: list[Mapping[str, Any]] = self.journey["entries"]
        found = [e for e in entries if e["item"] == item and e["occurrence"] == occurrence]
        assert len(found) == 1, f"{len(found)} entries of {item} {occurrence}"
        return found[0]

    def has(self, item: str) -> bool:
        """Whether the item came up at all."""
        return any(entry["item"] == item for entry in self.journey["entries"])

    def cover(self, component: str) -> tuple[str, str | None, int | None]:
        """Owner's end, contractor's end and the days between."""
        row = next(row for row in self.journey["warranty"] if row["component"] == component)
        return row["owner_ends"], row["contractor_ends"], row["gap_days"]


@dataclass(frozen=True, slots=True)
class World:
    """A simulation's document."""

    document: Mapping[str, Any]

    def home(self, unit: str) -> Life:
        """The home with that unit."""
        return Life(next(journey for journey in self.document["journeys"] if journey["unit"] == unit))

    @property
    def refused(self) -> dict[str, str]:
        """Codes of the refusals by the event's id."""
        return {event["id"]: event["reason"]["code"] for event in self.document["events_refused"]}


def scenario_from(document: Mapping[str, Any]) -> Scenario:
    """The scenario of a document that is already plain data."""
    return Scenario.model_validate(document, context={"zone": document["project"].get("zone") or DEFAULT_ZONE})


async def live(name: str) -> World:
    """Live the scenario file of that name."""
    return await live_through(read_scenario(FOLDER / f"{name}.yaml"))


async def live_through(scenario: Scenario, **more: Any) -> World:
    """Live a scenario."""
    try:
        return World(await simulate(scenario, url=store_url, **more))
    finally:
        await asyncio.sleep(0.1)  # the native threads of a closed client end a little later


def minute(instant: str | None) -> str:
    """An instant to the minute, as it shows on local clocks."""
    return (instant or "")[:16]


def steps(entry: Mapping[str, Any]) -> list[tuple[str, str, str | None]]:
    """The rungs of an entry: name, minute, post."""
    return [(step["step"], minute(step["at"]), step["to"]) for step in entry["steps"]]


def codes(entry: Mapping[str, Any]) -> list[str]:
    """The codes of an entry's reasons."""
    return [reason["code"] for reason in entry["because"]]
