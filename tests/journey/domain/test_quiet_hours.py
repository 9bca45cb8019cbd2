"""Quiet hours where clocks jump and where people move (domain C8): calls, texts, 除夕–初三."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.domain.clocks import local
from journey.domain.consent import Hold, Send, SendRequest, Suppress, decide
from journey.domain.values import MessageClass
from tests.journey.domain.test_consent import CARE, CONTRACT, MARKETING
from tests.records import SHANGHAI, instant

LONDON, NEW_YORK = "Europe/London", "America/New_York"
CALLS = ((time(9), time(12)), (time(14), time(20)))
CALL = replace(CONTRACT, channel="voice", hours=CALLS)
ZONES = (SHANGHAI, LONDON, NEW_YORK, "Australia/Lord_Howe", "Asia/Kolkata")
# Nights of 2026 on which clocks jump: London and New York, both ways, and the days around them.
JUMPS = [datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC), datetime(2026, 3, 8, tzinfo=UTC),
         datetime(2026, 11, 1, tzinfo=UTC)]  # fmt: skip
instants = st.builds(
    lambda day, seconds: day + timedelta(seconds=seconds), st.sampled_from(JUMPS), st.integers(-129_600, 129_600)
)
clock = st.builds(time, st.integers(0, 23), st.sampled_from((0, 30, 45)))
windows = st.tuples(clock, clock).filter(lambda pair: pair[0] < pair[1])


def open_at(request: SendRequest, moment: datetime) -> bool:
    """By the plain reading of a clock on the wall."""
    shown = local(moment, request.zone).time()
    inside = request.window[0] <= shown < request.window[1]
    return inside and (not request.hours or any(opens <= shown < closes for opens, closes in request.hours))


@settings(deadline=None)
@given(now=instants, zone=st.sampled_from(ZONES), window=windows)
def test_a_text_is_held_for_the_first_open_minute_on_the_recipients_clock(
    now: datetime, zone: str, window: tuple[time, time]
) -> None:
    request = replace(CONTRACT, now=now, zone=zone, window=window)

    decision = decide(request)

    if isinstance(decision, Send):
        assert open_at(request, now)
        return
    assert isinstance(decision, Hold)
    assert not open_at(request, now)
    assert open_at(request, decision.until)
    assert decision.until >= now + timedelta(minutes=1)
    between = now + timedelta(minutes=1)
    while between < decision.until:
        assert not open_at(request, between)
        between += timedelta(minutes=15)


@settings(deadline=None)
@given(now=instants, zone=st.sampled_from(ZONES))
def test_a_call_is_only_made_in_calling_hours(now: datetime, zone: str) -> None:
    request = replace(CALL, now=now, zone=zone)

    decision = decide(request)
    goes = now if isinstance(decision, Send) else getattr(decision, "until", now)

    assert open_at(request, goes)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-03-10 12:00", "2026-03-10 14:00"),
        ("2026-03-10 13:59:30", "2026-03-10 14:00:30"),
        ("2026-03-10 20:00", "2026-03-11 09:00"),
        ("2026-03-10 08:30", "2026-03-10 09:00"),
    ],
)
def test_nobody_is_called_at_noon_or_at_night(now: str, until: str) -> None:
    assert decide(replace(CALL, now=instant(now))) == Hold(instant(until), "quiet-hours")


def test_an_emergency_is_called_at_any_hour() -> None:
    night = replace(CALL, message_class=MessageClass.EMERGENCY, now=instant("2026-03-10 03:00"), hours=())

    assert decide(night) == Send()


def test_carriers_take_promotion_only_in_their_hours() -> None:
    late_pack = replace(MARKETING, window=(time(7), time(23)), hours=((time(8), time(22)),), channel="sms")

    assert decide(replace(late_pack, now=instant("2026-03-10 07:30"))) == Hold(
        instant("2026-03-10 08:00"), "quiet-hours"
    )
    assert decide(replace(late_pack, now=instant("2026-03-10 22:10"))) == Hold(
        instant("2026-03-11 08:00"), "quiet-hours"
    )


def test_hours_that_never_meet_the_window_are_a_mistake_of_the_pack() -> None:
    with pytest.raises(ValueError, match="outside"):
        replace(CONTRACT, window=(time(8), time(9)), hours=((time(10), time(11)),))


def test_who_moved_while_a_text_waited_is_judged_on_his_new_clock() -> None:
    evening = instant("2026-03-10 21:30")
    held = decide(replace(CONTRACT, now=evening))
    assert held == Hold(instant("2026-03-11 08:00"), "quiet-hours")

    moved = replace(CONTRACT, now=instant("2026-03-11 08:00"), zone=NEW_YORK)

    assert decide(moved) == Send()  # 20:00 of the evening before, there
    assert decide(replace(CARE, now=moved.now, zone=NEW_YORK)) == Hold(
        instant("2026-03-11 09:00", NEW_YORK), "quiet-hours"
    )


def test_a_window_that_clocks_skip_whole_is_met_the_next_day() -> None:
    gap = replace(CONTRACT, zone=LONDON, window=(time(1), time(1, 30)), now=instant("2026-03-29 00:10", LONDON))

    assert decide(gap) == Hold(instant("2026-03-30 01:00", LONDON), "quiet-hours")


def test_an_hour_that_clocks_show_twice_is_open_both_times() -> None:
    twice = replace(CONTRACT, zone=NEW_YORK, window=(time(1), time(1, 30)))
    first = datetime(2026, 11, 1, 5, 10, tzinfo=UTC)

    assert decide(replace(twice, now=first)) == Send()
    assert decide(replace(twice, now=first + timedelta(hours=1))) == Send()
    assert decide(replace(twice, now=first + timedelta(minutes=30))) == Hold(
        datetime(2026, 11, 1, 6, 0, tzinfo=UTC), "quiet-hours"
    )


def test_nobody_is_called_from_new_years_eve_to_the_third_day_and_texts_go() -> None:
    eve = replace(CALL, now=instant("2026-02-16 10:00"), no_call=True)

    assert decide(eve) == Hold(instant("2026-02-17 09:00"), "no-call-days")
    assert decide(replace(eve, channel="sms", hours=())) == Send()


def test_care_that_waits_beyond_its_day_does_not_go() -> None:
    late = replace(CARE, now=instant("2026-03-10 20:30"), expires=instant("2026-03-11 00:00"))

    assert decide(late) == Suppress("window-closed")
