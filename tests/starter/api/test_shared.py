"""Agendas of projects and batches over the REST API: what is ahead, what was done, what an operator decides."""

from typing import Any

import httpx2
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import select

from journey.adapters.packs import read_pack
from journey.domain.moves import MoveKind
from journey.store import performing, shelf, tables
from journey.store.engine import Store
from journey.store.performing import Wanted
from journey.store.planning import By, plan_agenda
from journey.store.shelf import Shelf
from tests.journey.store.seeds import NOON
from tests.records import calendar
from tests.starter.api.told import PROJECT

BATCH = "/v1/batches/XN/3"
PLANNED = {"handover_from": "2026-04-10", "handover_to": "2026-04-12", "buildings": ["3"]}
WHY = {"reason": "分批整改"}
CONDITION = "batch.condition"


async def live(store: Store) -> None:
    """Every agenda is planned, and does what is due, as its workflow would."""
    names = list(await store.read(lambda s: s.execute(select(tables.shared_agendas.c.id)).scalars().all()))
    for name in names:
        for _ in range(60):
            found = (await store.write(plan_agenda, name, NOON, by=By(Shelf(read_pack), None))).plan
            if found is None or not found.moves:
                break
            move = found.moves[0]
            do = {MoveKind.OPEN: performing.open_task, MoveKind.WARN: performing.warn_task}.get(
                move.kind, performing.escalate_task
            )
            await store.write(do, Wanted(name, move.key, move.due, move.seen, NOON, None))


@pytest_asyncio.fixture
async def home(app: FastAPI, writer: httpx2.AsyncClient, store_sqlite: Store) -> Store:
    """A project with batch 3, forty days before its handover."""
    await store_sqlite.write(shelf.publish_calendar, calendar(), NOON)
    (await writer.post("/v1/projects", json=PROJECT)).raise_for_status()
    (await writer.post(BATCH, json=PLANNED)).raise_for_status()
    await live(store_sqlite)
    return store_sqlite


async def items(client: httpx2.AsyncClient, path: str = f"{BATCH}/entries") -> dict[str, Any]:
    return {each["key"].split("/")[-1]: each for each in (await client.get(path)).json()["data"]
            if each["item"] == CONDITION}  # fmt: skip


async def test_a_batch_shows_what_is_ahead_open_and_behind_it(home: Store, writer: httpx2.AsyncClient) -> None:
    found = await items(writer)
    ahead = (await writer.get(f"{BATCH}/forecast")).json()["data"]
    lines = (await writer.get(f"{BATCH}/timeline?lang=en")).json()["data"]
    shown = (await writer.get(BATCH)).json()

    assert found["rehearsal"]["outcome"] == "open"
    assert {each["item"] for each in ahead} >= {"batch.lessons-learned", "batch.display"}
    assert any(line["code"] == "entry.open" and line["item"] == CONDITION for line in lines)
    assert (shown["stage"], shown["gates"]) == ("preparing", [])


async def test_tasks_of_a_batch_stand_in_the_list_of_tasks(home: Store, writer: httpx2.AsyncClient) -> None:
    rows = (await writer.get("/v1/tasks?project=XN&state=open")).json()["data"]

    assert {(row["batch"], row["journey"]) for row in rows} == {("3", None)}


async def test_the_result_of_a_condition_is_a_gate_of_the_batch(home: Store, writer: httpx2.AsyncClient) -> None:
    rows = (await writer.get("/v1/tasks?project=XN")).json()["data"]
    task = next(row["id"] for row in rows if row["key"].endswith("/rehearsal"))

    claimed = await writer.post(f"/v1/tasks/{task}/claim", json={"by": "stf_1"})
    told = await writer.post(f"/v1/tasks/{task}/result", json={"by": "stf_1"})
    await live(home)

    gates = (await writer.get(f"{BATCH}?lang=zh")).json()["gates"]
    assert claimed.json()["claimed_by"] == "stf_1"
    assert told.json()["verdict"] == "applied"
    assert [(gate["gate"], gate["title"], gate["state"]) for gate in gates] == [("rehearsal", "入住模拟", "passed")]
    assert (await items(writer))["rehearsal"]["outcome"] == "done"


async def test_a_condition_that_did_not_hold_is_told_as_a_gate_that_failed(
    home: Store, writer: httpx2.AsyncClient
) -> None:
    rows = (await writer.get("/v1/tasks?project=XN")).json()["data"]
    task = next(row["id"] for row in rows if row["key"].endswith("/severe-snags"))

    await writer.post(f"/v1/tasks/{task}/result", json={"by": "stf_1", "outcome": "refused"})

    (gate,) = (await writer.get(BATCH)).json()["gates"]
    assert (gate["gate"], gate["state"], gate["by"]) == ("severe-snags", "failed", "stf_1")


async def test_an_item_of_a_batch_is_skipped_moved_and_brought_back(home: Store, writer: httpx2.AsyncClient) -> None:
    key = (await items(writer))["two-books"]["key"]

    skipped = await writer.post(f"{BATCH}/actions/skip", json=WHY | {"key": key})
    await live(home)
    without = (await items(writer))["two-books"]
    undone = await writer.post(f"{BATCH}/actions/undo", json=WHY | {"event": skipped.json()["event"]})
    await live(home)

    assert (skipped.json()["verdict"], without["outcome"]) == ("applied", "skipped")
    assert undone.json()["verdict"] == "applied"
    assert (await items(writer))["two-books"]["outcome"] == "open"


async def test_a_task_of_a_batch_changes_hands(home: Store, writer: httpx2.AsyncClient) -> None:
    rows = (await writer.get("/v1/tasks?project=XN")).json()["data"]
    task = next(row["id"] for row in rows if row["key"].endswith("/two-books"))

    answer = await writer.post(f"/v1/tasks/{task}/assign", json=WHY | {"to": "legal"})
    await live(home)

    assert answer.status_code == 200
    assert (await writer.get(f"/v1/tasks/{task}")).json()["role"] == "legal"


async def test_a_batch_can_neither_be_paused_nor_cancelled(home: Store, writer: httpx2.AsyncClient) -> None:
    agenda = (await writer.get(BATCH)).json()["id"]

    answers = [await writer.post(f"/v1/journeys/{agenda}/actions/{action}", json=WHY) for action in ("pause", "cancel")]

    assert [answer.status_code for answer in answers] == [404, 404]


async def test_a_building_of_another_batch_is_refused_naming_both(home: Store, writer: httpx2.AsyncClient) -> None:
    answer = (await writer.post("/v1/batches/XN/4?lang=zh", json=PLANNED)).json()

    assert (answer["verdict"], answer["reason"]["code"]) == ("refused", "building-in-batch")
    assert answer["reason"]["params"] == {"building": "3", "batch": "4", "other": "3"}


async def test_a_project_has_an_agenda_too(home: Store, writer: httpx2.AsyncClient) -> None:
    opening = {"id": "open", "type": "sales.opening_planned", "occurred_at": "2026-03-01T10:00:00+08:00",
               "data": {"on": "2026-03-20"}}  # fmt: skip
    told = await writer.post("/v1/projects/XN/events", json=opening)
    await live(home)

    found = {each["item"]: each["outcome"] for each in (await writer.get("/v1/projects/XN/entries")).json()["data"]}
    assert told.json()["verdict"] == "applied"
    assert found["project.site-quality"] == "open"


async def test_an_unknown_project_or_batch_is_not_found(home: Store, writer: httpx2.AsyncClient) -> None:
    answers = [await writer.get(path) for path in ("/v1/projects/NO/entries", "/v1/batches/XN/NO/timeline")]

    assert [answer.status_code for answer in answers] == [404, 404]


async def test_a_second_post_with_another_go_live_is_refused_and_names_the_field(writer: httpx2.AsyncClient) -> None:
    body = {"code": "QY", "name": "清园", "city": "成都", "go_live_at": "2026-02-01T00:00:00+08:00"}
    made = await writer.post("/v1/projects", json=body)

    same = await writer.post("/v1/projects", json=body)
    other = await writer.post("/v1/projects", json=body | {"go_live_at": "2026-02-20T00:00:00+08:00"})
    shown = (await writer.get("/v1/projects/QY")).json()

    assert [answer.status_code for answer in (made, same, other)] == [201, 409, 409]
    assert same.json()["reason"]["code"] == "project-exists"
    assert (other.json()["reason"]["code"], other.json()["reason"]["params"]["field"]) == ("go-live-set", "go_live_at")
    assert shown["go_live_at"].startswith("2026-02-01")


async def test_what_a_project_is_told_stands_in_its_timeline_and_in_that_of_the_batch_it_is_about(
    home: Store, writer: httpx2.AsyncClient
) -> None:
    key = (await items(writer))["rehearsal"]["key"]
    told = await writer.post(f"{BATCH}/actions/skip", json={"key": key, **WHY})
    event = told.raise_for_status().json()["event"]

    lines = {
        path: [(line["ref"], line["why"]) for line in (await writer.get(f"{path}/timeline")).json()["data"]]
        for path in ("/v1/projects/XN", BATCH)
    }

    assert all(found.count((event, "分批整改")) == 1 for found in lines.values())
