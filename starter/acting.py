"""Operators' actions: checked against what stands and committed as events, in one transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from journey.domain import actions
from journey.domain.actions import Standing
from journey.domain.assigning import POSTS
from journey.domain.entries import ENDED, RUNNING, State
from journey.domain.errors import Conflict
from journey.domain.event_checks import NewEvent, check_event
from journey.domain.json_checks import body_digest
from journey.domain.reasons import Reason
from journey.domain.values import SendOutcome
from journey.store import inbox, installation, registry
from journey.store.inbox import Accepted, Target
from journey.store.reading import locked_journey
from journey.store.registry import CLOSED
from journey.store.standings import read_standings
from journey.store.tables import journeys, projects, tasks, units
from starter import holding, undoing
from starter.holding import Told
from starter.orders import (
    ActionBody,
    AssignBody,
    DecideBody,
    HoldBody,
    ItemBody,
    RescheduleBody,
    ResumeBody,
    SkipBody,
    UndoBody,
    digested,
)
from starter.posts import may_have
from starter.telling import Subject

_OPEN: Final = RUNNING | {State.HELD, State.RESERVED}


@dataclass(frozen=True, slots=True)
class Order:
    """One action as it was ordered: by whom, through which key, when; `received` is the body as it came."""

    action: str
    body: ActionBody
    by: str
    source: str
    received: Any
    now: datetime
    real_now: datetime

    @property
    def words(self) -> dict[str, Any]:
        """Who and why, as every operator's event says it."""
        return {"by": self.by, "reason": self.body.reason}


@dataclass(frozen=True, slots=True)
class Done:
    """What an action committed: the journey told, its events, the item concerned, the open work that it closes."""

    subject: Subject
    accepted: Sequence[Accepted]
    key: str | None = None
    closes: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class _Place:
    """The locked journey that an action is about."""

    session: Session
    row: Any
    standings: Mapping[str, Standing]


def act(session: Session, journey: str, order: Order) -> Done:
    """Check and commit one action; NotFound, InvalidInput and Conflict leave everything as it was."""
    journey_id = registry.journey_id_of(session, journey)
    known = _told_before(session, journey_id, order)
    if known is not None:
        return Done(subject_of(session, journey_id), [known], _key_of(session, known.id))
    if isinstance(order.body, HoldBody | UndoBody):
        holding.lock_owners(session, journey_id)  # persons before journeys, in every transaction
    row = locked_journey(session, journey_id)
    place = _Place(session, row, read_standings(session, journey_id))
    told = _MAKERS[order.action](place, order)
    accepted = [_commit(session, journey_id, order, one, number) for number, one in enumerate(told)]
    key = told[0].key
    if told[0].type == "item.redone":
        key = f"{str(key).split('~')[0]}~{accepted[0].id}"
    closes = sorted(key for key, one in place.standings.items() if order.action == "cancel" and one.state in _OPEN)
    return Done(subject_of(session, journey_id), accepted, key, closes)


def assign(session: Session, task_id: str, order: Order) -> Done:
    """Give a task away; Conflict when it is closed, changed or there already."""
    assert isinstance(order.body, AssignBody)  # the door's own
    body = order.body
    journey_id = registry.journey_of_task(session, task_id)
    known = _told_before(session, journey_id, order)
    if known is None:
        locked_journey(session, journey_id)
        task = session.execute(select(tasks).where(tasks.c.id == task_id)).one()
        if task.closed_at is not None:
            raise Conflict(Reason("task-closed", {"state": task.state}))
        actions.expect(Standing(task.key, task.state, task.due), body.expected)
        to = body.to.lower() if body.to.lower() in POSTS else body.to
        may_have(session, task, to)
        data = {"task": task_id, "to": to, **order.words}
        known = _commit(session, journey_id, order, Told("task.assigned", data, about={"task": task_id}), 0)
    return Done(subject_of(session, journey_id), [known])


def subject_of(session: Session, journey_id: str) -> Subject:
    """The journey as its workflow is started."""
    row = session.execute(
        select(projects.c.code, units.c.code.label("unit"))
        .select_from(journeys)
        .join(projects, projects.c.id == journeys.c.project_id)
        .outerjoin(units, units.c.id == journeys.c.unit_id)
        .where(journeys.c.id == journey_id)
    ).one()
    return Subject(journey_id, row.code, row.unit or "")


def _told_before(session: Session, journey_id: str, order: Order) -> Accepted | None:
    if order.body.id is None:
        return None
    event = NewEvent(order.body.id, order.action, order.now, {}, source=order.source)
    return inbox.told_before(session, Target(journey_id, journey=journey_id), event, _digest(session, order))


def _digest(session: Session, order: Order) -> str:
    return body_digest(digested(order.action, order.received), installation.digest_key(session, order.now))


def _commit(session: Session, journey_id: str, order: Order, told: Told, number: int) -> Accepted:
    ident = order.body.id or f"act-{uuid4().hex}"
    body: dict[str, Any] = {
        "id": f"{ident}/{number + 1}" if number else ident,
        "type": told.type,
        "occurred_at": order.now.isoformat(),
        "source": order.source,
        "data": told.data,
    }
    body |= {"person": told.person} if told.person else {}
    body |= {"about": told.about} if told.about else {}
    event = check_event(body, target="journey", now=order.now)
    target = Target(journey_id, journey=journey_id)
    return inbox.accept(session, target, event, _digest(session, order), order.now, order.real_now)


def _key_of(session: Session, event_id: str) -> str | None:
    found = inbox.event_row(session, event_id)
    key = found.data.get("key") if found is not None else None
    redone = found is not None and found.type == "item.redone"
    return f"{str(key).split('~')[0]}~{event_id}" if redone else key


# -- one action each: what it needs to be true, and the event that it is -----------------------------------------------


def _item(place: _Place, order: Order, states: Sequence[str]) -> Standing:
    assert isinstance(order.body, ItemBody)  # by its action
    standing = actions.find(place.standings, order.body.named, states)
    actions.expect(standing, order.body.expected)
    return standing


_AHEAD: Final = (actions.PLANNED, *RUNNING, State.HELD)


def _skip(place: _Place, order: Order) -> list[Told]:
    body = cast("SkipBody", order.body)
    standing = _item(place, order, _AHEAD)
    actions.may_skip(standing, statutory=body.statutory)
    word = {"statutory": True} if standing.statutory else {}
    return [Told("item.skipped", {"key": standing.key, **order.words, **word}, key=standing.key)]


def _redo(place: _Place, order: Order) -> list[Told]:
    standing = _item(place, order, tuple(ENDED))
    actions.may_redo(standing, place.standings)
    undoing.refuse_second_redo(place.session, place.row.id, standing)
    return [Told("item.redone", {"key": standing.key, **order.words}, key=standing.key)]


def _reschedule(place: _Place, order: Order) -> list[Told]:
    body = cast("RescheduleBody", order.body)
    standing = _item(place, order, _AHEAD)
    actions.may_reschedule(standing, body.to, now=order.now, zone=place.row.zone)
    data = {"key": standing.key, "to": body.to.isoformat(), **order.words}
    return [Told("item.rescheduled", data, key=standing.key)]


def _decide(place: _Place, order: Order) -> list[Told]:
    body = cast("DecideBody", order.body)
    standing = _item(place, order, (State.UNKNOWN,))
    actions.may_decide(standing, place.standings, happened=body.outcome is SendOutcome.HAPPENED)
    data = {"key": standing.key, "outcome": body.outcome.value, "seen": standing.signature, **order.words}
    return [Told("item.decided", data, key=standing.key)]


def _hold(place: _Place, order: Order) -> list[Told]:
    _expect_status(place, order)
    return [
        holding.place(
            place.session, place.row, place.standings, cast("HoldBody", order.body), order.action, order.words
        )
    ]


def _resume(place: _Place, order: Order) -> list[Told]:
    _expect_status(place, order)
    return holding.release(place.session, place.row, cast("ResumeBody", order.body), order.words)


def _cancel(place: _Place, order: Order) -> list[Told]:
    _expect_status(place, order)
    if place.row.status in CLOSED:
        raise Conflict(Reason("journey-ended", {"status": place.row.status}))
    return [Told("journey.cancelled", order.words)]


def _undo(place: _Place, order: Order) -> list[Told]:
    body = cast("UndoBody", order.body)
    found = undoing.undoable(place.session, place.row, body.event, place.standings)
    data = {"event_id": found.id, **order.words}
    return [Told("event.voided", data, key=found.data.get("key"))]


def _expect_status(place: _Place, order: Order) -> None:
    expected, status = order.body.expected, place.row.status
    if expected not in (None, status):
        raise Conflict(Reason("changed-meanwhile", {"expected": expected, "state": status, "present": status}))


_MAKERS: Final[Mapping[str, Callable[[_Place, Order], list[Told]]]] = {
    "skip": _skip,
    "redo": _redo,
    "reschedule": _reschedule,
    "decide": _decide,
    "mute": _hold,
    "pause": _hold,
    "resume": _resume,
    "cancel": _cancel,
    "undo": _undo,
}
