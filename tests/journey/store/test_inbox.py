"""The inbox: committed once, sameness by the body, acting at once where it must, whole or not at all."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from journey.domain.errors import Conflict, InvalidInput
from journey.store import tables as t
from journey.store.engine import Store
from tests.activities.ground import Ground, ground
from tests.records import instant

MORNING = instant("2026-03-16 10:00")
LATER = MORNING + timedelta(minutes=1)


@pytest_asyncio.fixture
async def home(store: Store, tmp_path: Path) -> Ground:
    """A subscribed home without Temporal, on each engine."""
    made = await ground(store, tmp_path, MORNING)
    await made.start()
    made.clock.instant = LATER
    return made


def event(kind: str, ident: str = "e1", *, person: str | None = None, **data: Any) -> dict[str, Any]:
    """An event of this morning as a source tells it."""
    told: dict[str, Any] = {
        "id": ident,
        "type": kind,
        "occurred_at": MORNING.isoformat(),
        "data": data,
        "source": "crm",
    }
    return told | ({"person": person} if person else {})


def word(ident: str = "e1", text: str = "好") -> dict[str, Any]:
    """A fact that nothing hangs on."""
    return event("suggestion.raised", ident, text=text)


async def count(home: Ground, table: Table) -> int:
    """How many rows a table has."""
    return await home.store.read(lambda s: s.execute(select(func.count()).select_from(table)).scalar_one())


async def test_the_same_event_told_again_changes_nothing_and_gets_the_same_answer(home: Ground) -> None:
    first = await home.doors.tell_journey(home.journey, word())
    before = await count(home, t.events)

    again = await home.doors.tell_journey(home.journey, word())

    assert again == first
    assert await count(home, t.events) == before


async def test_the_same_id_with_another_body_is_a_conflict(home: Ground) -> None:
    await home.doors.tell_journey(home.journey, word())

    with pytest.raises(Conflict, match="another body"):
        await home.doors.tell_journey(home.journey, word(text="不好"))


async def test_the_same_id_from_another_source_is_another_event(home: Ground) -> None:
    first = await home.doors.tell_journey(home.journey, word())

    other = await home.doors.tell_journey(home.journey, word(text="不好") | {"source": "call-centre"})

    assert other.event != first.event


async def test_the_same_event_told_ten_times_at_once_is_committed_once(home: Ground) -> None:
    before = await count(home, t.events)

    answers = await asyncio.gather(*(home.doors.tell_journey(home.journey, word()) for _ in range(10)))

    assert len({answer.event for answer in answers}) == 1
    assert await count(home, t.events) == before + 1


async def test_a_body_told_at_once_with_two_meanings_is_taken_once_and_refused_once(home: Ground) -> None:
    answers = await asyncio.gather(
        *(home.doors.tell_journey(home.journey, word(text=text)) for text in ("好", "不好")), return_exceptions=True
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["Answer", "Conflict"]


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("consent.given", {"purpose": "care", "evidence": "signed form"}),
        ("consent.withdrawn", {"purpose": "care", "evidence": "call of 16 March"}),
        ("contact.changed", {"channel": "phone", "address": "13900139000"}),
        ("contact.invalid", {"channel": "phone", "address": "138"}),
        ("bereavement.noted", {}),
        ("hold.placed", {"scope": "care", "how": "mute", "reason": "业主要求"}),
    ],
)
async def test_what_is_said_of_a_person_is_applied_at_once_without_temporal(
    home: Ground, kind: str, data: dict[str, Any]
) -> None:
    answer = await home.doors.tell_journey(home.journey, event(kind, person="zw", **data))

    assert answer.verdict == "applied"


async def test_other_facts_are_taken_until_a_plan_judges_them(home: Ground) -> None:
    answer = await home.doors.tell_journey(home.journey, word())

    await home.plan()
    again = await home.doors.tell_journey(home.journey, word())

    assert (answer.verdict, again.verdict) == ("taken", "applied")


async def test_a_void_of_a_consent_takes_it_back_at_once(home: Ground) -> None:
    given = event("consent.given", "yes", person="zw", purpose="care", evidence="signed form")
    await home.doors.tell_journey(home.journey, given)
    before = await home.store.read(_given)

    void = await home.doors.tell_journey(home.journey, event("event.voided", event_id="yes", reason="录错了人"))

    assert before == ["care"]
    assert await home.store.read(_given) == []
    assert void.verdict == "applied"


async def test_a_correction_of_an_address_acts_at_once(home: Ground) -> None:
    moved = event("contact.changed", "moved", person="zw", channel="phone", address="13900139000")
    await home.doors.tell_journey(home.journey, moved)

    corrected = event("event.corrected", event_id="moved", data={"address": "13700137000"}, reason="录错号码")
    answer = await home.doors.tell_journey(home.journey, corrected)

    assert await home.store.read(_phones) == ["+8613700137000"]
    assert answer.verdict == "applied"


async def test_a_correction_must_leave_data_that_would_have_been_taken(home: Ground) -> None:
    moved = event("contact.changed", "moved", person="zw", channel="phone", address="13900139000")
    await home.doors.tell_journey(home.journey, moved)
    before = await count(home, t.events)
    bad = event("event.corrected", event_id="moved", data={"address": "no number"}, reason="录错号码")

    with pytest.raises(InvalidInput):
        await home.doors.tell_journey(home.journey, bad)

    assert await home.store.read(_phones) == ["+8613900139000"]
    assert await count(home, t.events) == before


async def test_a_correction_of_nothing_known_is_kept_until_it_is_known(home: Ground) -> None:
    correction = event("event.corrected", event_id="later", data={"text": "更好"}, reason="录错")

    answer = await home.doors.tell_journey(home.journey, correction)
    await home.plan()

    assert answer.verdict == "taken"
    assert (await home.doors.tell_journey(home.journey, correction)).verdict == "parked"


async def test_somebody_unknown_is_refused_and_nothing_is_kept(home: Ground) -> None:
    before = await count(home, t.events)

    with pytest.raises(InvalidInput, match="person"):
        await home.doors.tell_journey(home.journey, event("bereavement.noted", person="nobody"))

    assert await count(home, t.events) == before


@pytest.mark.parametrize("field", ["id", "source"])
async def test_keys_of_a_thousand_characters_are_refused(home: Ground, field: str) -> None:
    with pytest.raises(InvalidInput, match=field):
        await home.doors.tell_journey(home.journey, word() | {field: "x" * 1000})


@pytest.mark.parametrize(
    "bad",
    [
        event("subscription.signed", "bad", on="soon"),
        event("nobody.knows", "bad"),
        event("bereavement.noted", "bad", person="nobody"),
        word("good", "another body"),
    ],
    ids=["data", "type", "person", "twice"],
)
async def test_nothing_is_half_applied_when_one_of_the_first_facts_is_bad(home: Ground, bad: dict[str, Any]) -> None:
    every = (t.journeys, t.units, t.episodes, t.parties, t.persons, t.events, t.consents, t.contacts)
    before = [await count(home, table) for table in every]
    owner = {"ref": "li", "name": "李娜", "phone": "13900139000", "consents": ["care"]}
    body = {"project": "XN", "unit": "3-1-9", "owners": [owner], "facts": [word("good"), bad]}

    with pytest.raises((InvalidInput, Conflict)):
        await home.doors.start_journey(body)

    assert [await count(home, table) for table in every] == before


async def test_of_two_journeys_started_at_once_for_a_home_one_stands(home: Ground) -> None:
    body = {"project": "XN", "unit": "3-1-9", "owners": [{"ref": "li", "name": "李娜", "phone": "13900139000"}]}

    answers = await asyncio.gather(*(home.doors.start_journey(body) for _ in range(4)), return_exceptions=True)

    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "Conflict", "Conflict", "Started"]
    assert await count(home, t.journeys) == 2


async def test_a_fact_of_a_person_marks_each_of_his_journeys(home: Ground) -> None:
    owner = {"ref": "zw", "name": "张伟"}
    other = await home.doors.start_journey({"project": "XN", "unit": "3-1-9", "owners": [owner]})
    stranger = await home.doors.start_journey(
        {"project": "XN", "unit": "3-1-10", "owners": [{"ref": "li", "name": "李娜", "phone": "13900139000"}]}
    )
    before = await home.store.read(_marks)

    await home.doors.tell_journey(home.journey, event("bereavement.noted", person="zw"))

    after = await home.store.read(_marks)
    marked = {journey for journey in after if after[journey] > before[journey]}
    assert marked == {home.journey, other.journey["id"]}
    assert stranger.journey["id"] in after


def _given(session: Session) -> list[str]:
    return list(session.execute(select(t.consents.c.purpose).where(t.consents.c.given)).scalars())


def _phones(session: Session) -> list[str]:
    return list(session.execute(select(t.contacts.c.address).where(t.contacts.c.channel == "phone")).scalars())


def _marks(session: Session) -> dict[str, int]:
    return {row.id: row.stale_mark for row in session.execute(select(t.journeys.c.id, t.journeys.c.stale_mark))}
