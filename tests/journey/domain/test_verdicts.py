"""What a journey makes of each event: applied, parked, refused, and judged again."""

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.domain.events import Event
from journey.domain.holding import Ties
from journey.domain.verdicts import Judged, Verdict, judge
from tests.records import SHANGHAI, instant, told

SUBSCRIBED = told("subscription.signed", "2025-03-15 10:00", ident="sub")
SIGNED = told("contract.signed", "2025-03-20 10:00", ident="sig")
SERVED = told("handover.notice_served", "2026-06-12 10:00", ident="served", proof="ems")
ACCEPTED = told("handover.accepted", "2026-06-27 10:00", ident="acc")
CANCELLED = told("contract.cancelled", "2025-05-01 10:00", ident="can", reason="x")


def judged(*events: Event, now: str = "2027-01-01 10:00", known: frozenset[str] = frozenset(), **more: Any) -> Judged:
    return judge(events, now=instant(now), zone=SHANGHAI, known=known, **more)


def verdict(found: Judged, event: str) -> tuple[str, str | None]:
    opinion = found.opinions[event]
    return opinion.verdict.value, opinion.reason.code if opinion.reason else None


def void(of: str, ident: str, when: str = "2026-12-01 10:00", **more: Any) -> Event:
    return told("event.voided", when, ident=ident, event_id=of, reason="wrong", **more)


def correct(of: str, ident: str, when: str = "2026-12-01 10:00", **data: Any) -> Event:
    return told("event.corrected", when, ident=ident, event_id=of, data=data, reason="typo")


@pytest.mark.parametrize(
    ("others", "event", "code"),
    [
        ([SIGNED], told("handover.accepted", "2025-03-19 10:00", ident="x"), "handover-before-signing"),
        ([SIGNED, ACCEPTED], told("handover.refused", "2026-06-27 15:00", ident="x"), "second-outcome"),
        ([SIGNED, CANCELLED], told("handover.accepted", "2026-06-27 10:00", ident="x"), "after-cancellation"),
        ([CANCELLED], told("contract.signed", "2025-05-02 10:00", ident="x"), "after-cancellation"),
        ([SIGNED, CANCELLED], told("contract.filed", "2025-05-02 10:00", ident="x"), "after-cancellation"),
        ([SIGNED], told("subscription.cancelled", "2025-03-21 10:00", ident="x"), "cancelled-after-signing"),
        ([SIGNED], told("handover.deemed", "2026-06-27 10:00", ident="x", reviewed_by="li"), "deemed-without-notice"),
        ([SERVED], told("handover.deemed", "2026-06-27 10:00", ident="x"), "deemed-without-review"),
        (
            [told("handover.notice_served", "2026-06-28 10:00", ident="late", proof="ems")],
            told("handover.deemed", "2026-06-27 10:00", ident="x", reviewed_by="li"),
            "deemed-without-notice",
        ),
        ([SUBSCRIBED], told("contract.signed", "2025-03-14 10:00", ident="x"), "signed-before-subscription"),
        ([CANCELLED], told("defect.reported", "2025-06-01 10:00", ident="x"), "journey-closed"),
    ],
)
def test_a_contradiction_is_refused(others: list[Event], event: Event, code: str) -> None:
    found = judged(*others, event)

    assert verdict(found, "x") == ("refused", code)
    assert all(found.opinions[other.id].verdict is Verdict.APPLIED for other in others)
    assert event not in found.live


def test_papers_that_come_in_any_order_are_applied() -> None:
    found = judged(told("handover.accepted", "2026-06-27 10:00", ident="acc", recorded="2026-06-27 10:00"))

    assert verdict(found, "acc") == ("applied", None)


def test_a_deemed_handover_counts_with_a_served_notice_and_a_review() -> None:
    found = judged(SERVED, told("handover.deemed", "2026-06-27 10:00", ident="x", reviewed_by="li"))

    assert verdict(found, "x") == ("applied", None)


def test_a_refusal_and_an_acceptance_on_different_days_both_count() -> None:
    found = judged(SIGNED, told("handover.refused", "2026-06-20 10:00", ident="x", reason="leak"), ACCEPTED)

    assert verdict(found, "x") == ("applied", None)
    assert verdict(found, "acc") == ("applied", None)


def test_a_fact_from_before_the_cancellation_still_counts_when_it_is_told_late() -> None:
    filed = told("contract.filed", "2025-04-10 10:00", ident="x", recorded="2025-06-01 10:00")

    assert verdict(judged(SIGNED, CANCELLED, filed), "x") == ("applied", None)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("refund.settled", {}),
        ("message.receipt", {"state": "delivered"}),
        ("contact.changed", {"channel": "phone", "address": "1"}),
        ("consent.withdrawn", {"purpose": "care"}),
        ("fit_out.deposit_refunded", {"on": "2025-06-01"}),
        ("task.result", {"task": "tsk_1", "outcome": "done"}),
        ("case.fixed", {}),
        ("event.voided", {"event_id": "sig"}),
    ],
)
def test_what_settles_a_closed_journey_is_applied(kind: str, data: dict[str, Any]) -> None:
    about = {"case": "cas_1"} if kind.startswith("case.") else None
    late = told(kind, "2025-06-01 10:00", ident="x", about=about, **data)

    found = judged(SIGNED, CANCELLED, late, known=frozenset({"tsk_1", "cas_1"}))

    assert found.opinions["x"].verdict is Verdict.APPLIED


def test_a_date_in_the_future_is_parked_until_its_day_begins() -> None:
    ahead = told("contract.signed", "2025-03-18 10:00", ident="x", on="2025-03-20")

    early = judged(ahead, now="2025-03-19 23:59")
    then = judged(ahead, now="2025-03-20 00:00")

    assert verdict(early, "x") == ("parked", "future")
    assert early.waits_until == instant("2025-03-20 00:00")
    assert verdict(then, "x") == ("applied", None)


@pytest.mark.parametrize("kind", ["task.result", "call.result", "visit.recorded"])
def test_work_that_is_to_be_done_in_the_future_is_parked_until_then(kind: str) -> None:
    report = told(kind, "2025-03-18 10:00", ident="x", at=instant("2025-03-20 09:00").isoformat(), reached=True)

    early = judged(report, now="2025-03-19 10:00")
    then = judged(report, now="2025-03-20 09:00")

    assert verdict(early, "x") == ("parked", "future")
    assert early.waits_until == instant("2025-03-20 09:00")
    assert verdict(then, "x") == ("applied", None)


@pytest.mark.parametrize(
    ("owed", "expected"),
    [("2025-03-09", ("refused", "owed-before-signing")), ("2025-03-10", ("applied", None))],
)
def test_an_amendment_cannot_owe_the_home_before_it_was_signed_for(owed: str, expected: tuple[str, str | None]) -> None:
    signed = told("contract.signed", "2025-03-10 10:00", ident="s", contract_handover_date="2026-06-30")
    amended = told("contract.amended", "2025-03-11 10:00", ident="x", contract_handover_date=owed)

    assert verdict(judged(signed, amended, now="2025-03-18 10:00"), "x") == expected


def test_what_lies_ahead_is_answered_with_its_own_day_in_the_zone_of_the_project() -> None:
    title = told("title.issued", "2026-12-01 10:00", ident="title", on="2027-05-05")
    call = told("call.result", "2027-05-05 09:00", recorded="2026-12-01 10:00", ident="call", reached=True)

    found = judged(title, call, now="2026-12-01 10:00")

    reasons = {event: found.opinions[event].reason for event in ("title", "call")}
    assert {event: reason and reason.params["when"] for event, reason in reasons.items()} == {
        "title": "2027-05-05", "call": "2027-05-05T09:00:00+08:00",
    }  # fmt: skip
    assert found.opinions["title"].until == instant("2027-05-05 00:00")


def test_five_minutes_ahead_count_as_now_even_over_midnight() -> None:
    event = told("lead.registered", "2025-03-20 00:04", ident="x", source="walk-in")

    assert verdict(judged(event, now="2025-03-19 23:59"), "x") == ("applied", None)
    assert verdict(judged(event, now="2025-03-19 23:58"), "x") == ("parked", "future")


@pytest.mark.parametrize(
    ("event", "kind", "known"),
    [
        (told("task.result", "2025-03-20 10:00", ident="x", task="tsk_9", outcome="done"), "task", "tsk_9"),
        (told("case.fixed", "2025-03-20 10:00", ident="x", about={"case": "cas_9"}), "case", "cas_9"),
        (told("survey.answered", "2025-03-20 10:00", ident="x", survey="srv_9", answers={}), "survey", "srv_9"),
        (told("open_day.rsvp", "2025-03-20 10:00", ident="x", open_day="opd_9"), "open_day", "opd_9"),
    ],
)
def test_what_names_something_unknown_waits_until_it_is_known(event: Event, kind: str, known: str) -> None:
    before, after = judged(event), judged(event, known=frozenset({known}))

    reason = before.opinions["x"].reason
    assert before.opinions["x"].verdict is Verdict.PARKED
    assert reason is not None
    assert reason.params["kind"] == kind
    assert after.opinions["x"].verdict is Verdict.APPLIED


def test_an_unknown_unit_parks_an_exchange() -> None:
    moved = told("unit.changed", "2025-03-20 10:00", ident="x", to="3-9")

    assert verdict(judged(moved, units=frozenset({"3-1"})), "x") == ("parked", "unknown-reference")


def test_a_void_of_something_not_told_yet_waits_and_then_counts() -> None:
    assert verdict(judged(void("acc", "v")), "v") == ("parked", "unknown-reference")
    found = judged(void("acc", "v"), ACCEPTED)
    assert verdict(found, "v") == ("applied", None)
    assert verdict(found, "acc") == ("applied", "voided")
    assert ACCEPTED not in found.live


def test_a_voided_void_restores_the_fact() -> None:
    found = judged(SIGNED, void("sig", "v1"), void("v1", "v2", "2026-12-02 10:00"))

    assert verdict(found, "sig") == ("applied", None)
    assert verdict(found, "v1") == ("applied", "voided")


def test_a_chain_of_voids_told_at_one_instant_reads_the_same_under_any_ids() -> None:
    for first, second in (("a", "b"), ("b", "a")):
        found = judged(SIGNED, void("sig", first), void(first, second))

        assert verdict(found, "sig") == ("applied", None)


def test_two_voids_of_each_other_end_with_the_one_told_last() -> None:
    found = judged(void("v2", "v1", "2026-12-01 10:00"), void("v1", "v2", "2026-12-02 10:00"))

    assert verdict(found, "v1") == ("applied", "voided")
    assert verdict(found, "v2") == ("applied", None)


def test_a_void_by_the_id_of_its_own_source_counts_and_by_that_of_another_does_not() -> None:
    ours = Event("evt_1", "contract.signed", SIGNED.occurred_at, SIGNED.recorded_at, {"on": "2025-03-20"}, "crm", "77")
    theirs = void("77", "v")
    same = Event("v", theirs.type, theirs.occurred_at, theirs.recorded_at, theirs.data, "crm", "88")

    assert verdict(judged(ours, theirs), "v") == ("parked", "unknown-reference")
    assert verdict(judged(ours, same), "evt_1") == ("applied", "voided")


def test_a_correction_moves_the_date_and_the_last_one_told_wins() -> None:
    found = judged(
        SIGNED, correct("sig", "c1", on="2025-03-22"), correct("sig", "c2", "2026-12-03 10:00", on="2025-03-21")
    )

    event = next(event for event in found.live if event.id == "sig")
    assert event.data["on"] == "2025-03-21"
    assert found.moved_by["sig"].id == "c2"
    assert verdict(found, "sig") == ("applied", "corrected")


def test_a_voided_correction_leaves_the_fact_as_told() -> None:
    found = judged(SIGNED, correct("sig", "c1", on="2025-03-22"), void("c1", "v", "2026-12-03 10:00"))

    event = next(event for event in found.live if event.id == "sig")
    assert event.data["on"] == "2025-03-20"
    assert "sig" not in found.moved_by


def test_a_correction_may_be_corrected_itself() -> None:
    better = correct("c1", "c2", "2026-12-03 10:00", data={"on": "2025-03-23"})

    found = judged(SIGNED, correct("sig", "c1", on="2025-03-22"), better)

    event = next(event for event in found.live if event.id == "sig")
    assert event.data["on"] == "2025-03-23"
    assert found.moved_by["sig"].id == "c2"


def test_a_correction_can_take_a_contradiction_away_and_bring_one() -> None:
    early = told("handover.accepted", "2026-06-27 10:00", ident="acc", on="2025-03-01")

    assert verdict(judged(SIGNED, early), "acc") == ("refused", "handover-before-signing")
    assert verdict(judged(SIGNED, early, correct("acc", "c", on="2026-06-27")), "acc") == ("applied", "corrected")
    refused = judged(SIGNED, ACCEPTED, correct("acc", "c", on="2025-03-01"))
    assert verdict(refused, "acc") == ("refused", "handover-before-signing")


@pytest.mark.parametrize("kind", ["consent.given", "contact.changed", "bereavement.noted", "hold.placed"])
def test_what_acts_at_the_door_is_always_applied(kind: str) -> None:
    ahead = told(kind, "2028-01-01 10:00", ident="x", person="psn_1")

    assert verdict(judged(CANCELLED, ahead), "x") == ("applied", None)


def test_verdicts_do_not_depend_on_the_order_of_telling() -> None:
    at_once: dict[str, Any] = {"recorded": "2026-12-05 10:00"}
    events = [
        told("contract.signed", "2025-03-20 10:00", ident="sig", **at_once),
        told("handover.accepted", "2026-06-27 10:00", ident="acc", **at_once),
        told("handover.refused", "2026-06-27 09:00", ident="ref", reason="leak", **at_once),
        void("ref", "v1", "2026-12-01 10:00", **at_once),
        void("v1", "v2", "2026-12-01 10:00", **at_once),
    ]

    found = {str(sorted(judged(*order).opinions.items(), key=lambda one: one[0])) for order in permutations(events)}

    assert len(found) == 1


def test_a_long_chain_of_voids_is_no_burden() -> None:
    events = [SIGNED]
    for number in range(1500):
        events.append(void(events[-1].id, f"v{number:04}"))

    found = judged(*events)

    assert verdict(found, "sig") == ("applied", None)
    assert found.waits_until is None


@pytest.mark.parametrize("kind", ["contract.filed", "title.submitted", "title.issued"])
def test_what_registers_a_contract_cannot_lie_before_its_signing(kind: str) -> None:
    signed = told("contract.signed", "2026-03-16 10:00")
    early = told(kind, "2026-03-20 10:00", ident="early", on="2026-01-01")
    right = told(kind, "2026-03-20 10:00", ident="right", on="2026-03-20")

    judged = judge([signed, early, right], now=instant("2026-03-21 10:00"), zone=SHANGHAI, known=frozenset())

    assert judged.opinions["early"].verdict is Verdict.REFUSED
    assert judged.opinions["right"].verdict is Verdict.APPLIED


def test_a_subscription_told_after_the_end_of_the_contract_leaves_the_contract_standing() -> None:
    signed = told("contract.signed", "2026-11-26 10:00", ident="sig")
    cancelled = told("contract.cancelled", "2026-11-27 10:00", ident="can", reason="x")
    subscribed = told("subscription.signed", "2026-11-27 11:00", ident="sub")

    found = judged(signed, cancelled, subscribed)

    assert verdict(found, "sub") == ("refused", "journey-closed")
    assert verdict(found, "sig") == verdict(found, "can") == ("applied", None)


def test_a_subscription_for_another_home_does_not_speak_against_the_signing() -> None:
    other = told("subscription.signed", "2025-03-25 10:00", ident="sub", unit="2-1-101")

    found = judged(SIGNED, other, ties=Ties(home="3-1-1202"))

    assert verdict(found, "sub") == ("refused", "other-home")
    assert verdict(found, "sig") == ("applied", None)


def test_a_signing_after_the_cancellation_does_not_speak_against_the_filing() -> None:
    late = told("contract.signed", "2025-04-30 09:00", ident="late", on="2025-05-02")
    filed = told("contract.filed", "2025-04-30 10:00", ident="filed", on="2025-04-30")

    found = judged(late, filed, CANCELLED)

    assert verdict(found, "late") == ("refused", "after-cancellation")
    assert verdict(found, "filed") == ("applied", None)


def test_a_handover_told_after_the_resale_that_leans_on_it_counts() -> None:
    sold = told("ownership.transferred", "2026-09-01 10:00", ident="sold", kind="resale", to=[])
    handed = told("handover.accepted", "2026-09-02 10:00", ident="acc", on="2026-06-27")
    leak = told("defect.reported", "2026-09-03 10:00", ident="leak")

    found = judged(sold, handed, leak)

    assert verdict(found, "sold") == verdict(found, "acc") == ("applied", None)
    assert verdict(found, "leak") == ("refused", "journey-closed")


DATED = (
    "subscription.signed", "subscription.cancelled", "contract.signed", "contract.filed", "contract.cancelled",
    "handover.notice_served", "handover.accepted", "handover.refused", "handover.deemed", "title.issued",
    "ownership.transferred", "journey.cancelled", "lead.lost", "defect.reported", "refund.settled",
)  # fmt: skip


@st.composite
def some_facts(draw: st.DrawFn) -> list[Event]:
    """Facts of a few days, each dated at or a little before it happened, in any order of telling."""
    kinds = draw(st.lists(st.sampled_from(DATED), min_size=2, max_size=7))
    facts = []
    for number, kind in enumerate(kinds):
        day = draw(st.integers(3, 9))
        on = day - draw(st.integers(0, 2))
        more: dict[str, Any] = {"reviewed_by": "li"} if kind == "handover.deemed" else {}
        if kind == "subscription.signed":
            more = {"unit": draw(st.sampled_from(["A", "B"]))}
        facts.append(told(kind, f"2026-03-0{day} 10:{number:02}", ident=f"e{number}", on=f"2026-03-0{on}", **more))
    return facts


@given(some_facts())
def test_a_fact_that_is_itself_refused_changes_no_other_verdict(facts: list[Event]) -> None:
    *others, added = facts
    ties = Ties(home="A")

    with_it = judged(*facts, ties=ties)
    if with_it.opinions[added.id].verdict is not Verdict.REFUSED:
        return
    without = judged(*others, ties=ties)

    assert {event.id: with_it.opinions[event.id] for event in others} == dict(without.opinions)
