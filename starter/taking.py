"""What the doors do in the store, each in one transaction: start a journey, take an event, say what stands."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from journey.domain.errors import NotFound
from journey.domain.event_checks import NewEvent
from journey.domain.json_checks import body_digest
from journey.domain.reasons import Reason
from journey.domain.shared.emergencies import OWNERS
from journey.domain.verdicts import Verdict
from journey.store import batch_queries, inbox, installation, receipts_told, registry, replies_told
from journey.store.broadcast_audience import reaches_nobody
from journey.store.inbox import Accepted, Target
from journey.store.overtaking import RECEIPT
from journey.store.people import kept_of, said_of_owner, start_source
from journey.store.replies_told import ANSWERED
from journey.store.tables import journeys, projects, units
from journey.store.tenures import Told
from starter import acting
from starter.answers import Answer, Started, answer_of
from starter.telling import Subject

_TAKEN_BY = {RECEIPT: receipts_told.accept_receipt, ANSWERED: replies_told.accept_reply}


@dataclass(frozen=True, slots=True)
class Checked:
    """A checked event with its body as received, whose digest says whether a repeat is the same."""

    event: NewEvent
    body: Any


def start(
    session: Session, new: registry.NewJourney, facts: Sequence[Checked], now: datetime, real_now: datetime
) -> tuple[str, list[Accepted], list[Reason]]:
    """Journey, what its owners said of themselves, its first facts, in one transaction; what was known otherwise."""
    key = installation.digest_key(session, now)
    journey_id, people = registry.start_journey(session, new, now, real_now)
    owners = list(zip(new.owners, people, strict=True))
    warnings = [reason for owner, party in owners for reason in kept_of(session, owner, party)]
    said = [
        Checked(event, event.data)
        for owner, party in owners
        for event in said_of_owner(session, start_source(journey_id), owner, party, now)
    ]
    told = [(one.event, body_digest(one.body, key)) for one in [*said, *facts]]
    return journey_id, inbox.accept_first(session, journey_id, told, people, now, real_now), warnings


def accept(
    session: Session, journey: str, told: Checked, now: datetime, real_now: datetime
) -> tuple[Subject, Accepted]:
    event = told.event
    of_home = Told(event.source, event.source_id, event.occurred_at)
    journey_id = registry.journey_id_of(session, journey, of_home) if "/" in journey else journey
    subject = acting.journey_subject(session, journey_id)
    if subject is None:
        raise NotFound(Reason("no-such-journey"))
    key = installation.digest_key(session, now)
    target = Target(journey_id, journey=journey_id)
    take = _TAKEN_BY.get(event.type, inbox.accept)
    return subject, take(session, target, event, body_digest(told.body, key), now, real_now)


def accept_for_project(
    session: Session, code: str, told: Checked, now: datetime, real_now: datetime
) -> tuple[Accepted, str, list[Subject]]:
    """The event as it stands, the project's zone, and the agendas concerned: the project's, and those of batches."""
    project = registry.project_row(session, code)
    key = installation.digest_key(session, now)
    target = Target(project.id, project=project.id)
    accepted = inbox.accept(session, target, told.event, body_digest(told.body, key), now, real_now)
    accepted = _said_of(session, project.id, told.event, accepted)
    concerned = batch_queries.batches_concerned(session, project.id, told.event)
    subjects = [Subject(project.id, code), *(Subject(batch.id, code, batch.code) for batch in concerned)]
    return accepted, project.zone, subjects


def _said_of(session: Session, project: str, event: NewEvent, accepted: Accepted) -> Accepted:
    """The answer to an emergency that counts and reaches nobody says so."""
    counts = event.type == "emergency.declared" and accepted.verdict == Verdict.APPLIED and accepted.reason is None
    if counts and reaches_nobody(session, project, event.scope or {}, OWNERS):
        return replace(accepted, reason=Reason("reaches-nobody").document())
    return accepted


def standing(session: Session, accepted: Sequence[Accepted]) -> list[Answer]:
    """What stands in the store of events that were accepted."""
    if not accepted:
        return []
    found = inbox.standing(session, [one.id for one in accepted])
    return [answer_of(one, *found.get(one.id, (one.verdict, one.reason, None))) for one in accepted]


def started(session: Session, journey_id: str, facts: Sequence[Accepted]) -> Started:
    """A journey as it stands after its start, with what became of the facts that it was started with."""
    return Started(_flat(session, journey_id), standing(session, facts))


_FLAT = (
    select(
        journeys.c.id,
        projects.c.code.label("project"),
        units.c.code.label("unit"),
        journeys.c.stage,
        journeys.c.status,
        journeys.c.external_id,
        journeys.c.started_at,
        journeys.c.next_due,
    )
    .join(projects, projects.c.id == journeys.c.project_id)
    .outerjoin(units, units.c.id == journeys.c.unit_id)
    .where(journeys.c.id == bindparam("journey"))
)


def _flat(session: Session, journey_id: str) -> dict[str, Any]:
    return dict(session.execute(_FLAT, {"journey": journey_id}).mappings().one())
