"""Late handover: days and penalty by contract, demand, rescission, new dates, cancellation (domain C1, section I)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from journey.domain.delay import Delay, PenaltyRule
from journey.domain.entries import State
from journey.domain.events import Event
from journey.domain.items import Anchor
from journey.domain.planner import Plan
from journey.domain.record import Batch
from journey.domain.values import ItemKind
from tests.lives import Life, begin, item_of, items_of, planned
from tests.records import READY, instant, told

CASE = "handover.delay-case/epi_1/once"
RESCISSION = "handover.rescission-possible/epi_1/once"
PENALTY = "handover.penalty/epi_1/once"
LATE = told("handover.accepted", "2026-07-08 10:00", ident="keys")


def signed(**more: Any) -> Event:
    return told("contract.signed", "2025-03-20 10:00", ident="contract", contract_handover_date="2026-06-30", **more)


def demanded(on: str, **more: Any) -> Event:
    return told("handover.demanded", f"{on} 10:00", proof="ems", **more)


def owed(now: str, *events: Event) -> Plan:
    return planned(now, signed(), *events)


def delayed(until: str, *events: Event, **rule: Any) -> Life:
    return begin("2026-06-01 09:00", signed(**rule), *events).run(instant(until))


# -- the arithmetic


@pytest.mark.parametrize(
    ("rule", "price", "amount"),
    [
        ({"per_day": 100}, None, "800.00"),
        ({"per_day": "0.0001"}, 1_234_567, "987.65"),
        ({"rate_per_day": 0.0001, "price": "1000000"}, None, "800.00"),
        ({"amount_per_day": "0.5"}, None, "4.00"),
        ({"per_day": 100, "cap": 500}, None, "500.00"),
        ({"per_day": 0.0001}, None, None),
    ],
)
def test_a_penalty_is_money_a_day_or_a_share_of_the_price(rule: dict[str, Any], price: Any, amount: str | None) -> None:
    found = PenaltyRule.read(rule, price)

    assert found is not None
    assert found.amount(8) == (Decimal(amount) if amount else None)


@pytest.mark.parametrize("rule", [None, {}, {"per_day": "a lot"}, {"per_day": True}, {"text": "按日万分之一"}])
def test_what_agrees_no_number_is_no_rule(rule: dict[str, Any] | None) -> None:
    assert PenaltyRule.read(rule) is None


def test_the_day_of_acceptance_still_counts_and_the_contract_date_does_not() -> None:
    at = instant("2025-03-20 10:00")
    contract = Anchor(date(2026, 6, 30), at, at, "contract", "contract")

    assert Delay(contract, date(2026, 7, 8), None).days(date(2027, 1, 1)) == 8
    assert Delay(contract, None, None).days(date(2026, 7, 1)) == 1
    assert Delay(contract, None, None).days(date(2026, 6, 30)) == 0


# -- the case


def test_nothing_is_late_on_the_contract_date_and_the_case_opens_when_the_next_day_begins() -> None:
    before = owed("2026-06-30 20:00")
    life = delayed("2026-07-01 09:00")

    assert before.delay is None
    assert not items_of(before, "handover.delay-case")
    assert before.wake_at <= instant("2026-07-01 00:00")
    case = life.record.entries[CASE]
    assert (case.opened_at, case.due) == (instant("2026-07-01 00:00"), instant("2026-07-01 18:00"))


def test_scenario_3_accepted_on_07_08_is_eight_days() -> None:
    life = delayed("2026-07-09 09:00", LATE, penalty_rule={"per_day": 200})

    params = life.record.entries[PENALTY].item["params"]
    assert (params["days"], params["from"], params["to"], params["amount"]) == (
        8,
        "2026-07-01",
        "2026-07-08",
        "1600.00",
    )
    assert life.state(CASE) is State.DONE
    assert life.record.entries[CASE].fact == "keys"


@pytest.mark.parametrize("on", ["2026-06-27", "2026-06-30"])
def test_keys_by_the_contract_date_leave_no_delay(on: str) -> None:
    found = owed("2026-07-20 09:00", told("handover.accepted", f"{on} 10:00"))

    assert found.delay is None
    assert not items_of(found, "handover.penalty")


@pytest.mark.parametrize(
    ("rule", "code"), [({}, "penalty-not-agreed"), ({"penalty_rule": {"per_day": 0.0001}}, "penalty-price-unknown")]
)
def test_no_amount_is_guessed_and_the_reason_is_given(rule: dict[str, Any], code: str) -> None:
    item = item_of(planned("2026-07-08 11:00", signed(**rule), LATE), PENALTY)

    assert [reason.code for reason in item.because] == [code]
    assert (item.params["amount"], item.params["days"], item.params["reason"]) == (None, 8, code)


def test_a_later_agreement_on_the_day_ends_the_delay() -> None:
    life = delayed("2026-07-02 09:00")
    life.tell(told("contract.amended", "2026-07-02 10:00", contract_handover_date="2026-08-31"))
    life.run(instant("2026-07-03 09:00"))

    assert life.state(CASE) is State.WITHDRAWN
    assert life.last is not None
    assert life.last.delay is None


# -- the new date


def test_a_new_date_is_asked_for_told_to_each_owner_in_writing_and_asked_for_again_when_it_passes() -> None:
    life = begin("2026-06-01 09:00", signed(), owners=("psn_1", "psn_2"))
    life.run(instant("2026-07-01 09:00"))
    assert life.state("handover.new-date/epi_1/once") is State.OPEN

    life.tell(told("delay.new_date", "2026-07-02 10:00", ident="new", on="2026-08-15"))
    life.run(instant("2026-07-02 11:00"))

    assert life.state("handover.new-date/epi_1/once") is State.DONE
    letters = {entry.key: entry.due for entry in life.of("handover.delay-letter")}
    assert letters == {f"handover.delay-letter/epi_1/new/psn_{n}": instant("2026-07-07 18:00") for n in (1, 2)}
    assert life.state("handover.notice/epi_1/once~new") is State.SENT  # announced
    life.run(instant("2026-08-16 09:00"))
    assert life.state("handover.new-date/epi_1/new") is State.OPEN


def test_a_new_date_counts_at_once_although_it_lies_ahead() -> None:
    found = owed("2026-07-02 11:00", told("delay.new_date", "2026-07-02 10:00", ident="new", on="2026-08-15"))

    assert found.opinions["new"].verdict.value == "applied"
    assert item_of(found, "handover.reminder/epi_1/once").due == instant("2026-08-14 08:00")


# -- demand and rescission


def test_the_right_to_rescind_begins_the_day_after_the_third_month_has_ended() -> None:
    item = item_of(owed("2026-07-10 11:00", demanded("2026-07-10")), RESCISSION)

    # 2026-10-10 is a worked Saturday: it does not roll.
    assert (item.due, item.opens, item.kind) == (
        instant("2026-10-11 09:00"), instant("2026-10-11 09:00"), ItemKind.DEADLINE,
    )  # fmt: skip
    assert item.params["until"] == "2027-10-11"


def test_a_period_that_ends_in_a_holiday_rolls_before_the_right_begins() -> None:
    item = item_of(owed("2026-07-03 11:00", demanded("2026-07-03")), RESCISSION)

    assert item.due == instant("2026-10-09 09:00")  # 10-03 is 国庆, the period ends on 10-08


def test_a_demand_before_the_home_is_late_counts_from_the_contract_date() -> None:
    life = delayed("2026-07-01 09:00", demanded("2026-06-10"))

    assert life.last is not None
    assert item_of(life.last, RESCISSION).due == instant("2026-10-01 09:00")  # 09-30 is a working day


def test_without_a_demand_nobody_may_rescind_and_the_demand_is_answered() -> None:
    assert not items_of(owed("2026-12-01 09:00"), "handover.rescission-possible")

    found = owed("2026-07-10 11:00", demanded("2026-07-10", ident="demand"))
    assert item_of(found, "handover.answer-demand/epi_1/demand").due == instant("2026-07-17 18:00")


def test_keys_before_the_right_begins_take_it_away() -> None:
    life = delayed("2026-10-10 09:00", demanded("2026-07-10"))
    life.tell(told("handover.accepted", "2026-10-10 10:00"))
    life.run(instant("2026-10-12 09:00"))

    assert life.state(RESCISSION) is State.WITHDRAWN


@pytest.mark.parametrize(
    ("by_seller", "until"), [(None, "2027-10-11"), ("2026-11-02", "2027-02-02")], ids=["a year", "3 months"]
)
def test_the_right_lapses_after_a_year_or_three_months_after_the_sellers_demand(
    by_seller: str | None, until: str
) -> None:
    told_by_seller = [demanded(by_seller, by="seller", ident="ours")] if by_seller else []
    life = delayed(f"{until} 20:00", demanded("2026-07-10"), *told_by_seller)
    assert life.state(RESCISSION) in (State.OVERDUE, State.ESCALATED)

    life.run(instant("2028-01-01 09:00"))

    entry = life.record.entries[RESCISSION]
    assert entry.state is State.WITHDRAWN
    assert entry.at.date().isoformat() == until  # 00:00 of the next day in Shanghai is the same day in UTC


def test_the_sellers_demand_is_not_answered_as_the_owners() -> None:
    found = owed("2026-07-10 11:00", demanded("2026-07-10", by="seller"))

    assert not items_of(found, "handover.answer-demand")
    assert not items_of(found, "handover.rescission-possible")


# -- cancellation


def cancelled(*events: Event, **rule: Any) -> Life:
    life = delayed("2026-10-12 09:00", demanded("2026-07-10"), *events, **rule)
    life.tell(told("contract.cancelled", "2026-10-12 10:00", ident="cancel", reason="逾期"))
    return life.run(instant("2026-10-12 11:00"))


def test_after_the_cancellation_there_is_its_last_work_and_nothing_else() -> None:
    filed = told("contract.filed", "2025-04-01 10:00")
    mortgage = told("mortgage.approved", "2025-05-01 10:00")
    life = cancelled(filed, mortgage, penalty_rule={"per_day": 100})

    assert life.last is not None
    dues = {item.rule: item.due for item in life.last.agenda}
    assert dues == {
        "handover.refund": instant("2026-10-27 18:00"),
        "handover.withdraw-filing": instant("2026-10-26 18:00"),
        "handover.release-mortgage": instant("2026-11-09 18:00"),
    }
    penalty = item_of(life.last, "handover.refund/epi_1/once").params["penalty"]
    assert (penalty["days"], penalty["amount"], penalty["running"]) == (104, "10400.00", False)
    assert not life.last.over


def test_the_life_is_over_when_the_last_of_that_work_is_settled() -> None:
    life = cancelled(told("contract.filed", "2025-04-01 10:00"))
    life.tell(told("refund.settled", "2026-10-20 10:00", what="price"))
    life.run(instant("2026-10-21 09:00"))
    assert life.last is not None
    assert (life.state("handover.refund/epi_1/once"), life.last.over) == (State.DONE, False)

    life.tell(told("refund.settled", "2026-10-22 10:00", ident="all"))
    life.run(instant("2026-10-22 11:00"))

    assert life.last.over
    assert life.record.entries["handover.withdraw-filing/epi_1/once"].fact == "all"


def test_a_home_that_was_handed_over_is_taken_back() -> None:
    life = cancelled(told("handover.accepted", "2026-09-01 10:00"))

    assert life.state("handover.keys-back/epi_1/once") is not None


def test_a_cancelled_subscription_has_no_refund_of_a_contract() -> None:
    found = planned("2026-06-01 11:00", told("subscription.signed", "2026-05-30 10:00"),
                    told("subscription.cancelled", "2026-06-01 10:00", reason="x"))  # fmt: skip

    assert [item.rule for item in found.agenda] == ["signing.deposit"]
    assert not found.over


@pytest.mark.parametrize("about", ["task", "item"])
def test_a_filing_that_was_only_reported_done_is_withdrawn_with_the_contract_too(about: str) -> None:
    life = begin("2025-03-20 10:00", signed()).run(instant("2025-04-10 10:00"))
    entry = life.record.entries["signing.filing/epi_1/once"]
    named = {"task": entry.task} if about == "task" else {"item": "signing.filing"}
    life.tell(told("task.result", "2025-04-11 10:00", task=entry.task if about == "task" else None, outcome="done",
                   by="sales-1", about=named))  # fmt: skip
    life.tell(told("contract.cancelled", "2026-10-20 10:00", reason="x"))
    life.run(instant("2026-10-21 10:00"))

    assert life.state("handover.withdraw-filing/epi_1/once") is State.OPEN


def test_a_contract_that_was_never_filed_has_no_filing_to_withdraw() -> None:
    life = begin("2025-03-20 10:00", signed(), told("contract.cancelled", "2025-03-25 10:00", reason="x"))
    life.run(instant("2025-03-26 10:00"))

    assert life.state("handover.withdraw-filing/epi_1/once") is None


# -- a batch that was put off past the contract date


def put_off(on: str = "2026-08-01", known: str = "2026-06-25 09:00", event: str = "evt_off") -> Batch:
    at = instant(known)
    return Batch(handover_from=Anchor(date.fromisoformat(on), at, at, event, event), gates=READY)


def test_a_batch_day_after_the_contract_date_is_a_day_that_was_promised() -> None:
    life = begin("2026-06-25 09:00", signed(), batch=put_off(), owners=("psn_1", "psn_2"))
    life.run(instant("2026-07-02 09:00"))

    letters = life.of("handover.delay-letter")
    assert {entry.key for entry in letters} == {f"handover.delay-letter/epi_1/evt_off/psn_{one}" for one in (1, 2)}
    assert {entry.item["params"]["handover_on"] for entry in letters} == {"2026-08-01"}
    once = life.record.entries["handover.new-date/epi_1/once"]
    assert (once.state, once.at) == (State.DONE, instant("2026-06-25 09:00"))


def test_a_batch_day_that_passes_within_its_window_asks_no_home_for_another_one() -> None:
    life = begin("2026-06-25 09:00", signed(), batch=put_off()).run(instant("2026-08-02 09:00"))
    asked = {entry.key: entry.state for entry in life.of("handover.new-date")}
    assert asked == {"handover.new-date/epi_1/once": State.DONE}

    life.record = replace(life.record, batch=put_off("2026-09-01", "2026-08-02 10:00", "evt_again"))
    life.now = instant("2026-08-02 10:00")
    life.run(instant("2026-08-03 09:00"))

    assert {entry.key for entry in life.of("handover.new-date")} == {"handover.new-date/epi_1/once"}
    assert life.state("handover.delay-letter/epi_1/evt_again/psn_1") is State.OPEN


def test_a_day_of_its_batch_that_a_home_was_promised_by_name_asks_for_another_one_when_it_passes() -> None:
    own = told("delay.new_date", "2026-06-26 10:00", ident="own", on="2026-08-01")
    life = begin("2026-06-25 09:00", signed(), own, batch=put_off()).run(instant("2026-08-02 09:00"))

    assert life.state("handover.new-date/epi_1/evt_off") is State.OPEN


def test_a_home_sold_later_than_its_batch_was_planned_is_told_from_its_contract_on() -> None:
    early = put_off(known="2025-01-10 09:00")
    life = begin("2025-03-20 10:00", signed(), batch=early, started=instant("2025-03-01 09:00"))
    life.run(instant("2025-03-21 10:00"))

    letter = life.record.entries["handover.delay-letter/epi_1/evt_off/psn_1"]
    assert letter.state is State.OPEN


@pytest.mark.parametrize("on", ["2026-06-27", "2026-06-30"])
def test_a_batch_day_by_the_contract_date_promises_nothing(on: str) -> None:
    life = begin("2026-06-20 09:00", signed(), batch=put_off(on, "2026-01-05 09:00")).run(instant("2026-07-01 10:00"))

    assert not life.of("handover.delay-letter")
    assert life.state("handover.new-date/epi_1/once") is State.OPEN


def test_the_same_day_told_to_the_home_and_to_its_batch_is_one_letter() -> None:
    own = told("delay.new_date", "2026-06-26 10:00", ident="own", on="2026-08-01")
    batch = put_off(known="2026-06-26 12:00")
    life = begin("2026-06-26 10:00", signed(), own, batch=batch).run(instant("2026-07-01 10:00"))

    assert {entry.key for entry in life.of("handover.delay-letter")} == {"handover.delay-letter/epi_1/own/psn_1"}


def test_a_day_told_to_the_home_after_its_batch_is_the_letter_that_the_batch_brought() -> None:
    life = begin("2026-06-25 09:00", signed(), batch=put_off()).run(instant("2026-06-26 09:00"))
    life.tell(told("delay.new_date", "2026-06-26 10:00", ident="own", on="2026-08-01"))

    life.run(instant("2026-07-01 10:00"))

    assert {entry.key for entry in life.of("handover.delay-letter")} == {"handover.delay-letter/epi_1/evt_off/psn_1"}
