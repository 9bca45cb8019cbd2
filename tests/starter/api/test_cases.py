"""Cases over HTTP."""

from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from journey.store.engine import Store
from journey.store.tables import cases, events
from tests.journey.store.seeds import NOON, seed

DUE = datetime(2026, 3, 3, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def repairs(app: object, store_sqlite: Store) -> None:
    store_sqlite.write_sync(_seed)


def _seed(session: Session) -> None:
    seed(session)
    for number, state in ((1, "open"), (2, "closed")):
        told = {
            "id": f"evt_{number}", "target": "jrn_1", "journey_id": "jrn_1", "source": "test",
            "source_id": f"leak{number}", "type": "defect.reported", "occurred_at": NOON, "recorded_at": NOON,
            "data": {}, "person_id": "psn_1", "digest": "d", "verdict": "applied",
        }  # fmt: skip
        session.execute(insert(events).values(**told))
        row: dict[str, Any] = {"id": f"evt_{number}", "kind": "repair", "state": state, "level": "L1"}
        document = row | {
            "alias": f"leak{number}", "class": "urgent", "opened_at": NOON.isoformat(), "closed_at": None,
            "paused_until": None, "reopened": [], "reassigned": 0, "linked": [],
            "clocks": [{"round": 1, "clock": "fix", "due": DUE.isoformat(), "at": None}],
            "steps": [],
        }  # fmt: skip
        more = {"journey_id": "jrn_1", "project_id": "prj_1", "unit_id": "unt_1", "severity": "urgent"}
        session.execute(insert(cases).values(**row, **more, opened_at=NOON, document=document))


async def test_cases_are_listed_by_project_kind_and_state(writer: httpx2.AsyncClient) -> None:
    wanted = {"project": "XN", "kind": "repair", "state": "open"}
    found = (await writer.get("/v1/cases", params=wanted)).json()["data"]
    none = (await writer.get("/v1/cases", params={"kind": "complaint"})).json()["data"]

    assert [(row["id"], row["alias"], row["class"], row["person"], row["unit"]) for row in found] == [
        ("evt_1", "leak1", "urgent", "zw", "3-1-1202")
    ]
    assert found[0]["clocks"][0]["due"] == "2026-03-03T12:00:00+08:00"
    assert none == []


async def test_a_journey_has_its_cases_and_each_stands_alone(writer: httpx2.AsyncClient) -> None:
    of_home = (await writer.get("/v1/journeys/XN/3-1-1202/cases")).json()["data"]
    one = await writer.get("/v1/cases/evt_2")

    assert {row["alias"] for row in of_home} == {"leak1", "leak2"}
    assert (one.status_code, one.json()["state"]) == (200, "closed")
    assert (await writer.get("/v1/cases/evt_9")).status_code == 404


async def test_a_kind_or_state_that_does_not_exist_is_refused(writer: httpx2.AsyncClient) -> None:
    assert (await writer.get("/v1/cases", params={"kind": "leak"})).status_code == 422
    assert (await writer.get("/v1/cases", params={"state": "lost"})).status_code == 422
