"""Simulated people: told of open tasks like real staff, they answer through the doors, each at his own pace."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from temporalio import activity
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from journey.contracts.names import QUEUE
from journey.domain.calendar import WorkCalendar
from journey.domain.clocks import OfficeHours, at, local, local_date
from journey.domain.errors import JourneyError
from journey.domain.values import ItemKind, Role
from journey.ports import Clock
from journey.store.engine import Store
from journey.store.shelf import Shelf, shelf_name
from journey.store.tables import journeys, projects, tasks
from starter.doors import Doors
from starter.simulate.person import SimulatedPerson, Turn, Work
from starter.simulate.scenario import Actors

AN_HOUR = timedelta(hours=1)
LEAST = timedelta(minutes=1)  # between two turns; also puts a late result behind the rung of the same instant


@dataclass(frozen=True, slots=True)
class Workplace:
    """A task with the office hours and the calendar that its person keeps."""

    row: Any
    hours: OfficeHours
    calendar: WorkCalendar


class People:
    """Staff, contractors and owners of one simulation: the staff notice, and the activity of their workflows."""

    def __init__(self, actors: Actors, client: Client, store: Store, clock: Clock, shelf: Shelf) -> None:
        self._actors = actors
        self._client = client
        self._store = store
        self._clock = clock
        self._shelf = shelf
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
        assert self.doors is not None  # set before any task opens
        try:
            await self.doors.task_result(task_id, self._result(place.row, now), source="simulated")
        except JourneyError as error:
            activity.logger.warning("a simulated result was refused: %s", error)
            return Turn()
        when = self._when(await self._store.read(self._workplace, task_id))
        if when is None:
            return Turn()
        return Turn(wait=max(when - now, LEAST).total_seconds())

    def _pace(self, role: str) -> str:
        return self._actors.contractors if role == Role.CONTRACTOR else self._actors.staff

    def _when(self, place: Workplace) -> datetime | None:
        """When its person turns to a task: an office hour after it opened, or a working day after it was due."""
        row, pace = place.row, self._pace(place.row.role)
        if row.closed_at is not None or pace == "silent":
            return None
        if row.attempts and row.next_attempt is not None:
            tried_again: datetime = row.next_attempt
            return tried_again
        if pace == "on-time":
            return place.hours.add_business_time(row.opened_at, AN_HOUR, place.calendar, row.zone)
        due = local(row.due, row.zone)
        day = place.calendar.add_working_days(local_date(row.due, row.zone), 1)
        return at(day, due.time(), row.zone) + LEAST

    def _result(self, row: Any, now: datetime) -> Mapping[str, Any]:
        by = {"at": now.astimezone(UTC).isoformat(), "by": row.role}
        if row.kind == ItemKind.CALL:
            return by | {"reached": self._actors.owners == "answer"}
        return by

    def _workplace(self, session: Session, task_id: str) -> Workplace:
        row = session.execute(
            select(tasks, projects.c.zone, journeys.c.pack, journeys.c.overlays)
            .join(projects, projects.c.id == tasks.c.project_id)
            .join(journeys, journeys.c.id == tasks.c.journey_id)
            .where(tasks.c.id == task_id)
        ).one()
        history = self._shelf.history(session, shelf_name(row.pack, list(row.overlays)))
        pack = history.on(local_date(row.opened_at, row.zone)).pack
        return Workplace(row, OfficeHours(pack.time.office_hours), self._shelf.calendar(session, pack.country))
