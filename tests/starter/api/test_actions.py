"""Operators' actions over HTTP."""

from typing import Any

import httpx2
import pytest

from journey.store.engine import Store
from starter.orders import BODIES
from tests.journey.store.seeds import CALLBACK, FILING, WELCOME, seed_work
from tests.starter.api.conftest import Connect

HOME = "/v1/journeys/XN/3-1-1202"
WHY = {"reason": "业主要求"}


@pytest.fixture(autouse=True)
def work(app: object, store_sqlite: Store) -> None:
    store_sqlite.write_sync(seed_work)


async def test_an_action_answers_like_an_event_with_the_item_as_it_stands(writer: httpx2.AsyncClient) -> None:
    body = WHY | {"key": FILING, "to": "2026-03-05T10:00:00+08:00"}

    answer = await writer.post(f"{HOME}/actions/reschedule?lang=en", json=body)

    told = answer.json()
    assert (answer.status_code, told["verdict"], told["action"]) == (202, "taken", "reschedule")
    assert (told["journey"], told["status"]) == ("jrn_1", "active")
    assert (told["item"]["key"], told["item"]["title"]) == (FILING, "filing")
    assert (await writer.get(f"/v1/events/{told['event']}")).json()["journey"] == "jrn_1"


async def test_who_acts_is_the_name_of_the_key_unless_the_body_says(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await writer.post(f"{HOME}/actions/mute", json=WHY)
    await writer.post(f"{HOME}/actions/pause", json=WHY | {"by": "李娜"})

    lines = (await writer.get(f"{HOME}/timeline?limit=100")).json()["data"]

    assert [(line["by"], line["why"]) for line in lines if line["code"] == "event.hold.placed"] == [
        ("test", "业主要求"),
        ("李娜", "业主要求"),
    ]


async def test_a_key_makes_a_repeated_action_the_same_one(writer: httpx2.AsyncClient) -> None:
    key = {"Idempotency-Key": "click-1"}

    first = await writer.post(f"{HOME}/actions/mute", json=WHY, headers=key)
    again = await writer.post(f"{HOME}/actions/mute", json=WHY, headers=key)
    other = await writer.post(f"{HOME}/actions/mute", json=WHY)

    assert again.json() == first.json()
    assert (other.status_code, other.json()["reason"]["code"]) == (409, "held-already")


async def test_what_changed_meanwhile_is_a_conflict_with_the_present_state_in_the_readers_language(
    writer: httpx2.AsyncClient,
) -> None:
    body = WHY | {"key": CALLBACK, "expected": "planned"}

    chinese = (await writer.post(f"{HOME}/actions/skip", json=body)).json()
    english = (await writer.post(f"{HOME}/actions/skip?lang=en", json=body)).json()

    assert (chinese["status"], chinese["code"]) == (409, "conflict")
    assert chinese["reason"]["params"]["state"] == "escalated"
    assert "现已变为「已升级」" in chinese["detail"]
    assert "it is now escalated" in english["detail"]


async def test_lists_show_what_an_action_may_expect(writer: httpx2.AsyncClient) -> None:
    listed = (await writer.get(f"{HOME}/entries")).json()["data"]
    expected = {each["key"]: each["expected"] for each in listed}

    answers = [
        await writer.post(f"{HOME}/actions/{action}", json=WHY | {"key": key, "expected": expected[key]})
        for action, key in (("skip", CALLBACK), ("redo", WELCOME))
    ]

    assert [answer.status_code for answer in answers] == [202, 202]
    assert [row["key"] for row in (await writer.get(f"{HOME}/entries?state=open")).json()["data"]] == [CALLBACK]


@pytest.mark.parametrize(
    ("action", "body", "field", "rule"),
    [
        ("reschedule", {"key": FILING, "to": "2026-02-01T10:00:00+08:00"}, "to", "in-the-past"),
        ("reschedule", {"key": FILING, "to": "soon"}, "to", "not-an-instant"),
        ("reschedule", {"key": FILING}, "to", "required"),
        ("decide", {"key": FILING, "outcome": "perhaps"}, "outcome", "unknown-value"),
        ("skip", {}, "key", "required"),
        ("skip", {"key": FILING, "reason": " "}, "reason", "empty"),
        ("skip", {"key": FILING, "keys": FILING}, "keys", "unknown-field"),
        ("undo", {}, "event", "required"),
        ("mute", {"person": "nobody"}, "person", "unknown-person"),
    ],
)
async def test_a_bad_body_is_refused_with_its_field_and_rule(
    writer: httpx2.AsyncClient, action: str, body: dict[str, Any], field: str, rule: str
) -> None:
    answer = await writer.post(f"{HOME}/actions/{action}", json=WHY | body)

    assert answer.status_code == 422
    assert [(error["field"], error["rule"]) for error in answer.json()["errors"]] == [(field, rule)]


@pytest.mark.parametrize("body", ["x", [], 7])
async def test_a_body_that_is_no_object_is_refused(writer: httpx2.AsyncClient, body: object) -> None:
    for action in BODIES:
        assert (await writer.post(f"{HOME}/actions/{action}", json=body)).status_code == 422


async def test_an_unknown_item_is_not_found_and_what_exists_is_named(writer: httpx2.AsyncClient) -> None:
    answer = await writer.post(f"{HOME}/actions/skip", json=WHY | {"item": "signing.nothing"})

    assert (answer.status_code, answer.json()["reason"]["code"]) == (404, "no-such-item")
    assert FILING in answer.json()["detail"]
    assert (await writer.post("/v1/journeys/jrn_9/actions/cancel", json=WHY)).status_code == 404
    assert (await writer.post(f"{HOME}/actions/destroy", json=WHY)).status_code in (404, 405)


async def test_a_cancel_says_what_it_closes(writer: httpx2.AsyncClient) -> None:
    answer = (await writer.post(f"{HOME}/actions/cancel", json=WHY)).json()

    assert [entry["key"] for entry in answer["closes"]] == [CALLBACK]


async def test_a_task_is_assigned_and_shown_where_it_is_now(writer: httpx2.AsyncClient) -> None:
    await writer.post("/v1/tasks/tsk_1/claim", json={"by": "wang"})

    answer = await writer.post("/v1/tasks/tsk_1/assign", json=WHY | {"to": "project-cs"})
    again = await writer.post("/v1/tasks/tsk_1/assign", json=WHY | {"to": "project-cs"})
    unknown = await writer.post("/v1/tasks/tsk_9/assign", json=WHY | {"to": "project-cs"})
    listed = (await writer.get("/v1/tasks", params={"role": "project-cs"})).json()["data"]

    assert (answer.status_code, answer.json()["task"]["role"]) == (202, "project-cs")
    assert [(row["id"], row["claimed_by"]) for row in listed] == [("tsk_1", None)]
    assert (again.status_code, again.json()["reason"]["code"]) == (409, "assigned-already")
    assert unknown.status_code == 404


async def test_who_may_only_read_does_not_act(connect: Connect) -> None:
    async with connect("read") as reader:
        assert (await reader.post(f"{HOME}/actions/cancel", json=WHY)).status_code == 403
        assert (await reader.post("/v1/tasks/tsk_1/assign", json=WHY | {"to": "sales"})).status_code == 403


async def test_every_action_is_described_with_its_body(connect: Connect) -> None:
    async with connect() as client:
        document = (await client.get("/openapi.json")).json()

    for action, model in BODIES.items():
        described = document["paths"][f"/v1/journeys/{{journey}}/actions/{action}"]["post"]
        schema = described["requestBody"]["content"]["application/json"]["schema"]
        assert schema == {"$ref": f"#/components/schemas/{model.__name__}"}
        assert {"200", "202", "404", "409", "422"} <= set(described["responses"])
        assert document["components"]["schemas"][model.__name__]["required"][-1] in ("reason", "to", "outcome", "event")
