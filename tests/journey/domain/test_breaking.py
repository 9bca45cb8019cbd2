"""Breakers: what stops, what is probed, how what waited comes back."""

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from journey.domain import breaking
from journey.domain.breaking import Breaker, BreakerKind, BreakerState, counted
from journey.domain.numbers.kernel import BreakerNumbers
from tests.records import instant

NOW = instant("2026-03-16 10:00")
N = BreakerNumbers()
SMS = Breaker(BreakerKind.PROVIDER, "sms/aliyun", since=NOW)
A_SECOND, A_MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def fail(one: Breaker, times: int, now: datetime = NOW) -> Breaker:
    for _ in range(times):
        one = counted(one, now, N, failed=1, error="busy-503")
    return one


def opened() -> Breaker:
    one = fail(SMS, N.least)
    assert one.state is BreakerState.OPEN
    return one


def test_failures_one_after_the_other_stop_it() -> None:
    assert fail(SMS, N.least - 1).state is BreakerState.CLOSED
    assert opened().error == "busy-503"


def test_one_owner_in_ten_thousand_stops_nothing() -> None:
    one = SMS
    for _ in range(40):
        one = counted(one, NOW, N, failed=1, passed=9_999)

    assert one.state is BreakerState.CLOSED


def test_a_systematic_failure_stops_it_whatever_went_well_before() -> None:
    one = counted(SMS, NOW, N, failed=1, passed=100_000)

    one = fail(one, N.of)

    assert one.state is BreakerState.OPEN


def test_failures_of_an_hour_ago_are_forgotten() -> None:
    one = fail(SMS, N.least - 1)

    one = fail(one, 1, NOW + timedelta(hours=1, seconds=1))

    assert (one.state, one.failed) == (BreakerState.CLOSED, 1)


def test_a_probe_goes_after_a_pause_that_doubles_up_to_an_hour() -> None:
    one, now, pauses = opened(), NOW, []
    for _ in range(9):
        assert one.probe_at is not None
        pauses.append((one.probe_at - now) // A_MINUTE)
        now = one.probe_at
        assert one.may_probe(now)
        one = breaking.probed(one, now, N)
        assert not one.may_probe(now)  # one at a time
        one = breaking.probe_failed(one, now, N)

    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_probe_that_nobody_heard_of_again_is_followed_by_another() -> None:
    one = breaking.probed(opened(), NOW + A_MINUTE, N)

    assert one.may_probe(NOW + 2 * A_MINUTE)


def test_a_template_that_works_again_is_closed_and_a_provider_recovers() -> None:
    template = Breaker(BreakerKind.TEMPLATE, "x/zh", state=BreakerState.OPEN)

    assert breaking.closed(template, NOW).state is BreakerState.CLOSED
    assert breaking.closed(opened(), NOW).state is BreakerState.RECOVERING


def test_a_recovered_provider_is_closed_once_nobody_waits() -> None:
    one = breaking.closed(opened(), NOW)

    assert one.stands(NOW + timedelta(minutes=30), N) is BreakerState.RECOVERING
    assert one.stands(NOW + timedelta(hours=1, minutes=2), N) is BreakerState.CLOSED


def test_care_waits_while_contract_matters_wait() -> None:
    one, _ = breaking.waiting(opened(), NOW, N, urgent=True)
    one = breaking.closed(one, NOW + A_MINUTE)
    assert one.urgent_until is not None

    assert breaking.taken(one, NOW + A_MINUTE, N, urgent=False) is None
    assert breaking.taken(one, NOW + A_MINUTE, N, urgent=True) is not None
    assert breaking.taken(one, one.urgent_until + A_MINUTE, N, urgent=False) is not None


def test_who_waits_for_care_asks_again_after_those_who_wait_for_contract_matters() -> None:
    one, first = breaking.waiting(opened(), NOW, N, urgent=True)
    one, care = breaking.waiting(one, NOW, N, urgent=False)
    one, second = breaking.waiting(one, NOW, N, urgent=True)

    assert first < care
    assert second - first == A_SECOND / N.per_second
    one, later = breaking.waiting(one, NOW, N, urgent=False)
    assert later > second


@settings(deadline=None)
@given(
    gaps=st.lists(st.integers(0, 400), min_size=1, max_size=400),
    per_second=st.integers(1, 100),
)
def test_never_more_than_the_rate_and_one_seconds_worth_goes_out(gaps: list[int], per_second: int) -> None:
    numbers = N.model_copy(update={"per_second": per_second})
    one, now, out = breaking.closed(opened(), NOW), NOW, []
    for gap in gaps:
        now += timedelta(milliseconds=gap)
        after = breaking.taken(one, now, numbers, urgent=True)
        if after is not None:
            one = after
            out.append(now)

    for index, first in enumerate(out):
        for count, last in enumerate(out[index:], start=1):
            assert count <= (last - first) / A_SECOND * per_second + per_second + 1


@settings(deadline=None)
@given(waits=st.lists(st.booleans(), min_size=1, max_size=100))
def test_whoever_waits_has_an_instant_of_his_own_a_minute_ahead_or_more(waits: list[bool]) -> None:
    one, given_out = opened(), []
    for urgent in waits:
        one, at = breaking.waiting(one, NOW, N, urgent=urgent)
        given_out.append((urgent, at))

    assert all(at >= NOW + A_MINUTE for _, at in given_out)
    for kind in (True, False):
        instants = [at for urgent, at in given_out if urgent is kind]
        assert instants == sorted(set(instants))
