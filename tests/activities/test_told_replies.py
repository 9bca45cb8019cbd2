"""Answers that are told to a home: they find the message that they are to, as receipts do, and act as a carrier's."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from journey.adapters.channels import Delivery
from journey.domain.entries import State
from journey.store import receipts
from journey.store.engine import Store
from journey.store.erasing import erase
from journey.store.tables import consents, contacts, events, messages, persons
from journey.store.tables import receipts as table
from tests.activities.broadcast_ground import Announcer
from tests.activities.ground import Ground, ScriptedChannel, ground
from tests.records import instant

WELCOME = "signing.keeper-welcome"
MORNING = instant("2026-03-16 10:00")
LONG_AFTER = instant("2100-01-01 00:00")  # by the real clock, at which receipts are looked at again
COUPLE = (
    {"ref": "zw", "name": "张伟", "phone": "13800138000"},
    {"ref": "lf", "name": "李芳", "phone": "13800138001"},
)
NAMED: dict[str, Callable[[Any], dict[str, Any]]] = {
    "item": lambda row: {"about": {"item": WELCOME}},
    "about": lambda row: {"about": {"message": row.id}},
    "message": lambda row: {"data": {"message": row.id}},
    "key": lambda row: {"data": {"key": row.key}},
    "provider_id": lambda row: {"data": {"provider_id": "p-1"}},
}


@pytest_asyncio.fixture
async def home(kernel_store: Store, tmp_path: Path) -> Ground:
    """The home of a couple, whose first message went to 张伟 by SMS as `p-1`."""
    made = await ground(kernel_store, tmp_path, MORNING)
    await made.start(owners=COUPLE)
    await made.send(WELCOME)
    await made.plan()
    return made


async def reply(home: Ground, text: str, **more: Any) -> None:
    """Tell an answer of a minute later."""
    home.clock.instant += timedelta(minutes=1)
    at = home.clock.instant.isoformat()
    data = {"text": text} | more.pop("data", {})
    event = {"id": f"re-{at}", "type": "message.replied", "occurred_at": at, "data": data, **more}
    await home.doors.tell_journey(home.journey, event)


async def row(home: Ground) -> Any:
    return await home.store.read(lambda session: session.execute(select(messages)).one())


async def told_of(home: Ground, kind: str) -> Sequence[Any]:
    query = select(events).where(events.c.type == kind).order_by(events.c.seq)
    return await home.store.read(lambda session: session.execute(query).all())


async def forget(home: Ground, ref: str) -> None:
    """Forget a person, the proofs of his consents too."""

    def erased(session: Session) -> None:
        person = session.execute(select(persons.c.id).where(persons.c.ref == ref)).scalar_one()
        at = home.clock.instant
        erase(session, person, reason="test", evidence=True, actor="k", now=at, real_now=at)

    await home.store.write(erased)


async def states(home: Ground) -> dict[str, str]:
    """The state of everybody's number, by ref."""
    query = (
        select(persons.c.ref, contacts.c.state)
        .join(contacts, contacts.c.person_id == persons.c.id)
        .where(contacts.c.channel == "phone")
    )
    found = await home.store.read(lambda session: session.execute(query).all())
    return {one.ref: one.state for one in found}


async def withdrawn(home: Ground) -> set[tuple[str, str]]:
    """Who does not agree to what, by ref and purpose."""
    query = (
        select(persons.c.ref, consents.c.purpose)
        .join(consents, consents.c.person_id == persons.c.id)
        .where(~consents.c.given)
    )
    found = await home.store.read(lambda session: session.execute(query).all())
    return {(one.ref, one.purpose) for one in found}


async def moves(home: Ground) -> list[str]:
    return [move.key.split("/")[0] for move in (await home.plan()).moves]


@pytest.mark.parametrize("named", NAMED.values(), ids=NAMED)
async def test_a_strangers_answer_loses_the_number_of_whoever_got_that_message(
    home: Ground, named: Callable[[Any], dict[str, Any]]
) -> None:
    await reply(home, "打错了", **named(await row(home)))

    assert await states(home) == {"zw": "invalid", "lf": "ok"}
    assert "contact.verify" in await moves(home)


@pytest.mark.parametrize("named", NAMED.values(), ids=NAMED)
async def test_the_message_shows_replied_and_the_answer_says_what_it_is_to(
    home: Ground, named: Callable[[Any], dict[str, Any]]
) -> None:
    before = await row(home)

    await reply(home, "请问周末能看房吗?", **named(before))

    found, (told,) = await row(home), await told_of(home, "message.replied")
    assert (found.state, found.replied_at) == ("delivered", MORNING + timedelta(minutes=1))
    assert (await home.entry(WELCOME)).state is State.DELIVERED
    said = {name: told.data.get(name) for name in ("message", "entry", "channel", "message_class")}
    assert said == {
        "message": before.id, "entry": before.entry_key, "channel": "sms", "message_class": "contract",
    }  # fmt: skip
    assert told.person_id == before.person_id
    assert "contact.answer" in await moves(home)


async def test_an_answer_that_names_a_message_of_another_home_is_to_nothing(home: Ground) -> None:
    other = (await row(home)).id
    owners = [{"ref": "o", "name": "甲", "phone": "13800138002"}, {"ref": "p", "name": "乙", "phone": "13800138003"}]
    home.journey = (await home.doors.start_journey({"project": "XN", "unit": "3-1-8", "owners": owners})).journey["id"]

    await reply(home, "打错了", data={"message": other})

    assert set((await states(home)).values()) == {"ok"}
    assert (await row(home)).replied_at is None


async def test_the_same_answer_told_twice_acts_once(home: Ground) -> None:
    event = {
        "id": "r", "type": "message.replied", "occurred_at": MORNING.isoformat(), "data": {"text": "打错了"},
        "about": {"item": WELCOME},
    }  # fmt: skip

    for _ in range(2):
        await home.doors.tell_journey(home.journey, event)

    assert len(await told_of(home, "contact.invalid")) == 1
    assert len(await home.store.read(lambda s: s.execute(select(table)).all())) == 1


async def test_an_answer_to_a_send_that_is_under_way_raises_it_afterwards(kernel_store: Store, tmp_path: Path) -> None:
    home = await ground(kernel_store, tmp_path, MORNING)
    await home.start(owners=COUPLE)
    move = await home.move(WELCOME)

    class Quick(ScriptedChannel):
        async def deliver(self, outgoing: Any) -> Delivery:
            await reply(home, "好的,请问几点?", data={"key": outgoing.key})
            return await super().deliver(outgoing)

    home.channel = Quick()
    await home.send(WELCOME, move=move)
    assert (await row(home)).replied_at is None

    await home.store.write(receipts.catch_up, home.clock.instant, LONG_AFTER, 500)

    assert (await row(home)).replied_at is not None
    assert len(await told_of(home, "message.replied")) == 1
    words = await home.store.read(lambda s: s.execute(select(table.c.text, table.c.address)).one())
    assert tuple(words) == (None, None)  # they stand with the event


async def test_of_several_who_got_it_nobody_is_guessed(home: Ground) -> None:
    mine = await row(home)
    wife = await home.store.read(lambda s: s.execute(select(persons.c.id).where(persons.c.ref == "lf")).scalar_one())
    hers = dict(mine._mapping) | {"id": "msg_hers", "key": "hers", "provider_id": "p-2", "person_id": wife}
    await home.store.write(lambda session: session.execute(insert(messages).values(**hers)))

    await reply(home, "打错了", about={"item": WELCOME})
    assert set((await states(home)).values()) == {"ok"}

    await reply(home, "打错了", data={"provider_id": "p-2"})
    assert await states(home) == {"zw": "ok", "lf": "invalid"}


async def test_a_stranger_of_whom_nothing_is_known_is_for_the_keeper_to_find(home: Ground) -> None:
    await reply(home, "打错了")

    assert set((await states(home)).values()) == {"ok"}
    assert await told_of(home, "contact.invalid") == []
    assert "contact.answer" in await moves(home)


async def test_a_stranger_whose_number_is_known_needs_nobody_to_find_him(home: Ground) -> None:
    await reply(home, "打错了", data={"address": "13800138001"})

    assert await states(home) == {"zw": "ok", "lf": "invalid"}
    found = await moves(home)
    assert ("contact.verify" in found, "contact.answer" in found) == (True, False)


@pytest.mark.parametrize("data", [{}, {"address": "13900139000"}, {"address": "138****8001"}])
async def test_a_refusal_of_whoever_in_a_home_is_of_all_its_owners(home: Ground, data: dict[str, str]) -> None:
    await reply(home, "TD", data=data)

    assert await withdrawn(home) == {("zw", "marketing"), ("lf", "marketing")}
    assert "contact.answer" not in await moves(home)


async def test_a_refusal_of_care_by_whoever_is_of_care_too(home: Ground) -> None:
    await reply(home, "TD", data={"message_class": "care"})

    assert await withdrawn(home) == {(who, what) for who in ("zw", "lf") for what in ("care", "marketing")}


async def test_a_refusal_from_a_number_that_is_known_is_of_whoever_has_it(home: Ground) -> None:
    await reply(home, "TD", data={"address": "13800138001"})

    assert await withdrawn(home) == {("lf", "marketing")}


async def test_a_sole_owner_is_who_wrote_it(kernel_store: Store, tmp_path: Path) -> None:
    home = await ground(kernel_store, tmp_path, MORNING)
    await home.start()

    await reply(home, "请问周末能看房吗?")

    (told,) = await told_of(home, "message.replied")
    assert told.person_id is not None
    assert "contact.answer" in await moves(home)


@pytest.mark.parametrize(
    "named", [{"about": {"item": WELCOME}}, {"data": {"provider_id": "p-1"}}, {"person": "zw"}], ids=str
)
async def test_what_a_forgotten_person_answers_is_kept_without_its_words(home: Ground, named: dict[str, Any]) -> None:
    await forget(home, "zw")
    said = {"data": {"address": "13800138000", "name": "张伟"} | named.get("data", {})}

    await reply(home, "我是张伟,住春熙路", **named | said)

    (told,) = await told_of(home, "message.replied")
    before = await row(home)
    assert told.person_id == before.person_id
    assert not {"text", "address", "name"} & told.data.keys()
    if "person" not in named:
        assert (told.data["message"], told.data["channel"]) == (before.id, "sms")
        assert before.replied_at is not None


async def test_what_the_only_owner_answers_after_he_was_forgotten_is_kept_without_its_words(
    kernel_store: Store, tmp_path: Path
) -> None:
    home = await ground(kernel_store, tmp_path, MORNING)
    await home.start()
    await forget(home, "zw")

    await reply(home, "我是张伟,住春熙路")

    (told,) = await told_of(home, "message.replied")
    assert told.person_id is not None
    assert told.data == {}


async def test_who_is_remembered_keeps_the_words_of_an_answer_that_names_him(home: Ground) -> None:
    await forget(home, "zw")

    await reply(home, "请问周末能看房吗?", person="lf", about={"item": WELCOME})

    (told,) = await told_of(home, "message.replied")
    assert told.data["text"] == "请问周末能看房吗?"


async def test_who_is_remembered_says_no_by_an_answer_to_a_message_of_the_forgotten(home: Ground) -> None:
    await home.tell("consent.given", person="lf", purpose="marketing", evidence="form")
    first = await row(home)
    await forget(home, "zw")

    await reply(home, "TD", person="lf", data={"message": first.id})

    assert ("lf", "marketing") in await withdrawn(home)


async def test_a_refusal_is_of_the_writer_who_is_named_and_of_whoever_got_the_message(home: Ground) -> None:
    for ref in ("zw", "lf"):
        home.clock.instant += timedelta(minutes=1)
        await home.tell("consent.given", person=ref, purpose="marketing", evidence="form")

    await reply(home, "TD", person="lf", data={"message": (await row(home)).id})

    assert {("zw", "marketing"), ("lf", "marketing")} <= await withdrawn(home)


async def test_a_stranger_whose_number_is_of_another_home_is_nobodys_task_here(home: Ground) -> None:
    other = {"ref": "wang", "name": "王磊", "phone": "13700137000"}
    await home.doors.start_journey({"project": "XN", "unit": "3-1-9", "owners": [other]})

    await reply(home, "打错了", data={"address": "13700137000"})

    assert (await states(home))["wang"] == "invalid"
    assert not [item.key for item in (await home.plan()).agenda if item.key.startswith("contact.answer")]


async def test_the_same_answer_of_a_forgotten_person_told_twice_stands_once(home: Ground) -> None:
    event = {
        "id": "r", "type": "message.replied", "occurred_at": MORNING.isoformat(), "data": {"text": "打错了"},
        "about": {"item": WELCOME},
    }  # fmt: skip
    await forget(home, "zw")

    for _ in range(2):
        await home.doors.tell_journey(home.journey, event)

    assert len(await told_of(home, "message.replied")) == 1


async def test_a_strangers_answer_to_a_broadcast_counts_as_told_by_a_carrier(home: Ground) -> None:
    project = Announcer(home)
    await project.home("3-1-1", "o", phone="13800138002", wechat="wx-o")
    news = await project.news()
    await project.run(news)
    his = select(messages).join(persons, persons.c.id == messages.c.person_id).where(persons.c.ref == "o")
    sent = await home.store.read(lambda session: session.execute(his).one())

    await reply(home, "发错了", data={"message": sent.id})
    await project.run(news)

    ways = await home.store.read(lambda session: session.execute(his.order_by(messages.c.reserved_at)).all())
    assert [(one.channel, one.state) for one in ways] == [("sms", "delivered"), ("wechat", "sent")]
