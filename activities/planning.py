"""Planning as an activity: one transaction, a small answer."""

from datetime import timedelta
from time import perf_counter

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.site import DAWN, Site, decided_at
from journey.contracts._implements import implements
from journey.contracts.planning import HoldBack, MoveDue, PlanJourney, Show, Step, hold_back, plan
from journey.domain.errors import PlannedByNewer
from journey.domain.items import Item
from journey.domain.planner import Plan
from journey.domain.rules import title
from journey.store import performing
from journey.store.performing import Wanted
from journey.store.planning import Planned, plan_agenda

log = structlog.get_logger()
# To be handed back is chance, not failure: while both builds are at work a newer worker soon takes one of these
# attempts. Afterwards none seems to be there, and attempts get rarer as those of any activity.
ASKED_AT_ONCE = 20
ASK_AGAIN = timedelta(seconds=1)


class PlanningActivities:
    """Plans journeys of one store."""

    def __init__(self, site: Site) -> None:
        self._site = site

    @implements(plan)
    async def plan(self, command: PlanJourney) -> Step:
        """Plan and write; an unknown journey, or one of another Temporal, is over; a newer build's is handed back."""
        site, now, began = self._site, command.now + self._site.ahead, perf_counter()
        try:
            planned = await site.store.write(
                plan_agenda, command.journey, now, by=site.planner, told=bool(command.told)
            )
        except PlannedByNewer as error:
            log.info("journey.handed_back", journey=command.journey, rules=site.rules)
            # Beside the workflow nobody else can be asked: the next attempt goes to the queue, where any may take it.
            here = activity.info()
            raise ApplicationError(
                "planned by a newer build",
                type=error.code,
                non_retryable=here.is_local,
                next_retry_delay=ASK_AGAIN if here.attempt <= ASKED_AT_ONCE else None,
                category=ApplicationErrorCategory.BENIGN,
            ) from error
        site.measures.planned(planned, by="journey", told=command.told, now=now, seconds=perf_counter() - began)
        step = step_of(planned, command)
        return step.model_copy(update={"wake_at": step.wake_at - site.ahead}) if site.ahead else step

    @implements(hold_back)
    async def hold_back(self, command: HoldBack) -> None:
        """Make the entry of a failing move wait."""
        self._site.measures.held_back()
        now = decided_at(DAWN, self._site)
        move = Wanted(command.journey, command.key, now, command.seen, now, self._site.namespace_id)
        await self._site.store.write(performing.hold_back, move)


def step_of(planned: Planned, command: PlanJourney) -> Step:
    """The answer for the workflow."""
    found = planned.plan
    if found is None:
        return Step(wake_at=command.now, over=True, heard=list(command.told))
    language = planned.language
    items = {item.key: item for item in found.agenda}
    due = [
        MoveDue(
            kind=move.kind.value,
            key=move.key,
            due=move.due,
            seen=move.seen,
            title=_title(items.get(move.key), move.key, language),
        )
        for move in found.moves[:1]
    ]
    shown = planned.shown
    return Step(
        verdicts={event: planned.verdicts[event] for event in command.told if event in planned.verdicts},
        heard=list(command.told),
        due=due,
        wake_at=found.wake_at,
        wake_for=_wake_for(found, language),
        show=Show(**shown) if shown["hash"] != command.shown else None,
        over=found.over,
    )


def _title(item: Item | None, key: str, language: str) -> str:
    if item is None:
        return key.split("/", 1)[0]
    which = f" ({item.params['component']})" if "component" in item.params else ""
    return f"{title(item.rule, language)}{which}"


def _wake_for(found: Plan, language: str) -> str:
    """What the timer waits for, as Temporal's UI shows it."""
    ahead = [item for item in found.agenda if item.due >= found.wake_at]
    first = ahead[0] if ahead else None
    return f"→ {_title(first, '', language)}" if first else ""
