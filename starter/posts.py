"""Who may be given a task: a filled post, or one of the project's people."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from journey.domain.errors import Conflict, InvalidInput, field_error
from journey.domain.reasons import Reason
from journey.domain.values import ROLES
from journey.store.tables import projects


def may_have(session: Session, task: Any, to: str) -> None:
    """InvalidInput for an empty post or a stranger, Conflict when it is there already.

    A project that named no staff takes every post and every name.
    """
    posts = session.execute(select(projects.c.posts).where(projects.c.id == task.project_id)).scalar() or {}
    people = {name for holders in posts.values() for name in holders}
    if posts and to not in posts and to not in people:
        known = ", ".join([*sorted(posts), *sorted(people)])
        raise InvalidInput((field_error("to", "empty-post", known=known),))
    there = task.role == to and task.claimed_by is None if to in ROLES else task.claimed_by == to
    if there:
        raise Conflict(Reason("assigned-already", {"to": to}))
