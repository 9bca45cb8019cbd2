"""An event before it is told: what a preview says is what telling it then does, and nothing is written."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import select, update

from journey.adapters.packs import read_pack
from journey.store import shelf, tables
from journey.store.engine import Store
from journey.store.planning import By, plan_agenda
from journey.store.shelf import Shelf
from tests.journey.store.seeds import NOON
from tests.records import calendar
from tests.starter.api.test_batches import PLANNED, begin, everything, settle
from tests.starter.api.told import HOME, PROJECT

NEXT_DAY = "2026-03-01T11:00:00+08:00"


def event(kind: str, **more: Any) -> dict[str, Any]:
    return {"id": f"{kind}-1", "type": kind, "occurred_at": NEXT_DAY, "source": "crm", "data": {}} | more


async def states(store: Store, journey: str) -> dict[str, str]:
    """The due of what is ahead of a journey, by key."""
    ahead = select(tables.agenda.c.document).where(tables.agenda.c.scope_id == journey)
    document = await store.read(lambda s: s.scalar(ahead))
    return {item["key"]: item["due"] for item in (document or {"items": []})["items"]}


@pytest.mark.parametrize(
    "told",
    [
        event("defect.reported", data={"category": "plumbing", "severity": "general", "text": "滴水"}),
        event("title.issued", data={"on": "2026-03-01"}),
        event("contract.cancelled", data={"on": "2026-03-01", "reason": "退房"}),
        event("consent.given", person="3-1-0", data={"purpose": "care", "evidence": "paper"}),
        event("hold.placed", data={"scope": "all", "how": "pause", "reason": "装修"}),
        event("contact.invalid", person="3-1-0", data={"channel": "phone", "address": "13800138000"}),
        event("event.voided", data={"event_id": "keys", "reason": "录错"}),
    ],
    ids=lambda told: str(told["type"]),
)
async def test_what_a_preview_says_is_what_telling_it_does(
    writer: httpx2.AsyncClient, store_sqlite: Store, told: dict[str, Any]
) -> None:
    await begin(writer, store_sqlite)
    journey = (await writer.get("/v1/journeys/XN/3-1-0")).json()["id"]
    await settle(store_sqlite)
    before, unwritten = await states(store_sqlite, journey), await store_sqlite.read(everything)

    said = await writer.post("/v1/journeys/XN/3-1-0/preview", json=told)
    assert await store_sqlite.read(everything) == unwritten
    answer = (await writer.post("/v1/journeys/XN/3-1-0/events", json=told)).json()
    planned = await store_sqlite.write(plan_agenda, journey, NOON, by=By(Shelf(read_pack), None))

    found, after = said.json(), await states(store_sqlite, journey)
    differing = {key for key in {*before, *after} if before.get(key) != after.get(key)}
    moved = {one["key"].replace("evt_preview", answer["event"]) for one in (*found["moves"], *found["withdrawn"])}
    assert moved == differing
    assert found["verdict"] == planned.verdicts.get(answer["event"], answer["verdict"])


async def test_with_its_keys_a_home_is_drawn_for_a_visit_by_its_place_in_the_batch(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await begin(writer, store_sqlite)
    (await writer.post("/v1/batches/XN/7", json=PLANNED | {"buildings": ["7"]})).raise_for_status()
    home = HOME | {"unit": "7-1-1", "owners": [{"ref": "7-1-1", "name": "李娜"}], "facts": []}
    (await writer.post("/v1/journeys", json=home)).raise_for_status()
    await settle(store_sqlite)

    keys = event("handover.accepted", data={"on": "2026-03-01"})
    found = (await writer.post("/v1/journeys/XN/7-1-1/preview", json=keys)).json()

    # The only home of a batch is the tenth of it; by its own lot one home in ten would be drawn.
    assert "occupancy.home-visit" in {one["key"].split("/")[0] for one in found["moves"]}


async def test_a_contradiction_is_refused_in_the_preview_with_its_reason(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await begin(writer, store_sqlite)

    told = event("handover.accepted", id="again", data={"on": "2026-03-01"})
    found = (await writer.post("/v1/journeys/XN/3-1-0/preview?lang=en", json=told)).json()

    assert (found["verdict"], found["reason"]["code"]) == ("refused", "second-outcome")
    assert found["text"] == "nothing moves"


async def test_an_event_that_the_door_refuses_is_refused_before_it_is_planned(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await begin(writer, store_sqlite)

    nameless = await writer.post("/v1/journeys/XN/3-1-0/preview", json=event("consent.given", data={"purpose": "care"}))
    stranger = event("consent.given", person="nobody", data={"purpose": "care", "evidence": "x"})
    unknown = await writer.post("/v1/journeys/XN/3-1-0/preview", json=stranger)
    missing = await writer.post("/v1/journeys/XN/9-9-9/preview", json=event("moved_in", data={"on": "2026-03-01"}))

    assert [answer.status_code for answer in (nameless, unknown, missing)] == [422, 422, 404]


async def test_a_fact_of_a_project_says_what_it_moves_in_every_batch(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await begin(writer, store_sqlite)
    (await writer.post("/v1/batches/XN/3", json={**PLANNED, "completion_accepted_on": None})).raise_for_status()
    await settle(store_sqlite)
    unwritten = await store_sqlite.read(everything)
    data = {"milestone": "completion-accepted", "on": "2026-02-01"}

    reached = event("milestone.reached", data=data, scope={"building": "3"})
    found = (await writer.post("/v1/projects/XN/preview", json=reached)).json()

    assert (found["verdict"], found["homes"], found["moved_homes"]) == ("applied", 2, 2)
    assert found["batches"] == [{"code": "3", "dates": [{"date": "completion", "was": None, "to": "2026-02-01"}]}]
    assert await store_sqlite.read(everything) == unwritten


async def test_a_fact_that_moves_no_batch_says_so(writer: httpx2.AsyncClient, store_sqlite: Store) -> None:
    await begin(writer, store_sqlite)

    told = event("activity.planned", data={"title": "春游"})
    found = (await writer.post("/v1/projects/XN/preview", json=told)).json()

    assert (found["homes"], found["text"]) == (0, "没有事项移动")


async def test_items_of_one_rule_are_told_apart_and_on_clocks_without_fractions(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    (await writer.post("/v1/projects", json=PROJECT)).raise_for_status()
    await store_sqlite.write(shelf.publish_calendar, calendar(), NOON)
    (await writer.post("/v1/journeys", json=HOME)).raise_for_status()
    await settle(store_sqlite)
    ahead = update(tables.journeys).values(planned_at=NOON + timedelta(microseconds=7))
    await store_sqlite.write(lambda session: session.execute(ahead))
    signed = event("contract.signed", data={"on": "2026-03-01", "contract_handover_date": "2026-06-30"})
    keys = event("handover.accepted", data={"on": "2026-03-01"})
    (await writer.post("/v1/journeys/XN/3-1-1202/events", json=signed)).raise_for_status()

    found = (await writer.post("/v1/journeys/XN/3-1-1202/preview?lang=en", json=keys)).json()

    notices = [one["title"] for one in found["moves"] if one["rule"] == "warranty.expiry-notice"]
    assert len(set(notices)) == len(notices) > 10
    assert [one["at"] for one in found["next"] if "." in one["at"]] == []
    assert found["next"]
