"""What the courier puts into a message beside its template: the way out of marketing, the calendar, the inbox."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from pydantic import SecretStr
from sqlalchemy import select
from temporalio.testing import ActivityEnvironment

from activities.courier import Courier, Ready
from activities.messaging import MessagingActivities
from activities.tasks import TaskActivities
from journey.adapters.channels import Gateway
from journey.adapters.chat import ChatNotice
from journey.adapters.inbox import InboxChannel
from journey.adapters.packs import loaded
from journey.contracts.performing import Perform
from journey.domain.entries import State
from journey.domain.opting_out import opt_out
from journey.store.engine import Store
from journey.store.outbox import Sending
from journey.store.owner_inbox import StoreInbox
from journey.store.shelf import publish_pack
from journey.store.tables import inbox_texts, messages, packs
from tests.activities.ground import Ground, ScriptedChannel, ground
from tests.packs import test_pack
from tests.records import instant
from worker import task_line

WELCOME = "signing.keeper-welcome"
REMINDER = "handover.reminder"
MORNING = instant("2026-03-16 10:00")


async def prepared(made: Ground, **changes: Any) -> Ready:
    """A welcome as the courier hands it to its channel."""
    residential = select(packs.c.hash).where(packs.c.name == "cn-residential").order_by(packs.c.seq.desc())
    pack_hash = await made.store.read(lambda s: s.execute(residential).scalar())
    variables = {
        "owner": {"name": "张伟"}, "unit": {"code": "3-1-1202", "building": "3"}, "project": {"name": "香年"},
        "components": [], "milestones": [], "feast": "",
    }  # fmt: skip
    sending: dict[str, Any] = {
        "message": "msg_1", "key": "k", "channel": "sms", "address": "+8613800138000", "language": "zh",
        "template": WELCOME, "pack_hash": pack_hash, "variables": variables, "called_before": False,
    }  # fmt: skip
    await made.plan()  # the packs are on the shelf
    ready = Courier(made.site, Gateway([made.channel])).prepare(Sending(**sending | changes))
    assert isinstance(ready, Ready)
    return ready


@pytest.fixture
async def home(store_sqlite: Store, tmp_path: Path) -> Ground:
    made = await ground(store_sqlite, tmp_path, MORNING)
    await made.start()
    return made


@pytest.mark.parametrize(("message_class", "ends"), [("marketing", True), ("care", False), ("contract", False)])
async def test_marketing_alone_says_how_to_get_no_more(home: Ground, message_class: str, ends: bool) -> None:
    ready = await prepared(home, message_class=message_class)

    assert ready.outgoing.body.endswith(opt_out("sms", "zh")) is ends


async def test_a_text_that_has_the_opt_out_words_of_its_pack_says_them_once(home: Ground) -> None:
    document = test_pack().document
    texts = {lang: {**by, "club.opening": "会所开放。拒收请回复R"} for lang, by in document["templates"].items()}
    pack = loaded(document | {"templates": texts})
    await home.store.write(
        publish_pack, name="cn-residential", content_hash=pack.hash, document=pack.document, now=MORNING
    )
    home.channel.name = "wechat"

    ready = await prepared(
        home, message_class="marketing", channel="wechat", template="club.opening", pack_hash=pack.hash
    )

    assert ready.outgoing.body == "会所开放。拒收请回复R"


async def test_the_class_of_an_item_reaches_the_courier(home: Ground) -> None:
    await home.send(WELCOME)

    assert not home.channel.calls[0].body.endswith(opt_out("sms", "zh"))
    assert home.channel.calls[0].attachments == ()


async def test_a_handover_reminder_by_mail_brings_its_day_for_the_calendar(store_sqlite: Store, tmp_path: Path) -> None:
    made = await ground(store_sqlite, tmp_path, MORNING, ScriptedChannel("email"))
    await made.start(owners=[{"ref": "zw", "name": "张伟", "email": "zw@example.com"}])
    await made.tell("contract.signed", on="2026-03-16", contract_handover_date="2026-06-30")
    made.clock.instant = await _due(made, REMINDER)

    assert await made.send(REMINDER) == "changed"

    call = made.channel.calls[-1]
    calendar: Any = Calendar.from_ical(call.attachments[0].content)
    event = calendar.walk("VEVENT")[0]
    assert call.channel == "email"
    assert event["DTSTART"].dt.isoformat() == "2026-06-30"
    assert str(event["LOCATION"]) == "香年 3-1-1202"
    assert str(event["SUMMARY"]) == call.subject


async def test_the_inbox_needs_no_address_and_keeps_the_text(store_sqlite: Store, tmp_path: Path) -> None:
    made = await ground(store_sqlite, tmp_path, MORNING)
    pack = test_pack(**{"messages.channels.contract": ["inbox", "sms"]})
    await store_sqlite.write(_publish, pack.document)
    await made.start(owners=[{"ref": "zw", "name": "张伟"}])
    move = await made.move(WELCOME)
    assert move is not None

    gateway = Gateway([InboxChannel(StoreInbox(store_sqlite))])
    command = Perform(journey=made.journey, key=move.key, due=move.due, seen=move.seen, now=made.clock.instant)
    await ActivityEnvironment().run(MessagingActivities(made.site, gateway).send, command)

    row = await store_sqlite.read(lambda s: s.execute(select(messages)).one())
    text = await store_sqlite.read(lambda s: s.execute(select(inbox_texts)).one())
    assert (await made.entry(WELCOME)).state is State.DELIVERED
    assert (row.channel, row.state, row.provider, row.provider_id) == ("inbox", "delivered", "inbox", row.id)
    assert (text.message_id, text.person_id) == (row.id, row.person_id)
    assert "张伟" in text.body


async def test_a_chat_hears_of_a_task_that_opens_and_the_task_opens_whatever_the_chat_does(home: Ground) -> None:
    heard: list[str] = []

    def send(urls: object, text: str) -> bool:
        heard.append(text)
        raise OSError("the chat is away")

    async def look(task: str) -> Any:
        return await task_line(home.store, task)

    notice = ChatNotice({"default": [SecretStr("json://staff")]}, look, send=send)
    home.site.notice = notice
    await home.tell("contract.signed", on="2026-03-16", contract_handover_date="2026-06-30")
    move = await home.move("signing.service-callback")
    assert move is not None
    command = Perform(journey=home.journey, key=move.key, due=move.due, seen=move.seen, now=home.clock.instant)

    performed = await ActivityEnvironment().run(TaskActivities(home.site).open, command)
    await notice.settled()

    assert performed.outcome == "changed"
    assert len(heard) == 1
    assert "签约服务回访" in heard[0]
    assert "3-1-1202" in heard[0]
    assert "张伟" not in heard[0]


async def _due(made: Ground, rule: str) -> datetime:
    """When the first item of a rule is due, as the agenda has it."""
    plan = await made.plan()
    item = next(item for item in plan.agenda if item.key.startswith(f"{rule}/"))
    due: datetime = item.due
    return due.astimezone(UTC) + timedelta(minutes=1)


def _publish(session: Any, document: Any) -> None:
    publish_pack(session, name="cn-residential", content_hash="with-inbox", document=document, now=MORNING)
