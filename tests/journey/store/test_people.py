"""Persons: their consents, addresses and holds follow what was told of them anywhere."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio
from sqlalchemy import select
from sqlalchemy.orm import Session

from journey.store import tables as t
from journey.store.engine import Store
from journey.store.people import addresses, given_purposes
from tests.activities.ground import Ground, ground
from tests.records import instant

MORNING = instant("2026-03-16 10:00")


@pytest_asyncio.fixture
async def home(store: Store, tmp_path: Path) -> Ground:
    """A subscribed home without Temporal, on each engine."""
    made = await ground(store, tmp_path, MORNING)
    await made.start()
    return made


async def tell(home: Ground, kind: str, minute: int, *, person: str | None = "zw", **data: Any) -> str:
    """Tell a fact of a minute of this morning; its id."""
    ident = f"{kind}-{minute}"
    occurred = MORNING + timedelta(minutes=minute)
    home.clock.instant = max(home.clock.instant, occurred)
    event: dict[str, Any] = {"id": ident, "type": kind, "occurred_at": occurred.isoformat(), "data": data}
    await home.doors.tell_journey(home.journey, event | ({"person": person} if person else {}))
    return ident


def consent(purpose: str = "care", channel: str | None = None) -> dict[str, str]:
    """The data of a consent."""
    return {"purpose": purpose, "evidence": "signed form"} | ({"channel": channel} if channel else {})


async def person(home: Ground) -> str:
    """The id of 张伟."""
    return await home.store.read(lambda s: s.execute(select(t.persons.c.id)).scalar_one())


async def test_an_owner_known_by_his_ref_is_not_made_twice(home: Ground) -> None:
    owner = {"ref": "zw", "name": "张伟", "phone": "13800138000"}

    await home.doors.start_journey({"project": "XN", "unit": "3-1-9", "owners": [owner]})

    assert await home.store.read(lambda s: s.execute(select(t.persons.c.ref)).scalars().all()) == ["zw"]


async def test_owners_who_share_a_phone_stay_two(home: Ground) -> None:
    wife = {"ref": "lf", "name": "李芳", "phone": "13800138000"}

    await home.doors.start_journey({"project": "XN", "unit": "3-1-9", "owners": [wife]})

    refs = await home.store.read(lambda s: s.execute(select(t.persons.c.ref)).scalars().all())
    assert sorted(refs) == ["lf", "zw"]


async def test_the_last_word_on_a_consent_holds_by_when_it_was_said(home: Ground) -> None:
    await tell(home, "consent.withdrawn", 30, **consent())
    await tell(home, "consent.given", 10, **consent())

    assert await home.store.read(given_purposes, await person(home)) == set()


async def test_a_withdrawal_without_a_channel_ends_every_channel(home: Ground) -> None:
    await tell(home, "consent.given", 1, **consent(channel="sms"))
    await tell(home, "consent.given", 2, **consent(channel="wechat"))

    await tell(home, "consent.withdrawn", 3, **consent())

    assert await home.store.read(_consents) == {("care", ""): False, ("care", "sms"): False, ("care", "wechat"): False}


async def test_consents_told_at_the_same_moment_all_stand(home: Ground) -> None:
    kinds = [("care", None), ("marketing", None), ("sensitive", None), ("care", "sms"), ("care", "wechat")]
    occurred = (MORNING + timedelta(minutes=1)).isoformat()

    await asyncio.gather(
        *(
            home.doors.tell_journey(
                home.journey,
                {"id": f"c{number}", "type": "consent.given", "occurred_at": occurred, "person": "zw"}
                | {"data": consent(purpose, channel)},
            )
            for number, (purpose, channel) in enumerate(kinds)
        )
    )

    assert await home.store.read(_consents) == {(purpose, channel or ""): True for purpose, channel in kinds}


async def test_where_letters_go_is_an_address_of_its_own_and_no_way_to_reach_anybody(home: Ground) -> None:
    who = await person(home)
    before = await home.store.read(_reachable_since, who)
    await tell(home, "contact.changed", 1, channel="post", address=" 610000  成都市春熙路1号 ")

    known = await home.store.read(addresses, who)
    assert known["post"] == "610000 成都市春熙路1号"
    assert await home.store.read(_reachable_since, who) == before


async def test_addresses_change_fail_and_are_verified_again(home: Ground) -> None:
    who = await person(home)
    await tell(home, "contact.changed", 1, channel="phone", address="13900139000")
    moved = await home.store.read(addresses, who)
    await tell(home, "contact.invalid", 2, channel="phone", address="13900139000")
    broken = await home.store.read(_contact)
    await tell(home, "contact.verified", 3, channel="phone", address="13900139000")

    assert moved == {"phone": "+8613900139000"}
    assert broken == ("+8613900139000", "invalid")
    assert await home.store.read(_contact) == ("+8613900139000", "ok")


async def test_an_old_number_found_invalid_leaves_the_new_one_alone(home: Ground) -> None:
    await tell(home, "contact.changed", 1, channel="phone", address="13900139000")

    await tell(home, "contact.invalid", 2, channel="phone", address="13800138000")

    assert await home.store.read(_contact) == ("+8613900139000", "ok")


async def test_a_bereavement_stands_until_it_is_voided(home: Ground) -> None:
    noted = await tell(home, "bereavement.noted", 1)
    before = await home.store.read(_bereaved)

    await tell(home, "event.voided", 2, person=None, event_id=noted, reason="录错了人")

    assert before == MORNING + timedelta(minutes=1)
    assert await home.store.read(_bereaved) is None


async def test_a_voided_void_counts_no_more(home: Ground) -> None:
    given = await tell(home, "consent.given", 1, **consent())
    void = await tell(home, "event.voided", 2, person=None, event_id=given, reason="录错了人")

    await tell(home, "event.voided", 3, person=None, event_id=void, reason="没有录错")

    assert await home.store.read(given_purposes, await person(home)) == {"care"}


async def test_holds_of_a_person_and_of_a_journey_stand_apart_until_released(home: Ground) -> None:
    hold = {"scope": "care", "how": "mute", "reason": "业主要求"}
    await tell(home, "hold.placed", 1, **hold)
    await tell(home, "hold.placed", 2, person=None, **hold)
    placed = await home.store.read(_holds)

    await tell(home, "hold.released", 3, person=None, **hold)
    released = await home.store.read(_holds)

    assert placed == {"person": True, "journey": True}
    assert released == {"person": True, "journey": False}


async def test_what_was_told_in_one_journey_holds_in_the_other_too(home: Ground) -> None:
    first = home.journey
    other = await home.doors.start_journey(
        {"project": "XN", "unit": "3-1-9", "owners": [{"ref": "zw", "name": "张伟"}]}
    )
    home.journey = str(other.journey["id"])

    await tell(home, "consent.given", 1, **consent())
    home.journey = first
    await tell(home, "consent.withdrawn", 2, **consent())

    assert await home.store.read(given_purposes, await person(home)) == set()


def _consents(session: Session) -> dict[tuple[str, str], bool]:
    rows = session.execute(select(t.consents.c.purpose, t.consents.c.channel, t.consents.c.given))
    return {(row.purpose, row.channel): row.given for row in rows}


def _contact(session: Session) -> tuple[str, str]:
    row = session.execute(select(t.contacts.c.address, t.contacts.c.state).where(t.contacts.c.channel == "phone")).one()
    return row.address, row.state


def _bereaved(session: Session) -> datetime | None:
    found: datetime | None = session.execute(select(t.persons.c.bereaved_at)).scalar_one()
    return found


def _holds(session: Session) -> dict[str, bool]:
    rows = session.execute(select(t.holds.c.person_id, t.holds.c.released_at))
    return {"person" if row.person_id else "journey": row.released_at is None for row in rows}


def _reachable_since(session: Session, who: str) -> Any:
    return session.execute(select(t.persons.c.reachable_since).where(t.persons.c.id == who)).scalar_one()
