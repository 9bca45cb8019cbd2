"""A project's facts about places: what nobody can be told about waits until there is somebody."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from journey.domain.verdicts import Verdict
from journey.store import project_dates, project_judging
from journey.store import tables as t
from journey.store.engine import Store
from tests.activities.ground import Ground, ground
from tests.records import instant

MORNING = instant("2026-03-16 10:00")


@pytest_asyncio.fixture
async def home(store: Store, tmp_path: Path) -> Ground:
    """A project with one home, in building 3."""
    made = await ground(store, tmp_path, MORNING)
    await made.start(("subscription.signed",))
    await made.plan()
    return made


def topped_out(building: str) -> dict[str, Any]:
    return {
        "id": f"top-{building}", "type": "milestone.reached", "occurred_at": MORNING.isoformat(), "source": "test",
        "data": {"milestone": "topped-out", "on": "2026-03-16"}, "scope": {"building": building},
    }  # fmt: skip


def kept(session: Session) -> list[str]:
    milestones = session.execute(select(t.projects.c.milestones)).scalar_one()
    return [one["scope"]["building"] for one in milestones]


async def test_news_of_a_building_without_homes_waits_with_its_reason_until_one_is_sold_there(home: Ground) -> None:
    here = await home.doors.tell_project("XN", topped_out("3"))
    stray = await home.doors.tell_project("XN", topped_out("99"))

    assert here.verdict == Verdict.APPLIED
    assert (stray.verdict, (stray.reason or {}).get("code")) == (Verdict.PARKED, "unknown-building")
    assert await home.store.read(kept) == ["3"]

    await home.store.write(lambda session: session.execute(update(t.units).values(building="99")))
    (project,) = await home.store.read(project_judging.projects_waiting)
    await home.store.write(project_judging.judge_project, project, MORNING)

    assert "99" in await home.store.read(kept)


async def test_of_two_facts_told_at_once_each_is_judged_with_the_other(
    home: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    refold = project_dates.refold_project

    def slow(*told: Any) -> Any:
        time.sleep(0.3)  # what the other one tells is there before this one is through
        return refold(*told)

    monkeypatch.setattr(project_judging, "refold_project", slow)
    other = topped_out("3") | {"id": "roof-3", "data": {"milestone": "scaffold-down", "on": "2026-03-16"}}

    answers = await asyncio.gather(*(home.doors.tell_project("XN", told) for told in (topped_out("3"), other)))

    assert [one.verdict for one in answers] == [Verdict.APPLIED, Verdict.APPLIED]
    assert await home.store.read(kept) == ["3", "3"]
