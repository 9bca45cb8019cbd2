"""Projects, units, persons and journeys come into being here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from journey.domain.errors import Conflict, InvalidInput, NotFound, field_error
from journey.domain.owner_checks import NewOwner
from journey.domain.reasons import Reason
from journey.domain.values import JourneyStatus, Stage
from journey.store.ids import new_id
from journey.store.people import person_of
from journey.store.project_dates import batch_of_building
from journey.store.shelf import shelf_name
from journey.store.tables import episodes, journeys, packs, parties, projects, tasks, units

CLOSED = (JourneyStatus.CANCELLED, JourneyStatus.TRANSFERRED, JourneyStatus.LOST)


@dataclass(frozen=True, slots=True)
class NewProject:
    """A project as told, checked."""

    code: str
    name: str
    city: str
    pack: str
    zone: str | None = None  # the pack's, unless told
    overlays: Sequence[str] = ()
    go_live_at: datetime | None = None
    posts: Mapping[str, Sequence[str]] | None = None


@dataclass(frozen=True, slots=True)
class NewJourney:
    """A journey as told, checked; a lead has no unit."""

    project: str
    owners: Sequence[NewOwner]
    unit: str | None = None
    building: str | None = None
    pack: str | None = None
    overlays: Sequence[str] | None = None
    external_id: str | None = None


def create_project(session: Session, project: NewProject, now: datetime) -> tuple[str, str]:
    """A new project's id and zone; Conflict when the code is taken, InvalidInput when its pack is not published."""
    known = session.execute(select(projects.c.id).where(projects.c.code == project.code)).scalar()
    if known is not None:
        raise Conflict(Reason("project-exists", {"code": project.code}), existing=known)
    pack_zone = published_zone(session, project.pack, project.overlays)
    zone = project.zone or pack_zone
    project_id = new_id("prj")
    session.execute(
        insert(projects).values(
            id=project_id,
            code=project.code,
            name=project.name,
            city=project.city,
            pack=project.pack,
            overlays=list(project.overlays),
            zone=zone,
            posts={role: list(holders) for role, holders in (project.posts or {}).items()},
            go_live_at=project.go_live_at,
            created_at=now,
        )
    )
    return project_id, zone


def project_row(session: Session, code: str, *, locked: bool = False) -> Any:
    """A project's row by code; NotFound."""
    found = select(projects).where(projects.c.code == code)
    row = session.execute(found.with_for_update(key_share=True) if locked else found).first()
    if row is None:
        raise NotFound(Reason("no-such-project"))
    return row


def journey_id_of(session: Session, name: str) -> str:
    """A journey's id from an id or from PROJECT/UNIT: the unit's open journey, else its latest; NotFound."""
    if "/" not in name:
        found = session.execute(select(journeys.c.id).where(journeys.c.id == name)).scalar()
    else:
        project, unit = name.split("/", 1)
        rows = session.execute(
            select(journeys.c.id, journeys.c.status)
            .join(units, units.c.id == journeys.c.unit_id)
            .join(projects, projects.c.id == units.c.project_id)
            .where(projects.c.code == project, units.c.code == unit)
            .order_by(journeys.c.started_at.desc(), journeys.c.id)
        ).all()
        standing = [row.id for row in rows if row.status not in CLOSED]
        found = (standing or [row.id for row in rows] or [None])[0]
    if found is None:
        raise NotFound(Reason("no-such-journey"))
    return str(found)


def journey_of_task(session: Session, task_id: str) -> str:
    """The journey that a task belongs to; NotFound."""
    found = session.execute(select(tasks.c.journey_id).where(tasks.c.id == task_id)).scalar()
    if found is None:
        raise NotFound(Reason("no-such-task"))
    return str(found)


def start_journey(session: Session, new: NewJourney, now: datetime) -> tuple[str, list[str]]:
    """The new journey's id and its owners' person ids; unit and persons not known yet are made."""
    # Two journeys of one home at once: the second waits here, and then finds the first.
    project = project_row(session, new.project, locked=True)
    pack, overlays = new.pack or project.pack, list(new.overlays if new.overlays is not None else project.overlays)
    refuse_unpublished(session, pack, overlays)
    unit_id = _unit(session, project.id, new)
    _refuse_second(session, unit_id, new)
    people = [person_of(session, owner, now) for owner in new.owners]
    episode, journey_id = new_id("epi"), new_id("jrn")
    session.execute(insert(episodes).values(id=episode, unit_id=unit_id, kind="first-sale", created_at=now))
    session.execute(
        insert(parties),
        [{"episode_id": episode, "person_id": person, "position": position} for position, person in enumerate(people)],
    )
    session.execute(
        insert(journeys).values(
            id=journey_id,
            project_id=project.id,
            unit_id=unit_id,
            episode_id=episode,
            external_id=new.external_id,
            pack=pack,
            overlays=overlays,
            stage=Stage.PROSPECT.value,
            status=JourneyStatus.ACTIVE.value,
            started_at=now,
        )
    )
    return journey_id, people


def refuse_unpublished(session: Session, pack: str, overlays: Sequence[str]) -> None:
    """InvalidInput lists the packs there are when this one is not among them."""
    name = shelf_name(pack, list(overlays))
    if session.execute(select(packs.c.seq).where(packs.c.name == name).limit(1)).first() is None:
        known = sorted(set(session.execute(select(packs.c.name)).scalars()))
        allowed = ", ".join(known) or "no pack is published yet: `journey api` and `journey worker` do so as they start"
        raise InvalidInput((field_error("pack", "unknown-value", allowed=allowed),))


def published_zone(session: Session, pack: str, overlays: Sequence[str]) -> str:
    """The zone of a pack; InvalidInput as above."""
    refuse_unpublished(session, pack, overlays)
    name = shelf_name(pack, list(overlays))
    document = session.execute(select(packs.c.document).where(packs.c.name == name).limit(1)).scalar_one()
    return str(document["zone"])


def _unit(session: Session, project_id: str, new: NewJourney) -> str | None:
    if new.unit is None:
        return None
    known = session.execute(
        select(units.c.id).where(units.c.project_id == project_id, units.c.code == new.unit)
    ).scalar()
    if known is not None:
        return str(known)
    building = new.building or new.unit.split("-", 1)[0]
    unit_id = new_id("unt")
    session.execute(
        insert(units).values(
            id=unit_id,
            project_id=project_id,
            code=new.unit,
            building=building,
            batch_id=batch_of_building(session, project_id, building),
        )
    )
    return unit_id


def _refuse_second(session: Session, unit_id: str | None, new: NewJourney) -> None:
    """One open journey a unit, one journey an external id."""
    same = journeys.c.external_id == new.external_id
    if new.external_id is not None and (known := session.execute(select(journeys.c.id).where(same)).scalar()):
        raise Conflict(Reason("external-id-taken", {"journey": known}), existing=known)
    if unit_id is None:
        return
    open_one = session.execute(
        select(journeys.c.id).where(journeys.c.unit_id == unit_id, journeys.c.status.not_in(CLOSED))
    ).scalar()
    if open_one is not None:
        raise Conflict(Reason("unit-taken", {"unit": new.unit, "journey": open_one}), existing=open_one)
