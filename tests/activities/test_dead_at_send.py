"""An address that its provider refuses at the send is dead from then on, as one that a receipt tells of."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select, update
from temporalio.testing import ActivityEnvironment

from activities.messaging import MessagingActivities
from journey.adapters.calling import Http
from journey.adapters.channels import Channel, Delivery, Gateway, Outgoing, PermanentFailure, TemporaryFailure
from journey.adapters.email import EmailChannel
from journey.contracts.performing import Perform
from journey.domain.entries import State
from journey.store.engine import Store
from journey.store.tables import contacts, events, journeys, messages
from tests.activities.broadcast_ground import Announcer
from tests.activities.ground import Ground, ScriptedChannel, ground
from tests.journey.adapters.making import twilio_sms
from tests.journey.adapters.misbehaving import answers, provider
from tests.records import instant

WELCOME = "signing.keeper-welcome"
MORNING = instant("2026-03-16 10:00")
NUMBER = "13800138000"
OWNER = {"ref": "zw", "name": "张伟", "phone": NUMBER, "email": "zw@example.com"}
DEAD = PermanentFailure("bad-recipient")


class Knowing(ScriptedChannel):
    """A provider that knows which number nobody has."""

    async def deliver(self, outgoing: Outgoing) -> Delivery:
        """Refuse that one."""
        self.failures = [DEAD] if outgoing.to == f"+86{NUMBER}" else []
        return await super().deliver(outgoing)


@pytest_asyncio.fixture
async def home(store: Store, tmp_path: Path) -> Ground:
    """An owner with a phone and an e-mail address."""
    made = await ground(store, tmp_path, MORNING)
    await made.start(owners=[OWNER])
    return made


async def standing(home: Ground) -> list[tuple[str, str]]:
    """Channel and state of every address."""
    query = select(contacts.c.channel, contacts.c.state)
    return sorted((row.channel, row.state) for row in await home.store.read(lambda s: s.execute(query).all()))


async def invalid(home: Ground) -> Sequence[Any]:
    query = select(events).where(events.c.type == "contact.invalid").order_by(events.c.seq)
    return await home.store.read(lambda s: s.execute(query).all())


async def test_a_dead_number_is_invalid_at_once_and_the_message_goes_by_the_next_channel(home: Ground) -> None:
    home.channel.failures = [DEAD]

    await home.send(WELCOME)

    (event,) = await invalid(home)
    (message,) = await home.store.read(lambda s: s.execute(select(messages)).all())
    assert await standing(home) == [("email", "ok"), ("phone", "invalid")]
    assert await home.outbox() == [("sent", "email")]
    assert event.data["cause"] == "dead-address"
    assert event.data["evidence"] == {"message": message.id, "code": "bad-recipient"}
    assert (event.journey_id, event.verdict) == (home.journey, "applied")
    assert "contact.verify" in {move.key.split("/")[0] for move in (await home.plan()).moves}


@pytest.mark.parametrize(("code", "state"), [(21211, "invalid"), (21614, "ok"), (30007, "ok"), (20429, "ok")])
async def test_what_twilio_answers_decides_over_the_number(
    kernel_store: Store, tmp_path: Path, code: int, state: str
) -> None:
    home = await ground(kernel_store, tmp_path, MORNING)
    await home.start(owners=[OWNER])
    move = await home.move(WELCOME)
    assert move is not None
    command = Perform(journey=home.journey, key=move.key, due=move.due, seen=move.seen, now=home.clock.instant)

    async with provider(answers({"code": code, "message": "…", "status": 400}, status=400)) as served:
        channels: list[Channel] = [twilio_sms(served.url, Http()), ScriptedChannel("wechat"), ScriptedChannel("email")]
        await ActivityEnvironment().run(MessagingActivities(home.site, Gateway(channels)).send, command)

    assert ("phone", state) in await standing(home)


async def test_everybody_who_has_the_number_is_told_in_a_home_of_his_own(home: Ground) -> None:
    other = {"project": "XN", "unit": "3-1-1203", "owners": [{"ref": "lf", "name": "李芳", "phone": NUMBER}]}
    neighbour = (await home.doors.start_journey(other)).journey["id"]
    await home.store.write(lambda s: s.execute(update(journeys).values(stale_since=None)))
    home.channel.failures = [DEAD]

    await home.send(WELCOME)

    assert await standing(home) == [("email", "ok"), ("phone", "invalid"), ("phone", "invalid")]
    assert {one.journey_id for one in await invalid(home)} == {home.journey, neighbour}
    stale = select(journeys.c.id).where(journeys.c.stale_since.is_not(None))
    assert set(await home.store.read(lambda s: s.execute(stale).scalars().all())) == {home.journey, neighbour}


async def test_an_attempt_that_is_made_again_tells_nothing_twice(home: Ground) -> None:
    move = await home.move(WELCOME)
    home.channel.failures = [DEAD]
    await home.send(WELCOME, move=move)
    home.channel.failures = [DEAD]

    await home.send(WELCOME, move=move)

    assert len(await invalid(home)) == 1
    assert len(home.channel.calls) == 1


async def test_what_is_owed_goes_to_the_next_owner_when_the_first_has_no_other_address(
    store: Store, tmp_path: Path
) -> None:
    home = await ground(store, tmp_path, MORNING)
    couple = [{"ref": "zw", "name": "张伟", "phone": NUMBER}, {"ref": "lf", "name": "李芳", "phone": "13800138001"}]
    await home.start(owners=couple)
    home.channel.failures = [DEAD]

    await home.send(WELCOME)

    assert [call.to for call in home.channel.calls] == [f"+86{NUMBER}", "+8613800138001"]
    assert (await home.entry(WELCOME)).state is State.SENT
    assert sorted(await home.outbox()) == [("failed", "sms"), ("sent", "sms")]


async def test_every_address_that_is_refused_is_told_by_itself(home: Ground) -> None:
    email = ScriptedChannel("email", failures=[DEAD])
    home.channel.failures = [DEAD]
    home.others = [email]

    await home.send(WELCOME)

    assert await standing(home) == [("email", "invalid"), ("phone", "invalid")]
    failed = await home.entry(WELCOME)
    assert failed.state is State.FAILED
    assert len(await invalid(home)) == 2


async def test_the_number_that_takes_its_place_is_invalid_too_when_it_is_refused(home: Ground) -> None:
    home.clock.instant += timedelta(seconds=1)
    await home.tell("contact.invalid", person="zw", channel="email", address="zw@example.com")
    home.channel.failures = [DEAD, DEAD]
    await home.send(WELCOME)
    for minutes, kind in ((30, "contact.changed"), (1, "contact.verified")):
        home.clock.instant += timedelta(minutes=minutes)
        await home.tell(kind, person="zw", channel="phone", address="13900139000")

    await home.send(WELCOME)

    assert [call.to for call in home.channel.calls] == ["+8613800138000", "+8613900139000"]
    assert await standing(home) == [("email", "invalid"), ("phone", "invalid")]


@pytest.mark.parametrize(
    "error",
    [
        TemporaryFailure("too-many"),
        TemporaryFailure("recipient-away"),
        PermanentFailure("content-refused"),
        PermanentFailure("template-not-approved"),
        PermanentFailure("region-barred"),
        PermanentFailure("out-of-reach"),
        PermanentFailure("refused"),
    ],
)
async def test_what_says_nothing_of_the_number_leaves_it_alone(home: Ground, error: Exception) -> None:
    home.channel.failures = [error]

    await home.send(WELCOME)

    assert await standing(home) == [("email", "ok"), ("phone", "ok")]
    assert not await invalid(home)


async def test_an_address_that_only_we_cannot_write_to_stays_as_it_is(kernel_store: Store, tmp_path: Path) -> None:
    home = await ground(kernel_store, tmp_path, MORNING)
    await home.start(owners=[OWNER | {"email": "josé@example.com"}])
    move = await home.move(WELCOME)
    assert move is not None
    command = Perform(journey=home.journey, key=move.key, due=move.due, seen=move.seen, now=home.clock.instant)
    sms = ScriptedChannel(failures=[PermanentFailure("out-of-reach")])
    channels: list[Channel] = [sms, ScriptedChannel("wechat"), EmailChannel("127.0.0.1", 1, "post@estate.example")]

    await ActivityEnvironment().run(MessagingActivities(home.site, Gateway(channels)).send, command)

    assert await home.outbox() == [("failed", "email")]
    assert await standing(home) == [("email", "ok"), ("phone", "ok")]
    assert not await invalid(home)


async def test_a_number_that_is_dead_in_a_broadcast_is_invalid_and_called_no_more(project: Announcer) -> None:
    project.page = 1
    shared = [await project.home(f"3-1-{number}", phone=NUMBER) for number in range(2)]
    alone = await project.home("3-1-9")
    home = project.ground
    home.channel = Knowing()

    await project.run(await project.news())
    await project.run(await project.news(occurrence="evt_2"))

    assert await standing(home) == [("phone", "invalid"), ("phone", "invalid"), ("phone", "ok")]
    assert sorted(one.journey_id for one in await invalid(home)) == sorted(shared)
    assert [call.to for call in project.channel.calls].count(f"+86{NUMBER}") == 1
    assert alone not in {one.journey_id for one in await invalid(home)}


async def test_two_of_a_page_who_share_a_dead_number_are_told_once_each(project: Announcer) -> None:
    for number in range(2):
        await project.home(f"3-1-{number}", phone=NUMBER, wechat=f"wx-{number}")
    project.channel.failures = [DEAD, DEAD]

    news = await project.news()
    await project.run(news)

    assert len(await invalid(project.ground)) == 2
    assert set((await project.recipients(news)).values()) == {"sent"}
    assert await project.ground.outbox() == [("sent", "wechat")] * 2
