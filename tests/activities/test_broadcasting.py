"""A broadcast reaches each person once, decided one by one, whatever breaks off in between."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from journey.adapters.channels import PermanentFailure, TemporaryFailure, UnknownOutcome
from journey.store.broadcasts import due_broadcasts
from journey.store.tables import journal, messages
from tests.activities.broadcast_ground import FEAST, NEWS, Announcer, homes
from tests.records import instant


async def test_everybody_is_greeted_once_and_each_timeline_tells_of_it(project: Announcer) -> None:
    journeys = await homes(project, 3)

    pages = await project.run(await project.moon())

    assert [page.sent for page in pages] == [3, 0, 0]
    assert len(project.channel.taken) == 3
    assert await project.states("3-1-1") == [("sent", None)]
    lines = await project.ground.store.read(
        lambda s: s.execute(select(journal.c.code).where(journal.c.journey_id == journeys[1])).scalars().all()
    )
    assert lines[-1] == "message.sent"


async def test_pages_end_where_they_should_and_nobody_is_met_twice(project: Announcer) -> None:
    await homes(project, 5)
    project.page = 2

    pages = await project.run(await project.moon())

    assert [page.met for page in pages] == [2, 2, 1, 0, 0]
    assert len(project.channel.calls) == 5


async def test_one_person_with_two_homes_gets_one_greeting_that_both_show(project: Announcer) -> None:
    for unit in ("3-1-1", "3-1-2"):
        await project.home(unit, "zw")
    project.at(FEAST)

    await project.run(await project.moon())

    assert len(project.channel.calls) == 1
    assert await project.states("3-1-1") == [("sent", None)]
    assert await project.states("3-1-2") == [("merged", "merged")]


async def test_a_broadcast_that_is_asked_for_twice_is_one(project: Announcer) -> None:
    await homes(project, 1)
    first = await project.moon()
    await project.run(first)

    again = await project.moon()

    assert again == first
    assert (await project.take(again)).over
    assert len(project.channel.calls) == 1


async def test_what_was_reserved_when_the_worker_died_is_asked_again_under_the_same_key(project: Announcer) -> None:
    await homes(project, 3)
    broadcast = await project.moon()
    project.channel.dies = 2  # the provider took two messages, and nobody heard of it

    await project.run(broadcast)

    assert len(project.channel.taken) == 3
    assert await project.messages() == ["sent"] * 3
    assert set((await project.recipients(broadcast)).values()) == {"sent"}


async def test_a_kill_between_reserving_and_recording_repeats_nothing(project: Announcer) -> None:
    await homes(project, 3)
    broadcast = await project.moon()
    with pytest.raises(asyncio.CancelledError):
        await project.killed(broadcast)
    assert await project.messages() == ["reserved"] * 3

    await project.run(broadcast)

    assert len(project.channel.calls) == len(project.channel.taken) == 3
    assert await project.messages() == ["sent"] * 3


async def test_without_keys_at_the_provider_a_broken_off_send_ends_unknown(here: Announcer) -> None:
    await homes(here, 2)
    here.channel.takes_keys = False
    broadcast = await here.moon()
    with pytest.raises(asyncio.CancelledError):
        await here.killed(broadcast)

    await here.run(broadcast)

    assert here.channel.calls == []
    assert await here.messages() == ["unknown"] * 2
    assert await here.states("3-1-0") == [("unknown", "provider-silent")]


async def test_a_consent_withdrawn_after_the_reserving_ends_a_broken_off_send_unknown(here: Announcer) -> None:
    await homes(here, 1)
    broadcast = await here.moon()
    with pytest.raises(asyncio.CancelledError):
        await here.killed(broadcast)
    await here.ground.tell("consent.withdrawn", person="ref-3-1-0", purpose="care", evidence="电话")

    await here.run(broadcast)

    assert here.channel.calls == []
    assert await here.states("3-1-0") == [("unknown", "no-longer-allowed")]


async def test_who_withdrew_consent_is_not_greeted_and_not_later_either(project: Announcer) -> None:
    await homes(project, 2)
    project.at(instant("2026-09-20 10:00"))
    await project.ground.tell("consent.withdrawn", person="ref-3-1-1", purpose="care", evidence="电话")
    project.at(FEAST)
    broadcast = await project.moon()
    await project.take(broadcast)
    await project.ground.tell("consent.given", person="ref-3-1-1", purpose="care", evidence="电话")

    await project.run(broadcast)

    assert await project.states("3-1-1") == [("suppressed", "no-consent")]
    assert await project.recipients(broadcast) == {"ref-3-1-0": "sent", "ref-3-1-1": "suppressed"}


@pytest.mark.parametrize(
    ("stops", "reason"),
    [
        ({"open-complaint": True}, "open-complaint"),
        ({"delay-case": True}, "delay-case"),
        ({"recent-emergency": instant("2026-09-23 09:00").isoformat()}, "recent-emergency"),
    ],
)
async def test_what_stands_on_another_home_of_a_person_stops_his_greeting(
    here: Announcer, stops: dict[str, Any], reason: str
) -> None:
    for unit in ("3-1-1", "3-1-2"):
        await here.home(unit, "zw")
    await here.stop("3-1-2", stops)
    here.at(FEAST)

    await here.run(await here.moon())

    assert await here.states("3-1-1") == [("suppressed", reason)]


async def test_an_emergency_of_four_days_ago_stops_nothing(here: Announcer) -> None:
    await here.home("3-1-1")
    await here.stop("3-1-1", {"recent-emergency": instant("2026-09-21 09:00").isoformat()})
    here.at(FEAST)

    await here.run(await here.moon())

    assert await here.states("3-1-1") == [("sent", None)]


async def test_news_of_the_building_go_without_consent_and_past_every_stop(project: Announcer) -> None:
    await project.home("3-1-1", consents=[])
    await project.home("5-1-1")
    await project.stop("3-1-1", {"delay-case": True})
    project.at(FEAST)

    await project.run(await project.news())

    assert await project.states("3-1-1", NEWS) == [("sent", None)]
    assert await project.states("5-1-1", NEWS) == []
    assert "主体封顶、落架" in project.channel.calls[0].body


async def test_an_owner_abroad_is_greeted_on_his_own_morning(project: Announcer) -> None:
    await project.home("3-1-1", zone="America/New_York")
    await project.home("3-1-2")
    project.at(FEAST)
    broadcast = await project.moon()

    pages = await project.run(broadcast, wait=False)

    assert await project.states("3-1-2") == [("sent", None)]
    assert await project.states("3-1-1") == [("held", "not-yet")]
    assert FEAST + timedelta(seconds=pages[-1].pause) == instant("2026-09-25 09:00", "America/New_York")
    assert await project.ground.store.read(due_broadcasts, FEAST) == {}
    assert await project.ground.store.read(due_broadcasts, FEAST + timedelta(hours=12)) == {broadcast: False}
    await project.run(broadcast)
    assert await project.states("3-1-1") == [("sent", None)]
    assert (await project.row(broadcast)).state == "closed"


async def test_news_wait_for_the_end_of_quiet_hours_where_the_owner_lives(here: Announcer) -> None:
    await here.home("3-1-1", zone="Europe/London")
    here.at(FEAST)
    broadcast = await here.news()

    await here.run(broadcast, wait=False)

    assert await here.states("3-1-1", NEWS) == [("held", "quiet-hours")]
    await here.run(broadcast)
    message = await here.ground.store.read(lambda s: s.execute(select(messages)).one())
    assert message.sent_at == instant("2026-09-25 08:00", "Europe/London")


async def test_a_greeting_that_an_outage_delayed_past_its_hours_is_not_sent(here: Announcer) -> None:
    await homes(here, 1)
    broadcast = await here.moon()
    here.at(instant("2026-09-25 15:00"))

    await here.run(broadcast)

    assert await here.states("3-1-0") == [("suppressed", "window-closed")]


async def test_who_joins_after_the_opening_is_missed(project: Announcer) -> None:
    await homes(project, 1)
    broadcast = await project.moon()
    project.at(FEAST + timedelta(minutes=1))
    await project.home("3-1-9")

    await project.run(broadcast)

    assert await project.states("3-1-9") == [("missed", "joined-later")]
    assert await project.recipients(broadcast) == {"ref-3-1-0": "sent", "ref-3-1-9": "missed"}


async def test_a_failing_provider_holds_some_and_keeps_nobody_else(project: Announcer) -> None:
    await homes(project, 4)
    project.channel.failures = [TemporaryFailure("down"), PermanentFailure("blocked"), UnknownOutcome("silent")]
    broadcast = await project.moon()

    await project.take(broadcast)

    # The one that was refused looks for another channel first, and has none.
    assert sorted((await project.recipients(broadcast)).values()) == ["held", "held", "held", "sent"]
    await project.run(broadcast)
    assert sorted((await project.recipients(broadcast)).values()) == ["failed", "sent", "sent", "sent"]
    assert len(project.channel.taken) == 3


async def test_a_provider_that_names_an_hour_is_not_called_before_it(here: Announcer) -> None:
    await homes(here, 1)
    here.channel.failures = [TemporaryFailure("http-429", timedelta(minutes=9))]
    broadcast = await here.moon()

    pages = await here.run(broadcast, wait=False)

    assert pages[-1].pause == 9 * 60
    assert len(here.channel.calls) == 1


@pytest.mark.parametrize("again", [False, True])
async def test_a_page_takes_as_many_statements_for_many_as_for_few(here: Announcer, again: bool) -> None:
    await homes(here, 4)
    asked: list[str] = []

    def note(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    counts = []
    for page, occurrence in ((1, "a"), (4, "b")):
        here.page, here.channel.failures = page, [TemporaryFailure("down")] * (4 if again else 0)
        broadcast = await here.news(occurrence=occurrence)
        if again:
            pages = await here.run(broadcast, wait=False)
            here.ground.clock.instant += timedelta(seconds=pages[-1].pause)
        engine = here.ground.store._write_engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            assert (await here.take(broadcast)).met == page
        finally:
            event.remove(engine, "before_cursor_execute", note)
        counts.append(len(asked))
        asked.clear()

    assert counts[0] == counts[1]


async def test_trouble_that_nobody_foresaw_holds_one_recipient(here: Announcer) -> None:
    await homes(here, 2)
    here.channel.failures = [ZeroDivisionError()]
    broadcast = await here.moon()

    await here.take(broadcast)

    assert sorted((await here.recipients(broadcast)).values()) == ["held", "sent"]


async def test_a_feast_of_the_seniors_is_theirs_alone(project: Announcer) -> None:
    await project.home("3-1-1", tags=["senior"])
    tagged = await project.home("3-1-2")
    await project.ground.tell("tag.added", tag="留守老人")
    await project.ground.plan()
    await project.home("3-1-3")
    project.at(FEAST)

    broadcast = await project.moon(tags=["senior"])
    await project.run(broadcast)

    assert tagged
    assert await project.recipients(broadcast) == {"ref-3-1-1": "sent", "ref-3-1-2": "sent"}


async def test_a_home_that_was_cancelled_while_its_owner_was_held_is_not_told_any_more(here: Announcer) -> None:
    await here.home("3-1-1", zone="Europe/London")
    here.at(FEAST)
    broadcast = await here.news()
    await here.run(broadcast, wait=False)
    await here.ground.tell("contract.cancelled", on="2026-09-25", reason="退房")
    await here.ground.plan()

    await here.run(broadcast)

    assert here.channel.calls == []
    assert await here.states("3-1-1", NEWS) == [("withdrawn", "not-asked")]


async def test_planning_leaves_what_a_broadcast_holds_alone(here: Announcer) -> None:
    await here.home("3-1-1", zone="Europe/London")
    here.at(FEAST)
    broadcast = await here.news()
    await here.run(broadcast, wait=False)

    plan = await here.ground.plan()

    assert await here.states("3-1-1", NEWS) == [("held", "quiet-hours")]
    assert not [move for move in plan.moves if move.key.startswith(NEWS)]


async def test_a_worker_of_another_temporal_sends_nothing(here: Announcer) -> None:
    await homes(here, 1)
    here.ground.site.namespace_id = "another"
    broadcast = await here.moon()

    page = await here.take(broadcast)

    assert page.over
    assert here.channel.calls == []
