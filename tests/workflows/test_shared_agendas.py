"""Projects and batches live on the loop of the journeys: planned, told, warned, escalated, started again."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from journey.store import sweeping
from journey.store.engine import Store
from journey.store.shared_agendas import AT_ONCE
from journey.store.tables import batches, journal, projects, shared_agendas, tasks
from tests.engine import TestEngine, engine
from tests.workflows.runs import eventually, grow, run_id

pytestmark = pytest.mark.server

BUILDING_3: dict[str, Any] = {"batch": "3", "buildings": ["3"]}


@pytest_asyncio.fixture
async def home(kernel_store: Store, tmp_path: Path) -> AsyncIterator[TestEngine]:
    """A running engine whose project runs too; it has a cache, for several workflows share its clock (`engine`)."""
    async with engine(kernel_store, tmp_path, project_runs=True, cached=50) as running:
        yield running


async def project_of(home: TestEngine) -> str:
    return await home.store.read(lambda session: str(session.execute(select(projects.c.id)).scalar_one()))


async def batch_of(home: TestEngine, code: str = "3") -> str:
    return await home.store.read(
        lambda session: str(session.execute(select(batches.c.id).where(batches.c.code == code)).scalar_one())
    )


async def tell(home: TestEngine, type: str, scope: dict[str, str] | None = None, id: str = "", **data: Any) -> Any:
    now = await home.now()
    home.told += 1
    body = {"id": id or f"{type}-{home.told}", "type": type, "occurred_at": now.isoformat(), "data": data}
    return await home.doors.tell_project("XN", body | {"source": "test"} | ({"scope": scope} if scope else {}))


async def plan_batch(home: TestEngine, days: int = 40) -> str:
    window: dict[str, Any] = {"handover_from": await home.today(days), "handover_to": await home.today(days + 3)}
    await tell(home, "batch.planned", **BUILDING_3, **window)
    return await batch_of(home)


async def row(home: TestEngine, agenda: str) -> Any:
    return await home.store.read(
        lambda session: session.execute(select(shared_agendas).where(shared_agendas.c.id == agenda)).one()
    )


async def settled(home: TestEngine, agenda: str) -> None:
    """Wait in real time until an agenda was planned after everything told, and sleeps."""

    async def planned() -> bool:
        found = await row(home, agenda)
        asleep = found.wake_at is None or found.wake_at > await home.now()
        return found.planned_at is not None and found.stale_since is None and asleep

    await eventually(planned)


async def opened(home: TestEngine, agenda: str, rule: str) -> Any:
    """The first task of a rule, once it is open."""

    async def there() -> Any:
        return await home.store.read(_task, agenda, rule)

    await eventually(there)
    return await there()


async def becomes(home: TestEngine, agenda: str, item: str, state: str) -> None:
    async def so() -> bool:
        return (await home.states(agenda)).get(item) == state

    await eventually(so)


async def test_a_project_lives_from_the_moment_in_which_it_is_made(home: TestEngine) -> None:
    project = await project_of(home)

    await settled(home, project)

    handle = home.handle(project)
    assert await handle.query("headline") == "planned · active"
    assert (await home.info(project)).type.name == "ProjectCalendar"


async def test_the_checks_before_an_opening_are_tasks_that_a_passed_gate_ends(home: TestEngine) -> None:
    project = await project_of(home)
    await tell(home, "sales.opening_planned", on=await home.today(20))
    await opened(home, project, "project.site-quality")
    await opened(home, project, "project.service-handbook")

    await tell(home, "gate.passed", gate="site-quality", on=await home.today())

    await becomes(home, project, "project.site-quality", "done")
    assert (await home.states(project))["project.service-handbook"] == "open"


async def test_a_task_left_undone_is_warned_overdue_and_escalated(home: TestEngine) -> None:
    project = await project_of(home)
    await tell(home, "sales.opening_planned", on=await home.today(20))
    await settled(home, project)

    await home.move(days=20)

    codes = await home.store.read(
        lambda session: set(session.execute(select(journal.c.code).where(journal.c.agenda_id == project)).scalars())
    )
    assert {"entry.open", "entry.warned", "entry.overdue", "entry.escalated"} <= codes


async def test_a_batch_starts_with_its_planning_and_ends_after_its_lessons(home: TestEngine) -> None:
    batch = await plan_batch(home)
    await settled(home, batch)
    handle = home.handle(batch)
    begun = await handle.query("headline")

    await home.move(days=400)

    assert begun == "preparing · active"
    assert (await row(home, batch)).stage == "closed"


async def test_a_result_of_a_gate_is_told_as_the_gate_that_passed(home: TestEngine) -> None:
    batch = await plan_batch(home)
    task = await opened(home, batch, "batch.condition")

    answer = await home.doors.task_result(task.id, {"by": "stf_1"})

    gate = task.key.split("/")[-1]
    await becomes(home, batch, f"batch.condition/{gate}", "done")
    found = await home.store.read(
        lambda session: session.execute(select(batches.c.gates).where(batches.c.id == batch)).scalar_one()
    )
    assert answer.verdict == "applied"
    assert found[gate]["state"] == "passed"


@pytest.mark.parametrize("scope", [{"batch": "3"}, {"building": "3"}, None])
async def test_the_task_of_a_gate_is_closed_when_the_answer_to_the_fact_is_there(
    home: TestEngine, scope: dict[str, str] | None
) -> None:
    batch = await plan_batch(home)
    task = await opened(home, batch, "batch.condition")
    gate = task.key.split("/")[-1]

    await tell(home, "gate.passed", scope, gate=gate, on=await home.today())

    assert (await home.states(batch))[f"batch.condition/{gate}"] == "done"
    closed = await home.store.read(
        lambda session: session.execute(select(tasks.c.closed_at).where(tasks.c.id == task.id)).scalar_one()
    )
    assert closed is not None


async def test_a_task_of_a_batch_is_closed_when_the_answer_to_its_result_is_there(home: TestEngine) -> None:
    batch = await plan_batch(home, days=130)
    task = await opened(home, batch, "batch.quality-group")

    answer = await home.doors.task_result(task.id, {"by": "stf_1"})

    assert answer.verdict == "applied"
    assert (await home.states(batch))["batch.quality-group"] == "done"


async def test_the_sweeper_starts_an_agenda_that_nobody_woke(home: TestEngine) -> None:
    batch = await plan_batch(home)
    await settled(home, batch)
    killed = await run_id(home, batch)
    await home.handle(batch).terminate()
    await home.store.write(_forget, batch)

    await home.sweeper.sweep()

    await settled(home, batch)
    assert await run_id(home, batch) != killed


async def test_an_idle_agenda_that_has_grown_continues_as_new(home: TestEngine) -> None:
    project = await project_of(home)
    await settled(home, project)
    first = await grow(home, project)

    await home.move(days=100)

    assert await run_id(home, project) != first


async def test_a_poked_agenda_is_left_alone_for_a_while(home: TestEngine) -> None:
    project = await project_of(home)
    await settled(home, project)
    await home.store.write(_forget, project)
    now = await home.now()

    first = await home.store.write(sweeping.shared_sleepers, now=now, real_now=now, limit=9)
    again = await home.store.write(sweeping.shared_sleepers, now=now, real_now=now + timedelta(seconds=1), limit=9)

    assert [one.journey for one in first] == [project]
    assert again == []


def _forget(session: Session, agenda: str) -> None:
    """As a start that was lost leaves it."""
    session.execute(
        update(shared_agendas).where(shared_agendas.c.id == agenda).values(stale_since=AT_ONCE, poked_at=None)
    )


def _task(session: Session, agenda: str, rule: str) -> Any:
    return session.execute(select(tasks).where(tasks.c.agenda_id == agenda, tasks.c.rule == rule)).first()
