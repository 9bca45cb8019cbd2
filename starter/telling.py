"""Tells running journeys of committed events, by update-with-start; Temporal may be slow or away (`kernel.md` §2)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from temporalio.client import Client, WithStartWorkflowOperation, WorkflowUpdateStage
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import TemporalError
from temporalio.service import RPCError

from journey.contracts.broadcasting import Order
from journey.contracts.journeys import Tell, Ticket, Told
from journey.contracts.names import (
    BATCH,
    ORDERED,
    POKE,
    PROJECT,
    QUEUE,
    STAGE,
    STATUS,
    TELL,
    UNIT,
    agenda_workflow,
    broadcast_workflow,
    template_test_workflow,
)
from journey.contracts.trying import TrySend
from journey.domain.agendas import AgendaKind, kind_of

log = structlog.get_logger()
_FIRST_STAGE = {AgendaKind.JOURNEY: "prospect", AgendaKind.BATCH: "preparing", AgendaKind.PROJECT: "planned"}
IN_FLIGHT = 8  # updates per journey; the server takes ten
PATIENCE = timedelta(seconds=3)
AWAY = (RPCError, RuntimeError, OSError, TimeoutError, asyncio.TimeoutError, TemporalError)


@dataclass(frozen=True, slots=True)
class Subject:
    """An agenda as its workflow is started: id and what Temporal's UI shows of it from the first moment.

    `journey` is the id of a journey, or of the batch or project whose agenda it is; `unit` a batch's code then.
    """

    journey: str
    project: str = ""
    unit: str = ""

    @property
    def summary(self) -> str:
        """One line for Temporal's UI."""
        return f"{self.project} {self.unit}".strip() or self.journey


@dataclass(slots=True)
class _Line:
    """What one journey is being told: ids waiting to go out, and how many updates are under way."""

    waiting: list[tuple[str, asyncio.Future[str]]] = field(default_factory=list)
    flying: int = 0


class Teller:
    """Answers with verdicts by event id; an id is missing when nobody answered in time."""

    def __init__(self, connect: Callable[[], Awaitable[Client]], *, patience: timedelta = PATIENCE) -> None:
        self._connect = connect
        self._patience = patience.total_seconds()
        self._client: Client | None = None
        self._lines: dict[str, _Line] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def tell(self, subject: Subject, events: Sequence[str]) -> Mapping[str, str]:
        """Tell a journey of events, starting its workflow when it does not run; waits three seconds at most."""
        if not events:
            return {}
        line = self._lines.setdefault(subject.journey, _Line())
        loop = asyncio.get_running_loop()
        mine = {event: loop.create_future() for event in events}
        line.waiting += mine.items()
        self._dispatch(subject, line)
        await asyncio.wait(mine.values(), timeout=self._patience)
        return {event: done.result() for event, done in mine.items() if done.done() and not done.cancelled()}

    async def try_text(self, test: str) -> bool:
        """Have a worker send a test, and wait a while for its end; False when none could be asked."""
        try:
            client = await self.client()
            handle = await asyncio.wait_for(
                client.start_workflow(
                    "TemplateTest",
                    TrySend(test=test),
                    id=template_test_workflow(test),
                    task_queue=QUEUE,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                ),
                self._patience,
            )
        except AWAY as error:
            log.warning("template_test.not_started", test=test, error=type(error).__name__)
            return False
        with suppress(*AWAY):
            await asyncio.wait_for(handle.result(), self._patience)
        return True

    async def wake(self, subject: Subject) -> None:
        """Start a journey that has nothing to be told, or poke it; with Temporal away the sweeper does so later."""
        try:
            client = await self.client()
            kind, starting = _starting(subject)
            await asyncio.wait_for(
                client.start_workflow(kind, Ticket(journey=subject.journey), start_signal=POKE, **starting),
                self._patience,
            )
        except AWAY as error:
            log.warning("journey.not_woken", journey=subject.journey, error=type(error).__name__)

    async def order(self, broadcast: str) -> None:
        """Have a broadcast look at its row at once, or start it; with Temporal away the sweeper does so later."""
        try:
            client = await self.client()
            await asyncio.wait_for(
                client.start_workflow(
                    "Broadcast",
                    Order(broadcast=broadcast),
                    id=broadcast_workflow(broadcast),
                    task_queue=QUEUE,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                    id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                    start_signal=ORDERED,
                ),
                self._patience,
            )
        except AWAY as error:
            log.warning("broadcast.not_woken", broadcast=broadcast, error=type(error).__name__)

    def _dispatch(self, subject: Subject, line: _Line) -> None:
        """At most eight updates fly; what comes meanwhile goes out together with the next."""
        if not line.waiting or line.flying >= IN_FLIGHT:
            return
        batch, line.waiting = line.waiting[:200], line.waiting[200:]
        line.flying += 1
        task = asyncio.create_task(self._fly(subject, line, batch))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _fly(self, subject: Subject, line: _Line, batch: list[tuple[str, asyncio.Future[str]]]) -> None:
        try:
            told = await asyncio.wait_for(self._update(subject, [event for event, _ in batch]), self._patience)
            for event, future in batch:
                if not future.done():
                    future.set_result(told.verdicts.get(event, "taken"))
        except AWAY as error:
            log.warning("journey.not_told", journey=subject.journey, events=len(batch), error=type(error).__name__)
            for _, future in batch:
                future.cancel()
        finally:
            line.flying -= 1
            if line.waiting:
                self._dispatch(subject, line)
            elif not line.flying:
                self._lines.pop(subject.journey, None)

    async def _update(self, subject: Subject, events: list[str]) -> Told:
        client = await self.client()
        kind, starting = _starting(subject)
        start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            kind, Ticket(journey=subject.journey), **starting
        )
        try:
            handle = await client.start_update_with_start_workflow(
                TELL,
                Tell(events=events),
                wait_for_stage=WorkflowUpdateStage.COMPLETED,
                result_type=Told,
                start_workflow_operation=start,
            )
        except BaseException:
            # It has the same error, which asyncio would report as one that nobody looked at.
            with suppress(BaseException):
                await start.workflow_handle()
            raise
        told: Told = await handle.result()
        return told

    async def client(self) -> Client:
        """The connection, made on first use and again after a failure to make it."""
        if self._client is None:
            self._client = await self._connect()
        return self._client


def _starting(subject: Subject) -> tuple[str, dict[str, Any]]:
    """The type of an agenda's workflow, and how it is started where it does not run."""
    kind, workflow = agenda_workflow(subject.journey, subject.project)
    return kind, {
        "id": workflow,
        "task_queue": QUEUE,
        "id_conflict_policy": WorkflowIDConflictPolicy.USE_EXISTING,
        "id_reuse_policy": WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        "static_summary": subject.summary,
        "search_attributes": first_attributes(subject),
    }


def first_attributes(subject: Subject) -> TypedSearchAttributes:
    """What can be searched before the first plan; the workflow keeps it up to date."""
    kind = kind_of(subject.journey)
    return TypedSearchAttributes(
        [
            SearchAttributePair(PROJECT, subject.project),
            SearchAttributePair(BATCH if kind is AgendaKind.BATCH else UNIT, subject.unit),
            SearchAttributePair(STAGE, _FIRST_STAGE[kind]),
            SearchAttributePair(STATUS, "active"),
        ]
    )
