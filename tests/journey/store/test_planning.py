"""The planning transaction: under the journey's lock, the same each time, and nothing written without need."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from journey.store import tables as t
from journey.store.engine import Store
from journey.store.performing import Wanted, hold_back, open_task
from journey.store.planning import NOT_OURS, Planned, plan_agenda
from journey.store.queries import ledgers_view
from tests.activities.ground import Ground, ground
from tests.records import instant

MORNING = instant("2026-03-16 10:00")
CONTACT = "signing.keeper-contact"


@pytest_asyncio.fixture
async def home(store: Store, tmp_path: Path) -> Ground:
    """A signed home without Temporal, on each engine."""
    made = await ground(store, tmp_path, MORNING)
    await made.start()
    signed = {"on": "2026-03-16", "contract_handover_date": "2040-06-30"}
    event = {"id": "con", "type": "contract.signed", "occurred_at": MORNING.isoformat(), "data": signed}
    await made.doors.tell_journey(made.journey, event)
    return made


async def plan(home: Ground, journey: str | None = None, *, namespace_id: str | None = None) -> Planned:
    """One planning transaction."""
    by = replace(home.site.planner, namespace_id=namespace_id or home.site.namespace_id)
    return await home.store.write(plan_agenda, journey or home.journey, home.clock.instant, by=by)


async def left(home: Ground) -> Any:
    """Everything that planning leaves behind."""
    return await home.store.read(_left, home.journey)


async def wanted(home: Ground, rule: str) -> Wanted:
    """The due move of a rule, as its activity would ask for it."""
    move = await home.move(rule)
    assert move is not None
    return Wanted(home.journey, move.key, move.due, move.seen, home.clock.instant, home.site.namespace_id)


async def test_planning_again_without_news_changes_nothing(home: Ground) -> None:
    await plan(home)
    before = await left(home)

    again = await plan(home)

    assert await left(home) == before
    assert not again.moved_earlier or (again.plan is not None and again.plan.moves)


async def test_planning_later_without_news_adds_no_line_and_leaves_the_agenda(home: Ground) -> None:
    await plan(home)
    _, _, agenda, lines, entries = await left(home)

    home.clock.instant += timedelta(minutes=1)
    await plan(home)

    assert (await left(home))[2:] == (agenda, lines, entries)


async def test_plans_at_the_same_moment_end_the_same(home: Ground) -> None:
    plans = await asyncio.gather(*(plan(home) for _ in range(8)))

    revision, *_ = await left(home)
    judged = await home.store.read(_lines, home.journey, "event.")
    assert revision == 1
    assert len({str(one.plan and one.plan.agenda) for one in plans}) == 1
    assert set(judged.values()) == {1}


async def test_plans_between_tells_and_moves_open_each_task_once(home: Ground) -> None:
    move = await wanted(home, CONTACT)

    async def tell(number: int) -> None:
        event = {"id": f"word-{number}", "type": "suggestion.raised", "occurred_at": MORNING.isoformat()}
        await home.doors.tell_journey(home.journey, event | {"data": {"text": "好"}})

    opened = await asyncio.gather(
        *(home.store.write(open_task, move) for _ in range(4)),
        *(plan(home) for _ in range(4)),
        *(tell(number) for number in range(4)),
    )
    await plan(home)

    assert sum(one is not None for one in opened[:4]) == 1
    assert await home.store.read(lambda s: s.execute(select(func.count()).select_from(t.tasks)).scalar()) == 1
    assert set((await home.store.read(_lines, home.journey, "event.suggestion")).values()) == {1}
    assert await home.store.read(_verdicts, home.journey) == {"applied"}


async def test_an_unknown_journey_and_another_temporal_are_not_ours(home: Ground) -> None:
    before = await left(home)

    assert await plan(home, "jrn_nobody") == NOT_OURS
    assert await plan(home, namespace_id="another") == NOT_OURS
    assert await left(home) == before


async def test_planning_never_goes_back_behind_the_last_plan(home: Ground) -> None:
    home.clock.instant += timedelta(hours=5)
    await plan(home)
    before = await left(home)

    home.clock.instant -= timedelta(hours=4)
    await plan(home)

    assert await left(home) == before


async def test_a_plan_clears_the_mark_and_answers_every_event(home: Ground) -> None:
    planned = await plan(home)

    row = await home.store.read(lambda s: s.execute(select(t.journeys)).one())
    assert row.stale_since is None
    assert row.pokes == 0
    assert set(planned.verdicts.values()) == {"applied"}


async def test_a_handover_fills_the_ledger_of_the_home_and_its_void_empties_it(home: Ground) -> None:
    on = {"on": "2026-03-16"}
    event = {"id": "keys", "type": "handover.accepted", "occurred_at": MORNING.isoformat(), "data": on}
    await home.doors.tell_journey(home.journey, event)
    await plan(home)
    covered = await home.store.read(_covers)

    void = {"event_id": "keys", "reason": "录错"}
    home.clock.instant += timedelta(minutes=1)
    await home.doors.tell_journey(home.journey, event | {"id": "void", "type": "event.voided", "data": void})
    await plan(home)

    assert "wet-room" in covered
    assert await home.store.read(_covers) == []


async def test_a_verdict_that_changes_is_a_new_line_of_the_timeline(home: Ground) -> None:
    ahead = {"on": "2026-03-18"}
    event = {"id": "keys", "type": "handover.accepted", "occurred_at": MORNING.isoformat(), "data": ahead}
    await home.doors.tell_journey(home.journey, event)
    await plan(home)

    home.clock.instant += timedelta(days=3)
    await plan(home)

    verdicts = await home.store.read(_timeline, home.journey, "event.handover.accepted")
    assert verdicts == ["parked", "applied"]


async def test_a_failing_move_waits_and_a_success_forgets_it(home: Ground) -> None:
    move = await wanted(home, CONTACT)
    for _ in range(3):
        assert await home.store.write(hold_back, move)
    waiting = await home.entry(CONTACT)
    no_move = await home.move(CONTACT)

    home.clock.instant += timedelta(minutes=4)
    await home.store.write(open_task, await wanted(home, CONTACT))

    opened = await home.entry(CONTACT)
    assert (waiting.state, waiting.tries) == ("held", 3)
    assert waiting.until == MORNING + timedelta(minutes=4)
    assert no_move is None
    assert (opened.state, opened.tries, opened.reason) == ("open", 0, None)


async def test_what_ended_after_its_move_was_given_up_is_not_held_back(home: Ground) -> None:
    asked = await wanted(home, CONTACT)
    await home.store.write(open_task, asked)
    key = {"key": asked.key, "by": "op", "reason": "已面谈"}
    event = {"id": "skip", "type": "item.skipped", "occurred_at": MORNING.isoformat(), "data": key}
    await home.doors.tell_journey(home.journey, event)
    await plan(home)
    ended = await home.entry(CONTACT)
    await home.store.write(_as_if_planned, asked.key)

    held = await home.store.write(hold_back, asked)

    assert not held
    assert ended.state == "skipped"
    assert await home.entry(CONTACT) == ended


@pytest.mark.slow
async def test_a_hundred_journeys_told_at_once_are_all_judged_on_sqlite(store_sqlite: Store, tmp_path: Path) -> None:
    home = await ground(store_sqlite, tmp_path, MORNING)
    told: list[str] = []
    for number in range(100):
        owner = {"ref": f"o{number}", "name": "张伟", "phone": "13800138000"}
        body = {"project": "XN", "unit": f"3-1-{number}", "owners": [owner]}
        told.append(str((await home.doors.start_journey(body)).journey["id"]))

    async def tell_and_plan(journey: str) -> None:
        data = {"on": "2026-03-16"}
        event = {"id": "sub", "type": "subscription.signed", "occurred_at": MORNING.isoformat(), "data": data}
        await home.doors.tell_journey(journey, event)
        await plan(home, journey)

    await asyncio.gather(*(tell_and_plan(journey) for journey in told))

    stages = await home.store.read(lambda s: s.execute(select(t.journeys.c.stage)).scalars().all())
    marks = await home.store.read(lambda s: s.execute(select(t.journeys.c.stale_since)).scalars().all())
    assert list(stages) == ["signing"] * 100
    assert set(marks) == {None}


def _left(session: Session, journey: str) -> tuple[Any, ...]:
    row = session.execute(select(t.journeys).where(t.journeys.c.id == journey)).one()
    agenda = session.execute(select(t.agenda.c.hash).where(t.agenda.c.scope_id == journey)).scalar()
    lines = session.execute(select(func.count()).select_from(t.journal)).scalar()
    entries = session.execute(select(t.entries).where(t.entries.c.scope_id == journey).order_by(t.entries.c.key)).all()
    return row.revision, row, agenda, lines, entries


def _as_if_planned(session: Session, key: str) -> None:
    """As the last plan left it: the item planned, what became of it since not seen yet."""
    document = session.execute(select(t.agenda.c.document)).scalar_one()
    item = session.execute(select(t.entries.c.item).where(t.entries.c.key == key)).scalar_one()
    changed = {**document, "items": [*document["items"], item], "planned": [*document["planned"], key]}
    session.execute(update(t.agenda).values(document=changed))


def _lines(session: Session, journey: str, code: str) -> dict[str, int]:
    rows = session.execute(
        select(t.journal.c.ref, func.count())
        .where(t.journal.c.journey_id == journey, t.journal.c.code.startswith(code))
        .group_by(t.journal.c.ref)
    )
    return {row[0]: row[1] for row in rows}


def _timeline(session: Session, journey: str, code: str) -> list[str]:
    rows = session.execute(
        select(t.journal.c.params)
        .where(t.journal.c.journey_id == journey, t.journal.c.code == code)
        .order_by(t.journal.c.seq)
    ).scalars()
    return [params["verdict"] for params in rows]


def _verdicts(session: Session, journey: str) -> set[str]:
    return set(session.execute(select(t.events.c.verdict).where(t.events.c.journey_id == journey)).scalars())


def _covers(session: Session) -> list[str]:
    return list(session.execute(select(t.warranty_items.c.component)).scalars())


async def test_an_owner_left_without_a_valid_address_is_looked_for(home: Ground) -> None:
    invalid = {"id": "inv", "type": "contact.invalid", "occurred_at": MORNING.isoformat(), "person": "zw"}
    await home.doors.tell_journey(home.journey, invalid | {"data": {"channel": "phone", "address": "13800138000"}})

    planned = await plan(home)

    assert planned.plan is not None
    (item,) = [item for item in planned.plan.agenda if item.rule == "handover.find-contact"]
    assert item.params["person"] == await home.store.read(lambda session: session.scalar(select(t.persons.c.id)))


async def test_a_delay_is_kept_with_the_agenda_and_read_up_to_the_day(home: Ground) -> None:
    terms = {"contract_handover_date": "2026-03-17", "penalty_rule": {"per_day": 100}}
    amended = {"id": "am", "type": "contract.amended", "occurred_at": MORNING.isoformat(), "data": terms}
    await home.doors.tell_journey(home.journey, amended)
    home.clock.instant = instant("2026-03-20 10:00")
    await plan(home)

    ledgers = await home.store.read(ledgers_view, home.journey, date(2026, 3, 27))

    assert (ledgers["delay"]["days"], ledgers["delay"]["to"], ledgers["delay"]["amount"]) == (
        10,
        "2026-03-27",
        "1000.00",
    )
