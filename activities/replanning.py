"""Planning again the journeys that a change concerns, one page at a time."""

from dataclasses import replace
from datetime import UTC, datetime
from time import perf_counter

from sqlalchemy.orm import Session
from temporalio import activity

from activities.site import DAWN, Site, decided_at
from journey.contracts._implements import implements
from journey.contracts.replanning import Change, Page, replan_page
from journey.domain.errors import PlannedByNewer
from journey.store import changes
from journey.store.changes import ChangePage
from journey.store.planning import NOT_OURS, Planned, plan_agenda
from journey.store.reading import ours
from journey.store.sweeping import mark_poke_wanted

PAGE = 100


class ReplanActivities:
    """Plans pages and marks the journeys that must act earlier; the sweeper pokes those."""

    def __init__(self, site: Site) -> None:
        self._site = site

    @implements(replan_page)
    async def page(self, command: Change) -> Page:
        """One page; what was planned stays planned when the page is taken again."""
        site = self._site
        now = decided_at(DAWN, site)
        page = await site.store.read(changes.next_page, command.change, PAGE)
        poked = 0
        for journey_id in page.journeys:
            began = perf_counter()
            planned = await site.store.write(_plan_and_mark, journey_id, now, site)
            site.measures.planned(planned, by="replan", told=(), now=now, seconds=perf_counter() - began)
            poked += planned.moved_earlier
            activity.heartbeat(journey_id)
        if not await site.store.write(_done, command.change, page, poked, now, site):
            return Page()
        return Page(planned=len(page.journeys), poked=poked, more=page.more)


def _done(session: Session, change: str, page: ChangePage, poked: int, now: datetime, site: Site) -> bool:
    """Remember how far it came; a store that has gone to another Temporal has the page taken there."""
    if not ours(session, site.namespace_id):
        return False
    changes.page_done(session, change, page, poked, now)
    return True


def _plan_and_mark(session: Session, journey_id: str, now: datetime, site: Site) -> Planned:
    """Plan a journey and, in the same transaction, want it poked when it must act earlier than it sleeps."""
    try:
        planned = plan_agenda(session, journey_id, now, by=site.planner)
    except PlannedByNewer:  # its own build plans it when it is poked
        planned = replace(NOT_OURS, moved_earlier=True)
    if planned.moved_earlier:
        mark_poke_wanted(session, journey_id, datetime.now(UTC))
    return planned
