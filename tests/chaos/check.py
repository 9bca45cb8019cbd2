"""Every promise that is checked against the books. A check answers with what is wrong."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from journey.domain.entries import ENDED, RUNNING, State
from journey.domain.verdicts import Verdict
from tests.chaos.books import Books, odd_runs
from tests.chaos.lives import PROJECT, Told

STATES = frozenset(state.value for state in State)
AGAIN = frozenset({State.HELD.value, State.RESERVED.value})  # may be entered from themselves
GOOD_ENDS = frozenset({"RUNNING", "COMPLETED", "CONTINUED_AS_NEW"})


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
    """Every run ended well or runs; one run for each journey that is not over, none for the others."""
    for workflow, states in books.workflows.items():
        for state in set(states) - GOOD_ENDS:
            yield f"{workflow}: a run is {state}"
    for workflow in books.problems:
        yield f"{workflow}: its workflow task keeps failing"
    for workflow, text in odd_runs(books):
        yield f"{workflow}: {text}; {books.last.get(workflow, '')}"


Check = Callable[[Books, Told], Iterator[str]]
CHECKS: Sequence[Check] = (
    nothing_untold, every_event_has_a_verdict, nothing_missing, nothing_missed_without_reason, no_entry_twice,
    tasks_follow_entries, each_rung_once, no_line_twice, no_call_unaccounted, no_mail_twice, messages_follow_entries,
    no_workflow_failed,
)  # fmt: skip


def faults(books: Books, told: Told) -> list[str]:
    """Everything that is wrong, each line headed by the check that found it."""
    return [f"{check.__name__}: {text}" for check in CHECKS for text in check(books, told)]


def _twice(what: str, keys: Iterator[Any]) -> Iterator[str]:
    for key, times in Counter(keys).items():
        if times > 1:
            yield f"{what} {key} stands {times} times"


def _hash(key: str) -> str:
    return sha256(key.encode()).hexdigest()[:24]


def _message_id(key: str) -> str:
    return f"<{sha256(key.encode()).hexdigest()}@owner-journey>"
