"""From what a rule asks to an item of the agenda: calendar, hours, late news, operators' dates, pauses."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from journey.domain import calendar as days
from journey.domain.base_facts import BaseFacts
from journey.domain.clocks import at, end_of_day, local_date
from journey.domain.items import MESSAGE_KINDS, Ask, DayRule, Item, Met, key_of
from journey.domain.packs import filled_post, parent_post
from journey.domain.periods import Period
from journey.domain.reasons import Reason
from journey.domain.record import Hold
from journey.domain.rules import Rule
from journey.domain.values import ItemKind

NOON = time(12)


@dataclass(frozen=True, slots=True)
class Rescheduled:
    """An operator's new due instant, why, and when it was ordered."""

    to: datetime
    reason: Reason
    ordered_at: datetime

    def within_the_law(self, legal_due: datetime | None) -> tuple[datetime, tuple[Reason, ...]]:
        """The new due, never beyond the law's last second, and why it is what it is."""
        if legal_due is None or self.to <= legal_due:
            return self.to, (self.reason,)
        return legal_due, (self.reason, Reason("kept-to-law", {"legal": legal_due.isoformat()}))


@dataclass(slots=True)
class _Instants:
    planned: datetime
    due: datetime
    legal: datetime | None = None
    because: list[Reason] = field(default_factory=list)


def settle(rule: Rule, ask: Ask, j: BaseFacts, moved_to: Mapping[str, Rescheduled]) -> Item:
    """The item with every instant. `moved_to` holds operators' new dates by key."""
    key = key_of(rule.id, ask.subject, ask.occurrence)
    instants = _by_calendar(ask, j)
    expires = _expiry(ask, instants, j)
    if _late_news(ask, instants, expires, j):
        _before_closing(ask, instants)
    moved = moved_to.get(key)
    if moved:
        instants.due, because = moved.within_the_law(instants.legal)
        instants.because += because
    _pauses(rule.id, key, ask, instants, moved.ordered_at if moved else None, j)
    if expires is not None and expires < instants.due:
        expires = _closing_for_moved(ask, instants, j)
    return _item(rule, key, ask, instants, expires, j)


def _item(rule: Rule, key: str, ask: Ask, instants: _Instants, expires: datetime | None, j: BaseFacts) -> Item:
    is_message = ask.kind in MESSAGE_KINDS
    due = instants.due
    opens = due if is_message else _opening(ask, due, j)
    warn = _offset(due, ask.duty.warn, j) if ask.duty and ask.duty.warn else None
    post = filled_post(ask.role, j.pack.posts, j.record.staffed) if ask.role else None
    return Item(
        key=key,
        rule=rule.id,
        subject=ask.subject,
        occurrence=ask.occurrence,
        kind=ask.kind,
        message_class=ask.message_class,
        role=post,
        escalates_to=parent_post(post, j.pack.posts, j.record.staffed) if post else None,
        requirement=rule.asks,
        opens=opens,
        due=due,
        planned_due=instants.planned,
        legal_due=instants.legal,
        original_due=instants.planned if instants.planned != due else None,
        warn=warn if warn is not None and warn > opens else None,
        escalate=_offset(due, ask.duty.escalate, j) if ask.duty else None,
        expires=None if ask.statutory else expires,
        late=ask.late,
        when_moved=ask.when_moved,
        statutory=ask.statutory,
        recipients=ask.recipients,
        attempts=ask.duty.attempts if ask.duty else 1,
        group=ask.group,
        met=_on_its_day(ask.met, j),
        met_again=ask.met_again,
        anchor=ask.anchor,
        because=(*ask.because, *instants.because, *((ask.waits,) if ask.waits else ())),
        params=ask.params,
        waits=ask.waits,
    )


def _on_its_day(met: Met | None, j: BaseFacts) -> Met | None:
    """A fact that is told later than on its day satisfies at noon of that day (kernel §4)."""
    if met is None or met.on is None or met.on >= local_date(met.at, j.zone):
        return met
    return replace(met, at=at(met.on, NOON, j.zone))


def _by_calendar(ask: Ask, j: BaseFacts) -> _Instants:
    if isinstance(ask.last, datetime):
        return _Instants(ask.last, ask.last)
    is_message = ask.kind in MESSAGE_KINDS
    clock = j.pack.messages.window(ask.message_class)[0] if is_message else j.pack.time.task_due
    planned = at(ask.last, clock, j.zone)
    known = ask.anchor.known_at
    if is_message and planned < known and ask.last == local_date(known, j.zone):
        planned = known  # a text that follows the fact on the same day
    instants = _Instants(planned, planned)
    if ask.day is DayRule.LEGAL:
        _legal(ask, ask.last, clock, instants, j)
    elif ask.day is DayRule.CONTACT:
        _contact(ask, ask.last, clock, instants, j)
    if j.calendar.is_provisional(ask.last):
        instants.because.append(Reason("provisional-calendar", {"year": ask.last.year}))
    return instants


def _legal(ask: Ask, last: date, clock: time, instants: _Instants, j: BaseFacts) -> None:
    """Our target is pulled out of rest days while it can be; only the law's own day rolls."""
    if ask.statutory:
        rolled = ask.legal_last or days.legal_deadline(last, j.calendar)
        instants.legal = end_of_day(rolled, j.zone)
        if rolled != last and ask.legal_last is None:
            instants.because.append(Reason("legal-date-rolled", {"was": last.isoformat(), "to": rolled.isoformat()}))
    pulled = days.internal_target(last, j.calendar)
    if pulled != last and at(pulled, clock, j.zone) >= ask.anchor.known_at:
        instants.due = at(pulled, clock, j.zone)
        instants.because.append(Reason("pulled-before-rest-day", {"was": last.isoformat()}))


def _contact(ask: Ask, last: date, clock: time, instants: _Instants, j: BaseFacts) -> None:
    """Out of public holidays: before them; a call that cannot go before 除夕–初三 waits for the first hour after."""
    pulled = days.contact_day(last, j.calendar)
    if pulled == last:
        return
    was = {"was": last.isoformat()}
    if at(pulled, clock, j.zone) >= ask.anchor.known_at and not _too_soon(ask, pulled, last):
        instants.due = at(pulled, clock, j.zone)
        instants.because.append(Reason("pulled-before-holiday", was))
    elif (
        ask.kind not in MESSAGE_KINDS
        and days.over_no_call(pulled, last, j.calendar)
        and not _is_history(ask, instants.planned, j)
    ):
        opening = j.pack.time.office_hours[0][0]
        day = days.first_working_day_after_no_call(last, j.calendar)
        instants.due = at(day, opening, j.zone) + timedelta(hours=1)
        instants.because.append(Reason("pushed-after-festival", was))
    elif ask.follows:
        instants.due = at(j.calendar.working_day_on_or_after(last), clock, j.zone)
        instants.because.append(Reason("pushed-after-holiday", was))


def _too_soon(ask: Ask, day: date, last: date) -> bool:
    """Whether what follows a contact would come within half its interval of it."""
    return ask.follows and (day - ask.anchor.on) * 2 < last - ask.anchor.on


def _expiry(ask: Ask, instants: _Instants, j: BaseFacts) -> datetime | None:
    """When the window closes; None = never. Statutory duties never expire."""
    if ask.statutory:
        return None
    window = _window(ask)
    ends = _offset(max(instants.due, instants.planned), window, j) if window else None
    if ask.closes is not None:
        return min(ends, ask.closes) if ends else ask.closes
    return ends


def _late_news(ask: Ask, instants: _Instants, expires: datetime | None, j: BaseFacts) -> bool:
    known = ask.anchor.known_at
    if instants.due >= known or ask.statutory or (expires is not None and expires <= known):
        return False
    if _is_history(ask, instants.planned, j):
        return False
    instants.due = _grace(known, ask.kind, j)
    instants.because.append(Reason("late-news", {"known": local_date(known, j.zone).isoformat()}))
    return True


def _is_history(ask: Ask, planned: datetime, j: BaseFacts) -> bool:
    """Due before what counts, and nobody's open work: it is missed as it stood, and gets no other day."""
    return planned < j.counts_from and ask.anchor.event not in j.carried


def _before_closing(ask: Ask, instants: _Instants) -> None:
    """Grace never reaches past the end of what the item is about: a text then goes at once, work ends with it."""
    if ask.closes is not None and instants.due >= ask.closes:
        instants.due = ask.anchor.known_at if ask.kind in MESSAGE_KINDS else ask.closes


def _grace(known: datetime, kind: ItemKind, j: BaseFacts) -> datetime:
    grace = j.pack.time.grace
    if grace.is_subday:
        return known + grace.as_timedelta()
    clock = j.pack.messages.window("contract")[0] if kind in MESSAGE_KINDS else j.pack.time.task_due
    return at(days.add(local_date(known, j.zone), grace, j.calendar), clock, j.zone)


def _pauses(rule_id: str, key: str, ask: Ask, instants: _Instants, ordered_at: datetime | None, j: BaseFacts) -> None:
    """A pause stops the clock of work that runs or would run; statutory clocks never stop; messages follow `late=`.

    Pauses that overlap count once; what lies before an operator's new date does not count.
    """
    if not j.record.holds or ask.statutory or ask.kind in MESSAGE_KINDS:
        return
    holds = [hold for hold in j.record.holds if hold.released_at and _pauses_item(hold, ask, rule_id, key)]
    if not holds:
        return
    counted_to = max(_opening(ask, instants.due, j), ordered_at or j.record.started_at)
    stood = timedelta()
    for hold in sorted(holds, key=lambda hold: hold.placed_at):
        begin = max(hold.placed_at, counted_to)
        if hold.released_at is not None and begin < hold.released_at and hold.placed_at < instants.due + stood:
            stood += hold.released_at - begin
            counted_to = hold.released_at
    if stood:
        instants.due += stood
        instants.because.append(Reason("paused", {"seconds": int(stood.total_seconds())}))


def _pauses_item(hold: Hold, ask: Ask, rule_id: str, key: str) -> bool:
    return hold.how == "pause" and hold.concerns(message_class=ask.message_class.value, rule=rule_id, key=key)


def _closing_for_moved(ask: Ask, instants: _Instants, j: BaseFacts) -> datetime | None:
    """An item moved past its old window by grace, an operator or a pause keeps a window of its own."""
    window = _window(ask)
    return _offset(instants.due, window, j) if window else None


def _window(ask: Ask) -> Period | None:
    if ask.window is not None:
        return ask.window
    return ask.duty.window if ask.duty is not None else None


def _opening(ask: Ask, due: datetime, j: BaseFacts) -> datetime:
    """Tasks open when known, but not earlier than their lead before their due."""
    lead = j.pack.time.task_lead if ask.lead is None else ask.lead
    start = due - lead.as_timedelta() if lead.is_subday else _offset(due, -lead, j)
    if ask.follows:
        start = max(start, at(ask.anchor.on + timedelta(days=1), time(0), j.zone))
    return max(ask.anchor.known_at, start)


def _offset(instant: datetime, period: Period, j: BaseFacts) -> datetime:
    moved = j.shift(instant, period)
    assert isinstance(moved, datetime)  # an instant in, an instant out
    return moved
