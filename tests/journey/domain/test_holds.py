"""Mute and pause: sends end, clocks of work stop, statutory ones never do."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from journey.domain.entries import State
from journey.domain.items import Item
from journey.domain.reasons import Reason
from journey.domain.record import Hold
from journey.domain.values import JourneyStatus
from tests.lives import Life, begin, everything_goes_out, item_of
from tests.records import instant, told

CALLBACK = "signing.service-callback/epi_1/once"
CONTACT = "signing.keeper-contact/epi_1/once"
FILING = "signing.filing/epi_1/once"
WELCOME = "signing.keeper-welcome/epi_1/once"
READ = "signing.read-contract/epi_1/once"
SIGNED = told("contract.signed", "2025-03-20 10:00", ident="sig")
SUBSCRIBED = told("subscription.signed", "2025-03-15 10:00", ident="sub")


def hold(how: str, placed: str, released: str | None = None, scope: str = "all", event: str = "hold") -> Hold:
    return Hold(event, scope, how, instant(placed), instant(released) if released else None)


def held(life: Life, *holds: Hold) -> Life:
    life.record = replace(life.record, holds=holds)
    return life


def muted(item: Item, now: datetime) -> tuple[State, Reason | None, datetime | None]:
    return State.SUPPRESSED, Reason("muted"), None


def test_a_pause_stops_the_ladder_of_open_work() -> None:
    life = begin("2025-03-20 10:00", SIGNED)
    life.run(instant("2025-03-21 10:00"))
    held(life, hold("pause", "2025-03-21 10:00"))

    life.run(instant("2025-05-20 10:00"))

    assert life.state(CALLBACK) is State.OPEN
    assert [rung for key, rung in life.rungs if key == CALLBACK] == []
    assert life.last is not None
    assert life.last.status is JourneyStatus.PAUSED


def test_a_released_pause_shifts_due_warning_and_escalation() -> None:
    life = begin("2025-03-20 10:00", SIGNED)
    life.run(instant("2025-03-21 10:00"))

    held(life, hold("pause", "2025-03-21 10:00", "2025-03-31 10:00"))
    life.now = instant("2025-03-31 10:00")
    life.run(instant("2025-03-31 11:00"))

    assert life.last is not None
    item = item_of(life.last, CALLBACK)
    assert item.due == instant("2025-04-06 18:00")
    assert item.warn == instant("2025-04-04 18:00")
    assert item.escalate == instant("2025-04-07 18:00")
    assert [reason.code for reason in item.because] == ["paused"]
    assert life.state(CALLBACK) is State.OPEN


def test_pauses_that_overlap_count_once() -> None:
    life = begin("2025-03-20 10:00", SIGNED)
    held(
        life,
        hold("pause", "2025-03-21 10:00", "2025-03-25 10:00"),
        hold("pause", "2025-03-23 10:00", "2025-03-26 10:00", "signing.service-callback", "h2"),
        hold("pause", "2025-03-22 10:00", "2025-03-23 10:00", "signing.service-callback", "h3"),
    )

    life.now = instant("2025-03-26 11:00")
    life.run(instant("2025-03-26 12:00"))

    assert life.last is not None
    assert item_of(life.last, CALLBACK).due == instant("2025-03-27 18:00") + timedelta(days=5)


def test_a_pause_before_an_operators_new_date_does_not_move_it() -> None:
    life = begin("2025-03-20 10:00", SIGNED)
    held(life, hold("pause", "2025-03-21 10:00", "2025-03-25 10:00"))
    data: dict[str, Any] = {"key": CALLBACK, "to": "2025-04-10T16:00:00+08:00", "by": "op", "reason": "asked"}
    life.tell(told("item.rescheduled", "2025-03-26 10:00", **data))

    life.run(instant("2025-03-27 10:00"))

    assert life.record.entries[CALLBACK].due == instant("2025-04-10 16:00")


def test_statutory_clocks_never_stop() -> None:
    life = begin("2025-03-20 10:00", SIGNED)
    held(life, hold("pause", "2025-03-21 10:00"))

    life.run(instant("2025-05-20 10:00"))

    assert life.state(FILING) is State.ESCALATED


@pytest.mark.parametrize(
    ("scope", "stopped"),
    [("all", True), (CALLBACK, True), ("signing.service-callback", True), ("care", False), (FILING, False)],
)
def test_a_pause_concerns_what_its_scope_names(scope: str, stopped: bool) -> None:
    life = begin("2025-03-20 10:00", SIGNED)
    held(life, hold("pause", "2025-03-20 10:00", scope=scope))

    life.run(instant("2025-04-20 10:00"))

    assert (CALLBACK not in [key for _, key in life.opened]) is stopped


def test_messages_of_a_pause_go_out_after_it_while_their_window_is_open() -> None:
    life = begin("2025-03-15 10:00", SUBSCRIBED)
    held(life, hold("pause", "2025-03-15 10:00"))
    life.run(instant("2025-03-17 10:00"))
    during = list(life.sent)

    held(life, hold("pause", "2025-03-15 10:00", "2025-03-17 10:00"))
    life.run(instant("2025-03-17 11:00"))

    assert during == []
    assert {key for _, key in life.sent} == {WELCOME, READ}


def test_messages_whose_window_closed_during_a_pause_are_missed_on_time() -> None:
    life = begin("2025-03-15 10:00", SUBSCRIBED)
    held(life, hold("pause", "2025-03-15 10:00"))

    life.run(instant("2025-03-18 10:00"))

    entry = life.record.entries[WELCOME]
    assert (entry.state, entry.at) == (State.MISSED, instant("2025-03-18 10:00"))


def test_a_muted_message_stays_suppressed_while_the_mute_lasts_and_goes_after_it() -> None:
    life = begin("2025-03-15 10:00", SUBSCRIBED)
    life.send = muted
    held(life, hold("mute", "2025-03-15 09:00"))
    life.run(instant("2025-03-16 10:00"))
    assert life.state(WELCOME) is State.SUPPRESSED
    assert life.last is not None
    assert life.last.status is JourneyStatus.MUTED

    held(life, hold("mute", "2025-03-15 09:00", "2025-03-16 10:00"))
    life.send = everything_goes_out
    life.run(instant("2025-03-16 11:00"))

    assert life.state(WELCOME) is State.SENT


def test_a_muted_message_whose_window_closed_stays_unsent() -> None:
    life = begin("2025-03-15 10:00", SUBSCRIBED)
    life.send = muted
    held(life, hold("mute", "2025-03-15 09:00"))
    life.run(instant("2025-03-18 10:00"))

    held(life, hold("mute", "2025-03-15 09:00", "2025-03-18 11:00"))
    life.send = everything_goes_out
    life.run(instant("2025-03-19 10:00"))

    assert life.state(WELCOME) is State.SUPPRESSED


def test_a_mute_does_not_keep_work_from_opening() -> None:
    life = begin("2025-03-15 10:00", SUBSCRIBED)
    held(life, hold("mute", "2025-03-15 09:00"))

    life.run(instant("2025-03-16 10:00"))

    assert life.state(CONTACT) is State.OPEN
