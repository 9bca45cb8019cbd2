"""One call to a household about several homes: each home keeps its own task and result, a list shows them as one.

A couple that owns two homes of one batch is called once (`domain.md` F7). Whether calls go together is seen when they
are listed: open calls of one rule, post and rung, due at one instant, to the owners of one household. So no agenda
depends on another's, and a home whose day moves simply has a call of its own again.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session

from journey.domain.values import ItemKind
from journey.store.tables import episodes, journeys, tasks, units

_other: Final = tasks.alias("other_task")
_its_journey: Final = journeys.alias("other_journey")
_its_episode: Final = episodes.alias("other_episode")
_TOGETHER: Final = (
    (_other.c.rule == tasks.c.rule)
    & (_other.c.project_id == tasks.c.project_id)
    & (_other.c.role == tasks.c.role)
    & (_other.c.state == tasks.c.state)
    & (_other.c.due == tasks.c.due)
    & (_other.c.kind == ItemKind.CALL.value)
    & _other.c.closed_at.is_(None)
    & tasks.c.closed_at.is_(None)
)


def leads() -> ColumnElement[bool]:
    """Of a query on tasks and their `journeys`: whether a task stands for its call; of several homes the first does."""
    before = (
        select(_other.c.id)
        .join(_its_journey, _its_journey.c.id == _other.c.journey_id)
        .join(_its_episode, _its_episode.c.id == _its_journey.c.episode_id)
        .join(episodes, episodes.c.household_id == _its_episode.c.household_id)
        .where(_TOGETHER, _other.c.id < tasks.c.id, episodes.c.id == journeys.c.episode_id)
        .correlate(tasks, journeys)
    )
    return (tasks.c.kind != ItemKind.CALL.value) | ~exists(before)


def homes_of(session: Session, task_ids: Iterable[str]) -> Mapping[str, Sequence[Mapping[str, str]]]:
    """The homes that a call is about, by task, where there are several: unit, journey and task of each."""
    found: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for row in session.execute(_members(list(task_ids))):
        found[row.asked].append({"unit": row.unit, "journey": row.journey_id, "task": row.id})
    return {task: homes for task, homes in found.items() if len(homes) > 1}


def _members(task_ids: Sequence[str]) -> Select[Any]:
    return (
        select(tasks.c.id.label("asked"), _other.c.id, _other.c.journey_id, units.c.code.label("unit"))
        .join(journeys, journeys.c.id == tasks.c.journey_id)
        .join(episodes, episodes.c.id == journeys.c.episode_id)
        .join(_other, _TOGETHER)
        .join(_its_journey, _its_journey.c.id == _other.c.journey_id)
        .join(_its_episode, _its_episode.c.id == _its_journey.c.episode_id)
        .join(units, units.c.id == _its_journey.c.unit_id)
        .where(tasks.c.id.in_(task_ids), _its_episode.c.household_id == episodes.c.household_id)
        .order_by(tasks.c.id, _other.c.id)
    )
