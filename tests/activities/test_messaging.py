"""Sending: decided at every attempt, called at most once per key, every doubt on record."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import select

from activities.messaging import OutOfTime
from journey.adapters.channels import Cost, Delivery, PermanentFailure, TemporaryFailure, UnknownOutcome
from journey.domain.entries import State
from journey.store import outbox
from journey.store.engine import Store
from journey.store.entry_queries import lines_about
from journey.store.tables import entries, messages
from tests.activities.ground import Ground, ScriptedChannel, ground
from tests.records import instant

WELCOME = "signing.keeper-welcome"
MORNING = instant("2026-03-16 10:00")


@pytest_asyncio.fixture
async def home(store: Store, tmp_path: Path) -> Ground:
    """A home subscribed on a Monday morning, on each engine."""
    made = await ground(store, tmp_path, MORNING)
    await made.start()
    return made


@pytest_asyncio.fixture
async def silent(kernel_store: Store, tmp_path: Path) -> Ground:
    """The same with a provider that knows no keys."""
    made = await ground(kernel_store, tmp_path, MORNING, ScriptedChannel(takes_keys=False))
    await made.start()
    return made


async def test_a_message_goes_out_once_and_is_recorded(home: Ground) -> None:
    outcome = await home.send(WELCOME)

    assert outcome == "changed"
    assert (await home.entry(WELCOME)).state is State.SENT
    assert await home.outbox() == [("sent", "sms")]
    assert [call.to for call in home.channel.calls] == ["+8613800138000"]
    assert await home.send(WELCOME) == "none"


async def test_who_took_it_in_how_many_parts_and_for_how_much_is_on_record(home: Ground) -> None:
    cost = Cost(amount=Decimal("0.045"), currency="CNY")
    home.channel.delivery = Delivery(state="delivered", provider_id="p-7", segments=2, cost=cost)

    await home.send(WELCOME)

    row = await home.store.read(lambda session: session.execute(select(messages)).one())
    assert (row.provider, row.provider_id, row.segments) == ("scripted", "p-7", 2)
    assert (row.cost, row.currency) == (450, "CNY")
    assert row.delivered_at == row.sent_at == MORNING


async def test_the_same_move_performed_again_is_stale(home: Ground) -> None:
    move = await home.move(WELCOME)
    await home.send(WELCOME, move=move)

    assert await home.send(WELCOME, move=move) == "stale"
    assert len(home.channel.calls) == 1


async def test_a_move_of_another_temporal_does_nothing(home: Ground) -> None:
    move = await home.move(WELCOME)
    home.site = type(home.site)(home.store, home.site.shelf, "another", "test")

    assert await home.send(WELCOME, move=move) == "stale"
    assert home.channel.calls == []


async def test_a_text_in_quiet_hours_is_held_and_goes_out_in_the_morning(kernel_store: Store, tmp_path: Path) -> None:
    home = await ground(kernel_store, tmp_path, instant("2026-03-16 22:30"))
    await home.start()
    await home.send(WELCOME)
    held = await home.entry(WELCOME)

    home.clock.instant = instant("2026-03-17 08:00")
    await home.send(WELCOME)

    assert (held.state, held.until) == (State.HELD, instant("2026-03-17 08:00"))
    assert (await home.entry(WELCOME)).state is State.SENT
    assert len(home.channel.calls) == 1


async def test_the_timeline_says_on_the_projects_clocks_until_when_a_text_is_held(
    kernel_store: Store, tmp_path: Path
) -> None:
    home = await ground(kernel_store, tmp_path, instant("2026-03-16 22:30"))
    await home.start()
    await home.send(WELCOME)

    key = await kernel_store.read(lambda s: s.execute(select(entries.c.key).where(entries.c.state == "held")).scalar())
    (line,) = await kernel_store.read(lines_about, home.journey, {str(key)})

    assert line["text"].endswith("延至 2026-03-17 08:00")


async def test_without_an_address_it_fails_and_a_new_number_lets_it_go(home: Ground) -> None:
    home.clock.instant += timedelta(minutes=1)
    await home.tell("contact.invalid", person="zw", channel="phone", address="+8613800138000")
    await home.send(WELCOME)
    failed = await home.entry(WELCOME)

    home.clock.instant += timedelta(hours=1)
    await home.tell("contact.verified", person="zw", channel="phone", address="13900139000")
    await home.send(WELCOME)

    assert (failed.state, failed.reason and failed.reason.code) == (State.FAILED, "invalid-address")
    assert [call.to for call in home.channel.calls] == ["+8613900139000"]


async def test_a_mute_suppresses_at_once_and_its_release_sends_while_the_window_is_open(home: Ground) -> None:
    await home.tell("hold.placed", scope="all", how="mute", reason="业主要求", by="ops")
    await home.send(WELCOME)
    muted = await home.entry(WELCOME)

    home.clock.instant += timedelta(hours=2)
    await home.tell("hold.released", scope="all", how="mute", reason="恢复", by="ops")
    await home.send(WELCOME)

    assert (muted.state, muted.reason and muted.reason.code) == (State.SUPPRESSED, "muted")
    assert (await home.entry(WELCOME)).state is State.SENT


async def test_a_provider_that_is_away_is_asked_again_ever_less_often(home: Ground) -> None:
    home.channel.failures = [TemporaryFailure("busy-429"), TemporaryFailure("error-500"), TemporaryFailure("busy-429")]
    waits = []
    for _ in range(3):
        await home.send(WELCOME)
        held = await home.entry(WELCOME)
        assert held.state is State.HELD
        assert held.until is not None
        waits.append(held.until - home.clock.instant)
        home.clock.instant = held.until
    await home.send(WELCOME)

    assert waits == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert (await home.entry(WELCOME)).state is State.SENT
    assert len({call.key for call in home.channel.calls}) == 1


async def test_a_provider_that_refuses_ends_it_failed(home: Ground) -> None:
    home.channel.failures = [PermanentFailure("blacklisted")]

    await home.send(WELCOME)

    assert (await home.entry(WELCOME)).state is State.FAILED
    assert await home.send(WELCOME) == "none"
    assert await home.outbox() == [("failed", "sms")]


async def test_an_unclear_answer_is_asked_again_with_the_same_key_where_the_provider_knows_keys(home: Ground) -> None:
    home.channel.failures = [UnknownOutcome("timeout")]

    await home.send(WELCOME)
    home.clock.instant += timedelta(minutes=2)
    await home.send(WELCOME)

    assert len(home.channel.calls) == 2
    assert len(home.channel.taken) == 1
    assert (await home.entry(WELCOME)).state is State.SENT


async def test_an_unclear_answer_without_keys_is_for_a_person_and_never_asked_again(silent: Ground) -> None:
    silent.channel.failures = [UnknownOutcome("timeout")]

    await silent.send(WELCOME)
    silent.clock.instant += timedelta(hours=5)

    assert await silent.send(WELCOME) == "none"
    assert (await silent.entry(WELCOME)).state is State.UNKNOWN
    assert await silent.outbox() == [("unknown", "sms")]
    assert len(silent.channel.calls) == 1


async def test_a_worker_that_dies_after_the_providers_yes_makes_no_second_contact(home: Ground) -> None:
    home.channel.dies = 1
    with pytest.raises(SystemError):
        await home.send(WELCOME)

    await home.send(WELCOME)

    assert len(home.channel.calls) == 2
    assert len(home.channel.taken) == 1
    assert (await home.entry(WELCOME)).state is State.SENT


async def test_a_worker_that_dies_where_no_keys_are_known_leaves_a_doubt_in_the_open(silent: Ground) -> None:
    silent.channel.dies = 1
    with pytest.raises(SystemError):
        await silent.send(WELCOME)

    await silent.send(WELCOME)

    assert len(silent.channel.calls) == 1
    assert (await silent.entry(WELCOME)).state is State.UNKNOWN


async def test_a_reserved_send_that_nobody_asks_for_any_more_ends_unknown_without_a_call(home: Ground) -> None:
    home.channel.dies = 1
    with pytest.raises(SystemError):
        await home.send(WELCOME)
    home.clock.instant += timedelta(minutes=1)
    await home.tell("subscription.cancelled", on="2026-03-16", reason="不买了")

    await home.send(WELCOME)

    assert len(home.channel.calls) == 1
    assert (await home.entry(WELCOME)).state is State.UNKNOWN


async def test_a_reserved_send_that_may_not_go_any_more_ends_unknown(home: Ground) -> None:
    home.channel.dies = 1
    with pytest.raises(SystemError):
        await home.send(WELCOME)
    home.clock.instant += timedelta(minutes=1)
    await home.tell("hold.placed", scope="all", how="mute", reason="业主要求", by="ops")

    await home.send(WELCOME)

    assert len(home.channel.calls) == 1
    assert (await home.entry(WELCOME)).state is State.UNKNOWN


async def test_a_send_that_may_have_gone_out_does_not_go_by_another_channel(home: Ground) -> None:
    home.channel.dies = 1
    with pytest.raises(SystemError):
        await home.send(WELCOME)
    home.clock.instant += timedelta(minutes=1)
    await home.tell("contact.invalid", person="zw", channel="phone", address="+8613800138000")
    await home.tell("contact.changed", person="zw", channel="email", address="zw@example.com")

    await home.send(WELCOME)

    assert (await home.entry(WELCOME)).state is State.UNKNOWN
    assert await home.outbox() == [("unknown", "sms")]


async def test_a_late_answer_raises_a_row_and_never_lowers_it(home: Ground) -> None:
    await home.send(WELCOME)
    message = await home.store.read(lambda session: session.execute(messages.select()).one().id)

    await home.store.write(outbox.record, message, "delivered", home.clock.instant)
    await home.store.write(outbox.record, message, "failed", home.clock.instant)

    assert await home.outbox() == [("delivered", "sms")]


async def test_an_attempt_with_too_little_time_left_gives_up_before_calling(home: Ground) -> None:
    home.channel.timeout = timedelta(seconds=8)

    with pytest.raises(OutOfTime):
        await home.send(WELCOME)

    assert home.channel.calls == []


async def test_nothing_personal_is_in_keys_or_reasons(home: Ground) -> None:
    await home.send(WELCOME)
    entry = await home.entry(WELCOME)
    call = home.channel.calls[0]

    assert "13800138000" not in call.key
    assert "张" not in f"{call.key}{entry.reason}{call.subject}"
