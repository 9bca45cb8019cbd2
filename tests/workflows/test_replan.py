"""A shared fact that changed moves the agendas of running journeys (`kernel.md` §8)."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from temporalio.testing import ActivityEnvironment

import worker
from activities.replanning import ReplanActivities
from journey.adapters.calendars import load_calendar
from journey.contracts.replanning import Change
from journey.domain.asking import message
from journey.domain.calendar import WorkCalendar
from journey.domain.facts import Facts
from journey.domain.items import WhenMoved
from journey.domain.numbers.base import Numbers
from journey.domain.numbers.signing import SigningNumbers
from journey.domain.periods import Period
from journey.domain.rules import RULES, Items, rule
from journey.settings import Settings
from journey.store import changes, installation
from journey.store.engine import Store
from journey.store.queries import warranty_view
from journey.store.shelf import publish_calendar, publish_pack
from journey.store.tables import agenda, entries, episodes, journeys, units
from journey.store.tables import changes as change_rows
from tests.engine import TestEngine, engine
from tests.packs import BUILT_IN, POLICIES, copy_policies, spoil, test_pack
from tests.workflows.runs import SIGNED, SUBSCRIBED, eventually, lines, settled

pytestmark = pytest.mark.server

FILING = "signing.filing"


@pytest_asyncio.fixture
async def home(kernel_store: Store, tmp_path: Path) -> AsyncIterator[TestEngine]:
    """A running engine with a cache: batches and journeys share its clock (`tests.engine.engine`)."""
    async with engine(kernel_store, tmp_path, cached=50) as running:
        yield running


def dues(session: Session, journey: str) -> dict[str, datetime]:
    """When the items of an agenda are due, by rule and, for notices, component and rung."""
    document = session.execute(select(agenda.c.document).where(agenda.c.scope_id == journey)).scalar_one()
    return {
        item["rule"]
        if item["occurrence"] == "once"
        else f"{item['rule']}/{item['occurrence']}": datetime.fromisoformat(item["due"])
        for item in document["items"]
    }


async def replanned(home: TestEngine) -> Any:
    """Sweep until every change is through; the rows of the changes."""

    async def through() -> bool:
        await home.sweeper.sweep()
        return not await home.store.read(changes.open_changes)

    await eventually(through)
    return await home.store.read(lambda session: session.execute(select(change_rows)).all())


async def tell_batch(home: TestEngine, ident: str, **dates: str) -> None:
    """Tell the project of batch 3 with building 3."""
    now = await home.now()
    window = {"handover_from": await home.today(30), "handover_to": await home.today(40)}
    data = {"batch": "3", "buildings": ["3"], **window, **dates}
    event = {"id": ident, "type": "batch.planned", "occurred_at": now.isoformat(), "data": data, "source": "test"}
    await home.doors.tell_project("XN", event)


async def test_a_batchs_completion_date_completes_the_ledger_of_its_journeys(home: TestEngine) -> None:
    await tell_batch(home, "planned")
    journey = await home.start(facts=SIGNED)
    await home.tell(journey, "handover.accepted", id="keys")
    await home.move(minutes=1)
    before = await home.states(journey)

    await tell_batch(home, "completed", completion_accepted_on=await home.today(-20))
    rows = await replanned(home)
    await home.sweeper.sweep()
    await home.move(minutes=1)

    assert before["warranty.ledger"] == "open"
    assert (await home.states(journey))["warranty.ledger"] == "done"
    assert [row.kind for row in rows if row.planned == 1][-1] == "batch"


@pytest.mark.slow  # without a cache the test server loses a task of one of two journeys for ten seconds
async def test_a_change_of_another_batch_leaves_a_journey_alone(home: TestEngine) -> None:
    await home.start(facts=SIGNED)
    other = await home.start("5-1-101", facts=SUBSCRIBED)
    await home.move(minutes=1)
    before = await home.row(other)

    await tell_batch(home, "planned")
    await replanned(home)

    assert (await home.row(other)).revision == before.revision


async def test_a_new_pack_version_with_a_longer_period_moves_the_due_and_the_stale_alarm_does_no_harm(
    home: TestEngine,
) -> None:
    journey = await home.start(facts=SIGNED)
    await home.move(minutes=1)
    before = await home.store.read(dues, journey)

    await home.store.write(publish_below_the_law, "60d", await home.now())
    rows = await replanned(home)
    after = await home.store.read(dues, journey)
    poked = sum(row.poked for row in rows)
    await home.move(days=40)
    waiting = (await home.states(journey)).get(FILING, "planned")
    await home.move(days=30)

    assert after[FILING] - before[FILING] > timedelta(days=25)
    assert poked == 0
    assert waiting == "planned"
    assert (await home.states(journey))[FILING] == "escalated"
    assert set((await home.store.read(lines, journey, "entry.open")).values()) == {1}


async def test_a_new_pack_version_with_a_shorter_period_pokes_the_journey_to_act_earlier(
    home: TestEngine, tmp_path: Path
) -> None:
    journey = await home.start(facts=SIGNED)
    await home.move(minutes=1)

    await publish(home, tmp_path, "within: 30d  # L✔ 开发条例26", "within: 3d  # L✔ 开发条例26")
    rows = await replanned(home)
    await home.sweeper.sweep()
    await settled(home, journey)
    await home.move(days=5)

    assert sum(row.poked for row in rows) == 1
    assert (await home.states(journey))[FILING] == "escalated"


async def test_a_rule_that_asks_otherwise_in_a_new_build_moves_what_is_ahead_and_one_that_is_gone_leaves_its_entry(
    home: TestEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    journey = await home.start(facts=SIGNED)
    await home.move(minutes=1)
    before = await home.store.read(dues, journey)

    rule = RULES[FILING]

    def sooner(j: Facts, n: Numbers) -> Items:
        return (replace(ask, last=ask.last - timedelta(days=14)) for ask in rule.function(j, n))

    monkeypatch.setitem(RULES, FILING, replace(rule, function=sooner))
    monkeypatch.delitem(RULES, "signing.service-callback")
    await home.store.write(changes.record_change, "calendar", {"country": "cn"}, await home.now())
    await replanned(home)
    await home.sweeper.sweep()
    await settled(home, journey)

    assert (await home.store.read(dues, journey))[FILING] < before[FILING]
    # A build that does not know a rule leaves its entry alone.
    assert (await home.states(journey))["signing.service-callback"] == "open"


async def test_a_new_holiday_pulls_what_falls_on_it(home: TestEngine) -> None:
    journey = await home.start(facts=SIGNED)
    await home.move(minutes=1)
    before = (await home.store.read(dues, journey))[FILING]

    holiday = (before + timedelta(hours=8)).date()
    now = await home.now()
    assert await home.store.write(publish_calendar, with_holiday(holiday.isoformat()), now)
    await home.store.write(changes.record_change, "calendar", {"country": "cn"}, now)
    await replanned(home)
    after = (await home.store.read(dues, journey))[FILING]

    assert after < before
    assert (after + timedelta(hours=8)).date() < holiday


async def test_a_change_is_not_used_up_by_a_temporal_that_the_store_has_left(home: TestEngine) -> None:
    journey = await home.start(facts=SIGNED)
    change = await home.store.write(changes.record_change, "calendar", {"country": "cn"}, await home.now())
    await home.store.write(installation.connect_to, "another", await home.now())
    stranger = ReplanActivities(replace(home.site, namespace_id="another"))

    page = await ActivityEnvironment().run(stranger.page, Change(change=change))

    assert (page.planned, page.more) == (0, False)
    assert await home.store.read(changes.open_changes) == [change]
    assert (await replanned(home))[0].planned == 1
    await settled(home, journey)  # a plan amid the first moves marks it; the one after those moves clears the mark


async def test_publishing_the_same_policies_again_plans_nobody(home: TestEngine, tmp_path: Path) -> None:
    await home.start(facts=SUBSCRIBED)

    await worker.publish_policies(home.store, Settings(home=tmp_path), await home.now())

    assert await home.store.read(changes.open_changes) == []


async def test_a_hundred_and_fifty_journeys_are_replanned_page_by_page(home: TestEngine) -> None:
    journey = await home.start(facts=SUBSCRIBED)
    await home.store.write(copies, journey, 150)

    await home.store.write(changes.record_change, "calendar", {"country": "cn"}, await home.now())
    rows = await replanned(home)

    assert rows[-1].planned == 151


async def test_a_batch_moved_twice_before_anybody_was_planned_again_is_planned_once_with_the_last_date(
    home: TestEngine,
) -> None:
    journey = await home.start(facts=SIGNED)
    await home.tell(journey, "handover.accepted", id="keys")
    await home.move(minutes=1)

    await tell_batch(home, "first", completion_accepted_on=await home.today(-20))
    await tell_batch(home, "second", completion_accepted_on=await home.today(-10))
    rows = await replanned(home)
    await home.sweeper.sweep()
    await home.move(minutes=1)

    through = [row for row in rows if row.kind == "batch"]
    assert sorted((row.planned, row.superseded_by is None) for row in through) == [(0, False), (1, True)]
    assert (await home.states(journey))["warranty.ledger"] == "done"
    warranty = await home.store.read(warranty_view, journey)
    assert {cover["contractor_ends"] is None for cover in warranty if cover["component"] == "wet-room"} == {False}


async def test_a_batch_moved_twice_within_a_minute_is_told_to_its_owners_once(home: TestEngine, moving: str) -> None:
    await tell_batch(home, "planned", handover_from=await home.today(31), handover_to=await home.today(40))
    journey = await home.start(facts=SIGNED)
    await home.move(days=2)
    before = await texts(home, journey, moving)

    for ident, days in (("first", 60), ("second", 80)):
        await tell_batch(home, ident, handover_from=await home.today(days), handover_to=await home.today(90))
        await replanned(home)
        await home.sweeper.sweep()
        await settled(home, journey)
        await home.move(seconds=20)
    lasts = await home.today(80)
    await home.move(days=2)

    told = await texts(home, journey, moving)
    assert [text["moved_to"] for text in before] == [None]
    assert [text["moved_to"] for text in told] == [None, lasts]
    assert len(home.sent()) == len(set(home.sent()))


@pytest.fixture
def moving() -> Iterator[str]:
    """A rule that announces: a text thirty days before the batch's handover begins; its id."""
    known = dict(RULES)

    @rule("signing.moving-announce", zh="测试", since="2026.1")
    def ask(j: Facts, n: SigningNumbers) -> Items:
        starts = j.record.batch.handover_from
        if starts:
            last = j.after(starts, Period(days=-30))
            params = {"template": "signing.keeper-welcome"}
            yield message(j.episode, starts, last, Period(days=60), when_moved=WhenMoved.ANNOUNCE, params=params)

    yield "signing.moving-announce"
    RULES.clear()
    RULES.update(known)


async def texts(home: TestEngine, journey: str, rule_id: str) -> list[dict[str, Any]]:
    """What went out by a rule, in order: the date that an announcement named, None for the text itself."""
    rows = await home.store.read(
        lambda session: session.execute(
            select(entries.c.item, entries.c.state)
            .where(entries.c.scope_id == journey, entries.c.key.startswith(rule_id))
            .order_by(entries.c.at)
        ).all()
    )
    return [{"moved_to": row.item["params"].get("moved_to")} for row in rows if row.state in ("sent", "delivered")]


def with_holiday(day: str) -> WorkCalendar:
    """The calendar of China with one more public holiday."""
    document = load_calendar("cn", POLICIES / "calendars").to_document()
    years = document["years"]
    years.setdefault(day[:4], {"provisional": False, "off": {}, "work": []})["off"][day] = "新假日"
    years[day[:4]]["work"] = [made_up for made_up in years[day[:4]]["work"] if made_up != day]
    return WorkCalendar.from_document(document)


async def publish(home: TestEngine, folder: Path, old: str, new: str) -> None:
    """Publish the shipped pack with one place changed."""
    (folder / "changed").mkdir()
    policies = copy_policies(folder / "changed")
    spoil(policies / BUILT_IN / "pack.yaml", old, new)
    await worker.publish_policies(home.store, Settings(home=folder, policies=policies), await home.now())


def publish_below_the_law(session: Session, within: str, now: datetime) -> None:
    """Publish a longer period for the filing than a folder may hold, as local law might allow it."""
    changed = test_pack(**{"signing.filing.within": within})
    name = changed.pack.pack
    publish_pack(session, name=name, content_hash=changed.hash, document=changed.document, now=now)
    changes.record_change(session, "pack", {"pack": name, "overlays": []}, now)


def copies(session: Session, journey: str, count: int) -> None:
    """Journeys without owners or facts beside the first one."""
    row = session.execute(select(journeys).where(journeys.c.id == journey)).one()._mapping
    ids = [f"{number:04}" for number in range(count)]
    home = session.execute(select(units).where(units.c.id == row["unit_id"])).one()._mapping
    session.execute(insert(units), [{**home, "id": f"unt_{one}", "code": f"3-{one}"} for one in ids])
    begun = {"kind": "first-sale", "created_at": row["started_at"]}
    session.execute(insert(episodes), [{"id": f"epi_{one}", "unit_id": f"unt_{one}", **begun} for one in ids])
    copied = [
        {**row, "id": f"jrn_{one}", "episode_id": f"epi_{one}", "unit_id": f"unt_{one}", "stale_since": None}
        for one in ids
    ]
    session.execute(insert(journeys), copied)
