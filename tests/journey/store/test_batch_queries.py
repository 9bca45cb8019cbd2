"""Batches as people see them, and previews that write nothing, on each engine."""

from pathlib import Path
from typing import Any

import pytest_asyncio
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from journey.adapters.packs import read_pack
from journey.domain.event_checks import check_event
from journey.store import batch_queries, changes, previewing
from journey.store import tables as t
from journey.store.engine import Store
from journey.store.previewing import Change
from journey.store.shared_reading import agenda_row, read_agenda
from journey.store.shelf import Shelf
from tests.activities.ground import Ground, ground
from tests.records import instant

MORNING = instant("2026-03-16 10:00")
LATER = instant("2026-03-16 11:00")
WINDOW = {"handover_from": "2026-06-20", "handover_to": "2026-06-30"}


@pytest_asyncio.fixture
async def home(store: Store, tmp_path: Path) -> Ground:
    """A project with one home that has its keys, in building 3."""
    made = await ground(store, tmp_path, MORNING)
    await made.start(("subscription.signed", "handover.accepted"))
    await made.plan()
    return made


def event(ident: str, **dates: Any) -> dict[str, Any]:
    data = {"batch": "3", "buildings": ["3"], **WINDOW, **dates}
    return {"id": ident, "type": "batch.planned", "occurred_at": MORNING.isoformat(), "data": data, "source": "test"}


async def shown(home: Ground, lang: str = "zh") -> dict[str, Any]:
    return await home.store.read(batch_queries.batch_view, "XN", "3", lang)


async def test_the_last_moves_come_first_and_the_window_is_that_of_the_last_one(home: Ground) -> None:
    await home.doors.tell_project("XN", event("first"))
    await home.doors.tell_project(
        "XN", event("second", handover_from="2026-07-01", handover_to="2026-07-09", by="stf_1")
    )

    found = await shown(home, "en")
    project = await home.store.read(lambda s: s.execute(select(t.projects.c.id)).scalar_one())
    ends = await home.store.read(batch_queries.window_end, project, "3")

    assert [(move["dates"]["handover_from"], move["reason"]["text"]) for move in found["moves"]] == [
        ("2026-07-01", "these dates hold"),
        ("2026-06-20", "the batch was moved again; the last date counts"),
    ]
    assert ends == "2026-07-09"
    assert found["stages"] == {"occupancy": 1}


async def test_the_last_day_shown_is_the_one_that_counts(home: Ground) -> None:
    await home.doors.tell_project("XN", event("first"))
    first = (await shown(home))["dates"]["handover_to"]
    await home.doors.tell_project("XN", {
        "id": "typo", "type": "event.corrected", "occurred_at": MORNING.isoformat(), "source": "test",
        "data": {"event_id": "first", "reason": "录错", "data": {"handover_to": "2026-06-28"}},
    })  # fmt: skip
    corrected = (await shown(home))["dates"]["handover_to"]
    await home.doors.tell_project("XN", event("gone", handover_from="2026-07-01", handover_to=None))

    assert (first["on"], corrected["on"]) == ("2026-06-30", "2026-06-28")
    assert corrected["event"] != first["event"]
    assert "handover_to" not in (await shown(home))["dates"]


async def test_how_far_planning_again_came_is_said_in_words(home: Ground) -> None:
    await home.doors.tell_project("XN", event("first"))
    (change,) = await home.store.read(changes.open_changes)
    waiting = (await shown(home))["changes"][0]["text"]

    page = await home.store.read(changes.next_page, change, 1)
    await home.store.write(changes.page_done, change, page, 0, MORNING)
    running = (await shown(home))["changes"][0]["text"]
    await home.store.write(_end, change)
    done = (await shown(home))["changes"][0]["text"]

    assert (waiting, running) == ("等待重排", "重排中,已完成 1/1 户")
    assert done == "已重排 1 户,其中 0 户须提前行动"


async def test_a_preview_reads_what_planning_reads_and_writes_nothing(home: Ground) -> None:
    told = check_event(event("first", completion_accepted_on="2026-02-01"), target="project", now=LATER)

    changed = await home.store.read(previewing.changed_batch, "XN", "3", told, LATER)
    found = await home.store.read(
        previewing.changed_homes, changed.journeys, Change.of([changed]), LATER, shelf=Shelf(read_pack)
    )

    assert list(changed.journeys) == [home.journey]
    assert ("warranty.ledger", "task", "done") in found.items
    assert await home.store.read(lambda s: s.execute(select(t.batches)).all()) == []


def _end(session: Session, change: str) -> None:
    session.execute(update(t.changes).where(t.changes.c.id == change).values(done_at=MORNING))


async def test_a_project_knows_on_which_days_its_homes_were_handed_over(home: Ground) -> None:
    await home.doors.tell_project("XN", event("first"))

    def read(session: Session) -> Any:
        project = session.execute(select(t.projects.c.id)).scalar_one()
        return read_agenda(session, agenda_row(session, project), Shelf(read_pack)).record

    record = await home.store.read(read)

    assert (record.homes, record.delivered) == (1, 1)
    assert record.delivered_on == [MORNING.date()]


async def test_a_batch_that_waited_for_the_acceptance_of_its_homes_counts_when_they_pass(home: Ground) -> None:
    def word(ident: str, kind: str, when: str) -> dict[str, Any]:
        data = {"gate": "unit-acceptance"}
        return {"id": ident, "type": kind, "occurred_at": instant(when).isoformat(), "data": data, "source": "test",
                "scope": {"building": "3"}}  # fmt: skip

    async def stands() -> tuple[str, Any]:
        def read(session: Session) -> tuple[str, Any]:
            told = session.execute(select(t.events.c.verdict).where(t.events.c.type == "batch.planned")).scalar_one()
            dates = session.execute(select(t.batches.c.dates)).scalar()
            return told, ((dates or {}).get("handover_from") or {}).get("on")

        return await home.store.read(read)

    await home.doors.tell_project("XN", word("failed", "gate.failed", "2026-03-16 09:00"))
    await home.doors.tell_project("XN", event("first") | {"occurred_at": instant("2026-03-16 09:30").isoformat()})
    before = await stands()
    await home.doors.tell_project("XN", word("passed", "gate.passed", "2026-03-16 09:45"))

    assert before == ("parked", None)
    assert await stands() == ("applied", "2026-06-20")
