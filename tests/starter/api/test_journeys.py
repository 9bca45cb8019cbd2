"""Journeys and projects over HTTP."""

import httpx2
from sqlalchemy import select

from journey.store.engine import Store
from journey.store.tables import audit
from tests.starter.api.conftest import Connect
from tests.starter.api.told import HOME, PROJECT, begin, signed


async def test_a_started_journey_is_answered_with_its_place_and_found_there(writer: httpx2.AsyncClient) -> None:
    await writer.post("/v1/projects", json=PROJECT)

    started = await writer.post("/v1/journeys", json=HOME | {"facts": [signed()]})
    found = await writer.get(started.headers["Location"])

    assert started.status_code == 201
    assert {name: started.json()[name] for name in ("project", "unit", "status")} == {
        "project": "XN",
        "unit": "3-1-1202",
        "status": "active",
    }
    assert [event["verdict"] for event in started.json()["events"]] == ["taken"]
    assert found.json()["id"] == started.json()["id"]


async def test_a_second_journey_of_a_home_is_a_conflict_that_names_the_first(writer: httpx2.AsyncClient) -> None:
    journey = await begin(writer)

    again = await writer.post("/v1/journeys", json=HOME)

    assert again.status_code == 409
    assert (again.json()["code"], again.json()["existing"]) == ("conflict", journey)


async def test_a_project_is_made_once_and_shown(writer: httpx2.AsyncClient) -> None:
    made = await writer.post("/v1/projects", json=PROJECT)
    again = await writer.post("/v1/projects", json=PROJECT)

    assert (made.status_code, made.json()["zone"]) == (201, "Asia/Shanghai")
    assert again.status_code == 409
    assert [row["code"] for row in (await writer.get("/v1/projects")).json()["data"]] == ["XN"]
    assert (await writer.get("/v1/projects/XN")).json()["name"] == "香年"
    assert (await writer.get("/v1/projects/NO")).status_code == 404


async def test_a_fact_told_while_temporal_is_away_is_taken_and_twice_changes_nothing(
    writer: httpx2.AsyncClient,
) -> None:
    await begin(writer)

    first = await writer.post("/v1/journeys/XN/3-1-1202/events", json=signed())
    again = await writer.post("/v1/journeys/XN/3-1-1202/events", json=signed())
    other = await writer.post("/v1/journeys/XN/3-1-1202/events", json=signed(occurred_at="2026-02-11T10:00:00+08:00"))

    assert (first.status_code, first.json()["verdict"], first.json()["id"]) == (202, "taken", "crm-1")
    assert again.json()["event"] == first.json()["event"]
    assert other.status_code == 409


async def test_a_fact_about_a_project_is_told_to_the_project(writer: httpx2.AsyncClient) -> None:
    await begin(writer)
    event = signed(type="milestone.reached", data={"milestone": "topped-out", "on": "2026-02-10"})

    told = await writer.post("/v1/projects/XN/events", json=event)
    unknown = await writer.post("/v1/projects/NO/events", json=event)

    assert told.status_code in (200, 202)
    assert unknown.status_code == 404


async def test_an_impossible_fact_is_refused_with_the_field_and_its_rule_in_the_readers_language(
    writer: httpx2.AsyncClient,
) -> None:
    journey = await begin(writer)
    event = signed(data={"on": "2026-02-30"})

    chinese = (await writer.post(f"/v1/journeys/{journey}/events", json=event)).json()
    english = (await writer.post(f"/v1/journeys/{journey}/events?lang=en", json=event)).json()

    assert chinese["status"] == 422
    assert (chinese["errors"][0]["pointer"], chinese["errors"][0]["rule"]) == ("/data/on", "not-a-date")
    assert "必须是真实日期" in chinese["detail"]
    assert "must be a real date" in english["detail"]


async def test_an_unknown_field_of_a_body_is_refused(writer: httpx2.AsyncClient) -> None:
    refused = await writer.post("/v1/projects", json=PROJECT | {"citty": "成都"})

    assert refused.status_code == 422
    assert [error["rule"] for error in refused.json()["errors"]] == ["unknown-field"]


async def test_owners_are_masked_without_the_scope_and_reading_them_leaves_a_trace(
    connect: Connect, writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    journey = await begin(writer)
    masked = (await writer.get(f"/v1/journeys/{journey}")).json()
    before = await store_sqlite.read(lambda session: session.execute(select(audit)).all())

    async with connect("read", "pii:read") as reader:
        plain = (await reader.get(f"/v1/journeys/{journey}")).json()

    rows = await store_sqlite.read(lambda session: session.execute(select(audit.c.action, audit.c.subject)).all())
    assert (masked["owners"][0]["name"], before) == ("张*", [])
    assert plain["owners"][0]["name"] == "张伟"
    assert [tuple(row) for row in rows] == [("owners.read", journey)]


async def test_lists_have_pages_and_filters(writer: httpx2.AsyncClient) -> None:
    await begin(writer)
    await writer.post("/v1/journeys", json=HOME | {"unit": "3-1-1203"})

    first = (await writer.get("/v1/journeys", params={"limit": 1})).json()
    second = (await writer.get("/v1/journeys", params={"limit": 1, "cursor": first["next_cursor"]})).json()
    found = (await writer.get("/v1/journeys", params={"project": "XN", "q": "1203"})).json()
    none = (await writer.get("/v1/journeys", params={"due_before": "2026-01-01"})).json()

    assert len({row["unit"] for row in [*first["data"], *second["data"]]}) == 2
    assert second["next_cursor"] is None
    assert [row["unit"] for row in found["data"]] == ["3-1-1203"]
    assert none == {"data": [], "next_cursor": None}


async def test_a_new_journey_has_an_empty_forecast_and_timeline_and_an_unknown_one_has_none(
    writer: httpx2.AsyncClient,
) -> None:
    journey = await begin(writer)

    shown = [(await writer.get(f"/v1/journeys/{journey}/{what}")).json()["data"] for what in ("forecast", "timeline")]
    unknown = [(await writer.get(f"/v1/journeys/jrn_9{what}")).status_code for what in ("", "/forecast", "/timeline")]

    assert shown[0] == []
    assert all(line["code"].startswith(("event.", "journey.")) for line in shown[1])
    assert unknown == [404, 404, 404]
