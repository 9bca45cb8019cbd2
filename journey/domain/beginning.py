"""Items that nothing binds: settled on paper, left to wait, or begun (`kernel.md` §4, Late)."""

from datetime import datetime

from journey.domain.base_facts import BaseFacts
from journey.domain.brackets import perhaps_done
from journey.domain.clocks import local_date
from journey.domain.decided import Decided, entry_of, is_paused, results_about, skips_of
from journey.domain.entries import ENDED, Entry, State
from journey.domain.groups import Group
from journey.domain.items import Item, Late, earliest
from journey.domain.moves import Move, MoveKind
from journey.domain.reasons import Reason
from journey.domain.rules import ALWAYS, BROADCAST, NOTICE, RELEASES, RULES
from journey.domain.values import ItemKind

OUTAGES = frozenset({"provider-away", "provider-stopped", "template-stopped", "catching-up"})  # what holds a send


def free(item: Item, entry: Entry | None, facts: BaseFacts, group: Group | None) -> Decided:
    """The decision on an item that no entry binds."""
    if entry is None and _only_waits(item, facts, group):
        closes_first = item.expires is not None and item.expires < item.opens
        return Decided(item.key, None, item, wake=item.expires if closes_first else item.opens)
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
    if item.waits is not None and not _reached(_law_presses(item, facts), facts):
        return _waiting(item, item.waits, entry, facts)
    return _begin(item, entry, facts)


def _waiting(item: Item, reason: Reason, entry: Entry | None, facts: BaseFacts) -> Decided:
    """Its time has come and something else has not: held with that reason, until the news that ends it is planned."""
    wake = earliest([_next_look(item, facts), _law_presses(item, facts)])
    if entry is not None and entry.state is State.HELD and entry.reason == reason and entry.due == item.due:
        return Decided(item.key, State.HELD, item, wake=wake)
    held = entry_of(item, entry, State.HELD, facts.now, reason=reason)
    return Decided(item.key, State.HELD, item, held, wake=wake)


def _law_presses(item: Item, facts: BaseFacts) -> datetime | None:
    """When a statutory duty that waits comes before a person all the same: the law's last day begins at the office."""
    if not item.statutory or item.legal_due is None:
        return None
    return facts.opening_of(local_date(item.legal_due, facts.zone))


def _reached(instant: datetime | None, facts: BaseFacts) -> bool:
    return instant is not None and instant <= facts.now


def _only_waits(item: Item, facts: BaseFacts, group: Group | None) -> bool:
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


def _next_look(item: Item, facts: BaseFacts) -> datetime | None:
    return item.expires if item.expires is not None and item.expires > facts.now else None


Settled = tuple[State, Reason, datetime, str | None, str | None]


def _without_the_world(item: Item, entry: Entry | None, facts: BaseFacts, group: Group | None) -> Settled | None:
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


def missed(item: Item, facts: BaseFacts) -> Reason | None:
    """Why an item cannot be done any more, or None while it can."""
    before = _before_go_live(item, facts)
    if before is not None or item.expires is None:
        return before
    release = RELEASES[RULES[item.rule].since]
    if release is not ALWAYS and release > local_date(item.expires, facts.zone):
        return Reason("newer-rule", {"since": release.isoformat()})
    if item.expires <= item.anchor.known_at:
        return Reason("late-news", {"known": item.anchor.known_at.isoformat()})
    if item.expires <= facts.now:
        return Reason("window-closed", {"closed": item.expires.isoformat()})
    return None


def _before_go_live(item: Item, facts: BaseFacts) -> Reason | None:
    starts = facts.counts_from
    if item.planned_due >= starts or item.anchor.event in facts.carried:  # what came with the home has begun before
        return None
    return Reason("before-go-live", {"from": starts.isoformat()})


def _late(item: Item, entry: Entry | None, facts: BaseFacts) -> Settled | None:
    """What an outage delayed goes by the rule's `late=`: ours, or one of a provider that kept the send waiting."""
    if not _by_an_outage(entry) or not _delayed(item, facts) or item.late in (Late.DO, Late.ESCALATE):
        return None
    if item.late is Late.SKIP:
        return State.SKIPPED, Reason("late", {"due": item.due.isoformat()}), facts.now, None, None
    into = _next_one(item, facts)
    return (State.MERGED, Reason("merged", {"into": into}), facts.now, None, into) if into is not None else None


def _next_one(item: Item, facts: BaseFacts) -> str | None:
    """The last of its kind that waits as well, else the next one once that is nearer than the day this one had."""
    kind = item.key.rsplit("/", 1)[0] + "/"  # «COMPONENT/d-30» goes with COMPONENT's other notices alone
    later = sorted(
        (other.due, key)
        for key, other in facts.asked.items()
        if key.startswith(kind) and other.due > item.due and _stays_planned(other, facts)
    )
    waiting = [key for due, key in later if due <= facts.now]
    if waiting:
        return waiting[-1]
    return later[0][1] if later and later[0][0] - facts.now <= facts.now - item.due else None


def _stays_planned(item: Item, facts: BaseFacts) -> bool:
    """Whether nothing was done for it yet and nothing ends it now: what this very plan leaves planned."""
    untouched = facts.record.entries.get(item.key) is None
    return untouched and _without_the_world(item, None, facts, facts.groups.get(item.key)) is None


def _by_an_outage(entry: Entry | None) -> bool:
    """Nothing of it was tried, or a provider or a text that failed keeps it waiting; quiet hours are no outage."""
    if entry is None:
        return True
    return entry.state is State.HELD and entry.reason is not None and entry.reason.code in OUTAGES


def _to_a_person(item: Item, entry: Entry | None, facts: BaseFacts) -> bool:
    """A delayed message that may not wait any longer, by its rule or because the law asks for it, goes another way."""
    if not item.is_message or not _by_an_outage(entry) or not _delayed(item, facts):
        return False
    return item.statutory or (item.late is Late.ESCALATE and _half_over(item, facts))


def _half_over(item: Item, facts: BaseFacts) -> bool:
    """Whether half of its window has gone by: until then it may still go out by itself."""
    return item.expires is None or facts.now - item.due >= (item.expires - item.due) / 2


def _delayed(item: Item, facts: BaseFacts) -> bool:
    after = facts.shift(max(item.due, item.anchor.known_at), facts.pack.time.late_after)
    return isinstance(after, datetime) and facts.now > after


def _begin(item: Item, entry: Entry | None, facts: BaseFacts) -> Decided:
    to_a_person = _to_a_person(item, entry, facts)
    kind = send_kind(item.key) if item.is_message and not to_a_person else MoveKind.OPEN
    kind = MoveKind.BEGIN if item.kind is ItemKind.JOURNEY else kind
    return Decided(item.key, _shown(entry), item, move=Move(kind, item.key, item.due))


def send_kind(key: str) -> MoveKind:
    """How the message of an item goes out: by its own agenda, or by a broadcast."""
    name = key.split("/", 1)[0]
    rule = RULES.get(name)
    by_many = rule.executor == BROADCAST if rule is not None else name == NOTICE
    return MoveKind.BROADCAST if by_many else MoveKind.SEND
