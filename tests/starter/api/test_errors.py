"""Refusals: who is let in, which bodies are read, what a problem says."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from fastapi import FastAPI

from journey.adapters.packs import read_pack
from journey.settings import Settings
from journey.store import keys
from journey.store.engine import Store
from journey.store.shelf import Shelf
from starter.api.app import create_app
from starter.api.language import preferred
from starter.doors import Doors
from starter.telling import Teller
from tests.journey.store.seeds import NOON
from tests.starter.api.conftest import Connect, FixedClock, Parts, nowhere
from tests.starter.api.told import PROJECT


class BrokenDoors(Doors):
    """Doors with a bug."""

    async def create_project(self, body: object) -> dict[str, object]:
        raise RuntimeError("13800138000 belongs to 张伟")


async def test_nobody_gets_in_without_a_good_key(connect: Connect) -> None:
    async with connect() as nobody:
        none = await nobody.get("/v1/journeys")
        bad = await nobody.get("/v1/journeys", headers={"Authorization": "Bearer jo_live_guessed"})

    assert [answer.status_code for answer in (none, bad)] == [401, 401]
    assert none.headers["WWW-Authenticate"] == "Bearer"
    assert none.headers["Content-Type"] == "application/problem+json"
    assert bad.json()["code"] == "unauthenticated"


async def test_a_key_opens_only_what_its_scopes_name(connect: Connect) -> None:
    async with connect("read") as reader, connect("pii:read") as other, connect(admin=True) as admin:
        assert (await reader.get("/v1/journeys")).status_code == 200
        assert (await reader.post("/v1/projects", json=PROJECT)).status_code == 403
        assert (await other.get("/v1/journeys")).json()["code"] == "not-allowed"
        assert (await admin.post("/v1/projects", json=PROJECT)).status_code == 201


async def test_a_body_that_is_no_json_is_refused_with_the_position(writer: httpx2.AsyncClient) -> None:
    headers = {"Content-Type": "application/json"}

    broken = await writer.post("/v1/projects", content=b'{"code": "XN",}', headers=headers)
    not_a_number = await writer.post("/v1/projects", content=b'{"code": NaN}', headers=headers)
    form = await writer.post("/v1/projects", data={"code": "XN"})

    assert (broken.status_code, broken.json()["code"]) == (400, "bad-json")
    assert "line 1 column 15" in broken.json()["detail"]
    assert not_a_number.status_code == 400
    assert form.status_code == 415


async def test_a_body_sent_as_a_form_is_told_what_to_send_in_the_readers_language(writer: httpx2.AsyncClient) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}  # what `curl -d` sends

    chinese = await writer.post("/v1/projects", content=b"{}", headers=headers)
    english = await writer.post("/v1/projects?lang=en", content=b"{}", headers=headers)

    assert (chinese.status_code, chinese.json()["code"]) == (415, "not-json")
    assert [(each["parameter"], each["rule"]) for each in chinese.json()["errors"]] == [("Content-Type", "media-type")]
    assert "须为 application/json" in chinese.json()["detail"]
    assert "send the header Content-Type: application/json" in english.json()["detail"]


async def test_a_body_over_256_kib_is_refused_whether_its_length_is_announced_or_not(
    writer: httpx2.AsyncClient,
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(16):
            yield b" " * 65_536

    big = await writer.post("/v1/projects", json={"code": "x" * 1_000_000})
    streamed = await writer.post("/v1/projects", content=chunks(), headers={"Content-Type": "application/json"})

    assert [answer.status_code for answer in (big, streamed)] == [413, 413]
    assert big.json()["code"] == "too-large"
    assert [(each["field"], each["rule"]) for each in big.json()["errors"]] == [("", "too-large")]
    assert "262144" in big.json()["detail"]


async def test_what_is_not_there_and_what_may_not_be_done_there_are_problems_too(writer: httpx2.AsyncClient) -> None:
    nowhere_at_all = await writer.get("/v1/nothing")
    wrong_method = await writer.delete("/v1/projects")

    assert (nowhere_at_all.status_code, nowhere_at_all.json()["code"]) == (404, "not-found")
    assert (wrong_method.status_code, wrong_method.json()["code"]) == (405, "method-not-allowed")
    assert "POST" in wrong_method.headers["Allow"] or "GET" in wrong_method.headers["Allow"]


@pytest.mark.parametrize(
    ("query", "parameter", "rule"),
    [
        ("limit=0", "limit", "out-of-range"),
        ("limit=many", "limit", "not-a-number"),
        ("stage=sold", "stage", "unknown-value"),
        ("cursor=x", "cursor", "invalid"),
        ("due_before=soon", "due_before", "not-an-instant"),
        ("q=%00", "q", "bad-text"),
    ],
)
async def test_a_parameter_that_cannot_be_read_is_named_with_its_rule(
    writer: httpx2.AsyncClient, query: str, parameter: str, rule: str
) -> None:
    refused = await writer.get(f"/v1/journeys?{query}")

    assert refused.status_code == 422
    assert [(error["parameter"], error["rule"]) for error in refused.json()["errors"]] == [(parameter, rule)]


async def test_a_request_keeps_its_own_id_and_gets_one_otherwise(writer: httpx2.AsyncClient) -> None:
    kept = await writer.get("/v1/projects/NO", headers={"X-Request-Id": "crm-42"})
    made = await writer.get("/v1/projects/NO", headers={"X-Request-Id": "not an id"})

    assert kept.headers["X-Request-Id"] == kept.json()["request_id"] == "crm-42"
    assert made.headers["X-Request-Id"].startswith("req_")


async def test_a_store_that_is_down_is_said_so_with_a_time_to_come_back(app: FastAPI) -> None:
    away = Store("sqlite:////nowhere/at/all/store.db")
    doors = Doors(away, Teller(nowhere), FixedClock())
    down = create_app(away, doors, Settings(), Parts(), shelf=Shelf(read_pack), clock=FixedClock())
    transport = httpx2.ASGITransport(app=down)

    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get("/v1/journeys", headers={"Authorization": "Bearer jo_live_x"})
        ready = await client.get("/readyz")
    away.close()

    assert (answer.status_code, answer.json()["code"]) == (503, "store-down")
    assert answer.headers["Retry-After"] == "5"
    assert "nowhere" not in answer.text
    assert (ready.status_code, ready.json()["checks"]["store"]) == (503, "does not answer")


async def test_a_bug_is_answered_plainly_and_repeats_nothing_that_was_told(app: FastAPI, store_sqlite: Store) -> None:
    broken = BrokenDoors(store_sqlite, Teller(nowhere), FixedClock())
    crashing = create_app(store_sqlite, broken, Settings(), Parts(), shelf=Shelf(read_pack), clock=FixedClock())
    _, plain = await store_sqlite.write(keys.create_key, "t", False, ["write"], NOON)
    transport = httpx2.ASGITransport(app=crashing)

    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.post("/v1/projects", json=PROJECT, headers={"Authorization": f"Bearer {plain}"})

    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "138" not in answer.text
    assert answer.json()["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "zh"),
        ("fr", "zh"),
        ("en-GB,en;q=0.9", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en;q=0.2, zh;q=0.8", "zh"),
        ("en;q=loud", "zh"),
    ],
)
def test_answers_are_chinese_unless_english_is_liked_better(header: str | None, language: str) -> None:
    assert preferred(header) == language


@pytest.mark.parametrize("zone", ["GMT+8", "Mars/Base", "../../etc/passwd"])
async def test_a_project_in_no_time_zone_is_refused(writer: httpx2.AsyncClient, zone: str) -> None:
    refused = await writer.post("/v1/projects", json={**PROJECT, "code": "ZZ", "zone": zone})

    assert refused.status_code == 422
    assert [(one["field"], one["rule"]) for one in refused.json()["errors"]] == [("zone", "not-a-zone")]
    assert (await writer.get("/v1/projects/ZZ")).status_code == 404


async def test_refusals_are_chinese_for_chinese_readers(writer: httpx2.AsyncClient) -> None:
    chinese = {"Accept-Language": "zh"}
    missing = await writer.get("/v1/journeys/jrn_nobody", headers=chinese)
    taken = await writer.post("/v1/projects", json=PROJECT, headers=chinese)
    again = await writer.post("/v1/projects", json=PROJECT, headers=chinese)
    empty = await writer.post("/v1/journeys", json={"project": "XN", "owners": []}, headers=chinese)

    assert missing.json()["detail"] == "没有这段旅程"
    assert (taken.status_code, again.status_code) == (201, 409)
    assert again.json()["detail"] == f"项目 {PROJECT['code']} 已存在"
    assert empty.json()["detail"] == "owners:不能为空"


@pytest.mark.parametrize("path", ["/v1/journeys", "/v1/tasks", "/v1/projects", "/v1/messages"])
async def test_a_query_parameter_that_a_list_does_not_have_is_named(writer: httpx2.AsyncClient, path: str) -> None:
    answer = await writer.get(path, params={"stauts": "active", "lang": "en"})

    assert answer.status_code == 422
    assert [(error["parameter"], error["rule"]) for error in answer.json()["errors"]] == [("stauts", "unknown-field")]


async def test_a_misspelt_dry_run_imports_nothing(writer: httpx2.AsyncClient) -> None:
    csv = "房号,客户姓名\n3-1-1,张伟\n".encode()
    (await writer.post("/v1/projects", json=PROJECT)).raise_for_status()

    answer = await writer.post(
        "/v1/imports", params={"project": "XN", "dryrun": "true"}, content=csv, headers={"Content-Type": "text/csv"}
    )

    assert answer.status_code == 422
    assert (await writer.get("/v1/journeys")).json()["data"] == []
