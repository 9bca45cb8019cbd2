"""Calls, visits and other work of class care or marketing begins only for who agreed to it (C7, C8)."""

from datetime import timedelta
from pathlib import Path

import pytest_asyncio

from journey.store import surveying
from journey.store.engine import Store
from journey.store.performing import Wanted
from tests.activities.ground import Ground, ground
from tests.records import instant

KEYS = instant("2026-06-27 10:00")
VISIT = "occupancy.tag-care"
FOLLOW_UP = "prospect.follow-up"


@pytest_asyncio.fixture
async def home(store: Store, tmp_path: Path) -> Ground:
    """The home of an old owner who lives alone, handed over, on each engine."""
    made = await ground(store, tmp_path, KEYS)
    await made.start(("handover.accepted",))
    await made.tell("tag.added", tag="留守老人")
    made.clock.instant = KEYS + timedelta(days=17)
    return made


@pytest_asyncio.fixture
async def lead(store: Store, tmp_path: Path) -> Ground:
    """A lead to whom sales has spoken."""
    made = await ground(store, tmp_path, KEYS)
    await made.start(())
    await made.tell("lead.registered", source="web")
    await made.tell("call.result", person="zw", reached=True, at=KEYS.isoformat())
    made.clock.instant = KEYS + timedelta(days=6)
    return made


async def opened(home: Ground, rule: str) -> tuple[str, str | None]:
    """Plan, and open the work of a rule as its activity does; the state of its entry and its reason."""
    move = await home.move(rule)
    assert move is not None
    wanted = Wanted(home.journey, move.key, move.due, move.seen, home.clock.instant, home.site.namespace_id)
    await home.store.write(surveying.open_task, wanted, home.site.shelf)
    return await state(home, rule)


async def state(home: Ground, rule: str) -> tuple[str, str | None]:
    """How the entry of a rule stands."""
    entry = await home.entry(rule)
    return entry.state.value, entry.reason.code if entry.reason else None


async def agree(home: Ground, purpose: str, **more: str) -> None:
    await home.tell("consent.given", person="zw", purpose=purpose, evidence="form", **more)


async def test_nobody_is_visited_as_care_without_consent_and_he_is_once_he_agreed(home: Ground) -> None:
    assert await opened(home, VISIT) == ("suppressed", "no-consent")

    home.clock.instant += timedelta(minutes=5)
    await agree(home, "care")
    assert await opened(home, VISIT) == ("open", None)


async def test_a_consent_for_texts_alone_is_none_for_a_visit(home: Ground) -> None:
    await agree(home, "care", channel="sms")

    assert await opened(home, VISIT) == ("suppressed", "no-consent")


async def test_a_visit_under_way_ends_when_the_consent_is_withdrawn(home: Ground) -> None:
    await agree(home, "care")
    assert await opened(home, VISIT) == ("open", None)

    home.clock.instant += timedelta(minutes=5)
    await home.tell("consent.withdrawn", person="zw", purpose="care", evidence="call")
    await home.plan()

    assert await state(home, VISIT) == ("suppressed", "no-consent")


async def test_a_bereaved_owner_gets_no_care(home: Ground) -> None:
    await agree(home, "care")
    assert await opened(home, VISIT) == ("open", None)

    home.clock.instant += timedelta(minutes=5)
    await home.tell("bereavement.noted", person="zw")
    await home.plan()

    assert await state(home, VISIT) == ("suppressed", "bereavement")


async def test_a_muted_owner_is_not_visited(home: Ground) -> None:
    await agree(home, "care")
    await home.tell("hold.placed", scope="care", how="mute", by="op", reason="x")

    assert await opened(home, VISIT) == ("suppressed", "muted")


async def test_a_lead_is_followed_up_as_he_registered_for_until_he_declines(lead: Ground) -> None:
    assert await opened(lead, FOLLOW_UP) == ("open", None)

    lead.clock.instant += timedelta(minutes=5)
    await lead.plan()
    assert await state(lead, FOLLOW_UP) == ("open", None)

    await lead.tell("consent.withdrawn", person="zw", purpose="marketing", evidence="call")
    await lead.plan()
    assert (await state(lead, FOLLOW_UP))[0] == "withdrawn"


async def test_who_bars_his_telephone_is_not_called_as_care(store: Store, tmp_path: Path) -> None:
    home = await ground(store, tmp_path, KEYS)
    await home.start(("handover.accepted",))
    await home.tell("tag.added", tag="度假")
    await agree(home, "care")
    await home.tell("consent.withdrawn", person="zw", purpose="care", channel="phone", evidence="call")
    home.clock.instant = KEYS + timedelta(days=80)

    assert await opened(home, VISIT) == ("suppressed", "no-consent")


async def test_a_call_under_way_ends_when_the_telephone_is_barred(store: Store, tmp_path: Path) -> None:
    home = await ground(store, tmp_path, KEYS)
    await home.start(("handover.accepted",))
    await home.tell("tag.added", tag="度假")
    await agree(home, "care")
    home.clock.instant = KEYS + timedelta(days=80)
    assert await opened(home, VISIT) == ("open", None)

    home.clock.instant += timedelta(minutes=5)
    await home.tell("consent.withdrawn", person="zw", purpose="care", channel="phone", evidence="call")
    await home.plan()

    assert await state(home, VISIT) == ("suppressed", "no-consent")


async def test_work_of_the_contract_needs_no_consent(lead: Ground) -> None:
    assert await opened(lead, "prospect.interaction-file") == ("open", None)
