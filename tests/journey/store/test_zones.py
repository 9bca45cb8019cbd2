"""The zone that comes with an address goes with it when the news is taken back."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from journey.store.engine import Store
from journey.store.tables import persons
from tests.activities.ground import ground
from tests.records import instant

NOW = instant("2026-03-16 10:00")


@pytest.mark.parametrize("lived", [None, "Europe/Berlin"])
async def test_a_move_that_is_taken_back_leads_to_where_he_lived(
    store: Store, tmp_path: Path, lived: str | None
) -> None:
    home = await ground(store, tmp_path, NOW)
    owner = {"ref": "zw", "name": "张伟", "phone": "13800138000"} | ({"zone": lived} if lived else {})
    await home.start(owners=[owner])

    async def zone() -> str | None:
        return await store.read(lambda s: s.execute(select(persons.c.zone)).scalar_one())

    home.clock.instant += timedelta(days=1)
    moved = await home.tell(
        "contact.verified", person="zw", channel="phone", address="13800138000", zone="America/New_York"
    )
    there = await zone()
    await home.tell("event.voided", event_id=moved.event, reason="另一位业主")

    assert (there, await zone()) == ("America/New_York", lived)
