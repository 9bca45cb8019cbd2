"""The planner: from facts, ledger, pack and calendar to verdicts, agenda, entries to write and moves due.

Pure: two plans of one record at one instant differ in nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from functools import cached_property
from hashlib import blake2b
from typing import Any

from journey.domain.assigning import assigned
from journey.domain.base_facts import BaseFacts
from journey.domain.care import care_stops
from journey.domain.case_documents import case_documents
from journey.domain.cases import open_cases
from journey.domain.clocks import at, local_date
from journey.domain.decided import Decided
from journey.domain.deciding import decide, decide_unasked
from journey.domain.delay import Delay
from journey.domain.derived import derived_items, put_right, shifted
from journey.domain.entries import RUNNING, Entry, State
from journey.domain.events import Event
from journey.domain.facts import Facts
from journey.domain.groups import Group, group_items
from journey.domain.holding import NOTHING_HELD, Holding
from journey.domain.items import Item, earliest
from journey.domain.ledgers import ledgers
from journey.domain.moves import Move
from journey.domain.opinions import contradicted, judged_of, opinions_of
from journey.domain.reasons import Reason
from journey.domain.record import Cover, Record
from journey.domain.rules import NOTICE, RULES, rules_of
from journey.domain.segments import segment_of
from journey.domain.settle import Rescheduled, settle
from journey.domain.stages import leading_stage, warranty_end
from journey.domain.values import JourneyStatus, Labelled, Segment
from journey.domain.verdicts import Opinion, Verdict

QUARTER = timedelta(days=90)
OPEN_WORK = RUNNING | {State.HELD, State.RESERVED}


@dataclass(frozen=True, slots=True)
class Plan:
    """What planning found out. `decided` says what becomes of every item, `changes` which of it is written.

    `agenda` holds every item still ahead, planned or running.
    """

    opinions: Mapping[str, Opinion]
    decided: Sequence[Decided]
    changes: Sequence[Decided]
    agenda: Sequence[Item]
    planned: frozenset[str]
    moves: Sequence[Move]
    wake_at: datetime
    stage: Labelled
    status: JourneyStatus
    next_due: datetime | None
    overdue: int
    over: bool
    pack_hash: str
    # of journeys only
    covers: Sequence[Cover] = ()
    delay: Delay | None = None
    holding: Holding = NOTHING_HELD
    closing: Event | None = None
    cases: Sequence[Mapping[str, Any]] = ()
    care_stops: Mapping[str, Any] | None = None
    segment: Segment | None = None
    ledgers: Mapping[str, Any] = field(default_factory=dict)


def plan(record: Record, now: datetime, seen: Mapping[str, Verdict] | None = None) -> Plan:
    """Plan a journey as of `now`; `seen` are the verdicts that stand in the store."""
    version = record.packs.on(local_date(now, record.zone))
    judged = judged_of(record, record.events, now)
    facts = Facts(record, judged, version.pack, now)
    facts.put_right = put_right(facts)
    facts.contradicted = contradicted(record, judged.opinions, seen or {}, now)
    worked = work_out(facts)
    status, over = _ending(facts, worked)
    segment = segment_of(facts)  # before the wakes: the day on which it changes is one
    found = gather(
        facts,
        worked,
        version.hash,
        opinions=opinions_of(facts, worked.items),
        stage=leading_stage(facts),
        status=status,
        over=over,
        wakes=[*_stage_changes(facts), *facts.watched_instants],
    )
    return replace(
        found,
        covers=facts.covers,
        delay=facts.delay,
        ledgers=ledgers(facts),
        holding=facts.holding,
        closing=facts.closing,
        cases=case_documents(facts),
        care_stops=care_stops(facts),
        segment=segment,
    )


@dataclass(frozen=True)
class Worked:
    """What is asked for on an agenda and what becomes of each item."""

    items: Sequence[Item]
    groups: Mapping[str, Group]
    decided: Sequence[Decided]

    @cached_property
    def after(self) -> dict[str, State | None]:
        """The state of every key once this is written."""
        return {one.key: one.state for one in self.decided}

    @cached_property
    def ahead(self) -> list[Item]:
        """What is planned, waits or runs."""
        after = self.after
        return [item for item in self.items if (state := after[item.key]) is None or state in OPEN_WORK]

    @property
    def busy(self) -> bool:
        """Whether anything is ahead or open."""
        return bool(self.ahead) or any(state in OPEN_WORK for state in self.after.values())


def work_out(facts: BaseFacts) -> Worked:
    """Ask every rule of the agenda's kind, settle what it asks for, and decide on each item and on what is left."""
    record = facts.record
    items = _items(facts)
    groups = group_items(items, record.entries)
    facts.asked, facts.groups = {item.key: item for item in items}, groups
    decided = [decide(item, record.entries.get(item.key), facts, groups.get(item.key)) for item in items]
    decided += [
        decide_unasked(key, record.entries.get(key), facts)
        for key in sorted(set(record.entries) | set(record.agenda))
        if key not in facts.asked and _looked_at(key, record.entries.get(key))
    ]
    return Worked(items, groups, decided)


def _items(facts: BaseFacts) -> list[Item]:
    moved_to, closed = _rescheduled(facts), facts.closed
    items: list[Item] = []
    for rule in rules_of(facts.kind):
        if not closed or rule.after_closing:
            items += [settle(rule, ask, facts, moved_to) for ask in rule.ask(facts)]
    items += [_on_new_date(item, moved_to) for item in derived_items(items, facts)]
    return [assigned(item, facts) for item in items]


def _on_new_date(item: Item, moved_to: Mapping[str, Rescheduled]) -> Item:
    moved = moved_to.get(item.key)
    if moved is None:
        return item
    in_time = item.legal_due is not None and item.due <= item.legal_due
    due, because = moved.within_the_law(item.legal_due if in_time else None)
    for reason in because:
        item = shifted(item, due - item.due, reason)
    return item


def gather(
    facts: BaseFacts,
    worked: Worked,
    pack_hash: str,
    *,
    opinions: Mapping[str, Opinion],
    stage: Labelled,
    status: JourneyStatus,
    over: bool,
    wakes: Sequence[datetime] = (),
) -> Plan:
    """The plan of an agenda; `wakes` are instants beside those of its items at which it is to be planned again."""
    now, after, ahead = facts.now, worked.after, worked.ahead
    moves = _moves(facts, worked.decided)
    instants = [*(d.wake for d in worked.decided), facts.judged.waits_until, *wakes, *_days_ahead(facts)]
    wake = earliest([*instants, _quarterly(facts)])
    assert wake is not None  # the quarterly one is always there
    return Plan(
        opinions=opinions,
        decided=worked.decided,
        changes=[d for d in worked.decided if d.entry is not None],
        agenda=sorted(
            (_carrying(item, worked.groups.get(item.key)) for item in ahead), key=lambda item: (item.due, item.key)
        ),
        planned=frozenset(item.key for item in ahead if after[item.key] not in RUNNING),
        moves=moves,
        wake_at=now if moves else max(wake, now),  # a move that is due and lost on its way is past due, not asleep
        stage=stage,
        status=status,
        next_due=earliest(item.due for item in ahead),
        overdue=sum(state in (State.OVERDUE, State.ESCALATED) for state in after.values()),
        over=over and not moves,
        pack_hash=pack_hash,
    )


def _moves(facts: BaseFacts, decided: Sequence[Decided]) -> list[Move]:
    """The moves due, earliest first, each with what it must still find."""
    moves = []
    for one in decided:
        if one.move is not None:
            entry = one.entry or facts.record.entries.get(one.key)
            moves.append(replace(one.move, seen=entry.signature if entry else ""))
    return sorted(moves, key=lambda move: (move.due, move.key))


def _ending(facts: Facts, worked: Worked) -> tuple[JourneyStatus, bool]:
    """The status, and whether the life is over: closed or handed over and out of warranty, with nothing left to do."""
    ends = facts.warranty_ends
    at_rest = not worked.busy and not _case_runs(facts) and facts.judged.waits_until is None
    if facts.closed:
        return facts.status, at_rest
    if ends is not None and facts.now > ends and at_rest:
        return JourneyStatus.AFTERCARE, True
    return facts.status, False


def _case_runs(facts: Facts) -> bool:
    """An open case, also while nothing of it is asked for; one that lay open before the journey began is history."""
    return any(case.current.began.at >= facts.counts_from for case in open_cases(facts))


def _stage_changes(facts: Facts) -> list[datetime]:
    ends = facts.warranty_ends
    if ends is None or facts.closing is not None:
        return []
    instants = (warranty_end.begins(facts), ends + timedelta(seconds=1))
    return [instant for instant in instants if instant is not None and instant > facts.now]


def _days_ahead(facts: BaseFacts) -> list[datetime]:
    """When a shared date that lies ahead begins to count: a pack version published early, a planned completion."""
    days = [version.pack.effective_from for version in facts.record.packs.versions]
    completion = facts.record.batch.completion
    if completion is not None:
        days.append(completion.on)
    days += facts.watched
    return [at(day, time(0), facts.zone) for day in days if day > facts.today]


def _quarterly(facts: BaseFacts) -> datetime:
    """Idle agendas wake once a quarter, spread over a week by their id."""
    spread = int.from_bytes(blake2b(facts.record.journey.encode(), digest_size=4).digest()) % (7 * 24 * 3600)
    return facts.now + QUARTER + timedelta(seconds=spread)


def _rescheduled(facts: BaseFacts) -> dict[str, Rescheduled]:
    moved: dict[str, Rescheduled] = {}
    for event in facts.all("item.rescheduled"):
        params = {"by": event.data.get("by", "?"), "event": event.id}
        to = event.read_instant("to")
        if to is not None:
            moved[str(event.data.get("key"))] = Rescheduled(to, Reason("rescheduled", params), event.occurred_at)
    return moved


def _carrying(item: Item, group: Group | None) -> Item:
    """The carrier of a group names all that it carries."""
    if group is None or group.carrier != item.key or len(group.members) == 1:
        return item
    carried = [member.params.get("component") for member in group.members]
    return replace(item, params={**item.params, "components": carried})


def _looked_at(key: str, entry: Entry | None) -> bool:
    """Whether planning has a say in what nobody asks for: in a notice that a person sent, once somebody decided."""
    rule = key.split("/", 1)[0]
    if rule == NOTICE:
        return entry is not None and (entry.state is State.UNKNOWN or entry.fact is not None)
    return rule in RULES
