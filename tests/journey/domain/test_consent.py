"""Whether a message may go now: class, consent, quiet hours, caps (domain C8)."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from journey.domain.consent import Fail, Hold, Send, SendRequest, Suppress, Word, decide, uncalled
from journey.domain.values import MessageClass
from tests.records import SHANGHAI, instant

NOON = instant("2026-03-10 12:00")
CONTRACT = SendRequest(
    message_class=MessageClass.CONTRACT, statutory=False, now=instant("2026-03-10 10:00"), zone=SHANGHAI,
    consents=frozenset(), has_address=True, address_invalid=False, muted=False, bereaved=False, sent_this_month=0,
    window=(time(8), time(21)), cap=4, expires=None,
)  # fmt: skip
CARE = replace(CONTRACT, message_class=MessageClass.CARE, consents=frozenset({"care"}), window=(time(9), time(20)))
MARKETING = replace(CARE, message_class=MessageClass.MARKETING, consents=frozenset({"marketing"}))


def test_contract_matters_need_no_consent() -> None:
    assert decide(CONTRACT) == Send()


@pytest.mark.parametrize("request_", [CARE, MARKETING])
def test_care_and_marketing_need_their_own_consent(request_: SendRequest) -> None:
    assert decide(request_) == Send()
    assert decide(replace(request_, consents=frozenset())) == Suppress("no-consent")
    assert decide(replace(request_, consents=frozenset({"sensitive"}))) == Suppress("no-consent")


def test_consent_to_care_is_none_to_marketing() -> None:
    assert decide(replace(MARKETING, consents=frozenset({"care"}))) == Suppress("no-consent")


def test_the_cap_counts_care_and_marketing_only() -> None:
    assert decide(replace(CARE, sent_this_month=3)) == Send()
    assert decide(replace(CARE, sent_this_month=4)) == Suppress("cap")
    assert decide(replace(CONTRACT, sent_this_month=40)) == Send()


def test_bereavement_stops_care_and_no_contract_matter() -> None:
    assert decide(replace(CARE, bereaved=True)) == Suppress("bereavement")
    assert decide(replace(CONTRACT, bereaved=True)) == Send()


def test_a_mute_stops_all_but_statutory_and_emergency() -> None:
    assert decide(replace(CONTRACT, muted=True)) == Suppress("muted")
    assert decide(replace(CONTRACT, muted=True, statutory=True)) == Send()
    assert decide(replace(CONTRACT, muted=True, message_class=MessageClass.EMERGENCY)) == Send()


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-03-10 07:59:59", "2026-03-10 08:00:59"),
        ("2026-03-10 03:00:00", "2026-03-10 08:00:00"),
        ("2026-03-10 21:00:00", "2026-03-11 08:00:00"),
        ("2026-03-10 23:30:00", "2026-03-11 08:00:00"),
    ],
)
def test_quiet_hours_hold_until_the_window_opens_and_a_minute_at_least(now: str, until: str) -> None:
    assert decide(replace(CONTRACT, now=instant(now))) == Hold(instant(until), "quiet-hours")


@pytest.mark.parametrize("now", ["2026-03-10 08:00:00", "2026-03-10 20:59:59"])
def test_the_edges_of_the_window_are_open(now: str) -> None:
    assert decide(replace(CONTRACT, now=instant(now))) == Send()


def test_quiet_hours_go_by_the_recipients_clock() -> None:
    evening_there = replace(CONTRACT, now=instant("2026-03-10 10:00"), zone="America/New_York")

    assert decide(evening_there) == Hold(instant("2026-03-10 08:00", "America/New_York"), "quiet-hours")


def test_what_would_be_held_past_its_window_is_not_sent() -> None:
    late = replace(CONTRACT, now=instant("2026-03-10 22:00"), expires=instant("2026-03-11 08:00"))

    assert decide(late) == Suppress("window-closed")
    assert decide(replace(late, expires=instant("2026-03-11 08:00:01"))) == Hold(
        instant("2026-03-11 08:00"), "quiet-hours"
    )


def test_an_emergency_goes_at_any_hour() -> None:
    night = replace(CONTRACT, message_class=MessageClass.EMERGENCY, now=instant("2026-03-10 03:00"))

    assert decide(night) == Send()


def test_without_an_address_that_works_nothing_can_arrive() -> None:
    assert decide(replace(CARE, has_address=False, consents=frozenset())) == Fail("no-address")
    assert decide(replace(CONTRACT, address_invalid=True)) == Fail("invalid-address")
    assert decide(replace(CONTRACT, address_unverified=True)) == Fail("unverified-address")


@pytest.mark.parametrize("code", ["open-complaint", "delay-case", "recent-emergency"])
def test_what_stops_care_stops_no_contract_matter(code: str) -> None:
    assert decide(replace(CARE, stopped=code)) == Suppress(code)
    assert decide(replace(MARKETING, stopped=code)) == Suppress(code)
    assert decide(replace(CONTRACT, stopped=code)) == Send()


def test_without_consent_nobody_is_told_why_else_care_would_stop() -> None:
    assert decide(replace(CARE, stopped="open-complaint", consents=frozenset())) == Suppress("no-consent")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([("care", "", True)], set()),
        ([("care", "", True), ("care", "phone", False)], {"care"}),
        ([("care", "", True), ("care", "voice", False)], {"care"}),
        ([("care", "voice", False), ("care", "", True)], set()),
        ([("care", "phone", True), ("care", "voice", False), ("care", "", True)], set()),
        ([("care", "voice", True), ("care", "phone", False)], {"care"}),
        ([("care", "", True), ("care", "sms", False)], set()),
        ([("care", "wechat", True)], {"care"}),
        ([("care", "phone", True), ("marketing", "", True), ("marketing", "phone", False)], {"marketing"}),
        ([("care", "", False), ("care", "phone", False)], set()),  # nothing is agreed to
    ],
)
def test_a_purpose_may_be_agreed_to_and_by_the_last_word_not_for_calls(
    said: list[tuple[str, str, bool]], expected: set[str]
) -> None:
    words = [Word(*word, since=NOON + timedelta(minutes=number)) for number, word in enumerate(said)]

    assert uncalled(words) == expected


def test_of_two_words_of_one_instant_the_narrower_one_holds() -> None:
    assert uncalled([Word("care", "voice", False, NOON), Word("care", "", True, NOON)]) == {"care"}
