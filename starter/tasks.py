"""Tasks of people: the result of one as the event that it is, and whose it is."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from journey.domain.errors import Conflict, InvalidInput, NotFound, field_error
from journey.domain.evidence import PHOTO, has_photo
from journey.domain.reasons import Reason
from journey.domain.values import ItemKind
from journey.store.joint_calls import homes_of
from journey.store.tables import entries, journeys, parties, persons, projects, tasks
from starter.proofs import is_proof, proof_event

NOT_DATA = ("id", "person", "units")  # of the body of a result: about the event, not of it


def task_row(session: Session, task_id: str) -> Any:
    """A task with its project and item, and the refs of whom it concerns first and of whom its item names."""
    agenda = func.coalesce(tasks.c.journey_id, tasks.c.agenda_id)
    named = persons.alias("named")
    row = session.execute(
        select(
            tasks,
            projects.c.code.label("project"),
            projects.c.zone,
            persons.c.ref.label("primary_ref"),
            named.c.ref.label("named_ref"),
            entries.c.item,
        )
        .join(projects, projects.c.id == tasks.c.project_id)
        .outerjoin(entries, (entries.c.scope_id == agenda) & (entries.c.key == tasks.c.key))
        .outerjoin(named, named.c.id == entries.c.item["params"]["person"].as_string())
        .outerjoin(journeys, journeys.c.id == tasks.c.journey_id)
        .outerjoin(parties, (parties.c.episode_id == journeys.c.episode_id) & (parties.c.position == 0))
        .outerjoin(persons, persons.c.id == parties.c.person_id)
        .where(tasks.c.id == task_id)
    ).first()
    if row is None:
        raise NotFound(Reason("no-such-task"))
    return row


def claim(session: Session, task_id: str, by: str, now: datetime) -> dict[str, Any]:
    """Take a task, with the calls about other homes that go along; Conflict when it is closed or somebody else's."""
    row = task_row(session, task_id)
    if row.closed_at is not None:
        raise Conflict(Reason("task-closed", {"state": row.state}))
    along = [home["task"] for home in homes_of(session, [task_id]).get(task_id, ())]
    call = tasks.c.id.in_([task_id, *along])
    held = session.execute(select(tasks.c.claimed_by).where(call).order_by(tasks.c.id).with_for_update()).scalars()
    other = next((each for each in held if each not in (None, by)), None)
    if other is not None:
        raise Conflict(Reason("task-claimed"), existing=other)
    taken = update(tasks).where(call, tasks.c.claimed_by.is_(None))
    session.execute(taken.values(claimed_by=by, claimed_at=now))
    return {"id": task_id, "claimed_by": by, "state": row.state}


def concerned(session: Session, task_id: str, body: Mapping[str, Any]) -> Sequence[Any]:
    """The tasks that a result is told of, the named one first: of a call about several homes those in `units`.

    Without `units` it is the task's own home; nobody reached is said of every home. InvalidInput names a unit that the
    call is not about.
    """
    homes = {home["unit"]: home["task"] for home in homes_of(session, [task_id]).get(task_id, ())}
    units = body.get("units")
    if units is None:
        reached_nobody = body.get("reached") is False
        named = list(homes.values()) if reached_nobody else []
        return [task_row(session, each) for each in dict.fromkeys([task_id, *named])]
    if not isinstance(units, list) or not units:
        raise InvalidInput((field_error("units", "not-a-list"),))
    unknown = [place for place, unit in enumerate(units) if unit not in homes]
    if unknown:
        allowed = ", ".join(homes) or "-"
        raise InvalidInput(tuple(field_error(f"units/{place}", "unknown-value", allowed=allowed) for place in unknown))
    return [task_row(session, each) for each in dict.fromkeys(homes[unit] for unit in units)]


def result_event(row: Any, body: Mapping[str, Any], now: datetime, source: str) -> dict[str, Any]:
    """The event that a result is; `id` in the body makes it repeatable, else it is one per task and attempt.

    The result of a gate of a project or batch is told as what it means: the gate passed, or it failed. So is that of a
    letter which comes with its proof: it was served, or delivered.
    """
    data = {name: value for name, value in body.items() if name not in NOT_DATA}
    if is_proof(row, data):
        return proof_event(row, body, data, now, source)
    params = (row.item or {}).get("params", {}) if row.agenda_id else {}
    if params.get(PHOTO) and data.get("outcome", "done") == "done" and not has_photo(data.get("evidence")):
        raise InvalidInput((field_error("evidence", "no-photo"),))
    kind = _result_kind(row, params, data)
    scope = {"scope": params["scope"]} if params.get("scope") else {}
    if "gate" in params:
        data = {**{name: value for name, value in data.items() if name != "outcome"}, "gate": params["gate"]}
    else:
        data.setdefault("at", now.isoformat())
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
        **scope,
    }
    person = body.get("person") or (row.primary_ref if kind == "call.result" else None)
    return event | ({"person": person} if person else {})


def _result_kind(row: Any, params: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    if "gate" in params:
        return "gate.passed" if data.get("outcome", "done") == "done" else "gate.failed"
    return {ItemKind.CALL: "call.result", ItemKind.VISIT: "visit.recorded"}.get(row.kind, "task.result")
