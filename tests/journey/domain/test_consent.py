"""Whether a message may go now: classes, consent, quiet hours, caps and the clocks of the recipient."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.domain.clocks import at, local
from journey.domain.consent import Decision, Fail, Hold, Merge, Send, SendRequest, Suppress, decide
from journey.domain.values import MessageClass

SHANGHAI = "Asia/Shanghai"
LONDON = "Europe/London"
NOON = at(date(2026, 6, 26), time(12), SHANGHAI)
NIGHT = at(date(2026, 6, 26), time(22), SHANGHAI)
NEXT_MORNING = at(date(2026, 6, 27), time(9), SHANGHAI)
CARING = [MessageClass.CARE, MessageClass.MARKETING]

CARE = SendRequest(
    message_class=MessageClass.CARE,
    statutory=False,
    channel="sms",
    now=NOON,
    zone=SHANGHAI,
    consents=frozenset({"care", "marketing"}),
    has_address=True,
    address_invalid=False,
    muted=False,
    paused_until_release=False,
    bereaved=False,
    sent_this_month=0,
    window=(time(9), time(20)),
    cap=4,
    no_call=False,
    duplicate_of=None,
    cancelled=False,
    expires=None,
)
CONTRACT = replace(CARE, message_class=MessageClass.CONTRACT, consents=frozenset(), window=(time(8), time(21)))
EMERGENCY = replace(CONTRACT, message_class=MessageClass.EMERGENCY)

zones = st.sampled_from([SHANGHAI, LONDON, "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"])
instants = st.integers(0, 730 * 86_400).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=n))
windows = (
    st.tuples(st.integers(0, 86_399), st.integers(0, 86_399))
    .filter(lambda edges: edges[0] != edges[1])
    .map(lambda edges: (_clock(min(edges)), _clock(max(edges))))
)
requests = st.builds(
    SendRequest,
    message_class=st.sampled_from(MessageClass),
    statutory=st.booleans(),
    channel=st.sampled_from(["sms", "wechat", "email", "voice"]),
    now=instants,
    zone=zones,
    consents=st.frozensets(st.sampled_from(["care", "marketing", "sensitive"])),
    has_address=st.booleans(),
    address_invalid=st.booleans(),
    muted=st.booleans(),
    paused_until_release=st.booleans(),
    bereaved=st.booleans(),
    sent_this_month=st.integers(0, 6),
    window=windows,
    cap=st.integers(0, 6),
    no_call=st.booleans(),
    duplicate_of=st.none() | st.just("other"),
    cancelled=st.booleans(),
    expires=st.none() | instants,
)


def _clock(seconds: int) -> time:
    return (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).time()


def _inside(request: SendRequest, instant: datetime) -> bool:
    return request.window[0] <= local(instant, request.zone).time() < request.window[1]


@given(requests)
def test_a_hold_is_a_minute_or_more_ahead_inside_the_window_and_before_the_end(request: SendRequest) -> None:
    decision = decide(request)

    if isinstance(decision, Hold):
        assert decision.until >= request.now + timedelta(minutes=1)
        assert decision.until.tzinfo is UTC
        assert _inside(request, decision.until)
        assert request.expires is None or decision.until < request.expires


@given(requests)
def test_an_unbroken_hold_is_sent_when_it_is_asked_again(request: SendRequest) -> None:
    decision = decide(request)

    if isinstance(decision, Hold) and decision.reason == "quiet-hours":
        assert decide(replace(request, now=decision.until)) == Send()


@given(requests)
def test_care_and_marketing_never_go_without_consent(request: SendRequest) -> None:
    without = replace(request, consents=request.consents - {request.message_class.value})

    if request.message_class in CARING:
        assert not isinstance(decide(without), Send | Hold)


@given(requests)
def test_nothing_but_care_and_marketing_looks_at_consent_cap_or_bereavement(request: SendRequest) -> None:
    bare = replace(request, consents=frozenset(), sent_this_month=99, bereaved=True)

    if request.message_class not in CARING:
        assert decide(bare) == decide(request)


@given(requests)
def test_only_an_emergency_goes_outside_the_window(request: SendRequest) -> None:
    if decide(request) == Send() and not _inside(request, request.now):
        assert request.message_class is MessageClass.EMERGENCY


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, Send()),
        ({"duplicate_of": "first", "has_address": False}, Merge("first")),
        ({"cancelled": True, "has_address": False}, Suppress("cancelled")),
        ({"has_address": False, "address_invalid": True}, Fail("no-address")),
        ({"address_invalid": True, "consents": frozenset()}, Fail("invalid-address")),
        ({"consents": frozenset({"marketing"}), "muted": True}, Suppress("no-consent")),
        ({"muted": True, "bereaved": True}, Suppress("muted")),
        ({"bereaved": True, "sent_this_month": 4}, Suppress("bereavement")),
        ({"sent_this_month": 4, "now": NIGHT}, Suppress("cap")),
        ({"sent_this_month": 3}, Send()),
        ({"now": NIGHT}, Hold(NEXT_MORNING, "quiet-hours")),
        ({"now": NIGHT, "expires": NEXT_MORNING}, Suppress("window-closed")),
        ({"now": NIGHT, "expires": NEXT_MORNING + timedelta(seconds=1)}, Hold(NEXT_MORNING, "quiet-hours")),
        ({"expires": NOON}, Suppress("window-closed")),
    ],
)
def test_the_first_reason_in_order_decides(change: dict[str, object], expected: Decision) -> None:
    assert decide(replace(CARE, **change)) == expected  # type: ignore[arg-type]  # each case names fields of its own


def test_marketing_needs_a_consent_of_its_own() -> None:
    marketing = replace(CARE, message_class=MessageClass.MARKETING, consents=frozenset({"care"}))

    assert decide(marketing) == Suppress("no-consent")


def test_a_mute_stops_a_contract_matter_unless_it_is_statutory() -> None:
    muted = replace(CONTRACT, muted=True)

    assert decide(muted) == Suppress("muted")
    assert decide(replace(muted, statutory=True)) == Send()


def test_an_emergency_goes_at_night_without_consent_in_spite_of_mute_and_pause() -> None:
    night = replace(EMERGENCY, now=NIGHT, muted=True, paused_until_release=True, no_call=True, channel="voice")

    assert decide(night) == Send()


def test_an_emergency_still_needs_an_address() -> None:
    assert decide(replace(EMERGENCY, has_address=False)) == Fail("no-address")


def test_a_pause_holds_from_day_to_day_but_not_what_the_law_asks_for() -> None:
    paused = replace(CONTRACT, paused_until_release=True)

    assert decide(paused) == Hold(at(date(2026, 6, 27), time(8), SHANGHAI), "paused")
    assert decide(replace(paused, statutory=True)) == Send()


def test_no_voice_call_goes_on_the_days_of_the_new_year_while_texts_do() -> None:
    new_year = replace(CONTRACT, now=at(date(2027, 2, 6), time(10), SHANGHAI), no_call=True)

    assert decide(replace(new_year, channel="voice")) == Hold(at(date(2027, 2, 7), time(8), SHANGHAI), "no-call-days")
    assert decide(new_year) == Send()


def test_the_window_opens_at_its_start_and_is_closed_at_its_end() -> None:
    opens, closes = (at(date(2026, 6, 26), edge, SHANGHAI) for edge in CARE.window)

    assert decide(replace(CARE, now=opens)) == Send()
    assert decide(replace(CARE, now=closes - timedelta(seconds=1))) == Send()
    assert decide(replace(CARE, now=closes)) == Hold(NEXT_MORNING, "quiet-hours")


def test_seconds_before_the_window_a_hold_still_lasts_a_minute() -> None:
    almost = at(date(2026, 6, 26), time(8, 59, 50), SHANGHAI)

    assert decide(replace(CARE, now=almost)) == Hold(almost + timedelta(minutes=1), "quiet-hours")


def test_the_window_is_that_of_the_recipient_not_of_the_project() -> None:
    assert decide(replace(CARE, zone=LONDON)) == Hold(datetime(2026, 6, 26, 8, tzinfo=UTC), "quiet-hours")


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        (datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 3, 29, 8, tzinfo=UTC)),
        (datetime(2026, 10, 24, 21, tzinfo=UTC), datetime(2026, 10, 25, 9, tzinfo=UTC)),
    ],
    ids=["spring", "autumn"],
)
def test_nine_in_london_is_nine_on_the_morning_after_the_clocks_change(now: datetime, opens: datetime) -> None:
    assert decide(replace(CARE, zone=LONDON, now=now)) == Hold(opens, "quiet-hours")


def test_a_window_that_the_clocks_skip_waits_for_the_next_day() -> None:
    skipped = replace(
        CARE, zone=LONDON, now=datetime(2026, 3, 29, 0, 30, tzinfo=UTC), window=(time(1, 10), time(1, 50))
    )

    assert decide(skipped) == Hold(datetime(2026, 3, 30, 0, 10, tzinfo=UTC), "quiet-hours")


def test_a_window_must_begin_before_it_ends() -> None:
    with pytest.raises(ValueError, match="begins before it ends"):
        replace(CARE, window=(time(21), time(8)))


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no zone"):
        decide(replace(CARE, now=datetime(2026, 6, 26, 12)))  # noqa: DTZ001  # the naive instant is the case
