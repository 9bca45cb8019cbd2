"""What becomes of one item now: left planned, written down, or moved (`kernel.md` §4 Late, §5 Entries)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from journey.domain.assigning import elsewhere
from journey.domain.brackets import perhaps_done
from journey.domain.clocks import at, local, local_date
from journey.domain.consent import LEAST_HOLD
from journey.domain.entries import ENDED, WENT_OUT, Entry, Rung, State
from journey.domain.events import Event
from journey.domain.facts import Facts
from journey.domain.groups import Group
from journey.domain.items import Item, Late, earliest
from journey.domain.moves import Move, MoveKind
from journey.domain.reasons import Reason
from journey.domain.record import Hold
from journey.domain.results import Result
from journey.domain.rules import RELEASES, RULES
from journey.domain.unknowns import after_decision, given_up

ONCE_SENT = (State.SENT, State.DELIVERED, State.UNKNOWN)
ON_RESULT = (State.DONE, State.SERVED, State.FAILED)


@dataclass(frozen=True, slots=True)
class Decided:
    """State after planning (None: untouched), entry to write, rung climbed, move due, when to look again.

    `post` is where the running task goes when an operator gave it away, or took that back.
    """

    key: str
    state: State | None
    item: Item | None = None
    entry: Entry | None = None
    rung: Rung | None = None
    move: Move | None = None
    wake: datetime | None = None
    post: str | None = None


def decide(item: Item, entry: Entry | None, facts: Facts, group: Group | None) -> Decided:
    """The decision on an item that is asked for."""
    if entry is not None and entry.running:
        return _running(item, entry, facts)
    if entry is not None and entry.state is State.RESERVED:
        return _reserved(item.key, item, entry, facts)
    found_out = after_decision(item, entry, facts) if entry is not None else None
    if found_out is not None:
        return _found_out(item, found_out, facts, group)
    if entry is not None and _binding(item, entry, facts, group):
        return Decided(item.key, entry.state, item, _marked(entry, facts), wake=_look_again(item, entry, facts))
    return _free(item, entry, facts, group)


def decide_unasked(key: str, entry: Entry | None, facts: Facts) -> Decided:
    """An item of the ledger or the last agenda that nobody asks for any more: withdrawn, unless it is history."""
    reason = Reason("not-asked")
    if entry is None:
        document = facts.record.agenda[key]
        return Decided(key, State.WITHDRAWN, entry=Entry(key, State.WITHDRAWN, facts.now, reason=reason, item=document))
    if entry.state is State.RESERVED:
        return _reserved(key, None, entry, facts)
    found_out = after_decision(None, entry, facts)
    if found_out is not None:
        return Decided(key, found_out.state, entry=found_out)
    if entry.running or entry.state is State.HELD:
        gone = replace(entry, state=State.WITHDRAWN, at=facts.now, reason=reason, until=None, tries=0)
        return Decided(key, State.WITHDRAWN, entry=gone)
    if entry.state in ON_RESULT and entry.fact is not None and _taken_away(entry.fact, facts):
        return Decided(key, State.WITHDRAWN, entry=replace(entry, state=State.WITHDRAWN, at=facts.now, reason=reason))
    return Decided(key, entry.state, entry=_marked(entry, facts))


def _found_out(item: Item, entry: Entry, facts: Facts, group: Group | None) -> Decided:
    """A person found out how a send ended; one that did not happen may go again, as anything that is held."""
    if entry.state is not State.HELD:
        return Decided(item.key, entry.state, item, entry)
    again = _free(item, entry, facts, group)
    return again if again.entry is not None else replace(again, entry=entry)


# -- entries that bind ------------------------------------------------------------------------------------------------


def _binding(item: Item, entry: Entry, facts: Facts, group: Group | None) -> bool:
    """Whether what was done or decided still stands, so that planning leaves the item alone."""
    state, failed = entry.state, given_up(item, entry)
    if failed is not None:
        return failed
    if state in ON_RESULT and entry.fact is not None:
        return _stands(item, entry.fact, facts)
    if state in (*ONCE_SENT, State.SERVED, State.DONE):
        return True
    if state is State.SKIPPED:
        return entry.fact in _skips(facts, item.key) if entry.by_operator else entry.due == item.due
    if state is State.MERGED:
        return _carrier_stands(entry, facts, group)
    if state is State.MISSED:
        missed = _missed(item, facts)
        return missed is not None and entry.reason is not None and missed.code == entry.reason.code
    if state is State.SUPPRESSED:
        return not _skips(facts, item.key) and _still_suppressed(item, entry, facts)
    if state is State.FAILED:
        return entry.due == item.due and not _reachable_again(entry, facts)
    return False  # held, withdrawn: wanted again


def _stands(item: Item, fact: str, facts: Facts) -> bool:
    if item.met is not None and item.met.event == fact:
        return True
    return any(event.id == fact for event in facts.judged.live)


def _taken_away(fact: str, facts: Facts) -> bool:
    """Whether a fact of this journey was told and does not count any more."""
    return fact in facts.judged.opinions and all(event.id != fact for event in facts.judged.live)


def _marked(entry: Entry, facts: Facts) -> Entry | None:
    """What went out on a fact that was taken back stays, with a mark (`kernel.md` §5); None when nothing changes."""
    by = facts.taken_back.get(entry.key) if entry.state in WENT_OUT else None
    marked = entry.reason is not None and entry.reason.code == "put-right"
    if by is None:
        return replace(entry, reason=None) if marked and entry.state in WENT_OUT else None
    reason = Reason("put-right", {"event": by})
    return replace(entry, reason=reason) if entry.reason != reason else None


def _look_again(item: Item, entry: Entry, facts: Facts) -> datetime | None:
    """When to judge a suppressed message anew by itself: a minute later, and when the month of a cap is over."""
    if entry.state is not State.SUPPRESSED:
        return None
    if facts.now < entry.at + LEAST_HOLD:
        return entry.at + LEAST_HOLD
    if entry.reason is None or entry.reason.code != "cap":
        return None
    year, month = _month(entry.at, facts)
    begins = at(date(year + month // 12, month % 12 + 1, 1), time(0), facts.zone)
    return begins if begins > facts.now and (item.expires is None or begins < item.expires) else None


def _carrier_stands(entry: Entry, facts: Facts, group: Group | None) -> bool:
    if entry.carrier is None or entry.carrier == entry.key:
        return False
    carrier = facts.record.entries.get(entry.carrier)
    if carrier is None:  # carried by another journey's message, or by the next occurrence of its rule
        return True
    return carrier.state in ENDED - {State.WITHDRAWN} or (group is not None and group.carrier == entry.carrier)


def _still_suppressed(item: Item, entry: Entry, facts: Facts) -> bool:
    """Until its reason ends while its window is open (`kernel.md` §5); a fresh decision stands for a minute."""
    if facts.now < entry.at + LEAST_HOLD:
        return True
    if item.expires is not None and facts.now >= item.expires and entry.due == item.due:
        return True
    code = entry.reason.code if entry.reason else ""
    person = facts.record.primary or ""
    if code == "no-consent":
        given = facts.record.consents.get(person, {}).get(item.message_class.value)
        return given is None or given <= entry.at  # only a later one ends it: the send knows the channel
    if code == "muted":
        return any(hold.how == "mute" and _open(hold) and _concerns(hold, item) for hold in facts.record.holds)
    if code == "bereavement":
        return person in facts.record.bereaved
    if code == "cap":
        return _month(entry.at, facts) == _month(facts.now, facts)
    return entry.due == item.due


def _reachable_again(entry: Entry, facts: Facts) -> bool:
    code = entry.reason.code if entry.reason else ""
    since = facts.record.reachable_since
    return code in ("no-address", "invalid-address") and since is not None and since > entry.at


# -- items that nothing binds -----------------------------------------------------------------------------------------


def _free(item: Item, entry: Entry | None, facts: Facts, group: Group | None) -> Decided:
    if entry is None and _only_waits(item, facts, group):
        return Decided(item.key, None, item, wake=earliest([item.opens, item.expires]))
    settled = _without_the_world(item, entry, facts, group)
    if settled is not None:
        state, reason, when, fact, carrier = settled
        written = _entry(item, entry, state, when, reason=reason, fact=fact, carrier=carrier)
        return Decided(item.key, state, item, written, wake=None)
    if (group is not None and group.carrier != item.key) or _paused(item, facts):
        return Decided(item.key, _shown(entry), item, wake=_next_look(item, facts))
    starts = item.opens
    if entry is not None and entry.until is not None and entry.state is State.HELD:
        starts = max(starts, entry.until)
    if facts.now < starts:
        return Decided(item.key, _shown(entry), item, wake=earliest([starts, _next_look(item, facts)]))
    return _begin(item, entry, facts)


def _only_waits(item: Item, facts: Facts, group: Group | None) -> bool:
    """Most items of an agenda: not open yet, and no fact, person or other item has a say in them."""
    return (
        facts.now < item.opens
        and item.met is None
        and item.rule not in facts.spoken_of
        and (group is None or group.carrier == item.key)
        and _missed(item, facts) is None
        and not _paused(item, facts)
    )


def _shown(entry: Entry | None) -> State | None:
    return State.HELD if entry is not None and entry.state is State.HELD else None


def _next_look(item: Item, facts: Facts) -> datetime | None:
    return item.expires if item.expires is not None and item.expires > facts.now else None


Settled = tuple[State, Reason, datetime, str | None, str | None]


def _without_the_world(item: Item, entry: Entry | None, facts: Facts, group: Group | None) -> Settled | None:
    """Everything that is decided on paper: state, reason, instant, fact, carrier."""
    before = _before_go_live(item, facts)
    if before is not None:
        return State.MISSED, before, facts.now, None, None
    skips = _skips(facts, item.key)
    if skips:
        by = skips[-1]
        event = next(event for event in facts.all("item.skipped") if event.id == by)
        return State.SKIPPED, Reason("skipped-by-operator", {"event": by}), event.occurred_at, by, None
    if item.met is not None:
        state = State.SERVED if item.met.served else State.DONE
        return state, Reason("met-by-fact", {"event": item.met.event}), item.met.at, item.met.event, None
    result = next((r for r in _results(item, entry, facts) if r.outcome == "done"), None)
    if result is not None:
        return State.DONE, Reason("result", {"event": result.event}), result.at, result.event, None
    carried = group is not None and group.carrier != item.key
    lost = None if carried else perhaps_done(item, entry, facts.record.brackets)
    if lost is not None:
        return State.UNKNOWN, lost, facts.now, None, None
    missed = _missed(item, facts)
    if missed is not None:
        return State.MISSED, missed, facts.now, None, None
    if group is not None and group.carrier != item.key:
        carrier = facts.record.entries.get(group.carrier)
        if carrier is not None and carrier.state in ENDED - {State.WITHDRAWN}:
            return State.MERGED, Reason("merged", {"into": group.carrier}), carrier.at, None, group.carrier
        return None
    return _late(item, entry, facts)


def _missed(item: Item, facts: Facts) -> Reason | None:
    before = _before_go_live(item, facts)
    if before is not None or item.expires is None:
        return before
    release = RELEASES[RULES[item.rule].since]
    if release > local_date(item.expires, facts.zone):
        return Reason("newer-rule", {"since": release.isoformat()})
    if item.expires <= item.anchor.known_at:
        return Reason("late-news", {"known": item.anchor.known_at.isoformat()})
    if item.expires <= facts.now:
        return Reason("window-closed", {"closed": item.expires.isoformat()})
    return None


def _before_go_live(item: Item, facts: Facts) -> Reason | None:
    starts = facts.counts_from
    return Reason("before-go-live", {"from": starts.isoformat()}) if item.planned_due < starts else None


def _late(item: Item, entry: Entry | None, facts: Facts) -> Settled | None:
    """What an outage of ours delayed goes by the rule's `late=`; what was tried or held already is no outage."""
    if entry is not None or not _delayed(item, facts) or item.late in (Late.DO, Late.ESCALATE):
        return None
    if item.late is Late.SKIP:
        return State.SKIPPED, Reason("late", {"due": item.due.isoformat()}), facts.now, None, None
    following = f"{item.rule}/{item.subject}/"
    later = [key for key, due in _ahead(facts) if key.startswith(following) and due > facts.now and key != item.key]
    if not later:
        return None
    return State.MERGED, Reason("merged", {"into": later[0]}), facts.now, None, later[0]


def _ahead(facts: Facts) -> list[tuple[str, datetime]]:
    """Keys and due instants of the last agenda, in order."""
    dues = [(key, datetime.fromisoformat(str(item["due"]))) for key, item in facts.record.agenda.items()]
    return sorted(dues, key=lambda pair: pair[1])


def _delayed(item: Item, facts: Facts) -> bool:
    after = facts.shift(max(item.due, item.anchor.known_at), facts.pack.time.late_after)
    return isinstance(after, datetime) and facts.now > after


def _begin(item: Item, entry: Entry | None, facts: Facts) -> Decided:
    to_a_person = item.late is Late.ESCALATE and entry is None and _delayed(item, facts)
    kind = MoveKind.SEND if item.is_message and not to_a_person else MoveKind.OPEN
    return Decided(item.key, _shown(entry), item, move=Move(kind, item.key, item.due))


# -- running tasks ----------------------------------------------------------------------------------------------------


def _running(item: Item, entry: Entry, facts: Facts) -> Decided:
    ended = _ended(item, entry, facts)
    if ended is not None:
        return Decided(item.key, ended.state, item, ended)
    current = _tried(item, _moved(item, entry, facts), facts)
    if _paused(item, facts):
        return _climbed(item, entry, current, None, None, None, facts)
    rung = None
    if facts.now >= item.due and current.state in (State.OPEN, State.WARNED):
        current = replace(current, state=State.OVERDUE, at=facts.now)
        rung = Rung(facts.now, "overdue", item.role.value if item.role else "")
    move, wake = _next_rung(item, current, facts)
    return _climbed(item, entry, current, rung, move, wake, facts)


def _climbed(
    item: Item, was: Entry, current: Entry, rung: Rung | None, move: Move | None, wake: datetime | None, facts: Facts
) -> Decided:
    changed = current if current != was else None
    post = item.role.value if item.role is not None and elsewhere(item, was.task, facts) else None
    if post is not None and changed is None:
        changed = replace(current, item=item.document())
    return Decided(item.key, current.state, item, changed, rung, move, wake, post)


def _ended(item: Item, entry: Entry, facts: Facts) -> Entry | None:
    """The entry once a fact, a result or an operator has ended the task; else None."""
    if item.met is not None:
        reason = Reason("met-by-fact", {"event": item.met.event})
        state = State.SERVED if item.met.served else State.DONE
        return _entry(item, entry, state, item.met.at, reason=reason, fact=item.met.event)
    skips = _skips(facts, item.key)
    if skips:
        reason = Reason("skipped-by-operator", {"event": skips[-1]})
        return _entry(item, entry, State.SKIPPED, facts.now, reason=reason, fact=skips[-1])
    results = _results(item, entry, facts)
    for result in results:
        if result.outcome == "done":
            reason = Reason("result", {"event": result.event})
            return _entry(item, entry, State.DONE, result.at, reason=reason, fact=result.event)
        if result.outcome == "refused":
            reason = Reason("refused-by-owner", {"event": result.event})
            return _entry(item, entry, State.FAILED, result.at, reason=reason, fact=result.event)
    tries = [result for result in results if result.outcome == "not-reached"]
    if len(tries) >= item.attempts:
        reason = Reason("unreachable", {"attempts": len(tries)})
        last = tries[-1]
        ended = _entry(item, entry, State.FAILED, last.at, reason=reason, fact=last.event)
        return replace(ended, attempts=len(tries))
    return None


def _moved(item: Item, entry: Entry, facts: Facts) -> Entry:
    """A task whose due moved follows it; one that was overdue and is not any more climbs its ladder again."""
    if entry.due == item.due:
        return entry
    state, escalated = entry.state, entry.escalated_at
    if facts.now < item.due and state in (State.OVERDUE, State.ESCALATED):
        state, escalated = State.OPEN, None
    elif state is State.WARNED and item.warn is not None and facts.now < item.warn:
        state = State.OPEN
    return replace(entry, due=item.due, state=state, escalated_at=escalated, item=item.document())


def _tried(item: Item, entry: Entry, facts: Facts) -> Entry:
    tries = [result for result in _results(item, entry, facts) if result.outcome == "not-reached"]
    if len(tries) == entry.attempts:
        return entry
    if not tries:
        return replace(entry, attempts=0, next_attempt=None)
    return replace(entry, attempts=len(tries), next_attempt=_next_attempt([one.at for one in tries], facts))


def _next_attempt(tried: Sequence[datetime], facts: Facts) -> datetime:
    """Another day, another hour than those tried, never on a no-call day (C8)."""
    hours = facts.pack.messages.attempt_hours
    when = [local(instant, facts.zone) for instant in tried]
    used = {min(hours, key=lambda hour: abs(hour.hour * 60 + hour.minute - one.hour * 60 - one.minute)) for one in when}
    hour = next((hour for hour in hours if hour not in used), hours[len(tried) % len(hours)])
    day = max(when).date() + timedelta(days=1)
    while facts.calendar.is_no_call(day):
        day += timedelta(days=1)
    return at(day, hour, facts.zone)


def _next_rung(item: Item, entry: Entry, facts: Facts) -> tuple[Move | None, datetime | None]:
    """The rung that is due, or when the next one is; a rung that kept failing waits, the rest does not."""
    now, state = facts.now, entry.state
    rungs: list[tuple[MoveKind | None, datetime | None]] = []
    if state is State.OPEN and item.warn is not None and item.warn < item.due and now < item.due:
        rungs.append((MoveKind.WARN, item.warn))
    if state in (State.OPEN, State.WARNED):
        rungs.append((None, item.due))
    if state is not State.ESCALATED and item.escalate is not None:
        rungs.append((MoveKind.ESCALATE, item.escalate))
    wakes: list[datetime | None] = []
    for kind, instant in rungs:
        begins = max(instant, entry.until) if instant and entry.until and kind else instant
        if begins is None or now < begins:
            wakes.append(begins)
        elif kind is not None and instant is not None:
            return Move(kind, item.key, instant), None
    return None, earliest(wakes)


def _reserved(key: str, item: Item | None, entry: Entry, facts: Facts) -> Decided:
    """A send has begun and only the send move ends it, also when nobody asks for the item any more."""
    if entry.until is not None and facts.now < entry.until:
        return Decided(key, entry.state, item, wake=entry.until)
    return Decided(key, entry.state, item, move=Move(MoveKind.SEND, key, entry.due or facts.now))


# -- small helpers ----------------------------------------------------------------------------------------------------


def _entry(
    item: Item,
    was: Entry | None,
    state: State,
    when: datetime,
    *,
    reason: Reason,
    fact: str | None = None,
    carrier: str | None = None,
) -> Entry:
    anchor = item.anchor
    base = was or Entry(item.key, state, when)
    return replace(
        base, state=state, at=when, due=item.due, reason=reason, fact=fact, carrier=carrier, until=None, tries=0,
        anchor_event=anchor.event, anchor_on=anchor.on, moved_by=anchor.moved_by, item=item.document(),
    )  # fmt: skip


def _results(item: Item, entry: Entry | None, facts: Facts) -> Sequence[Result]:
    """Results told about this item's task, or about the item by name."""
    task = entry.task if entry is not None else None
    return [
        result
        for result in facts.results
        if (result.task is not None and result.task == task) or (result.task is None and _named(result, item, facts))
    ]


def _named(result: Result, item: Item, facts: Facts) -> bool:
    """One that names no occurrence is about the only one there is, else about what was open then."""
    if result.rule != item.rule:
        return False
    if result.occurrence is not None:
        return result.occurrence == item.occurrence
    return local_date(result.at, facts.zone) >= item.anchor.on if item.occurrence == "once" else result.at >= item.opens


def _skips(facts: Facts, key: str) -> list[str]:
    skipped: Sequence[Event] = facts.all("item.skipped")
    return [event.id for event in skipped if event.data.get("key") == key]


def _open(hold: Hold) -> bool:
    return hold.released_at is None


def _concerns(hold: Hold, item: Item) -> bool:
    return hold.concerns(message_class=item.message_class.value, rule=item.rule, key=item.key)


def _paused(item: Item, facts: Facts) -> bool:
    if item.statutory or not facts.record.holds:
        return False
    return any(hold.how == "pause" and _open(hold) and _concerns(hold, item) for hold in facts.record.holds)


def _month(instant: datetime, facts: Facts) -> tuple[int, int]:
    day = local_date(instant, facts.zone)
    return day.year, day.month
