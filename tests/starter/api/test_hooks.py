"""Callbacks over HTTP: 202 once for a signed call, whatever it says; nothing for any other."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from sqlalchemy import func, select

from journey.store import hooks
from journey.store.engine import Store
from journey.store.tables import audit, contacts, events, messages, receipts
from starter.hooks.signatures import sign, twilio_signature, wechat_signature
from tests.journey.store.seeds import NOON, seed_work
from tests.starter.api.conftest import Connect
from tests.starter.api.told import HOME, PROJECT
from tests.starter.hooks.test_bounces import ID, bounced, recipient

HOOK = "/v1/hooks/carrier"


@pytest_asyncio.fixture
async def secret(store_sqlite: Store) -> str:
    """The secret of a source whose receipts are of the provider of msg_1."""
    await store_sqlite.write(seed_work)
    await store_sqlite.write(_taken_by, "carrier", "m-1")
    made = await store_sqlite.write(hooks.add_hook, "carrier", NOON, kind="receipts", dialect="standard")
    return str(made[1])


def _taken_by(session: Any, provider: str, ident: str) -> None:
    session.execute(messages.update().where(messages.c.id == "msg_1").values(provider=provider, provider_id=ident))


def call(secret: str, body: Any, ident: str = "msg_a") -> dict[str, Any]:
    raw = json.dumps(body).encode()
    signed = sign(secret, ident, datetime.now(UTC), raw)
    return {"content": raw, "headers": {**signed, "content-type": "application/json"}}


async def count(store: Store, table: Any) -> int:
    return await store.read(lambda session: session.scalar(select(func.count()).select_from(table)) or 0)


async def test_a_signed_call_is_taken_once_without_a_key(connect: Connect, secret: str, store_sqlite: Store) -> None:
    told = call(secret, {"provider_id": "m-1", "state": "delivered", "at": NOON.isoformat()})
    async with connect() as client:
        first = await client.post(HOOK, **told)
        again = await client.post(HOOK, **told)

    counted = {"doubled": False, "accepted": 1, "set_aside": 0, "receipts": {"applied": 1}, "faults": []}
    assert (first.status_code, first.json()) == (202, counted)
    assert (again.status_code, again.json()) == (202, counted | {"doubled": True, "accepted": 0, "receipts": {}})
    assert await count(store_sqlite, receipts) == 1


async def test_another_body_under_the_id_of_a_call_is_refused_and_nothing_of_it_is_taken_in_silence(
    connect: Connect, secret: str, store_sqlite: Store
) -> None:
    told = {"provider_id": "m-1", "state": "delivered", "at": NOON.isoformat()}
    async with connect() as client:
        await client.post(HOOK, **call(secret, told))
        other = await client.post(HOOK, **call(secret, told | {"state": "read"}))
        again = await client.post(HOOK, **call(secret, told))
        anew = await client.post(HOOK, **call(secret, told | {"state": "read"}, "msg_b"))

    refused = other.json()
    assert (other.status_code, refused["code"], refused["existing"]) == (409, "conflict", "msg_a")
    assert "msg_a" in refused["detail"]
    assert again.json()["doubled"]
    assert (anew.status_code, anew.json()["receipts"]) == (202, {"applied": 1})


async def test_what_is_not_signed_or_not_known_is_refused_and_leaves_nothing(
    connect: Connect, secret: str, store_sqlite: Store
) -> None:
    good = call(secret, {"provider_id": "m-1", "state": "delivered"})
    async with connect() as client:
        unsigned = await client.post(HOOK, json={"provider_id": "m-1", "state": "delivered"})
        changed = await client.post(HOOK, **good | {"content": good["content"] + b" "})
        nobody = await client.post("/v1/hooks/nobody", **good)
        unreadable = await client.post(HOOK, **call(secret, {"state": "gone"}))
        misspelt = await client.post(HOOK + "?tocken=1", **good)

    assert [one.status_code for one in (unsigned, changed, nobody, unreadable, misspelt)] == [401, 401, 404, 422, 422]
    assert unsigned.json()["code"] == "bad-signature"
    assert {error["field"] for error in unreadable.json()["errors"]} == {"state", "provider_id"}
    assert await count(store_sqlite, receipts) == 0


async def test_a_call_that_could_not_be_read_may_come_again_put_right(
    connect: Connect, secret: str, store_sqlite: Store
) -> None:
    async with connect() as client:
        await client.post(HOOK, **call(secret, {"provider_id": "m-1", "state": "?"}))
        right = await client.post(HOOK, **call(secret, {"provider_id": "m-1", "state": "read"}))

    assert (right.json()["doubled"], right.json()["receipts"]) == (False, {"applied": 1})


async def test_rows_at_fault_are_set_aside_and_what_is_unknown_changes_nothing(
    connect: Connect, secret: str, store_sqlite: Store
) -> None:
    before = await store_sqlite.read(_message)
    told = [{"provider_id": "m-1", "state": "unknown"}, {"provider_id": "m-1", "state": "gone"}, 7]
    async with connect() as client:
        doubtful = await client.post(HOOK, **call(secret, told))
        after = await store_sqlite.read(_message)
        read = await client.post(HOOK, **call(secret, {"provider_id": "m-1", "state": "read"}, "msg_b"))

    assert doubtful.status_code == 202
    assert doubtful.json() == {
        "doubled": False, "accepted": 1, "set_aside": 2, "receipts": {"stands": 1},
        "faults": ["1/state:unknown-value", "2:not-an-object"],
    }  # fmt: skip
    assert before == after
    assert read.json()["receipts"] == {"applied": 1}
    kept = select(receipts.c.state, receipts.c.outcome, receipts.c.code, receipts.c.look_at)
    rows = await store_sqlite.read(lambda session: sorted(map(tuple, session.execute(kept)), key=str))
    assert rows == [
        ("read", "applied", None, None),
        ("unknown", "stands", None, None),
        ("unknown", "unknown", "1/state:unknown-value", None),
        ("unknown", "unknown", "2:not-an-object", None),
    ]


def _message(session: Any) -> Any:
    return session.execute(select(messages).where(messages.c.id == "msg_1")).one()


async def test_a_receipt_of_nobodys_message_is_no_error_to_its_provider(connect: Connect, secret: str) -> None:
    async with connect() as client:
        answer = await client.post(HOOK, **call(secret, [{"provider_id": "m-9", "state": "delivered"}] * 2))

    assert (answer.status_code, answer.json()["receipts"]) == (202, {"waiting": 2})


async def test_a_body_that_is_too_large_is_refused(connect: Connect, secret: str) -> None:
    async with connect() as client:
        answer = await client.post(HOOK, **call(secret, {"text": "x" * (1024 * 1024)}))

    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("body", "status", "zh", "en"),
    [
        ({"state": "delivered"}, 401, "此回调未签名", "This call is not signed"),
        ({"text": "x" * (1024 * 1024)}, 413, "body:整体超过 1048576 字节", "body is larger than 1048576 bytes in all"),
    ],
)
@pytest.mark.usefixtures("secret")
async def test_whoever_is_refused_reads_why_in_his_language(
    connect: Connect, body: dict[str, Any], status: int, zh: str, en: str
) -> None:
    async with connect() as client:
        answers = [await client.post(HOOK, json=body, headers={"Accept-Language": lang}) for lang in ("zh-CN", "en")]

    assert [one.status_code for one in answers] == [status, status]
    assert [one.json()["detail"] for one in answers] == [zh, en]


async def test_aliyun_carries_its_token_and_reads_what_it_expects(
    connect: Connect, secret: str, store_sqlite: Store
) -> None:
    token = "a-token-of-the-address"
    await store_sqlite.write(_taken_by, "aliyun", "932^0")
    await store_sqlite.write(hooks.add_hook, "sms", NOON, kind="receipts", dialect="aliyun", secret=token)
    report = [{"biz_id": "932^0", "success": True, "report_time": "2026-03-01 12:00:00"}]
    async with connect() as client:
        taken = await client.post("/v1/hooks/sms", params={"token": token}, json=report)
        other = await client.post("/v1/hooks/sms", params={"token": "x"}, json=report)

    assert taken.status_code == 202
    assert (taken.json()["code"], taken.json()["receipts"]) == (0, {"applied": 1})
    assert other.status_code == 401


async def test_twilio_calls_with_a_form(connect: Connect, secret: str, store_sqlite: Store) -> None:
    url, token = "https://example.com/v1/hooks/twilio", "0123456789abcdef"
    await store_sqlite.write(_taken_by, "twilio", "SM1")
    await store_sqlite.write(hooks.add_hook, "twilio", NOON, kind="receipts", dialect="twilio", url=url, secret=token)
    body = b"MessageSid=SM1&MessageStatus=delivered"
    headers: Mapping[str, str] = {
        "x-twilio-signature": twilio_signature(token, url, body),
        "content-type": "application/x-www-form-urlencoded",
    }
    async with connect() as client:
        taken = await client.post("/v1/hooks/twilio", content=body, headers=headers)

    assert (taken.status_code, taken.json()["receipts"]) == (202, {"applied": 1})


async def test_an_answer_told_by_hand_acts_as_one_that_a_provider_brought(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    (await writer.post("/v1/projects", json=PROJECT)).raise_for_status()
    for unit, ref in (("3-1-1", "zw"), ("3-1-2", "lf")):
        owner = {"ref": ref, "name": "张伟", "phone": "13800138000"}
        (await writer.post("/v1/journeys", json=HOME | {"unit": unit, "owners": [owner]})).raise_for_status()
    reply = {"id": "r1", "type": "message.replied", "occurred_at": NOON.isoformat(), "data": {"text": "打错了"}}

    told = [await writer.post("/v1/journeys/XN/3-1-1/events", json=reply) for _ in range(2)]

    assert {answer.status_code for answer in told} == {202}
    states = await store_sqlite.read(lambda s: s.execute(select(contacts.c.state)).scalars().all())
    assert states == ["invalid", "invalid"]
    query = select(func.count()).where(events.c.type == "contact.invalid")
    assert await store_sqlite.read(lambda s: s.scalar(query)) == 2


async def test_the_history_of_a_message_is_read_with_a_trace_and_words_need_a_scope(
    connect: Connect, secret: str, store_sqlite: Store
) -> None:
    async with connect() as caller:
        await caller.post(HOOK, **call(secret, {"provider_id": "m-1", "state": "replied", "text": "几点开门"}))
    async with connect("read") as plain, connect("read", "pii:read") as trusted:
        masked = (await plain.get("/v1/messages/msg_1")).json()
        full = (await trusted.get("/v1/messages/msg_1")).json()
        missing = await plain.get("/v1/messages/msg_9")

    assert masked["state"] == "replied"
    assert [one["state"] for one in masked["receipts"]] == ["replied"]
    assert ([one["text"] for one in masked["answers"]], [one["text"] for one in full["answers"]]) == (
        [None],
        ["几点开门"],
    )
    assert missing.status_code == 404
    query = select(audit.c.subject, audit.c.detail).where(audit.c.action == "message.read").order_by(audit.c.seq)
    read = await store_sqlite.read(lambda s: s.execute(query).all())
    assert [tuple(row) for row in read] == [("msg_1", {"words": False}), ("msg_1", {"words": True})]


async def test_a_home_that_nothing_reaches_is_flagged_and_counted(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    (await writer.post("/v1/projects", json=PROJECT)).raise_for_status()
    journey = (await writer.post("/v1/journeys", json=HOME)).json()["id"]
    before = (await writer.get(f"/v1/journeys/{journey}")).json()["no_valid_contact"]
    lost = {"id": "l", "type": "contact.invalid", "occurred_at": NOON.isoformat(), "person": "zw",
            "data": {"channel": "phone", "address": "13800138000"}}  # fmt: skip
    (await writer.post(f"/v1/journeys/{journey}/events", json=lost)).raise_for_status()

    listed = (await writer.get("/v1/projects/XN/unreachable")).json()

    assert before is False
    assert (await writer.get(f"/v1/journeys/{journey}")).json()["no_valid_contact"] is True
    assert (listed["count"], [row["unit"] for row in listed["data"]]) == (1, ["3-1-1202"])


def _signed(token: str, **more: str) -> dict[str, str]:
    sent = str(int(datetime.now(UTC).timestamp()))
    return {"signature": wechat_signature(token, sent, "n1"), "timestamp": sent, "nonce": "n1", **more}


async def test_wechat_tries_its_door_and_reads_one_word_for_what_it_pushes(
    connect: Connect, secret: str, store_sqlite: Store
) -> None:
    await store_sqlite.write(_taken_by, "wechat", "200163840")
    _, token = await store_sqlite.write(hooks.add_hook, "mp", NOON, kind="receipts", dialect="wechat")
    body = (
        b"<xml><MsgType>event</MsgType><Event>TEMPLATESENDJOBFINISH</Event><MsgID>200163840</MsgID>"
        b"<Status>success</Status></xml>"
    )
    async with connect() as client:
        tried = await client.get("/v1/hooks/mp", params=_signed(token, echostr="42"))
        forged = await client.get("/v1/hooks/mp", params=_signed("another-token", echostr="42"))
        nobody = await client.get("/v1/hooks/carrier", params=_signed(token, echostr="42"))
        taken = await client.post("/v1/hooks/mp", params=_signed(token, openid="o1"), content=body)
        again = await client.post("/v1/hooks/mp", params=_signed(token, openid="o1"), content=body)
        stranger = await client.post("/v1/hooks/mp", params=_signed("another-token"), content=body)
        old = await client.post("/v1/hooks/mp", params=_signed(token) | {"timestamp": "1395644434"}, content=body)

    assert len(token) == 32
    assert token.isalnum()
    assert (tried.status_code, tried.text) == (200, "42")
    assert [one.status_code for one in (forged, nobody, stranger, old)] == [401] * 4
    assert [(one.status_code, one.text) for one in (taken, again)] == [(200, "success")] * 2
    row = await store_sqlite.read(_message)
    assert row.state == "delivered"
    assert await count(store_sqlite, receipts) == 1


async def test_a_bounce_is_posted_as_the_mail_that_it_is(connect: Connect, secret: str, store_sqlite: Store) -> None:
    await store_sqlite.write(_taken_by, "smtp", ID)
    token = "a-token-of-the-address"
    await store_sqlite.write(hooks.add_hook, "bounces", NOON, kind="receipts", dialect="bounce", secret=token)
    async with connect() as client:
        told = await client.post(
            "/v1/hooks/bounces", params={"token": token}, content=bounced(recipient("failed", "5.1.1"))
        )
        other = await client.post(
            "/v1/hooks/bounces", params={"token": "x" * 20}, content=bounced(recipient("failed", "5.1.1"))
        )

    assert (told.status_code, told.json()["receipts"]) == (202, {"applied": 1})
    assert other.status_code == 401
    assert (await store_sqlite.read(_message)).failed_at is not None
