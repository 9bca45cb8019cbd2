"""Birthday, anniversary, moving in: on their day, once a person and year, never the reason to stay awake (C7)."""

from calendar import isleap
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.domain.entries import State
from journey.domain.facts import Facts
from journey.domain.items import Item
from journey.domain.periods import Period
from journey.domain.planner import plan
from journey.domain.reasons import Reason
from journey.domain.recurring import days_of_year, in_year, running_rounds
from journey.domain.showing import details
from journey.domain.values import MessageClass
from journey.domain.verdicts import judge
from tests.lives import begin, done_after, items_of, planned
from tests.packs import test_pack
from tests.records import SHANGHAI, completion, instant, pack, record, told

KEYS = told("handover.accepted", "2026-06-27 10:00", ident="keys")
BIRTHDAY = "occupancy.birthday"
ANNIVERSARY = "occupancy.anniversary"
days = st.dates(date(2000, 1, 1), date(2080, 12, 31))


def facts_of(today: date) -> Facts:
    """Facts of a home on a day."""
    now = instant(f"{today} 12:00")
    one = record([])
    return Facts(one, judge([], now=now, zone=SHANGHAI, known=frozenset()), pack(), now)


@given(born=days, year=st.integers(2000, 2100))
def test_a_day_of_the_year_is_itself_but_for_the_29th_of_february(born: date, year: int) -> None:
    found = in_year(year, born.month, born.day)

    assert found.year == year
    if (born.month, born.day) == (2, 29) and not isleap(year):
        assert (found.month, found.day) == (2, 28)
    else:
        assert (found.month, found.day) == (born.month, born.day)


@settings(deadline=None)
@given(born=days, today=st.dates(date(2020, 1, 1), date(2070, 12, 31)), since=days)
def test_at_most_one_day_is_ahead_and_each_year_has_its_own(born: date, today: date, since: date) -> None:
    found = list(days_of_year(facts_of(today), born.month, born.day, since))

    assert len([day for day in found if day > today]) <= 1
    assert len({day.year for day in found}) == len(found) <= 2
    assert all(day > since for day in found)
    assert all(abs(day - today) <= timedelta(days=367) for day in found)
    if since < today:
        assert min(day for day in found if day > today) == min(
            one
            for one in (in_year(year, born.month, born.day) for year in range(today.year, today.year + 2))
            if one > today
        )


@settings(deadline=None)
@given(start=st.dates(date(2020, 1, 1), date(2030, 12, 31)), lived=st.integers(1, 2000), months=st.integers(1, 12))
def test_rounds_follow_each_other_without_a_gap_and_today_is_in_the_last(start: date, lived: int, months: int) -> None:
    today = start + timedelta(days=lived)
    found = running_rounds(facts_of(today), start, Period(months=months))

    assert found[-1].holds(today)
    assert all(earlier.ends == later.after for earlier, later in pairwise(found))
    assert found[-1].number == len(found) or found[0].number == found[-1].number - 1


@pytest.mark.parametrize(("year", "day"), [(2027, "2027-02-28"), (2028, "2028-02-29"), (2029, "2029-02-28")])
def test_who_was_born_on_the_29th_of_february_is_greeted_every_year(year: int, day: str) -> None:
    found = planned(f"{year}-01-15 10:00", KEYS, birthdays={"psn_1": (2, 29)})

    (item,) = [one for one in items_of(found, BIRTHDAY) if one.occurrence == str(year)]
    assert item.due == instant(f"{day} 09:00")


def test_a_birthday_is_greeted_on_its_day_even_a_holiday_from_nine_to_eleven() -> None:
    found = planned("2026-09-01 10:00", KEYS, birthdays={"psn_1": (10, 1)})

    (item,) = items_of(found, BIRTHDAY)
    assert (item.due, item.expires) == (instant("2026-10-01 09:00"), instant("2026-10-01 11:00"))
    assert (item.message_class, item.key) == (MessageClass.CARE, f"{BIRTHDAY}/psn_1/2026")


def test_every_owner_has_greetings_of_his_own_and_an_unknown_birthday_has_none() -> None:
    owners = ("psn_1", "psn_2")
    found = planned("2026-07-01 10:00", KEYS, owners=owners, birthdays={"psn_2": (8, 8)})

    assert [item.subject for item in items_of(found, BIRTHDAY)] == ["psn_2"]
    assert {item.subject for item in items_of(found, ANNIVERSARY)} == set(owners)


def test_the_homes_of_one_person_ask_for_the_same_greeting() -> None:
    one = record([KEYS], birthdays={"psn_1": (8, 8)})
    other = replace(one, journey="jrn_2", episode="epi_2", unit="unt_2",
                    events=[told("handover.accepted", "2026-07-05 10:00")])  # fmt: skip
    now = instant("2026-07-06 10:00")

    agendas = [plan(each, now).agenda for each in (one, other)]
    keys = [{item.key for item in agenda if item.rule in (BIRTHDAY, ANNIVERSARY)} for agenda in agendas]

    assert keys[0] == keys[1] == {f"{BIRTHDAY}/psn_1/2026", f"{ANNIVERSARY}/psn_1/2027"}


def test_a_life_has_one_greeting_a_year_until_its_warranty_has_ended() -> None:
    life = begin("2026-06-27 10:00", KEYS, batch=completion("2026-04-28"), birthdays={"psn_1": (5, 4)})
    life.staff = done_after()

    life.run(instant("2035-01-01 00:00"))

    when = {key: at for at, key in life.sent}
    assert sorted(key for key in when if key.startswith(BIRTHDAY)) == [
        f"{BIRTHDAY}/psn_1/{year}" for year in range(2027, 2032)
    ]
    assert when[f"{ANNIVERSARY}/psn_1/2031"] == instant("2031-06-27 09:00")
    assert life.now == instant("2031-06-28 00:00")


def test_a_greeting_whose_morning_an_outage_took_is_not_sent_later() -> None:
    life = begin("2026-06-27 10:00", KEYS, birthdays={"psn_1": (8, 8)})
    life.run(instant("2026-08-07 10:00"))

    life.down_until(instant("2026-08-09 10:00"))
    life.run(instant("2026-08-09 10:00"))

    assert life.state(f"{BIRTHDAY}/psn_1/2026") is State.MISSED


def test_who_moves_in_is_congratulated_the_next_morning() -> None:
    moved = told("moved_in", "2026-07-10 15:00", ident="m1", on="2026-07-10")
    (item,) = items_of(planned("2026-07-10 15:01", KEYS, moved), "occupancy.moved-in-greeting")

    assert (item.key, item.due) == ("occupancy.moved-in-greeting/psn_1/m1", instant("2026-07-11 09:00"))


def test_temporal_is_not_shown_when_somebody_has_a_birthday() -> None:
    quiet = test_pack(fit_out=None).pack
    found = planned("2026-07-20 10:00", KEYS, birthdays={"psn_1": (8, 8)}, packs=[quiet])

    text = details(found, lang="zh", zone=SHANGHAI, now=instant("2026-07-20 10:00"))

    assert items_of(found, BIRTHDAY)
    assert "生日" not in text
    assert "2026-08-08" not in text


def test_no_reason_of_a_greeting_tells_the_birthday() -> None:
    found = planned("2027-01-20 10:00", KEYS, birthdays={"psn_1": (8, 8)})

    (item,) = [one for one in items_of(found, BIRTHDAY) if one.occurrence == "2027"]
    assert "08-08" not in str([reason.document() for reason in item.because])
    assert item.anchor.event == "keys"


def test_a_greeting_that_another_home_of_the_person_carries_stays_carried() -> None:
    def carried(item: Item, now: datetime) -> tuple[State, Reason | None, datetime | None]:
        return State.MERGED, Reason("merged", {"into": "jrn_2"}), None

    life = begin("2026-06-27 10:00", KEYS, birthdays={"psn_1": (8, 8)})
    life.run(instant("2026-08-08 08:00"))
    life.send, life.now = carried, instant("2026-08-08 09:00")
    found, key = life.plan(), f"{BIRTHDAY}/psn_1/2026"
    life.perform(found, found.moves[0])
    life.write(replace(life.record.entries[key], carrier=key))  # the same key: it is the person's, not the home's

    again = life.plan()

    assert not again.moves
    assert life.state(key) is State.MERGED
