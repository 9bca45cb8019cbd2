"""Publishing policies: what the folder holds goes to the store, where planning and doors read it."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from journey.adapters.wiring import Policy, calendar_for, load_policies, load_policy
from journey.domain.calendar import WorkCalendar
from journey.settings import Settings
from journey.store import changes
from journey.store.engine import Store
from journey.store.shelf import latest_calendar, publish_calendar, publish_pack, shelf_name


async def publish_policies(store: Store, settings: Settings, now: datetime) -> None:
    """Keep every pack and calendar of the policies folder; a new one makes its journeys plan again."""
    loaded = await asyncio.to_thread(load_policies, settings)
    for one in loaded:
        await store.write(_publish, one, now)
    for country in sorted({one.loaded.pack.country for one in loaded}):
        calendar = await asyncio.to_thread(calendar_for, settings, country)
        await store.write(_publish_calendar, calendar, now)


async def publish_policy(store: Store, settings: Settings, pack: str, overlays: Sequence[str], now: datetime) -> None:
    """Keep one pack, in each of its versions, with its overlays in their order; raises what `load_policy` does."""
    for one in await asyncio.to_thread(load_policy, settings, pack, overlays):
        await store.write(_publish, one, now)


def _publish(session: Session, policy: Policy, now: datetime) -> None:
    loaded = policy.loaded
    name = shelf_name(loaded.pack.pack, list(policy.overlays))
    if publish_pack(session, name=name, content_hash=loaded.hash, document=loaded.document, now=now):
        changes.record_change(session, "pack", {"pack": loaded.pack.pack, "overlays": list(policy.overlays)}, now)


def _publish_calendar(session: Session, calendar: WorkCalendar, now: datetime) -> None:
    """Years that were published in the meantime stay, while the folder still has them as provisional."""
    calendar = calendar.keeping(latest_calendar(session, calendar.country))
    if publish_calendar(session, calendar, now):
        changes.record_change(session, "calendar", {"country": calendar.country}, now)
