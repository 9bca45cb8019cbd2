"""Two persons who turn out to be one: the one that is kept has everything, the other is its alias for ever.

Keys carry ids of persons, and a key must not happen twice: what stands under the alias is put under the one kept.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import String, cast, delete, select, update
from sqlalchemy.orm import Session

from journey.domain.errors import Conflict, NotFound
from journey.domain.reasons import Reason
from journey.store import audit
from journey.store.merging_recipients import lock_running, repoint_recipients
from journey.store.people import refold_person
from journey.store.staleness import mark_stale
from journey.store.tables import (
    broadcast_recipients,
    consents,
    contacts,
    entries,
    episodes,
    events,
    former_parties,
    holds,
    journeys,
    letters,
    messages,
    metadata,
    parties,
    persons,
    tasks,
)

REFOLDED: Final = (consents, contacts, holds)  # built again from what was told
MEMBERS: Final = (parties, former_parties)  # one row an episode
RECIPIENTS: Final = (broadcast_recipients,)  # one row a broadcast


def merge(
    session: Session, keep: str, other: str, *, actor: str, by: str | None, reason: str, now: datetime,
    real_now: datetime,
) -> str:  # fmt: skip
    """Make the ref `other` an alias of `keep`; the id kept. Twice is harmless; NotFound, Conflict for oneself."""
    lock_running(session)
    kept, gone = _locked(session, keep, other)
    if gone.merged_into == kept.id:
        return str(kept.id)
    if kept.id == gone.id or kept.merged_into is not None or gone.merged_into is not None:
        raise Conflict(Reason("merged-already"))
    concerned = _journeys_of(session, (kept.id, gone.id))
    for table in REFOLDED:
        session.execute(delete(table).where(table.c.person_id == gone.id))
    for table in MEMBERS:
        _repoint_members(session, table, kept.id, gone.id)
    repoint_recipients(session, kept.id, gone.id, now)
    for name, table in metadata.tables.items():
        if "person_id" in table.c and table not in (*REFOLDED, *MEMBERS, *RECIPIENTS):
            assert "person_id" not in table.primary_key.columns, name
            session.execute(update(table).where(table.c.person_id == gone.id).values(person_id=kept.id))
    _repoint_founders(session, concerned, kept.id, gone.id)
    _rename_keys(session, concerned, kept.id, gone.id)
    aliases = (persons.c.id == gone.id) | (persons.c.merged_into == gone.id)
    session.execute(update(persons).where(aliases).values(merged_into=kept.id))
    refold_person(session, kept.id)
    for row in concerned:
        mark_stale(session, row.id, real_now)
    detail = {"alias": gone.id, "reason": reason} | audit.person(by)
    audit.append(session, now, actor, "persons.merged", kept.id, detail)
    return str(kept.id)


def aliases_of(session: Session, person: str) -> list[str]:
    """The refs by which a person is known beside its own."""
    found = select(persons.c.ref).where(persons.c.merged_into == person).order_by(persons.c.created_at, persons.c.id)
    return list(session.execute(found).scalars())


def _locked(session: Session, keep: str, other: str) -> tuple[Any, Any]:
    """Both rows, locked in the order of their ids."""
    rows = session.execute(
        select(persons).where(persons.c.ref.in_((keep, other))).order_by(persons.c.id).with_for_update(key_share=True)
    ).all()
    by_ref = {row.ref: row for row in rows}
    if keep not in by_ref or other not in by_ref:
        raise NotFound(Reason("no-such-person"))
    return by_ref[keep], by_ref[other]


def _journeys_of(session: Session, people: Sequence[str]) -> Sequence[Any]:
    """Every journey of these persons, locked in the order of their ids."""
    of = [select(table.c.episode_id).where(table.c.person_id.in_(people)) for table in MEMBERS]
    told = select(events.c.journey_id).where(events.c.person_id.in_(people), events.c.journey_id.is_not(None))
    concerned = journeys.c.episode_id.in_(of[0]) | journeys.c.episode_id.in_(of[1]) | journeys.c.id.in_(told)
    return session.execute(
        select(journeys.c.id, journeys.c.episode_id)
        .where(concerned)
        .order_by(journeys.c.id)
        .with_for_update(key_share=True)
    ).all()


def _repoint_members(session: Session, table: Any, kept: str, gone: str) -> None:
    """Where both are owners, the one kept stays, at the better place of the two."""
    mine = {row.episode_id: row for row in session.execute(select(table).where(table.c.person_id == kept))}
    for row in session.execute(select(table).where(table.c.person_id == gone)).all():
        place = (table.c.episode_id == row.episode_id) & (table.c.person_id == gone)
        twin = mine.get(row.episode_id)
        if twin is None:
            session.execute(update(table).where(place).values(person_id=kept))
            continue
        session.execute(delete(table).where(place))
        if table is parties and row.position < twin.position:
            its = (table.c.episode_id == row.episode_id) & (table.c.person_id == kept)
            session.execute(update(table).where(its).values(position=row.position))


def _repoint_founders(session: Session, concerned: Sequence[Any], kept: str, gone: str) -> None:
    for row in session.execute(
        select(episodes.c.id, episodes.c.founders).where(
            episodes.c.id.in_([one.episode_id for one in concerned]), episodes.c.founders.is_not(None)
        )
    ).all():
        founders = list(dict.fromkeys(kept if one == gone else one for one in row.founders or ()))
        session.execute(update(episodes).where(episodes.c.id == row.id).values(founders=founders))


def _rename_keys(session: Session, concerned: Sequence[Any], kept: str, gone: str) -> None:
    """Keys of the ledger, of tasks and of the outbox; one that stands under the kept id already is left as it is."""
    ids = [row.id for row in concerned]
    held = {(row.scope_id, row.key) for row in session.execute(_keys(entries.c.scope_id, entries.c.key, ids))}
    for journey, key in sorted(held):
        renamed = _renamed(key, kept, gone)
        if renamed != key and (journey, renamed) not in held:
            place = (entries.c.scope_id == journey) & (entries.c.key == key)
            session.execute(update(entries).where(place).values(key=renamed))
            session.execute(update(tasks).where(tasks.c.journey_id == journey, tasks.c.key == key).values(key=renamed))
            printed = (letters.c.journey_id == journey) & (letters.c.entry_key == key)
            session.execute(update(letters).where(printed).values(entry_key=renamed))
    _rename_told(session, ids, kept, gone)
    sent = session.execute(
        select(messages.c.id, messages.c.key, messages.c.entry_key).where(
            messages.c.person_id == kept, messages.c.key.contains(gone)
        )
    )
    for row in sent.all():
        renamed = _renamed(row.key, kept, gone)
        if session.execute(select(messages.c.id).where(messages.c.key == renamed)).first() is None:
            values = {"key": renamed, "entry_key": _renamed(row.entry_key, kept, gone)}
            session.execute(update(messages).where(messages.c.id == row.id).values(**values))


def _rename_told(session: Session, ids: Sequence[str], kept: str, gone: str) -> None:
    """What facts say that they are about: a proof of a letter names the item by its owner."""
    named = cast(events.c.about, String).contains(gone)
    told = session.execute(select(events.c.id, events.c.about).where(events.c.journey_id.in_(ids), named))
    for row in told.all():
        about = {name: _renamed(value, kept, gone) if isinstance(value, str) else value
                 for name, value in row.about.items()}  # fmt: skip
        session.execute(update(events).where(events.c.id == row.id).values(about=about))


def _keys(scope: Any, key: Any, ids: Sequence[str]) -> Any:
    return select(scope, key).where(scope.in_(ids))


def _renamed(key: str, kept: str, gone: str) -> str:
    return "/".join(kept if part == gone else part for part in key.split("/"))
