"""Projects, units, persons and journeys come into being here."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.orm import Session

from journey.domain.agendas import AgendaKind, kind_of
from journey.domain.clocks import local
from journey.domain.errors import Conflict, FieldError, InvalidInput, NotFound, field_error
from journey.domain.owner_checks import NewOwner
from journey.domain.reasons import Reason
from journey.domain.values import JourneyStatus, Stage
from journey.store.ids import new_id
from journey.store.inserting import insert_new
from journey.store.people import Party, person_of
from journey.store.project_dates import batch_of_building
from journey.store.shared_agendas import open_agenda
from journey.store.shelf import shelf_name
from journey.store.tables import episodes, journeys, packs, parties, projects, shared_agendas, tasks, units
from journey.store.tenures import Told, forget_covers, holder_of, journey_at, take, vacant_since

# Built once: putting a statement together costs as much as running it.
_PROJECT = select(projects).where(projects.c.code == bindparam("named"))
_PROJECT_LOCKED = _PROJECT.with_for_update(key_share=True)
_PUBLISHED = select(packs.c.seq).where(packs.c.name == bindparam("pack")).limit(1)
_JOURNEY_ID = select(journeys.c.id).where(journeys.c.id == bindparam("named"))
_UNIT = select(units.c.id).where(units.c.project_id == bindparam("project"), units.c.code == bindparam("unit"))
_EPISODE, _PARTY, _JOURNEY = insert(episodes), insert(parties), insert(journeys)
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
    known = session.execute(
        select(projects.c.id, projects.c.go_live_at, projects.c.zone).where(projects.c.code == project.code)
    ).one_or_none()
    if known is not None:
        if project.go_live_at not in (None, known.go_live_at):
            stands = local(known.go_live_at, known.zone).isoformat() if known.go_live_at else "-"
            raise Conflict(Reason("go-live-set", {"field": "go_live_at", "stands": stands}), existing=known.id)
        raise Conflict(Reason("project-exists", {"code": project.code}), existing=known.id)
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
    open_agenda(session, project_id, project_id, now)
    return project_id, zone


def project_row(session: Session, code: str, *, locked: bool = False) -> Any:
    """A project's row by code; NotFound."""
    row = session.execute(_PROJECT_LOCKED if locked else _PROJECT, {"named": code}).first()
    if row is None:
        raise NotFound(Reason("no-such-project"))
    return row


def journey_id_of(session: Session, name: str, told: Told | None = None) -> str:
    """A journey's id from an id or from PROJECT/UNIT; NotFound.

    A home stands for the journey that had it when what is `told` happened, else for its open journey or its latest.
    """
    if "/" not in name:
        found = session.execute(_JOURNEY_ID, {"named": name}).scalar()
    else:
        project, unit = name.split("/", 1)
        found = journey_at(session, project, unit, told) if told is not None else None
        found = found or _journey_of_home(session, project, unit)
    if found is None:
        raise NotFound(Reason("no-such-journey"))
    return str(found)


def _journey_of_home(session: Session, project: str, unit: str) -> str | None:
    rows = session.execute(
        select(journeys.c.id, journeys.c.status)
        .join(units, units.c.id == journeys.c.unit_id)
        .join(projects, projects.c.id == units.c.project_id)
        .where(projects.c.code == project, units.c.code == unit)
        .order_by(journeys.c.started_at.desc(), journeys.c.id)
    ).all()
    standing = [row.id for row in rows if row.status not in CLOSED]
    found: str | None = (standing or [row.id for row in rows] or [None])[0]
    return found


def agenda_id_of(session: Session, name: str) -> str:
    """An agenda's id: of a journey as `journey_id_of` finds it, or the id of a project or batch; NotFound."""
    if kind_of(name) is AgendaKind.JOURNEY:
        return journey_id_of(session, name)
    if session.execute(select(shared_agendas.c.id).where(shared_agendas.c.id == name)).scalar() is None:
        raise NotFound(Reason("no-such-journey"))
    return name


def agenda_of_task(session: Session, task_id: str) -> str:
    """The agenda that a task belongs to; NotFound."""
    owner = func.coalesce(tasks.c.journey_id, tasks.c.agenda_id)
    found = session.execute(select(owner).where(tasks.c.id == task_id)).scalar()
    if found is None:
        raise NotFound(Reason("no-such-task"))
    return str(found)


def start_journey(session: Session, new: NewJourney, now: datetime, real_now: datetime) -> tuple[str, list[Party]]:
    """The new journey's id and its owners; unit and persons not known yet are made.

    It is marked: a journey that nobody could wake is woken by the sweeper.
    """
    # Two journeys of one home at once: the second waits here, and then finds the first.
    project = project_row(session, new.project, locked=True)
    pack, overlays = new.pack or project.pack, list(new.overlays if new.overlays is not None else project.overlays)
    refuse_unpublished(session, pack, overlays)
    unit_id, known = _unit(session, project.id, new)
    _refuse_second(session, unit_id if known else None, new)
    people = [person_of(session, owner, now) for owner in new.owners]
    beginning = Beginning(
        project=project.id,
        unit_id=unit_id,
        people=[one.id for one in people],
        household=household_of(session, people),
        pack=pack,
        overlays=overlays,
        external_id=new.external_id,
    )
    journey_id = begin(session, beginning, now, real_now)
    if unit_id is not None:
        if known:
            forget_covers(session, unit_id)
        if not take(session, unit_id, journey_id, vacant_since(session, unit_id) if known else None):
            raise Conflict(Reason("unit-taken", {"unit": new.unit, "journey": holder_of(session, unit_id)}))
    return journey_id, people


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a journey begins with; `kind` says how its owners came to the home."""

    project: str
    unit_id: str | None
    people: Sequence[str]
    household: str
    pack: str
    overlays: Sequence[str]
    external_id: str | None = None
    kind: str = "first-sale"


def begin(session: Session, new: Beginning, now: datetime, real_now: datetime) -> str:
    """The id of a new journey with its episode and parties; it has no home yet, and is marked to be planned."""
    episode, journey_id = new_id("epi"), new_id("jrn")
    session.execute(
        _EPISODE,
        {"id": episode, "unit_id": new.unit_id, "kind": new.kind, "household_id": new.household, "created_at": now},
    )
    session.execute(
        _PARTY,
        [{"episode_id": episode, "person_id": one, "position": place} for place, one in enumerate(new.people)],
    )
    row = {
        "id": journey_id,
        "project_id": new.project,
        "unit_id": new.unit_id,
        "episode_id": episode,
        "external_id": new.external_id,
        "pack": new.pack,
        "overlays": list(new.overlays),
        "stage": Stage.PROSPECT.value,
        "status": JourneyStatus.ACTIVE.value,
        "started_at": now,
        "stale_since": real_now,
        "stale_mark": 1,
    }
    session.execute(_JOURNEY, row)
    return journey_id


def household_of(session: Session, people: Sequence[Party]) -> str:
    """Who lives together: the household of another home of exactly these owners, else a new one."""
    known = [one.id for one in people if not one.new]
    if len(known) < len(people):
        return new_id("hsh")
    theirs = select(parties.c.episode_id).where(parties.c.person_id == known[0])
    rows = session.execute(
        select(episodes.c.id, episodes.c.household_id, parties.c.person_id)
        .join(parties, parties.c.episode_id == episodes.c.id)
        .where(episodes.c.id.in_(theirs), episodes.c.household_id.is_not(None))
        .order_by(episodes.c.created_at, episodes.c.id)
    ).all()
    of: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        of.setdefault((row.id, row.household_id), set()).add(row.person_id)
    return next((household for (_, household), owners in of.items() if owners == set(known)), None) or new_id("hsh")


def refuse_unpublished(session: Session, pack: str, overlays: Sequence[str]) -> None:
    """InvalidInput names the pack, or the first overlay, that is not published, and lists those there are."""
    name = shelf_name(pack, list(overlays))
    if session.execute(_PUBLISHED, {"pack": name}).first() is None:
        known = set(session.execute(select(packs.c.name)).scalars())
        raise InvalidInput((_unpublished(pack, list(overlays), known),))


def _unpublished(pack: str, overlays: list[str], known: Collection[str]) -> FieldError:
    if pack not in known:
        allowed = ", ".join(sorted(each for each in known if "+" not in each))
        return field_error(
            "pack",
            "unknown-value",
            allowed=allowed or "no pack is published yet: `journey api` and `journey worker` do so as they start",
        )
    wrong = next(at for at in range(len(overlays)) if shelf_name(pack, overlays[: at + 1]) not in known)
    below = shelf_name(pack, [*overlays[:wrong], ""])
    there = ", ".join(sorted(each.removeprefix(below) for each in known if each.startswith(below)))
    return field_error(f"overlays/{wrong}", "unknown-value", allowed=there or "—")


def published_zone(session: Session, pack: str, overlays: Sequence[str]) -> str:
    """The zone of a pack; InvalidInput as above."""
    refuse_unpublished(session, pack, overlays)
    name = shelf_name(pack, list(overlays))
    document = session.execute(select(packs.c.document).where(packs.c.name == name).limit(1)).scalar_one()
    return str(document["zone"])


def _unit(session: Session, project_id: str, new: NewJourney) -> tuple[str | None, bool]:
    """The home's id, and whether it was known before."""
    if new.unit is None:
        return None, False
    return home_of(session, project_id, new.unit, new.building)


def home_of(session: Session, project_id: str, code: str, building: str | None = None) -> tuple[str, bool]:
    """The id of a home by its code, and whether it was known before; its building is the text before the first dash."""
    named = {"project": project_id, "unit": code}
    known = session.execute(_UNIT, named).scalar()
    if known is not None:
        return str(known), True
    building = building or building_in(code)
    row = {
        "id": new_id("unt"),
        "project_id": project_id,
        "code": code,
        "building": building,
        "batch_id": batch_of_building(session, project_id, building),
    }
    if insert_new(session, units, row):
        return str(row["id"]), False
    return str(session.execute(_UNIT, named).scalar_one()), True  # made by somebody else at the same moment


def building_in(code: str) -> str:
    """The building of a home that names none."""
    return code.split("-", 1)[0]


def _refuse_second(session: Session, unit_id: str | None, new: NewJourney) -> None:
    """One open journey a unit, one journey an external id."""
    same = journeys.c.external_id == new.external_id
    if new.external_id is not None and (known := session.execute(select(journeys.c.id).where(same)).scalar()):
        raise Conflict(Reason("external-id-taken", {"journey": known}), existing=known)
    if unit_id is None:
        return
    open_one = holder_of(session, unit_id)
    if open_one is not None:
        raise Conflict(Reason("unit-taken", {"unit": new.unit, "journey": open_one}), existing=open_one)
