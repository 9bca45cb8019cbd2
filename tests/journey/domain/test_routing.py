"""Channels: the class's order, the person's choice, and why each was passed over."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.domain.reasons import Reason
from journey.domain.routing import (
    INVALID,
    NO_ADDRESS,
    NO_CONSENT,
    NO_PROVIDER,
    PROVIDER_STOPPED,
    REFUSED,
    STOPPED,
    Considered,
    Known,
    order_for,
    route,
)

ORDER = ("wechat", "sms", "email")
ALL = Known(addresses={"wechat": ("w1", True), "sms": ("+8613800138000", True), "email": ("a@b.c", True)})


def test_the_first_channel_of_the_class_carries_it() -> None:
    way = route(ORDER, ALL)

    assert (way.channel, way.address, way.lost) == ("wechat", "w1", None)
    assert way.considered == (Considered("wechat"),)


def test_a_persons_choice_goes_first_and_only_among_those_that_the_class_uses() -> None:
    assert order_for(ORDER, "email") == ("email", "wechat", "sms")
    assert order_for(ORDER, "voice") == ORDER
    assert order_for(ORDER, None) == ORDER


@pytest.mark.parametrize(
    ("known", "why"),
    [
        (replace(ALL, addresses={"sms": ("1", True)}), NO_ADDRESS),
        (replace(ALL, addresses={**ALL.addresses, "wechat": ("w1", False)}), INVALID),
        (replace(ALL, unconsented=frozenset({"wechat"})), NO_CONSENT),
        (replace(ALL, carried=frozenset({"sms", "email"})), NO_PROVIDER),
        (replace(ALL, refused={"wechat": "blocked"}), REFUSED),
        (replace(ALL, stopped={"wechat": PROVIDER_STOPPED}), PROVIDER_STOPPED),
    ],
)
def test_a_channel_that_cannot_carry_it_gives_way_to_the_next(known: Known, why: str) -> None:
    way = route(ORDER, known)

    assert (way.channel, way.lost) == ("sms", None)
    assert way.considered[0].channel == "wechat"
    assert way.considered[0].why == why


def test_what_passes_by_itself_speaks_before_what_a_person_must_mend() -> None:
    known = Known(
        addresses={"wechat": ("w1", True), "sms": ("1", True)},
        refused={"wechat": "blocked"},
        stopped={"sms": PROVIDER_STOPPED},
    )

    assert route(ORDER, known).lost == PROVIDER_STOPPED
    assert route(ORDER, replace(known, stopped={}, refused={"wechat": "x", "sms": "y"})).lost == REFUSED


def test_all_that_was_tried_reads_in_both_languages() -> None:
    tried = [["sms", REFUSED, "blacklisted"], ["wechat", NO_ADDRESS]]

    assert (
        Reason("no-channel-left", {"tried": tried}).text("zh")
        == "没有可用渠道(短信:服务商已拒绝(blacklisted)、微信:没有地址)"
    )
    assert "SMS: its provider refused (blacklisted), WeChat: no address" in Reason(
        "no-channel-left", {"tried": tried}
    ).text("en")


channels = st.frozensets(st.sampled_from(ORDER))


@settings(deadline=None)
@given(there=channels, invalid=channels, unconsented=channels, carried=channels, refused=channels, stopped=channels)
def test_a_channel_is_taken_exactly_when_nothing_speaks_against_it(
    there: frozenset[str],
    invalid: frozenset[str],
    unconsented: frozenset[str],
    carried: frozenset[str],
    refused: frozenset[str],
    stopped: frozenset[str],
) -> None:
    known = Known(
        addresses={one: (one, one not in invalid) for one in there},
        unconsented=unconsented,
        carried=carried,
        refused=dict.fromkeys(refused, "x"),
        stopped=dict.fromkeys(stopped, next(iter(sorted(STOPPED)))),
    )
    fit = [one for one in ORDER if one in (there & carried) - invalid - unconsented - refused - stopped]

    way = route(ORDER, known)

    assert (way.lost is None) == bool(fit)
    if fit:
        assert way.channel == fit[0]
    assert [one.channel for one in way.considered] == list(ORDER[: len(way.considered)])
