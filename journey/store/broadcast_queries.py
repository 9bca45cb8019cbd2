"""What people are shown of broadcasts, and what one would do before it is opened."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from journey.domain.broadcasts import OVER, BroadcastState
from journey.domain.entries import State, outcome
from journey.domain.errors import NotFound
from journey.domain.reasons import Reason, wording
from journey.domain.telling import title
from journey.domain.values import label
from journey.store import broadcast_wording
from journey.store.broadcast_progress import progress
from journey.store.broadcast_report import reach
from journey.store.broadcast_review import version_of
from journey.store.broadcast_wording import Fill
from journey.store.paging import DEFAULT_LIMIT, Order, Page
from journey.store.queries import shown
from journey.store.shelf import Shelf
from journey.store.tables import broadcast_recipients, projects
from journey.store.tables import broadcasts as table

_ORDER: Final = Order("broadcasts", (table.c.opened_at, table.c.id), descending=True)
Group: TypeAlias = tuple[str, str | None]  # an outcome with the code of its reason
SAMPLE: Final = 10
PAGE: Final = 100


def list_broadcasts(
    session: Session,
    *,
    project: str | None = None,
    state: str | None = None,
    lang: str = "zh",
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page:
    """Broadcasts, the latest first."""
    query = _rows()
    if project is not None:
        query = query.where(projects.c.code == project)
    if state is not None:
        query = query.where(table.c.state == state)
    rows, following = _ORDER.fetch(session, query, cursor, limit)
    return Page([_row(row, lang) for row in rows], following)


def broadcast_view(
    session: Session, broadcast: str, shelf: Shelf, now: datetime, lang: str = "zh", *, fill: Fill
) -> dict[str, Any]:
    """One broadcast with its recipients by outcome and reason, how far it has come, who ordered what; NotFound.

    A draft comes with what it says; what has begun to go went with the texts of its day.
    """
    row = session.execute(_rows().where(table.c.id == broadcast)).one_or_none()
    if row is None:
        raise NotFound(Reason("no-such-broadcast"))
    met = broadcast_recipients.c
    counted = session.execute(
        select(met.state, met.reason, func.count().label("count"), func.min(met.until).label("until"))
        .where(met.broadcast_id == broadcast)
        .group_by(met.state, met.reason)
    ).all()
    found: Counter[Group] = Counter()
    for state, reason, count, _ in counted:
        found[outcome(State(state)), reason] += count
    held = {(outcome(State(one.state)), one.reason): one.until for one in counted if one.until is not None}
    return {
        **_row(row, lang),
        "recipients": found.total(),
        "outcomes": outcomes(found, held, row.message_class, row.zone, lang),
        "progress": progress(session, row, counted, now, shelf),
        "control": [{**line, "at": shown(datetime.fromisoformat(line["at"]), row.zone)} for line in row.control or ()],
        "channels": _channels(session, row),
        "reach": reach(session, row.family) if row.family is not None else None,
        "texts": _says(session, row, shelf, now, fill) if row.state == BroadcastState.DRAFT else [],
    }


def _says(session: Session, row: Row[Any], shelf: Shelf, now: datetime, fill: Fill) -> list[dict[str, Any]]:
    version = version_of(session, row, shelf, now)
    return broadcast_wording.shown(
        row, version, shelf.texts, now, project=row.project_name, zone=row.zone, fill=fill
    )  # fmt: skip


def _channels(session: Session, row: Row[Any]) -> list[dict[str, Any]]:
    """The broadcasts of an emergency by channel, this one among them; none of any other."""
    if row.family is None:
        return []
    rows = session.execute(select(table).where(table.c.family == row.family).order_by(table.c.opened_at, table.c.id))
    return [{"id": one.id, "channel": one.params.get("channel"), "state": one.state} for one in rows]


def _rows() -> Any:
    home = (
        projects.c.code.label("project"),
        projects.c.name.label("project_name"),
        projects.c.zone,
        projects.c.pack,
        projects.c.overlays,
    )
    return select(table, *home).join(projects)


def _row(row: Row[Any], lang: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "project": row.project,
        "item": row.rule,
        "title": title(row.rule, lang),
        "occurrence": row.occurrence,
        "class": row.message_class,
        "state": row.state,
        "state_text": label(BroadcastState(row.state), lang),
        "channel": row.params.get("channel"),
        "scope": row.scope,
        "audience": row.audience,
        "asked_by": row.asked_by,
        "opened_at": shown(row.opened_at, row.zone),
        "closed_at": shown(row.closed_at, row.zone) if row.state in OVER else None,  # it may run again for some
    }


def outcomes(
    found: "Counter[Group]", held: Mapping[Group, datetime], purpose: str, zone: str, lang: str
) -> list[dict[str, Any]]:
    """Groups of recipients, the largest first; the words of one that is held name its earliest instant."""
    return [
        {
            "outcome": state,
            "reason": reason,
            "text": _counted(reason, _params(held.get((state, reason)), purpose), lang, zone) if reason else None,
            "count": count,
        }
        for (state, reason), count in sorted(found.items(), key=lambda pair: (-pair[1], str(pair[0])))
    ]


def _counted(reason: str, params: Mapping[str, Any], lang: str, zone: str) -> str:
    """The words of a reason that is counted by its code: the detail in brackets is each recipient's own."""
    return wording(reason, params, lang, zone).replace(" (?)", "").replace("(?)", "")


def _params(until: datetime | None, purpose: str) -> dict[str, Any]:
    return {"purpose": purpose} | ({"until": until.isoformat()} if until is not None else {})
