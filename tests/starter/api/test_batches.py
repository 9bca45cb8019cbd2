"""Batches over the REST API: what stands, what a move would do before it is told, who moved it."""

from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from journey.adapters.packs import read_pack
from journey.store import shelf, tables
from journey.store.engine import Store
from journey.store.planning import By, plan_agenda
from journey.store.shelf import Shelf
from tests.journey.store.seeds import NOON
from tests.records import calendar
from tests.starter.api.conftest import FixedClock
from tests.starter.api.told import HOME, PROJECT

KEYS = {"type": "handover.accepted", "id": "keys", "occurred_at": "2026-03-01T10:00:00+08:00"}
PLANNED = {
    "handover_from": "2026-06-20",
    "handover_to": "2026-06-30",
    "completion_accepted_on": "2026-02-01",
    "buildings": ["3"],
    "by": "stf_7",
}
LEDGER = "warranty.ledger"


async def settle(store: Store) -> list[str]:
    """The project, its calendar, some homes that have their keys, each planned."""
    names = list(await store.read(lambda s: s.execute(select(tables.journeys.c.id)).scalars().all()))
    for name in names:
        await store.write(plan_agenda, name, NOON, by=By(Shelf(read_pack), None))
    return names


async def begin(client: httpx2.AsyncClient, store: Store) -> None:
    """Homes of building 3 with their keys, and one of building 5."""
    await store.write(shelf.publish_calendar, calendar(), NOON)
    (await client.post("/v1/projects", json=PROJECT)).raise_for_status()
    for number in range(2):
        await _home(client, f"3-1-{number}")
    await _home(client, "5-1-1")
    await settle(store)


async def _home(client: httpx2.AsyncClient, unit: str) -> None:
    fact = KEYS | {"data": {"on": "2026-03-01"}, "source": "crm"}
    body = HOME | {"unit": unit, "owners": [{"ref": unit, "name": "张伟", "phone": "13800138000"}], "facts": [fact]}
    (await client.post("/v1/journeys", json=body)).raise_for_status()


def everything(session: Session) -> dict[str, Any]:
    """Every row of every table that a preview could touch."""
    names = ("events", "entries", "agenda", "journeys", "batches", "units", "changes", "journal", "tasks")
    return {name: session.execute(select(tables.metadata.tables[name])).all() for name in names}


async def test_a_batch_is_planned_shown_and_listed(writer: httpx2.AsyncClient, store_sqlite: Store) -> None:
    await begin(writer, store_sqlite)

    told = await writer.post("/v1/batches/XN/3", json=PLANNED)

    shown = (await writer.get("/v1/batches/XN/3")).json()
    listed = (await writer.get("/v1/batches", params={"project": "XN"})).json()
    assert told.json()["verdict"] == "applied"
    assert (shown["homes"], shown["stages"]) == (2, {"occupancy": 2})
    assert shown["dates"]["handover_from"]["on"] == "2026-06-20"
    assert shown["dates"]["handover_to"] == shown["dates"]["handover_from"] | {"on": "2026-06-30"}
    assert listed["data"][0]["dates"] == shown["dates"]
    assert [(move["by"], move["reason"]["code"]) for move in shown["moves"]] == [("stf_7", "batch-stands")]
    assert [change["state"] for change in shown["changes"]] == ["waiting"]
    assert [row["code"] for row in listed["data"]] == ["3"]


async def test_a_move_told_again_under_its_id_is_the_same_move_whatever_the_hour(
    writer: httpx2.AsyncClient, store_sqlite: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def later(_: FixedClock) -> datetime:
        return NOON + timedelta(hours=1)

    await begin(writer, store_sqlite)
    body = PLANNED | {"id": "desk-7"}

    first = await writer.post("/v1/batches/XN/3", json=body)
    monkeypatch.setattr(FixedClock, "now", later)
    again = await writer.post("/v1/batches/XN/3", json=body)
    otherwise = await writer.post("/v1/batches/XN/3", json=body | {"handover_to": "2026-07-01"})

    assert (again.status_code, again.json()["event"]) == (first.status_code, first.json()["event"])
    assert (otherwise.status_code, otherwise.json()["reason"]["code"]) == (409, "told-otherwise")


async def test_a_preview_writes_nothing(writer: httpx2.AsyncClient, store_sqlite: Store) -> None:
    await begin(writer, store_sqlite)
    before = await store_sqlite.read(everything)

    answer = await writer.post("/v1/batches/XN/3/preview", json=PLANNED)

    assert answer.status_code == 200
    assert await store_sqlite.read(everything) == before


async def test_what_a_preview_says_is_what_planning_then_does(writer: httpx2.AsyncClient, store_sqlite: Store) -> None:
    await begin(writer, store_sqlite)
    names = await settle(store_sqlite)
    before = {name: await store_sqlite.read(_dues, name) for name in names}

    said = (await writer.post("/v1/batches/XN/3/preview", json=PLANNED)).json()
    (await writer.post("/v1/batches/XN/3", json=PLANNED)).raise_for_status()
    await settle(store_sqlite)

    after = {name: await store_sqlite.read(_dues, name) for name in names}
    changed = {name for name in names if before[name] != after[name]}
    differing = sum(
        before[name].get(key) != after[name].get(key) for name in names for key in {*before[name], *after[name]}
    )
    assert {"date": "completion", "was": None, "to": "2026-02-01"} in said["dates"]
    assert (said["homes"], said["moved_homes"]) == (2, len(changed))
    assert sum(item["count"] for item in said["items"]) == differing > 0
    example = said["examples"][0]
    assert before[example["journey"]].get(example["key"]) == _instant(example["was"])
    assert after[example["journey"]].get(example["key"]) == _instant(example["due"])


async def test_a_preview_of_homes_that_wait_to_be_planned_again_says_the_same(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await begin(writer, store_sqlite)

    asleep = (await writer.post("/v1/batches/XN/3/preview", json=PLANNED)).json()
    await store_sqlite.write(_make_stale)
    stale = (await writer.post("/v1/batches/XN/3/preview", json=PLANNED)).json()

    assert asleep == stale
    assert asleep["items"]


async def test_homes_that_a_batch_takes_in_are_previewed_too(writer: httpx2.AsyncClient, store_sqlite: Store) -> None:
    await begin(writer, store_sqlite)
    (await writer.post("/v1/batches/XN/3", json=PLANNED)).raise_for_status()

    said = (await writer.post("/v1/batches/XN/3/preview", json={"buildings": ["3", "5"]})).json()

    assert said["homes"] == 3
    assert LEDGER in {item["rule"] for item in said["items"]}


async def test_a_date_told_again_as_it_stands_plans_nobody(writer: httpx2.AsyncClient, store_sqlite: Store) -> None:
    await begin(writer, store_sqlite)
    (await writer.post("/v1/batches/XN/3", json=PLANNED)).raise_for_status()

    said = (await writer.post("/v1/batches/XN/3/preview", json=PLANNED)).json()
    told = (await writer.post("/v1/batches/XN/3", json=PLANNED)).json()

    shown = (await writer.get("/v1/batches/XN/3")).json()
    assert (said["moved_homes"], said["text"] is None) == (0, False)
    assert told["verdict"] == "applied"
    assert [move["reason"]["code"] for move in shown["moves"]] == ["batch-told-again", "batch-stands"]
    assert await store_sqlite.read(lambda s: s.scalar(select(func.count()).select_from(tables.changes))) == 1


async def test_of_two_moves_within_a_minute_the_last_date_holds_and_each_says_what_became_of_it(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await begin(writer, store_sqlite)
    (await writer.post("/v1/batches/XN/3", json=PLANNED)).raise_for_status()

    for day in ("2026-07-10", "2026-08-01"):
        (await writer.post("/v1/batches/XN/3", json={"handover_from": day})).raise_for_status()

    shown = (await writer.get("/v1/batches/XN/3", headers={"Accept-Language": "zh"})).json()
    assert shown["dates"]["handover_from"]["on"] == "2026-08-01"
    by_day = {move["dates"]["handover_from"]: move["reason"]["code"] for move in shown["moves"]}
    assert (by_day["2026-07-10"], by_day["2026-08-01"]) == ("batch-moved-again", "batch-stands")
    assert sorted(change["state"] for change in shown["changes"]) == ["superseded", "superseded", "waiting"]
    assert any("随后又改期" in change["text"] for change in shown["changes"])


async def test_a_window_keeps_its_length_when_only_its_beginning_moves(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await begin(writer, store_sqlite)
    (await writer.post("/v1/batches/XN/3", json=PLANNED)).raise_for_status()

    (await writer.post("/v1/batches/XN/3", json={"handover_from": "2026-07-10"})).raise_for_status()

    moves = (await writer.get("/v1/batches/XN/3")).json()["moves"]
    assert "2026-07-20" in {move["dates"]["handover_to"] for move in moves}


async def test_what_is_wrong_with_a_move_is_named(writer: httpx2.AsyncClient, store_sqlite: Store) -> None:
    await begin(writer, store_sqlite)

    no_date = await writer.post("/v1/batches/XN/3", json={"handover_from": "2026-02-30"})
    misspelt = await writer.post("/v1/batches/XN/3/preview", json={"handover_form": "2026-02-20"})
    incomplete = await writer.post("/v1/batches/XN/9", json={"handover_from": "2026-07-01"})
    reversed_ = await writer.post("/v1/batches/XN/3", json=PLANNED | {"handover_to": "2026-06-01"})
    nowhere = await writer.post("/v1/batches/YY/3/preview", json=PLANNED)

    refused = [each.json()["errors"][0] for each in (no_date, misspelt, incomplete, reversed_)]
    assert [(each["field"], each["rule"]) for each in refused] == [
        ("handover_from", "not-a-date"),
        ("handover_form", "unknown-field"),
        ("data/buildings", "required"),
        ("data/handover_to", "wrong-order"),
    ]
    assert nowhere.status_code == 404


async def test_an_unknown_batch_is_not_found(writer: httpx2.AsyncClient, app: FastAPI) -> None:
    (await writer.post("/v1/projects", json=PROJECT)).raise_for_status()

    assert (await writer.get("/v1/batches/XN/9")).status_code == 404
    assert (await writer.get("/v1/batches", params={"project": "YY"})).status_code == 404


def _make_stale(session: Session) -> None:
    session.execute(update(tables.journeys).values(stale_since=NOON))


def _dues(session: Session, journey: str) -> dict[str, datetime]:
    document = session.execute(select(tables.agenda.c.document).where(tables.agenda.c.scope_id == journey)).scalar_one()
    return {item["key"]: datetime.fromisoformat(item["due"]) for item in document["items"]}


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(NOON.tzinfo) if text else None
