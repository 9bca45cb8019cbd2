"""The doors: the only way anything changes. Each commits to the inbox first and tells the journey afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from journey.domain.errors import Conflict, InvalidInput, NotFound, field_error
from journey.domain.event_checks import NewEvent, check_event
from journey.domain.json_checks import body_digest, json_errors
from journey.domain.owner_checks import NewOwner, check_owner
from journey.domain.reasons import Reason
from journey.domain.values import ItemKind
from journey.ports import Clock
from journey.store import inbox, installation, registry
from journey.store.engine import Store
from journey.store.inbox import Accepted, Target
from journey.store.people import addresses, given_purposes
from journey.store.staleness import doubt_the_end, mark_stale
from journey.store.tables import journeys, parties, persons, projects, tasks, units
from starter import acting
from starter.acting import Done, Order
from starter.answers import Acted, Answer, Started, answer_of
from starter.bodies import ClaimBody, JourneyBody, ProjectBody, read_body
from starter.orders import BODIES, ActionBody, AssignBody
from starter.telling import Subject, Teller

__all__ = ["Acted", "Answer", "Doors", "Started"]


@dataclass(frozen=True, slots=True)
class _Checked:
    """A checked event with the digest of its body as received."""

    event: NewEvent
    body: Any


class Doors:
    """Checks, commits, tells, answers. Raises JourneyErrors and StoreDown; then nothing was taken."""

    def __init__(self, store: Store, teller: Teller, clock: Clock) -> None:
        self._store = store
        self._teller = teller
        self._clock = clock

    async def create_project(self, body: Any) -> dict[str, Any]:
        """A new project, flat; Conflict when its code is taken."""
        new = read_body(ProjectBody, body)
        now = await self._clock.now()
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
        return {"id": project_id, **new.model_dump(mode="json"), "zone": zone}

    async def start_journey(self, body: Any) -> Started:
        """A new journey with its first facts, all of them or nothing; Conflict names the one that is there already."""
        new = read_body(JourneyBody, body)
        now = await self._clock.now()
        owners = [check_owner(owner, at=f"owners/{position}") for position, owner in enumerate(new.owners)]
        refs = [owner.ref for owner in owners]
        if len(set(refs)) < len(refs):
            raise InvalidInput((field_error("owners", "twice"),))
        facts = [_Checked(self._fact(fact, position, now, refs), fact) for position, fact in enumerate(new.facts)]
        journey = registry.NewJourney(
            project=new.project,
            owners=owners,
            unit=new.unit,
            building=new.building,
            pack=new.pack,
            overlays=new.overlays,
            external_id=new.external_id,
        )
        journey_id, accepted = await self._store.write(_start, journey, facts, now, datetime.now(UTC))
        subject = Subject(journey_id, new.project, new.unit or "")
        if not accepted:
            await self._teller.wake(subject)
        answers = await self._answers(subject, accepted)
        view = await self._store.read(_flat, journey_id)
        return Started(view, answers[len(accepted) - len(facts) :])

    async def tell_journey(self, journey: str, body: Any) -> Answer:
        """Tell one fact to a journey, by id or PROJECT/UNIT."""
        now = await self._clock.now()
        event = check_event(body, target="journey", now=now)
        return await self._tell_journey(journey, _Checked(event, body), now)

    async def _tell_journey(self, journey: str, told: _Checked, now: datetime) -> Answer:
        subject, accepted = await self._store.write(_accept, journey, told, now, datetime.now(UTC))
        return (await self._answers(subject, [accepted]))[0]

    async def tell_project(self, code: str, body: Any) -> Answer:
        """Tell one fact to a project; its batches follow at once, its journeys in a background run."""
        now = await self._clock.now()
        event = check_event(body, target="project", now=now)
        accepted = await self._store.write(_accept_for_project, code, _Checked(event, body), now, datetime.now(UTC))
        return answer_of(accepted, accepted.verdict, accepted.reason)

    async def claim_task(self, task_id: str, body: Any) -> dict[str, Any]:
        """Take a task; Conflict when somebody else has it or it is closed."""
        by = body if isinstance(body, str) else read_body(ClaimBody, body).by
        return await self._store.write(_claim, task_id, by, await self._clock.now())

    async def task_result(self, task_id: str, body: Any, source: str = "api") -> Answer:
        """The result of a task, told as the event it is: `call.result`, `visit.recorded` or `task.result`."""
        if not isinstance(body, Mapping):
            raise InvalidInput((field_error("", "not-an-object"),))
        now = await self._clock.now()
        row = await self._store.read(_task, task_id)
        event = check_event(_result_event(row, body, now, source), target="journey", now=now)
        try:
            return await self._tell_journey(row.journey_id, _Checked(event, body), now)
        except Conflict as error:
            if row.closed_at is None:
                raise
            raise Conflict(Reason("task-closed", {"state": row.state})) from error

    async def act(self, journey: str, action: str, body: Any, *, by: str, source: str = "api") -> Acted:
        """One operator's action on a journey; `by` is who acts when the body does not say."""
        order = await self._order(action, BODIES[action], body, by, source)
        return await self._acted(await self._store.write(acting.act, journey, order))

    async def assign_task(self, task_id: str, body: Any, *, by: str, source: str = "api") -> Acted:
        """Give a task to another post or colleague."""
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
        fresh = [one.id for one in accepted if one.fresh]
        if fresh and len(await self._teller.tell(subject, fresh)) < len(fresh):
            await self._store.write(doubt_the_end, subject.journey, datetime.now(UTC))
        standing = await self._store.read(inbox.standing, [one.id for one in accepted])
        return [answer_of(one, *standing.get(one.id, (one.verdict, one.reason))) for one in accepted]


def _below(place: str, error: Any) -> Any:
    return type(error)(
        f"{place}/{error.field}".rstrip("/"), error.rule, f"{place}: {error.text}", f"{place}:{error.text_zh}"
    )


def _start(
    session: Session, new: registry.NewJourney, facts: Sequence[_Checked], now: datetime, real_now: datetime
) -> tuple[str, list[Accepted]]:
    """Journey, what its owners said of themselves, and its first facts, in one transaction."""
    key = installation.digest_key(session, now)
    journey_id, people = registry.start_journey(session, new, now)
    target = Target(journey_id, journey=journey_id)
    said = [
        _Checked(event, event.data)
        for owner, person in zip(new.owners, people, strict=True)
        for event in _of_owner(session, journey_id, owner, person, now)
    ]
    accepted = [
        inbox.accept(session, target, one.event, body_digest(one.body, key), now, real_now) for one in [*said, *facts]
    ]
    mark_stale(session, journey_id, real_now)  # a journey nobody could wake is woken by the sweeper
    return journey_id, accepted


def _of_owner(session: Session, journey_id: str, owner: NewOwner, person: str, now: datetime) -> list[NewEvent]:
    """Contacts and consents that came with an owner, as the facts they are; what is known already is not told again."""
    known, given = addresses(session, person), given_purposes(session, person)
    told: list[tuple[str, dict[str, Any]]] = [
        ("contact.changed", {"channel": channel, "address": address})
        for channel, address in (("phone", owner.phone), ("email", owner.email), ("wechat", owner.extra.get("wechat")))
        if address and known.get(channel) != address
    ]
    for consent in owner.consents:
        if consent.channel is None and consent.purpose.value in given:
            continue
        data = {"purpose": consent.purpose.value, "evidence": consent.evidence or f"start of {journey_id}"}
        told.append(("consent.given", data | ({"channel": consent.channel} if consent.channel else {})))
    return [
        NewEvent(f"{owner.ref}:{number}", kind, now, data, source=f"start:{journey_id}", person=owner.ref)
        for number, (kind, data) in enumerate(told)
    ]


def _accept(
    session: Session, journey: str, told: _Checked, now: datetime, real_now: datetime
) -> tuple[Subject, Accepted]:
    journey_id = registry.journey_id_of(session, journey)
    key = installation.digest_key(session, now)
    target = Target(journey_id, journey=journey_id)
    accepted = inbox.accept(session, target, told.event, body_digest(told.body, key), now, real_now)
    return acting.subject_of(session, journey_id), accepted


def _accept_for_project(session: Session, code: str, told: _Checked, now: datetime, real_now: datetime) -> Accepted:
    project = registry.project_row(session, code)
    key = installation.digest_key(session, now)
    target = Target(project.id, project=project.id)
    return inbox.accept(session, target, told.event, body_digest(told.body, key), now, real_now)


def _flat(session: Session, journey_id: str) -> dict[str, Any]:
    row = session.execute(
        select(journeys, projects.c.code.label("project"), units.c.code.label("unit"))
        .join(projects, projects.c.id == journeys.c.project_id)
        .outerjoin(units, units.c.id == journeys.c.unit_id)
        .where(journeys.c.id == journey_id)
    ).one()
    return {
        "id": row.id,
        "project": row.project,
        "unit": row.unit,
        "stage": row.stage,
        "status": row.status,
        "external_id": row.external_id,
        "started_at": row.started_at,
        "next_due": row.next_due,
    }


def _task(session: Session, task_id: str) -> Any:
    row = session.execute(
        select(tasks, persons.c.ref.label("primary_ref"))
        .join(journeys, journeys.c.id == tasks.c.journey_id)
        .outerjoin(parties, (parties.c.episode_id == journeys.c.episode_id) & (parties.c.position == 0))
        .outerjoin(persons, persons.c.id == parties.c.person_id)
        .where(tasks.c.id == task_id)
    ).first()
    if row is None:
        raise NotFound(Reason("no-such-task"))
    return row


def _claim(session: Session, task_id: str, by: str, now: datetime) -> dict[str, Any]:
    row = _task(session, task_id)
    if row.closed_at is not None:
        raise Conflict(Reason("task-closed", {"state": row.state}))
    if row.claimed_by not in (None, by):
        raise Conflict(Reason("task-claimed"), existing=row.claimed_by)
    session.execute(
        update(tasks).where(tasks.c.id == task_id, tasks.c.claimed_by.is_(None)).values(claimed_by=by, claimed_at=now)
    )
    return {"id": task_id, "claimed_by": by, "state": row.state}


def _result_event(row: Any, body: Mapping[str, Any], now: datetime, source: str) -> dict[str, Any]:
    """The event that a result is; `id` in the body makes it repeatable, else it is one per task and attempt."""
    data = {name: value for name, value in body.items() if name not in ("id", "person")}
    data.setdefault("at", now.isoformat())
    kind = {ItemKind.CALL: "call.result", ItemKind.VISIT: "visit.recorded"}.get(row.kind, "task.result")
    if kind == "task.result":
        data.setdefault("task", row.id)
        data.setdefault("outcome", "done")
    event = {
        "id": body.get("id") or f"{row.id}:{row.attempts + 1}",
        "type": kind,
        "occurred_at": now.isoformat(),
        "source": source,
        "about": {"task": row.id},
        "data": data,
    }
    person = body.get("person") or (row.primary_ref if kind == "call.result" else None)
    return event | ({"person": person} if person else {})
