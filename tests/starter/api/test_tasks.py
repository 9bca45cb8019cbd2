"""Tasks and messages over HTTP."""

import httpx2
import pytest

from journey.store.engine import Store
from tests.journey.store.seeds import seed_work


@pytest.fixture(autouse=True)
def work(app: object, store_sqlite: Store) -> None:
    store_sqlite.write_sync(seed_work)


async def test_tasks_are_listed_by_state_and_shown_one_by_one(writer: httpx2.AsyncClient) -> None:
    listed = (await writer.get("/v1/tasks", params={"state": "open", "role": "keeper"})).json()
    shown = (await writer.get("/v1/tasks/tsk_1", headers={"Accept-Language": "en-GB,en;q=0.9"})).json()

    assert [row["id"] for row in listed["data"]] == ["tsk_1"]
    assert listed["data"][0]["title"] == "签约服务回访"
    assert (shown["title"], shown["due"]) == ("service callback", "2026-03-04T12:00:00+08:00")


async def test_a_task_is_claimed_once_and_not_by_somebody_else(writer: httpx2.AsyncClient) -> None:
    mine = await writer.post("/v1/tasks/tsk_1/claim", json={"by": "wang"})
    theirs = await writer.post("/v1/tasks/tsk_1/claim", json={"by": "li"})

    assert (mine.status_code, mine.json()["claimed_by"]) == (200, "wang")
    assert theirs.status_code == 409


@pytest.mark.parametrize("body", ["wang", [], {"bye": "wang"}, {"by": ""}, 7])
async def test_a_claim_without_a_name_is_refused(writer: httpx2.AsyncClient, body: object) -> None:
    assert (await writer.post("/v1/tasks/tsk_1/claim", json=body)).status_code == 422


async def test_a_result_becomes_an_event_about_the_task(writer: httpx2.AsyncClient) -> None:
    body = {"reached": True, "satisfied": True, "at": "2026-03-01T11:00:00+08:00", "by": "wang"}

    told = await writer.post("/v1/tasks/tsk_1/result", json=body)
    unknown = await writer.post("/v1/tasks/tsk_9/result", json=body)

    assert (told.status_code, told.json()["verdict"]) == (202, "taken")
    assert unknown.status_code == 404


async def test_messages_are_listed_by_journey_and_state(writer: httpx2.AsyncClient) -> None:
    sent = (await writer.get("/v1/messages", params={"journey": "XN/3-1-1202", "state": "sent"})).json()
    failed = (await writer.get("/v1/messages", params={"state": "failed"})).json()

    assert [(row["id"], row["class"]) for row in sent["data"]] == [("msg_1", "contract")]
    assert failed["data"] == []


async def test_the_forecast_and_the_timeline_of_a_journey_read_as_sentences(writer: httpx2.AsyncClient) -> None:
    forecast = (await writer.get("/v1/journeys/XN/3-1-1202/forecast?lang=en")).json()["data"]
    timeline = (await writer.get("/v1/journeys/jrn_1/timeline?limit=2")).json()

    assert [(entry["item"], entry["class"], entry["outcome"]) for entry in forecast] == [
        ("signing.filing", "contract", "planned")
    ]
    assert forecast[0]["because"][0]["text"].startswith("was 2026-03-08; pulled to")
    assert [line["text"] for line in timeline["data"]] == ["签约:已采纳", "管家短信问候:已发送"]
    assert timeline["next_cursor"] is not None
