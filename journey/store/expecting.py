"""What of stored agendas will not go as things stand: care for owners who never agreed to it, or who mourn (C8).

Planning says when, sending says whether: an agenda keeps such items, for a consent given in time brings them back. A
forecast says ahead what the send would say.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from journey.domain.clocks import local_date
from journey.domain.consent import NEEDS_CONSENT
from journey.domain.items import MESSAGE_KINDS
from journey.domain.packs import Pack
from journey.domain.reasons import Reason
from journey.domain.values import ItemKind
from journey.store.addressees import Addressee, addressed, addressees, people_rows
from journey.store.outlines import left_document
from journey.store.recipients import addressed_to
from journey.store.shelf import Shelf, shelf_name
from journey.store.tables import journeys, parties, projects

_ASKED: Final = frozenset(kind.value for kind in (*MESSAGE_KINDS, ItemKind.SURVEY))
_CARE: Final = frozenset(each.value for each in NEEDS_CONSENT)


def kept_back(
    session: Session, shelf: Shelf, agendas: Mapping[str, Mapping[str, Any]], now: datetime
) -> Mapping[str, Mapping[str, Reason]]:
    """Of agenda documents by journey: why planned items, by key, will go to none of those whom they are for."""
    caring = {journey: items for journey, document in agendas.items() if (items := _caring(document))}
    homes = {row.id: row for row in session.execute(_homes(list(caring)))} if caring else {}
    owners = _owners(session, homes)
    people = people_rows(session, sorted({person for each in owners.values() for person in each}))
    known = addressees(session, people, {}, now)
    found: dict[str, dict[str, Reason]] = defaultdict(dict)
    for journey, home in homes.items():
        pack = _pack(session, shelf, home, now)
        for item in caring[journey]:
            asked = [known[person] for person in _asked(item, owners[journey])]
            code = _barred(asked, item, pack, home.zone, now)
            if code is not None:
                found[journey][item["key"]] = Reason(code, {"purpose": item["class"]})
    return found


def kept_back_of(session: Session, shelf: Shelf, journey_id: str, now: datetime) -> Mapping[str, Reason]:
    """The same of one journey's stored agenda, by key."""
    return kept_back(session, shelf, {journey_id: left_document(session, journey_id)}, now).get(journey_id, {})


def _caring(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    planned = frozenset(document.get("planned", ()))
    items = (item for item in document.get("items", ()) if item["key"] in planned)
    return [item for item in items if item.get("class") in _CARE and item.get("kind") in _ASKED]


def _asked(item: Mapping[str, Any], owners: Sequence[str]) -> Sequence[str]:
    """Whom of the owners an item is for; a survey asks the one that it names."""
    named = (item.get("params") or {}).get("person")
    if item["kind"] == ItemKind.SURVEY:
        return [str(named)] if named in owners else owners[:1]
    return addressed_to(item, owners)


def _barred(asked: Sequence[Addressee], item: Mapping[str, Any], pack: Pack, zone: str, now: datetime) -> str | None:
    """The first one's reason when there is one for each of them."""
    codes = [addressed(one, item, pack, zone, now).request.lasting().barred for one in asked]
    return codes[0] if codes and all(codes) else None


def _pack(session: Session, shelf: Shelf, home: Any, now: datetime) -> Pack:
    return shelf.history(session, shelf_name(home.pack, home.overlays)).on(local_date(now, home.zone)).pack


def _homes(journey_ids: Sequence[str]) -> Any:
    return (
        select(journeys.c.id, journeys.c.pack, journeys.c.overlays, journeys.c.episode_id, projects.c.zone)
        .join(projects, projects.c.id == journeys.c.project_id)
        .where(journeys.c.id.in_(journey_ids))
    )


def _owners(session: Session, homes: Mapping[str, Any]) -> Mapping[str, list[str]]:
    """Owners of each journey, the primary contact first."""
    journey_of = {home.episode_id: home.id for home in homes.values()}
    found: dict[str, list[str]] = defaultdict(list)
    rows = session.execute(
        select(parties.c.episode_id, parties.c.person_id)
        .where(parties.c.episode_id.in_(list(journey_of)))
        .order_by(parties.c.episode_id, parties.c.position)
    )
    for row in rows:
        found[journey_of[row.episode_id]].append(row.person_id)
    return found
