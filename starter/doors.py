"""The doors: the only way anything changes. Each commits to the inbox first and tells the journey afterwards."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from journey.domain.errors import Conflict, InvalidInput, field_error
from journey.domain.event_checks import NewEvent, check_event
from journey.domain.json_checks import json_errors
from journey.domain.owner_checks import check_owner
from journey.domain.reasons import Reason
from journey.ports import Clock
from journey.store import registry, template_tests
from journey.store.engine import Store
from journey.store.inbox import Accepted
from journey.store.merging import merge
from starter import acting, taking
from starter.acting import Done
from starter.action_events import GO_LIVE
from starter.answers import Acted, Answer, Started, answer_of
from starter.bodies import ClaimBody, JourneyBody, ProjectBody, go_live_ahead, read_body
from starter.hooks.receiving import Receiving
from starter.hooks.signatures import Incoming, Query
from starter.orders import BODIES, ActionBody, AssignBody, GoLiveBody, Order
from starter.people import MergeBody
from starter.taking import Checked
from starter.tasks import claim, concerned, result_event
from starter.telling import Subject, Teller

__all__ = ["Acted", "Answer", "Doors", "Started"]


class Doors:
    """Checks, commits, tells, answers. Raises JourneyErrors and StoreDown; then nothing was taken."""

    def __init__(self, store: Store, teller: Teller, clock: Clock) -> None:
        self._store = store
        self._teller = teller
        self._clock = clock
        self._receiving = Receiving(store, teller, clock)

    async def create_project(self, body: Any) -> dict[str, Any]:
        """A new project, flat; Conflict when its code is taken."""
        new = read_body(ProjectBody, body)
        now = await self._clock.now()
        ahead = go_live_ahead(new.go_live_at, now)
        project = registry.NewProject(
            code=new.code,
            name=new.name,
            city=new.city,
            pack=new.pack,
            zone=new.zone,
            overlays=new.overlays,
            go_live_at=new.go_live_at,
            posts={role.value: holders for role, holders in new.posts.items()},
        )
        project_id, zone = await self._store.write(registry.create_project, project, now)
        await self._teller.wake(Subject(project_id, new.code))
        shown = {"id": project_id, **new.model_dump(mode="json"), "zone": zone}
        return shown | ({"reason": ahead.document()} if ahead else {})

    async def start_journey(self, body: Any) -> Started:
        """A new journey with its first facts, all of them or nothing; Conflict names the one that is there already."""
        new = read_body(JourneyBody, body)
        now = await self._clock.now()
        owners = [check_owner(owner, at=f"owners/{position}") for position, owner in enumerate(new.owners)]
        refs = [owner.ref for owner in owners]
        if len(set(refs)) < len(refs):
            raise InvalidInput((field_error("owners", "twice"),))
        facts = [Checked(self._fact(fact, position, now, refs), fact) for position, fact in enumerate(new.facts)]
        journey = registry.NewJourney(
            project=new.project,
            owners=owners,
            unit=new.unit,
            building=new.building,
            pack=new.pack,
            overlays=new.overlays,
            external_id=new.external_id,
        )
        journey_id, accepted, warnings = await self._store.write(taking.start, journey, facts, now, datetime.now(UTC))
        subject = Subject(journey_id, new.project, new.unit or "")
        if not accepted:
            await self._teller.wake(subject)
        await self._tell(subject, accepted)
        started = await self._store.read(taking.started, journey_id, accepted[len(accepted) - len(facts) :])
        return replace(started, warnings=warnings)

    async def wake_broadcasts(self, broadcasts: Iterable[str]) -> None:
        """Have broadcasts that were ordered about look at their rows; the orders themselves are committed."""
        for broadcast in broadcasts:
            await self._teller.order(broadcast)

    async def tell_journey(self, journey: str, body: Any, received: Any = None) -> Answer:
        """Tell one fact to a journey, by id or PROJECT/UNIT.

        `received` is what the caller sent, when the fact was made of it: the same under its id again is the same fact.
        """
        now = await self._clock.now()
        event = check_event(body, target="journey", now=now)
        return await self._tell_journey(journey, Checked(event, body if received is None else received), now)

    async def receive(self, source: str, incoming: Incoming) -> Mapping[str, Any]:
        """Take a signed call of another system: what it told is kept, and acted upon once."""
        return await self._receiving.receive(source, incoming)

    async def echo_hook(self, source: str, query: Query) -> str:
        """What a provider that tries its door wants to read back."""
        return await self._receiving.echo(source, query)

    async def _tell_journey(self, journey: str, told: Checked, now: datetime) -> Answer:
        subject, accepted = await self._store.write(taking.accept, journey, told, now, datetime.now(UTC))
        return (await self._answers(subject, [accepted]))[0]

    async def tell_project(self, code: str, body: Any, received: Any = None) -> Answer:
        """Tell one fact to a project; it and its batches are planned before the answer, its journeys in the background.

        `received` as for `tell_journey`.
        """
        now = await self._clock.now()
        event = check_event(body, target="project", now=now)
        return await self._tell_project(code, Checked(event, body if received is None else received), now)

    async def _tell_project(self, code: str, told: Checked, now: datetime) -> Answer:
        accepted, zone, concerned = await self._store.write(
            taking.accept_for_project, code, told, now, datetime.now(UTC)
        )
        if accepted.fresh:  # those beyond are the sweeper's to wake
            await asyncio.gather(*(self._teller.tell(subject, [accepted.id]) for subject in concerned))
        return answer_of(accepted, accepted.verdict, accepted.reason, zone)

    async def try_text(self, test: str) -> None:
        """Have a test of a text sent; with Temporal away it ends, and nothing is sent."""
        if not await self._teller.try_text(test):
            now = await self._clock.now()
            await self._store.write(template_tests.give_up, test, now, Reason("temporal-away"))

    async def claim_task(self, task_id: str, body: Any) -> dict[str, Any]:
        """Take a task; Conflict when somebody else has it or it is closed."""
        by = body if isinstance(body, str) else read_body(ClaimBody, body).by
        return await self._store.write(claim, task_id, by, await self._clock.now())

    async def task_result(self, task_id: str, body: Any, source: str = "api") -> Answer:
        """The result of a task, told as the event it is: `call.result`, `visit.recorded` or `task.result`.

        Of a call about several homes each home has its own; `also` answers for the others that `units` named.
        """
        if not isinstance(body, Mapping):
            raise InvalidInput((field_error("", "not-an-object"),))
        now = await self._clock.now()
        rows = await self._store.read(concerned, task_id, body)
        answers = [await self._result_of(row, body, now, source) for row in rows]
        return replace(answers[0], also=answers[1:])

    async def _result_of(self, row: Any, body: Mapping[str, Any], now: datetime, source: str) -> Answer:
        told = result_event(row, body, now, source)
        try:
            if row.journey_id is None:
                event = check_event(told, target="project", now=now)
                return await self._tell_project(row.project, Checked(event, body), now)
            event = check_event(told, target="journey", now=now)
            return await self._tell_journey(row.journey_id, Checked(event, body), now)
        except Conflict as error:
            if row.closed_at is None:
                raise
            raise Conflict(Reason("task-closed", {"state": row.state})) from error

    async def act(self, journey: str, action: str, body: Any, *, by: str, source: str = "api") -> Acted:
        """One operator's action on a journey; `by` is who acts when the body does not say."""
        order = await self._order(action, BODIES[action], body, by, source)
        return await self._acted(await self._store.write(acting.act, journey, order))

    async def move_go_live(self, code: str, body: Any, *, by: str, source: str = "api") -> Acted:
        """Move the go-live of a project: what was due before it is history, what is due after it is done."""
        order = await self._order(GO_LIVE, GoLiveBody, body, by, source)
        project = await self._store.read(registry.project_row, code)
        return await self._acted(await self._store.write(acting.act, project.id, order))

    async def merge_persons(self, ref: str, body: Any, *, actor: str) -> str:
        """Make the alias in the body one with a person; the id that is kept. NotFound, Conflict."""
        read = read_body(MergeBody, body)
        now, real_now = await self._clock.now(), datetime.now(UTC)
        return await self._store.write(
            merge, ref, read.alias, actor=actor, by=read.by, reason=read.reason, now=now, real_now=real_now
        )

    async def assign_task(self, task_id: str, body: Any, *, by: str, source: str = "api") -> Acted:
        """Give a task to another post or colleague, with those about other homes that are one call with it."""
        order = await self._order("assign", AssignBody, body, by, source)
        return await self._acted(await self._store.write(acting.assign, task_id, order))

    async def _order(self, action: str, model: type[ActionBody], body: Any, by: str, source: str) -> Order:
        if errors := json_errors(body):
            raise InvalidInput(errors)
        read = read_body(model, body)
        now = await self._clock.now()
        return Order(action, read, read.by or by, source, body, now, datetime.now(UTC))

    async def _acted(self, done: Done) -> Acted:
        answers = await self._answers(done.subject, done.accepted)
        for subject, accepted in done.along:
            answers += await self._answers(subject, [accepted])
        return Acted(answers[0], answers[1:], done.subject.journey, done.key, done.closes)

    @staticmethod
    def _fact(fact: Any, position: int, now: datetime, refs: Sequence[str]) -> NewEvent:
        try:
            event = check_event(fact, target="journey", now=now)
        except InvalidInput as error:
            raise InvalidInput(tuple(_below(f"facts/{position}", one) for one in error.errors)) from None
        return event

    async def _answers(self, subject: Subject, accepted: Sequence[Accepted]) -> list[Answer]:
        """Tell what is fresh, then answer with what stands in the store, whoever wrote it."""
        await self._tell(subject, accepted)
        return await self._store.read(taking.standing, accepted)

    async def _tell(self, subject: Subject, accepted: Sequence[Accepted]) -> None:
        fresh = [one.id for one in accepted if one.fresh]
        await self._teller.tell(subject, fresh)


def _below(place: str, error: Any) -> Any:
    return type(error)(
        f"{place}/{error.field}".rstrip("/"), error.rule, f"{place}: {error.text}", f"{place}:{error.text_zh}"
    )
