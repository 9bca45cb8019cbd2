"""Tasks: opened for a post, warned before their due, handed up when overdue."""

from collections.abc import Callable
from functools import partial

from sqlalchemy.orm import Session

from activities.site import Site, wanted
from journey.contracts._implements import implements
from journey.contracts.performing import CHANGED, STALE, Perform, Performed, open_task, raise_escalation, warn_task
from journey.store import performing, surveying
from journey.store.performing import TaskChanged, Wanted


class TaskActivities:
    """The ladder of a human item, rung by rung."""

    def __init__(self, site: Site) -> None:
        self._site = site

    @implements(open_task)
    async def open(self, command: Perform) -> Performed:
        """Open the task for its post."""
        return await self._climb(partial(surveying.open_task, shelf=self._site.shelf), command)

    @implements(warn_task)
    async def warn(self, command: Perform) -> Performed:
        """Warn the post."""
        return await self._climb(performing.warn_task, command)

    @implements(raise_escalation)
    async def escalate(self, command: Perform) -> Performed:
        """Hand the task up to the next post."""
        return await self._climb(performing.escalate_task, command)

    async def _climb(self, rung: Callable[[Session, Wanted], TaskChanged | None], command: Perform) -> Performed:
        changed = await self._site.store.write(rung, wanted(command, self._site))
        if changed is None:
            return Performed(outcome=STALE)
        await self._site.notice.task_changed(changed.task, what=changed.what, role=changed.role)
        return Performed(outcome=CHANGED)
