"""Operators' actions: checked against what stands and committed as events, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from journey.domain import actions
from journey.domain.actions import Standing
from journey.domain.agendas import AgendaKind, kind_of
from journey.domain.entries import RUNNING, State
from journey.domain.errors import Conflict, NotFound
from journey.domain.event_checks import NewEvent, check_event
from journey.domain.json_checks import body_digest
from journey.domain.reasons import Reason
from journey.domain.values import ROLES
from journey.store import inbox, installation, registry
from journey.store.inbox import Accepted, Target
from journey.store.joint_calls import homes_of
from journey.store.shared_reading import agenda_row, locked_agenda
from journey.store.standings import read_standings
from journey.store.tables import journeys, projects, shared_agendas, tasks, units
from starter import holding
from starter.action_events import ALLOWED, MAKERS, Place
from starter.holding import Told
from starter.orders import AssignBody, HoldBody, Order, UndoBody, digested
from starter.posts import may_have
from starter.telling import Subject

_OPEN: Final = RUNNING | {State.HELD, State.RESERVED}


@dataclass(frozen=True, slots=True)
class Done:
    """What an action committed: the journey told, its events, the item concerned, the open work that it closes.

    `along` are the events of other journeys that the action was about too.
    """

    subject: Subject
    accepted: Sequence[Accepted]
    key: str | None = None
    closes: Sequence[str] = field(default_factory=tuple)
    along: Sequence[tuple[Subject, Accepted]] = ()


def act(session: Session, agenda: str, order: Order) -> Done:
    """Check and commit one action; NotFound, InvalidInput and Conflict leave everything as it was.

    On the agenda of a project or a batch only items are acted on: there is nothing to hold and nobody to cancel.
    """
    agenda_id = registry.agenda_id_of(session, agenda)
    if order.action not in ALLOWED[kind_of(agenda_id)]:
        raise NotFound(Reason("no-such-journey"))
    target = _target(session, agenda_id)
    known = _told_before(session, target, order)
    if known is not None:
        return Done(subject_of(session, agenda_id), [known], _key_of(session, known.id))
    if isinstance(order.body, HoldBody | UndoBody) and target.journey is not None:
        holding.lock_owners(session, agenda_id)  # persons before journeys, in every transaction
    row = locked_agenda(session, agenda_id)
    place = Place(session, row, target.id, read_standings(session, agenda_id))
    told = MAKERS[order.action](place, order)
    accepted = [_commit(session, target, order, one, number) for number, one in enumerate(told)]
    key = told[0].key
    if told[0].type == "item.redone":
        key = f"{str(key).split('~')[0]}~{accepted[0].id}"
    closes = sorted(key for key, one in place.standings.items() if order.action == "cancel" and one.state in _OPEN)
    return Done(subject_of(session, agenda_id), accepted, key, closes)


def assign(session: Session, task_id: str, order: Order) -> Done:
    """Give a task away, a call about several homes as a whole; Conflict when it is closed, changed or there already."""
    assert isinstance(order.body, AssignBody)  # the door's own
    body = order.body
    agenda_id = registry.agenda_of_task(session, task_id)
    target = _target(session, agenda_id)
    known = _told_before(session, target, order)
    if known is not None:
        return Done(subject_of(session, agenda_id), [known])
    others = _about_other_homes(session, task_id)
    rows = {each: locked_agenda(session, each) for each in sorted({agenda_id, *others})}
    own = rows[agenda_id]
    assert own is not None  # the task is on it
    task = session.execute(select(tasks).where(tasks.c.id == task_id)).one()
    if task.closed_at is not None:
        raise Conflict(Reason("task-closed", {"state": task.state}))
    actions.expect(Standing(task.key, task.state, task.due), body.expected, zone=own.zone)
    to = body.to.lower() if body.to.lower() in ROLES else body.to
    may_have(session, task, to)

    def give(to_whom: Target, which: str) -> Accepted:
        told = Told("task.assigned", {"task": which, "to": to, **order.words}, about={"task": which})
        return _commit(session, to_whom, order, told, 0)

    along = {name: give(_target(session, name), others[name]) for name in sorted(others)}
    given = give(target, task_id)
    return Done(
        subject_of(session, agenda_id), [given], along=[(subject_of(session, name), one) for name, one in along.items()]
    )


def _about_other_homes(session: Session, task_id: str) -> dict[str, str]:
    """The tasks by journey that are one call with a task."""
    homes = homes_of(session, [task_id]).get(task_id, ())
    return {home["journey"]: home["task"] for home in homes if home["task"] != task_id}


def _target(session: Session, agenda_id: str) -> Target:
    """Who is told: the journey itself, or the project of a shared agenda, whose row is locked before the agenda's."""
    if kind_of(agenda_id) is AgendaKind.JOURNEY:
        return Target(agenda_id, journey=agenda_id)
    project = (
        select(projects.c.id)
        .join(shared_agendas, shared_agendas.c.project_id == projects.c.id)
        .where(shared_agendas.c.id == agenda_id)
        .with_for_update(key_share=True, of=projects)
    )
    told_to = str(session.execute(project).scalar_one())
    return Target(told_to, project=told_to)


_SUBJECT = (
    select(projects.c.code, units.c.code.label("unit"))
    .select_from(journeys)
    .join(projects, projects.c.id == journeys.c.project_id)
    .outerjoin(units, units.c.id == journeys.c.unit_id)
    .where(journeys.c.id == bindparam("journey"))
)


def subject_of(session: Session, agenda_id: str) -> Subject:
    """The agenda as its workflow is started."""
    if kind_of(agenda_id) is not AgendaKind.JOURNEY:
        found = agenda_row(session, agenda_id)
        assert found is not None  # looked up a moment ago, and never deleted
        return Subject(agenda_id, found.project, found.batch or "")
    found = journey_subject(session, agenda_id)
    assert found is not None  # the same
    return found


def journey_subject(session: Session, journey_id: str) -> Subject | None:
    """A journey as its workflow is started; None when there is none of that id."""
    row = session.execute(_SUBJECT, {"journey": journey_id}).first()
    return Subject(journey_id, row.code, row.unit or "") if row is not None else None


def _told_before(session: Session, target: Target, order: Order) -> Accepted | None:
    if order.body.id is None:
        return None
    event = NewEvent(order.body.id, order.action, order.now, {}, source=order.source)
    return inbox.told_before(session, target, event, _digest(session, order))


def _digest(session: Session, order: Order) -> str:
    return body_digest(digested(order.action, order.received), installation.digest_key(session, order.now))


def _commit(session: Session, target: Target, order: Order, told: Told, number: int) -> Accepted:
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
    event = check_event(body, target="journey" if target.journey is not None else "project", now=order.now)
    return inbox.accept(session, target, event, _digest(session, order), order.now, order.real_now)


def _key_of(session: Session, event_id: str) -> str | None:
    found = inbox.event_row(session, event_id)
    key = found.data.get("key") if found is not None else None
    redone = found is not None and found.type == "item.redone"
    return f"{str(key).split('~')[0]}~{event_id}" if redone else key
