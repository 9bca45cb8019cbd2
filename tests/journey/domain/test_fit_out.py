"""Fit-out: from the application to the refund, two at once, breaches, and what a closed journey still owes (C9)."""

from typing import Any

import pytest

from journey.domain.entries import State
from journey.domain.events import Event
from journey.domain.fit_outs import fit_outs_of
from journey.domain.values import ItemKind, Role
from tests.lives import Life, begin, done_after, item_of, items_of, planned
from tests.records import instant, told

KEYS = told("handover.accepted", "2026-06-27 10:00", ident="keys")


def step(name: str, when: str, ident: str | None = None, **data: Any) -> Event:
    """One step of a fit-out on the day on which it is told."""
    return told(f"fit_out.{name}", when, ident=ident or f"{name}-{when[:10]}", **{"on": when[:10], **data})


APPLIED = step("applied", "2026-08-03 10:00", "a1")
PERMITTED = step("permitted", "2026-08-05 10:00", "permit", deposit=2000)
COMPLETE = step("completion_requested", "2026-09-28 10:00", "complete")
ACCEPTED = step("accepted", "2026-09-30 10:00", "accepted", passed=True)


def dues(when: str, *events: Event) -> dict[str, Any]:
    """The due of each fit-out item that is planned, by rule."""
    found = planned(when, KEYS, *events)
    return {item.rule.removeprefix("fit-out."): item.due for item in found.agenda if item.rule.startswith("fit-out.")}


def test_an_application_passes_its_gate_and_is_reviewed_in_three_working_days() -> None:
    found = dues("2026-08-03 10:01", APPLIED)

    assert found["agreement"] == instant("2026-08-05 18:00")
    assert found["review"] == instant("2026-08-06 18:00")
    assert "inspection" not in found


def test_a_review_over_a_long_holiday_counts_working_days() -> None:
    found = dues("2026-09-30 10:01", step("applied", "2026-09-30 10:00"))

    assert found["review"] == instant("2026-10-10 18:00")  # 10-01 to 10-07 off, 10-10 a made-up Saturday


def test_an_answer_of_either_kind_ends_the_review() -> None:
    for answer in ("permitted", "rejected"):
        life = begin("2026-08-03 10:00", KEYS, APPLIED, step(answer, "2026-08-05 10:00"))
        life.run(instant("2026-08-05 12:00"))

        assert life.state("fit-out.review/epi_1/a1") is State.DONE


def test_the_permit_is_told_with_its_end_and_the_hours_of_work() -> None:
    item = item_of(planned("2026-08-05 10:01", KEYS, APPLIED, PERMITTED), "fit-out.permit-told/epi_1/a1")

    assert item.params["valid_until"] == "2026-11-03"  # 90 days
    assert item.params["work_hours"] == ["08:00–12:00", "14:00–18:00"]


def test_a_renewal_moves_the_end_of_the_permit_and_its_warning() -> None:
    renewed = step("renewed", "2026-10-20 10:00", "more", until="2026-12-31")
    before = planned("2026-10-19 10:00", KEYS, APPLIED, PERMITTED)
    after = planned("2026-10-20 10:01", KEYS, APPLIED, PERMITTED, renewed)

    assert [item.due for item in items_of(before, "fit-out.permit-expiring")] == [instant("2026-10-27 08:00")]
    assert [item.key for item in items_of(after, "fit-out.permit-expiring")] == [
        "fit-out.permit-expiring/epi_1/a1/more"
    ]


def test_works_past_the_permit_are_stopped_or_renewed() -> None:
    life = begin("2026-08-03 10:00", KEYS, APPLIED, PERMITTED)
    life.run(instant("2026-11-03 12:00"))
    before = life.state("fit-out.permit-expired/epi_1/a1/permit")

    life.run(instant("2026-11-04 00:01"))

    assert (before, life.state("fit-out.permit-expired/epi_1/a1/permit")) == (None, State.OPEN)
    assert item_of(life.plan(), "fit-out.permit-expired/epi_1/a1/permit").due == instant("2026-11-04 18:00")


def test_one_inspection_task_runs_a_week_and_the_second_visit_ends_it() -> None:
    first, second = (step("inspected", f"2026-08-{day} 10:00") for day in ("06", "10"))
    life = begin("2026-08-03 10:00", KEYS, APPLIED, PERMITTED, first, second)
    life.run(instant("2026-08-09 12:00"))
    halfway = item_of(life.plan(), "fit-out.inspection/epi_1/a1/w1")

    life.run(instant("2026-08-13 12:00"))

    assert (halfway.params["done"], halfway.due) == (1, instant("2026-08-12 18:00"))
    assert life.state("fit-out.inspection/epi_1/a1/w1") is State.DONE
    assert life.state("fit-out.inspection/epi_1/a1/w2") is State.OPEN


def test_neglected_weeks_are_escalated_and_never_pile_up() -> None:
    most = 0

    def count(life: Life, _: object) -> None:
        nonlocal most
        most = max(most, sum(entry.running for entry in life.of("fit-out.inspection")))

    life = begin("2026-08-03 10:00", KEYS, APPLIED, PERMITTED)
    life.run(instant("2026-10-31 12:00"), count)

    assert most == 2
    assert ("fit-out.inspection/epi_1/a1/w3", "escalated") in [(key, rung.step) for key, rung in life.rungs]
    assert life.state("fit-out.inspection/epi_1/a1/w3") is State.WITHDRAWN
    assert len(life.of("fit-out.inspection")) == 13


def test_inspections_end_with_the_request_for_the_check_and_go_on_when_it_is_failed() -> None:
    failed = step("accepted", "2026-09-30 10:00", "failed", passed=False)
    asked = planned("2026-09-29 10:00", KEYS, APPLIED, PERMITTED, COMPLETE)
    again = planned("2026-10-01 10:00", KEYS, APPLIED, PERMITTED, COMPLETE, failed)

    assert not items_of(asked, "fit-out.inspection")
    assert items_of(again, "fit-out.inspection")
    assert not items_of(again, "fit-out.refund")


def test_water_stands_for_48_hours_before_anybody_looks() -> None:
    begun = step("inspected", "2026-08-20 09:00", kind="water-test-begun")
    life = begin("2026-08-03 10:00", KEYS, APPLIED, PERMITTED, begun)
    life.run(instant("2026-08-20 10:00"))
    test = item_of(life.plan(), "fit-out.mandatory-inspection/epi_1/a1/water-test")

    assert (test.opens, test.due) == (instant("2026-08-22 09:00"), instant("2026-08-22 09:00"))


def test_a_failed_check_does_not_count_and_the_completion_check_names_what_is_missing() -> None:
    failed = step("inspected", "2026-08-22 09:00", kind="water-test", passed=False)
    done = step("inspected", "2026-08-10 09:00", kind="demolition")
    found = planned("2026-09-28 10:01", KEYS, APPLIED, PERMITTED, done, failed, COMPLETE)
    check = item_of(found, "fit-out.completion-check/epi_1/complete")

    assert check.due == instant("2026-10-08 18:00")  # three working days after 09-28, past the holiday
    assert [(reason.code, reason.params["kinds"]) for reason in check.because][:1] == [
        ("inspections-missing", "water-test, pre-close")
    ]


def test_a_breach_is_stopped_in_hours_and_reported_within_a_day() -> None:
    breach = step("breach", "2026-08-12 10:00", "b1", kind="drainage")
    found = planned("2026-08-12 10:01", KEYS, APPLIED, PERMITTED, breach)
    notice, report = (item_of(found, f"fit-out.{name}/epi_1/b1") for name in ("stop-notice", "report-breach"))

    assert (notice.kind, notice.due) == (ItemKind.LETTER, instant("2026-08-12 14:00"))
    assert (report.due, report.role) == (instant("2026-08-13 10:00"), Role.PROPERTY_CS)
    assert not items_of(found, "fit-out.load-bearing")


def test_the_name_of_a_breach_goes_into_its_items_only_when_the_pack_or_we_know_it() -> None:
    made_up = step("breach", "2026-08-12 10:00", "b1", kind="张伟家砸墙")
    known = step("breach", "2026-08-12 10:00", "b1", kind="demolition")

    for breach, params in ((made_up, {}), (known, {"kind": "demolition"})):
        found = planned("2026-08-12 10:01", KEYS, APPLIED, PERMITTED, breach)
        assert [
            dict(item_of(found, f"fit-out.{name}/epi_1/b1").params) for name in ("stop-notice", "report-breach")
        ] == [params, params]


def test_a_breach_that_was_put_right_in_time_is_not_reported() -> None:
    breach = step("breach", "2026-08-12 10:00", "b1", kind="drainage")
    good = step("inspected", "2026-08-13 09:00", kind="routine", passed=True)
    other = step("inspected", "2026-08-13 09:00", kind="water-test", passed=True)
    life = begin("2026-08-03 10:00", KEYS, APPLIED, PERMITTED, breach, good)
    life.run(instant("2026-08-13 12:00"))

    assert life.state("fit-out.report-breach/epi_1/b1") is State.WITHDRAWN
    assert items_of(planned("2026-08-13 12:00", KEYS, APPLIED, PERMITTED, breach, other), "fit-out.report-breach")


def test_whoever_touches_what_bears_load_brings_an_engineer_at_once_and_is_always_reported() -> None:
    breach = step("breach", "2026-08-12 22:00", "b1", kind="load-bearing")
    routine = step("inspected", "2026-08-13 09:00", kind="routine", passed=True)
    found = planned("2026-08-13 10:00", KEYS, APPLIED, PERMITTED, breach, routine)
    visit = item_of(found, "fit-out.load-bearing/epi_1/b1")

    assert (visit.due, visit.role, visit.escalates_to) == (
        instant("2026-08-12 22:30"), Role.ENGINEERING, Role.GENERAL_MANAGER,
    )  # fmt: skip
    assert items_of(found, "fit-out.stop-notice")
    assert items_of(found, "fit-out.report-breach")


def test_a_breach_before_any_application_is_answered_too() -> None:
    found = planned("2026-08-12 10:01", KEYS, step("breach", "2026-08-12 10:00", "b1"))

    assert {item.rule for item in found.agenda if item.subject == "epi_1" and item.occurrence == "b1"} == {
        "fit-out.stop-notice", "fit-out.report-breach",
    }  # fmt: skip


def test_after_the_acceptance_come_refund_survey_second_check_and_the_warranty() -> None:
    refunded = step("deposit_refunded", "2026-10-12 10:00", "back", amount=1800)
    found = dues("2026-09-30 10:01", APPLIED, PERMITTED, COMPLETE, ACCEPTED)
    later = planned("2026-10-12 10:01", KEYS, APPLIED, PERMITTED, COMPLETE, ACCEPTED, refunded)
    warranty = item_of(
        planned("2026-09-30 10:01", KEYS, APPLIED, PERMITTED, ACCEPTED), "fit-out.warranty-told/epi_1/a1"
    )

    assert found["refund"] == instant("2026-10-15 18:00")  # seven working days, the holiday between
    assert found["recheck"] == instant("2026-12-30 18:00")
    assert "survey" not in found
    assert item_of(later, "fit-out.survey/epi_1/a1").due == instant("2026-10-19 18:00")
    assert (warranty.params["fit_out_covered_until"], warranty.params["waterproof_covered_until"]) == (
        "2028-09-30", "2031-09-30",
    )  # fmt: skip


@pytest.mark.parametrize(("about", "state"), [(None, State.DONE), ("a1", State.DONE), ("a2", State.OPEN)])
def test_an_answer_meets_the_survey_of_its_fit_out(about: str | None, state: State) -> None:
    refunded = step("deposit_refunded", "2026-10-12 10:00", "back", amount=2000)
    named: dict[str, Any] = {"about": {"item": "fit-out.survey", "occurrence": about}} if about else {}
    answer = told("survey.answered", "2026-10-16 10:00", survey="fit-out.survey", answers={"q1": 5}, **named)
    life = begin("2026-08-03 10:00", KEYS, APPLIED, PERMITTED, COMPLETE, ACCEPTED, refunded, answer)

    life.run(instant("2026-10-16 11:00"))

    assert life.state("fit-out.survey/epi_1/a1") is state


def test_the_ledger_follows_the_deposit() -> None:
    before = planned("2026-09-30 10:01", KEYS, APPLIED, PERMITTED, COMPLETE, ACCEPTED).ledgers["fit_outs"]
    back = step("deposit_refunded", "2026-10-12 10:00", amount="1800.00")
    after = planned("2026-10-12 10:01", KEYS, APPLIED, PERMITTED, COMPLETE, ACCEPTED, back).ledgers["fit_outs"]

    assert before == [
        {"application": "a1", "open": True, "deposit": "2000", "paid_on": "2026-08-05",
         "due_back_since": "2026-09-30", "refunded": None, "refunded_on": None, "breaches": 0}
    ]  # fmt: skip
    assert (after[0]["open"], after[0]["due_back_since"], after[0]["refunded"]) == (False, None, "1800.00")


def test_a_deposit_that_nobody_told_of_is_settled_by_a_person() -> None:
    permitted = step("permitted", "2026-08-05 10:00")
    life = begin("2026-08-03 10:00", KEYS, APPLIED, permitted, COMPLETE, ACCEPTED)
    life.staff = done_after()
    life.run(instant("2026-10-30 10:00"))

    assert life.state("fit-out.refund/epi_1/a1") is State.DONE
    assert life.state("fit-out.survey/epi_1/a1") is State.DONE
    assert life.plan().ledgers["fit_outs"][0]["open"] is False


def test_a_rejected_application_gives_its_deposit_back_and_nothing_else() -> None:
    applied = step("applied", "2026-08-03 10:00", "a1", deposit=2000)
    found = planned("2026-08-05 10:01", KEYS, applied, step("rejected", "2026-08-05 10:00"))

    due = {item.rule for item in found.agenda if item.rule.startswith("fit-out.") and item.occurrence != "once"}
    assert due == {"fit-out.refund", "fit-out.agreement"}


SOLD = told("ownership.transferred", "2026-09-01 10:00", kind="resale", to=[{"ref": "new"}])
CLARIFY = "fit-out.clarify-deposit"


def test_a_home_sold_while_nobody_knows_the_deposit_has_it_settled_with_its_old_owner() -> None:
    unknown = step("permitted", "2026-08-05 10:00", "permit")

    found = planned("2026-09-01 10:01", KEYS, APPLIED, unknown, SOLD)

    asked = item_of(found, f"{CLARIFY}/epi_1/a1")
    assert (asked.role, asked.due) == (Role.FINANCE, instant("2026-09-10 18:00"))
    assert [reason.code for reason in asked.because] == ["deposit-unknown"]
    assert not items_of(found, "fit-out.refund")
    assert not found.over


def test_a_deposit_that_is_known_or_was_never_taken_or_is_checked_in_the_end_is_not_asked_about() -> None:
    rejected = step("rejected", "2026-08-05 10:00", "no")
    nothing = step("permitted", "2026-08-05 10:00", "permit", deposit=0)
    accepted = [
        step("permitted", "2026-08-05 10:00", "permit"),
        step("accepted", "2026-08-30 10:00", "ok", passed=True),
    ]

    for facts in ([PERMITTED], [rejected], [nothing], accepted):
        assert not items_of(planned("2026-09-01 10:01", KEYS, APPLIED, *facts, SOLD), CLARIFY)


def test_an_amount_that_is_told_in_the_end_is_refunded_and_ends_the_question() -> None:
    unknown = step("permitted", "2026-08-05 10:00", "permit")
    life = begin("2026-08-03 10:00", KEYS, APPLIED, unknown, SOLD)
    life.run(instant("2026-09-02 10:00"))
    right = told("event.corrected", "2026-09-02 11:00", event_id="permit", data={"deposit": 2000}, reason="x")

    life.tell(right)
    life.run(instant("2026-09-02 12:00"))

    assert life.state(f"{CLARIFY}/epi_1/a1") is State.DONE
    assert life.state("fit-out.refund/epi_1/a1") is State.OPEN


def test_a_deposit_that_finance_reports_settled_asks_nothing_more() -> None:
    unknown = step("permitted", "2026-08-05 10:00", "permit")
    life = begin("2026-08-03 10:00", KEYS, APPLIED, unknown, SOLD)
    life.staff = done_after()

    life.run(instant("2026-09-20 10:00"))

    assert life.state(f"{CLARIFY}/epi_1/a1") is State.DONE
    assert life.last is not None
    assert life.last.over


def test_the_deposit_of_a_home_that_was_sold_stays_owed_to_its_old_owner() -> None:
    sold = told("ownership.transferred", "2026-09-01 10:00", kind="resale", to=[{"ref": "new"}])
    life = begin("2026-08-03 10:00", KEYS, APPLIED, PERMITTED, sold)
    life.run(instant("2026-09-01 12:00"))
    assert life.last is not None

    assert life.state(f"ownership.begin-next/epi_1/{sold.id}") is State.DONE
    assert [item.key for item in life.last.agenda if item.rule != "ownership.begin-next"] == ["fit-out.refund/epi_1/a1"]
    assert (life.last.status, life.last.over) == ("transferred", False)


# -- several fit-outs


def test_two_fit_outs_run_beside_each_other_each_with_its_own_steps() -> None:
    second = step("applied", "2026-08-10 10:00", "a2")
    named = step("permitted", "2026-08-12 10:00", "permit-2", application="a2", until="2026-09-10")
    events = [KEYS, APPLIED, second, named, step("permitted", "2026-08-13 10:00", "permit-1")]
    found = planned("2026-08-13 10:01", *events)

    told_of = {item.occurrence: item.params["valid_until"] for item in items_of(found, "fit-out.permit-told")}
    assert told_of == {"a1": "2026-11-11", "a2": "2026-09-10"}


def test_a_step_that_names_nothing_goes_to_the_oldest_fit_out_that_waits_for_it() -> None:
    events = [
        APPLIED,
        step("applied", "2026-08-04 10:00", "a2"),
        step("permitted", "2026-08-05 10:00", "p1"),
        step("permitted", "2026-08-06 10:00", "p2"),
        step("completion_requested", "2026-09-01 10:00", "c2", application="a2"),
        step("accepted", "2026-09-02 10:00", "ok2"),
        step("deposit_refunded", "2026-09-03 10:00", "back2"),
        step("inspected", "2026-09-04 10:00", "i1"),
    ]

    first, second = fit_outs_of(events)

    assert [event.id for event in first.steps] == ["a1", "p1", "i1"]
    assert [event.id for event in second.steps] == ["a2", "p2", "c2", "ok2", "back2"]


def test_a_step_of_an_application_that_nobody_told_is_parked() -> None:
    astray = step("permitted", "2026-08-05 10:00", "astray", application="a9")
    found = planned("2026-08-05 10:01", KEYS, APPLIED, astray)

    opinion = found.opinions["astray"]
    assert (opinion.verdict, opinion.reason and opinion.reason.params) == ("parked", {"kind": "application"})


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (4, 3, 2, 1, 0), (2, 0, 4, 1, 3)])
def test_the_order_of_telling_does_not_matter(order: tuple[int, ...]) -> None:
    told_ = [APPLIED, PERMITTED, COMPLETE, ACCEPTED, step("deposit_refunded", "2026-10-12 10:00")]
    found = planned("2026-10-13 10:00", KEYS, *(told_[place] for place in order))

    assert found.ledgers["fit_outs"][0]["open"] is False
