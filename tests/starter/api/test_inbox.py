"""An owner's inbox over HTTP: what lies there, who may read it, and that it was read."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from journey.adapters.channels import Outgoing, PermanentFailure
from journey.adapters.inbox import InboxChannel
from journey.store.engine import Store
from journey.store.owner_inbox import StoreInbox
from journey.store.tables import audit, inbox_texts, messages, persons
from tests.journey.store.seeds import NOON
from tests.starter.api.conftest import Connect
from tests.starter.api.told import begin

INBOX = "/v1/people/zw/inbox"


def outgoing(message: str, body: str = "您的3-1-1202定于2026年6月27日办理交付。") -> Outgoing:
    return Outgoing(
        key=f"handover.reminder/epi_1/{message}/psn", channel="inbox", to="psn", subject="交付提醒", body=body,
        language="zh", message_id=message,
    )  # fmt: skip


def reserved(session: Session, journey: str, message: str, minutes: int) -> None:
    person = session.execute(select(persons.c.id).where(persons.c.ref == "zw")).scalar_one()
    row: dict[str, Any] = {
        "id": message, "journey_id": journey, "entry_key": "handover.reminder/epi_1/once", "key": f"k/{message}",
        "person_id": person, "channel": "inbox", "message_class": "contract", "template": "handover.reminder",
        "language": "zh", "state": "reserved", "calls": 1, "reserved_at": NOON + timedelta(minutes=minutes),
        "updated_at": NOON,
    }  # fmt: skip
    session.execute(insert(messages).values(**row))


@pytest_asyncio.fixture
async def laid(writer: httpx2.AsyncClient, store_sqlite: Store) -> None:
    """Two messages in the inbox of zw."""
    journey = await begin(writer)
    channel = InboxChannel(StoreInbox(store_sqlite))
    for minutes, message in enumerate(("msg_1", "msg_2")):
        await store_sqlite.write(reserved, journey, message, minutes)
        delivery = await channel.deliver(outgoing(message))
        assert (delivery.state, delivery.provider_id) == ("delivered", message)


async def test_a_message_lies_there_once_however_often_it_is_sent(laid: None, store_sqlite: Store) -> None:
    channel = InboxChannel(StoreInbox(store_sqlite))

    await channel.deliver(outgoing("msg_1", "另一种说法"))

    rows = await store_sqlite.read(
        lambda s: s.execute(select(inbox_texts.c.message_id, inbox_texts.c.body).order_by("message_id")).all()
    )
    assert [row.message_id for row in rows] == ["msg_1", "msg_2"]
    assert rows[0].body.startswith("您的3-1-1202")


async def test_a_message_that_nobody_reserved_is_refused(store_sqlite: Store) -> None:
    channel = InboxChannel(StoreInbox(store_sqlite))

    with pytest.raises(PermanentFailure, match="bad-recipient"):
        await channel.deliver(outgoing("msg_9"))


async def test_the_latest_comes_first_and_texts_are_for_who_may_read_them(
    laid: None, writer: httpx2.AsyncClient, connect: Connect, store_sqlite: Store
) -> None:
    masked = (await writer.get(INBOX)).json()
    async with connect("read", "pii:read") as trusted:
        plain = (await trusted.get(INBOX, params={"limit": 1})).json()
    read = await store_sqlite.read(
        lambda s: s.execute(select(audit.c.detail).where(audit.c.action == "inbox.read")).scalars().all()
    )

    assert [row["id"] for row in masked["data"]] == ["msg_2", "msg_1"]
    assert {row["text"] for row in masked["data"]} == {None}
    assert plain["data"][0]["text"].startswith("您的3-1-1202")
    assert plain["data"][0]["subject"] == "交付提醒"
    assert plain["data"][0]["class"] == "contract"
    assert plain["next_cursor"]
    assert list(read) == [{"unmasked": False}, {"unmasked": True}]
    assert (await writer.get("/v1/people/nobody/inbox")).status_code == 404


async def test_the_first_reading_counts_and_what_was_read_is_no_longer_new(
    laid: None, writer: httpx2.AsyncClient, connect: Connect, store_sqlite: Store
) -> None:
    first = await writer.post(f"{INBOX}/msg_1/read", headers={"Idempotency-Key": "r-1"})
    again = await writer.post(f"{INBOX}/msg_1/read")
    unread = (await writer.get(INBOX, params={"unread": True})).json()
    row = await store_sqlite.read(lambda s: s.execute(select(messages).where(messages.c.id == "msg_1")).one())

    assert first.json() == again.json() == {"id": "msg_1", "read_at": "2026-03-01T12:00:00+08:00"}
    assert [each["id"] for each in unread["data"]] == ["msg_2"]
    assert row.read_at == NOON
    assert (await writer.post("/v1/people/zw/inbox/msg_9/read")).status_code == 404
    async with connect("read") as reader:
        assert (await reader.post(f"{INBOX}/msg_1/read")).status_code == 403


async def test_a_message_in_another_inbox_is_not_found(
    laid: None, writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    other = {"project": "XN", "unit": "3-1-1203", "owners": [{"ref": "lf", "name": "李芳", "phone": "13900139000"}]}
    (await writer.post("/v1/journeys", json=other)).raise_for_status()

    answer = await writer.post("/v1/people/lf/inbox/msg_1/read")

    assert answer.status_code == 404
    assert "no-such-message" in answer.text


async def test_readiness_says_who_carries_each_channel(writer: httpx2.AsyncClient) -> None:
    ready = (await writer.get("/readyz")).json()

    assert ready["channels"] == {
        "sms": "simulated", "wechat": "simulated", "voice": "simulated", "email": "simulated", "inbox": "inbox",
    }  # fmt: skip
