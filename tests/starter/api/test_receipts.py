"""Receipts that no message was found for, over the REST API."""

from datetime import timedelta
from typing import Any

import httpx2
from sqlalchemy import insert, select

from journey.store.attention import what_waits
from journey.store.engine import Store
from journey.store.tables import audit, receipts
from tests.journey.store.seeds import NOON

PATH = "/v1/messages/receipts"


def kept(ident: str, outcome: str, hours: int, **more: Any) -> dict[str, Any]:
    """A row as the door for receipts keeps it."""
    at = NOON - timedelta(hours=hours)
    return {
        "id": ident, "source": "carrier", "call": ident, "digest": "0" * 64, "provider": "carrier",
        "provider_id": f"p-{ident}", "state": "delivered", "at": at, "received_at": at, "outcome": outcome, "tries": 1,
        "key": None, "named": None, "code": None, "channel": None, "address": None, "text": None, "look_at": None,
    } | more  # fmt: skip


async def some(store: Store) -> None:
    answer = {"state": "replied", "channel": "sms", "address": "+8613800138000", "text": "你是谁"}
    rows = [
        kept("rcp_1", "unknown", 90), kept("rcp_2", "applied", 3), kept("rcp_3", "stands", 2),
        kept("rcp_4", "waiting", 1, look_at=NOON, **answer), kept("rcp_5", "unknown", 24 * 9),
    ]  # fmt: skip
    await store.write(lambda session: session.execute(insert(receipts), rows))


async def test_those_that_wait_or_were_given_up_are_listed_the_latest_first(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await some(store_sqlite)

    every = (await writer.get(PATH)).json()["data"]
    waiting = (await writer.get(PATH, params={"outcome": "waiting"})).json()["data"]
    first = (await writer.get(PATH, params={"limit": 2})).json()
    rest = (await writer.get(PATH, params={"limit": 2, "cursor": first["next_cursor"]})).json()

    assert [one["id"] for one in every] == ["rcp_4", "rcp_1", "rcp_5"]
    assert [one["id"] for one in waiting] == ["rcp_4"]
    assert [one["id"] for one in (*first["data"], *rest["data"])] == [one["id"] for one in every]
    assert (every[1]["source"], every[1]["provider_id"], every[1]["state"]) == ("carrier", "p-rcp_1", "delivered")


async def test_who_wrote_is_masked_and_his_words_are_not_shown(writer: httpx2.AsyncClient, store_sqlite: Store) -> None:
    await some(store_sqlite)

    answer = await writer.get(PATH, params={"outcome": "waiting"})

    assert answer.json()["data"][0]["from"] == "+86138****8000"
    assert "你是谁" not in answer.text
    assert "13800138000" not in answer.text


async def test_every_page_that_says_from_whom_leaves_a_trace_before_it_is_shown(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await some(store_sqlite)
    follower = kept("rcp_6", "waiting", 2, state="replied", channel="wechat", address="oABCDEFGHIJKLMNOPQRSTUVWXY12")
    await store_sqlite.write(lambda session: session.execute(insert(receipts), [follower]))

    waiting = await writer.get(PATH, params={"outcome": "waiting"})
    await writer.get(PATH, params={"outcome": "unknown"})
    await writer.get(PATH, params={"outcome": "waiting", "limit": 1})

    assert [one["from"] for one in waiting.json()["data"]] == ["+86138****8000", "oA****12"]
    rows = await store_sqlite.read(lambda s: s.execute(select(audit).where(audit.c.action == "receipts.read")).all())
    assert {row.subject for row in rows} == {"receipts"}
    assert [row.detail for row in rows] == [{"rows": 2}, {"rows": 1}]


async def test_the_doctor_counts_those_of_the_last_week_that_were_given_up(store_sqlite: Store) -> None:
    await some(store_sqlite)

    found = (await store_sqlite.read(what_waits, NOON))["receipts"]

    assert (found.count, found.first) == (1, ["rcp_1"])
