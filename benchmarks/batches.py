"""A batch of a thousand homes that moves: what the preview takes, and planning all of it again."""

import asyncio
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import worker
from benchmarks.rig import Figure, Rig, rig, together
from journey.adapters.wiring import gateway_from
from journey.contracts.names import journey_workflow
from journey.ports import SystemClock
from journey.store.tables import changes, journeys
from starter.batches import batch_event, preview

HOMES = int(os.environ.get("BENCH_HOMES", "1000"))
AT_ONCE = 40
SAMPLE = 50
BATCH = "B1"


@dataclass(frozen=True, slots=True)
class _Moved:
    """What one move of the batch took, from its telling until every home was planned again."""

    seconds: float
    planned: int
    poked: int


async def measure() -> list[Figure]:
    """Seconds of the preview, of planning again, and how many journeys were poked for it."""
    async with rig() as ground:
        gateway = gateway_from(ground.settings, SystemClock().now)
        engine = await worker.build(ground.settings, client=ground.client, store=ground.store, gateway=gateway)
        async with engine.worker:
            await _tell(ground, handover_from=_day(200), handover_to=_day(210), buildings=["1"])
            await together([partial(ground.doors.start_journey, _home(number)) for number in range(HOMES)], AT_ONCE)
            await _rested(ground)
            sweeping = asyncio.create_task(engine.sweeper.run())
            move = {"handover_from": _day(260), "completion_accepted_on": _day(-20)}
            previewed = await _preview(ground, move)
            before = await _lengths(ground)
            moved = await _move(ground, move)
            woken = sum(after > was for was, after in zip(before, await _lengths(ground), strict=True))
            sweeping.cancel()
    return [
        Figure(f"preview of a moved batch of {HOMES} homes", f"{previewed:.1f} s", "≤ 10 s"),
        Figure(
            f"Replan of a moved batch of {HOMES} homes",
            f"{moved.seconds:.1f} s, {moved.planned} planned, {moved.poked} to act earlier",
            "≤ 60 s",
        ),
        Figure("workflows woken by it, of a sample", f"{woken} of {len(before)}", "those due earlier"),
    ]


def _day(ahead: int) -> str:
    return (datetime.now(UTC) + timedelta(days=ahead)).date().isoformat()


def _home(number: int) -> dict[str, Any]:
    """A home signed last month, its keys handed over today: its ledger waits for the completion date."""
    facts = [
        {"id": kind, "type": kind, "occurred_at": datetime.now(UTC).isoformat(), "data": {"on": _day(days)} | data}
        for kind, days, data in (
            ("subscription.signed", -40, {}),
            ("contract.signed", -30, {"contract_handover_date": _day(200)}),
            ("handover.accepted", 0, {}),
        )
    ]
    owner = {"ref": f"b{number}", "name": "业主", "phone": "13800138000"}
    return {"project": "BM", "unit": f"1-1-{number}", "owners": [owner], "facts": facts}


async def _tell(ground: Rig, **dates: Any) -> None:
    event = await batch_event(ground.store, "BM", BATCH, dates, datetime.now(UTC))
    await ground.doors.tell_project("BM", event)


async def _rested(ground: Rig) -> None:
    """Every journey was planned after what it was told, and workflows have done what was due."""
    while await ground.store.read(_unplanned):  # noqa: ASYNC110 - the store rings no bell
        await asyncio.sleep(0.2)
    before: list[int] = []
    while before != (now := await _lengths(ground)):
        before = now
        await asyncio.sleep(2)


def _unplanned(session: Session) -> int:
    return session.scalar(select(func.count()).where(journeys.c.stale_since.is_not(None))) or 0


async def _preview(ground: Rig, move: dict[str, Any]) -> float:
    started = time.perf_counter()
    found = await preview(ground.store, worker.shelf(), "BM", BATCH, move, datetime.now(UTC), "zh")
    assert found["homes"] == HOMES
    return time.perf_counter() - started


async def _move(ground: Rig, move: dict[str, Any]) -> _Moved:
    started = time.perf_counter()
    await _tell(ground, **move)
    while True:
        row = await ground.store.read(_last_change)
        if row is not None and row.done_at is not None:
            return _Moved(time.perf_counter() - started, row.planned, row.poked)
        await asyncio.sleep(0.05)


def _last_change(session: Session) -> Any:
    newest = changes.c.created_at.desc()
    return session.execute(select(changes).where(changes.c.kind == "batch").order_by(newest)).first()


async def _lengths(ground: Rig) -> list[int]:
    """How long the histories of a sample of workflows are."""
    some = select(journeys.c.id).order_by(journeys.c.id).limit(SAMPLE)
    names = await ground.store.read(lambda session: session.execute(some).scalars().all())
    handles = [ground.client.get_workflow_handle(journey_workflow(name)) for name in names]
    return [(await handle.describe()).history_length for handle in handles]
