"""What a list of owners and the words of earlier versions leave of a consent that was withdrawn for one channel."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from journey.store.addressees import addressed, addressees, people_rows
from journey.store.engine import Store
from journey.store.people import given_purposes
from journey.store.tables import consents, persons
from tests.activities.ground import Ground, ground
from tests.journey.store.test_consents import LISTED, NOON, PACK
from tests.records import SHANGHAI

CHANNELS = ("sms", "voice", "wechat")


async def refused(store: Store, tmp_path: Path, channel: str) -> Ground:
    """The home of an owner listed without consents, who does not want marketing by one channel."""
    home = await ground(store, tmp_path, NOON - timedelta(days=1))
    await home.start()
    await home.tell("consent.withdrawn", person="zw", purpose="marketing", channel=channel, evidence="call")
    home.clock.instant += timedelta(minutes=1)
    return home


async def lists_him(home: Ground, how: str) -> None:
    if how == "a second home":
        await home.doors.start_journey({"project": "XN", "unit": "3-1-1203", "owners": [LISTED]})
    else:
        await home.tell("parties.changed", on="2026-03-15", owners=[LISTED])


@pytest.mark.parametrize("how", ["a second home", "other owners"])
@pytest.mark.parametrize(("channel", "closed"), [("sms", {"sms"}), ("短信", {"sms"}), ("phone", {"sms", "voice"})])
async def test_a_list_gives_nothing_back_on_the_channel_that_he_withdrew(
    store: Store, tmp_path: Path, channel: str, closed: set[str], how: str
) -> None:
    home = await refused(store, tmp_path, channel)
    before = await decided(home)

    await lists_him(home, how)

    after = await decided(home)
    assert {way for way, word in after.items() if not word["given"]} == closed
    assert {after[way]["event"] for way in closed} == {before[way]["event"] for way in closed}


async def test_a_withdrawal_for_one_channel_told_after_the_list_stands_from_when_it_was_said(
    store: Store, tmp_path: Path
) -> None:
    home = await ground(store, tmp_path, NOON - timedelta(days=1))
    await home.start(owners=[LISTED])
    home.clock.instant += timedelta(minutes=1)
    data = {"purpose": "marketing", "channel": "sms", "evidence": "call"}
    said = {"id": "w", "type": "consent.withdrawn", "occurred_at": "2026-02-01T10:00:00+08:00", "person": "zw"}

    await home.doors.tell_journey(home.journey, said | {"data": data})

    assert {way for way, word in (await decided(home)).items() if not word["given"]} == {"sms"}


async def test_what_he_says_himself_after_the_list_opens_the_channel_again(store: Store, tmp_path: Path) -> None:
    home = await refused(store, tmp_path, "sms")
    await lists_him(home, "a second home")
    home.clock.instant += timedelta(minutes=1)

    await home.tell("consent.given", person="zw", purpose="marketing", evidence="form")

    assert all(word["given"] for word in (await decided(home)).values())


@pytest.mark.parametrize(
    ("word", "closed"),
    [("短信", {"sms"}), ("Text", {"sms"}), ("微信", {"wechat"}), ("手机", {"sms", "voice"}), ("渠道三", set(CHANNELS))],
)
async def test_a_withdrawal_that_an_earlier_version_kept_in_its_own_words_is_heeded(
    store: Store, tmp_path: Path, word: str, closed: set[str]
) -> None:
    home = await ground(store, tmp_path, NOON - timedelta(days=1))
    await home.start(owners=[LISTED])

    await home.store.write(_keep_withdrawn, word)

    after = await decided(home)
    assert {way for way, said in after.items() if not said["given"]} == closed
    assert {after[way]["event"] for way in closed} == {"evt_old"}
    everywhere = await home.store.read(lambda session: given_purposes(session, _who(session)))
    assert ("marketing" in everywhere) is (word != "渠道三")


async def decided(home: Ground) -> dict[str, Any]:
    """The word on marketing that the decision on a send by each channel finds."""
    return await home.store.read(_decided, home)


def _decided(session: Session, home: Ground) -> dict[str, Any]:
    person = _who(session)
    one = addressees(session, people_rows(session, [person]), {person: [home.journey]}, NOON)[person]
    item = {"key": "a.b/e/once", "rule": "a.b", "class": "marketing"}
    found = {way: addressed(one, item | {"params": {"channel": way}}, PACK, SHANGHAI, NOON) for way in CHANNELS}
    for asked in found.values():
        assert ("marketing" in asked.request.consents) is asked.looked["consent"]["given"]
    return {way: asked.looked["consent"] for way, asked in found.items()}


def _keep_withdrawn(session: Session, channel: str) -> None:
    word = {"purpose": "marketing", "channel": channel, "given": False, "since": NOON, "event_id": "evt_old"}
    session.execute(insert(consents).values(person_id=_who(session), **word))


def _who(session: Session) -> str:
    return str(session.execute(select(persons.c.id).where(persons.c.ref == "zw")).scalar_one())
