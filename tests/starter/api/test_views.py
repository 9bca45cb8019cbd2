"""The view back and ahead over HTTP: a project's work, whole lives, explanations, kinds of a timeline."""

import httpx2
import pytest
import pytest_asyncio
from sqlalchemy import select

from journey.store.engine import Store
from journey.store.shelf import publish_calendar
from journey.store.tables import audit
from tests.journey.store.seeds import CALLBACK, FILING, NOON, seed_work
from tests.records import calendar
from tests.starter.api.conftest import Connect

HOME = "/v1/journeys/XN/3-1-1202"


@pytest_asyncio.fixture
async def home(writer: httpx2.AsyncClient, store_sqlite: Store) -> httpx2.AsyncClient:
    await store_sqlite.write(seed_work)
    await store_sqlite.write(publish_calendar, calendar(), NOON)
    return writer


async def test_a_project_foretells_its_work_by_week_and_post(home: httpx2.AsyncClient) -> None:
    found = (await home.get("/v1/projects/XN/forecast?weeks=2")).json()

    assert (found["project"], found["by"], found["journeys"], found["agendas"]) == ("XN", "week", 2, 1)
    assert [period["posts"] for period in found["periods"]] == [{}, {"keeper": 1}, {"keeper": 1}]
    assert found["periods"][0]["from"] == "2026-02-23"


async def test_a_project_foretells_its_work_by_month(home: httpx2.AsyncClient) -> None:
    found = (await home.get("/v1/projects/XN/forecast?weeks=6&by=month")).json()

    assert [period["from"] for period in found["periods"]] == ["2026-03-01", "2026-04-01"]
    assert found["periods"][0]["posts"] == {"keeper": 2}


@pytest.mark.parametrize("query", ["weeks=0", "weeks=521", "by=day"])
async def test_a_span_that_cannot_be_is_refused(home: httpx2.AsyncClient, query: str) -> None:
    assert (await home.get(f"/v1/projects/XN/forecast?{query}")).status_code == 422


async def test_unknown_projects_and_journeys_have_no_view(home: httpx2.AsyncClient) -> None:
    paths = ("projects/NO/forecast", "projects/NO/lives", "journeys/NO/1/life", "journeys/NO/1/explain?item=x")

    assert [(await home.get(f"/v1/{path}")).status_code for path in paths] == [404] * 4


async def test_lives_of_a_project_come_in_pages(home: httpx2.AsyncClient) -> None:
    first = (await home.get("/v1/projects/XN/lives?limit=1")).json()
    second = (await home.get("/v1/projects/XN/lives", params={"limit": 1, "cursor": first["next_cursor"]})).json()

    assert [life["unit"] for life in (*first["data"], *second["data"])] == ["3-1-1202", "3-1-1203"]
    assert second["next_cursor"] is None
    assert first["data"][0]["owners"][0] == {"ref": "zw", "name": "张*"}


async def test_names_are_shown_only_to_whom_they_may_be_and_reading_them_leaves_a_trace(
    home: httpx2.AsyncClient, connect: Connect, store_sqlite: Store
) -> None:
    masked = (await home.get(f"{HOME}/life")).json()
    refused = await home.get(f"{HOME}/life?names=true")
    before = await store_sqlite.read(lambda session: session.execute(select(audit)).all())

    async with connect("read", "pii:read") as reader:
        plain = (await reader.get(f"{HOME}/life?names=true")).json()
        still = (await reader.get(f"{HOME}/life")).json()

    rows = await store_sqlite.read(lambda session: session.execute(select(audit.c.action, audit.c.subject)).all())
    assert (masked["owners"][0]["name"], still["owners"][0]["name"]) == ("张*", "张*")
    assert refused.status_code == 403
    assert before == []
    assert plain["owners"][0]["name"] == "张伟"
    assert [tuple(row) for row in rows] == [("owners.read", "jrn_1")]


async def test_an_item_is_explained_by_its_key_or_its_rule(home: httpx2.AsyncClient) -> None:
    by_key = (await home.get(f"{HOME}/explain", params={"item": CALLBACK})).json()
    by_rule = (await home.get(f"{HOME}/explain", params={"item": "signing.service-callback", "lang": "en"})).json()

    assert (by_key["asked"], by_key["key"], by_key["state"]) == (True, CALLBACK, "escalated")
    assert [part["name"] for part in by_rule["sections"]] == [
        "why",
        "when",
        "waited",
        "who",
        "looked",
        "happened",
        "change",
    ]
    assert by_key["sections"][0]["title"] == "为什么有它"
    assert by_rule["sections"][0]["title"] == "Why it exists"


async def test_a_key_that_nobody_asked_for_says_so_and_names_the_nearest(home: httpx2.AsyncClient) -> None:
    found = (await home.get(f"{HOME}/explain", params={"item": f"{FILING}x"})).json()

    assert found["asked"] is False
    assert found["nearest"][0] == FILING


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        ("facts", ["event.contract.signed"]),
        ("items", ["entry.sent", "task.opened", "entry.suppressed"]),
        ("messages", []),
    ],
)
async def test_a_timeline_shows_one_kind_of_lines(home: httpx2.AsyncClient, kind: str, codes: list[str]) -> None:
    lines = (await home.get(f"{HOME}/timeline", params={"kind": kind})).json()["data"]

    assert [line["code"] for line in lines] == codes
