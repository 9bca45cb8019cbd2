"""Persons who turn out to be one while a broadcast goes out: it reaches him once, and every home says how."""

from datetime import timedelta
from pathlib import Path

import pytest_asyncio
from sqlalchemy import select, update

from journey.adapters.channels import TemporaryFailure
from journey.store.engine import Store
from journey.store.tables import broadcasts, persons
from tests.activities.broadcast_ground import Announcer
from tests.activities.ground import ground
from tests.records import instant

BEFORE = instant("2026-09-01 10:00")
FEAST = instant("2026-09-25 09:00")


@pytest_asyncio.fixture
async def project(store: Store, tmp_path: Path) -> Announcer:
    """The project XN, one person known under two refs, a home under each."""
    found = Announcer(await ground(store, tmp_path, BEFORE), page=1)
    for unit, ref in (("3-1-1", "a"), ("3-1-2", "b")):
        await found.home(unit, ref)
    found.at(FEAST)
    return found


async def in_order(project: Announcer) -> tuple[str, str]:
    """The two refs as a broadcast meets them."""
    found = await project.ground.store.read(lambda s: s.execute(select(persons.c.ref).order_by(persons.c.id)).scalars())
    first, second = list(found)
    return first, second


async def merge(project: Announcer, keep: str, alias: str) -> None:
    await project.ground.doors.merge_persons(keep, {"alias": alias, "reason": "同一身份证"}, actor="clerk")


async def test_whoever_was_met_first_the_one_who_is_kept_is_not_met_again(project: Announcer) -> None:
    first, second = await in_order(project)
    broadcast = await project.moon()
    await project.take(broadcast)

    await merge(project, second, first)
    await project.run(broadcast)

    assert len(project.channel.taken) == 1
    assert await project.recipients(broadcast) == {second: "sent"}


async def test_a_home_that_comes_to_one_whom_the_pages_have_passed_is_still_met(project: Announcer) -> None:
    first, second = await in_order(project)
    broadcast = await project.moon()
    kept = await project.ground.store.read(
        lambda s: s.execute(select(persons.c.id).where(persons.c.ref == first)).scalar()
    )
    passed = update(broadcasts).values(cursor=kept)  # he had no home here when they came by
    await project.ground.store.write(lambda s: s.execute(passed) and None)

    await merge(project, first, second)
    await project.run(broadcast)

    assert len(project.channel.taken) == 1
    assert await project.recipients(broadcast) == {first: "sent"}


async def test_what_was_held_for_one_does_not_go_once_it_went_to_the_other(project: Announcer) -> None:
    first, second = await in_order(project)
    broadcast = await project.moon()
    project.channel.failures.append(TemporaryFailure("busy"))
    await project.take(broadcast)
    await project.take(broadcast)
    assert await project.recipients(broadcast) == {first: "held", second: "sent"}

    await merge(project, first, second)
    project.ground.clock.instant += timedelta(minutes=30)
    await project.run(broadcast)

    assert len(project.channel.taken) == 1
    assert await project.recipients(broadcast) == {first: "sent"}
    shown = [*await project.states("3-1-1"), *await project.states("3-1-2")]
    assert sorted(shown) == [("merged", "merged"), ("sent", None)]


async def test_of_two_that_are_held_one_goes_and_the_home_of_the_other_says_so(project: Announcer) -> None:
    first, second = await in_order(project)
    broadcast = await project.moon()
    for _ in range(2):
        project.channel.failures.append(TemporaryFailure("busy"))
        await project.take(broadcast)

    await merge(project, second, first)
    await project.run(broadcast)

    assert len(project.channel.taken) == 1
    assert await project.recipients(broadcast) == {second: "sent"}
    shown = [*await project.states("3-1-1"), *await project.states("3-1-2")]
    assert sorted(shown) == [("merged", "merged"), ("sent", None)]
