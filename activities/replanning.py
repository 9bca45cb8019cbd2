"""Planning again the journeys that a change concerns, one page at a time."""

from datetime import UTC, datetime
from time import perf_counter

from sqlalchemy.orm import Session
from temporalio import activity

from activities.site import DAWN, Site, decided_at
from journey.contracts._implements import implements
from journey.contracts.replanning import Change, Page, replan_page
from journey.store import changes
from journey.store.planning import Planned, plan_journey
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
        await site.store.write(changes.page_done, command.change, page, poked, now)
        return Page(planned=len(page.journeys), poked=poked, more=page.more)


def _plan_and_mark(session: Session, journey_id: str, now: datetime, site: Site) -> Planned:
    """Plan a journey and, in the same transaction, want it poked when it must act earlier than it sleeps."""
    planned = plan_journey(session, journey_id, now, shelf=site.shelf, build=site.build, namespace_id=site.namespace_id)
    if planned.moved_earlier:
        mark_poke_wanted(session, journey_id, datetime.now(UTC))
    return planned
