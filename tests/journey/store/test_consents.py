"""Who agreed to what on which channel: the latest word that covers it holds, and is the evidence of the decision."""

import random
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from journey.domain.consent import uncalled
from journey.domain.event_types.channels import way_of
from journey.domain.events import Event
from journey.domain.person_facts import fold_person
from journey.domain.record import Record
from journey.domain.values import ItemKind
from journey.store.addressees import Addressee, addressed, addressees, approached, people_rows
from journey.store.engine import Store
from journey.store.inbox import as_event
from journey.store.people import given_purposes
from journey.store.reading import journey_row, read_journey
from journey.store.tables import consents, events, persons
from tests.activities.ground import Ground, ground
from tests.packs import built_in
from tests.records import SHANGHAI, instant

PACK = built_in().pack
NOON = instant("2026-03-16 12:00")
PURPOSES = ("care", "marketing")
CHANNELS = ("sms", "voice", "wechat", "email")
WORDS = (None, "phone", "mobile", "sms", "call", "wechat", "e-mail")
COVERED_BY = {"sms": ("", "phone", "sms"), "voice": ("", "phone", "voice"), "wechat": ("", "wechat"),
              "email": ("", "email"), "visit": ("",)}  # fmt: skip
CALL = {"key": "a.b/e/once", "rule": "a.b", "class": "care", "kind": ItemKind.CALL, "params": {}}
Word = tuple[bool, str, str]  # whether he agreed, the channel that he named, the evidence
Words = Mapping[tuple[str, str], Word | None]


def expected(told: Sequence[Event]) -> Words:
    """By purpose and channel, what the last word that covers it says, and which one that is."""
    found: dict[tuple[str, str], Word | None] = {}
    for event in sorted(told, key=lambda event: event.order):
        named = way_of(str(event.data.get("channel") or ""))
        for channel, words in COVERED_BY.items():
            if named in words:
                found[str(event.data["purpose"]), channel] = (event.type == "consent.given", named, event.id)
    return {(purpose, channel): found.get((purpose, channel)) for purpose in PURPOSES for channel in COVERED_BY}


def decided(one: Addressee) -> Words:
    """What a send by each channel, a call and a visit find."""
    found: dict[tuple[str, str], Word | None] = {}
    for purpose in PURPOSES:
        for channel in CHANNELS:
            item = {"key": "a.b/e/once", "rule": "a.b", "class": purpose, "params": {"channel": channel}}
            asked = addressed(one, item, PACK, SHANGHAI, NOON)
            word = asked.looked["consent"]
            found[purpose, channel] = (word["given"], word["channel"], word["event"]) if "event" in word else None
            assert (purpose in asked.request.consents) is bool(word["given"])
        called, visited = (
            purpose in approached(one, item | {"kind": kind}, timedelta(0), NOON).consents
            for kind in (ItemKind.CALL, ItemKind.VISIT)
        )
        voice = found[purpose, "voice"]
        assert called is (voice is not None and voice[0])
        visit = next((row for row in one.consents if (row.purpose, row.channel) == (purpose, "")), None)
        assert visited is (visit is not None and bool(visit.given))
        found[purpose, "visit"] = (bool(visit.given), "", visit.event_id) if visit is not None else None
    return found


def may_be_called(rows: Sequence[Any]) -> set[str]:
    """The purposes for which planning lets him be called."""
    agreed = {row.purpose for row in rows if row.given}
    return agreed - uncalled(rows)


def holds(one: Addressee, told: Sequence[Event]) -> None:
    words = expected(told)
    assert decided(one) == words
    callable_for = {purpose for (purpose, channel), word in words.items() if channel == "voice" and word and word[0]}
    assert may_be_called(one.consents) == callable_for


@st.composite
def statements(draw: st.DrawFn) -> list[Event]:
    """Up to a dozen words, many of one minute, some told long after they were said."""
    told = []
    for number in range(draw(st.integers(1, 12))):
        at = NOON - timedelta(days=9) + timedelta(minutes=draw(st.integers(0, 6)))
        late = timedelta(minutes=draw(st.sampled_from([0, 0, 5])))
        kind = draw(st.sampled_from(["consent.given", "consent.withdrawn"]))
        data = {"purpose": draw(st.sampled_from(PURPOSES)), "channel": draw(st.sampled_from(WORDS))}
        told.append(Event(f"evt_{number:02}", kind, at, at + late, data, "test", str(number), "psn_1"))
    return told


@given(statements())
def test_the_latest_word_that_covers_a_purpose_and_a_channel_holds(told: list[Event]) -> None:
    facts = fold_person(told, "psn_1")
    rows = [
        SimpleNamespace(purpose=purpose, channel=channel, given=one.given, event_id=one.event, since=one.since)
        for (purpose, channel), one in facts.consents.items()
    ]

    holds(_owner(rows), told)


async def test_it_holds_after_each_word_told_to_a_home(store: Store, tmp_path: Path) -> None:
    home = await ground(store, tmp_path, NOON - timedelta(days=1))
    await home.start()
    chance = random.Random(7)
    for number in range(40):
        home.clock.instant += timedelta(minutes=chance.choice([0, 1]))
        kind = f"consent.{chance.choice(['given', 'withdrawn'])}"
        channel = chance.choice(WORDS)
        data = {"purpose": chance.choice(PURPOSES), "evidence": "form"} | ({"channel": channel} if channel else {})
        said_at = home.clock.instant - timedelta(minutes=chance.choice([0, 0, 0, 3]))
        event = {"id": f"c{number}", "type": kind, "occurred_at": said_at.isoformat(), "person": "zw", "data": data}
        await home.doors.tell_journey(home.journey, event)

        one, told = await home.store.read(_as_it_stands, home.journey)
        holds(one, told)


async def test_care_agreed_to_again_on_every_channel_goes_by_one_that_had_its_own_word(
    store: Store, tmp_path: Path
) -> None:
    home = await ground(store, tmp_path, NOON - timedelta(days=1))
    await home.start()
    for kind, channel in (("given", {"channel": "sms"}), ("withdrawn", {}), ("given", {})):
        home.clock.instant += timedelta(minutes=1)
        await home.tell(f"consent.{kind}", person="zw", purpose="care", evidence="form", **channel)

    one, told = await home.store.read(_as_it_stands, home.journey)

    item = {"key": "a.b/e/once", "rule": "a.b", "class": "care", "params": {"channel": "sms"}}
    word = addressed(one, item, PACK, SHANGHAI, NOON).looked["consent"]
    assert (word["given"], word["event"], word["since"]) == (True, told[-1].id, told[-1].occurred_at.isoformat())


@pytest.mark.parametrize("voice_last", [True, False])
@pytest.mark.parametrize("voice", [True, False])
async def test_rows_of_which_a_wider_word_took_no_narrower_one_along_are_read_in_one_way(
    store: Store, tmp_path: Path, voice: bool, voice_last: bool
) -> None:
    """As an earlier version left them: each word in a row of its own channel, whichever was said last."""
    home = await ground(store, tmp_path, NOON - timedelta(days=1))
    await home.start()
    words = [("voice", voice), ("", not voice)]

    def as_before(session: Session) -> None:
        person = session.execute(select(persons.c.id)).scalar_one()
        session.execute(delete(consents))
        for number, (channel, agreed) in enumerate(words if not voice_last else reversed(words)):
            since = NOON - timedelta(hours=9 - number)
            word = {"purpose": "care", "channel": channel, "given": agreed, "since": since, "event_id": f"evt_{number}"}
            session.execute(insert(consents).values(person_id=person, **word))

    await home.store.write(as_before)
    one, _ = await home.store.read(_as_it_stands, home.journey)
    planned = await home.store.read(_planned, home)

    may = voice if voice_last else not voice
    assert ("care" in approached(one, CALL, timedelta(0), NOON).consents) is may
    assert ("care" not in planned.uncalled.get(one.who.id, ())) is may


def _planned(session: Session, home: Ground) -> Record:
    return read_journey(session, journey_row(session, home.journey), home.site.shelf).record


LISTED = {"ref": "zw", "name": "张伟", "phone": "13800138000", "consents": ["care", "marketing"]}


async def refused(store: Store, tmp_path: Path, **channel: str) -> Ground:
    """The home of an owner who was listed with his consents, and took back marketing a minute later."""
    home = await ground(store, tmp_path, NOON - timedelta(days=1))
    await home.start(owners=[LISTED])
    home.clock.instant += timedelta(minutes=1)
    await home.tell("consent.withdrawn", person="zw", purpose="marketing", evidence="TD", **channel)
    home.clock.instant += timedelta(minutes=1)
    return home


async def test_who_is_listed_with_another_home_has_still_withdrawn_what_he_withdrew(
    store: Store, tmp_path: Path
) -> None:
    home = await refused(store, tmp_path)
    before = await home.store.read(_said)

    second = await home.doors.start_journey({"project": "XN", "unit": "3-1-1203", "owners": [LISTED]})

    assert before == await home.store.read(_said) == {("care", ""): True, ("marketing", ""): False}
    assert [(one.code, one.params) for one in second.warnings] == [
        ("owner-consent-withdrawn", {"ref": "zw", "purpose": "marketing"})
    ]


async def test_who_is_listed_again_with_other_owners_has_still_withdrawn_what_he_withdrew(
    store: Store, tmp_path: Path
) -> None:
    home = await refused(store, tmp_path)
    others = [{"ref": "lf", "name": "李芳", "consents": ["marketing"]}]

    await home.tell("parties.changed", on="2026-03-15", owners=[LISTED | {"consents": ["marketing"]}, *others])

    said = await home.store.read(_said)
    assert said[("marketing", "")] is False
    assert await home.store.read(_agreed, "lf") == {"marketing"}


async def test_being_listed_leaves_the_one_channel_alone_that_he_withdrew(store: Store, tmp_path: Path) -> None:
    home = await ground(store, tmp_path, NOON - timedelta(days=1))
    await home.start()
    await home.tell("consent.withdrawn", person="zw", purpose="care", channel="sms", evidence="call")
    home.clock.instant += timedelta(minutes=1)

    second = await home.doors.start_journey({"project": "XN", "unit": "3-1-1203", "owners": [LISTED]})

    assert await home.store.read(_said) == {("care", ""): True, ("care", "sms"): False, ("marketing", ""): True}
    assert [one.params["purpose"] for one in second.warnings] == ["care"]


async def test_he_agrees_anew_by_a_word_of_his_own(store: Store, tmp_path: Path) -> None:
    home = await refused(store, tmp_path)

    await home.tell("consent.given", person="zw", purpose="marketing", evidence="form")
    second = await home.doors.start_journey({"project": "XN", "unit": "3-1-1203", "owners": [LISTED]})

    assert await home.store.read(_said) == {("care", ""): True, ("marketing", ""): True}
    assert not second.warnings


@pytest.mark.parametrize("source", ["start:jny_1", "parties:evt_1", "transfer:evt_1"])
def test_a_withdrawal_that_was_told_late_stands_against_a_list(source: str) -> None:
    data = {"purpose": "care", "evidence": "form"}
    said = Event("evt_2", "consent.withdrawn", NOON, NOON + timedelta(days=2), data, "test", "2", "psn_1")
    listed = Event("evt_1", "consent.given", NOON + timedelta(days=1), NOON, data, source, "1", "psn_1")

    assert fold_person([listed], "psn_1").consents["care", ""].given
    assert not fold_person([listed, said], "psn_1").consents["care", ""].given


def _said(session: Session) -> dict[tuple[str, str], bool]:
    who = select(persons.c.id).where(persons.c.ref == "zw").scalar_subquery()
    rows = session.execute(
        select(consents.c.purpose, consents.c.channel, consents.c.given).where(consents.c.person_id == who)
    )
    return {(row.purpose, row.channel): bool(row.given) for row in rows}


def _agreed(session: Session, ref: str) -> set[str]:
    return given_purposes(session, session.execute(select(persons.c.id).where(persons.c.ref == ref)).scalar_one())


def _owner(rows: Sequence[Any]) -> Addressee:
    who = SimpleNamespace(id="psn_1", zone=None, language="zh", bereaved_at=None, preferred_channel=None, name=None)
    return Addressee(who, {}, rows, [], {}, [])


def _as_it_stands(session: Session, journey: str) -> tuple[Addressee, list[Event]]:
    rows = session.execute(
        select(events)
        .where(events.c.journey_id == journey, events.c.type.startswith("consent."))
        .order_by(events.c.seq)
    ).all()
    person = session.execute(select(consents.c.person_id).limit(1)).scalar_one()
    found = addressees(session, people_rows(session, [person]), {person: [journey]}, NOON)[person]
    return found, [as_event(row) for row in rows]
