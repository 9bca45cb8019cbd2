"""Running tasks: results end them, attempts are counted, rung after rung is climbed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from journey.domain.assigning import elsewhere
from journey.domain.base_facts import BaseFacts
from journey.domain.clocks import at, local
from journey.domain.consent import ASKED_FOR, LEAST_HOLD, NEEDS_CONSENT
from journey.domain.decided import (
    Decided,
    entry_of,
    is_paused,
    results_about,
    skips_of,
)
from journey.domain.entries import Entry, Rung, State
from journey.domain.items import Item, earliest
from journey.domain.moves import Move, MoveKind
from journey.domain.periods import Period
from journey.domain.reasons import Reason
from journey.domain.values import ItemKind

A_DAY = Period(days=1)


def running(item: Item, entry: Entry, facts: BaseFacts) -> Decided:
    """The decision on an item whose task runs."""
    ended = _ended(item, entry, facts)
    if ended is not None:
        again = facts.now + LEAST_HOLD if ended.state is State.SUPPRESSED else None  # what is suppressed is judged anew
        return Decided(item.key, ended.state, item, ended, wake=again)
    current = _tried(item, _moved(item, entry, facts), facts)
    if is_paused(item, facts):
        return _climbed(item, entry, current, None, None, None, facts)
    rung = None
    if facts.now >= item.due and current.state in (State.OPEN, State.WARNED):
        current = replace(current, state=State.OVERDUE, at=facts.now)
        rung = Rung(facts.now, "overdue", item.role.value if item.role else "")
    move, wake = _next_rung(item, current, facts)
    return _climbed(item, entry, current, rung, move, wake, facts)


def _climbed(
    item: Item,
    was: Entry,
    current: Entry,
    rung: Rung | None,
    move: Move | None,
    wake: datetime | None,
    facts: BaseFacts,
) -> Decided:
    changed = current if current != was else None
    post = item.role.value if item.role is not None and elsewhere(item, was.task, facts) else None
    if post is not None and changed is None:
        changed = replace(current, item=item.document())
    return Decided(item.key, current.state, item, changed, rung, move, wake, post)


def _ended(item: Item, entry: Entry, facts: BaseFacts) -> Entry | None:
    """The entry once a fact, a result or an operator has ended the task; else None."""
    if item.met is not None:
        reason = Reason("met-by-fact", {"event": item.met.event})
        state = State.SERVED if item.met.served else State.DONE
        return entry_of(item, entry, state, item.met.at, reason=reason, fact=item.met.event)
    skips = skips_of(facts, item.key)
    if skips:
        reason = Reason("skipped-by-operator", {"event": skips[-1]})
        return entry_of(item, entry, State.SKIPPED, facts.now, reason=reason, fact=skips[-1])
    results = results_about(item, entry, facts)
    for result in results:
        if result.outcome == "done":
            reason = Reason("result", {"event": result.event})
            return entry_of(item, entry, State.DONE, result.at, reason=reason, fact=result.event)
        if result.outcome == "refused":
            reason = Reason("refused-by-owner", {"event": result.event})
            return entry_of(item, entry, State.FAILED, result.at, reason=reason, fact=result.event)
    closed = _closing(item, facts)
    if closed is not None and facts.now >= closed:
        reason = Reason("window-closed", {"closed": closed.isoformat()})
        return entry_of(item, entry, State.MISSED, facts.now, reason=reason)
    barred = _barred(item, facts)
    if barred is not None:
        return entry_of(item, entry, State.SUPPRESSED, facts.now, reason=barred)
    tries = [result for result in results if result.outcome == "not-reached"]
    if len(tries) >= item.attempts:
        reason = Reason("unreachable", {"attempts": len(tries)})
        last = tries[-1]
        ended = entry_of(item, entry, State.FAILED, last.at, reason=reason, fact=last.event)
        return replace(ended, attempts=len(tries))
    return None


def _closing(item: Item, facts: BaseFacts) -> datetime | None:
    """When its window ends it while it runs: questions at once, a text that a person tells with that day."""
    if item.expires is None or not item.is_message:
        return item.expires if item.kind is ItemKind.SURVEY else None
    last = facts.day_of(item.expires - timedelta(microseconds=1))
    return facts.begins(last + timedelta(days=1))


def _barred(item: Item, facts: BaseFacts) -> Reason | None:
    """What stops care or marketing that is under way: no consent is left, or a bereavement was noted (C7, C8)."""
    if item.message_class not in NEEDS_CONSENT:
        return None
    person, purpose = str(item.params.get("person") or facts.record.primary or ""), item.message_class.value
    agreed = set(facts.record.consents.get(person, {}))
    if item.kind is ItemKind.CALL:
        agreed -= facts.record.uncalled.get(person, frozenset())
    given = item.rule in ASKED_FOR or purpose in agreed
    code = None if given else "no-consent"
    code = code or ("bereavement" if person in facts.record.bereaved else None)
    return Reason(code, {"purpose": purpose}) if code is not None else None


def _moved(item: Item, entry: Entry, facts: BaseFacts) -> Entry:
    """A task whose due moved follows it; one that was overdue and is not any more climbs its ladder again."""
    if entry.due == item.due:
        return entry
    state, escalated = entry.state, entry.escalated_at
    if facts.now < item.due and state in (State.OVERDUE, State.ESCALATED):
        state, escalated = State.OPEN, None
    elif state is State.WARNED and item.warn is not None and facts.now < item.warn:
        state = State.OPEN
    return replace(entry, due=item.due, state=state, escalated_at=escalated, item=item.document())


def _tried(item: Item, entry: Entry, facts: BaseFacts) -> Entry:
    tries = [result for result in results_about(item, entry, facts) if result.outcome == "not-reached"]
    if len(tries) == entry.attempts:
        return entry
    if not tries:
        return replace(entry, attempts=0, next_attempt=None)
    following = _next_attempt([one.at for one in tries], _gap(item, facts), facts)
    return replace(entry, attempts=len(tries), next_attempt=following)


def _gap(item: Item, facts: BaseFacts) -> Period:
    """How long an owner is left alone between two attempts: a survey is remembered after days (C5)."""
    survey = facts.pack.survey
    return survey.remind_after if survey is not None and item.kind is ItemKind.SURVEY else A_DAY


def _next_attempt(tried: Sequence[datetime], gap: Period, facts: BaseFacts) -> datetime:
    """Another day, another hour than those tried, never on a no-call day (C8)."""
    hours = facts.pack.messages.attempt_hours
    when = [local(instant, facts.zone) for instant in tried]
    used = {min(hours, key=lambda hour: abs(hour.hour * 60 + hour.minute - one.hour * 60 - one.minute)) for one in when}
    hour = next((hour for hour in hours if hour not in used), hours[len(tried) % len(hours)])
    day = facts.day_of(facts.shift(max(when).date(), gap))
    while facts.calendar.is_no_call(day):
        day += timedelta(days=1)
    return at(day, hour, facts.zone)


def _next_rung(item: Item, entry: Entry, facts: BaseFacts) -> tuple[Move | None, datetime | None]:
    """The rung that is due, or when the next one is; a rung that kept failing waits, the rest does not."""
    now, state = facts.now, entry.state
    rungs: list[tuple[MoveKind | None, datetime | None]] = []
    if state is State.OPEN and item.warn is not None and item.warn < item.due and now < item.due:
        rungs.append((MoveKind.WARN, item.warn))
    if state in (State.OPEN, State.WARNED):
        rungs.append((None, item.due))
    if state is not State.ESCALATED and item.escalate is not None:
        rungs.append((MoveKind.ESCALATE, item.escalate))
    wakes = [_closing(item, facts)]
    for kind, instant in rungs:
        begins = max(instant, entry.until) if instant and entry.until and kind else instant
        if begins is None or now < begins:
            wakes.append(begins)
        elif kind is not None and instant is not None:
            return Move(kind, item.key, instant), None
    return None, earliest(wakes)
