"""One action each: what it needs to be true of the agenda it is about, and the event that it is told as."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy.orm import Session

from journey.domain import actions
from journey.domain.actions import Standing
from journey.domain.agendas import AgendaKind
from journey.domain.entries import ENDED, RUNNING, State
from journey.domain.errors import Conflict
from journey.domain.reasons import Reason
from journey.domain.values import SendOutcome
from journey.store.queries import shown
from journey.store.registry import CLOSED
from starter import holding, undoing
from starter.bodies import go_live_ahead
from starter.holding import Told
from starter.orders import (
    BODIES,
    DecideBody,
    GoLiveBody,
    HoldBody,
    ItemBody,
    Order,
    RescheduleBody,
    ResumeBody,
    SkipBody,
    UndoBody,
)

SHARED_ACTIONS: Final = ("skip", "redo", "reschedule", "undo")
GO_LIVE: Final = "go-live"


@dataclass(frozen=True, slots=True)
class Place:
    """The locked agenda that an action is about, and the journey or project that is told its event."""

    session: Session
    row: Any
    told_to: str
    standings: Mapping[str, Standing]


def _item(place: Place, order: Order, states: Sequence[str]) -> Standing:
    assert isinstance(order.body, ItemBody)  # by its action
    standing = actions.find(place.standings, order.body.named, states)
    actions.expect(standing, order.body.expected, zone=place.row.zone)
    return standing


_AHEAD: Final = (actions.PLANNED, *RUNNING, State.HELD)


def _skip(place: Place, order: Order) -> list[Told]:
    body = cast("SkipBody", order.body)
    standing = _item(place, order, _AHEAD)
    actions.may_skip(standing, statutory=body.statutory)
    word = {"statutory": True} if standing.statutory else {}
    return [Told("item.skipped", {"key": standing.key, **order.words, **word}, key=standing.key)]


def _redo(place: Place, order: Order) -> list[Told]:
    standing = _item(place, order, tuple(ENDED))
    actions.may_redo(standing, place.standings)
    undoing.refuse_second_redo(place.session, place.told_to, standing)
    return [Told("item.redone", {"key": standing.key, **order.words}, key=standing.key)]


def _reschedule(place: Place, order: Order) -> list[Told]:
    body = cast("RescheduleBody", order.body)
    standing = _item(place, order, _AHEAD)
    actions.may_reschedule(standing, body.to, now=order.now, zone=place.row.zone)
    data = {"key": standing.key, "to": body.to.isoformat(), **order.words}
    return [Told("item.rescheduled", data, key=standing.key)]


def _decide(place: Place, order: Order) -> list[Told]:
    body = cast("DecideBody", order.body)
    standing = _item(place, order, (State.UNKNOWN,))
    actions.may_decide(standing, place.standings, happened=body.outcome is SendOutcome.HAPPENED)
    data = {"key": standing.key, "outcome": body.outcome.value, "seen": standing.signature, **order.words}
    return [Told("item.decided", data, key=standing.key)]


def _hold(place: Place, order: Order) -> list[Told]:
    _expect_status(place, order)
    return [
        holding.place(
            place.session, place.row, place.standings, cast("HoldBody", order.body), order.action, order.words
        )
    ]


def _resume(place: Place, order: Order) -> list[Told]:
    _expect_status(place, order)
    return holding.release(place.session, place.row, cast("ResumeBody", order.body), order.words)


def _cancel(place: Place, order: Order) -> list[Told]:
    _expect_status(place, order)
    if place.row.status in CLOSED:
        raise Conflict(Reason("journey-ended", {"status": place.row.status}))
    return [Told("journey.cancelled", order.words)]


def _undo(place: Place, order: Order) -> list[Told]:
    body = cast("UndoBody", order.body)
    found = undoing.undoable(place.session, place.row, place.told_to, body.event, place.standings)
    data = {"event_id": found.id, **order.words}
    return [Told("event.voided", data, key=found.data.get("key"))]


def _go_live(place: Place, order: Order) -> list[Told]:
    body = cast("GoLiveBody", order.body)
    stands = shown(place.row.go_live_at, place.row.zone)
    seen = _instant(body.expected) if body.expected is not None else None
    if body.expected is not None and (seen is None or seen != place.row.go_live_at):
        raise Conflict(Reason("changed-meanwhile", {"expected": body.expected, "state": stands, "present": stands}))
    go_live_ahead(body.to, order.now, field="to")  # a wrong year is refused before anything is told
    return [Told("go_live.moved", {"to": body.to.isoformat(), **order.words})]


def _instant(told: str) -> datetime | None:
    """The instant that was seen, in whatever zone it is written; None for what is none."""
    try:
        seen = datetime.fromisoformat(told)
    except ValueError:
        return None
    return seen if seen.tzinfo is not None else None


def _expect_status(place: Place, order: Order) -> None:
    expected, status = order.body.expected, place.row.status
    if expected not in (None, status):
        raise Conflict(Reason("changed-meanwhile", {"expected": expected, "state": status, "present": status}))


MAKERS: Final[Mapping[str, Callable[[Place, Order], list[Told]]]] = {
    "skip": _skip,
    "redo": _redo,
    "reschedule": _reschedule,
    "decide": _decide,
    "mute": _hold,
    "pause": _hold,
    "resume": _resume,
    "cancel": _cancel,
    "undo": _undo,
    GO_LIVE: _go_live,
}
ALLOWED: Final[Mapping[AgendaKind, frozenset[str]]] = {
    AgendaKind.JOURNEY: frozenset(BODIES),
    AgendaKind.PROJECT: frozenset({*SHARED_ACTIONS, GO_LIVE}),
    AgendaKind.BATCH: frozenset(SHARED_ACTIONS),
}
