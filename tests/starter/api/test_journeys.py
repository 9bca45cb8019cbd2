"""Journeys and projects over HTTP."""

from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from journey.store import shelf
from journey.store.engine import Store
from journey.store.tables import audit, idempotency
from tests.journey.store.seeds import NOON
from tests.packs import built_in
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


async def test_journeys_of_a_batch_are_found(writer: httpx2.AsyncClient) -> None:
    (await writer.post("/v1/projects", json=PROJECT)).raise_for_status()
    planned = {"handover_from": "2026-06-20", "handover_to": "2026-06-30", "buildings": ["3"]}
    (await writer.post("/v1/batches/XN/B1", json=planned)).raise_for_status()
    for unit in ("3-1-1", "5-1-1"):
        owners = [{"ref": unit, "name": "张伟"}]
        (await writer.post("/v1/journeys", json=HOME | {"unit": unit, "owners": owners})).raise_for_status()

    found = (await writer.get("/v1/journeys", params={"project": "XN", "batch": "B1"})).json()["data"]

    assert [row["unit"] for row in found] == ["3-1-1"]


async def test_an_operator_finds_homes_by_building_by_owner_and_by_what_is_late(writer: httpx2.AsyncClient) -> None:
    (await writer.post("/v1/projects", json=PROJECT)).raise_for_status()
    for unit in ("3-1-1", "3-1-2", "5-1-1"):
        owners = [{"ref": f"of-{unit}", "name": "张伟"}]
        (await writer.post("/v1/journeys", json=HOME | {"unit": unit, "owners": owners})).raise_for_status()

    async def units(**wanted: str) -> list[str]:
        return sorted(row["unit"] for row in (await writer.get("/v1/journeys", params=wanted)).json()["data"])

    assert await units(building="3") == ["3-1-1", "3-1-2"]
    assert await units(owner="of-5-1-1") == ["5-1-1"]
    same = {"alias": "of-5-1-1", "reason": "同一身份证", "by": "li"}
    (await writer.post("/v1/people/of-3-1-1/merge", json=same)).raise_for_status()
    assert await units(owner="of-5-1-1") == ["3-1-1", "5-1-1"]
    stranger = await writer.get("/v1/journeys", params={"owner": "of-nobody"})
    assert (stranger.status_code, stranger.json()["errors"][0]["parameter"]) == (422, "owner")
    assert await units(overdue="true") == []
    assert await units(overdue="false", building="5") == ["5-1-1"]


async def test_a_go_live_that_lies_ahead_is_taken_with_what_it_means(writer: httpx2.AsyncClient) -> None:
    body = PROJECT | {"go_live_at": "2026-04-01T09:00:00+08:00"}

    made = await writer.post("/v1/projects?lang=en", json=body)

    assert (made.status_code, made.json()["reason"]["code"]) == (201, "go-live-ahead")
    assert "2026-04-01" in made.json()["reason"]["text"]


async def test_a_go_live_of_a_wrong_year_is_refused(writer: httpx2.AsyncClient) -> None:
    answer = await writer.post("/v1/projects", json=PROJECT | {"go_live_at": "2036-04-01T09:00:00+08:00"})

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["go_live_at"]
    assert (await writer.get("/v1/projects")).json()["data"] == []


async def test_a_start_answers_what_is_read_later_by_the_rights_of_the_key(
    connect: Connect, writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await writer.post("/v1/projects", json=PROJECT)
    body = HOME | {"facts": [signed(), signed(id="crm-2", type="subscription.signed", data={"on": "2026-02-01"})]}

    async with connect(admin=True) as admin:
        started = await admin.post("/v1/journeys", json=body, headers={"Idempotency-Key": "k1"})
        again = await admin.post("/v1/journeys", json=body, headers={"Idempotency-Key": "k1"})
        found = await admin.get(started.headers["Location"])
    masked = await writer.get(started.headers["Location"])

    assert started.status_code == 201
    assert started.json() == again.json() == found.json() | {"warnings": []}
    assert again.headers["Idempotency-Replayed"] == "true"
    assert started.json()["owners"][0]["name"] == "张伟"
    assert [each["id"] for each in started.json()["events"]] == ["crm-1", "crm-2"]
    assert started.json()["no_valid_contact"] is False
    assert masked.json()["owners"][0]["name"] == "张*"
    assert masked.json() | {"owners": []} == found.json() | {"owners": []}
    read = select(audit.c.action).where(audit.c.action == "owners.read")
    assert len(await store_sqlite.read(lambda session: session.execute(read).all())) == 3
    kept = await store_sqlite.read(lambda session: str(session.execute(select(idempotency)).all()))
    assert "jrn_" in kept
    assert "张伟" not in kept


@pytest.mark.parametrize(
    ("more", "field", "allowed"),
    [
        ({"overlays": ["mars"]}, "overlays/0", "zhejiang"),
        ({"overlays": ["zhejiang", "mars"]}, "overlays/1", "—"),
        ({"pack": "mars", "overlays": ["zhejiang"]}, "pack", "cn-residential"),
    ],
)
async def test_a_pack_or_an_overlay_that_is_not_published_is_named(
    writer: httpx2.AsyncClient, store_sqlite: Store, more: dict[str, Any], field: str, allowed: str
) -> None:
    document = built_in().document
    for name in ("cn-residential+zhejiang",):
        store_sqlite.write_sync(shelf.publish_pack, name=name, content_hash=name, document=document, now=NOON)

    refused = await writer.post("/v1/projects", json=PROJECT | more)

    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == [field]
    assert allowed in refused.json()["detail"]
    assert "+" not in refused.json()["detail"]


async def test_an_owner_without_a_name_is_found_where_a_correction_names_him(writer: httpx2.AsyncClient) -> None:
    (await writer.post("/v1/projects", json=PROJECT)).raise_for_status()
    (await writer.post("/v1/journeys", json=HOME)).raise_for_status()
    told = {"occurred_at": "2026-03-16T10:00:00+08:00", "source": "crm"}
    joined = told | {
        "id": "p1",
        "type": "parties.changed",
        "data": {"on": "2026-03-16", "owners": [{"ref": "n1", "name": "李四"}]},
    }
    first = await writer.post("/v1/journeys/XN/3-1-1202/events", json=joined)
    first.raise_for_status()
    data = {"event_id": "p1", "data": {"owners": [{"ref": "n2"}]}, "reason": "x"}

    answer = await writer.post(
        "/v1/journeys/XN/3-1-1202/events", json=told | {"id": "c1", "type": "event.corrected", "data": data}
    )

    assert [error["field"] for error in answer.json()["errors"]] == ["data/data/owners/0/name"]
