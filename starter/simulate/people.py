"""Simulated people: told of open tasks like real staff, they answer through the doors, each at his own pace."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session
from temporalio import activity
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from journey.contracts.names import QUEUE
from journey.domain.calendar import WorkCalendar
from journey.domain.clocks import OfficeHours, at, local, local_date
from journey.domain.errors import JourneyError
from journey.domain.evidence import PHOTO, PROOF
from journey.domain.outcomes import FORMAL_NOTICE
from journey.domain.values import ItemKind, Proof, Role
from journey.ports import Clock
from journey.store.engine import Store
from journey.store.outlines import left_item
from journey.store.shelf import Shelf, shelf_name
from journey.store.tables import entries, journeys, projects, tasks, units
from journey.store.types import Json
from starter.doors import Doors
from starter.proofs import params_of
from starter.simulate.person import SimulatedPerson, Turn, Work
from starter.simulate.scenario import Actors

AN_HOUR = timedelta(hours=1)
A_DAY = timedelta(days=1)
LEAST = timedelta(minutes=1)  # between two turns; also puts a late result behind the rung of the same instant


@dataclass(frozen=True, slots=True)
class Workplace:
    """A task with the office hours and the calendar that its person keeps."""

    row: Any
    hours: OfficeHours
    calendar: WorkCalendar
    blocked: bool = False  # it came before him by the law's day, and what it waits for has not come


class People:
    """Staff, contractors and owners of one simulation: the staff notice, and the activity of their workflows."""

    def __init__(
        self,
        actors: Actors,
        client: Client,
        store: Store,
        clock: Clock,
        shelf: Shelf,
        proved_elsewhere: frozenset[str] = frozenset(),
    ) -> None:
        self._actors = actors
        self._client = client
        self._store = store
        self._clock = clock
        self._shelf = shelf
        self._proved_elsewhere = proved_elsewhere  # homes of which the script tells how the notice was served
        self.doors: Doors | None = None

    async def task_changed(self, task_id: str, *, what: str, role: str) -> None:
        """An opened task finds its person, unless that one never answers."""
        if what != "opened" or self._pace(role) == "silent":
            return
        place = await self._store.read(self._workplace, task_id)
        when = self._when(place)
        if when is None:
            return
        wait = max(when - await self._clock.now(), timedelta(0))
        await self._client.start_workflow(
            SimulatedPerson.run,
            Work(task=task_id, wait=wait.total_seconds()),
            id=f"staff/{task_id}",
            task_queue=QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )

    @activity.defn(name="staff.work")
    async def work(self, task_id: str) -> Turn:
        """Answer the task if its time has come; says when to look again."""
        now = await self._clock.now()
        place = await self._store.read(self._workplace, task_id)
        when = self._when(place)
        if when is None:
            return Turn()
        if now < when:
            return Turn(wait=(when - now).total_seconds())
        if place.blocked:
            return Turn(wait=A_DAY.total_seconds())
        if _held_up(place.row):
            when = now.replace(minute=0, second=0, microsecond=0)  # in the same words for an hour
        assert self.doors is not None  # set before any task opens
        try:
            await self.doors.task_result(task_id, self._result(place.row, when), source="simulated")
        except JourneyError as error:
            activity.logger.warning("a simulated result was refused: %s", error)
            return Turn()
        when = self._when(await self._store.read(self._workplace, task_id))
        if when is None:
            return Turn()
        # What was answered and is open still waits for its plan: it is looked at ever less often.
        return Turn(wait=max(abs(when - now), LEAST).total_seconds())

    def _pace(self, role: str) -> str:
        return self._actors.contractors if role == Role.CONTRACTOR else self._actors.staff

    def _when(self, place: Workplace) -> datetime | None:
        """When its person turns to a task: an office hour after it opened, or a working day after it was due."""
        row, pace = place.row, self._pace(place.row.role)
        if row.closed_at is not None or pace == "silent":
            return None
        if params_of(row).get(PROOF) and not self._gets_proof(row):
            return None  # he waits for the post
        if row.attempts and row.next_attempt is not None:
            tried_again: datetime = row.next_attempt
            return tried_again
        if pace == "on-time":
            answer = place.hours.add_business_time(row.opened_at, AN_HOUR, place.calendar, row.zone)
            return answer if answer <= row.due else _in_time(row.opened_at, row.due, answer)
        due = local(row.due, row.zone)
        day = place.calendar.add_working_days(local_date(row.due, row.zone), 1)
        return at(day, due.time(), row.zone) + LEAST

    def _result(self, row: Any, when: datetime) -> Mapping[str, Any]:
        """Of his turn, not of the clock: a task that is not closed yet is answered again in the same words."""
        by: dict[str, Any] = {"at": when.astimezone(UTC).isoformat(), "by": row.role}
        if self._gets_proof(row):
            by["proof"] = Proof.SIGNED.value
        if params_of(row).get(PHOTO):
            by["evidence"] = [{"photo": f"{row.id}.jpg"}]
        if row.kind == ItemKind.CALL:
            return by | {"reached": self._actors.owners == "answer"}
        return by

    def _gets_proof(self, row: Any) -> bool:
        """Whether the owner signs for the formal notice: one who answers does, where the script leaves that to him."""
        asked = row.rule == FORMAL_NOTICE or bool(params_of(row).get(PROOF))
        return asked and self._actors.owners == "answer" and not self._proved_elsewhere & {row.unit, row.external_id}

    def _workplace(self, session: Session, task_id: str) -> Workplace:
        row = session.execute(
            select(
                tasks,
                entries.c.item,
                projects.c.zone,
                units.c.code.label("unit"),
                journeys.c.external_id,
                func.coalesce(journeys.c.pack, projects.c.pack).label("pack"),
                func.coalesce(journeys.c.overlays, projects.c.overlays, type_=Json()).label("overlays"),
            )
            .join(projects, projects.c.id == tasks.c.project_id)
            .outerjoin(journeys, journeys.c.id == tasks.c.journey_id)
            .outerjoin(units, units.c.id == journeys.c.unit_id)
            .outerjoin(entries, _entry())
            .where(tasks.c.id == task_id)
        ).one()
        history = self._shelf.history(session, shelf_name(row.pack, list(row.overlays)))
        pack = history.on(local_date(row.opened_at, row.zone)).pack
        hours, calendar = OfficeHours(pack.time.office_hours), self._shelf.calendar(session, pack.country)
        return Workplace(row, hours, calendar, _blocked(session, row))


def _blocked(session: Session, row: Any) -> bool:
    """Whether a letter still waits for its batch: nobody serves the notice of a home that is not ready."""
    return _held_up(row) and _waits(left_item(session, row.journey_id, row.key)[0])


def _held_up(row: Any) -> bool:
    """Whether a letter came before its person while it waited."""
    return row.kind == ItemKind.LETTER and _waits(row.item)


def _waits(item: Mapping[str, Any] | None) -> bool:
    return any(reason["code"] == "waits-for-gate" for reason in (item or {}).get("because", ()))


def _entry() -> ColumnElement[bool]:
    """The ledger's row of a task, whatever the agenda."""
    of = func.coalesce(tasks.c.journey_id, tasks.c.agenda_id)
    return (entries.c.scope_id == of) & (entries.c.key == tasks.c.key)


def _in_time(opened: datetime, due: datetime, answer: datetime) -> datetime:
    """Halfway to a due that comes within the hour or by night: whoever is on time is never late."""
    return opened + (due - opened) / 2 if due > opened else answer
