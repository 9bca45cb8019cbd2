"""The agenda loop: plan, perform, wait (`kernel.md` §1). Years pass here; policy is evaluated elsewhere."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeUpdate
from temporalio.exceptions import FailureError, is_cancelled_exception

from journey.contracts.journeys import Tell, Ticket, Told
from journey.contracts.names import BATCH, NEXT_DUE, OVERDUE, PROJECT, SEGMENT, STAGE, STATUS, UNIT
from journey.contracts.options import shortened, titled
from journey.contracts.performing import PERFORM, Perform, open_task, raise_escalation, send_message, warn_task
from journey.contracts.planning import (
    FALLBACK,
    PLAN_ELSEWHERE,
    PLAN_LOCALLY,
    HoldBack,
    MoveDue,
    PlanJourney,
    Show,
    Step,
    hold_back,
    plan,
)

QUIET_LENGTH = 100  # events of a run after which it continues as new when only an alarm rang
LONGEST = 300  # and in any case
OLDEST = timedelta(days=365)  # the time-skipping server ends runs at ten years; versions should not linger either
MOVES = {"send": send_message, "open": open_task, "warn": warn_task, "escalate": raise_escalation}


class News:
    """What was told since the last plan: event ids, and whether anybody poked."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.poked = False

    def __bool__(self) -> bool:
        return bool(self.told) or self.poked


class AgendaLoop:
    """The loop and its doors; a workflow type adds its name and its ticket."""

    def __init__(self, ticket: Ticket) -> None:
        self._ticket = ticket
        self._news = News()
        self._answers: dict[str, str] = {}
        self._draining = False
        self._resting = False
        self._shown = ""
        self._searched: dict[str, SearchAttributeUpdate[Any]] = {}
        self._headline = "…"
        self._alarm: datetime | None = None
        self._alarms = 0
        self._timers: set[asyncio.Task[None]] = set()

    async def _live(self) -> None:
        pause = timedelta(seconds=1)
        while True:
            news, self._news = self._news, News()
            step = await self._plan(news.told)
            if step is None:
                self._answer(dict.fromkeys([*news.told, *self._news.told], "taken"))
                self._news.told = []  # in the store, and read by the next plan
                pause = await self._after_failure(pause)
                continue
            pause = timedelta(seconds=1)
            heard = self._heard(step, news)
            self._show(step.show)
            quiet = not (heard or news.poked or step.due or self._news)
            if step.over and not self._news:
                await self._drain()  # late arrivals are answered `taken`; the sweeper starts the journey again for them
                return
            if self._grown(quiet=quiet):
                await self._drain()
                self._continue()
            if step.due:
                await self._perform(step.due[0])
            elif not self._news:
                await self._wait_until(lambda: bool(self._news), step.wake_at, step.wake_for)

    # -- the doors --

    async def _tell(self, message: Tell) -> Told:
        """Note the ids and wait for the next finished plan that had them; the store holds the verdicts."""
        wanted = [event for event in message.events if event not in self._answers]
        self._news.told += [event for event in wanted if event not in self._news.told]
        await workflow.wait_condition(
            lambda: self._draining or self._resting or all(event in self._answers for event in wanted)
        )
        return Told(verdicts={event: self._answers.get(event, "taken") for event in message.events})

    def _poke(self) -> None:
        self._news.poked = True

    # -- plan --

    async def _plan(self, told: list[str]) -> Step | None:
        """The step, planned beside the workflow, else on any worker; None when both failed."""
        command = PlanJourney(journey=self._ticket.journey, now=workflow.now(), told=told, shown=self._shown)
        try:
            return await workflow.execute_local_activity(plan, command, **PLAN_LOCALLY)
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
        try:
            return await workflow.execute_activity(plan, command, **titled(PLAN_ELSEWHERE, "plan again"))
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
            workflow.logger.warning("planning.failed")
            return None

    async def _after_failure(self, pause: timedelta) -> timedelta:
        """Continue as new when the run has grown, else sleep; the next pause is twice as long, an hour at most."""
        if self._grown(quiet=True):
            await self._drain()
            self._continue()
        await self._rest(pause, "planning failed, tried again later")
        return min(pause * 2, timedelta(hours=1))

    async def _rest(self, pause: timedelta, why: str) -> None:
        """Sleep while nothing works; whoever tells meanwhile is answered `taken` at once."""
        self._resting = True
        await workflow.sleep(pause, summary=why)
        self._resting = False

    def _heard(self, step: Step, news: News) -> list[str]:
        """Answer the told events that the plan had, by the record of it; what it had not is news still.

        A worker that takes a run over while its plan is under way may be told of an event before that plan begins, and
        whoever replays it later only after it: the record alone says which it was.
        """
        heard = step.heard if step.heard is not None else [*news.told, *step.verdicts]
        self._answer({event: step.verdicts.get(event, "taken") for event in heard})
        self._news.told = [event for event in (*news.told, *self._news.told) if event not in heard]
        return heard

    def _answer(self, verdicts: dict[str, str]) -> None:
        self._answers.update(verdicts)

    # -- perform --

    async def _perform(self, move: MoveDue) -> None:
        """One move. One that keeps failing is held back, and the rest goes first."""
        now = workflow.now()
        command = Perform(journey=self._ticket.journey, key=move.key, due=move.due, seen=move.seen, now=now)
        try:
            await workflow.execute_activity(MOVES[move.kind], command, **titled(PERFORM, move.title))
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
            await self._hold_back(move)

    async def _hold_back(self, move: MoveDue) -> None:
        command = HoldBack(journey=self._ticket.journey, kind=move.kind, key=move.key, seen=move.seen)
        try:
            await workflow.execute_activity(hold_back, command, **titled(FALLBACK, f"hold back: {move.title}"))
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
            await self._rest(timedelta(minutes=1), "nothing can be recorded, tried again later")

    # -- wait --

    async def _wait_until(self, rang: Callable[[], bool], wake_at: datetime, wake_for: str) -> None:
        """Until news comes or the alarm rings. An armed timer is never cancelled, and kept while it is early enough."""
        if self._alarm is None or self._alarm > wake_at:
            self._alarms += 1
            self._alarm = wake_at
            self._timers.add(asyncio.create_task(self._ring(self._alarms, wake_at, wake_for)))
        await workflow.wait_condition(lambda: rang() or self._alarm is None)

    async def _ring(self, number: int, instant: datetime, summary: str) -> None:
        await workflow.sleep(max(instant - workflow.now(), timedelta(0)), summary=shortened(summary) or None)
        if number == self._alarms:
            self._alarm = None

    # -- continue as new --

    def _grown(self, *, quiet: bool) -> bool:
        info = workflow.info()
        length = info.get_current_history_length()
        return (
            (quiet and length > QUIET_LENGTH)
            or length > LONGEST
            or workflow.now() - info.workflow_start_time > OLDEST
            or info.is_continue_as_new_suggested()
            or info.is_target_worker_deployment_version_changed()
        )

    async def _drain(self) -> None:
        """Every waiting teller is answered `taken`; what came meanwhile is in the store, the next run plans first."""
        self._draining = True
        await workflow.wait_condition(workflow.all_handlers_finished)

    def _continue(self) -> None:
        workflow.continue_as_new(self._ticket.model_copy(update={"runs": self._ticket.runs + 1}))

    # -- show --

    def _show(self, show: Show | None) -> None:
        if show is None or show.hash == self._shown:
            return
        self._shown = show.hash
        self._headline = f"{show.stage} · {show.status}"
        workflow.set_current_details(show.details)
        found = _searchable(show)
        changed = [update for key, update in found.items() if update != self._searched.get(key)]
        if changed:
            self._searched = found
            workflow.upsert_search_attributes(changed)


def _searchable(show: Show) -> dict[str, SearchAttributeUpdate[Any]]:
    """The search attributes of a journey by name."""
    next_due = NEXT_DUE.value_set(show.next_due) if show.next_due else NEXT_DUE.value_unset()
    updates: list[SearchAttributeUpdate[Any]] = [
        PROJECT.value_set(show.project),
        BATCH.value_set(show.batch),
        UNIT.value_set(show.unit),
        STAGE.value_set(show.stage),
        STATUS.value_set(show.status),
        SEGMENT.value_set(show.segment),
        next_due,
        OVERDUE.value_set(show.overdue),
    ]
    return {update.key.name: update for update in updates}
