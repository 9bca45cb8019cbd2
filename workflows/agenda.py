"""The agenda loop: plan, perform, wait (`kernel.md` §1). Years pass here; policy is evaluated elsewhere."""

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeUpdate
from temporalio.exceptions import FailureError, TimeoutError, TimeoutType, is_cancelled_exception

from journey.contracts.broadcasting import open_broadcast
from journey.contracts.journeys import Tell, Ticket, Told
from journey.contracts.names import (
    BATCH,
    HEADLINE,
    NEXT_DUE,
    OVERDUE,
    POKE,
    PROJECT,
    SEGMENT,
    STAGE,
    STATUS,
    TELL,
    UNIT,
)
from journey.contracts.options import titled
from journey.contracts.performing import (
    PERFORM,
    Perform,
    open_journey,
    open_task,
    raise_escalation,
    send_message,
    warn_task,
)
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
from workflows.alarm import Alarm

QUIET_LENGTH = 100  # events of a run after which it continues as new when only an alarm rang
LONGEST = 300  # and in any case
# A move that no worker took in time is planned again; before, it was held back like one that failed. It can go when no
# run begun by 2026.3 is left, a year after the release that brought it.
WAITED_IS_NO_FAILURE = "2026-11-waited-is-no-failure"
OLDEST = timedelta(days=365)  # the time-skipping server ends runs at ten years; versions should not linger either
MOVES = {
    "send": send_message,
    "open": open_task,
    "warn": warn_task,
    "escalate": raise_escalation,
    "begin": open_journey,
    "broadcast": open_broadcast,
}


class News:
    """What was told since the last plan: event ids, and whether anybody poked."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.poked = False

    def __bool__(self) -> bool:
        return bool(self.told) or self.poked


class AgendaLoop:
    """The loop and its doors; a workflow type adds its name, its ticket and its `run`."""

    def __init__(self, ticket: Ticket) -> None:
        self._ticket = ticket
        self._news = News()
        self._answers: dict[str, str] = {}
        self._draining = False
        self._resting = False
        self._shown = ""
        self._searched: dict[str, SearchAttributeUpdate[Any]] = {}
        self._headline = "…"
        self._alarm = Alarm()

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
                await self._alarm.wait(lambda: bool(self._news), step.wake_at, step.wake_for)

    # -- the doors --

    @workflow.update(name=TELL)
    async def tell(self, message: Tell) -> Told:
        """Events were committed: the answer comes with the next finished plan that had them; the store has verdicts."""
        wanted = [event for event in message.events if event not in self._answers]
        self._news.told += [event for event in wanted if event not in self._news.told]
        await workflow.wait_condition(
            lambda: self._draining or self._resting or all(event in self._answers for event in wanted)
        )
        return Told(verdicts={event: self._answers.get(event, "taken") for event in message.events})

    @workflow.signal(name=POKE)
    def poke(self) -> None:
        """Plan again: something shared changed, or somebody doubts that this agenda is awake."""
        self._news.poked = True

    @workflow.query(name=HEADLINE)
    def headline(self) -> str:
        """Stage and status in one line."""
        return self._headline

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
        """One move. One that keeps failing is held back, the rest goes first; one that nobody took is planned again."""
        now = workflow.now()
        command = Perform(journey=self._ticket.journey, key=move.key, due=move.due, seen=move.seen, now=now)
        try:
            await workflow.execute_activity(MOVES[move.kind], command, **titled(PERFORM, move.title))
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
            if not (_only_waited(error) and workflow.patched(WAITED_IS_NO_FAILURE)):
                await self._hold_back(move)

    async def _hold_back(self, move: MoveDue) -> None:
        command = HoldBack(journey=self._ticket.journey, kind=move.kind, key=move.key, seen=move.seen)
        try:
            await workflow.execute_activity(hold_back, command, **titled(FALLBACK, f"hold back: {move.title}"))
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
            await self._rest(timedelta(minutes=1), "nothing can be recorded, tried again later")

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


def _only_waited(error: FailureError) -> bool:
    """Whether time ran out before any attempt ended: no worker was free, which is no failure of the move."""
    late = error.cause
    return (
        isinstance(late, TimeoutError)
        and late.type in (TimeoutType.SCHEDULE_TO_START, TimeoutType.SCHEDULE_TO_CLOSE)
        and late.cause is None
    )


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
