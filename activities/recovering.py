"""After a restore: what providers and Temporal's history still know of the time that it lost."""

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy.orm import Session
from temporalio import activity
from temporalio.client import Client, WorkflowHistory
from temporalio.service import RPCError

from activities.site import DAWN, Site, decided_at
from journey.adapters.channels import Gateway, Remembers
from journey.contracts._implements import implements
from journey.contracts.names import journey_workflow
from journey.contracts.performing import Perform, Performed
from journey.contracts.recovering import LostTime, Searched, recover_page
from journey.domain.entries import WENT_OUT
from journey.store import settling
from journey.store.outbox import Taken
from journey.store.planning import plan_agenda
from journey.store.reading import ours
from journey.store.settling import Doubt, LostPage, Trace

PAGE = 20
SENDS = "messaging.send"


class RecoveryActivities:
    """Searches page by page; what nobody remembers stays `unknown`, for a person."""

    def __init__(self, site: Site, gateway: Gateway) -> None:
        self._site = site
        self._gateway = gateway

    @implements(recover_page)
    async def page(self, command: LostTime) -> Searched:
        """One page; what was found stays found when the page is taken again."""
        store = self._site.store
        page = await store.read(settling.next_page, command.epoch, PAGE)
        found = 0
        for journey in page.journeys:
            found += await self._settle(journey, page.since or DAWN)
        if not await store.write(_done, command.epoch, page, self._site.namespace_id):
            return Searched()
        return Searched(journeys=len(page.journeys), found=found, more=page.more)

    async def _settle(self, journey: str, since: datetime) -> int:
        site = self._site
        now = decided_at(DAWN, site)
        await site.store.write(plan_agenda, journey, now, by=site.planner)
        doubts = await site.store.read(settling.doubts, journey)
        if not doubts:
            return 0
        performed = await sends_of(activity.client(), journey, since - site.ahead)
        found = 0
        for doubt in doubts:
            traces = await self._traces(doubt, performed)
            found += await site.store.write(settling.found, journey, doubt, traces, now)
        return found

    async def _traces(self, doubt: Doubt, performed: Mapping[str, datetime]) -> dict[str, Trace]:
        """What is known of a message, by person."""
        traces = {}
        for person in doubt.persons:
            trace = await self._at_a_provider(f"{doubt.key}/{person}")
            if trace is None and doubt.key in performed:
                trace = Trace(performed[doubt.key] + self._site.ahead, "Temporal")
            if trace is not None:
                traces[person] = trace
        return traces

    async def _at_a_provider(self, key: str) -> Trace | None:
        for name in self._gateway.names:
            channel = self._gateway.channel(name)
            known = await channel.find(key) if isinstance(channel, Remembers) else None
            if known is not None:
                return Trace(known.at, name, name, Taken(channel.provider, known.provider_id))
        return None


def _done(session: Session, epoch: int, page: LostPage, namespace_id: str) -> bool:
    """Remember how far it came; a store that has gone to another Temporal has the page taken there."""
    if not ours(session, namespace_id):
        return False
    settling.page_done(session, epoch, page, datetime.now(UTC))
    return True


async def sends_of(client: Client, journey: str, since: datetime) -> dict[str, datetime]:
    """Keys of the messages that went out by Temporal's history of a journey, with the instant of each."""
    found: dict[str, datetime] = {}
    workflow = journey_workflow(journey)
    try:
        async for run in client.list_workflows(f"WorkflowId = '{workflow}'"):
            if run.close_time is None or run.close_time >= since:
                history = await client.get_workflow_handle(workflow, run_id=run.run_id).fetch_history()
                found |= await _sends(client, history)
    except RPCError:  # a server that lost the journey, or cannot list: it shows nothing
        activity.logger.info("history.not_found")
    return found


async def _sends(client: Client, history: WorkflowHistory) -> dict[str, datetime]:
    asked: dict[int, str] = {}
    found: dict[str, datetime] = {}
    for event in history.events:
        scheduled = event.activity_task_scheduled_event_attributes
        completed = event.activity_task_completed_event_attributes
        if scheduled.activity_type.name == SENDS:
            (command,) = await client.data_converter.decode(scheduled.input.payloads, [Perform])
            asked[event.event_id] = command.key
        elif completed.scheduled_event_id in asked:
            (done,) = await client.data_converter.decode(completed.result.payloads, [Performed])
            if done.state in WENT_OUT:
                found[asked[completed.scheduled_event_id]] = event.event_time.ToDatetime(tzinfo=UTC)
    return found
