"""Pages of a broadcast: decide and reserve one in one transaction, record its answers in another.

Each recipient is decided by himself, as any send is. The reservation is the outbox row; a page that breaks off after it
is met again, and decided again.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from journey.domain.broadcasts import BUSY, LIVE, BroadcastState
from journey.domain.calendar import WorkCalendar
from journey.domain.entries import State
from journey.domain.reasons import Reason
from journey.domain.values import MessageClass
from journey.store import breakers, broadcast_audience, broadcasts
from journey.store.broadcast_attempts import attempts_of, mark_of, not_asked, not_yet
from journey.store.broadcast_audience import Waiting
from journey.store.broadcast_marks import Mark, write_marks
from journey.store.broadcast_review import control_of
from journey.store.bulk import among
from journey.store.judging import Attempt, Granted, calling_days, judge
from journey.store.outbox import Answered, Sending, Taken, Verdict, pause_after, waits_until
from journey.store.reading import ours
from journey.store.recording import record_answers
from journey.store.reserving import end_refused, reserve_rows
from journey.store.shelf import Shelf
from journey.store.tables import broadcast_recipients

WAITS = (State.RESERVED, State.HELD)
A_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Booked:
    """A reserved send of a page, with the mark that it leaves for now."""

    mark: Mark
    sending: Sending


@dataclass(frozen=True, slots=True)
class Page:
    """A page after its transaction: what is to be called, who was decided on without a call.

    Its calls begin after `begins_in`, each `apart` from the one before. `until`: nobody is due before it; `later`: the
    throttle takes no page before it; `stale`: another page went before this one; `paused`, `over`: no more pages, for
    now or for good.
    """

    booked: Sequence[Booked] = ()
    decided: Sequence[Verdict] = ()
    begins_in: timedelta = timedelta()
    apart: timedelta = timedelta()
    until: datetime | None = None
    later: datetime | None = None
    stale: bool = False
    paused: bool = False
    over: bool = False


@dataclass(frozen=True, slots=True)
class Landed:
    """What became of a booked send, and the outbox row's new state (None: its reservation stands).

    `at_once`: another channel may carry it; `not_before`: how long its provider asks to be left alone; `dead`: its
    address is no good.
    """

    booked: Booked
    state: State
    row: str | None
    reason: Reason | None = None
    taken: Taken | None = None
    at_once: bool = False
    not_before: timedelta | None = None
    dead: bool = False

    @property
    def answered(self) -> Answered:
        """The answer as the outbox takes it."""
        sending = self.booked.sending
        dead = sending if self.dead else None
        return Answered(sending.message, self.row or "reserved", self.taken, self.reason, dead)


def look_ahead(
    session: Session, broadcast: str, now: datetime, size: int, flying: Sequence[str] = ()
) -> Waiting | None:
    """Whom a broadcast turns to next, `flying` being called already; None when it has no pages to take."""
    row = broadcasts.broadcast_row(session, broadcast)
    if row is None or row.state not in BUSY:
        return None
    return broadcast_audience.waiting(session, row, now, size, flying)


def reserve_page(
    session: Session,
    broadcast: str,
    seen: Waiting,
    now: datetime,
    *,
    shelf: Shelf,
    namespace_id: str | None,
    carriers: Mapping[str, str] | None = None,
    approving: Collection[str] = (),
) -> Page:
    """Decide on everybody who was seen waiting, and reserve the sends that may go.

    `carriers` names the provider of each channel of the installation, `approving` the channels whose providers take
    only texts that they know.
    """
    row = broadcasts.broadcast_row(session, broadcast, lock=True)
    if not ours(session, namespace_id):
        return Page(over=True)
    if row is None or row.state not in BUSY:
        return _standing(session, row)
    if row.followed < row.orders:
        broadcasts.moved_on(session, row.id, followed=row.orders)
    if (row.cursor, row.paged_at) != (seen.cursor, seen.paged_at):
        return Page(stale=True)
    if not seen.people and seen.upto is None:
        return _through(session, row, now)
    if row.state == BroadcastState.CANCELLING:
        return _withdrawn(session, row, seen, now, shelf)
    rate = pace(session, row, shelf, now)
    if rate is None:
        return _taken(session, row, seen, now, shelf, carriers, approving)
    begins = max(now, row.next_at or now)
    if begins > now + A_SECOND:
        return Page(later=begins - A_SECOND)
    page = _taken(session, row, seen.pages(rate)[0], now, shelf, carriers, approving)
    if page.booked:
        broadcasts.moved_on(session, row.id, next_at=begins + A_SECOND * len(page.booked) / rate)
    return replace(page, begins_in=begins - now, apart=A_SECOND / rate)


def stand_still(session: Session, broadcast: str) -> Page:
    """What became of a broadcast that has no pages to take; its orders count as seen."""
    return _standing(session, broadcasts.broadcast_row(session, broadcast, lock=True))


def _standing(session: Session, row: Any | None) -> Page:
    if row is None or row.state not in LIVE:
        return Page(over=True)
    if row.state in BUSY:  # let go in this instant
        return Page(stale=True)
    broadcasts.moved_on(session, row.id, followed=row.orders)
    return Page(paused=True)


def pace(session: Session, row: Any, shelf: Shelf, now: datetime) -> int | None:
    """Messages a second: the broadcast's own number, else the pack's; None without a throttle, as in an emergency."""
    if row.message_class == MessageClass.EMERGENCY:
        return None
    if row.rate is not None:
        return int(row.rate)
    control = control_of(session, row.project_id, shelf, now)
    return control.rate_per_second if control is not None else None


def _taken(
    session: Session,
    row: Any,
    seen: Waiting,
    now: datetime,
    shelf: Shelf,
    carriers: Mapping[str, str] | None,
    approving: Collection[str],
) -> Page:
    """The page of those who were seen."""
    met, seen = _met(session, row.id, seen)
    attempts, marks = attempts_of(session, row, seen, now, shelf, met)
    gate = breakers.gate(session, now, carriers)
    calendars = _calling_days(session, shelf, attempts)
    attempts = [
        replace(one, gate=gate, calendar=calendars.get(one.version.hash), texts=shelf.texts, approving=approving)
        for one in attempts
    ]
    page = _decided(session, row, attempts, marks, now, met)
    gate.write(session)
    if not seen.again:
        broadcasts.moved_on(session, row.id, cursor=seen.upto)
    return page


def _withdrawn(session: Session, row: Any, seen: Waiting, now: datetime, shelf: Shelf) -> Page:
    """Nobody is asked for any more; of whom a call may have been made, nobody knows the end."""
    met, seen = _met(session, row.id, seen)
    attempts, marks = attempts_of(session, row, seen, now, shelf, met)
    reason = Reason("cancelled")
    marks += [mark_of(one, not_asked(session, one, reason), met) for one in attempts]
    write_marks(session, row.id, marks, now, met)
    if not seen.again:
        broadcasts.moved_on(session, row.id, cursor=seen.upto)
    return Page(decided=[mark.verdict for mark in marks])


def _through(session: Session, row: Any, now: datetime) -> Page:
    """Every page is through: who came late is next, then those who are held; then it closes."""
    if row.state == BroadcastState.CANCELLING:
        broadcasts.moved_on(session, row.id, state=BroadcastState.CANCELLED.value, closed_at=now)
        return Page(over=True)
    if row.paged_at is None:
        broadcasts.moved_on(session, row.id, paged_at=now, cursor=None)
        return Page()
    until = broadcasts.next_held(session, row.id)
    if until is not None:
        return Page(until=until)
    broadcasts.moved_on(session, row.id, state=BroadcastState.CLOSED.value, closed_at=now)
    return Page(over=True)


def _met(session: Session, broadcast: str, seen: Waiting) -> tuple[dict[str, Any], Waiting]:
    """The rows of those who were met before; who is still to be decided on: others may have done it meanwhile."""
    rows = session.execute(
        select(broadcast_recipients).where(
            broadcast_recipients.c.broadcast_id == broadcast,
            among(session, broadcast_recipients.c.person_id, seen.people),
        )
    )
    found = {row.person_id: row for row in rows}
    waits = {person for person, row in found.items() if row.state in WAITS}
    people = [one for one in seen.people if (one in waits if seen.again else one not in found)]
    return found, replace(seen, people=people)


def _calling_days(session: Session, shelf: Shelf, attempts: Sequence[Attempt]) -> dict[str, WorkCalendar | None]:
    """By pack version: the calendar that says on which days nobody is called. A page has one class."""
    versions = {one.version.hash: one for one in attempts}
    return {name: calling_days(session, shelf, one.version, one.item["class"]) for name, one in versions.items()}


def _decided(
    session: Session, row: Any, attempts: Sequence[Attempt], marks: list[Mark], now: datetime, met: Mapping[str, Any]
) -> Page:
    """The page of the attempts that may go; everybody's mark is written."""
    granted: list[tuple[Attempt, Granted]] = []
    for attempt in attempts:
        judged = not_yet(attempt) or judge(attempt)
        if isinstance(judged, Granted):
            granted.append((attempt, judged))
        else:
            marks.append(mark_of(attempt, end_refused(session, attempt, judged), met))
    sendings = reserve_rows(session, granted)
    booked = [
        Booked(mark_of(attempt, Verdict(attempt.person, State.RESERVED), met), one)
        for (attempt, _), one in zip(granted, sendings, strict=True)
    ]
    write_marks(session, row.id, [*marks, *(one.mark for one in booked)], now, met)
    return Page(booked, [mark.verdict for mark in marks])


def record_page(session: Session, broadcast: str, landed: Sequence[Landed], now: datetime, real_now: datetime) -> None:
    """What the providers said: outbox rows, entries, timelines and the recipients' rows follow.

    A late answer that does not raise its outbox row changes nothing: another attempt has had the last word.
    """
    raised = record_answers(session, [one.answered for one in landed], now, real_now)
    marks = [_landed(one, now) for one in landed if one.booked.sending.message in raised]
    write_marks(session, broadcast, marks, now, {mark.verdict.person for mark in marks})


def _landed(one: Landed, now: datetime) -> Mark:
    """The mark of a send that was called; one that waits for its provider is held, each time for longer."""
    mark, person = one.booked.mark, one.booked.mark.verdict.person
    if one.at_once:
        return Mark(mark.journey, mark.item, Verdict(person, State.HELD, one.reason, now), mark.tries)
    if one.state not in WAITS:
        return Mark(mark.journey, mark.item, Verdict(person, one.state, one.reason), mark.tries)
    until = max(now + pause_after(mark.tries + 1), waits_until(now, one.not_before) or now)
    return Mark(mark.journey, mark.item, Verdict(person, State.HELD, one.reason, until), mark.tries + 1)
