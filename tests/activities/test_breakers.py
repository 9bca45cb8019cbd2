"""Templates and providers that fail again and again stop themselves, are probed, and what waited comes back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import event, select

from journey.adapters.channels import PermanentFailure, TemporaryFailure
from journey.domain.broadcasts import BroadcastOrder
from journey.domain.entries import State
from journey.domain.errors import NotFound
from journey.domain.values import MessageClass
from journey.domain.wording import TemplateSpec
from journey.store import breaker_queries, broadcast_control
from journey.store.broadcast_control import Command
from journey.store.engine import Store
from journey.store.gauges import read_gauges
from journey.store.tables import audit, breakers, entries, journeys
from journey.store.texts import Active, Text, Texts
from tests.activities.broadcast_ground import NEWS, Announcer
from tests.activities.ground import ScriptedChannel, ground
from tests.records import instant

NOON = instant("2026-09-07 12:00")
PROVIDER, TEMPLATE = "sms/scripted", f"{NEWS}/zh"


@pytest_asyncio.fixture
async def project(kernel_store: Store, tmp_path: Path) -> Announcer:
    """A project without homes yet."""
    return Announcer(await ground(kernel_store, tmp_path, NOON))


async def homes(project: Announcer, count: int, **owner: Any) -> None:
    for number in range(count):
        await project.home(f"3-1-{number:03}", consents=(), **owner)


async def states(project: Announcer) -> dict[str, tuple[str, int, int]]:
    rows = await project.ground.store.read(lambda session: session.execute(select(breakers)).all())
    return {row.name: (row.state, row.failed, row.passed) for row in rows}


async def held_until(project: Announcer) -> Sequence[datetime]:
    query = select(entries.c.until).where(entries.c.state == "held").order_by(entries.c.until)
    return list(await project.ground.store.read(lambda session: session.execute(query).scalars().all()))


def down(times: int) -> list[Exception]:
    return [TemporaryFailure("error-503") for _ in range(times)]


async def test_where_nothing_fails_nothing_is_written(project: Announcer) -> None:
    await homes(project, 12)

    await project.run(await project.news())

    assert await states(project) == {}
    assert project.ground.site.passed["provider", PROVIDER] == 12  # type: ignore[index] # a StrEnum is its text


async def test_a_provider_that_fails_again_and_again_is_left_alone(project: Announcer) -> None:
    project.page = 12
    await homes(project, 20)
    project.channel.failures = down(100)
    broadcast = await project.news()

    await project.take(broadcast)
    await project.take(broadcast)

    assert len(project.channel.calls) == 12  # of the second page nobody was called
    assert (await states(project))[PROVIDER] == ("open", 12, 0)
    reasons = [reason for unit in range(20) for _, reason in await project.states(f"3-1-{unit:03}", NEWS)]
    assert sorted(str(reason) for reason in reasons) == ["provider-away"] * 12 + ["provider-stopped"] * 8
    instants = await held_until(project)
    assert len(set(instants[12:])) == 8  # each at an instant of his own


async def test_a_page_that_fails_writes_each_breaker_once(project: Announcer) -> None:
    await homes(project, 12)
    project.channel.failures = down(12)
    broadcast = await project.news()
    asked: list[str] = []

    def note(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    engine = project.ground.store._write_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        await project.take(broadcast)
    finally:
        event.remove(engine, "before_cursor_execute", note)

    assert (await states(project))[PROVIDER] == ("open", 12, 0)
    assert len([one for one in asked if one.startswith("UPDATE breakers")]) == 1


async def test_one_owner_whose_text_fails_stops_nobody(project: Announcer) -> None:
    project.page = 5
    await homes(project, 30)
    project.channel.failures = [PermanentFailure("blocked")]
    broadcast = await project.news()

    await project.run(broadcast)

    assert sorted(set((await project.recipients(broadcast)).values())) == ["failed", "sent"]
    assert {state for state, _, _ in (await states(project)).values()} == {"closed"}


async def test_after_the_pause_one_probe_goes_and_brings_the_others_back(project: Announcer) -> None:
    project.page = 12
    await homes(project, 20)
    project.channel.failures = down(12)
    broadcast = await project.news()
    await project.take(broadcast)
    await project.take(broadcast)
    called = len(project.channel.calls)

    project.at(project.ground.clock.instant + timedelta(minutes=1, seconds=1))
    await project.take(broadcast)

    assert len(project.channel.calls) == called + 1
    assert (await states(project))[PROVIDER][0] == "recovering"
    await project.run(broadcast)
    assert set((await project.recipients(broadcast)).values()) == {"sent"}
    assert len(project.channel.taken) == 20
    assert len(project.channel.calls) == 12 + 20


async def test_a_probe_that_fails_doubles_the_pause(project: Announcer) -> None:
    project.page = 12
    await homes(project, 14)
    project.channel.failures = down(100)
    broadcast = await project.news()
    await project.take(broadcast)
    await project.take(broadcast)

    project.at(project.ground.clock.instant + timedelta(minutes=1, seconds=1))
    await project.take(broadcast)

    row = await project.ground.store.read(
        lambda session: session.execute(select(breakers).where(breakers.c.name == PROVIDER)).one()
    )
    assert (row.state, row.pauses) == ("open", 2)
    assert row.probe_at - project.ground.clock.instant == timedelta(minutes=2)
    assert len(project.channel.calls) == 13


async def test_who_has_another_channel_is_reached_by_it(project: Announcer) -> None:
    project.page = 12
    await homes(project, 12)
    project.channel.failures = down(100)
    await project.take(await project.news())
    await project.home("3-1-900", consents=(), email="late@example.com")

    second = await project.news(occurrence="evt_2")
    await project.take(second)
    await project.take(second)

    assert ("sent", None) in await project.states("3-1-900", NEWS)
    assert (await states(project))[PROVIDER][0] == "open"


async def test_contract_matters_come_back_before_care(project: Announcer) -> None:
    for number in range(40):
        await project.home(f"3-1-{number:03}")
    project.channel.failures = down(1000)
    care = await project.news(message_class=MessageClass.CARE, occurrence="care")
    contract = await project.news(occurrence="contract")
    for broadcast in (care, contract):
        await project.take(broadcast)
    calls: list[tuple[datetime, str]] = []
    project.ground.channel = _Counting(project, calls)

    await _both(project, [care, contract])

    told = {name: [at for at, key in calls if f"/{name}/" in key] for name in ("care", "contract")}
    assert [len(each) for each in told.values()] == [40, 40]
    # What failed before the breaker opened waits by itself; what the breaker kept back comes in order.
    assert sorted(told["contract"])[-1] <= sorted(told["care"])[-1]
    late_care = [at for at in told["care"] if at >= min(told["contract"])]
    assert all(at >= max(told["contract"]) for at in late_care)


async def _both(project: Announcer, running: list[str]) -> None:
    due = dict.fromkeys(running, project.ground.clock.instant)
    while due:
        one = min(due, key=lambda each: due[each])
        project.at(max(project.ground.clock.instant, due[one]))
        page = await project.take(one)
        due[one] = project.ground.clock.instant + timedelta(seconds=page.pause)
        if page.over:
            del due[one]


async def test_an_emergency_tries_a_provider_that_stands_still(project: Announcer) -> None:
    project.page = 12
    await homes(project, 14)
    project.channel.failures = down(12)
    await project.take(await project.news())

    alarm = await project.news(occurrence="evt_2", message_class=MessageClass.EMERGENCY)
    await project.run(alarm)

    assert set((await project.recipients(alarm)).values()) == {"sent"}
    assert (await states(project))[PROVIDER][0] == "recovering"  # it got through


async def test_an_emergency_that_does_not_get_through_puts_no_probe_off(project: Announcer) -> None:
    project.page = 12
    await homes(project, 14)
    project.channel.failures = down(12)
    await project.take(await project.news())
    query = select(breakers.c.pauses, breakers.c.probe_at).where(breakers.c.name == PROVIDER)
    before = await project.ground.store.read(lambda session: session.execute(query).one())
    project.channel.failures = down(12)

    await project.take(await project.news(occurrence="evt_2", message_class=MessageClass.EMERGENCY))

    assert len(project.channel.calls) == 24
    assert await project.ground.store.read(lambda session: session.execute(query).one()) == before


@pytest.mark.parametrize("what", [BroadcastOrder.CANCEL, BroadcastOrder.PAUSE])
async def test_a_broadcast_that_waits_for_a_probe_sleeps_till_then_and_follows_orders(
    project: Announcer, what: BroadcastOrder
) -> None:
    project.page = 12
    await homes(project, 14)
    project.channel.failures = down(12)
    broadcast = await project.news()
    pages = await project.run(broadcast, wait=False)
    command = Command(order=what, key="key_1", by="stf_1", reason="服务商故障")

    await project.ground.store.write(broadcast_control.follow, broadcast, command, project.ground.clock.instant)
    after = await project.take(broadcast)

    assert len(pages) < 6
    assert pages[-1].pause >= 60
    assert len(project.channel.calls) == 12
    if what is BroadcastOrder.CANCEL:
        await project.run(broadcast)
        assert set((await project.recipients(broadcast)).values()) == {"withdrawn"}
    else:
        assert (after.paused, after.met) == (True, 0)
        resume = Command(order=BroadcastOrder.RESUME, key="key_1", by="stf_1", reason="已恢复")
        await project.ground.store.write(broadcast_control.follow, broadcast, resume, project.ground.clock.instant)
        await project.run(broadcast)
        assert set((await project.recipients(broadcast)).values()) == {"sent"}
    assert len(project.channel.taken) == (0 if what is BroadcastOrder.CANCEL else 14)


async def test_a_template_that_cannot_be_rendered_stops_itself_and_people_stay(
    project: Announcer, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.page = 12
    await homes(project, 20)
    broken = Active(Text("project.milestone-news", "zh", "{{ nobody.knows.this }}", "", "h", "p", TemplateSpec()))
    monkeypatch.setattr(Texts, "active", lambda *_: broken)
    broadcast = await project.news()

    await project.take(broadcast)
    await project.take(broadcast)

    assert (await states(project))[TEMPLATE] == ("open", 12, 0)
    outcomes = sorted((await project.recipients(broadcast)).values())
    assert outcomes == ["failed"] * 12 + ["held"] * 8
    reasons = [reason for unit in range(20) for _, reason in await project.states(f"3-1-{unit:03}", NEWS)]
    assert sorted(str(reason) for reason in reasons) == ["template"] * 12 + ["template-stopped"] * 8
    assert project.channel.calls == []


async def test_a_provider_that_refuses_a_text_again_and_again_stops_that_text_on_its_channel(
    project: Announcer,
) -> None:
    project.page = 12
    await homes(project, 20)
    project.channel.failures = [PermanentFailure("template-not-approved") for _ in range(12)]
    broadcast = await project.news()

    await project.take(broadcast)
    await project.take(broadcast)

    found = await states(project)
    assert found[f"{TEMPLATE}/sms"] == ("open", 12, 0)
    assert PROVIDER not in found  # it answers
    assert len(project.channel.calls) == 12


async def test_dead_numbers_say_nothing_of_a_text(project: Announcer) -> None:
    project.page = 12
    await homes(project, 12)
    project.channel.failures = [PermanentFailure("bad-recipient") for _ in range(12)]

    await project.take(await project.news())

    assert await states(project) == {}


@pytest.mark.parametrize(
    "error", [PermanentFailure("opted-out"), PermanentFailure("out-of-reach"), TemporaryFailure("recipient-away")]
)
async def test_owners_who_opted_out_or_are_away_stop_neither_text_nor_provider(
    project: Announcer, error: Exception
) -> None:
    await homes(project, 14)
    project.channel.failures = [error] * 12

    await project.take(await project.news())

    assert await states(project) == {}


async def test_an_operator_brings_it_back_with_a_reason(project: Announcer) -> None:
    project.page = 12
    await homes(project, 20)
    project.channel.failures = down(12)
    broadcast = await project.news()
    await project.take(broadcast)
    await project.take(broadcast)
    store, now = project.ground.store, project.ground.clock.instant
    gauges = await store.read(read_gauges, now, now)
    assert [g.value for g in gauges if g.labels.get("kind") == "provider"] == [1]

    shown = await store.write(
        breaker_queries.reset, "provider", PROVIDER, now, actor="key_1", reason="余额已充值", by="stf_7"
    )

    assert shown["state"] == "recovering"
    logged = await store.read(lambda session: session.execute(select(audit)).all())
    assert [(row.action, row.subject, row.detail) for row in logged if row.action == "breaker.reset"] == [
        ("breaker.reset", f"provider:{PROVIDER}", {"reason": "余额已充值", "by": "stf_7"})
    ]
    await project.run(broadcast)
    assert set((await project.recipients(broadcast)).values()) == {"sent"}
    with pytest.raises(NotFound):
        await store.write(breaker_queries.reset, "provider", "sms/nobody", now, actor="key_1", reason="x")


@pytest.mark.slow
async def test_what_waited_for_a_provider_comes_back_at_its_rate(project: Announcer) -> None:
    """With 50 a second, a page of a hundred at one instant lets no more than a second's worth go."""
    await homes(project, 130)
    project.channel.failures = down(100)
    broadcast = await project.news()
    await project.take(broadcast)
    await project.take(broadcast)
    calls: list[tuple[datetime, str]] = []
    project.ground.channel = counting = _Counting(project, calls)

    await project.run(broadcast)

    assert set((await project.recipients(broadcast)).values()) == {"sent"}
    assert len(counting.taken) == 130
    instants = [at for at, _ in calls]
    for index, first in enumerate(instants):
        for count, last in enumerate(instants[index:], start=1):
            assert count <= (last - first).total_seconds() * 50 + 51


class _Counting(ScriptedChannel):
    """Notes at which business instant each call came."""

    def __init__(self, project: Announcer, calls: list[tuple[datetime, str]]) -> None:
        super().__init__("sms")
        self._project = project
        self._calls = calls

    async def deliver(self, outgoing: Any) -> Any:
        self._calls.append((self._project.ground.clock.instant, outgoing.key))
        return await super().deliver(outgoing)


async def test_a_journeys_own_text_waits_with_a_reason_that_people_can_read(project: Announcer) -> None:
    project.page = 12
    await homes(project, 12)
    project.channel.failures = down(100)
    await project.take(await project.news())
    home = project.ground
    await home.tell("subscription.signed", on="2026-09-07")

    await home.send("signing.keeper-welcome")

    entry = await home.entry("signing.keeper-welcome")
    assert (entry.state, entry.reason and entry.reason.code) == (State.HELD, "provider-stopped")
    assert entry.reason is not None
    assert "服务商连续失败,已熔断(sms/scripted)" in entry.reason.text("zh")


async def test_a_reset_asks_journeys_again_whose_texts_waited(project: Announcer) -> None:
    project.page = 12
    await homes(project, 12)
    project.channel.failures = down(12)
    await project.take(await project.news())
    home = project.ground
    await home.tell("subscription.signed", on="2026-09-07")
    await home.send("signing.keeper-welcome")
    assert (await home.entry("signing.keeper-welcome")).state is State.HELD
    now = home.clock.instant

    await home.store.write(breaker_queries.reset, "provider", PROVIDER, now, actor="key_1", reason="已恢复")

    entry = await home.entry("signing.keeper-welcome")
    assert entry.until is not None
    assert entry.until <= now + timedelta(minutes=1, seconds=1)
    marked = await home.store.read(
        lambda session: session.execute(
            select(journeys.c.stale_since).where(journeys.c.id == home.journey)
        ).scalar_one()
    )
    assert marked is not None
    home.clock.instant = entry.until
    await home.send("signing.keeper-welcome")
    assert (await home.entry("signing.keeper-welcome")).state is State.SENT
