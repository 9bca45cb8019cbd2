"""A journey's home and owners follow its facts: 认购, 换房, 更名, 退认购, 退房. Planning writes its own journey's."""

from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from journey.domain.planner import Plan
from journey.store import tenures
from journey.store.inserting import insert_new
from journey.store.reading import Reading
from journey.store.tables import episodes, former_parties, journeys, parties, units, warranty_items

HANDED_ON = "ownership.transferred"  # the home goes from hand to hand, when the next journey begins


def follow(session: Session, reading: Reading, found: Plan, now: datetime) -> bool:
    """Write the home and the owners that a plan found; True when it must be planned again with them."""
    owners = _follow_owners(session, reading, found, now)
    home = _follow_home(session, reading, found, now)
    return owners or home


def _follow_owners(session: Session, reading: Reading, found: Plan, now: datetime) -> bool:
    """Who left gets nothing more, who joined gets what is still ahead."""
    episode, were, are = reading.row.episode_id, reading.record.owners, found.holding.owners
    if not are or are == were:
        return False
    if reading.row.founders is None:
        session.execute(update(episodes).where(episodes.c.id == episode).values(founders=list(were)))
    session.execute(delete(parties).where(parties.c.episode_id == episode))
    session.execute(delete(former_parties).where(former_parties.c.episode_id == episode))
    rows = [{"episode_id": episode, "person_id": one, "position": place} for place, one in enumerate(are)]
    session.execute(insert(parties), rows)
    for gone in {*reading.record.ties.founders, *reading.record.ties.people.values(), *were} - set(are):
        insert_new(session, former_parties, {"episode_id": episode, "person_id": gone, "left_at": now})
    return True


def _follow_home(session: Session, reading: Reading, found: Plan, now: datetime) -> bool:
    row, journey, closing = reading.row, reading.record.journey, found.closing
    if found.holding.home != row.unit:
        return _move(session, reading, found, now)
    if row.unit_id is None or row.holder not in (None, journey):
        return False
    if closing is not None:
        if row.holder == journey and closing.type != HANDED_ON:
            tenures.leave(session, row.unit_id, journey, closing.occurred_at, now)
        return False
    if row.holder is None:  # what had closed it was taken back, or it never had a row: it has the home again
        since = found.holding.homes[-1][1]
        tenures.never_had(session, journey, [one for one in _units(session, reading, found) if one != row.unit_id])
        return not tenures.take(session, row.unit_id, journey, since or tenures.vacant_since(session, row.unit_id))
    return False


def _move(session: Session, reading: Reading, found: Plan, now: datetime) -> bool:
    """To another home, or back to the one before: first taken, then left, so that no two wait for each other."""
    row, journey, homes = reading.row, reading.record.journey, found.holding.homes
    kept = _units(session, reading, found)
    to = kept[-1] if kept else None
    if to is not None and (found.closing is None or found.closing.type == HANDED_ON):
        since = homes[-1][1] or tenures.vacant_since(session, to)
        if not tenures.take(session, to, journey, since):
            return True  # somebody took it a moment ago: planned again, the change waits
        tenures.forget_covers(session, to)
    if row.unit_id is not None:
        left = homes[-1][1] if homes and homes[-1][1] is not None else now
        tenures.leave(session, row.unit_id, journey, left, now)
        mine = (warranty_items.c.unit_id == row.unit_id) & (warranty_items.c.journey_id == journey)
        session.execute(delete(warranty_items).where(mine))
    tenures.never_had(session, journey, kept)
    session.execute(update(journeys).where(journeys.c.id == journey).values(unit_id=to))
    return True


def _units(session: Session, reading: Reading, found: Plan) -> list[str]:
    """The ids of every home that the journey had, the present one last."""
    codes = [code for code, _ in found.holding.homes]
    rows = session.execute(
        select(units.c.code, units.c.id).where(units.c.project_id == reading.row.project_id, units.c.code.in_(codes))
    )
    known = {row.code: row.id for row in rows}
    return [known[code] for code in codes if code in known]
