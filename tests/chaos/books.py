"""The books after the lives: what the store, the outbox, the mail server and Temporal say in the end."""

import asyncio
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.orm import Session
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client
from temporalio.service import RPCError

from journey.adapters.packs import read_pack
from journey.contracts.names import journey_workflow
from journey.domain.planner import Plan, plan
from journey.store.reading import journey_row, read_journey
from journey.store.shelf import Shelf
from journey.store.tables import entries, events, journal, journeys, messages, tasks
from tests.chaos.mail import Mailroom
from tests.chaos.town import Town

# What a killed worker had in hand is given to another after 10 s, or 20 where it was kept for that worker; the list of
# runs follows a moment later. A run that sleeps on waits for a quarter.
HANDED_OVER = 60.0
LAST_EVENTS = 8


@dataclass(frozen=True, slots=True)
class Agenda:
    """What a plan of the last moment says of a journey: the keys that its facts ask for, and what is left to do."""

    asked: frozenset[str]
    left: Sequence[str]


@dataclass(frozen=True, slots=True)
class Books:
    """The store's rows, the outbox and its log of calls, and what the mail server took."""

    journeys: Sequence[Any]
    events: Sequence[Any]
    entries: Sequence[Any]
    tasks: Sequence[Any]
    messages: Sequence[Any]
    journal: Sequence[Any]
    agendas: Mapping[str, Agenda]
    calls: Counter[str]  # by the hash of a key
    files: Counter[str]
    mail: Mapping[str, int]  # copies by Message-ID
    workflows: Mapping[str, Sequence[str]] = field(default_factory=dict)  # by id: the states of its runs
    problems: Sequence[str] = ()  # ids of workflows whose tasks fail
    last: Mapping[str, str] = field(default_factory=dict)  # by id: how the run ends that should not run, or should


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers of a run."""

    journeys: int
    over: int
    events: int
    verdicts: Mapping[str, int]
    entries: Mapping[str, int]
    moves: int
    calls: int
    doubled_calls: int
    mails: int
    doubled_mails: int
    unknown: int

    def lines(self) -> list[str]:
        """As they are printed."""
        return [
            f"journeys {self.journeys}, over {self.over}; events {self.events}: {_listed(self.verdicts)}",
            f"moves {self.moves}; entries {sum(self.entries.values())}: {_listed(self.entries)}",
            f"provider calls {self.calls}, keys called again and deduplicated {self.doubled_calls}; "
            f"e-mails taken {self.mails}, taken twice {self.doubled_mails}; messages unknown {self.unknown}",
        ]


def read_books(session: Session, outbox: Path, mail: Mailroom) -> Books:
    """Everything that was written down; each journey is planned once more, without writing."""
    rows = {table.name: session.execute(select(table)).all() for table in (journeys, events, entries, tasks)}
    shelf, now = Shelf(read_pack), datetime.now(UTC)
    lines = (outbox / "calls.log").read_text(encoding="utf-8").splitlines() if (outbox / "calls.log").exists() else []
    return Books(
        journeys=rows["journeys"],
        events=rows["events"],
        entries=rows["entries"],
        tasks=rows["tasks"],
        messages=_in_order(session, messages),
        journal=session.execute(select(journal).order_by(journal.c.seq)).all(),
        agendas={row.id: _agenda(session, row.id, shelf, now) for row in rows["journeys"]},
        calls=Counter(json.loads(line)["key"] for line in lines),
        files=Counter(file.stem for file in outbox.glob("*/*.json")),
        mail=mail.copies(),
    )


def _in_order(session: Session, table: Table) -> Sequence[Any]:
    return session.execute(select(table).order_by(table.c.id)).all()


def _agenda(session: Session, journey: str, shelf: Shelf, now: datetime) -> Agenda:
    row = journey_row(session, journey)
    reading = read_journey(session, row, shelf)
    found = plan(reading.record, now, reading.seen)
    untouched = plan(replace(reading.record, entries={}, agenda={}), now, reading.seen)
    left = [f"{change.key} would become {change.state}" for change in found.changes]
    left += [f"{move.kind} {move.key} is due" for move in found.moves]
    left += [f"{key} is still planned" for key in sorted(found.planned)]
    return Agenda(_asked(found) | _asked(untouched), left)


def _asked(found: Plan) -> frozenset[str]:
    return frozenset(change.key for change in found.changes) | {item.key for item in found.agenda}


async def workflows_of(built: Town, books: Books) -> Books:
    """The books with the state of every run, and the workflows whose tasks fail, once all runs are as they should be.

    What is not so after a while stays in the books, with the last events of its history.
    """
    client = await built.temporal()
    ends = time.monotonic() + HANDED_OVER
    while True:
        read = await _runs(client, books)
        odd = [workflow for workflow, _ in odd_runs(read)]
        if not (odd or read.problems):
            return read
        if time.monotonic() > ends:
            return replace(read, last={workflow: await _last_events(client, workflow) for workflow in odd})
        await asyncio.sleep(1)


async def _runs(client: Client, books: Books) -> Books:
    runs: dict[str, list[str]] = defaultdict(list)
    async for one in client.list_workflows("WorkflowType = 'OwnerJourney'"):
        runs[one.id].append(one.status.name if one.status else "?")
    query = 'TemporalReportedProblems IN ("category=WorkflowTaskFailed", "category=WorkflowTaskTimedOut")'
    problems = [one.id async for one in client.list_workflows(query) if one.status and one.status.name == "RUNNING"]
    return replace(books, workflows=runs, problems=problems)


def odd_runs(books: Books) -> Iterator[tuple[str, str]]:
    """One run for each journey that is not over, none for the others: the workflows of which that is not true."""
    for row in books.journeys:
        workflow = journey_workflow(row.id)
        running = list(books.workflows.get(workflow, ())).count("RUNNING")
        if running != (not row.over):
            yield workflow, f"over is {bool(row.over)}, {running} runs are running"


async def _last_events(client: Client, workflow: str) -> str:
    try:
        history = await client.get_workflow_handle(workflow).fetch_history()
    except RPCError as error:
        return str(error)
    return ", ".join(
        f"{EventType.Name(event.event_type).removeprefix('EVENT_TYPE_')} {event.event_time.ToJsonString()}"
        for event in history.events[-LAST_EVENTS:]
    )


def count(books: Books) -> Counts:
    """The numbers of a run."""
    moved = {"entry.open", "entry.warned", "entry.escalated"}
    sends = len(books.messages)
    return Counts(
        journeys=len(books.journeys),
        over=sum(bool(row.over) for row in books.journeys),
        events=len(books.events),
        verdicts=Counter(row.verdict for row in books.events),
        entries=Counter(row.state for row in books.entries),
        moves=sum(row.code in moved for row in books.journal) + sends,
        calls=books.calls.total(),
        doubled_calls=sum(calls > 1 for calls in books.calls.values()),
        mails=sum(books.mail.values()),
        doubled_mails=sum(copies > 1 for copies in books.mail.values()),
        unknown=sum(row.state == "unknown" for row in books.messages),
    )


def _listed(numbers: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(numbers.items()))
