"""Homes that no message reaches are found, counted and shown."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from journey.store.engine import Store
from journey.store.queries import shown
from journey.store.reach_queries import is_unreachable, unreachable_homes
from journey.store.tables import contacts
from tests.journey.store.seeds import NOON, seed_work
from tests.records import SHANGHAI


def set_state(session: Session, state: str) -> None:
    session.execute(update(contacts).where(contacts.c.person_id == "psn_1").values(state=state))


def give(session: Session, person: str, channel: str = "wechat", since: datetime = NOON) -> None:
    row = {"person_id": person, "channel": channel, "address": "wx", "state": "ok", "since": since}
    session.execute(insert(contacts).values(**row))


@pytest.mark.parametrize(("state", "lost"), [("ok", False), ("unverified", True), ("invalid", True)])
async def test_a_home_is_listed_when_not_one_owner_has_a_good_address(store: Store, state: str, lost: bool) -> None:
    await store.write(seed_work)
    await store.write(set_state, state)

    count, page = await store.read(unreachable_homes, "XN")

    assert (count, [row["unit"] for row in page.data]) == (int(lost), ["3-1-1202"] * lost)
    assert await store.read(is_unreachable, "jrn_1") is lost


async def test_a_co_owner_with_a_good_address_is_enough(store: Store) -> None:
    await store.write(seed_work)
    await store.write(set_state, "invalid")
    await store.write(give, "psn_2")

    assert (await store.read(unreachable_homes, "XN"))[0] == 0


@pytest.mark.parametrize("channel", ["post", "inbox"])
async def test_where_letters_go_and_an_inbox_reach_nobody(store: Store, channel: str) -> None:
    await store.write(seed_work)
    await store.write(set_state, "invalid")
    await store.write(give, "psn_1", channel, NOON + timedelta(days=1))
    await store.write(give, "psn_2", channel, NOON + timedelta(days=1))

    count, page = await store.read(unreachable_homes, "XN")

    assert (count, [row["since"] for row in page.data]) == (1, [shown(NOON, SHANGHAI)])  # when the number was lost
    assert await store.read(is_unreachable, "jrn_1")
