"""A channel that cannot carry a message gives way to the next one, never where a call may have gone out."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from journey.adapters.channels import PermanentFailure, TemporaryFailure, UnknownOutcome
from journey.domain.entries import State
from journey.store.engine import Store
from journey.store.explaining import explain_item
from journey.store.message_queries import list_messages
from journey.store.tables import messages
from tests.activities.ground import Ground, ground
from tests.records import instant

WELCOME = "signing.keeper-welcome"
MORNING = instant("2026-03-16 10:00")
OWNER = {"ref": "zw", "name": "张伟", "phone": "13800138000", "email": "zw@example.com"}


@pytest_asyncio.fixture
async def home(kernel_store: Store, tmp_path: Path) -> Ground:
    """An owner with a phone and an e-mail address."""
    made = await ground(kernel_store, tmp_path, MORNING)
    await made.start(owners=[OWNER])
    return made


async def decision(home: Ground) -> dict[str, Any]:
    row = await home.store.read(lambda session: session.execute(select(messages)).one())
    assert row.decision is not None
    return dict(row.decision)


async def test_a_definite_no_goes_by_the_next_channel_in_the_same_move(home: Ground) -> None:
    home.channel.failures = [PermanentFailure("blacklisted")]

    await home.send(WELCOME)

    assert (await home.entry(WELCOME)).state is State.SENT
    assert await home.outbox() == [("sent", "email")]
    found = await decision(home)
    assert found["order"] == [["sms", "refused", "blacklisted"], ["wechat", "no-address"], ["email"]]
    assert found["refused"]["sms"][0] == "blacklisted"


async def test_when_every_channel_is_exhausted_it_fails_with_what_was_tried(home: Ground) -> None:
    home.clock.instant += timedelta(seconds=1)
    await home.tell("contact.invalid", person="zw", channel="email", address="zw@example.com")
    home.channel.failures = [PermanentFailure("blacklisted")]

    await home.send(WELCOME)

    failed = await home.entry(WELCOME)
    assert (failed.state, failed.reason and failed.reason.code) == (State.FAILED, "no-channel-left")
    assert failed.reason is not None
    assert failed.reason.params["tried"] == [
        ["sms", "refused", "blacklisted"], ["wechat", "no-address"], ["email", "invalid-address"],
    ]  # fmt: skip
    assert len(home.channel.calls) == 1
    assert await home.send(WELCOME) == "none"


async def test_another_number_is_tried_though_the_first_one_was_refused(home: Ground) -> None:
    home.clock.instant += timedelta(seconds=1)
    await home.tell("contact.invalid", person="zw", channel="email", address="zw@example.com")
    home.channel.failures = [PermanentFailure("blacklisted")]
    await home.send(WELCOME)

    home.clock.instant += timedelta(hours=1)
    await home.tell("contact.changed", person="zw", channel="phone", address="13900139000")
    await home.send(WELCOME)

    assert (await home.entry(WELCOME)).state is State.SENT
    assert [call.to for call in home.channel.calls] == ["+8613800138000", "+8613900139000"]


async def test_where_a_call_may_have_gone_out_no_other_channel_is_taken(home: Ground) -> None:
    home.channel.failures = [UnknownOutcome("timeout")]
    await home.send(WELCOME)

    home.clock.instant += timedelta(minutes=2)
    await home.tell("contact.changed", person="zw", channel="email", address="zw@example.org", preferred=True)
    await home.send(WELCOME)

    assert await home.outbox() == [("sent", "sms")]
    assert len(home.channel.taken) == 1


async def test_a_channel_that_went_invalid_after_a_call_ends_unknown_and_not_by_another(home: Ground) -> None:
    home.channel.failures = [UnknownOutcome("timeout")]
    await home.send(WELCOME)

    home.clock.instant += timedelta(minutes=2)
    await home.tell("contact.invalid", person="zw", channel="phone", address="+8613800138000")
    await home.send(WELCOME)

    assert await home.outbox() == [("unknown", "sms")]
    assert (await home.entry(WELCOME)).state is State.UNKNOWN


async def test_a_temporary_no_waits_for_its_channel(home: Ground) -> None:
    home.channel.failures = [TemporaryFailure("busy-429")]

    await home.send(WELCOME)

    assert (await home.entry(WELCOME)).state is State.HELD
    assert await home.outbox() == [("failed", "sms")]


@pytest.mark.parametrize(
    ("asked", "waits"), [(None, 1), (timedelta(seconds=5), 1), (timedelta(minutes=7), 7), (timedelta(hours=20), 60)]
)
async def test_a_provider_that_names_an_hour_is_left_alone_until_then_and_no_longer_than_an_hour(
    home: Ground, asked: timedelta | None, waits: int
) -> None:
    home.channel.failures = [TemporaryFailure("http-429", asked)]

    await home.send(WELCOME)

    assert (await home.entry(WELCOME)).until == home.clock.instant + timedelta(minutes=waits)


async def test_the_owners_choice_goes_before_the_order_of_the_class(home: Ground) -> None:
    home.clock.instant += timedelta(seconds=1)
    await home.tell("contact.verified", person="zw", channel="email", address="zw@example.com", preferred=True)

    await home.send(WELCOME)

    assert await home.outbox() == [("sent", "email")]
    assert (await decision(home))["preferred"] == "email"


async def test_a_choice_that_is_taken_back_leaves_the_order_of_the_class(home: Ground) -> None:
    for preferred in (True, False):
        home.clock.instant += timedelta(seconds=1)
        await home.tell("contact.verified", person="zw", channel="email", address="zw@example.com", preferred=preferred)

    await home.send(WELCOME)

    assert await home.outbox() == [("sent", "sms")]


async def test_what_was_sent_and_why_is_told_in_both_languages(home: Ground) -> None:
    home.channel.failures = [PermanentFailure("blacklisted")]
    await home.send(WELCOME)

    page = await home.store.read(list_messages, journey=home.journey, lang="zh")
    (row,) = page.document()["data"]
    english = await home.store.read(
        explain_item, home.journey, WELCOME, home.clock.instant, "en", shelf=home.site.shelf
    )

    assert "未用 短信:服务商已拒绝(blacklisted)" in row["decision"]["text"]
    assert "选用 邮件" in row["decision"]["text"]
    (looked,) = [section for section in english["sections"] if section["name"] == "looked"]
    said = [line["text"] for line in looked["lines"]]
    assert "not by SMS: its provider refused (blacklisted)" in said
    assert "sent for the contract or by duty: no consent is needed" in said
    assert any("hours 08:00–21:00 (Asia/Shanghai, 10:00 there)" in line for line in said)


async def test_what_was_not_sent_and_why_is_told_from_the_timeline(home: Ground) -> None:
    await home.tell("hold.placed", scope="all", how="mute", reason="业主要求", by="ops")
    await home.send(WELCOME)

    found = await home.store.read(explain_item, home.journey, WELCOME, home.clock.instant, "en", shelf=home.site.shelf)

    (looked,) = [section for section in found["sections"] if section["name"] == "looked"]
    said = [line["text"] for line in looked["lines"]]
    assert said[0].startswith("2026-03-16 10:00 decided: not sent (Contract, pack ")
    assert "because: muted" in said
    assert any(line.startswith("on hold (Mute, all), event evt_") for line in said)


async def test_no_record_holds_an_address_or_a_name(home: Ground) -> None:
    home.channel.failures = [PermanentFailure("blacklisted")]
    await home.send(WELCOME)

    kept = str(await decision(home))

    assert "13800138000" not in kept
    assert "zw@example.com" not in kept
    assert "张伟" not in kept


async def test_who_moves_while_a_text_waits_gets_it_in_the_hours_of_his_new_home(
    kernel_store: Store, tmp_path: Path
) -> None:
    home = await ground(kernel_store, tmp_path, instant("2026-03-16 21:30"))
    await home.start(owners=[OWNER])
    await home.send(WELCOME)
    assert (await home.entry(WELCOME)).until == instant("2026-03-17 08:00")

    home.clock.instant += timedelta(hours=1)
    await home.tell("contact.verified", person="zw", channel="phone", address="13800138000", zone="Europe/London")
    home.clock.instant = instant("2026-03-17 08:00")  # midnight in London
    await home.send(WELCOME)
    held = await home.entry(WELCOME)
    home.clock.instant = instant("2026-03-17 08:00", "Europe/London")
    await home.send(WELCOME)

    assert (held.state, held.until) == (State.HELD, instant("2026-03-17 08:00", "Europe/London"))
    assert (await home.entry(WELCOME)).state is State.SENT
    assert len(home.channel.calls) == 1
