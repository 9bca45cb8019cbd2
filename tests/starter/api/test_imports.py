"""Imports over the REST API: a dry run commits nothing, a real one goes through the doors, dirty rows are named."""

from datetime import timedelta
from unittest.mock import AsyncMock

import httpx2
import pytest
import pytest_asyncio
from sqlalchemy import func, select

from journey.store import shelf, tables
from journey.store.engine import Store
from starter.importing import reading, workbooks
from tests.journey.store.seeds import NOON
from tests.records import calendar
from tests.starter.api.conftest import FixedClock
from tests.starter.api.told import PROJECT

CSV = (
    "楼栋,房号,客户编号,客户姓名,手机号,合同编号,签约日期,备案日期,合同交付日期,竣工验收日期,交付日期\n"
    "3栋,3-1-101,C1,张伟,13800138000,HT-1,2019-03-10,,2021-06-30,2021-05-30,2021-06-28\n"
    "3栋,3-1-102,C2,李娜,1380013,HT-2,2019-03-10,,2021-06-30,2021-05-30,2021-06-28\n"
).encode()
RAW = {"Content-Type": "text/csv"}


@pytest_asyncio.fixture
async def client(writer: httpx2.AsyncClient, store_sqlite: Store) -> httpx2.AsyncClient:
    """A client of an installation with a calendar and no project."""
    await store_sqlite.write(shelf.publish_calendar, calendar(), NOON)
    return writer


async def count(store: Store, table: str) -> int:
    return await store.read(lambda s: s.scalar(select(func.count()).select_from(tables.metadata.tables[table]))) or 0


async def test_a_dry_run_says_what_would_happen_and_commits_nothing(
    client: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    query = {
        "project": "XN",
        "name": "香年",
        "city": "成都",
        "go_live_at": "2026-03-01T12:00:00+08:00",
        "dry_run": "true",
    }

    answer = await client.post("/v1/imports", params=query | {"dry_run": "true"}, content=CSV, headers=RAW)

    report = answer.json()
    assert (answer.status_code, report["dry_run"], report["started"], report["failed"]) == (200, True, 1, 1)
    assert report["errors"][0]["text_zh"] == "第 3 行:手机号:不是有效电话号码"
    (outlook,) = report["outlook"]
    assert {(duty["unit"], duty["rule"], duty["standing"]) for duty in outlook["statutory"]} == {
        ("3-1-101", "signing.filing", "missed"),
        ("3-1-101", "handover.title", "missed"),
    }
    assert outlook["go_live_at"] == "2026-03-01T12:00:00+08:00"
    assert [await count(store_sqlite, name) for name in ("projects", "journeys", "events", "persons")] == [0, 0, 0, 0]


async def test_an_import_starts_the_homes_and_a_second_one_tells_them_again(
    client: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    (await client.post("/v1/projects", json=PROJECT)).raise_for_status()

    first = (await client.post("/v1/imports", params={"project": "XN"}, content=CSV, headers=RAW)).json()
    again = (await client.post("/v1/imports", params={"project": "XN"}, content=CSV, headers=RAW)).json()

    assert (first["started"], first["told"], first["failed"]) == (1, 0, 1)
    assert (again["started"], again["told"], again["failed"]) == (0, 1, 1)
    assert await count(store_sqlite, "journeys") == 1
    assert [batch["code"] for batch in (await client.get("/v1/batches?project=XN")).json()["data"]] == ["3"]


async def test_a_file_is_read_once(client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    (await client.post("/v1/projects", json=PROJECT)).raise_for_status()
    read: list[bytes] = []

    def read_tables(content: bytes) -> list[workbooks.Table]:
        read.append(content)
        return workbooks.read_tables(content)

    monkeypatch.setattr(reading, "read_tables", read_tables)

    report = (await client.post("/v1/imports", params={"project": "XN"}, content=CSV, headers=RAW)).json()

    assert (report["started"], report["failed"], read) == (1, 1, [CSV])


async def test_dates_that_go_back_to_an_earlier_file_are_named_as_not_taken(
    client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    (await client.post("/v1/projects", json=PROJECT)).raise_for_status()
    later = CSV.replace(b"2021-06-30", b"2021-07-31")
    remarks = []
    for hour, content in enumerate((CSV, later, later, CSV)):
        monkeypatch.setattr(FixedClock, "now", AsyncMock(return_value=NOON + timedelta(hours=hour)))
        report = (await client.post("/v1/imports", params={"project": "XN"}, content=content, headers=RAW)).json()
        remarks.append([each["text"] for each in report["warnings"] if each["rule"] == "batch-stands-otherwise"])

    assert remarks[:3] == [[], [], []]
    (said,) = remarks[3]
    assert "It stands at handover_from 2021-07-31, contract_handover_date 2021-07-31, the file says" in said


async def test_a_form_with_the_file_is_the_same_import(client: httpx2.AsyncClient) -> None:
    (await client.post("/v1/projects", json=PROJECT)).raise_for_status()

    form = {"file": ("台账.csv", CSV, "text/csv")}
    report = (await client.post("/v1/imports", params={"project": "XN"}, files=form)).json()

    assert (report["started"], report["failed"]) == (1, 1)


async def test_what_cannot_be_read_and_a_project_that_is_not_there_are_refused_as_a_whole(
    client: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    empty = await client.post("/v1/imports", content=b"", headers=RAW)
    no_file = await client.post("/v1/imports", files={"other": ("a.csv", CSV, "text/csv")})
    missing = await client.post("/v1/imports", params={"project": "XN"}, content=CSV, headers=RAW)
    naive = await client.post("/v1/imports", params={"go_live_at": "2026-03-01"}, content=CSV, headers=RAW)

    assert [(each.status_code, each.json()["code"]) for each in (empty, no_file, missing)] == [
        (422, "unreadable-file"), (422, "unreadable-file"), (404, "not-found"),
    ]  # fmt: skip
    assert naive.json()["errors"][0]["parameter"] == "go_live_at"
    assert await count(store_sqlite, "events") == 0
