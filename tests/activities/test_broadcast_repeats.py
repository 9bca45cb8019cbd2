"""What a broadcast owes goes once more to whom it did not reach: by the next channel, decided again, once."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from journey.adapters.channels import UnknownOutcome
from journey.domain.broadcasts import BroadcastOrder
from journey.domain.receipts import Receipt
from journey.domain.values import Failure, MessageClass, ReceiptState
from journey.store import broadcast_control, broadcast_report, hooks, receipts
from journey.store.broadcast_control import Command
from journey.store.broadcast_report import Wanted
from journey.store.broadcasts import due_broadcasts
from journey.store.receipts import Call
from journey.store.tables import broadcast_recipients, broadcasts, messages
from journey.store.tables import hooks as doors
from tests.activities.broadcast_ground import MOON, NEWS, Announcer
from tests.activities.ground import ScriptedChannel

TWO_WAYS = {"phone": "13800138000", "wechat": "wx-1"}


async def news_to(project: Announcer, **owner: Any) -> str:
    """News that one owner was sent by SMS, and that is over."""
    await project.home("3-1-1", **(TWO_WAYS | owner))
    broadcast = await project.news()
    await project.run(broadcast)
    return broadcast


async def told(project: Announcer, state: str = "failed", *, of: int = 0, **more: Any) -> None:
    """A receipt of the so-manyeth message that went out."""
    project.ground.clock.instant += timedelta(minutes=1)
    now, store = project.ground.clock.instant, project.ground.store
    if not await store.read(lambda session: session.execute(select(doors)).first()):
        await store.write(hooks.add_hook, "carrier", now, kind="receipts", dialect="standard", provider="scripted")
    hook = await store.read(hooks.find_hook, "carrier")
    receipt = Receipt(ReceiptState(state), now, "scripted", key=(await sends(project))[of].key, **more)
    call = Call(hook, f"call-{state}-{of}-{hash(str(more))}", "0" * 64)
    await store.write(receipts.keep, call, [receipt], now, now)


async def sends(project: Announcer) -> list[Any]:
    """The outbox, in the order of reserving."""
    query = select(messages).order_by(messages.c.reserved_at, messages.c.key)
    return await project.ground.store.read(lambda session: list(session.execute(query)))


async def ways(project: Announcer) -> list[tuple[str, str]]:
    return [(one.channel, one.state) for one in await sends(project)]


async def report(project: Announcer, broadcast: str) -> dict[str, Any]:
    page = await project.ground.store.read(broadcast_report.recipients, broadcast, Wanted(lang="en"))
    (found,) = page.data
    return found


async def test_what_the_carrier_gives_back_goes_again_by_the_next_channel(project: Announcer) -> None:
    broadcast = await news_to(project)
    assert (await project.row(broadcast)).state == "closed"

    await told(project, code="x", failure=Failure.REFUSED)
    due = await project.ground.store.read(due_broadcasts, project.ground.clock.instant)
    await project.run(broadcast)

    assert due == {broadcast: True}
    assert await ways(project) == [("sms", "sent"), ("wechat", "sent")]
    first, second = await sends(project)
    assert second.entry_key.startswith(f"{first.entry_key}~rcp_")
    shown = await report(project, broadcast)
    assert (shown["outcome"], shown["channel"], shown["tried"]) == ("sent", "wechat", "sms")
    assert [state for state, _ in await project.states("3-1-1", NEWS)] == ["sent", "sent"]
    assert (await project.row(broadcast)).state == "closed"


async def test_a_dead_number_and_a_stranger_are_passed_over_too(here: Announcer) -> None:
    broadcast = await news_to(here)
    await told(here, code="empty", failure=Failure.PERMANENT)
    await here.run(broadcast)
    assert await ways(here) == [("sms", "sent"), ("wechat", "sent")]

    other = await here.news(occurrence="evt_2")
    await here.run(other)

    assert [channel for channel, _ in await ways(here)] == ["sms", "wechat", "wechat"]


async def test_a_stranger_who_answers_a_broadcast_is_not_whom_it_reached(here: Announcer) -> None:
    broadcast = await news_to(here)

    await told(here, "replied", text="打错了")
    await here.run(broadcast)

    assert await ways(here) == [("sms", "delivered"), ("wechat", "sent")]
    assert (await report(here, broadcast))["outcome"] == "sent"


async def test_an_absent_owner_is_tried_once_more_by_the_same_channel_after_a_pause(here: Announcer) -> None:
    broadcast = await news_to(here)

    await told(here, code="absent", failure=Failure.LATER)
    held = await report(here, broadcast)
    await here.run(broadcast)
    await told(here, of=1, code="absent", failure=Failure.LATER)
    await here.run(broadcast)

    assert (held["outcome"], held["reason"]) == ("held", "given-back")
    assert [channel for channel, _ in await ways(here)] == ["sms", "sms", "wechat"]
    sent = [one.reserved_at for one in await sends(here)]
    assert sent[1] - sent[0] >= timedelta(hours=2)


async def test_a_receipt_told_twice_and_a_message_that_arrived_after_all_send_nothing(here: Announcer) -> None:
    broadcast = await news_to(here)
    await told(here, code="absent", failure=Failure.LATER)
    await told(here, code="absent again", failure=Failure.REFUSED)

    await told(here, "delivered")
    here.ground.clock.instant += timedelta(hours=3)
    await here.run(broadcast)

    assert await ways(here) == [("sms", "delivered")]
    assert (await report(here, broadcast))["outcome"] == "delivered"


async def test_an_unknown_send_is_followed_by_nothing_until_its_carrier_says_that_it_did_not_arrive(
    here: Announcer,
) -> None:
    here.channel.takes_keys = False
    here.channel.failures = [UnknownOutcome("timeout")]
    broadcast = await news_to(here)
    await here.run(broadcast)
    before = await ways(here), (await report(here, broadcast))["outcome"]

    await told(here, code="x", failure=Failure.REFUSED)
    held = await report(here, broadcast)
    await here.run(broadcast)

    assert before == ([("sms", "unknown")], "unknown")
    assert (held["outcome"], held["reason"]) == ("held", "given-back")
    assert await ways(here) == [("sms", "failed"), ("wechat", "sent")]


@pytest.mark.parametrize("kind", ["no other way", "greeting", "over", "cancelled"])
async def test_what_is_not_owed_or_has_no_way_left_is_only_reported(here: Announcer, kind: str) -> None:
    await here.home("3-1-1", **({"phone": "13800138000"} if kind == "no other way" else TWO_WAYS))
    greeting = {"rule": MOON, "occurrence": "evt_1", "message_class": MessageClass.CARE}
    broadcast = await here.news(**(greeting if kind == "greeting" else {}))
    await here.run(broadcast)
    if kind == "over":
        here.ground.clock.instant += timedelta(days=15)
    if kind == "cancelled":
        await here.ground.store.write(_cancelled, broadcast, here.ground.clock.instant)

    await told(here, code="x", failure=Failure.REFUSED)

    assert len(await sends(here)) == 1
    assert (await report(here, broadcast))["reason"] == "given-back"
    assert (await here.row(broadcast)).state in ("closed", "cancelling")


def _cancelled(session: Any, broadcast: str, now: datetime) -> None:
    """It is called off in the instant before its last page."""
    session.execute(update(broadcasts).where(broadcasts.c.id == broadcast).values(state="running"))
    order = BroadcastOrder.CANCEL
    broadcast_control.follow(session, broadcast, Command(order=order, key="k", by="李雷", reason="作废"), now)


async def test_a_repeat_obeys_what_holds_when_it_goes(here: Announcer) -> None:
    broadcast = await news_to(here)
    await told(here, code="x", failure=Failure.REFUSED)
    here.ground.clock.instant += timedelta(hours=12)  # 22:00
    await here.take(broadcast)
    at_night = await report(here, broadcast)

    await here.run(broadcast)

    assert (at_night["outcome"], at_night["reason"]) == ("held", "quiet-hours")
    assert await ways(here) == [("sms", "sent"), ("wechat", "sent")]


async def test_a_repeat_that_breaks_off_is_met_again_under_the_same_key(here: Announcer) -> None:
    broadcast = await news_to(here)
    await told(here, code="x", failure=Failure.REFUSED)
    here.ground.channel = ScriptedChannel("wechat")
    with pytest.raises(asyncio.CancelledError):
        await here.killed(broadcast)
    assert (await sends(here))[1].state == "reserved"

    await here.run(broadcast)

    assert [state for _, state in await ways(here)] == ["sent", "sent"]


async def test_who_came_after_it_had_closed_is_not_met_when_it_runs_again(here: Announcer) -> None:
    broadcast = await news_to(here)
    for number in range(3):
        await here.home(f"3-1-9{number}")
    await told(here, code="x", failure=Failure.REFUSED)

    await here.run(broadcast)

    assert list(await here.recipients(broadcast)) == ["ref-3-1-1"]


async def test_what_is_void_does_not_go_again(here: Announcer) -> None:
    await here.home("3-1-1", **TWO_WAYS)
    now = here.ground.clock.instant
    gas = {"id": "gas", "type": "emergency.declared", "occurred_at": now.isoformat(), "source": "test"}
    declared = await here.ground.doors.tell_project(
        "XN", gas | {"data": {"text": "燃气泄漏", "scope": {"building": "3"}}}
    )
    alarm = await here.open(
        rule="project.emergency", subject="person", occurrence="evt_1/sms", message_class=MessageClass.EMERGENCY,
        due=now, expires=now + timedelta(days=1), params={"event": declared.event}, everyone=True,
    )  # fmt: skip
    await here.run(alarm)
    void = {"id": "void", "type": "event.voided", "occurred_at": now.isoformat(), "source": "test"}
    await here.ground.doors.tell_project("XN", void | {"data": {"event_id": "gas", "reason": "误报"}})

    await told(here, code="x", failure=Failure.REFUSED)

    assert (await here.row(alarm)).state == "closed"
    assert await ways(here) == [("sms", "sent")]


async def test_news_of_a_milestone_that_is_void_do_not_go_again(here: Announcer) -> None:
    await here.home("3-1-1", **TWO_WAYS)
    now = here.ground.clock.instant.isoformat()
    top = {"id": "top", "type": "milestone.reached", "occurred_at": now, "source": "test", "scope": {"building": "3"}}
    reached = await here.ground.doors.tell_project("XN", top | {"data": {"milestone": "topped-out", "on": now[:10]}})
    news = await here.news(occurrence=reached.event)
    await here.run(news)
    void = {"id": "void", "type": "event.voided", "occurred_at": now, "source": "test"}
    await here.ground.doors.tell_project("XN", void | {"data": {"event_id": "top", "reason": "误报"}})

    await told(here, code="x", failure=Failure.REFUSED)

    assert (await here.row(news)).state == "closed"


async def test_an_alarm_without_words_goes_to_nobody(here: Announcer) -> None:
    await here.home("3-1-1", **TWO_WAYS)
    now = here.ground.clock.instant
    alarm = await here.open(
        rule="project.emergency", subject="person", occurrence="evt_1/sms", message_class=MessageClass.EMERGENCY,
        due=now, expires=now + timedelta(days=1), params={"event": "evt_1"}, everyone=True,
    )  # fmt: skip

    await here.run(alarm)

    assert await here.states("3-1-1", "project.emergency") == [("suppressed", "voided")]
    assert await sends(here) == []


async def test_whom_it_reached_meanwhile_is_not_written_to_again(here: Announcer) -> None:
    broadcast = await news_to(here)
    reached = update(broadcast_recipients).values(state="delivered")  # by what another of his messages told
    await here.ground.store.write(lambda session: session.execute(reached))

    await told(here, code="x", failure=Failure.REFUSED)

    assert (await here.row(broadcast)).state == "closed"
    assert await here.recipients(broadcast) == {"ref-3-1-1": "delivered"}


async def test_what_has_a_key_of_its_own_for_each_person_follows_its_receipts(here: Announcer) -> None:
    await here.home("3-1-1", **TWO_WAYS)
    news = await here.news(subject="person")
    await here.run(news)

    await told(here, code="x", failure=Failure.REFUSED)
    assert (await report(here, news))["reason"] == "given-back"
    await here.run(news)
    await told(here, "delivered", of=1)

    assert await ways(here) == [("sms", "sent"), ("wechat", "delivered")]
    assert await here.recipients(news) == {"ref-3-1-1": "delivered"}
