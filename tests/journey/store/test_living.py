"""What planning reads of life in a home: birthdays without a year, the place in the batch, whom a greeting names."""

from pathlib import Path

import pytest_asyncio
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from journey.domain.record import Place
from journey.domain.saying import said
from journey.store import tables as t
from journey.store.engine import Store
from journey.store.queries import journey_view
from journey.store.reading import journey_row, read_journey
from journey.store.recipients import addressed_to
from journey.store.shelf import Shelf
from tests.activities.ground import Ground, ground
from tests.records import instant

MORNING = instant("2026-07-01 10:00")
OWNER = {"ref": "zw", "name": "张伟", "phone": "13800138000", "birthday": "1988-08-08"}


@pytest_asyncio.fixture
async def home(store: Store, tmp_path: Path) -> Ground:
    """A home that was handed over today, on each engine; one owner's birthday is known, the other's is not."""
    made = await ground(store, tmp_path, MORNING)
    await made.start(("handover.accepted",), owners=[OWNER, {"ref": "ln", "name": "李娜"}])
    return made


def put_into_batch(session: Session) -> int:
    """The home and nine others in one batch; how many of them come before it by their ids."""
    unit = session.execute(select(t.units)).one()
    batch = {"id": "bat_1", "project_id": unit.project_id, "code": "9", "buildings": ["9"], "dates": {}}
    session.execute(insert(t.batches), batch)
    others = [f"unt_{number}{number}" for number in range(9)]
    rows = [{"id": i, "project_id": unit.project_id, "code": i, "building": "9", "batch_id": "bat_1"} for i in others]
    session.execute(insert(t.units), rows)
    session.execute(update(t.units).where(t.units.c.id == unit.id).values(batch_id="bat_1"))
    return sum(other < unit.id for other in others)


async def test_birthdays_are_read_as_month_and_day_only(home: Ground) -> None:
    def birthdays(session: Session, shelf: Shelf) -> list[tuple[int, int]]:
        return list(read_journey(session, journey_row(session, home.journey), shelf).record.birthdays.values())

    assert await home.store.read(birthdays, home.site.shelf) == [(8, 8)]


async def test_the_place_of_a_home_in_its_batch_is_read_once_it_is_handed_over(home: Ground) -> None:
    def place(session: Session, shelf: Shelf) -> Place | None:
        return read_journey(session, journey_row(session, home.journey), shelf).record.batch.place

    alone = await home.store.read(place, home.site.shelf)
    rank = await home.store.write(put_into_batch)

    assert alone is None
    assert await home.store.read(place, home.site.shelf) == Place(rank, 10)


async def test_the_birthday_stands_in_no_reason_no_journal_line_and_nothing_that_temporal_shows(home: Ground) -> None:
    plan = await home.plan()

    (greeting,) = [item for item in plan.agenda if item.rule == "occupancy.birthday"]
    lines = await home.store.read(lambda session: [dict(row.params) for row in session.execute(select(t.journal))])
    assert greeting.due == instant("2026-08-08 09:00")
    assert "08-08" not in str(lines)
    assert "08-08" not in str([reason.document() for item in plan.agenda for reason in item.because])


async def test_a_journey_shows_its_ledgers(home: Ground) -> None:
    home.clock.instant = instant("2026-07-02 10:00")
    await home.tell("suggestion.raised", text="多种树")
    await home.plan()

    shown = await home.store.read(journey_view, home.journey, now=home.clock.instant)

    assert shown["ledgers"]["counts"]["suggestions"] == 1


def test_an_item_goes_to_all_owners_to_the_one_whom_it_names_or_to_the_first() -> None:
    people = ["psn_1", "psn_2"]

    assert addressed_to({"recipients": "owners"}, people) == people
    assert addressed_to({"recipients": "named", "params": {"person": "psn_2"}}, people) == ["psn_2"]
    assert addressed_to({"recipients": "named", "params": {"person": "psn_9"}}, people) == []
    assert addressed_to({"recipients": "primary"}, people) == ["psn_1"]


def test_a_route_is_said_in_the_language_of_its_reader() -> None:
    params = {"route": [{"zh": "物业客服", "en": "Property customer service", "by": ["wang"]}]}

    assert said(params, "zh")["route"] == ["物业客服(wang)"]
    assert said(params, "en")["route"] == ["Property customer service (wang)"]
    assert said({}, "zh")["valid_until"] is None
