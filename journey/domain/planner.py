"""The planner: from facts, ledger, pack and calendar to verdicts, agenda, entries to write and moves due.

Pure: two plans of one record at one instant differ in nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from hashlib import blake2b

from journey.domain.assigning import assigned
from journey.domain.clocks import at, local_date
from journey.domain.decided import Decided
from journey.domain.deciding import decide, decide_unasked
from journey.domain.delay import Delay
from journey.domain.derived import derived_items, put_right, shifted
from journey.domain.entries import RUNNING, State
from journey.domain.events import Event
from journey.domain.facts import Facts
from journey.domain.groups import Group, group_items
from journey.domain.items import Item, earliest
from journey.domain.moves import Move
from journey.domain.reasons import Reason
from journey.domain.record import Cover, Record
from journey.domain.rules import RULES
from journey.domain.settle import Rescheduled, settle
from journey.domain.stages import leading_stage, warranty_end
from journey.domain.values import JourneyStatus, Stage
from journey.domain.verdicts import Judged, Opinion, Verdict, judge
from journey.domain.warranty import reported_in_cover

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
    stage: Stage
    status: JourneyStatus
    covers: Sequence[Cover]
    next_due: datetime | None
    overdue: int
    over: bool
    pack_hash: str
    delay: Delay | None = None


def plan(record: Record, now: datetime, seen: Mapping[str, Verdict] | None = None) -> Plan:
    """Plan a journey as of `now`; `seen` are the verdicts that stand in the store."""
    version = record.packs.on(local_date(now, record.zone))
    judged = _judged(record, record.events, now)
    facts = Facts(record, judged, version.pack, now)
    facts.put_right = put_right(facts)
    facts.contradicted = _contradicted(record, judged.opinions, seen or {}, now)
    items = _items(facts)
    groups = group_items(items, record.entries)
    decided = [decide(item, record.entries.get(item.key), facts, groups.get(item.key)) for item in items]
    asked = {item.key for item in items}
    decided += [
        decide_unasked(key, record.entries.get(key), facts)
        for key in sorted(set(record.entries) | set(record.agenda))
        if key not in asked and _rule_of(key) in RULES
    ]
    return _gather(facts, decided, items, groups, version.hash)


def _judged(record: Record, events: Sequence[Event], now: datetime) -> Judged:
    return judge(
        events, now=now, zone=record.zone, known=record.known, units=record.units, owners=frozenset(record.owners)
    )


def _items(facts: Facts) -> list[Item]:
    moved_to = _rescheduled(facts)
    closed = facts.closing is not None
    items: list[Item] = []
    for rule in RULES.values():
        if rule.executor != "journey" or (closed and not rule.after_closing):
            continue
        items += [settle(rule, ask, facts, moved_to) for ask in rule.function(facts, rule.numbers(facts))]
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


def _gather(
    facts: Facts, decided: Sequence[Decided], items: Sequence[Item], groups: Mapping[str, Group], pack_hash: str
) -> Plan:
    now = facts.now
    moves = _moves(facts, decided)
    after = {d.key: d.state for d in decided}
    ahead = [item for item in items if after[item.key] is None or after[item.key] in OPEN_WORK]
    planned = frozenset(item.key for item in ahead if after[item.key] not in RUNNING)
    status, over = _ending(facts, after, ahead)
    wake = earliest(
        [
            *(d.wake for d in decided),
            facts.judged.waits_until,
            *_stage_changes(facts),
            *_days_ahead(facts),
            _quarterly(facts),
        ]
    )
    assert wake is not None  # the quarterly one is always there
    return Plan(
        opinions=_on_operators(_with_covers(facts), facts, items),
        decided=decided,
        changes=[d for d in decided if d.entry is not None],
        agenda=sorted((_carrying(item, groups.get(item.key)) for item in ahead), key=lambda item: (item.due, item.key)),
        planned=planned,
        moves=moves,
        wake_at=now if moves else max(wake, now),  # a move that is due and lost on its way is past due, not asleep
        stage=leading_stage(facts),
        status=status,
        covers=facts.covers,
        next_due=earliest(item.due for item in ahead),
        overdue=sum(state in (State.OVERDUE, State.ESCALATED) for state in after.values()),
        over=over and not moves,
        pack_hash=pack_hash,
        delay=facts.delay,
    )


def _moves(facts: Facts, decided: Sequence[Decided]) -> list[Move]:
    """The moves due, earliest first, each with what it must still find."""
    moves = []
    for one in decided:
        entry = one.entry or facts.record.entries.get(one.key)
        if one.move is not None:
            moves.append(replace(one.move, seen=entry.signature if entry else ""))
    return sorted(moves, key=lambda move: (move.due, move.key))


def _ending(facts: Facts, after: Mapping[str, State | None], ahead: Sequence[Item]) -> tuple[JourneyStatus, bool]:
    """The status, and whether the life is over: closed or handed over and out of warranty, with nothing left to do."""
    work = bool(ahead) or any(state in OPEN_WORK for state in after.values())
    if facts.closing is not None:
        return facts.status, not work and facts.judged.waits_until is None
    ends = facts.warranty_ends
    if ends is not None and facts.now > ends and not work and facts.judged.waits_until is None:
        return JourneyStatus.AFTERCARE, True
    return facts.status, False


def _stage_changes(facts: Facts) -> list[datetime]:
    ends = facts.warranty_ends
    if ends is None or facts.closing is not None:
        return []
    instants = (warranty_end.begins(facts), ends + timedelta(seconds=1))
    return [instant for instant in instants if instant is not None and instant > facts.now]


def _days_ahead(facts: Facts) -> list[datetime]:
    """When a shared date that lies ahead begins to count: a pack version published early, a planned completion."""
    days = [version.pack.effective_from for version in facts.record.packs.versions]
    completion = facts.record.batch.completion
    if completion is not None:
        days.append(completion.on)
    days += facts.watched
    return [at(day, time(0), facts.zone) for day in days if day > facts.today]


def _quarterly(facts: Facts) -> datetime:
    """Idle journeys wake once a quarter, spread over a week by their id."""
    spread = int.from_bytes(blake2b(facts.record.journey.encode(), digest_size=4).digest()) % (7 * 24 * 3600)
    return facts.now + QUARTER + timedelta(seconds=spread)


def _contradicted(
    record: Record, opinions: Mapping[str, Opinion], seen: Mapping[str, Verdict], now: datetime
) -> dict[str, datetime]:
    """Events that were applied once and are refused now, with the telling of what contradicts them."""
    found: dict[str, datetime] = {}
    for event_id, opinion in opinions.items():
        if opinion.verdict is Verdict.REFUSED:
            key = f"kernel.contradiction/{record.episode}/{event_id}"
            if seen.get(event_id) is Verdict.APPLIED or key in record.entries or key in record.agenda:
                found[event_id] = _refused_since(record, event_id, now)
    return found


def _refused_since(record: Record, event_id: str, now: datetime) -> datetime:
    """When the event that brought the contradiction was told: found by halving the list of tellings."""
    told = sorted({event.recorded_at for event in record.events})
    low, high = 0, len(told) - 1
    while low < high:
        middle = (low + high) // 2
        known = [event for event in record.events if event.recorded_at <= told[middle]]
        opinion = _judged(record, known, now).opinions.get(event_id)
        if opinion is not None and opinion.verdict is Verdict.REFUSED:
            high = middle
        else:
            low = middle + 1
    return told[low]


def _rescheduled(facts: Facts) -> dict[str, Rescheduled]:
    moved: dict[str, Rescheduled] = {}
    for event in facts.all("item.rescheduled"):
        params = {"by": event.data.get("by", "?"), "event": event.id}
        to = event.read_instant("to")
        if to is not None:
            moved[str(event.data.get("key"))] = Rescheduled(to, Reason("rescheduled", params), event.occurred_at)
    return moved


def _with_covers(facts: Facts) -> dict[str, Opinion]:
    """Reports of defects are answered with what the ledger says of their component."""
    opinions = dict(facts.judged.opinions)
    for event in facts.all("defect.reported"):
        component = event.data.get("component")
        cover = facts.cover(str(component)) if component else None
        if cover is None:
            continue
        inside = reported_in_cover(cover, event.occurred_at, facts.zone)
        code = {True: "in-cover", False: "out-of-cover", None: "cover-unknown"}[inside]
        ends = cover.owner_ends.isoformat() if cover.owner_ends else None
        opinions[event.id] = replace(opinions[event.id], reason=Reason(code, {"component": component, "ends": ends}))
    return opinions


def _on_operators(opinions: dict[str, Opinion], facts: Facts, items: Sequence[Item]) -> dict[str, Opinion]:
    """An operator's decision on an item that nobody asks for is answered so: it counts, and does nothing yet."""
    asked = {item.key for item in items}
    for kind in ("item.skipped", "item.redone", "item.rescheduled"):
        for event in facts.all(kind):
            key = str(event.data.get("key"))
            known = key in facts.record.entries and kind != "item.redone"
            if key not in asked and key.split("~")[0] not in asked and not known:
                opinions[event.id] = replace(opinions[event.id], reason=Reason("nothing-asked", {"key": key}))
    return opinions


def _carrying(item: Item, group: Group | None) -> Item:
    """The carrier of a group names all that it carries."""
    if group is None or group.carrier != item.key or len(group.members) == 1:
        return item
    carried = [member.params.get("component") for member in group.members]
    return replace(item, params={**item.params, "components": carried})


def _rule_of(key: str) -> str:
    return key.split("/", 1)[0]
