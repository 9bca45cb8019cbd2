"""Breakers over the REST API: what is stopped, and closing one with a reason; what a message was decided on."""

from typing import Any

import httpx2
import pytest
from sqlalchemy import insert, select

from journey.store.engine import Store
from journey.store.tables import audit, breakers
from tests.journey.store.seeds import NOON

OPEN: dict[str, Any] = {
    "kind": "provider", "name": "sms/aliyun", "state": "open", "failed": 12, "passed": 0, "since": NOON,
    "failed_at": NOON, "error": "error-503", "opened_at": NOON, "probe_at": NOON, "pauses": 1,
}  # fmt: skip
RESET = {"kind": "provider", "name": "sms/aliyun", "reason": "余额已充值", "by": "stf_7"}


async def stopped(store: Store) -> None:
    await store.write(lambda session: session.execute(insert(breakers).values(**OPEN)))


async def test_what_is_stopped_is_listed(writer: httpx2.AsyncClient, store_sqlite: Store) -> None:
    assert (await writer.get("/v1/messages/breakers")).json() == {"data": [], "next_cursor": None}
    await stopped(store_sqlite)

    (shown,) = (await writer.get("/v1/messages/breakers", params={"state": "open"})).json()["data"]

    assert (shown["name"], shown["state"], shown["failed"], shown["error"]) == ("sms/aliyun", "open", 12, "error-503")
    assert (await writer.get("/v1/messages/breakers", params={"state": "closed"})).json()["data"] == []


async def test_it_is_closed_by_hand_once_with_who_and_why(writer: httpx2.AsyncClient, store_sqlite: Store) -> None:
    await stopped(store_sqlite)

    for _ in range(2):
        answer = await writer.post("/v1/messages/breakers/reset", json=RESET, headers={"Idempotency-Key": "k1"})
        assert (answer.status_code, answer.json()["state"]) == (200, "recovering")

    rows = await store_sqlite.read(lambda session: session.execute(select(audit)).all())
    found = [(row.subject, row.detail) for row in rows if row.action == "breaker.reset"]
    assert found == [("provider:sms/aliyun", {"reason": "余额已充值", "by": "stf_7"})]


async def test_one_that_never_failed_is_not_found_and_a_reason_is_needed(writer: httpx2.AsyncClient) -> None:
    unknown = await writer.post("/v1/messages/breakers/reset", json=RESET)
    silent = await writer.post("/v1/messages/breakers/reset", json={"kind": "provider", "name": "sms/aliyun"})

    assert unknown.status_code == 404
    assert silent.status_code == 422
    assert silent.json()["errors"][0]["field"] == "reason"


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/messages/breakers"])
async def test_a_state_that_there_is_not_is_refused_with_those_there_are(writer: httpx2.AsyncClient, path: str) -> None:
    refused = await writer.get(path, params={"state": "乱"})

    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["parameter"], error["rule"]) == (422, "state", "unknown-value")
    assert "held" in error["text"] or "recovering" in error["text"]
