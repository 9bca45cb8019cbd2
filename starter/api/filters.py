"""Filters that name something there is: a misspelt one would find nothing, as if there were nothing to find."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from journey.domain.entries import State, outcome
from journey.domain.reasons import TEXTS
from journey.domain.rules import RULES
from journey.store.people import person_named
from journey.store.tables import batches, broadcast_recipients, projects
from starter.api.context import Api
from starter.api.errors import BadParameter
from starter.api.parameters import one_of

LISTED: Final = 20  # codes that an error names at most
OUTCOMES: Final = tuple(dict.fromkeys(outcome(state) for state in (None, *State)))
STATES: Final = tuple(dict.fromkeys((*OUTCOMES, *(state.value for state in State))))


async def known_places(api: Api, project: str | None, batch: str | None = None) -> None:
    """BadParameter for a project or batch that does not exist."""
    if project is not None or batch is not None:
        await api.store.read(_check_places, project, batch)


async def known_owner(api: Api, owner: str | None) -> str | None:
    """Our id of an owner who is named by a ref of his or by our id; BadParameter for one whom nobody knows."""
    if owner is None:
        return None
    found: str | None = await api.store.read(person_named, owner)
    if found is None:
        raise BadParameter("owner", "unknown-person")
    return found


async def known_reason(api: Api, broadcast: str, reason: str | None) -> str | None:
    """A reason, or BadParameter with those that recipients of the broadcast have."""
    if reason is not None and reason not in TEXTS:
        one_of("reason", reason, await api.store.read(_reasons, broadcast))
    return reason


def known_rule(rule: str | None) -> str | None:
    """A rule of this build, or BadParameter with those that begin as it does."""
    if rule is None or rule in RULES:
        return rule
    alike = [name for name in sorted(RULES) if name.split(".")[0] == rule.split(".")[0]]
    raise BadParameter("rule", "unknown-value", allowed=_listed(alike or sorted(RULES)))


def _check_places(session: Session, project: str | None, batch: str | None) -> None:
    if project is not None and not _there(session, projects.c.code == project):
        codes = session.execute(select(projects.c.code).order_by(projects.c.code).limit(LISTED + 1)).scalars().all()
        raise BadParameter("project", "unknown-value", allowed=_listed(codes))
    if batch is None:
        return
    here = select(batches.c.code).join(projects).order_by(batches.c.code)
    here = here.where(projects.c.code == project) if project is not None else here
    if session.execute(here.where(batches.c.code == batch).limit(1)).first() is None:
        codes = session.execute(here.distinct().limit(LISTED + 1)).scalars().all()
        raise BadParameter("batch", "unknown-value", allowed=_listed(codes))


def _there(session: Session, condition: ColumnElement[bool]) -> bool:
    return session.execute(select(projects.c.id).where(condition)).first() is not None


def _reasons(session: Session, broadcast: str) -> list[str]:
    met = broadcast_recipients.c
    found = select(met.reason).where(met.broadcast_id == broadcast, met.reason.is_not(None)).distinct()
    return sorted(session.execute(found).scalars())


def _listed(codes: Sequence[str]) -> str:
    return ", ".join(codes[:LISTED]) + (" …" if len(codes) > LISTED else "") or "-"
