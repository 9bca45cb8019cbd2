"""Letters that wait for paper: open tasks of kind letter, with whom they are for, where he lives, and their words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from journey.domain.clocks import local_date
from journey.domain.entries import State
from journey.domain.errors import Conflict, InvalidInput, NotFound, field_error
from journey.domain.event_types.channels import POST_CHANNEL
from journey.domain.reasons import Reason
from journey.domain.references import shown_reference
from journey.domain.rules import title
from journey.domain.values import ItemKind
from journey.store import batch_queries, registry
from journey.store.reserving import variables
from journey.store.shelf import Shelf, shelf_name
from journey.store.tables import contacts, entries, journeys, letters, parties, persons, projects, tasks, units

TEMPLATE = "letter."  # what the names of their texts begin with


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which letters: those of a project, one of its batches or one rule; or those printed before, by reference."""

    project: str
    batch: str | None = None
    rule: str | None = None
    again: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """A letter as the store has it: the home, the person, his address, and the template with its variables."""

    journey: str
    key: str
    rule: str
    item: str
    unit: str
    person: str
    name: str
    language: str
    address: str | None
    phone: str | None
    template: str | None
    variables: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Gathered:
    """The letters that wait, in the order of their homes, and what they have in common."""

    project: Any
    batch: str | None
    due: Sequence[Due]


def gather(session: Session, wanted: Wanted, shelf: Shelf, now: datetime) -> Gathered:
    """The letters that are wanted; NotFound for an unknown project, batch or reference, Conflict for one served."""
    project = registry.project_row(session, wanted.project)
    batch = _batch(session, project.id, wanted.batch)
    query = _letters().where(journeys.c.project_id == project.id)
    query = query.where(units.c.batch_id == batch) if batch is not None else query
    query = query.where(_rule_of(wanted.rule)) if wanted.rule is not None else query
    query = _printed_before(session, query, wanted.again) if wanted.again else _never_printed(query)
    rows = session.execute(query).all()
    people = _people(session, [_person(row) for row in rows])
    found = [_due(session, row, people[_person(row)], shelf, now) for row in rows if _person(row) in people]
    return Gathered(project, batch, sorted(found, key=lambda one: (_natural(one.unit), one.rule, one.key)))


def _batch(session: Session, project: str, code: str | None) -> str | None:
    if code is None:
        return None
    row = batch_queries.batch_row(session, project, code)
    if row is None:
        raise NotFound(Reason("no-such-batch"))
    return str(row.id)


def _letters() -> Select[Any]:
    primary = (parties.c.episode_id == journeys.c.episode_id) & (parties.c.position == 0)
    return (
        select(
            entries.c.key, entries.c.state, entries.c.item, journeys.c.id.label("journey"), journeys.c.pack,
            journeys.c.overlays, units.c.code.label("unit"), units.c.building, projects.c.zone,
            projects.c.name.label("project_name"), parties.c.person_id.label("primary"),
        )
        .join(journeys, (journeys.c.id == entries.c.scope_id) & (entries.c.scope == "journey"))
        .join(projects, projects.c.id == journeys.c.project_id)
        .outerjoin(units, units.c.id == journeys.c.unit_id)
        .outerjoin(parties, primary)
    )  # fmt: skip


def _rule_of(rule: str) -> Any:
    return entries.c.key.startswith(f"{rule}/", autoescape=True)


def _never_printed(query: Select[Any]) -> Select[Any]:
    task = (tasks.c.journey_id == journeys.c.id) & (tasks.c.key == entries.c.key)
    printed = select(letters.c.id).where(letters.c.journey_id == journeys.c.id, letters.c.entry_key == entries.c.key)
    return query.join(tasks, task).where(
        tasks.c.kind == ItemKind.LETTER.value, tasks.c.closed_at.is_(None), ~printed.exists()
    )


def _printed_before(session: Session, query: Select[Any], references: Sequence[str]) -> Select[Any]:
    known = session.execute(
        select(letters.c.id, letters.c.entry_key, entries.c.state)
        .outerjoin(entries, (entries.c.scope_id == letters.c.journey_id) & (entries.c.key == letters.c.entry_key))
        .where(letters.c.id.in_(references))
    ).all()
    by_reference = {row.id: row for row in known}
    unknown = [place for place, one in enumerate(references) if one not in by_reference]
    if unknown:
        raise InvalidInput(tuple(field_error(f"again/{place}", "not-a-reference") for place in unknown))
    for row in known:
        if row.state == State.SERVED:
            raise Conflict(Reason("letter-served", {"reference": shown_reference(row.id)}))
    named = (letters.c.journey_id == journeys.c.id) & (letters.c.entry_key == entries.c.key)
    return query.where(select(letters.c.id).where(named, letters.c.id.in_(references)).exists())


def _person(row: Any) -> str:
    return str((row.item.get("params") or {}).get("person") or row.primary or "")


def _people(session: Session, ids: Sequence[str]) -> dict[str, Any]:
    """Persons by the id that an item names, of a merged one the one he is now, with what reaches him."""
    asked, now_is = persons.alias("asked"), func.coalesce
    post = contacts.alias("post")
    phone = contacts.alias("phone")
    rows = session.execute(
        select(
            asked.c.id.label("named"), persons.c.id, persons.c.name, persons.c.language,
            post.c.address.label("address"), phone.c.address.label("phone"),
        )
        .join(persons, persons.c.id == now_is(asked.c.merged_into, asked.c.id))
        .outerjoin(post, _reaches(post, POST_CHANNEL))
        .outerjoin(phone, _reaches(phone, "phone"))
        .where(asked.c.id.in_(sorted(set(ids))))
    )  # fmt: skip
    return {row.named: row for row in rows}


def _reaches(table: Any, channel: str) -> Any:
    return (table.c.person_id == persons.c.id) & (table.c.channel == channel) & (table.c.state == "ok")


def _due(session: Session, row: Any, who: Any, shelf: Shelf, now: datetime) -> Due:
    rule = str(row.item.get("rule") or row.key.split("/", 1)[0])
    history = shelf.history(session, shelf_name(row.pack, row.overlays))
    version = history.on(local_date(now, row.zone))
    return Due(
        journey=row.journey,
        key=row.key,
        rule=rule,
        item=title(rule, who.language),
        unit=row.unit or "",
        person=who.id,
        name=who.name or "",
        language=who.language,
        address=who.address,
        phone=who.phone,
        template=shelf.template(version.hash, who.language, f"{TEMPLATE}{rule}"),
        variables=variables(row, who, row.item.get("params") or {}, now),
    )


def _natural(unit: str) -> list[tuple[int, str]]:
    """Homes in the order in which people walk: 3-2 before 3-10."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in unit.split("-")]
