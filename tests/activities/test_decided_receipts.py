"""A person decided on a send whose outcome was unknown, and its carrier says something later: they know each other."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from journey.adapters.channels import Delivery, UnknownOutcome
from journey.domain.receipts import Receipt
from journey.domain.values import Failure, ReceiptState
from journey.store import hooks
from journey.store.engine import Store
from journey.store.tables import messages
from tests.activities.ground import Ground, ScriptedChannel, ground
from tests.activities.test_receipts import tell
from tests.activities.test_told_receipts import OWNER, WELCOME
from tests.activities.test_told_receipts import tell as tell_event
from tests.records import instant

EVENING, NIGHT, MORNING = (instant(f"2026-03-{at}") for at in ("16 20:50", "16 21:30", "17 08:01"))


@pytest_asyncio.fixture
async def home(kernel_store: Store, tmp_path: Path) -> Ground:
    """A home whose first message went by SMS in the evening, with an outcome that nobody knows; it has WeChat too."""
    channel = ScriptedChannel(takes_keys=False, failures=[UnknownOutcome("timeout")])
    made = await ground(kernel_store, tmp_path, EVENING, channel)
    await kernel_store.write(
        hooks.add_hook, "carrier", EVENING, kind="receipts", dialect="standard", provider="scripted"
    )
    await made.start(owners=[OWNER])
    await made.send(WELCOME)
    await made.plan()
    return made


async def row(home: Ground) -> Any:
    return await home.store.read(lambda s: s.execute(select(messages).order_by(messages.c.reserved_at)).first())


async def decide(home: Ground, outcome: str) -> None:
    key = (await row(home)).entry_key
    await home.tell("item.decided", key=key, outcome=outcome, by="li", reason="业主说")
    await home.plan()


async def says(home: Ground, how: str, **named: Any) -> str:
    """The carrier says that the message did not arrive, called or told; what came of that."""
    found = await row(home)
    if how == "told":
        await tell_event(home, "failed", "late", about=None, message=found.id, failure="refused", **named)
        return "told"
    receipt = Receipt(
        ReceiptState.FAILED, home.clock.instant, "scripted", named=found.id, failure=Failure.REFUSED, **named
    )
    return next(iter((await tell(home, receipt)).outcomes))


async def all_that_goes(home: Ground) -> list[tuple[str, str]]:
    """Everything that is due for the welcome is sent; the outbox then."""
    while (move := await home.move(WELCOME)) is not None:
        if await home.send(WELCOME, move=move) != "changed" or len(await home.outbox()) > 3:
            break
        await home.plan()
    return sorted(await home.outbox())


HOWS = pytest.mark.parametrize("how", ["called", "told"])


@HOWS
async def test_what_was_decided_not_to_have_happened_goes_once_more_and_no_repeat_beside_it(
    home: Ground, how: str
) -> None:
    home.clock.instant = NIGHT
    await decide(home, "not-happened")
    await all_that_goes(home)  # it waits for the morning

    said = await says(home, how)
    home.clock.instant = MORNING

    assert said in ("stands", "told")
    assert await all_that_goes(home) == [("sent", "sms")]
    assert len(home.channel.calls) == 2


@HOWS
async def test_what_was_decided_to_have_happened_is_not_repeated(home: Ground, how: str) -> None:
    await decide(home, "happened")

    said = await says(home, how)
    home.clock.instant = MORNING

    assert said in ("stands", "told")
    assert await all_that_goes(home) == [("sent", "sms")]
    assert ((await row(home)).failed_at, (await row(home)).reason["code"]) == (None, "decided-happened")


@HOWS
async def test_a_failure_of_the_first_attempt_is_none_of_the_second(home: Ground, how: str) -> None:
    await decide(home, "not-happened")
    home.channel.delivery = Delivery(state="sent", provider_id="p-2")
    home.clock.instant = MORNING
    assert await all_that_goes(home) == [("sent", "sms")]

    await says(home, how, provider_id="p-old")

    assert (await row(home)).failed_at is None
    assert await all_that_goes(home) == [("sent", "sms")]


@HOWS
async def test_a_failure_of_the_second_attempt_is_repeated_by_the_next_way(home: Ground, how: str) -> None:
    await decide(home, "not-happened")
    home.channel.delivery = Delivery(state="sent", provider_id="p-2")
    home.clock.instant = MORNING
    await all_that_goes(home)
    home.clock.instant += timedelta(minutes=5)

    await says(home, how, provider_id="p-2")

    assert await all_that_goes(home) == [("sent", "sms"), ("sent", "wechat")]


async def test_what_was_decided_not_to_have_happened_may_have_arrived_after_all(home: Ground) -> None:
    home.clock.instant = NIGHT
    await decide(home, "not-happened")

    await tell_event(home, "delivered", "late", about=None, message=(await row(home)).id)
    home.clock.instant = MORNING

    assert await all_that_goes(home) == [("delivered", "sms")]
    assert len(home.channel.calls) == 1
