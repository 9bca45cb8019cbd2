"""What comes back, or is answered, is of the address that the message went to, whichever address is told with it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import delete, select

from journey.domain.errors import InvalidInput
from journey.domain.receipts import Receipt
from journey.domain.values import Failure, ReceiptState
from journey.store import hooks, receipts
from journey.store.engine import Store
from journey.store.receipts import Call
from journey.store.tables import consents, contacts, events, messages, persons
from tests.activities.broadcast_ground import Announcer
from tests.activities.ground import Ground, ScriptedChannel, ground
from tests.records import instant

WELCOME = "signing.keeper-welcome"
MORNING = instant("2026-03-16 10:00")
NUMBER, ANOTHER = "13800138000", "13900139000"
MAILBOX = "Fine.Owner@example.com"
CONSENTS = ["care", "marketing"]
COUPLE = (
    {"ref": "zw", "name": "张伟", "phone": NUMBER, "wechat": "wx-zw", "consents": CONSENTS},
    {"ref": "lf", "name": "李芳", "phone": "13800138001", "consents": CONSENTS},
)


@pytest_asyncio.fixture
async def home(kernel_store: Store, tmp_path: Path) -> Ground:
    """A home that nobody owns yet; mail and WeChat go out as well."""
    made = await ground(kernel_store, tmp_path, MORNING)
    made.others = (ScriptedChannel(name="email"), ScriptedChannel(name="wechat"))
    await kernel_store.write(
        hooks.add_hook, "carrier", MORNING, kind="receipts", dialect="standard", provider="scripted"
    )
    return made


async def sent(home: Ground, **owner: Any) -> None:
    """The first message of one owner goes out."""
    await home.start(owners=[{"ref": "zw", "name": "张伟"} | owner])
    await go(home)


async def go(home: Ground) -> None:
    """Whatever is planned of the first message goes out; much more often than it may."""
    for _ in range(6):
        moves = [move for move in (await home.plan()).moves if move.key.startswith(WELCOME)]
        for move in moves:
            await home.send(WELCOME, move=move)
        if not moves:
            return


async def signed(home: Ground, state: str, of: Any = None, **more: Any) -> None:
    """A receipt of a message, else of the one that went out last, by the carrier's call."""
    home.clock.instant += timedelta(minutes=1)
    now, last = home.clock.instant, of or (await outbox(home))[-1]
    hook = await home.store.read(hooks.find_hook, "carrier")
    receipt = Receipt(ReceiptState(state), now, last.provider, key=last.key, **more)
    await home.store.write(receipts.keep, Call(hook, f"call-{now}", "0" * 64), [receipt], now, now)


async def tell(home: Ground, kind: str, data: dict[str, Any], **more: Any) -> None:
    """An event of a minute later."""
    home.clock.instant += timedelta(minutes=1)
    at = home.clock.instant.isoformat()
    await home.doors.tell_journey(
        home.journey, {"id": f"{kind}-{at}", "type": kind, "occurred_at": at, "data": data, **more}
    )


async def outbox(home: Ground) -> list[Any]:
    query = select(messages).order_by(messages.c.reserved_at, messages.c.key)
    return await home.store.read(lambda session: list(session.execute(query)))


async def ways(home: Ground) -> list[str]:
    return [one.channel for one in await outbox(home)]


async def states(home: Ground) -> dict[str, str]:
    """The state of every address."""
    query = select(contacts.c.address, contacts.c.state)
    return {one.address: one.state for one in await home.store.read(lambda s: s.execute(query).all())}


async def failures(home: Ground) -> list[str]:
    """What the home was told of why it did not arrive."""
    query = select(events.c.data).where(events.c.type == "message.receipt").order_by(events.c.seq)
    return [data["failure"] for data in await home.store.read(lambda s: s.execute(query).scalars().all())]


@pytest.mark.parametrize("named", ["target@elsewhere.example", MAILBOX.lower(), None])
async def test_a_mail_that_comes_back_ends_its_own_mailbox_whichever_the_bounce_names(
    home: Ground, named: str | None
) -> None:
    await sent(home, email=MAILBOX)

    for _ in range(3):
        await signed(home, "failed", code="5.1.1", failure=Failure.PERMANENT, channel="email", address=named)
        await go(home)

    assert await states(home) == {MAILBOX: "invalid"}
    assert await ways(home) == ["email"]


@pytest.mark.parametrize("arrives_first", [False, True])
@pytest.mark.parametrize("how", ["signed", "told"])
async def test_a_stranger_answers_what_came_back_and_went_again_and_nothing_goes_a_third_time(
    home: Ground, how: str, arrives_first: bool
) -> None:
    await sent(home, phone=NUMBER, wechat="wx-zw", email=MAILBOX)
    first = (await outbox(home))[0]
    await hear(home, how, first, "failed", code="x", failure=Failure.REFUSED)
    await go(home)
    assert await ways(home) == ["sms", "wechat"]

    if arrives_first:
        await hear(home, how, first, "delivered")
    await hear(home, how, first, "replied", text="打错了")
    await go(home)

    assert await ways(home) == ["sms", "wechat"]


@pytest.mark.parametrize("arrives_first", [False, True])
@pytest.mark.parametrize("how", ["signed", "told"])
async def test_what_reached_a_stranger_before_its_repeat_went_goes_to_its_owner_once(
    home: Ground, how: str, arrives_first: bool
) -> None:
    await sent(home, phone=NUMBER, wechat="wx-zw")
    first = (await outbox(home))[0]
    await hear(home, how, first, "failed", code="x", failure=Failure.REFUSED)
    await home.plan()

    if arrives_first:
        await hear(home, how, first, "delivered")
    await hear(home, how, first, "replied", text="打错了")
    await go(home)

    assert await ways(home) == ["sms", "wechat"]
    failure = await home.store.read(
        lambda s: s.execute(select(events).where(events.c.data["state"].as_string() == "failed")).one()
    )
    assert ("overtaken" in failure.data) is arrives_first  # what a stranger got reached nobody


async def hear(home: Ground, how: str, of: Any, state: str, **more: Any) -> None:
    """What became of one message, by the carrier's call or told as an event."""
    if how == "signed":
        await signed(home, state, of, **more)
    elif state == "replied":
        await tell(home, "message.replied", {"message": of.id, **more})
    else:
        await tell(home, "message.receipt", {"state": state, "message": of.id, **more})


async def test_a_number_that_is_told_once_more_after_the_send_is_dead_all_the_same(home: Ground) -> None:
    await sent(home, phone=NUMBER)
    await tell(home, "contact.changed", {"channel": "phone", "address": NUMBER}, person="zw")

    about = {"item": WELCOME, "occurrence": "once"}
    await tell(home, "message.receipt", {"state": "failed", "code": "empty-number"}, about=about)
    await go(home)

    assert await states(home) == {f"+86{NUMBER}": "invalid"}
    assert await ways(home) == ["sms"]


async def test_a_number_that_took_its_place_since_is_free(home: Ground) -> None:
    await sent(home, phone=NUMBER)
    await tell(home, "contact.changed", {"channel": "phone", "address": ANOTHER}, person="zw")

    await signed(home, "failed", code="empty", failure=Failure.PERMANENT)
    await go(home)

    assert await states(home) == {f"+86{ANOTHER}": "ok"}
    assert await ways(home) == ["sms", "sms"]


@pytest.mark.parametrize("how", ["signed", "told"])
async def test_where_nobody_knows_what_it_went_to_the_way_counts_as_tried(home: Ground, how: str) -> None:
    await sent(home, phone=NUMBER, wechat="wx-zw")
    first = (await outbox(home))[0]
    changed = events.c.type == "contact.changed"
    await home.store.write(lambda session: session.execute(delete(events).where(changed)))

    if how == "signed":
        await signed(home, "failed", code="empty", failure=Failure.PERMANENT, address=ANOTHER)
    else:
        data = {"state": "failed", "failure": "permanent", "message": first.id}
        await tell(home, "message.receipt", data)
    await go(home)

    assert await failures(home) == ["refused"]
    assert await ways(home) == ["sms", "wechat"]


async def test_addresses_that_turn_out_dead_one_after_the_other_end_the_way(home: Ground) -> None:
    await sent(home, phone=NUMBER)

    for number in range(5):
        await signed(home, "failed", code="empty", failure=Failure.PERMANENT)
        await tell(home, "contact.verified", {"channel": "phone", "address": f"1390013900{number}"}, person="zw")
        await go(home)

    assert await ways(home) == ["sms", "sms", "sms"]


async def test_a_broadcast_that_comes_back_naming_another_mailbox_goes_to_nobody_again(here: Announcer) -> None:
    home = here.ground
    await home.store.write(
        hooks.add_hook, "carrier", home.clock.instant, kind="receipts", dialect="standard", provider="scripted"
    )
    await here.home("3-1-1", phone=NUMBER, wechat="wx-1")
    broadcast = await here.news()
    await here.run(broadcast)

    for _ in range(3):
        await signed(home, "failed", code="5.1.1", failure=Failure.PERMANENT, address=ANOTHER)
        await here.run(broadcast)

    assert await states(home) == {f"+86{NUMBER}": "invalid", "wx-1": "invalid"}
    assert await ways(home) == ["sms", "wechat"]


@pytest.mark.parametrize("how", ["signed", "told"])
async def test_a_stranger_who_answers_from_another_number_loses_the_one_that_was_texted(home: Ground, how: str) -> None:
    await sent(home, phone=NUMBER)

    for _ in range(2):
        if how == "signed":
            await signed(home, "replied", text="打错了", address=ANOTHER)
        else:
            last = (await outbox(home))[-1]
            await tell(home, "message.replied", {"text": "打错了", "message": last.id, "address": ANOTHER})
        await go(home)

    assert await states(home) == {f"+86{NUMBER}": "invalid"}
    assert "contact.verify" in [move.key.split("/")[0] for move in (await home.plan()).moves]
    assert await ways(home) == ["sms"]


async def couple(home: Ground) -> Any:
    """The home of a couple, whose message went to 张伟; the message."""
    await home.start(owners=COUPLE)
    await go(home)
    return (await outbox(home))[0]


async def test_an_answer_is_of_the_recipient_of_its_message_whoever_is_named(home: Ground) -> None:
    message = await couple(home)

    await tell(home, "message.replied", {"text": "打错了", "message": message.id}, person="lf")
    await go(home)

    found = await states(home)
    assert (found[f"+86{NUMBER}"], found["+8613800138001"]) == ("invalid", "ok")
    assert [(one.channel, one.person_id) for one in (await outbox(home))[1:]] == [("wechat", message.person_id)]


async def test_a_receipt_is_of_the_recipient_of_its_message_whoever_is_named(home: Ground) -> None:
    message = await couple(home)

    data = {"state": "failed", "failure": "refused", "message": message.id}
    await tell(home, "message.receipt", data, person="lf")
    await go(home)

    assert [(one.channel, one.person_id) for one in (await outbox(home))[1:]] == [("wechat", message.person_id)]


async def test_a_refusal_from_another_owners_number_is_of_both(home: Ground) -> None:
    await couple(home)

    await signed(home, "replied", text="TD", address="13800138001")

    query = select(persons.c.ref).join(consents, consents.c.person_id == persons.c.id)
    withdrawn = query.where(consents.c.purpose == "marketing", consents.c.given.is_(False))
    found = await home.store.read(lambda session: session.execute(withdrawn).scalars().all())
    assert set(found) == {"zw", "lf"}


async def test_an_owner_that_nobody_knows_is_refused_beside_a_known_message(home: Ground) -> None:
    message = await couple(home)

    with pytest.raises(InvalidInput, match="no known owner"):
        await tell(home, "message.replied", {"text": "打错了", "message": message.id}, person="nobody")

    assert (await states(home))[f"+86{NUMBER}"] == "ok"


async def test_of_two_persons_who_are_one_the_number_that_the_carrier_names_is_dead(home: Ground) -> None:
    await home.start(owners=[{"ref": "zw", "name": "张伟", "phone": NUMBER}])
    second = {"ref": "zw2", "name": "张伟", "phone": ANOTHER}
    await home.doors.start_journey({"project": "XN", "unit": "3-1-9", "owners": [second]})
    await go(home)
    await home.doors.merge_persons("zw", {"alias": "zw2", "by": "li", "reason": "同一身份证"}, actor="k")

    await signed(home, "failed", code="empty", failure=Failure.PERMANENT, address=NUMBER)

    assert (await states(home))[f"+86{ANOTHER}"] == "ok"
