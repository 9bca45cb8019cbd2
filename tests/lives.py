"""Whole lives of a journey without a store: plan, perform one move, wait, as the workflow and its activities do."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from journey.domain.entries import RUNNING, Entry, Rung, State
from journey.domain.events import Event
from journey.domain.items import Item
from journey.domain.moves import Move, MoveKind
from journey.domain.planner import Plan, plan
from journey.domain.reasons import Reason
from journey.domain.record import Record, SharedRecord
from journey.domain.shared.plans import plan_shared
from journey.domain.verdicts import Verdict
from tests.records import instant, record

Sender = Callable[[Item, datetime], tuple[State, Reason | None, datetime | None]]
Staff = Callable[[Item, str, datetime], Event | None]
MOST_STEPS = 5000


def everything_goes_out(item: Item, now: datetime) -> tuple[State, Reason | None, datetime | None]:
    """A channel that never fails."""
    return State.SENT, None, None


def nobody_answers(item: Item, task: str, now: datetime) -> Event | None:
    """Staff that never does its tasks."""
    return None


def done_after(delay: timedelta = timedelta(hours=1)) -> Staff:
    """Staff that reports each task done a while after it opened."""

    def answer(item: Item, task: str, now: datetime) -> Event:
        at = now + delay
        data = {"task": task, "outcome": "done", "at": at.isoformat(), "by": "stf_1"}
        return Event(f"evt_done_{task}", "task.result", at, at, data, "test", f"done_{task}", None, {"task": task})

    return answer


def _check_names(found: Plan, keys: Container[str]) -> None:
    """What an entry stands on is named by an id of ours, for which the store has forty characters: never by a key."""
    for change in found.changes:
        if change.entry is not None:
            named = (change.entry.fact, change.entry.anchor_event, change.entry.moved_by, change.entry.task)
            assert not any(each in keys for each in named), (change.key, named)


@dataclass
class Life:
    """A journey that lives in memory; `script` holds events that become known at their `recorded_at`."""

    record: Record
    now: datetime
    script: list[Event] = field(default_factory=list)
    send: Sender = everything_goes_out
    staff: Staff = nobody_answers
    sent: list[tuple[datetime, str]] = field(default_factory=list)
    opened: list[tuple[datetime, str]] = field(default_factory=list)
    rungs: list[tuple[str, Rung]] = field(default_factory=list)
    seen: Mapping[str, Verdict] = field(default_factory=dict)
    last: Plan | None = None
    tasks: "count[int]" = field(default_factory=lambda: count(1))

    def tell(self, *events: Event) -> None:
        """Events that are committed now or, by `recorded_at`, later."""
        self.script += events
        self._hear()

    def plan(self) -> Plan:
        """Plan once and write what the store would write."""
        if isinstance(self.record, SharedRecord):
            found = plan_shared(self.record, self.now)
        else:
            found = plan(self.record, self.now, self.seen)
        self.record, self.seen = written(self.record, found)
        self.rungs += [(change.key, change.rung) for change in found.changes if change.rung]
        self.last = found
        _check_names(found, self.record.entries)
        return found

    def run(self, until: datetime, check: Callable[["Life", Plan], None] | None = None) -> "Life":
        """Live until an instant, or until the life is over with nothing more in the script."""
        for _ in range(MOST_STEPS):
            self._hear()
            found = self.plan()
            if check is not None:
                check(self, found)
            if found.moves:
                self.perform(found, found.moves[0])
                continue
            following = [event.recorded_at for event in self.script]
            if found.over and not following:
                return self
            wake = min([found.wake_at, *following])
            if wake > until:
                self.now = until
                return self
            self.now = max(wake, self.now)
        raise AssertionError(f"still not at {until} after {MOST_STEPS} steps, at {self.now}")

    def perform(self, found: Plan, move: Move) -> None:
        """One move, as the activities do it; a stale one does nothing."""
        entry = self.record.entries.get(move.key)
        if (entry.signature if entry else "") != move.seen:
            return
        item = next((item for item in found.agenda if item.key == move.key), None)
        if move.kind in (MoveKind.SEND, MoveKind.BROADCAST):
            self._send(move, item, entry)
        elif item is not None and move.kind is MoveKind.BEGIN:
            self.write(touched(item, entry, State.DONE, self.now))
        elif item is not None and move.kind is MoveKind.OPEN:
            self._open(item, entry)
        elif entry is not None and item is not None:
            self._climb(move, item, entry)

    def state(self, key: str) -> State | None:
        """The state of an entry, None while it was never touched."""
        entry = self.record.entries.get(key)
        return entry.state if entry else None

    def of(self, rule: str) -> list[Entry]:
        """Every entry of a rule."""
        return [entry for key, entry in self.record.entries.items() if key.startswith(f"{rule}/")]

    def write(self, entry: Entry) -> None:
        """Put an entry into the ledger."""
        self.record = replace(self.record, entries={**self.record.entries, entry.key: entry})

    def down_until(self, instant: datetime) -> None:
        """Nothing of ours runs until then."""
        self.now = instant

    def _hear(self) -> None:
        known = [event for event in self.script if event.recorded_at <= self.now]
        if known:
            self.script = [event for event in self.script if event.recorded_at > self.now]
            self.record = replace(self.record, events=[*self.record.events, *known])

    def _send(self, move: Move, item: Item | None, entry: Entry | None) -> None:
        if item is None:
            assert entry is not None  # a reservation that nobody asks for any more
            self.write(replace(entry, state=State.UNKNOWN, at=self.now))
            return
        state, reason, until = self.send(item, self.now)
        # As the outbox does: what a person decided is kept until it has gone.
        waits = entry is not None and entry.state is State.HELD and state in (State.HELD, State.UNKNOWN)
        fact = entry.fact if entry is not None and waits else None
        self.write(replace(touched(item, entry, state, self.now), reason=reason, until=until, fact=fact))
        if state is State.SENT:
            self.sent.append((self.now, move.key))

    def _open(self, item: Item, entry: Entry | None) -> None:
        task = f"tsk_{next(self.tasks)}"
        opened = replace(touched(item, entry, State.OPEN, self.now), task=task, opened_at=self.now, attempts=0)
        self.write(replace(opened, next_attempt=None, warned_at=None, escalated_at=None))
        self.record = replace(self.record, known=self.record.known | {task})
        self.opened.append((self.now, item.key))
        answer = self.staff(item, task, self.now)
        if answer is not None:
            self.tell(answer)

    def _climb(self, move: Move, item: Item, entry: Entry) -> None:
        climbed = replace(entry, at=self.now, until=None, tries=0)
        if move.kind is MoveKind.WARN:
            self.write(replace(climbed, state=State.WARNED, warned_at=self.now))
            self.rungs.append((item.key, Rung(self.now, "warned", str(item.role))))
        else:
            self.write(replace(climbed, state=State.ESCALATED, escalated_at=self.now))
            self.rungs.append((item.key, Rung(self.now, "escalated", str(item.escalates_to))))


def touched(item: Item, entry: Entry | None, state: State, now: datetime) -> Entry:
    """The entry of an item that a move touches now, with the fact it stands on."""
    base = entry or Entry(item.key, state, now)
    anchor = item.anchor
    return replace(
        base, state=state, at=now, due=item.due, reason=None, fact=None, carrier=None, until=None,
        anchor_event=anchor.event, anchor_on=anchor.on, moved_by=anchor.moved_by, item=item.document(),
    )  # fmt: skip


def written(record: Record, found: Plan) -> tuple[Record, Mapping[str, Verdict]]:
    """The record after the planning transaction, and the verdicts that then stand."""
    changed = {change.key: change.entry for change in found.changes if change.entry is not None}
    agenda = {item.key: item.due for item in found.agenda}
    seen = {event: opinion.verdict for event, opinion in found.opinions.items()}
    return replace(record, entries={**record.entries, **changed}, agenda=agenda), seen


def begin(when: str, *events: Event, **more: Any) -> Life:
    """A journey that hears of each event when it is recorded; `more` goes to `records.record`."""
    life = Life(record([], **more), instant(when))
    life.tell(*events)
    return life


def planned(when: str, *events: Event, **more: Any) -> Plan:
    """What one plan of a fresh journey finds at a local time."""
    return plan(record(events, **more), instant(when))


def running(entries: Iterable[Entry]) -> list[Entry]:
    """The entries under which a task runs."""
    return [entry for entry in entries if entry.state in RUNNING]


def item_of(found: Plan, key: str) -> Item:
    """The item of the agenda under a key."""
    return next(item for item in found.agenda if item.key == key)


def items_of(found: Plan, rule: str) -> Sequence[Item]:
    """The items of the agenda that a rule asked for."""
    return [item for item in found.agenda if item.rule == rule]
