"""The recipients of a page as attempts: by which homes each is reached, and what the outbox has of him."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from journey.domain.clocks import local, local_date
from journey.domain.entries import State
from journey.domain.packs import PackVersion
from journey.domain.reasons import Reason
from journey.domain.values import MessageClass
from journey.domain.verdicts import as_told_right
from journey.store import broadcast_audience
from journey.store.addressees import addressees, locked_people
from journey.store.broadcast_audience import Waiting
from journey.store.broadcast_marks import Mark, item_of
from journey.store.broadcasts import WORDS
from journey.store.bulk import among
from journey.store.inbox import as_event
from journey.store.judging import Attempt, Refused, already
from journey.store.outbox import Verdict, pause_after, provider_away
from journey.store.repairing import REPAIRS
from journey.store.reserving import end_refused
from journey.store.shelf import Shelf, shelf_name
from journey.store.tables import events, journeys, messages, projects, units


def attempts_of(
    session: Session, row: Any, seen: Waiting, now: datetime, shelf: Shelf, met: Mapping[str, Any]
) -> tuple[list[Attempt], list[Mark]]:
    """An attempt for each person whom the broadcast still reaches; marks of those that it does not, or came late."""
    who = locked_people(session, seen.people)
    reached = broadcast_audience.homes_of(session, row, list(who))
    homes = {person: _carrier_first(reached.get(person, ()), met.get(person)) for person in who}
    homes = {person: found for person, found in homes.items() if found}
    rows = home_rows(session, [home for found in homes.values() for home in found], lock=True)
    versions = versions_of(session, rows, shelf, now)
    about = {person: _told_of(found, reached.get(person, ())) for person, found in homes.items()}
    known = addressees(session, {person: who[person] for person in homes}, about, now)
    again = {person: one.again for person, one in met.items()}
    items = {person: item_of(row, person, known[person].who.zone or row.zone, again.get(person)) for person in homes}
    begun = outbox_rows(session, [f"{item['key']}/{person}" for person, item in items.items()])
    words = words_of(session, row)
    attempts = [
        Attempt(
            found[0], items[person], known[person], rows[about[person][0]],
            begun.get(f"{items[person]['key']}/{person}"), versions[about[person][0]], now, homes=found,
            words=words,
        )
        for person, found in homes.items()
    ]  # fmt: skip
    gone = [attempt for attempt in attempts if attempt.person not in reached]
    marks = [Mark(one.journey, dict(one.item), not_asked(session, one, Reason("not-asked"))) for one in gone]
    going = [attempt for attempt in attempts if attempt.person in reached]
    if seen.late:
        reason = Reason("joined-later")
        marks += [
            Mark(one.journey, dict(one.item), Verdict(one.person, State.MISSED, reason), also=one.homes[1:])
            for one in going
        ]
        going = []
    return going, marks


def mark_of(attempt: Attempt, verdict: Verdict, met: Mapping[str, Any]) -> Mark:
    """What is kept of a decision; one that waits for the approval of its text is asked again ever less often."""
    tries = met[attempt.person].tries if attempt.person in met else 0
    if verdict.state is State.HELD and provider_away(verdict):
        tries += 1
        verdict = replace(verdict, until=attempt.now + pause_after(tries))
    return Mark(attempt.journey, dict(attempt.item), verdict, tries, attempt.homes[1:])


def not_yet(attempt: Attempt) -> Refused | None:
    """The hours of a greeting have not begun where the person lives; an emergency that is over is no news any more.

    One whose event is void has no words.
    """
    if attempt.begun:
        return None
    if attempt.words.get(WORDS) == "":
        return Refused(Verdict(attempt.person, State.SUPPRESSED, Reason("voided")))
    opens, expires = (datetime.fromisoformat(attempt.item[name]) for name in ("opens", "expires"))
    if attempt.now < opens:
        his = local(opens, attempt.to.who.zone or attempt.home.zone)
        return Refused(Verdict(attempt.person, State.HELD, Reason("not-yet", {"until": his.isoformat()}), opens))
    if attempt.now >= expires and attempt.item["class"] == MessageClass.EMERGENCY:
        return Refused(Verdict(attempt.person, State.SUPPRESSED, Reason("window-closed")))
    return None


def words_of(session: Session, row: Any) -> Mapping[str, Any]:
    """What a broadcast says in words of its own: by language those it was asked for with, else those of its event.

    The words of an event stand as they are corrected now.
    """
    event = row.params.get("event")
    if event is None:
        return {WORDS: row.params[WORDS]} if row.params.get(WORDS) else {}
    repairs = (events.c.project_id == row.project_id) & events.c.type.in_(REPAIRS)
    told = [as_event(one) for one in session.execute(select(events).where((events.c.id == event) | repairs))]
    right = as_told_right(sorted(told, key=lambda one: one.order))[0]
    return {WORDS: next((str(one.data.get("text", "")) for one in right if one.id == event), "")}


def not_asked(session: Session, attempt: Attempt, reason: Reason) -> Verdict:
    """Nobody asks any more: withdrawn, unless the provider was called already, or it went out before."""
    settled = already(attempt.row, attempt.journey, attempt.person)
    if settled is not None:
        return settled
    called = attempt.begun and attempt.row.calls > 0
    verdict = Verdict(attempt.person, State.UNKNOWN if called else State.WITHDRAWN, reason)
    return end_refused(session, attempt, Refused(verdict, "unknown" if called else "failed" if attempt.begun else None))


def _carrier_first(reached: Sequence[str], row: Any) -> list[str]:
    """The homes of a person; the one that carries his message stays the first, also when it is not reached any more."""
    if row is None:
        return list(reached)
    return [str(row.journey_id), *(home for home in reached if home != row.journey_id)]


def _told_of(homes: Sequence[str], reached: Sequence[str]) -> Sequence[str]:
    """The homes that a message speaks of and is kept back for: not one that only carries it still."""
    return [home for home in homes if home in reached] or homes


def home_rows(session: Session, homes: Sequence[str], *, lock: bool = False) -> dict[str, Any]:
    """The homes of a page with what texts say of them, locked in the order of their ids."""
    statement = (
        select(
            journeys.c.id,
            journeys.c.pack,
            journeys.c.overlays,
            projects.c.name.label("project_name"),
            projects.c.zone,
            units.c.code.label("unit"),
            units.c.building,
        )
        .join(projects, projects.c.id == journeys.c.project_id)
        .outerjoin(units, units.c.id == journeys.c.unit_id)
        .where(among(session, journeys.c.id, homes))
        .order_by(journeys.c.id)
    )
    if lock:
        statement = statement.with_for_update(key_share=True, of=journeys)
    return {row.id: row for row in session.execute(statement)}


def outbox_rows(session: Session, keys: Sequence[str]) -> dict[str, Any]:
    """What the outbox has of keys."""
    return {row.key: row for row in session.execute(select(messages).where(among(session, messages.c.key, keys)))}


def versions_of(session: Session, homes: Mapping[str, Any], shelf: Shelf, now: datetime) -> dict[str, PackVersion]:
    """By home: the version of its pack that holds now. Homes of a project share a pack, which is asked for once."""
    found: dict[tuple[str, str], PackVersion] = {}
    by_home: dict[str, PackVersion] = {}
    for home, row in homes.items():
        name = shelf_name(row.pack, row.overlays)
        if (name, row.zone) not in found:
            found[name, row.zone] = shelf.history(session, name).on(local_date(now, row.zone))
        by_home[home] = found[name, row.zone]
    return by_home
