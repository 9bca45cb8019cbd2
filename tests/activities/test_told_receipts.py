"""Receipts that are told as an event act as those of a provider's signed call."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from journey.adapters.channels import Delivery
from journey.domain.entries import State
from journey.store import receipts
from journey.store.engine import Store
from journey.store.tables import contacts, events, messages
from journey.store.tables import receipts as table
from starter.doors import Answer
from tests.activities.broadcast_ground import Announcer
from tests.activities.ground import Ground, ScriptedChannel, ground
from tests.activities.test_receipts import signed
from tests.records import instant

WELCOME = "signing.keeper-welcome"
MORNING = instant("2026-03-16 10:00")
OWNER = {"ref": "zw", "name": "张伟", "phone": "13800138000", "wechat": "wx-zw"}


@pytest_asyncio.fixture
async def home(kernel_store: Store, tmp_path: Path) -> Ground:
    """A home whose first message was sent by SMS as `p-1`; its owner has WeChat as well."""
    made = await ground(kernel_store, tmp_path, MORNING)
    await made.start(owners=[OWNER])
    await made.send(WELCOME)
    await made.plan()
    made.clock.instant += timedelta(minutes=5)
    return made


async def tell(home: Ground, state: str, ident: str = "r1", **more: Any) -> Answer:
    """The receipt as another system tells it; the message is named by `about` unless told otherwise."""
    about = more.pop("about", {"item": WELCOME, "occurrence": "once"})
    body = {"id": ident, "type": "message.receipt", "occurred_at": home.clock.instant.isoformat()}
    body["source"] = more.pop("source", "crm")
    named = ({"about": about} if about else {}) | ({"person": more.pop("person")} if "person" in more else {})
    return await home.doors.tell_journey(home.journey, body | named | {"data": {"state": state, **more}})


async def row(home: Ground) -> Any:
    return await home.store.read(lambda s: s.execute(select(messages).order_by(messages.c.reserved_at)).first())


async def kept(home: Ground) -> list[tuple[str, str | None]]:
    """Outcome and message of every receipt on record."""
    found = await home.store.read(lambda s: s.execute(select(table)).all())
    return [(one.outcome, one.message_id) for one in found]


async def reason(home: Ground, ident: str = "r1") -> str | None:
    """The code that the journey answers with once it has judged."""
    await home.plan()
    query = select(events.c.reason).where(events.c.source_id == ident)
    found: Any = await home.store.read(lambda s: s.execute(query).scalar_one())
    return found["code"] if found else None


async def test_delivered_raises_message_and_entry(home: Ground) -> None:
    await tell(home, "delivered")

    assert ((await row(home)).state, (await home.entry(WELCOME)).state) == ("delivered", State.DELIVERED)
    assert await kept(home) == [("applied", (await row(home)).id)]
    assert await reason(home) is None


async def test_the_message_may_be_named_by_its_id_our_key_or_the_providers_id(home: Ground) -> None:
    sent = await row(home)

    await tell(home, "delivered", "by-id", about=None, message=sent.id)
    await tell(home, "read", "by-key", about=None, key=sent.key)
    await tell(home, "delivered", "by-provider", about=None, provider_id="p-1")

    assert [outcome for outcome, _ in await kept(home)] == ["applied", "applied", "stands"]
    assert (await row(home)).read_at == home.clock.instant


async def test_a_dead_number_is_invalid_and_what_is_owed_goes_by_the_next_way(home: Ground) -> None:
    await tell(home, "failed", failure="permanent", code="EMPTY")

    states = await home.store.read(lambda s: s.execute(select(contacts.c.channel, contacts.c.state)).all())
    assert {one.channel: one.state for one in states} == {"phone": "invalid", "wechat": "ok"}
    again = next(move for move in (await home.plan()).moves if move.key.startswith(WELCOME))
    assert "~" in again.key
    assert (await row(home)).failed_at == home.clock.instant


@pytest.mark.parametrize(
    ("said", "failure", "number"),
    [
        ({"code": "empty-number"}, "permanent", "invalid"),
        ({"code": "switched-off"}, "later", "ok"),
        ({"code": "EMPTY"}, "refused", "ok"),
        ({}, "refused", "ok"),
        ({"code": "empty-number", "failure": "refused"}, "refused", "ok"),
    ],
)
async def test_our_own_codes_mean_what_they_mean_at_the_door_for_receipts(
    home: Ground, said: dict[str, str], failure: str, number: str
) -> None:
    await tell(home, "failed", **said)

    phone = select(contacts.c.state).where(contacts.c.channel == "phone")
    told = select(events.c.data).where(events.c.type == "message.receipt")
    receipt: Any = await home.store.read(lambda s: s.execute(told).scalar_one())
    assert receipt["failure"] == failure
    assert await home.store.read(lambda s: s.execute(select(table.c.failure)).scalar_one()) == failure
    assert await home.store.read(lambda s: s.execute(phone).scalar_one()) == number


@pytest.mark.parametrize("arrived", ["delivered", "read"])
async def test_an_older_failure_told_of_what_arrived_sends_nothing_again(home: Ground, arrived: str) -> None:
    await tell(home, arrived)
    home.clock.instant -= timedelta(minutes=1)

    await tell(home, "failed", "older", failure="permanent", code="EMPTY")

    assert await reason(home, "older") == "receipt-overtaken"
    assert [outcome for outcome, _ in await kept(home)] == ["applied", "stands"]
    assert (await row(home)).state == "delivered"
    assert await home.move(WELCOME) is None


async def test_a_failure_told_before_the_send_is_recorded_is_overtaken_by_what_arrives_meanwhile(
    kernel_store: Store, tmp_path: Path
) -> None:
    home = await ground(kernel_store, tmp_path, MORNING)
    await home.start(owners=[OWNER])
    move = await home.move(WELCOME)

    class Quick(ScriptedChannel):
        async def deliver(self, outgoing: Any) -> Delivery:
            sent = (await row(home)).id
            await tell(home, "failed", "early", about=None, message=sent, failure="refused")
            await tell(home, "delivered", "late", about=None, message=sent)
            return await super().deliver(outgoing)

    home.channel = Quick()
    await home.send(WELCOME, move=move)

    later = datetime.now(UTC) + timedelta(minutes=5)
    await home.store.write(receipts.catch_up, home.clock.instant, later, 500)

    assert sorted(outcome for outcome, _ in await kept(home)) == ["applied", "stands"]
    assert await reason(home, "early") == "receipt-overtaken"
    assert await home.move(WELCOME) is None


async def test_an_unknown_receipt_proves_nothing_and_lowers_nothing(home: Ground) -> None:
    await tell(home, "unknown")

    assert (await row(home)).state == "sent"
    assert [outcome for outcome, _ in await kept(home)] == ["stands"]


async def test_of_a_message_that_nobody_knows_it_is_kept_and_the_answer_says_so(home: Ground) -> None:
    await tell(home, "delivered", about={"item": "handover.notice"})

    assert await reason(home) == "receipt-unknown"
    assert await kept(home) == [("unknown", None)]
    assert (await row(home)).state == "sent"


async def test_nobody_outside_says_that_a_receipt_is_overtaken_or_of_no_message(home: Ground) -> None:
    await tell(home, "failed", failure="refused", overtaken="delivered", unmatched=True)

    assert await reason(home) is None
    assert await home.move(WELCOME) is not None


async def test_a_receipt_told_twice_acts_once(home: Ground) -> None:
    first = await tell(home, "delivered")
    again = await tell(home, "delivered")

    assert first.event == again.event
    assert len(await kept(home)) == 1


async def test_of_two_recipients_nobody_is_guessed(kernel_store: Store, tmp_path: Path) -> None:
    home = await ground(kernel_store, tmp_path, instant("2026-06-01 09:00"))
    await signed(home, owners=[OWNER, {"ref": "lf", "name": "李芳", "phone": "13800138001"}])
    await home.send("handover.notice")
    notice = {"item": "handover.notice"}

    await tell(home, "delivered", about=notice)
    assert await reason(home) == "receipt-unknown"

    await tell(home, "delivered", "r2", about=notice, person="lf")
    arrived = await home.store.read(lambda s: s.execute(select(messages.c.state)).scalars().all())
    assert sorted(arrived) == ["delivered", "sent"]


async def test_what_a_broadcast_repeats_for_a_told_receipt_is_found_by_its_own_receipts(here: Announcer) -> None:
    await here.home("3-1-1", phone="13800138000", wechat="wx-1")
    news = await here.news()
    await here.run(news)
    home = here.ground
    home.clock.instant += timedelta(minutes=5)

    await tell(home, "failed", about=None, message=(await row(home)).id, failure="refused")
    await here.run(news)
    last = (await home.store.read(lambda s: s.execute(select(messages).order_by(messages.c.reserved_at)).all()))[-1]
    await tell(home, "delivered", "r2", about=None, message=last.id)

    assert (last.channel, last.entry_key.count("~rcp_")) == ("wechat", 1)
    assert await here.recipients(news) == {"ref-3-1-1": "delivered"}


@pytest.mark.postgres
async def test_a_long_source_is_kept_as_far_as_it_goes(postgres_url: str, tmp_path: Path) -> None:
    with Store(postgres_url) as store:
        home = await ground(store, tmp_path, MORNING)
        await home.start(owners=[OWNER])

        await tell(home, "delivered", source="s" * 200)

        assert await store.read(lambda s: s.execute(select(table.c.source)).scalar_one()) == "s" * 60


async def test_a_told_receipt_that_waited_for_the_end_of_the_send_is_told_once(
    kernel_store: Store, tmp_path: Path
) -> None:
    home = await ground(kernel_store, tmp_path, MORNING)
    await home.start(owners=[OWNER])
    move = await home.move(WELCOME)

    class Quick(ScriptedChannel):
        async def deliver(self, outgoing: Any) -> Delivery:
            sent = await row(home)
            await tell(home, "failed", about=None, message=sent.id, failure="permanent", code="EMPTY")
            return await super().deliver(outgoing)

    home.channel = Quick()
    await home.send(WELCOME, move=move)
    assert [outcome for outcome, _ in await kept(home)] == ["waiting"]
    later = datetime.now(UTC) + timedelta(minutes=5)

    await home.store.write(receipts.catch_up, home.clock.instant, later, 500)

    assert [outcome for outcome, _ in await kept(home)] == ["applied"]
    receipt_events = select(events.c.source_id).where(events.c.type == "message.receipt")
    assert await home.store.read(lambda s: s.execute(receipt_events).scalars().all()) == ["r1"]
    states = await home.store.read(lambda s: s.execute(select(contacts.c.channel, contacts.c.state)).all())
    assert {one.channel: one.state for one in states} == {"phone": "invalid", "wechat": "ok"}
