"""Items that nothing binds: settled on paper, left to wait, or begun (`kernel.md` §4, Late)."""

from datetime import datetime

from journey.domain.brackets import perhaps_done
from journey.domain.clocks import local_date
from journey.domain.decided import Decided, entry_of, is_paused, results_about, skips_of
from journey.domain.entries import ENDED, Entry, State
from journey.domain.facts import Facts
from journey.domain.groups import Group
from journey.domain.items import Item, Late, earliest
from journey.domain.moves import Move, MoveKind
from journey.domain.reasons import Reason
from journey.domain.rules import RELEASES, RULES


def free(item: Item, entry: Entry | None, facts: Facts, group: Group | None) -> Decided:
    """The decision on an item that no entry binds."""
    if entry is None and _only_waits(item, facts, group):
        return Decided(item.key, None, item, wake=earliest([item.opens, item.expires]))
    settled = _without_the_world(item, entry, facts, group)
    if settled is not None:
        state, reason, when, fact, carrier = settled
        written = entry_of(item, entry, state, when, reason=reason, fact=fact, carrier=carrier)
        return Decided(item.key, state, item, written, wake=None)
    if (group is not None and group.carrier != item.key) or is_paused(item, facts):
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
        and missed(item, facts) is None
        and not is_paused(item, facts)
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
    skips = skips_of(facts, item.key)
    if skips:
        by = skips[-1]
        event = next(event for event in facts.all("item.skipped") if event.id == by)
        return State.SKIPPED, Reason("skipped-by-operator", {"event": by}), event.occurred_at, by, None
    if item.met is not None:
        state = State.SERVED if item.met.served else State.DONE
        return state, Reason("met-by-fact", {"event": item.met.event}), item.met.at, item.met.event, None
    result = next((r for r in results_about(item, entry, facts) if r.outcome == "done"), None)
    if result is not None:
        return State.DONE, Reason("result", {"event": result.event}), result.at, result.event, None
    carried = group is not None and group.carrier != item.key
    lost = None if carried else perhaps_done(item, entry, facts.record.brackets)
    if lost is not None:
        return State.UNKNOWN, lost, facts.now, None, None
    too_late = missed(item, facts)
    if too_late is not None:
        return State.MISSED, too_late, facts.now, None, None
    if group is not None and group.carrier != item.key:
        carrier = facts.record.entries.get(group.carrier)
        if carrier is not None and carrier.state in ENDED - {State.WITHDRAWN}:
            return State.MERGED, Reason("merged", {"into": group.carrier}), carrier.at, None, group.carrier
        return None
    return _late(item, entry, facts)


def missed(item: Item, facts: Facts) -> Reason | None:
    """Why an item cannot be done any more, or None while it can."""
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
