"""What becomes of one item now: left planned, written down, or moved (`kernel.md` §5, Entries)."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from journey.domain import care
from journey.domain.agendas import AgendaKind
from journey.domain.base_facts import BaseFacts
from journey.domain.beginning import free, missed, send_kind
from journey.domain.climbing import running
from journey.domain.clocks import at
from journey.domain.consent import LEAST_HOLD
from journey.domain.decided import Decided, concerns, entry_of, month_of, skips_of, stands_open
from journey.domain.entries import WENT_OUT, Entry, State
from journey.domain.groups import Group
from journey.domain.items import Item
from journey.domain.moves import Move, MoveKind
from journey.domain.reasons import Reason
from journey.domain.unknowns import after_decision, given_up
from journey.domain.values import ItemKind

ONCE_SENT = (State.SENT, State.DELIVERED, State.UNKNOWN)
A_DAY = timedelta(days=1)
ON_RESULT = (State.DONE, State.SERVED, State.FAILED)
REACHED = ("no-address", "invalid-address", "unverified-address", "no-channel-left")  # until he may be reached again


def decide(item: Item, entry: Entry | None, facts: BaseFacts, group: Group | None) -> Decided:
    """The decision on an item that is asked for."""
    if entry is not None and entry.running:
        return running(item, entry, facts)
    if entry is not None and entry.state is State.RESERVED:
        return _reserved(item.key, item, entry, facts)
    if entry is not None and _proved(item, entry):
        return _served(item, entry)
    found_out = after_decision(item, entry, facts) if entry is not None else None
    if found_out is not None:
        return _found_out(item, found_out, facts, group)
    if entry is not None and _binding(item, entry, facts, group):
        return Decided(item.key, entry.state, item, _marked(entry, facts), wake=_look_again(item, entry, facts))
    return free(item, entry, facts, group)


def decide_unasked(key: str, entry: Entry | None, facts: BaseFacts) -> Decided:
    """An item of the ledger or the last agenda that nobody asks for any more: withdrawn, unless it is history."""
    reason = Reason("not-asked")
    if entry is None and facts.presumed(key):
        return Decided(key, None)
    if entry is None:
        return Decided(key, State.WITHDRAWN, entry=Entry(key, State.WITHDRAWN, facts.now, reason=reason))
    if entry.state is State.RESERVED:
        return _reserved(key, None, entry, facts)
    found_out = after_decision(None, entry, facts)
    if found_out is not None:
        return Decided(key, found_out.state, entry=found_out)
    if entry.state is State.HELD and facts.kind is AgendaKind.JOURNEY and send_kind(key) is MoveKind.BROADCAST:
        return Decided(key, entry.state)  # the broadcast's to send
    if entry.running or entry.state is State.HELD:
        gone = replace(entry, state=State.WITHDRAWN, at=facts.now, reason=reason, until=None, tries=0)
        return Decided(key, State.WITHDRAWN, entry=gone)
    if entry.state in ON_RESULT and entry.fact is not None and _taken_away(entry.fact, facts):
        return Decided(key, State.WITHDRAWN, entry=replace(entry, state=State.WITHDRAWN, at=facts.now, reason=reason))
    return Decided(key, entry.state, entry=_marked(entry, facts))


def _found_out(item: Item, entry: Entry, facts: BaseFacts, group: Group | None) -> Decided:
    """A person found out how a send ended; one that did not happen may go again, as anything that is held."""
    if entry.state is not State.HELD:
        return Decided(item.key, entry.state, item, entry)
    again = free(item, entry, facts, group)
    return again if again.entry is not None else replace(again, entry=entry)


def _proved(item: Item, entry: Entry) -> bool:
    """Whether a letter that somebody reported sent off is proved to have arrived."""
    return entry.state is State.DONE and item.kind is ItemKind.LETTER and item.met is not None and item.met.served


def _served(item: Item, entry: Entry) -> Decided:
    """What was sent off is served for the day that it was sent for, also when that day has moved since."""
    assert item.met is not None  # proved by it
    reason = Reason("met-by-fact", {"event": item.met.event})
    served = replace(
        entry_of(item, entry, State.SERVED, item.met.at, reason=reason, fact=item.met.event),
        anchor_event=entry.anchor_event, anchor_on=entry.anchor_on, moved_by=entry.moved_by,
    )  # fmt: skip
    return Decided(item.key, State.SERVED, item, served)


# -- entries that bind ------------------------------------------------------------------------------------------------


def _binding(item: Item, entry: Entry, facts: BaseFacts, group: Group | None) -> bool:
    """Whether what was done or decided still stands, so that planning leaves the item alone."""
    state, failed = entry.state, given_up(item, entry)
    if failed is not None:
        return failed
    if state in ON_RESULT and entry.fact is not None:
        return _stands(item, entry.fact, facts)
    if state in (*ONCE_SENT, State.SERVED, State.DONE):
        return True
    if state is State.SKIPPED:
        return entry.fact in skips_of(facts, item.key) if entry.by_operator else entry.due == item.due
    if state is State.MERGED:
        return _carrier_stands(entry, facts, group)
    if state is State.MISSED:
        too_late = missed(item, facts)
        return too_late is not None and entry.reason is not None and too_late.code == entry.reason.code
    if state is State.SUPPRESSED:
        return not skips_of(facts, item.key) and _still_suppressed(item, entry, facts)
    if state is State.FAILED:
        return entry.due == item.due and not _reachable_again(entry, facts)
    return False  # held, withdrawn: wanted again


def _stands(item: Item, fact: str, facts: BaseFacts) -> bool:
    if item.met is not None and item.met.event == fact:
        return True
    return any(event.id == fact for event in facts.judged.live)


def _taken_away(fact: str, facts: BaseFacts) -> bool:
    """Whether a fact of this journey was told and does not count any more."""
    return fact in facts.judged.opinions and all(event.id != fact for event in facts.judged.live)


def _marked(entry: Entry, facts: BaseFacts) -> Entry | None:
    """What went out on a fact that was taken back stays, with a mark (`kernel.md` §5); None when nothing changes."""
    by = facts.taken_back.get(entry.key) if entry.state in WENT_OUT else None
    marked = entry.reason is not None and entry.reason.code == "put-right"
    if by is None:
        return replace(entry, reason=None) if marked and entry.state in WENT_OUT else None
    reason = Reason("put-right", {"event": by})
    return replace(entry, reason=reason) if entry.reason != reason else None


def _look_again(item: Item, entry: Entry, facts: BaseFacts) -> datetime | None:
    """When to judge a suppressed message anew: a minute later, a stop of care daily, a cap in the next month."""
    if entry.state is not State.SUPPRESSED:
        return None
    if facts.now < entry.at + LEAST_HOLD:
        return entry.at + LEAST_HOLD
    if entry.reason is not None and entry.reason.code in care.CODES:
        again = entry.at + A_DAY
        return again if item.expires is None or again < item.expires else None
    if entry.reason is None or entry.reason.code != "cap":
        return None
    year, month = month_of(entry.at, facts)
    begins = at(date(year + month // 12, month % 12 + 1, 1), time(0), facts.zone)
    return begins if begins > facts.now and (item.expires is None or begins < item.expires) else None


def _carrier_stands(entry: Entry, facts: BaseFacts, group: Group | None) -> bool:
    if entry.carrier is None:
        return False
    if entry.carrier == entry.key:  # one person's item has the same key in each of his journeys
        return entry.reason is not None and entry.reason.params.get("into") not in (
            None,
            facts.record.journey,
            entry.key,
        )
    carrier = facts.record.entries.get(entry.carrier)
    if carrier is None:  # carried by another journey's message, or by the next occurrence of its rule
        return True
    return carrier.state is not State.WITHDRAWN or (group is not None and group.carrier == entry.carrier)


def _still_suppressed(item: Item, entry: Entry, facts: BaseFacts) -> bool:
    """Until its reason ends while its window is open (`kernel.md` §5); a fresh decision stands for a minute."""
    if facts.now < entry.at + LEAST_HOLD:
        return True
    if item.expires is not None and facts.now >= item.expires and entry.due == item.due:
        return True
    code = entry.reason.code if entry.reason else ""
    person = str(item.params.get("person") or facts.record.primary or "")
    if code == "no-consent":
        given = facts.record.consents.get(person, {}).get(item.message_class.value)
        return given is None or given <= entry.at  # only a later one ends it: the send knows the channel
    if code == "muted":
        return any(hold.how == "mute" and stands_open(hold) and concerns(hold, item) for hold in facts.record.holds)
    if code == "bereavement":
        return person in facts.record.bereaved
    if code == "cap":
        return month_of(entry.at, facts) == month_of(facts.now, facts)
    if code in care.CODES:  # they may stand on another home of the person: the send looks, once a day
        return facts.now < entry.at + A_DAY
    return entry.due == item.due


def _reachable_again(entry: Entry, facts: BaseFacts) -> bool:
    code = entry.reason.code if entry.reason else ""
    since = facts.record.reachable_since
    return code in REACHED and since is not None and since > entry.at


def _reserved(key: str, item: Item | None, entry: Entry, facts: BaseFacts) -> Decided:
    """A send has begun and only the send move ends it, also when nobody asks for the item any more."""
    if entry.until is not None and facts.now < entry.until:
        return Decided(key, entry.state, item, wake=entry.until)
    return Decided(key, entry.state, item, move=Move(send_kind(key), key, entry.due or facts.now))
