"""What a home costs over its life: plans, moves, history and rows, counted on the real engine.

Whole lives of the default pack are lived on the time-skipping server, once on SQLite and once on PostgreSQL; Temporal's
histories and the tables are counted before they go.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHistory

from benchmarks.rig import Figure
from journey.contracts.names import journey_workflow
from journey.store import schema, tables
from journey.store.base import Base
from journey.store.engine import Store
from starter.simulate.driver import simulate
from starter.simulate.scenario import Scenario
from tests.databases import administer, database, postgres_server

HOMES = 20
BEGIN, END = datetime.fromisoformat("2025-03-01T09:00:00+08:00"), datetime.fromisoformat("2031-07-10T09:00:00+08:00")
YEARS = (END - BEGIN) / timedelta(days=365.2425)
# Kept once, whatever the number of homes.
SHARED = {"installation", "projects", "packs", "calendars", "api_keys", "idempotency", "audit", "changes", "leases"}
PLAN, MOVE, WAKE, TOLD = (
    EventType.EVENT_TYPE_MARKER_RECORDED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
    EventType.EVENT_TYPE_TIMER_FIRED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
)
LOCALLY = "core_local_activity"  # planning is the only activity that runs beside the workflow


@dataclass(slots=True)
class Lives:
    """What was counted over all homes; sizes in bytes."""

    events: Counter[int] = field(default_factory=Counter)
    plans_in: Counter[int] = field(default_factory=Counter)  # by calendar year
    runs: int = 0
    history: int = 0
    last_run: int = 0
    last_run_events: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    room: dict[str, int] = field(default_factory=dict)
    grown: int = 0  # with what updates left behind, before it was vacuumed

    def a_year(self, kind: int) -> float:
        """How often something happened per home and year."""
        return self.events[kind] / HOMES / YEARS


def scenario() -> Scenario:
    """The life of the README: subscribed, signed, handed over, lived in until the last cover ends."""
    units = [f"3-1-{number}" for number in range(101, 101 + HOMES)]
    people = [
        {"unit": unit, "owners": [{"ref": f"o-{unit}", "name": "业主", "phone": "13800138000", "consents": ["care"]}]}
        for unit in units
    ]
    told = [
        ("2025-03-15T10:00:00+08:00", "subscription.signed", {"on": "2025-03-15"}),
        ("2025-03-20T15:00:00+08:00", "contract.signed", {"on": "2025-03-20", "contract_handover_date": "2026-06-30"}),
        ("2026-06-27T11:00:00+08:00", "handover.accepted", {"on": "2026-06-27"}),
    ]
    events = [{"at": at, "unit": unit, "type": kind, "data": data} for at, kind, data in told for unit in units]
    completed = {"milestone": "completion-accepted", "on": "2026-04-28", "building": "3"}
    events.append({"at": "2026-04-28T16:00:00+08:00", "type": "milestone.reached", "data": completed})
    return Scenario.model_validate(
        {
            "project": {"code": "SZ", "name": "规模", "city": "成都"},
            "batches": [{"code": "3", "buildings": ["3"], "contract_handover_date": "2026-06-30"}],
            "journeys": people,
            "start": BEGIN.isoformat(),
            "events": sorted(events, key=lambda event: str(event["at"])),
            "until": END.isoformat(),
        }
    )


async def lived(url: str | None = None) -> Lives:
    """Live all homes, and count; on SQLite, or on the empty PostgreSQL database at `url`."""
    counted = Lives()

    async def look(client: Client, store: Store, ahead: timedelta) -> None:
        for journey in await store.read(_journeys):
            runs = await _runs(client, journey_workflow(journey))
            _count(counted, runs, ahead)
        counted.grown = sum((await store.read(_tables))[1].values())
        if url is not None:
            administer(url, "VACUUM FULL")
        counted.rows, counted.room = await store.read(_tables)

    await simulate(scenario(), url=url, look=look)
    return counted


async def _runs(client: Client, workflow: str) -> Sequence[WorkflowHistory]:
    """Every run of a life, the last one first."""
    found: list[WorkflowHistory] = []
    run: str | None = None
    while run != "":
        history = await client.get_workflow_handle(workflow, run_id=run).fetch_history()
        found.append(history)
        run = history.events[0].workflow_execution_started_event_attributes.continued_execution_run_id
    return found


def _count(counted: Lives, runs: Sequence[WorkflowHistory], ahead: timedelta) -> None:
    sizes = [sum(len(event.SerializeToString()) for event in history.events) for history in runs]
    counted.runs += len(runs)
    counted.history += sum(sizes)
    counted.last_run += sizes[0]
    counted.last_run_events += len(runs[0].events)
    for history in runs:
        counted.events.update(event.event_type for event in history.events if event.event_type != PLAN)
        plans = [event for event in history.events if event.marker_recorded_event_attributes.marker_name == LOCALLY]
        counted.events[PLAN] += len(plans)
        counted.plans_in.update((event.event_time.ToDatetime() + ahead).year for event in plans)


def _journeys(session: Session) -> list[str]:
    return list(session.execute(select(tables.journeys.c.id)).scalars())


def _tables(session: Session) -> tuple[dict[str, int], dict[str, int]]:
    """Rows and bytes, indexes included, of the tables that grow with the homes."""
    names = [name for name in Base.metadata.tables if name not in SHARED]
    rows = {name: session.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in names}
    if session.get_bind().dialect.name == "postgresql":
        sizes = {
            name: session.execute(text("SELECT pg_total_relation_size(:name)"), {"name": name}).scalar_one()
            for name in names
        }
        return rows, sizes
    found = session.execute(
        text("SELECT m.tbl_name, sum(s.pgsize) FROM dbstat s JOIN sqlite_master m ON m.name = s.name GROUP BY 1")
    )
    pages: Mapping[str, int] = {row[0]: row[1] for row in found}
    return rows, {name: pages.get(name, 0) for name in names}


async def both() -> tuple[Lives, Lives]:
    """The lives on SQLite and on PostgreSQL."""
    on_sqlite = await lived()
    with postgres_server() as server, database(server) as url:
        schema.upgrade(url)
        return on_sqlite, await lived(url)


async def measure() -> list[Figure]:
    """The sizes of one home, for `make bench`."""
    on_sqlite, on_postgres = await both()
    await asyncio.sleep(0.1)  # the native threads of a closed client end a little later
    return [
        Figure("one home: plans a year", f"{on_sqlite.a_year(PLAN):.1f}"),
        Figure("one home: moves a year", f"{on_sqlite.a_year(MOVE):.1f}"),
        Figure("one home: history of a whole life", f"{on_sqlite.history / HOMES / 1024:.0f} KiB"),
        Figure("one home: rows and indexes on SQLite", f"{sum(on_sqlite.room.values()) / HOMES / 1024:.0f} KiB"),
        Figure("one home: rows and indexes on PostgreSQL", f"{sum(on_postgres.room.values()) / HOMES / 1024:.0f} KiB"),
    ]
