"""A home that changes hands while workers come and go: the old journey closes, the new one begins, once."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from temporalio.exceptions import ApplicationError

from activities.journeys import JourneyActivities
from activities.site import Site
from journey.adapters.channels import Gateway
from journey.contracts._implements import implements
from journey.contracts.performing import Perform, Performed, open_journey
from journey.store.engine import Store
from journey.store.tables import events, journeys
from tests.engine import TestEngine, engine
from tests.workflows.runs import eventually

SIGNED = [{"type": "contract.signed", "id": "con", "contract_handover_date": "2040-06-30"}]
BUYER = [{"ref": "lf", "name": "李芳", "phone": "13900139000"}]


async def resell(home: TestEngine) -> str:
    """The journey of a home that was handed over and resold a day later."""
    journey = await home.start(facts=SIGNED)
    await home.tell(journey, "handover.accepted", id="keys")
    await home.move(days=1)
    sold = await home.tell(journey, "ownership.transferred", id="sold", kind="resale", to=BUYER)
    assert sold.verdict == "applied"
    return journey


async def of_the_home(home: TestEngine) -> list[Any]:
    """The rows of every journey, the first one first."""
    in_order = select(journeys).order_by(journeys.c.started_at, journeys.c.id)
    return await home.store.read(lambda session: list(session.execute(in_order).all()))


async def welcomed(home: TestEngine) -> bool:
    return any(key.startswith("ownership.welcome/") for key in home.sent())


@pytest.mark.slow
async def test_a_resale_begins_the_next_journey_whose_workflow_welcomes_the_buyer(home: TestEngine) -> None:
    journey = await resell(home)

    await home.move(days=1)
    await eventually(lambda: welcomed(home))
    old, new = await of_the_home(home)

    assert (old.id, old.status, new.status, new.stage) == (journey, "transferred", "active", "occupancy")
    assert new.unit_id == old.unit_id
    told = await home.store.read(
        lambda session: session.execute(select(events.c.type).where(events.c.journey_id == new.id)).scalars().all()
    )
    assert set(told) == {"ownership.began", "contact.changed"}


@pytest.mark.slow
@pytest.mark.parametrize("when", ["before the commit", "after the commit"])
async def test_a_worker_killed_between_the_close_and_the_beginning_leaves_one_new_journey(
    kernel_store: Store, tmp_path: Path, when: str
) -> None:
    deaths: list[str] = []

    def dying(site: Site, gateway: Gateway) -> Callable[..., Any]:
        real = JourneyActivities(site)

        class Dying:
            @implements(open_journey)
            async def open(self, command: Perform) -> Performed:
                if deaths:
                    return await real.open(command)
                deaths.append(when)
                if when == "after the commit":
                    await real.open(command)
                raise ApplicationError("killed")

        return Dying().open

    async with engine(kernel_store, tmp_path, replaced={"journeys.open": dying}) as home:
        await resell(home)
        await home.move(days=2)
        await eventually(lambda: welcomed(home))
        await asyncio.sleep(0.1)
        old, new = await of_the_home(home)

    assert deaths == [when]
    assert (old.status, new.status) == ("transferred", "active")
    assert [key.split("/")[0] for key in home.sent()].count("ownership.welcome") == 1
