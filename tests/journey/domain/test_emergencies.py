"""An emergency is told at once, at any hour of any day, while it is news; a post follows it up."""

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from journey.domain.entries import State
from journey.domain.events import Event
from journey.domain.numbers.broadcast import BroadcastNumbers
from tests.journey.domain.shared_lives import PROJECT, SharedLife, life_of, scoped
from tests.lives import item_of
from tests.records import SHANGHAI, instant, pack, told

ALARM, FOLLOW_UP = "project.emergency", "project.emergency-follow-up"
STARTED = instant("2026-01-02 09:00")
FIRST, LAST = (instant(day).replace(tzinfo=None) for day in ("2026-01-03 00:00", "2027-12-31 00:00"))


def declared(when: str, recorded: str | None = None) -> Event:
    """Gas leaks in building 3."""
    event = told("emergency.declared", when, recorded=recorded, ident="evt_gas", text="燃气泄漏")
    return scoped(event, building="3")


def alarmed(*events: Event, at: str) -> SharedLife:
    """The project at an instant, after what it was told."""
    life = life_of(PROJECT, at, *events, started=STARTED)
    life.run(instant(at))
    return life


def test_it_goes_out_at_the_instant_of_its_telling_to_everybody_in_scope_on_every_channel() -> None:
    life = life_of(PROJECT, "2026-02-17 03:00", declared("2026-02-17 03:00"), started=STARTED)  # 春节, at night

    item = item_of(life.plan(), f"{ALARM}/{PROJECT}/evt_gas")

    assert item.due == instant("2026-02-17 03:00")
    assert item.message_class == "emergency"
    assert item.params["scope"] == {"building": "3"}
    assert item.params["channels"] == ["sms", "wechat", "voice", "email"]
    assert (item.params["each"], item.params["everyone"]) == (True, True)
    assert "prospect" not in item.params["stages"]
    assert "燃气" not in str(item.params)  # the words stay with the event


def test_one_that_is_told_while_it_is_news_still_goes_and_an_older_one_does_not() -> None:
    late = alarmed(declared("2026-03-02 10:00", recorded="2026-03-02 20:00"), at="2026-03-02 20:00")
    old = alarmed(declared("2026-03-02 10:00", recorded="2026-03-04 10:00"), at="2026-03-04 10:00")

    assert [key for _, key in late.sent] == [f"{ALARM}/{PROJECT}/evt_gas"]
    assert old.sent == []
    assert old.state(f"{ALARM}/{PROJECT}/evt_gas") is State.MISSED


def test_the_post_follows_it_up_and_is_warned_and_escalated() -> None:
    life = alarmed(declared("2026-03-02 22:00"), at="2026-03-02 22:00")

    item = item_of(life.plan(), f"{FOLLOW_UP}/{PROJECT}/evt_gas")

    assert item.due == instant("2026-03-03 00:00")
    assert life.state(item.key) is State.OPEN
    life.run(instant("2026-03-03 01:00"))
    assert life.state(item.key) is State.ESCALATED


def test_a_pack_that_knows_no_emergencies_asks_for_nothing() -> None:
    numbers = pack().broadcast
    assert isinstance(numbers, BroadcastNumbers)
    older = pack().model_copy(update={"letter": None, "broadcast": numbers.model_copy(update={"emergency": None})})
    life = life_of(PROJECT, "2026-03-02 10:00", declared("2026-03-02 10:00"), started=STARTED, pack=older)

    assert [item.rule for item in life.plan().agenda if item.rule.startswith(ALARM)] == []


@settings(max_examples=60, deadline=None)
@given(st.datetimes(FIRST, LAST), st.timedeltas(timedelta(0), timedelta(hours=23)))
def test_no_hour_no_feast_and_no_calendar_moves_it(when: datetime, later: timedelta) -> None:
    begins, known = f"{when:%Y-%m-%d %H:%M}", f"{when + later:%Y-%m-%d %H:%M}"
    life = life_of(PROJECT, known, declared(begins, recorded=known), started=STARTED)

    item = item_of(life.plan(), f"{ALARM}/{PROJECT}/evt_gas")

    assert item.due == instant(known, SHANGHAI)
    assert item.expires == instant(begins, SHANGHAI) + timedelta(hours=24)
