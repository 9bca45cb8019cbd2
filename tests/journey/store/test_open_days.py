"""Open days as a journey reads them: the project's events, for the homes that they concern."""

from pathlib import Path
from typing import Any

import pytest_asyncio
from sqlalchemy.orm import Session

from journey.domain.verdicts import Verdict
from journey.store import changes
from journey.store.engine import Store
from journey.store.reading import Reading, journey_row, read_journey
from tests.activities.ground import Ground, ground
from tests.records import instant

MORNING = instant("2026-03-10 10:00")
AM = {"id": "am", "from": "2026-03-28T09:30:00+08:00", "to": "2026-03-28T11:30:00+08:00", "capacity": 40}


@pytest_asyncio.fixture
async def home(store: Store, tmp_path: Path) -> Ground:
    """A project with the home 3-1-1202, whose contract is signed."""
    made = await ground(store, tmp_path, MORNING)
    await made.start(facts=[])
    await made.tell("contract.signed", on="2026-03-10", contract_handover_date="2027-06-30")
    return made


async def told(home: Ground, kind: str, ident: str, data: dict[str, Any], **more: Any) -> str:
    """Tell the project; the verdict."""
    body = {"id": ident, "type": kind, "occurred_at": MORNING.isoformat(), "data": data, **more}
    return (await home.doors.tell_project("XN", body)).verdict


async def read(home: Ground) -> Reading:
    """The journey as planning reads it."""

    def reading(session: Session) -> Reading:
        return read_journey(session, journey_row(session, home.journey), home.site.shelf)

    return await home.store.read(reading)


async def test_a_home_reads_the_open_days_of_its_building_and_what_may_be_named(home: Ground) -> None:
    await told(home, "open_day.planned", "ours", {"id": "look", "sessions": [AM]}, scope={"building": "3"})
    await told(home, "open_day.planned", "theirs", {"id": "other", "sessions": [AM]}, scope={"building": "9"})

    record = (await read(home)).record

    assert [open_day.id for open_day in record.open_days] == ["look"]
    assert record.known >= {"look", "am"}
    assert "other" not in record.known


async def test_what_was_voided_is_not_read_and_the_homes_are_planned_again(home: Ground) -> None:
    await told(home, "open_day.planned", "ours", {"id": "look", "sessions": [AM]})
    first = await home.store.read(changes.open_changes)
    await told(home, "event.voided", "void", {"event_id": "ours", "reason": "x"})
    second = await home.store.read(changes.open_changes)

    assert (await read(home)).record.open_days == ()
    assert len(first) == len(second) == 1
    assert first != second  # the later word has the last one


async def test_an_rsvp_told_before_the_plan_waits_for_it(home: Ground) -> None:
    await home.tell("open_day.rsvp", person="zw", open_day="look", session="am")
    before = await home.plan()
    await told(home, "open_day.planned", "ours", {"id": "look", "sessions": [AM]})
    after = await home.plan()

    (rsvp,) = [one.id for one in (await read(home)).record.events if one.type == "open_day.rsvp"]
    assert (before.opinions[rsvp].verdict, after.opinions[rsvp].verdict) == (Verdict.PARKED, Verdict.APPLIED)
    assert any(item.rule == "pre-handover.open-day-reminder" for item in after.agenda)


async def test_a_move_of_a_planned_open_day_is_applied_and_of_an_unknown_one_parked(home: Ground) -> None:
    await told(home, "open_day.planned", "ours", {"id": "look", "sessions": [AM]})
    later = {**AM, "from": "2026-04-11T09:30:00+08:00", "to": "2026-04-11T11:30:00+08:00"}

    assert await told(home, "open_day.moved", "m1", {"open_day": "look", "sessions": [later]}) == "applied"
    assert await told(home, "open_day.moved", "m2", {"open_day": "nowhere", "sessions": [later]}) == "parked"
    assert (await read(home)).record.open_days[0].begins == instant("2026-04-11 09:30")


async def test_other_news_of_the_project_plans_nobody_again_for_its_open_days(home: Ground) -> None:
    await told(home, "open_day.planned", "ours", {"id": "look", "sessions": [AM]})
    opened = await home.store.read(changes.open_changes)

    await told(home, "milestone.reached", "top", {"milestone": "topped-out", "on": "2026-03-09"})

    assert await home.store.read(changes.open_changes) == opened
