"""What an event names is known from the moment it is committed: homes, new owners, and by a mark who signs for whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from journey.domain.agents import SIGNS
from journey.domain.errors import InvalidInput, field_error
from journey.domain.event_checks import NewEvent
from journey.domain.holding import HOMES_IN, OWNERS_IN
from journey.domain.json_checks import body_digest
from journey.domain.owner_checks import NewOwner, owner_from
from journey.store import installation
from journey.store.ids import new_id
from journey.store.people import Party, person_named, person_of, said_of_owner
from journey.store.registry import building_in, home_of
from journey.store.tables import batches, episodes, former_parties, journeys, parties, units

NAMING: Final = frozenset({*OWNERS_IN, *HOMES_IN})
MARKED: Final = {"agent.authorised": ("agent", "name"), "agent.revoked": ("agent", "name")} | dict.fromkeys(
    SIGNS, ("attended_by",)
)
_MARK: Final = 16  # characters of a keyed hash: enough to tell the agents of one home apart


@dataclass(frozen=True, slots=True)
class Named:
    """The data of an event as it is stored, and the owners that it made known, each as told."""

    data: dict[str, Any]
    owners: Sequence[tuple[NewOwner, Party]] = ()


def named(
    session: Session, journey: str, kind: str, data: dict[str, Any], now: datetime, within: str = "data"
) -> Named:
    """Make known what the data of a type names; owners without a ref get one, so that their names can be forgotten."""
    if kind in MARKED:
        return Named(_marked(session, kind, data, now))
    code = data.get(HOMES_IN.get(kind, ""))
    if isinstance(code, str):
        _know_home(session, journey, code, always=kind == "subscription.signed")
    field = OWNERS_IN.get(kind, "")
    if not isinstance(data.get(field), list):
        return Named(data)
    _refuse_nameless(session, f"{within}/{field}", data[field])
    told = [owner | ({} if owner.get("ref") else {"ref": new_id("own")}) for owner in data[field]]
    owners = [owner_from(owner) for owner in told]
    people = [person_of(session, owner, now) for owner in owners]
    return Named(data | {field: told}, list(zip(owners, people, strict=True)))


def said(session: Session, event: str, found: Named, now: datetime) -> list[NewEvent]:
    """What owners who join said of themselves, as the facts they are."""
    return [
        one for owner, party in found.owners for one in said_of_owner(session, f"parties:{event}", owner, party, now)
    ]


def refuse_stranger(session: Session, journey: str, person: str) -> None:
    """InvalidInput when a person is no owner of the journey and never was: most likely the home is mistyped."""
    of = select(journeys.c.episode_id).where(journeys.c.id == journey).scalar_subquery()
    known = [
        session.execute(select(table.c.person_id).where(table.c.episode_id == of, table.c.person_id == person)).first()
        for table in (parties, former_parties)
    ]
    founders = session.execute(select(episodes.c.founders).where(episodes.c.id == of)).scalar()
    if not any(known) and person not in (founders or ()):
        raise InvalidInput((field_error("person", "not-an-owner"),))


def _refuse_nameless(session: Session, place: str, owners: Sequence[Mapping[str, Any]]) -> None:
    """InvalidInput for every owner whom nobody knows by his ref and who has no name: most likely it is mistyped."""
    nameless = [
        field_error(f"{place}/{number}/name", "required")
        for number, owner in enumerate(owners)
        if not owner.get("name") and (not owner.get("ref") or person_named(session, str(owner["ref"])) is None)
    ]
    if nameless:
        raise InvalidInput(tuple(nameless))


def _marked(session: Session, kind: str, data: dict[str, Any], now: datetime) -> dict[str, Any]:
    told = [data.get(field) for field in MARKED[kind]]
    texts = [text for value in told for text in (value if isinstance(value, list) else [value])]
    names = [text.strip().casefold() for text in texts if isinstance(text, str)]
    if not names:
        return data
    key = installation.digest_key(session, now)
    return data | {"marks": sorted({body_digest(name, key)[:_MARK] for name in names})}


def _know_home(session: Session, journey: str, code: str, *, always: bool) -> None:
    """A home that is subscribed is known; one that is changed to must stand in a building that is."""
    project = session.execute(select(journeys.c.project_id).where(journeys.c.id == journey)).scalar_one()
    if always or _stands(session, project, code):
        home_of(session, project, code)


def _stands(session: Session, project: str, code: str) -> bool:
    building = building_in(code)
    homes = select(units.c.id).where(units.c.project_id == project)
    if session.execute(homes.where(or_(units.c.code == code, units.c.building == building)).limit(1)).first():
        return True
    planned = session.execute(select(batches.c.buildings).where(batches.c.project_id == project)).scalars()
    return any(building in (buildings or ()) for buildings in planned)
