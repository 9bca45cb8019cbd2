"""A broadcast that is ordered about, paced, or given what cannot be sent: nothing is lost or doubled."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from journey.adapters.channels import PermanentFailure, TemporaryFailure
from journey.domain.broadcasts import BroadcastOrder
from journey.domain.values import MessageClass
from journey.store import broadcast_control
from journey.store.broadcast_control import Command
from journey.store.broadcasts import due_broadcasts
from journey.store.tables import contacts, journal, packs, persons
from tests.activities.broadcast_ground import FEAST, MOON, NEWS, Announcer, homes
from tests.records import instant


async def order(project: Announcer, broadcast: str, what: BroadcastOrder, **more: Any) -> bool:
    """Whether an order changed anything."""
    command = Command(order=what, key="key_1", by="stf_1", reason="核对号码", **more)
    done = await project.ground.store.write(broadcast_control.follow, broadcast, command, project.ground.clock.instant)
    return done.changed


async def test_a_paused_broadcast_takes_no_page_and_goes_on_where_it_was(project: Announcer) -> None:
    await homes(project, 4)
    project.page = 2
    broadcast = await project.moon()
    await project.take(broadcast)

    await order(project, broadcast, BroadcastOrder.PAUSE)
    paused = await project.take(broadcast)
    await order(project, broadcast, BroadcastOrder.RESUME)
    await project.run(broadcast)

    assert (paused.paused, paused.met, paused.over) == (True, 0, False)
    assert len(project.channel.calls) == len(project.channel.taken) == 4
    row = await project.row(broadcast)
    assert (row.state, row.orders, row.followed) == ("closed", 2, 2)


async def test_what_is_left_of_a_cancelled_broadcast_is_withdrawn_on_every_timeline(project: Announcer) -> None:
    journey_ids = await homes(project, 4)
    project.page = 2
    broadcast = await project.moon()
    await project.take(broadcast)

    await order(project, broadcast, BroadcastOrder.CANCEL)
    pages = await project.run(broadcast)

    assert pages[-1].over
    assert sorted((await project.recipients(broadcast)).values()) == ["sent", "sent", "withdrawn", "withdrawn"]
    states = [await project.states(f"3-1-{unit}") for unit in range(4)]
    assert sorted(state for found in states for state in found) == [
        ("sent", None), ("sent", None), ("withdrawn", "cancelled"), ("withdrawn", "cancelled"),
    ]  # fmt: skip
    lines = select(journal.c.code).where(journal.c.journey_id.in_(journey_ids))
    codes = await project.ground.store.read(lambda s: s.execute(lines).scalars().all())
    assert codes.count("entry.withdrawn") == 2
    assert (await project.row(broadcast)).state == "cancelled"


async def test_who_was_held_when_it_was_cancelled_is_withdrawn_at_once(here: Announcer) -> None:
    await here.home("3-1-1", zone="America/New_York")
    here.at(FEAST)
    broadcast = await here.moon()
    await here.run(broadcast, wait=False)

    await order(here, broadcast, BroadcastOrder.CANCEL)
    await here.run(broadcast, wait=False)

    assert await here.states("3-1-1") == [("withdrawn", "cancelled")]
    assert here.channel.calls == []


async def test_a_send_that_broke_off_before_it_was_cancelled_is_for_a_person_to_find_out(here: Announcer) -> None:
    await homes(here, 1)
    broadcast = await here.moon()
    with pytest.raises(asyncio.CancelledError):
        await here.killed(broadcast)

    await order(here, broadcast, BroadcastOrder.CANCEL)
    await here.run(broadcast)

    assert here.channel.calls == []
    assert await here.messages() == ["unknown"]
    assert await here.states("3-1-0") == [("unknown", "cancelled")]


@pytest.mark.slow
async def test_the_throttle_holds_across_a_restart(here: Announcer) -> None:
    await homes(here, 5)
    broadcast = await here.moon(rate=1)

    first, second, third = [await here.take(broadcast) for _ in range(3)]

    assert (first.met, second.met, third.met) == (1, 1, 0)
    assert third.pause == 1.0
    here.at(FEAST + timedelta(seconds=1))
    assert (await here.take(broadcast)).met == 1
    here.at(FEAST + timedelta(minutes=1))
    await order(here, broadcast, BroadcastOrder.RATE, rate=1000)
    assert (await here.take(broadcast)).met == 2


async def test_the_rate_of_the_pack_holds_where_none_was_given_and_none_in_an_emergency(here: Announcer) -> None:
    await homes(here, 1)
    calm = await here.news()
    await here.take(calm)

    assert (await here.row(calm)).next_at is not None
    alarm = await here.news(occurrence="evt_2", message_class=MessageClass.EMERGENCY)
    await here.take(alarm)
    assert (await here.row(alarm)).next_at is None


async def test_one_who_cannot_be_rendered_keeps_nobody_else(project: Announcer) -> None:
    await homes(project, 3)
    await project.ground.store.write(_greet_by_first_character)
    nameless = update(persons).where(persons.c.ref == "ref-3-1-1").values(name=None)
    await project.ground.store.write(lambda s: s.execute(nameless))

    broadcast = await project.moon()
    await project.run(broadcast)

    assert await project.recipients(broadcast) == {"ref-3-1-0": "sent", "ref-3-1-1": "failed", "ref-3-1-2": "sent"}
    assert await project.states("3-1-1") == [("failed", "template")]
    assert len(project.channel.calls) == 2


async def test_an_address_that_turns_invalid_while_it_runs_is_not_written_to(project: Announcer) -> None:
    await homes(project, 4)
    project.page = 2
    broadcast = await project.moon()
    await project.take(broadcast)
    await project.ground.store.write(lambda s: s.execute(update(contacts).values(state="invalid")))

    await project.run(broadcast)

    assert sorted((await project.recipients(broadcast)).values()) == ["failed", "failed", "sent", "sent"]
    assert len(project.channel.calls) == 2


async def test_a_provider_that_says_yes_and_means_no_fails_one_and_is_asked_again_for_another(
    project: Announcer,
) -> None:
    await homes(project, 3)
    project.channel.failures = [PermanentFailure("isv.MOBILE_NUMBER_ILLEGAL"), TemporaryFailure("isv.LIMIT")]
    broadcast = await project.moon()

    await project.run(broadcast)

    assert sorted((await project.recipients(broadcast)).values()) == ["failed", "sent", "sent"]
    assert len(project.channel.taken) == 2
    assert len(project.channel.calls) == 4


async def test_pages_that_fly_together_meet_everybody_once(project: Announcer) -> None:
    await homes(project, 7)
    project.page, project.pages = 2, 100
    project.channel.dies = 1
    broadcast = await project.moon()

    pages = await project.run(broadcast)

    assert sum(page.sent for page in pages) == 7
    assert len(project.channel.taken) == 7
    assert len(project.channel.calls) == 8
    assert await project.messages() == ["sent"] * 7


async def test_an_emergency_says_the_words_of_its_event_and_nothing_that_is_in_them_is_run(here: Announcer) -> None:
    await homes(here, 1)
    here.at(instant("2026-09-25 03:00"))
    told = await _declared(here, "撤离到花园 {{ project.name }}")
    alarm = await here.open(
        rule="project.emergency", subject="person", occurrence="evt_1/sms", message_class=MessageClass.EMERGENCY,
        due=here.ground.clock.instant, expires=here.ground.clock.instant + timedelta(days=1),
        params={"event": told, "channel": "sms"}, everyone=True,
    )  # fmt: skip

    await here.run(alarm)

    (call,) = here.channel.calls
    assert "撤离到花园 {{ project.name }}" in call.body
    assert await here.states("3-1-0", "project.emergency") == [("sent", None)]


@pytest.mark.parametrize("paused", [False, True])
async def test_an_emergency_that_was_none_is_cancelled_when_its_event_is_voided(here: Announcer, paused: bool) -> None:
    await homes(here, 3)
    told = await _declared(here, "燃气泄漏")
    now = here.ground.clock.instant
    asked: dict[str, Any] = {
        "rule": "project.emergency", "subject": "person", "message_class": MessageClass.EMERGENCY, "everyone": True,
        "due": now, "expires": now + timedelta(days=1), "family": "alarm",
    }  # fmt: skip
    by_sms = await here.open(**asked, occurrence="evt_1/sms", params={"event": told, "channel": "sms"})
    by_mail = await here.open(**asked, occurrence="evt_1/email", params={"event": told, "channel": "email"})
    other = await here.news()
    here.page = 1
    await here.take(by_sms)
    if paused:
        await order(here, by_sms, BroadcastOrder.PAUSE)

    void = {"id": "void", "type": "event.voided", "occurred_at": now.isoformat(), "source": "test"}
    await here.ground.doors.tell_project("XN", void | {"data": {"event_id": "gas", "reason": "误报"}})

    states = [(await here.row(one)).state for one in (by_sms, by_mail, other)]
    assert states == ["cancelling", "cancelling", "running"]
    assert (await here.row(by_sms)).control[-1]["reason"] == "误报"
    await here.run(by_sms)
    assert len(here.channel.calls) == 1
    assert [(await here.row(one)).state for one in (by_sms, by_mail)] == ["cancelled", "cancelling"]


@pytest.mark.parametrize("through", [False, True])
async def test_a_void_that_is_void_lets_an_emergency_go_on_to_those_not_told_yet(
    here: Announcer, through: bool
) -> None:
    await homes(here, 3)
    told = await _declared(here, "燃气泄漏")
    now = here.ground.clock.instant
    alarm = await here.open(
        rule="project.emergency", subject="person", occurrence="evt_1/sms", message_class=MessageClass.EMERGENCY,
        everyone=True, due=now, expires=now + timedelta(days=1), params={"event": told, "channel": "sms"},
    )  # fmt: skip
    here.page = 1
    await here.take(alarm)
    await _void(here, "void", "gas", "误报")
    if through:
        await here.run(alarm)
        assert (await here.row(alarm)).state == "cancelled"

    await _void(here, "void-2", "void", "确有其事")
    going = await here.row(alarm)
    due = await here.ground.store.read(due_broadcasts, here.ground.clock.instant)
    await here.run(alarm)

    assert (going.state, going.control[-1]["action"], going.control[-1]["reason"]) == ("running", "resume", "确有其事")
    assert due == {alarm: True}
    assert len(here.channel.calls) == len(here.channel.taken) == 3
    assert set((await here.recipients(alarm)).values()) == {"sent"}
    assert (await here.row(alarm)).state == "closed"


async def test_what_a_person_cancelled_stays_so_whatever_becomes_of_its_event(here: Announcer) -> None:
    await homes(here, 2)
    told = await _declared(here, "燃气泄漏")
    now = here.ground.clock.instant
    alarm = await here.open(
        rule="project.emergency", subject="person", occurrence="evt_1/sms", message_class=MessageClass.EMERGENCY,
        due=now, expires=now + timedelta(days=1), params={"event": told, "channel": "sms"},
    )  # fmt: skip
    await order(here, alarm, BroadcastOrder.CANCEL)
    await _void(here, "void", "gas", "误报")
    await _void(here, "void-2", "void", "确有其事")

    await here.run(alarm)

    assert here.channel.calls == []
    assert (await here.row(alarm)).state == "cancelled"


async def _void(here: Announcer, ident: str, what: str, why: str) -> None:
    here.ground.clock.instant += timedelta(minutes=1)
    void = {"id": ident, "type": "event.voided", "occurred_at": here.ground.clock.instant.isoformat(), "source": "test"}
    await here.ground.doors.tell_project("XN", void | {"data": {"event_id": what, "reason": why}})


@pytest.mark.parametrize("kind", ["post", "email"])
async def test_who_has_no_address_that_an_emergency_goes_by_is_listed_as_not_reached(
    here: Announcer, kind: str
) -> None:
    await homes(here, 1)
    await here.ground.store.write(lambda s: s.execute(update(contacts).values(channel=kind)))
    told = await _declared(here, "撤离到西门")
    now = here.ground.clock.instant
    alarm = await here.open(
        rule="project.emergency", subject="person", occurrence="evt_1/sms", message_class=MessageClass.EMERGENCY,
        due=now, expires=now + timedelta(days=1), everyone=True,
        params={"event": told, "channel": "sms", "last_resort": ["sms", "voice"]},
    )  # fmt: skip

    await here.run(alarm)

    assert await here.states("3-1-0", "project.emergency") == [("failed", "no-address")]


async def test_words_that_are_corrected_while_an_emergency_goes_out_are_right_for_whoever_comes_after(
    here: Announcer,
) -> None:
    await homes(here, 2)
    told = await _declared(here, "撤离到西门")
    now = here.ground.clock.instant
    alarm = await here.open(
        rule="project.emergency", subject="person", occurrence="evt_1/sms", message_class=MessageClass.EMERGENCY,
        due=now, expires=now + timedelta(days=1), params={"event": told, "channel": "sms"}, everyone=True,
    )  # fmt: skip
    here.page = 1
    await here.take(alarm)

    right = {"id": "right", "type": "event.corrected", "occurred_at": now.isoformat(), "source": "test"}
    data = {"event_id": "gas", "reason": "门写错", "data": {"text": "撤离到东门"}}
    await here.ground.doors.tell_project("XN", right | {"data": data})
    await here.run(alarm)

    first, second = (call.body for call in here.channel.calls)
    assert "撤离到西门" in first
    assert "撤离到东门" in second


async def test_an_emergency_of_a_scope_without_owners_is_answered_with_that(project: Announcer) -> None:
    await project.home("3-1-1")
    asked_about = {"project": "XN", "unit": "5-1-1", "owners": [{"ref": "zw", "name": "张伟", "phone": "13800138000"}]}
    await project.ground.doors.start_journey(asked_about)
    now = project.ground.clock.instant.isoformat()

    def declared(building: str) -> dict[str, Any]:
        event = {"id": f"gas-{building}", "type": "emergency.declared", "occurred_at": now, "source": "test"}
        return event | {"scope": {"building": building}, "data": {"text": "燃气泄漏"}}

    there, nobody = [await project.ground.doors.tell_project("XN", declared(one)) for one in ("3", "5")]

    assert (there.verdict, there.reason) == ("applied", None)
    assert nobody.verdict == "applied"
    assert nobody.reason is not None
    assert nobody.reason["code"] == "reaches-nobody"


async def test_an_emergency_that_an_outage_delayed_past_its_window_is_no_news(here: Announcer) -> None:
    await homes(here, 1)
    alarm = await here.news(
        message_class=MessageClass.EMERGENCY, occurrence="evt_2", expires=FEAST + timedelta(hours=1)
    )
    here.at(FEAST + timedelta(hours=2))

    await here.run(alarm)

    assert here.channel.calls == []
    assert await here.states("3-1-0", NEWS) == [("suppressed", "window-closed")]


def _greet_by_first_character(session: Session) -> None:
    """Another version of the pack, whose greeting needs a name."""
    found = session.execute(select(packs).where(packs.c.name == "cn-residential")).one()._mapping
    row = {key: value for key, value in found.items() if key != "seq"}
    texts = {language: dict(by) for language, by in row["document"]["templates"].items()}
    texts["zh"][MOON] = "{{ owner.name | first }}先生/女士,节日快乐。"
    session.execute(insert(packs).values(**row | {"hash": "first", "document": row["document"] | {"templates": texts}}))


async def _declared(here: Announcer, text: str) -> str:
    """Our id of an emergency that was declared for building 3."""
    now = here.ground.clock.instant.isoformat()
    told = {"id": "gas", "type": "emergency.declared", "occurred_at": now, "source": "test"}
    answer = await here.ground.doors.tell_project("XN", told | {"data": {"text": text, "scope": {"building": "3"}}})
    return answer.event
