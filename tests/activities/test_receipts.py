"""Receipts on a real outbox: out of order, doubled, early, of nobody's message, of what did not arrive, of answers."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import insert, select

from journey.adapters.channels import Delivery, TemporaryFailure, UnknownOutcome
from journey.domain.entries import State
from journey.domain.reasons import wording
from journey.domain.receipts import Receipt
from journey.domain.values import Failure, ReceiptState
from journey.store import hooks, receipts
from journey.store.engine import Store
from journey.store.hooks import Hook
from journey.store.ledger import read_entry
from journey.store.receipts import Call, Kept
from journey.store.tables import broadcast_recipients, contacts, entries, events, journal, journeys, messages, persons
from journey.store.tables import receipts as table
from tests.activities.broadcast_ground import FEAST, NEWS, Announcer
from tests.activities.ground import Ground, ScriptedChannel, ground
from tests.records import instant

WELCOME = "signing.keeper-welcome"
MORNING = instant("2026-03-16 10:00")


@pytest_asyncio.fixture
async def home(kernel_store: Store, tmp_path: Path) -> Ground:
    """A home whose first message was sent by SMS as `p-1`."""
    found = await ground(kernel_store, tmp_path, MORNING)
    await kernel_store.write(
        hooks.add_hook, "carrier", MORNING, kind="receipts", dialect="standard", provider="scripted"
    )
    return found


def said(state: str, minute: int = 1, **more: Any) -> Receipt:
    named: dict[str, Any] = {"provider_id": "p-1"} if not {"key", "named", "provider_id", "address"} & set(more) else {}
    at = more.pop("at", MORNING + timedelta(minutes=minute))
    return Receipt(ReceiptState(state), at, more.pop("provider", "scripted"), **named, **more)


async def tell(home: Ground, *told: Receipt, call: str = "") -> Kept:
    hook: Hook = await home.store.read(hooks.find_hook, "carrier")
    name = call or f"call-{len(told)}-{hash(told)}"
    return await home.store.write(
        receipts.keep, Call(hook, name, "0" * 64), list(told), home.clock.instant, home.clock.instant
    )


async def look_again(home: Ground, minutes: int = 1) -> Kept:
    """The sweeper's look at what waits, a while later."""
    later = home.clock.instant + timedelta(minutes=minutes)
    return await home.store.write(receipts.catch_up, home.clock.instant, later, 500)


async def row(home: Ground) -> Any:
    return await home.store.read(lambda session: session.execute(select(messages)).one())


async def told_of(home: Ground, kind: str) -> Sequence[Any]:
    query = select(events).where(events.c.type == kind).order_by(events.c.seq)
    return await home.store.read(lambda session: session.execute(query).all())


async def sent(home: Ground) -> None:
    await home.start()
    await home.send(WELCOME)
    await home.plan()


async def test_a_delivered_receipt_raises_message_and_entry_and_wakes_no_journey(home: Ground) -> None:
    await sent(home)
    before = await home.entry(WELCOME)

    kept = await tell(home, said("delivered", 2))

    found, entry = await row(home), await home.entry(WELCOME)
    assert (found.state, found.delivered_at) == ("delivered", MORNING + timedelta(minutes=2))
    assert (entry.state, entry.at) == (State.DELIVERED, before.at)
    assert kept.outcomes == {"applied": 1}
    assert not kept.told
    stale = await home.store.read(lambda session: session.execute(select(journeys.c.stale_since)).scalar_one())
    assert stale is None
    codes = await home.store.read(lambda s: s.execute(select(journal.c.code).order_by(journal.c.seq)).scalars().all())
    assert codes[-1] == "message.delivered"
    assert (await home.plan()).changes == []


async def test_receipts_out_of_order_and_doubled_leave_what_came_of_it(home: Ground) -> None:
    await sent(home)

    await tell(home, said("read", 9), call="a")
    await tell(home, said("delivered", 3), call="b")
    doubled = await tell(home, said("delivered", 3), call="b")
    again = await tell(home, said("delivered", 3), call="c")
    await tell(home, said("sent", 1), call="d")

    found = await row(home)
    assert (found.state, found.read_at) == ("delivered", MORNING + timedelta(minutes=9))
    assert doubled.doubled
    assert again.outcomes == {"stands": 1}
    assert len(await home.store.read(lambda s: s.execute(select(table)).all())) == 4


async def test_a_receipt_that_comes_before_the_send_returned_is_matched_afterwards(home: Ground) -> None:
    await home.start()
    move = await home.move(WELCOME)
    early: list[Kept] = []

    class Quick(ScriptedChannel):
        async def deliver(self, outgoing: Any) -> Delivery:
            early.append(await tell(home, said("delivered", 1), call="by id"))
            early.append(await tell(home, said("read", 2, key=outgoing.key), call="by key"))
            return await super().deliver(outgoing)

    home.channel = Quick()
    await home.send(WELCOME, move=move)
    assert [kept.outcomes for kept in early] == [{"waiting": 1}, {"waiting": 1}]
    assert (await home.entry(WELCOME)).state is State.SENT

    kept = await look_again(home)

    found = await row(home)
    assert kept.outcomes == {"applied": 2}
    assert (found.state, found.read_at) == ("delivered", MORNING + timedelta(minutes=2))
    assert (await home.entry(WELCOME)).state is State.DELIVERED
    assert (await look_again(home, 600)).outcomes == {}


async def test_a_receipt_of_nobodys_message_is_kept_and_given_up_after_three_days(home: Ground) -> None:
    await sent(home)

    kept = await tell(
        home, said("delivered", provider_id="p-9"), said("failed", provider="somebody", provider_id="p-1")
    )
    home.clock.instant += timedelta(days=2)
    waiting = await look_again(home)
    home.clock.instant += timedelta(days=2)
    given_up = await look_again(home, 600)

    assert kept.outcomes == waiting.outcomes == {"waiting": 2}
    assert given_up.outcomes == {"unknown": 2}
    assert (await row(home)).state == "sent"
    assert (await look_again(home, 6000)).outcomes == {}


async def test_a_delivered_receipt_settles_an_unknown_outcome(home: Ground) -> None:
    home.channel = ScriptedChannel(takes_keys=False, failures=[UnknownOutcome("timeout")])
    await home.start()
    await home.send(WELCOME)
    unknown = await home.entry(WELCOME)
    key = (await row(home)).key

    await tell(home, said("delivered", 5, key=key))

    assert unknown.state is State.UNKNOWN
    found, entry = await row(home), await home.entry(WELCOME)
    assert (found.state, found.sent_at) == ("delivered", MORNING + timedelta(minutes=5))
    assert (entry.state, entry.reason) == (State.DELIVERED, None)
    assert (await home.plan()).changes == []


async def test_a_failed_receipt_settles_an_unknown_outcome_and_what_is_owed_goes_by_the_next_way(home: Ground) -> None:
    home.clock.instant = instant("2026-06-01 09:00")
    home.channel = ScriptedChannel(takes_keys=False, failures=[UnknownOutcome("timeout")])
    await signed(home)
    await home.send("handover.notice")
    unknown = await home.entry("handover.notice")
    nobody_yet = await home.move("handover.notice")

    told = said("failed", key=(await row(home)).key, code="x", failure=Failure.REFUSED, at=home.clock.instant)
    kept = await tell(home, told)

    found, entry = await row(home), await home.entry("handover.notice")
    assert (unknown.state, nobody_yet, kept.outcomes) == (State.UNKNOWN, None, {"applied": 1})
    assert (found.state, found.failed_at) == ("failed", home.clock.instant)
    assert (entry.state, entry.reason and entry.reason.document()) == (State.FAILED, found.reason)
    assert found.reason["code"] == "not-delivered"
    (event,) = await told_of(home, "message.receipt")
    again = await home.move("handover.notice")
    assert again is not None
    assert again.key.endswith(f"~{event.id}")
    await home.send("handover.notice", move=again)
    assert sorted(await home.outbox()) == [("failed", "sms"), ("sent", "wechat")]
    assert await home.move("handover.notice") is None


async def test_a_message_that_failed_by_its_receipt_may_have_arrived_after_all(home: Ground) -> None:
    home.channel = ScriptedChannel(takes_keys=False, failures=[UnknownOutcome("timeout")])
    await home.start()
    await home.send(WELCOME)
    key = (await row(home)).key

    await tell(home, said("failed", 5, key=key, code="x", failure=Failure.REFUSED), call="a")
    await tell(home, said("delivered", 6, key=key), call="b")

    found, entry = await row(home), await home.entry(WELCOME)
    assert (found.state, found.failed_at, found.reason) == ("delivered", None, None)
    assert (entry.state, entry.reason) == (State.DELIVERED, None)


async def test_an_entry_shows_the_lowest_of_its_owners_deliveries(home: Ground) -> None:
    couple = [
        {"ref": "zw", "name": "张伟", "phone": "13800138000"},
        {"ref": "lf", "name": "李芳", "phone": "13800138001"},
    ]
    home.clock.instant = instant("2026-06-01 09:00")
    await signed(home, owners=couple)
    await home.send("handover.notice")
    rows = await home.store.read(lambda s: s.execute(select(messages).order_by(messages.c.key)).all())
    states = []

    for number, one in enumerate(rows):
        await tell(home, said("delivered", key=one.key), call=f"call {number}")
        states.append((await home.entry("handover.notice")).state)

    assert states == [State.SENT, State.DELIVERED]


async def signed(home: Ground, on: str = "2026-07-01", **more: Any) -> None:
    """A home that is handed over a month from now."""
    fact = {"on": "2026-05-30", "contract_handover_date": on}
    people = more.get("owners") or [{"ref": "zw", "name": "张伟", "phone": "13800138000", "wechat": "wx-zw"}]
    told = {
        "id": "signed",
        "type": "contract.signed",
        "occurred_at": instant("2026-05-30 10:00").isoformat(),
        "data": fact,
    }
    body = {"project": "XN", "unit": "3-1-1202", "owners": people, "facts": [told]}
    home.journey = (await home.doors.start_journey(body)).journey["id"]
    await home.doors.tell_project(
        "XN",
        {
            "id": "gate",
            "type": "gate.passed",
            "occurred_at": told["occurred_at"],
            "data": {"gate": "ready-to-hand-over"},
        },
    )


async def test_what_is_owed_goes_again_by_the_next_way_when_the_carrier_gives_it_back(home: Ground) -> None:
    home.clock.instant = instant("2026-06-01 09:00")
    await signed(home)
    await home.send("handover.notice")

    kept = await tell(home, said("failed", code="CONTENT", failure=Failure.REFUSED, at=home.clock.instant))

    (event,) = await told_of(home, "message.receipt")
    assert [one.event for one in kept.told] == [event.id]
    assert event.data["failure"] == "refused"
    again = await home.move("handover.notice")
    assert again is not None
    assert again.key.endswith(f"~{event.id}")
    await home.send("handover.notice", move=again)
    rows = await home.store.read(lambda s: s.execute(select(messages).order_by(messages.c.reserved_at)).all())
    assert sorted((one.channel, one.state, one.failed_at is not None) for one in rows) == [
        ("sms", "sent", True), ("wechat", "sent", False),
    ]  # fmt: skip
    assert await home.move("handover.notice") is None


async def test_a_failed_receipt_of_a_message_that_arrived_changes_nothing(home: Ground) -> None:
    await sent(home)
    await tell(home, said("delivered", 2), call="a")

    kept = await tell(home, said("failed", 1, code="x", failure=Failure.REFUSED), call="b")

    assert kept.outcomes == {"stands": 1}
    assert (await row(home)).failed_at is None
    assert not await told_of(home, "message.receipt")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["as it was", "turned round"])
async def test_what_came_back_and_arrived_in_one_call_came_to_nothing_but_that_it_arrived(
    home: Ground, order: tuple[int, int]
) -> None:
    home.clock.instant = instant("2026-06-01 09:00")
    await signed(home)
    await home.send("handover.notice")
    told = [
        said("failed", code="EMPTY", failure=Failure.PERMANENT, at=home.clock.instant),
        said("delivered", at=home.clock.instant + timedelta(seconds=5)),
    ]

    kept = await tell(home, *(told[place] for place in order))

    assert (kept.outcomes, kept.told) == ({"applied": 1, "stands": 1}, [])
    assert (await row(home)).state == "delivered"
    assert not await told_of(home, "message.receipt")
    assert not await told_of(home, "contact.invalid")
    assert await home.move("handover.notice") is None


async def test_absent_for_a_while_it_goes_once_more_by_the_same_way_after_a_pause(home: Ground) -> None:
    home.clock.instant = instant("2026-06-01 09:00")
    await signed(home)
    await home.send("handover.notice")
    await tell(home, said("failed", code="absent", failure=Failure.LATER, at=home.clock.instant))

    at_once = await home.move("handover.notice")
    home.clock.instant += timedelta(hours=2)
    later = await home.move("handover.notice")
    home.channel.delivery = Delivery(state="sent", provider_id="p-2")
    await home.send("handover.notice", move=later)
    await tell(home, said("failed", provider_id="p-2", code="absent", failure=Failure.LATER, at=home.clock.instant))
    await home.send("handover.notice")

    assert at_once is None
    assert [channel for _, channel in await home.outbox()] == ["sms", "sms", "wechat"]


async def came_back_later(home: Ground) -> Any:
    """A notice whose carrier said that its owner was absent for a while; the repeat that this asks for."""
    home.clock.instant = instant("2026-06-01 09:00")
    await signed(home)
    await home.send("handover.notice")
    await tell(home, said("failed", code="absent", failure=Failure.LATER, at=home.clock.instant))
    await home.plan()
    home.clock.instant += timedelta(hours=2)
    return await home.move("handover.notice")


async def test_what_arrives_after_all_is_not_repeated(home: Ground) -> None:
    repeat = await came_back_later(home)

    kept = await tell(home, said("delivered", at=home.clock.instant), call="after all")

    assert kept.outcomes == {"applied": 1}
    stale = await home.store.read(lambda session: session.execute(select(journeys.c.stale_since)).scalar_one())
    assert stale is not None  # it is planned anew: nobody waits for the repeat any more
    assert await home.send("handover.notice", move=repeat) == "stale"  # whatever was planned before
    assert await home.move("handover.notice") is None
    assert await home.outbox() == [("delivered", "sms")]


async def test_what_arrives_after_all_is_not_repeated_when_its_repeat_comes_back(home: Ground) -> None:
    repeat = await came_back_later(home)
    home.channel.delivery = Delivery(state="sent", provider_id="p-2")
    await home.send("handover.notice", move=repeat)
    await home.plan()

    await tell(home, said("delivered", at=home.clock.instant), call="after all")
    await tell(home, said("failed", provider_id="p-2", failure=Failure.REFUSED, at=home.clock.instant), call="repeat")

    assert await home.move("handover.notice") is None
    assert sorted(await home.outbox()) == [("delivered", "sms"), ("sent", "sms")]


async def test_a_repeat_that_waits_is_withdrawn_when_its_message_arrives(home: Ground) -> None:
    repeat = await came_back_later(home)
    home.channel.failures = [TemporaryFailure("busy")]
    await home.send("handover.notice", move=repeat)
    entry = await home.store.read(read_entry, home.journey, repeat.key)

    await tell(home, said("delivered", at=home.clock.instant), call="after all")
    await home.plan()

    withdrawn = await home.store.read(read_entry, home.journey, repeat.key)
    assert [one and one.state for one in (entry, withdrawn)] == [State.HELD, State.WITHDRAWN]


async def test_a_dead_number_is_invalid_for_everybody_who_has_it(home: Ground) -> None:
    await sent(home)
    other = {"project": "XN", "unit": "3-1-1203", "owners": [{"ref": "lf", "name": "李芳", "phone": "13800138000"}]}
    neighbour = (await home.doors.start_journey(other)).journey["id"]

    await tell(home, said("failed", code="empty-number", failure=Failure.PERMANENT))

    states = await home.store.read(lambda s: s.execute(select(contacts.c.state)).scalars().all())
    assert states == ["invalid", "invalid"]
    found = await told_of(home, "contact.invalid")
    assert {one.journey_id for one in found} == {home.journey, neighbour}
    assert {one.data["cause"] for one in found} == {"dead-address"}


async def test_a_stranger_who_answers_stops_everything_to_his_number_and_a_task_finds_the_right_one(
    home: Ground,
) -> None:
    home.clock.instant = instant("2026-06-01 09:00")
    await signed(home)
    await home.send("handover.notice")

    kept = await tell(home, said("replied", text="打错了!", address="13800138000", at=home.clock.instant))

    (reply,), (invalid,) = await told_of(home, "message.replied"), await told_of(home, "contact.invalid")
    assert [one.event for one in kept.told] == [reply.id, invalid.id]
    assert invalid.data["evidence"] == {"reply": reply.id}
    assert (await row(home)).replied_at is not None
    plan = await home.plan()
    assert {move.key.split("/")[0] for move in plan.moves} >= {"handover.notice", "contact.verify"}
    await home.send("handover.notice")
    assert [channel for _, channel in await home.outbox()] == ["sms", "wechat"]
    kept_words = await home.store.read(lambda s: s.execute(select(table.c.text, table.c.address)).one())
    assert tuple(kept_words) == (None, None)


async def test_a_new_number_waits_until_it_is_verified(home: Ground) -> None:
    await sent(home)
    await tell(home, said("replied", text="wrong number"))
    await home.tell("contact.changed", person="zw", channel="phone", address="13900139000")
    home.clock.instant += timedelta(minutes=2)
    changed = await home.store.read(lambda s: s.execute(select(contacts.c.state)).scalar_one())
    await home.tell("contact.verified", person="zw", channel="phone", address="13900139000")
    verified = await home.store.read(lambda s: s.execute(select(contacts.c.state)).scalar_one())

    assert (changed, verified) == ("unverified", "ok")


async def test_a_refusal_withdraws_consent_with_the_answer_as_evidence(home: Ground) -> None:
    await sent(home)
    await home.tell("consent.given", person="zw", purpose="marketing", evidence="纸质")

    await tell(home, said("replied", text="TD"))

    (withdrawn,) = await told_of(home, "consent.withdrawn")
    assert withdrawn.data["purpose"] == "marketing"
    assert withdrawn.verdict == "applied"


@pytest.mark.parametrize(
    ("news", "data"),
    [
        ("contact.changed", {"channel": "phone", "address": "13900139000"}),
        ("contact.invalid", {"channel": "phone", "address": "13800138000"}),
    ],
)
async def test_a_refusal_counts_whatever_became_of_the_number_since(
    home: Ground, news: str, data: dict[str, Any]
) -> None:
    await sent(home)
    await home.tell("consent.given", person="zw", purpose="marketing", evidence="纸质")
    home.clock.instant += timedelta(minutes=5)
    await home.tell(news, person="zw", **data)

    await tell(home, said("replied", 6, text="退订"))

    (withdrawn,) = await told_of(home, "consent.withdrawn")
    assert (withdrawn.data["purpose"], withdrawn.verdict) == ("marketing", "applied")


async def test_an_answer_nobody_asked_for_becomes_a_task_without_its_words(home: Ground) -> None:
    await sent(home)

    await tell(home, said("replied", text="请问周末能看房吗?", address="+86 138 0013 8000"), call="a")
    await tell(home, said("replied", 3, text="喂?"), call="b")

    plan = await home.plan()
    assert [move.key.split("/")[0] for move in plan.moves if move.key.startswith("contact.")] == ["contact.answer"]
    lines = await home.store.read(lambda s: s.execute(select(journal.c.params)).scalars().all())
    assert not [params for params in lines if "看房" in str(params)]


async def test_an_answer_is_to_what_its_own_provider_sent_last(home: Ground) -> None:
    await sent(home)
    mine = await row(home)
    call_after_it = dict(mine._mapping) | {
        "id": "msg_later", "key": "later", "channel": "voice", "provider": "simulated", "provider_id": "v-1",
        "sent_at": mine.sent_at + timedelta(minutes=1),
    }  # fmt: skip
    await home.store.write(lambda session: session.execute(insert(messages).values(**call_after_it)))

    await tell(home, said("replied", 3, text="请问周末能看房吗?", address="13800138000"), call="a")
    await tell(home, said("replied", 4, text="喂?", address="13800138000", provider="nobody"), call="b")

    answered = [event.data["message"] for event in await told_of(home, "message.replied")]
    assert answered == [mine.id, "msg_later"]


@pytest.mark.parametrize("own", [{"provider_id": "mo-77"}, {"key": "theirs"}, {"named": "theirs"}])
async def test_an_answer_that_has_an_id_of_its_own_is_matched_by_its_sender(home: Ground, own: dict[str, str]) -> None:
    await sent(home)

    kept = await tell(home, said("replied", 3, text="打错了", address="138 0013 8000", **own))

    (reply,) = await told_of(home, "message.replied")
    assert kept.outcomes == {"applied": 1}
    assert (reply.data["message"], (await row(home)).provider_id) == ((await row(home)).id, "p-1")
    assert [one.data["cause"] for one in await told_of(home, "contact.invalid")] == ["wrong-person"]


async def test_the_id_of_an_answer_is_not_taken_for_that_of_the_message(home: Ground) -> None:
    await sent(home)
    await home.store.write(lambda s: s.execute(messages.update().values(provider_id=None)))

    await tell(home, said("replied", 3, text="好的", address="13800138000", provider_id="mo-77"))

    assert (await row(home)).provider_id is None


async def test_only_an_answer_is_matched_by_its_sender(home: Ground) -> None:
    await sent(home)

    kept = await tell(home, said("delivered", provider_id="p-9", address="13800138000"))

    assert (kept.outcomes, (await row(home)).state) == ({"waiting": 1}, "sent")


async def test_words_with_an_id_of_their_own_from_somebody_whom_nothing_was_sent_to_are_heard(home: Ground) -> None:
    await home.start()

    await tell(home, said("replied", text="TD", address="13800138000", provider_id="mo-77"))

    assert [one.data["purpose"] for one in await told_of(home, "consent.withdrawn")] == ["marketing"]


async def test_an_answer_from_a_number_that_nobody_has_is_kept(home: Ground) -> None:
    await sent(home)

    kept = await tell(home, said("replied", text="你是谁", address="13700137000"))

    assert kept.outcomes == {"waiting": 1}
    assert not await told_of(home, "message.replied")
    assert await home.store.read(lambda s: s.execute(select(table.c.text)).scalar_one()) == "你是谁"


async def test_the_words_of_somebody_who_was_forgotten_since_are_not_kept(home: Ground) -> None:
    await sent(home)
    await home.store.write(lambda s: s.execute(persons.update().values(erased_at=MORNING)))

    await tell(home, said("replied", text="我还有一句话", address="13800138000"), said("replied", 3, text="还有"))

    assert (await row(home)).replied_at is not None
    assert not await told_of(home, "message.replied")
    kept = await home.store.read(lambda s: s.execute(select(table.c.text, table.c.address)).all())
    assert {tuple(one) for one in kept} == {(None, None)}


async def test_a_broadcasts_report_follows_its_receipts_and_no_home_is_woken(home: Ground) -> None:
    project = Announcer(home)
    for number in range(3):
        await project.home(f"3-1-{number}")
    news = await project.news()
    await project.run(news)
    rows = await home.store.read(lambda s: s.execute(select(messages).order_by(messages.c.key)).all())

    await tell(
        home, said("delivered", key=rows[0].key), said("read", key=rows[1].key),
        said("failed", key=rows[2].key, code="x", failure=Failure.REFUSED),
    )  # fmt: skip

    assert sorted((await project.recipients(news)).values()) == ["delivered", "delivered", "failed"]
    why = select(broadcast_recipients.c.reason).where(broadcast_recipients.c.state == "failed")
    code = await home.store.read(lambda s: str(s.execute(why).scalar_one()))
    assert [wording(code, {}, lang) for lang in ("zh", "en")] == [
        "运营商退回,未送达", "the carrier gave it back: it did not arrive",
    ]  # fmt: skip
    states = await home.store.read(
        lambda s: s.execute(select(entries.c.state).where(entries.c.key.startswith(NEWS))).scalars().all()
    )
    assert sorted(states) == ["delivered", "delivered", "sent"]
    assert not await told_of(home, "message.receipt")


async def test_a_broadcast_that_is_under_way_finds_the_number_invalid(home: Ground) -> None:
    project = Announcer(home, page=1)
    for number in range(2):
        await project.home(f"3-1-{number}", phone="13800138000")
    news = await project.news()
    await project.take(news)
    first = await row(home)

    await tell(home, said("replied", key=first.key, text="发错了"))
    await project.run(news)

    assert sorted((await project.recipients(news)).values()) == ["delivered", "failed"]
    assert len(home.channel.calls) == 1


async def test_words_of_an_owner_whom_nothing_was_sent_to_count_all_the_same(home: Ground) -> None:
    await home.start()
    await home.tell("consent.given", person="zw", purpose="marketing", evidence="form")

    kept = await tell(home, said("replied", text="退订", address="13800138000", at=home.clock.instant))

    assert kept.outcomes == {"applied": 1}
    assert len(await told_of(home, "message.replied")) == 1
    assert len(await told_of(home, "consent.withdrawn")) == 1


async def test_a_question_that_nobody_asked_for_is_a_task(home: Ground) -> None:
    await home.start()

    await tell(home, said("replied", text="请问几点开门", address="13800138000", at=home.clock.instant))

    assert "contact.answer/" in " ".join(move.key for move in (await home.plan()).moves)


async def test_a_question_under_a_greeting_is_a_task_and_a_refusal_is_none(home: Ground) -> None:
    home.clock.instant = FEAST
    project = Announcer(home)
    asks, refuses = await project.home("3-1-1"), await project.home("3-1-2")
    await project.run(await project.moon())
    rows = await home.store.read(lambda s: s.execute(select(messages)).all())
    keys = {one.journey_id: one.key for one in rows}

    at = home.clock.instant
    await tell(home, said("replied", key=keys[asks], text="同乐!几时可以收楼?", at=at), call="a")
    await tell(home, said("replied", key=keys[refuses], text="退订", at=at), call="b")

    found = {}
    for home.journey in (asks, refuses):
        found[home.journey] = [move.key for move in (await home.plan()).moves if move.key.startswith("contact.")]
    assert (len(found[asks]), found[refuses]) == (1, [])
    assert {one.data["message_class"] for one in await told_of(home, "message.replied")} == {"care"}


async def test_an_answer_is_not_to_what_was_sent_after_it(home: Ground) -> None:
    await sent(home)

    await tell(
        home, said("replied", text="请问周末能看房吗?", address="13800138000", at=MORNING - timedelta(minutes=5))
    )

    assert (await row(home)).replied_at is None
