"""The go-live of a project moved by an operator: previewed, told once, in the timeline, taken back."""

from typing import Any

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import select

from journey.adapters.packs import read_pack
from journey.store import shelf, tables
from journey.store.changes import open_changes
from journey.store.engine import Store
from journey.store.planning import By, plan_agenda
from journey.store.shelf import Shelf
from tests.journey.store.seeds import NOON
from tests.records import calendar
from tests.starter.api.told import HOME, PROJECT, signed

LATE, EARLY = "2026-04-20T09:00:00+08:00", "2026-02-01T09:00:00+08:00"
ACTION, EVENTS = "/v1/projects/XN/actions/go-live", "/v1/projects/XN/events"
WHY = {"reason": "系统切换推迟"}
CALLBACK = "signing.service-callback"


async def plan(store: Store) -> None:
    names = list(await store.read(lambda s: s.execute(select(tables.journeys.c.id)).scalars().all()))
    for name in names:
        await store.write(plan_agenda, name, NOON, by=By(Shelf(read_pack), None))


@pytest_asyncio.fixture
async def home(app: FastAPI, writer: httpx2.AsyncClient, store_sqlite: Store) -> Store:
    """A home that signed three days ago, planned."""
    await store_sqlite.write(shelf.publish_calendar, calendar(), NOON)
    (await writer.post("/v1/projects", json=PROJECT)).raise_for_status()
    told = signed(data={"on": NOON.date().isoformat(), "contract_handover_date": "2027-06-30"})
    (await writer.post("/v1/journeys", json=HOME | {"facts": [told]})).raise_for_status()
    await plan(store_sqlite)
    return store_sqlite


async def outcome(writer: httpx2.AsyncClient, item: str = CALLBACK) -> tuple[str, str | None]:
    rows = (await writer.get("/v1/journeys/XN/3-1-1202/entries")).json()["data"]
    found = next(row for row in rows if row["item"] == item)
    return found["outcome"], found["reason"]["code"] if isinstance(found["reason"], dict) else found["reason"]


async def moved(writer: httpx2.AsyncClient, to: str, **more: Any) -> dict[str, Any]:
    answer = await writer.post(ACTION, json={"to": to, **WHY, **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_what_falls_due_before_the_new_go_live_is_missed_and_comes_back_when_it_is_taken_back(
    home: Store, writer: httpx2.AsyncClient
) -> None:
    before = await outcome(writer)
    answer = await moved(writer, LATE)
    waiting = await home.read(open_changes)
    await plan(home)
    then = await outcome(writer)
    (await writer.post("/v1/projects/XN/actions/undo", json={"event": answer["event"], **WHY})).raise_for_status()
    await plan(home)

    assert before[0] == "planned"
    assert (answer["verdict"], answer["reason"]["code"], answer["go_live_at"]) == ("applied", "go-live-ahead", LATE)
    assert "2026-04-20 09:00" in answer["reason"]["text"]
    assert len(waiting) == 1
    assert then[0] == "missed"
    assert await outcome(writer) == before
    assert (await writer.get("/v1/projects/XN")).json()["go_live_at"] is None


async def test_a_preview_says_what_would_be_missed_and_changes_nothing(home: Store, writer: httpx2.AsyncClient) -> None:
    told = {
        "id": "p1", "type": "go_live.moved", "occurred_at": NOON.isoformat(),
        "data": {"to": LATE, "by": "li", **WHY},
    }  # fmt: skip
    found = (await writer.post("/v1/projects/XN/preview", json=told)).json()
    await plan(home)

    assert found["go_live"] == {"was": None, "to": LATE}
    assert (found["homes"], found["moved_homes"]) == (1, 1)
    assert found["missed"] > 0
    assert (CALLBACK, "missed") in {(item["rule"], item["what"]) for item in found["items"]}
    assert (await outcome(writer))[0] == "planned"
    assert (await writer.get("/v1/projects/XN")).json()["go_live_at"] is None


async def test_an_earlier_go_live_makes_due_again_what_was_history(
    app: FastAPI, writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await store_sqlite.write(shelf.publish_calendar, calendar(), NOON)
    (await writer.post("/v1/projects", json=PROJECT | {"go_live_at": LATE})).raise_for_status()
    told = signed(data={"on": NOON.date().isoformat(), "contract_handover_date": "2027-06-30"})
    (await writer.post("/v1/journeys", json=HOME | {"facts": [told]})).raise_for_status()
    await plan(store_sqlite)
    before = await outcome(writer)

    preview = (await writer.post("/v1/projects/XN/preview", json={
        "id": "p1", "type": "go_live.moved", "occurred_at": NOON.isoformat(), "data": {"to": EARLY, "by": "li", **WHY},
    })).json()  # fmt: skip
    await moved(writer, EARLY)
    await plan(store_sqlite)

    assert before[0] == "missed"
    assert (CALLBACK, "new") in {(item["rule"], item["what"]) for item in preview["items"]}
    assert preview["leaving"]
    assert (await outcome(writer))[0] in ("planned", "open")


async def test_a_go_live_is_moved_once_by_an_id_and_not_when_it_is_not_what_was_seen(
    home: Store, writer: httpx2.AsyncClient
) -> None:
    first = await moved(writer, LATE, id="m1")
    again = await moved(writer, LATE, id="m1")
    other = await writer.post(ACTION, json={"to": EARLY, "id": "m1", **WHY})
    stale = await writer.post(ACTION, json={"to": EARLY, "expected": EARLY, **WHY})

    assert again["event"] == first["event"]
    assert (other.status_code, stale.status_code, stale.json()["reason"]["code"]) == (409, 409, "changed-meanwhile")


async def test_what_was_seen_of_a_go_live_is_an_instant_however_it_is_written(
    home: Store, writer: httpx2.AsyncClient
) -> None:
    await moved(writer, LATE)
    utc = "2026-04-20T01:00:00Z"  # the same

    answer = await writer.post(ACTION, json={"to": EARLY, "expected": utc, **WHY})
    other = await writer.post(ACTION, json={"to": LATE, "expected": "soon", **WHY})

    assert (answer.status_code, other.status_code) == (200, 409)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"to": "2028-04-01T09:00:00+08:00", **WHY}, "to"),
        ({"to": "2026-04-01", **WHY}, "to"),
        ({"to": LATE}, "reason"),
        (WHY, "to"),
    ],
)
async def test_a_wrong_year_a_day_without_an_hour_and_no_reason_are_refused_by_field(
    home: Store, writer: httpx2.AsyncClient, body: dict[str, Any], field: str
) -> None:
    answer = await writer.post(ACTION, json=body)

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_told_as_a_fact_a_wrong_year_is_refused_too_and_nothing_moves(
    home: Store, writer: httpx2.AsyncClient
) -> None:
    told = {
        "id": "e1", "type": "go_live.moved", "occurred_at": NOON.isoformat(),
        "data": {"to": "2028-04-01T09:00:00+08:00", "by": "li", "was": EARLY, **WHY},
    }  # fmt: skip
    answer = (await writer.post(EVENTS, json=told)).json()

    assert (answer["verdict"], answer["reason"]["code"]) == ("refused", "go-live-too-far")
    assert (await writer.get("/v1/projects/XN")).json()["go_live_at"] is None
    assert not await home.read(open_changes)


async def test_the_timeline_of_the_project_says_who_moved_it_and_why(home: Store, writer: httpx2.AsyncClient) -> None:
    answer = await moved(writer, LATE, by="李娜")
    name = str(await home.read(lambda s: s.execute(select(tables.projects.c.id)).scalar_one()))
    await home.write(plan_agenda, name, NOON, by=By(Shelf(read_pack), None))
    lines = (await writer.get("/v1/projects/XN/timeline")).json()["data"]

    line = next(line for line in lines if line["ref"] == answer["event"])
    assert (line["by"], line["why"]) == ("李娜", WHY["reason"])
    assert line["text"].startswith("上线时刻变更")


async def test_a_batch_has_no_go_live_of_its_own(home: Store, writer: httpx2.AsyncClient) -> None:
    answer = await writer.post("/v1/batches/XN/3/actions/go-live", json={"to": LATE, **WHY})

    assert answer.status_code == 404
