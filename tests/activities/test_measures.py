"""What a worker measures: plans, verdicts, wakes and sends, without anything of a person in a label."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio.testing import ActivityEnvironment

from activities.measures import BUCKETS, Measures
from activities.planning import PlanningActivities
from journey.contracts.planning import PlanJourney, Step
from journey.domain.moves import MoveKind
from journey.store.engine import Store
from journey.store.performing import Wanted, open_task
from tests.activities.ground import Ground, ScriptedChannel, ground
from tests.records import instant

MORNING = instant("2026-03-16 10:00")
Noted = tuple[str, float, dict[str, Any]]


class Notebook:
    """A meter that writes down what it is told."""

    def __init__(self) -> None:
        self.lines: list[Noted] = []
        self.names: list[str] = []

    def _create(self, name: str, description: str | None = None, unit: str | None = None) -> Any:
        self.names.append(name)
        notebook = self

        class Instrument:
            def add(self, value: float, labels: dict[str, Any] | None = None) -> None:
                notebook.lines.append((name, value, labels or {}))

            record = add

        return Instrument()

    create_counter = _create
    create_histogram_float = _create

    def of(self, name: str) -> list[tuple[float, dict[str, Any]]]:
        return [(value, labels) for noted, value, labels in self.lines if noted == name]


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


@pytest_asyncio.fixture
async def home(kernel_store: Store, tmp_path: Path, notebook: Notebook) -> Ground:
    """A signed home whose site writes its measures into the notebook."""
    made = await ground(kernel_store, tmp_path, MORNING)
    site = replace(made.site, measures=Measures(notebook))  # type: ignore[arg-type] # it has what is used
    made = replace(made, site=site)
    await made.start()
    return made


async def planned(home: Ground, *, later: timedelta = timedelta(0), told: Sequence[str] = ()) -> Step:
    command = PlanJourney(journey=home.journey, now=home.clock.instant + later, told=list(told), shown="")
    return await ActivityEnvironment().run(PlanningActivities(home.site).plan, command)


async def test_a_plan_and_the_verdicts_that_it_gives_are_measured_once(home: Ground, notebook: Notebook) -> None:
    await planned(home, later=timedelta(seconds=2))
    await planned(home, later=timedelta(seconds=3))

    verdicts = notebook.of("journey_verdict_seconds")
    assert [labels for _, labels in notebook.of("journey_plan_seconds")] == [{"by": "journey"}] * 2
    assert verdicts
    assert {labels["via"] for _, labels in verdicts} == {"sweeper"}
    assert all(2 <= seconds < 3 for seconds, _ in verdicts)


async def test_an_event_that_its_door_told_of_is_the_door_s(home: Ground, notebook: Notebook) -> None:
    answer = await home.doors.tell_journey(
        home.journey,
        {
            "id": "word", "type": "suggestion.raised", "source": "test", "occurred_at": MORNING.isoformat(),
            "data": {"text": "好"},
        },
    )  # fmt: skip

    await planned(home, told=[answer.event])

    assert "door" in {labels["via"] for _, labels in notebook.of("journey_verdict_seconds")}


async def at_rest(home: Ground) -> Step:
    """Make every move that is due; the plan after the last of them."""
    while moves := (await home.plan()).moves:
        rule = moves[0].key.split("/", 1)[0]
        if moves[0].kind is MoveKind.SEND:
            await home.send(rule, move=moves[0])
        else:
            now = home.clock.instant
            due = Wanted(home.journey, moves[0].key, moves[0].due, moves[0].seen, now, home.site.namespace_id)
            await home.store.write(open_task, due)
    return await planned(home)


async def test_how_late_a_journey_woke_counts_from_the_wake_it_was_given(home: Ground, notebook: Notebook) -> None:
    step = await at_rest(home)
    early = notebook.of("journey_wake_seconds")

    await planned(home, later=step.wake_at - home.clock.instant + timedelta(seconds=7))

    (late,) = notebook.of("journey_wake_seconds")[len(early) :]
    assert early == []
    assert 7 <= late[0] < 8


async def test_sends_are_counted_by_channel_and_outcome(home: Ground, notebook: Notebook) -> None:
    home = replace(home, channel=ScriptedChannel())
    await home.send("signing.keeper-welcome")

    ((count, labels),) = notebook.of("journey_messages")
    assert (count, labels["outcome"]) == (1, "sent")
    assert labels["channel"] in {"sms", "wechat", "email", "voice"}


def test_every_histogram_has_buckets_of_its_own(notebook: Notebook) -> None:
    Measures(notebook)  # type: ignore[arg-type] # it has what is used

    assert {name for name in notebook.names if name.endswith("_seconds")} == set(BUCKETS)
