"""Which entries bind planning, for how long, and what arms an item again (kernel, table of entries)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from journey.domain.asking import message
from journey.domain.entries import Entry, State
from journey.domain.facts import Facts
from journey.domain.items import Item
from journey.domain.moves import MoveKind
from journey.domain.numbers.signing import SigningNumbers
from journey.domain.periods import Period
from journey.domain.reasons import Reason
from journey.domain.rules import RULES, Items, Rule, rule
from journey.domain.values import MessageClass
from tests.lives import Life, begin, everything_goes_out
from tests.records import completion, instant, told

CALLBACK = "signing.service-callback/epi_1/once"
FILING = "signing.filing/epi_1/once"
WELCOME = "signing.keeper-welcome/epi_1/once"
CARE = "signing.test-care/epi_1/once"
SUBSCRIBED = told("subscription.signed", "2025-03-15 10:00", ident="sub")
SIGNED = told("contract.signed", "2025-03-20 10:00", ident="sig")
KEYS = told("handover.accepted", "2026-06-27 10:00", ident="keys")
Sender = Callable[[Item, datetime], tuple[State, Reason | None, datetime | None]]


def ending(state: State, code: str = "", until: str | None = None) -> Sender:
    def send(item: Item, now: datetime) -> tuple[State, Reason | None, datetime | None]:
        return state, Reason(code) if code else None, instant(until) if until else None

    return send


def care(window: str = "60d") -> None:
    @rule("signing.test-care", zh="测试", since="2026.1")
    def ask(j: Facts, n: SigningNumbers) -> Items:
        if j.subscription:
            last = j.after(j.subscription, Period(days=1))
            yield message(j.episode, j.subscription, last, Period.parse(window), message_class=MessageClass.CARE)


def welcomed(send: Sender, until: str = "2025-03-16 10:00") -> Life:
    life = begin("2025-03-15 10:00", SUBSCRIBED)
    life.send = send
    return life.run(instant(until))


@pytest.mark.parametrize("state", [State.SENT, State.DELIVERED, State.SERVED, State.UNKNOWN, State.DONE])
def test_what_happened_or_may_have_happened_is_never_done_again(state: State) -> None:
    life = welcomed(ending(state))
    life.send = everything_goes_out

    life.run(instant("2025-03-20 10:00"))

    assert life.state(WELCOME) is state
    assert [key for _, key in life.sent].count(WELCOME) == (state is State.SENT)


def test_a_held_message_is_tried_again_at_its_instant() -> None:
    life = welcomed(ending(State.HELD, "quiet-hours", "2025-03-16 08:00"), "2025-03-16 07:00")
    life.send = everything_goes_out

    life.run(instant("2025-03-16 09:00"))

    assert (instant("2025-03-16 08:00"), WELCOME) in life.sent


def test_a_reservation_is_ended_by_the_send_only() -> None:
    life = begin("2025-03-15 10:00", SUBSCRIBED)
    found = life.plan()
    move = next(move for move in found.moves if move.key == WELCOME)
    life.write(Entry(WELCOME, State.RESERVED, life.now, due=move.due))

    life.now = instant("2025-03-15 10:01")
    life.tell(told("event.voided", "2025-03-15 10:01", event_id="sub", reason="wrong home"))
    after = life.plan()

    assert life.state(WELCOME) is State.RESERVED
    assert [(move.kind, move.key) for move in after.moves] == [(MoveKind.SEND, WELCOME)]
    life.perform(after, after.moves[0])
    assert life.state(WELCOME) is State.UNKNOWN


def test_a_reservation_whose_send_keeps_failing_waits() -> None:
    life = begin("2025-03-15 10:00", SUBSCRIBED)
    life.plan()
    until = instant("2025-03-15 11:00")
    life.write(Entry(WELCOME, State.RESERVED, life.now, due=life.now, until=until, tries=3))

    found = life.plan()

    assert WELCOME not in [move.key for move in found.moves]
    assert found.wake_at <= until or found.moves


def test_withdrawn_and_wanted_again_arms_the_same_key() -> None:
    life = begin(
        "2025-03-20 10:00",
        SIGNED,
        told("event.voided", "2025-03-21 10:00", event_id="sig", reason="x", ident="v1"),
        told("event.voided", "2025-03-22 10:00", event_id="v1", reason="y", ident="v2"),
    )
    life.run(instant("2025-03-21 12:00"))
    between = life.state(CALLBACK)

    life.run(instant("2025-03-23 10:00"))

    assert between is State.WITHDRAWN
    assert life.state(CALLBACK) is State.OPEN
    assert [key for _, key in life.opened].count(CALLBACK) == 2


def test_a_planned_item_that_nobody_asks_for_any_more_is_withdrawn() -> None:
    life = begin("2025-03-20 10:00", SIGNED, told("event.voided", "2025-03-21 10:00", event_id="sig", reason="x"))

    life.run(instant("2025-03-22 10:00"))

    assert life.state(FILING) is State.WITHDRAWN


def test_an_entry_of_a_rule_that_this_build_does_not_know_is_left_alone(rules: dict[str, Rule]) -> None:
    life = begin("2025-03-20 10:00", SIGNED)
    life.run(instant("2025-03-21 10:00"))
    before = life.record.entries[CALLBACK]
    del rules["signing.service-callback"]

    life.run(instant("2025-05-21 10:00"))

    assert life.record.entries[CALLBACK] == before
    assert "signing.service-callback" not in RULES


def test_a_fact_taken_back_after_it_met_a_duty_opens_it_again() -> None:
    life = begin("2025-03-20 10:00", SIGNED, told("contract.filed", "2025-04-10 10:00", ident="filed"))
    life.run(instant("2025-04-11 10:00"))
    met = life.state(FILING)

    life.tell(told("event.voided", "2025-04-12 10:00", event_id="filed", reason="another home"))
    life.run(instant("2025-04-13 10:00"))

    assert met is State.DONE
    assert life.state(FILING) is State.WARNED
    assert life.record.entries[FILING].fact is None


def test_a_duty_met_by_a_fact_is_withdrawn_when_both_are_taken_back() -> None:
    life = begin("2025-03-20 10:00", SIGNED, told("contract.filed", "2025-04-10 10:00", ident="filed"))
    life.run(instant("2025-04-11 10:00"))

    life.tell(
        told("event.voided", "2025-04-12 10:00", event_id="filed", reason="another home", ident="v1"),
        told("event.voided", "2025-04-12 10:00", event_id="sig", reason="another home", ident="v2"),
    )
    life.run(instant("2025-04-13 10:00"))

    assert life.state(FILING) is State.WITHDRAWN


def test_another_fact_takes_the_place_of_the_one_taken_back() -> None:
    life = begin(
        "2025-03-20 10:00",
        SIGNED,
        told("contract.filed", "2025-04-10 10:00", ident="first"),
        told("contract.filed", "2025-04-11 10:00", ident="second"),
        told("event.voided", "2025-04-12 10:00", event_id="first", reason="x"),
    )

    life.run(instant("2025-04-13 10:00"))

    entry = life.record.entries[FILING]
    assert (entry.state, entry.fact, entry.at) == (State.DONE, "second", instant("2025-04-11 10:00"))


def test_merged_entries_stand_while_their_carrier_stands() -> None:
    life = begin("2026-06-27 10:00", KEYS, batch=completion("2026-04-28"))
    life.run(instant("2027-04-28 10:00"))
    carrier = "warranty.expiry-notice/unt_1/sanitary-ware/m-2"
    merged = "warranty.expiry-notice/unt_1/lamps-switches/m-2"
    assert life.state(merged) is State.MERGED

    gone = life.record.entries[carrier]
    life.write(replace(gone, state=State.FAILED, reason=Reason("no-address")))
    life.run(instant("2027-04-28 11:00"))
    failed = life.state(merged)
    without = {key: entry for key, entry in life.record.entries.items() if key != carrier}
    life.record = replace(life.record, entries=without)
    life.write(replace(gone, state=State.WITHDRAWN))
    life.write(replace(life.record.entries[merged], carrier="warranty.expiry-notice/unt_1/other/m-2"))
    life.write(replace(gone, key="warranty.expiry-notice/unt_1/other/m-2", state=State.WITHDRAWN))
    life.run(instant("2027-04-28 12:00"))

    assert failed is State.MERGED
    assert life.record.entries[merged].carrier == carrier


@pytest.mark.usefixtures("rules")
def test_a_later_consent_sends_what_lacked_it_while_the_window_is_open() -> None:
    care("10d")
    life = begin("2025-03-15 10:00", SUBSCRIBED)
    life.send = ending(State.SUPPRESSED, "no-consent")
    life.run(instant("2025-03-17 10:00"))
    life.send = everything_goes_out
    life.run(instant("2025-03-18 10:00"))
    without = life.state(CARE)

    life.record = replace(life.record, consents={"psn_1": {"care": life.now}})
    life.run(instant("2025-03-18 11:00"))

    assert without is State.SUPPRESSED
    assert life.state(CARE) is State.SENT


@pytest.mark.usefixtures("rules")
def test_a_consent_after_the_window_sends_nothing_any_more() -> None:
    care("2d")
    life = begin("2025-03-15 10:00", SUBSCRIBED)
    life.send = ending(State.SUPPRESSED, "no-consent")
    life.run(instant("2025-03-20 10:00"))

    life.send = everything_goes_out
    life.record = replace(life.record, consents={"psn_1": {"care": life.now}})
    life.run(instant("2025-03-25 10:00"))

    assert life.state(CARE) is State.SUPPRESSED


@pytest.mark.usefixtures("rules")
@pytest.mark.parametrize(("window", "state"), [("60d", State.SENT), ("10d", State.SUPPRESSED)])
def test_a_new_month_ends_the_cap_only_while_the_window_is_open(window: str, state: State) -> None:
    care(window)
    life = begin("2025-03-15 10:00", SUBSCRIBED)
    life.send = ending(State.SUPPRESSED, "cap")
    life.run(instant("2025-03-17 10:00"))
    life.send = everything_goes_out

    life.run(instant("2025-04-01 00:00"))

    assert life.state(CARE) is state
    assert (instant("2025-04-01 00:00"), CARE) in life.sent or state is State.SUPPRESSED


def test_no_address_is_tried_again_once_a_contact_changed() -> None:
    life = welcomed(ending(State.FAILED, "no-address"))
    life.send = everything_goes_out
    life.run(instant("2025-03-16 11:00"))
    before = life.state(WELCOME)

    life.record = replace(life.record, reachable_since=instant("2025-03-16 12:00"))
    life.run(instant("2025-03-16 13:00"))

    assert before is State.FAILED
    assert life.state(WELCOME) is State.SENT


def test_a_plan_and_a_move_of_another_state_do_not_meet() -> None:
    life = begin("2025-03-15 10:00", SUBSCRIBED)
    found = life.plan()
    move = next(move for move in found.moves if move.key == WELCOME)
    life.perform(found, move)

    life.perform(found, move)

    assert [key for _, key in life.sent] == [WELCOME]
