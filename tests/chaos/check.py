"""The books after the lives, and every promise that is checked against them. A check answers with what is wrong."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from journey.adapters.packs import read_pack
from journey.contracts.names import journey_workflow
from journey.domain.entries import ENDED, RUNNING, State
from journey.domain.planner import Plan, plan
from journey.domain.verdicts import Verdict
from journey.store.reading import journey_row, read_journey
from journey.store.shelf import Shelf
from journey.store.tables import entries, events, journal, journeys, messages, tasks
from tests.chaos.lives import PROJECT, Told
from tests.chaos.mail import Mailroom
from tests.chaos.town import Town

STATES = frozenset(state.value for state in State)
AGAIN = frozenset({State.HELD.value, State.RESERVED.value})  # may be entered from themselves
GOOD_ENDS = frozenset({"RUNNING", "COMPLETED", "CONTINUED_AS_NEW"})


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
    """The books with the state of every run, and the workflows whose tasks fail."""
    client = await built.temporal()
    runs: dict[str, list[str]] = defaultdict(list)
    async for one in client.list_workflows("WorkflowType = 'OwnerJourney'"):
        runs[one.id].append(one.status.name if one.status else "?")
    query = 'TemporalReportedProblems IN ("category=WorkflowTaskFailed", "category=WorkflowTaskTimedOut")'
    problems = [one.id async for one in client.list_workflows(query) if one.status and one.status.name == "RUNNING"]
    return replace(books, workflows=runs, problems=problems)


# -- what was promised ------------------------------------------------------------------------------------------------


def nothing_untold(books: Books, told: Told) -> Iterator[str]:
    """Every fact that a client saw accepted is in the inbox; clients met no answer that they did not expect."""
    yield from told.surprises
    homes = {row.id: f"{PROJECT}/{row.external_id}" for row in books.journeys}
    stored: dict[str, set[str]] = defaultdict(set)
    for event in books.events:
        stored[homes.get(event.journey_id, "")].add(event.source_id)
    for home, accepted in told.accepted.items():
        number = home.rsplit("-", 1)[-1]
        for _, source_id in accepted:
            if source_id not in stored[f"{PROJECT}/CRM-{number}"]:
                yield f"{home}: the event {source_id} was accepted and is not in the store"


def every_event_has_a_verdict(books: Books, told: Told) -> Iterator[str]:
    """No event is left `taken`."""
    for event in books.events:
        if event.verdict == Verdict.TAKEN.value:
            yield f"{event.journey_id}: {event.type} {event.id} has no verdict"


def nothing_missing(books: Books, told: Told) -> Iterator[str]:
    """Every item that the facts ask for has an entry that runs or has ended, and nothing is left to do."""
    states = {(row.scope_id, row.key): State(row.state) for row in books.entries}
    for journey, agenda in books.agendas.items():
        for key in sorted(agenda.asked):
            state = states.get((journey, key))
            if state is None:
                yield f"{journey}: {key} is asked for and has no entry"
            elif state not in RUNNING | ENDED:
                yield f"{journey}: {key} is stuck in {state}"
        for text in agenda.left:
            yield f"{journey}: {text}"


def nothing_missed_without_reason(books: Books, told: Told) -> Iterator[str]:
    """`missed` only when its window really had closed, or had closed before the fact was known."""
    for row in books.entries:
        if row.state != State.MISSED.value:
            continue
        code = (row.reason or {}).get("code")
        closed = row.item.get("expires")
        if code == "window-closed" and (closed is None or datetime.fromisoformat(closed) > row.at):
            yield f"{row.scope_id}: {row.key} is missed, its window was open"
        elif code not in ("window-closed", "late-news", "before-go-live"):
            yield f"{row.scope_id}: {row.key} is missed because of {code}"


def no_entry_twice(books: Books, told: Told) -> Iterator[str]:
    """One entry a key, one message a key, at most one open task an entry, and a task for each opening."""
    yield from _twice("entry", ((row.scope, row.scope_id, row.key) for row in books.entries))
    yield from _twice("message", (row.key for row in books.messages))
    yield from _twice("event", ((row.target, row.source, row.source_id) for row in books.events))
    yield from _twice("open task", ((row.journey_id, row.key) for row in books.tasks if row.closed_at is None))
    # A task whose due moved is `open` again, but is not opened again: that line names no task.
    opened = Counter((row.journey_id, row.ref) for row in books.journal if row.code == "entry.open" and row.params)
    made = Counter((row.journey_id, row.key) for row in books.tasks)
    for journey, key in sorted(opened.keys() | made.keys()):
        if opened[journey, key] != made[journey, key]:
            yield f"{journey}: {key} was opened {opened[journey, key]} times and has {made[journey, key]} tasks"


def tasks_follow_entries(books: Books, told: Told) -> Iterator[str]:
    """A task is open while its entry runs, and shows the entry's state."""
    states = {(row.scope_id, row.key): row for row in books.entries}
    for task in books.tasks:
        entry = states.get((task.journey_id, task.key))
        if entry is None:
            yield f"{task.journey_id}: task {task.id} has no entry {task.key}"
        elif task.closed_at is None and (entry.task != task.id or entry.state != task.state):
            yield f"{task.journey_id}: task {task.id} is {task.state}, its entry {task.key} {entry.state}"


def each_rung_once(books: Books, told: Told) -> Iterator[str]:
    """Each rung at most once for each task; a task whose due moved may climb again."""
    climbs = Counter((row.journey_id, row.key) for row in books.tasks)
    repairs = Counter(row.journey_id for row in books.events if row.type in ("event.voided", "event.corrected"))
    for row in books.entries:
        for step, times in Counter(step["step"] for step in row.steps).items():
            allowed = climbs[row.scope_id, row.key] + repairs[row.scope_id]
            if times > allowed:
                yield f"{row.scope_id}: {row.key} was {step} {times} times, at most {allowed} make sense"


def no_line_twice(books: Books, told: Told) -> Iterator[str]:
    """The timeline says every change once: never twice at one instant, never the state that stood already."""
    lines = Counter((row.journey_id, row.ref, row.code, row.at) for row in books.journal)
    for (journey, ref, code, at), times in lines.items():
        if times > 1:
            yield f"{journey}: {code} of {ref} at {at} is written {times} times"
    last: dict[tuple[str, str], str] = {}
    for row in books.journal:
        kind, _, state = row.code.partition(".")
        if kind != "entry" or state not in STATES:
            continue
        if last.get((row.journey_id, row.ref)) == state and state not in AGAIN:
            yield f"{row.journey_id}: {row.ref} became {state} and then {state} again"
        last[row.journey_id, row.ref] = state


def no_call_unaccounted(books: Books, told: Told) -> Iterator[str]:
    """Each key that a provider was called with is one file, belongs to one message, and was reserved for every call."""
    rows = {_hash(row.key): row for row in books.messages}
    for key, calls in books.calls.items():
        row = rows.get(key)
        if row is None:
            yield f"the provider was called for {key}, which no message has"
        elif row.state != "failed" and calls > row.calls:
            yield f"{row.key}: called {calls} times, reserved {row.calls} times"
        if books.files[key] > 1 or (books.files[key] == 0 and row is not None and row.state != "unknown"):
            yield f"{key}: called {calls} times, {books.files[key]} files"
    for key, row in rows.items():
        if row.channel != "email" and row.state == "sent" and not books.calls[key]:
            yield f"{row.key}: sent, but the provider was never called"


def no_mail_twice(books: Books, told: Told) -> Iterator[str]:
    """Without keys: what is `sent` was taken once, what is refused never, and anything doubtful is listed `unknown`."""
    rows = {_message_id(row.key): row for row in books.messages if row.channel == "email"}
    for message_id, copies in books.mail.items():
        row = rows.get(message_id)
        if row is None:
            yield f"the mail server took {message_id}, which no message has"
        elif row.state != "unknown" and copies > 1:
            yield f"{row.key}: {row.state}, the mail server took it {copies} times"
    for message_id, row in rows.items():
        if row.state == "sent" and books.mail.get(message_id, 0) != 1:
            yield f"{row.key}: sent, the mail server took it {books.mail.get(message_id, 0)} times"
        if row.state == "failed" and books.mail.get(message_id, 0):
            yield f"{row.key}: failed, the mail server took it"


def messages_follow_entries(books: Books, told: Told) -> Iterator[str]:
    """No message is left reserved, and an entry that says `sent` has a message that was sent."""
    by_entry: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in books.messages:
        by_entry[row.journey_id, row.entry_key].append(row.state)
        if row.state == "reserved":
            yield f"{row.journey_id}: message {row.key} is stuck reserved"
    for row in books.entries:
        found = by_entry.get((row.scope_id, row.key), [])
        if row.state == "sent" and "sent" not in found:
            yield f"{row.scope_id}: {row.key} is sent, its messages are {found or 'none'}"
        if row.state not in ("unknown", "withdrawn") and "unknown" in found:
            yield f"{row.scope_id}: {row.key} is {row.state}, a message of it is unknown"


def no_workflow_failed(books: Books, told: Told) -> Iterator[str]:
    """Every run ended well or runs; one run for each journey that is not over, at most one for the others.

    Where Temporal, worker and door die in one moment, nobody hears that a life is over: its run sleeps until the
    quarterly wake, does nothing, and ends then.
    """
    for workflow, states in books.workflows.items():
        for state in set(states) - GOOD_ENDS:
            yield f"{workflow}: a run is {state}"
    for workflow in books.problems:
        yield f"{workflow}: its workflow task keeps failing"
    for row in books.journeys:
        running = list(books.workflows.get(journey_workflow(row.id), ())).count("RUNNING")
        if running > 1 or (running == 0 and not row.over):
            yield f"{row.id}: over is {bool(row.over)}, {running} runs are running"


Check = Callable[[Books, Told], Iterator[str]]
CHECKS: Sequence[Check] = (
    nothing_untold, every_event_has_a_verdict, nothing_missing, nothing_missed_without_reason, no_entry_twice,
    tasks_follow_entries, each_rung_once, no_line_twice, no_call_unaccounted, no_mail_twice, messages_follow_entries,
    no_workflow_failed,
)  # fmt: skip


def faults(books: Books, told: Told) -> list[str]:
    """Everything that is wrong, each line headed by the check that found it."""
    return [f"{check.__name__}: {text}" for check in CHECKS for text in check(books, told)]


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


def _twice(what: str, keys: Iterator[Any]) -> Iterator[str]:
    for key, times in Counter(keys).items():
        if times > 1:
            yield f"{what} {key} stands {times} times"


def _hash(key: str) -> str:
    return sha256(key.encode()).hexdigest()[:24]


def _message_id(key: str) -> str:
    return f"<{sha256(key.encode()).hexdigest()}@owner-journey>"
