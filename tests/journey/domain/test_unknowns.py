"""A person finds out how a send ended that nobody could say: it is sent, goes again once, or is given up."""

from datetime import datetime
from typing import Any

import pytest

from journey.domain.entries import State
from journey.domain.events import Event
from journey.domain.items import Item
from journey.domain.reasons import Reason
from tests.lives import Life, begin, everything_goes_out
from tests.records import instant, told

WELCOME = "signing.keeper-welcome/epi_1/once"
READ = "signing.read-contract/epi_1/once"
SUBSCRIBED = told("subscription.signed", "2025-03-15 10:00", ident="sub")


def silent(item: Item, now: datetime) -> tuple[State, Reason | None, datetime | None]:
    return State.UNKNOWN, Reason("provider-silent", {"error": "timeout"}), None


def decided(outcome: str, when: str = "2025-03-16 10:00", ident: str = "dec", **more: Any) -> Event:
    data = {"key": WELCOME, "by": "li", "reason": "asked", "outcome": outcome} | more
    return told("item.decided", when, ident=ident, **data)


def taken_back(when: str = "2025-03-16 12:00") -> Event:
    return told("event.voided", when, ident="void", event_id="dec", reason="the wrong home")


def unknown(*events: Event) -> Life:
    """A welcome of which nobody can say whether it arrived; from then on the channel works."""
    life = begin("2025-03-15 10:00", SUBSCRIBED, *events)
    life.send = silent
    life.run(instant("2025-03-15 11:00"))
    assert life.state(WELCOME) is State.UNKNOWN
    life.send = everything_goes_out
    return life


def code(life: Life, key: str = WELCOME) -> str | None:
    reason = life.record.entries[key].reason
    return reason.code if reason else None


def sent(life: Life) -> list[str]:
    return [key for _, key in life.sent if key.startswith(WELCOME)]


def test_it_happened_and_is_sent() -> None:
    life = unknown(decided("happened"))

    life.run(instant("2025-03-20 10:00"))

    assert (life.state(WELCOME), code(life), sent(life)) == (State.SENT, "decided-happened", [])


def test_it_did_not_happen_and_goes_once_more_under_its_key() -> None:
    life = unknown(decided("not-happened"))

    life.run(instant("2025-03-20 10:00"))

    assert (life.state(WELCOME), sent(life)) == (State.SENT, [WELCOME])


def test_a_send_that_is_unknown_again_waits_for_another_decision() -> None:
    life = unknown(decided("not-happened"))
    life.send = silent

    life.run(instant("2025-03-18 10:00"))

    assert life.state(WELCOME) is State.UNKNOWN
    assert life.record.entries[WELCOME].at == instant("2025-03-16 10:00")


def test_a_decision_is_about_the_entry_that_it_saw_and_no_later_one() -> None:
    life = unknown()
    seen = life.record.entries[WELCOME].signature
    life.tell(decided("not-happened", ident="one", seen=seen), decided("happened", ident="two", seen="unknown@never"))
    life.run(instant("2025-03-17 10:00"))

    assert sent(life) == [WELCOME]


def test_it_did_not_happen_after_the_window_closed_and_is_given_up() -> None:
    life = unknown(decided("not-happened", "2025-03-19 10:00"))

    life.run(instant("2025-03-25 10:00"))

    assert (life.state(WELCOME), code(life), sent(life)) == (State.FAILED, "decided-not-happened", [])


def test_what_was_given_up_goes_when_its_date_moves_ahead() -> None:
    life = unknown(decided("not-happened", "2025-03-19 10:00"))
    life.run(instant("2025-03-20 10:00"))

    on = {"on": "2025-03-21"}
    life.tell(told("event.corrected", "2025-03-20 11:00", event_id="sub", data=on, reason="one week later"))
    life.run(instant("2025-03-23 10:00"))

    assert sent(life) == [WELCOME]


def test_what_nobody_asks_for_any_more_is_given_up() -> None:
    signed = told("contract.signed", "2025-03-16 09:00", ident="sig")
    decision = decided("not-happened", key=READ)
    life = begin("2025-03-15 10:00", SUBSCRIBED, signed, decision)
    life.send = silent

    life.run(instant("2025-03-17 10:00"))

    assert (life.state(READ), code(life, READ)) == (State.FAILED, "decided-not-happened")


@pytest.mark.parametrize("when", ["2025-03-16 10:00", "2025-03-19 10:00"])
def test_a_decision_taken_back_leaves_it_unknown(when: str) -> None:
    life = unknown(decided("happened", when), taken_back("2025-03-20 10:00"))

    life.run(instant("2025-03-21 10:00"))

    assert (life.state(WELCOME), code(life)) == (State.UNKNOWN, "decision-voided")


def test_a_decision_taken_back_before_it_went_again_keeps_it_from_going() -> None:
    life = unknown(decided("not-happened"), taken_back())
    life.send = lambda item, now: (State.HELD, Reason("quiet-hours"), instant("2025-03-17 08:00"))
    life.run(instant("2025-03-16 11:00"))
    waiting = life.state(WELCOME)
    life.send = everything_goes_out

    life.run(instant("2025-03-18 10:00"))

    assert (waiting, life.state(WELCOME), sent(life)) == (State.HELD, State.UNKNOWN, [])


def test_a_decision_taken_back_after_it_went_again_changes_nothing() -> None:
    life = unknown(decided("not-happened"), taken_back())

    life.run(instant("2025-03-18 10:00"))

    assert (life.state(WELCOME), sent(life)) == (State.SENT, [WELCOME])


def test_what_was_skipped_meanwhile_does_not_go_again() -> None:
    skip = told("item.skipped", "2025-03-16 09:30", ident="skip", key=WELCOME, by="op", reason="enough")
    life = unknown(decided("not-happened"), skip)

    life.run(instant("2025-03-18 10:00"))

    assert (life.state(WELCOME), sent(life)) == (State.SKIPPED, [])


@pytest.mark.parametrize(("outcome", "state"), [("happened", State.SENT), ("not-happened", State.FAILED)])
def test_a_closed_journey_still_learns_how_a_send_ended(outcome: str, state: State) -> None:
    cancelled = told("journey.cancelled", "2025-03-15 12:00", by="op", reason="asked")
    life = unknown(cancelled, decided(outcome))

    life.run(instant("2025-03-17 10:00"))

    assert (life.state(WELCOME), sent(life)) == (state, [])
