"""Handover: notices before the day and what each does when it moves, outcomes, title (domain C1, scenarios F1, F3)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from journey.domain.entries import RUNNING, State
from journey.domain.events import Event
from journey.domain.items import Anchor, Recipients
from journey.domain.record import Batch, GateWord
from journey.domain.values import ItemKind, Role, Stage
from journey.domain.verdicts import Verdict
from tests.lives import Life, begin, done_after, item_of, items_of, planned
from tests.records import READY, completion, instant, told

COUPLE = ("psn_1", "psn_2")
NOTICE = "handover.notice/epi_1/once"
FORMAL = "handover.formal-notice/epi_1/psn_1"
CALL = "handover.call/epi_1/once"
REMINDER = "handover.reminder/epi_1/once"
INFORMATION = "handover.information/epi_1/once"


def signed(by: str = "2026-06-30", **more: Any) -> Event:
    return told("contract.signed", "2025-03-20 10:00", ident="contract", contract_handover_date=by, **more)


def batch(on: str, known: str = "2026-01-05 09:00", event: str = "evt_batch") -> Batch:
    at = instant(known)
    return Batch(handover_from=Anchor(date.fromisoformat(on), at, at, event, event), gates=READY)


def moved(life: Life, on: str, when: str, event: str = "evt_moved") -> None:
    life.now = instant(when)
    life.record = replace(life.record, batch=batch(on, when, event))


def offered(until: str, on: str = "2026-06-27", **more: Any) -> Life:
    life = begin("2026-01-05 09:00", signed(), batch=batch(on), **more)
    return life.run(instant(until))


# -- before the day


def test_what_comes_before_the_day_hangs_on_the_batch() -> None:
    found = planned("2026-02-01 09:00", signed(), batch=batch("2026-06-27"))

    dues = {item.rule: item.due for item in found.agenda if item.rule.startswith("handover.")}
    assert dues == {
        "handover.notice": instant("2026-05-28 08:00"),
        "handover.formal-notice": instant("2026-06-12 18:00"),
        "handover.information": instant("2026-06-13 08:00"),
        "handover.maintenance-fund": instant("2026-06-13 08:00"),
        "handover.call": instant("2026-06-18 18:00"),  # 端午 06-19 to 06-21
        "handover.reminder": instant("2026-06-26 08:00"),
        "handover.reception": instant("2026-06-26 18:00"),
        "handover.companion": instant("2026-06-26 18:00"),
        "handover.maintenance-fund-check": instant("2026-06-26 18:00"),
    }
    assert item_of(found, CALL).original_due == instant("2026-06-20 18:00")


def test_without_a_batch_it_hangs_on_the_contract_date_as_last_agreed() -> None:
    first = planned("2026-02-01 09:00", signed())
    amended = told("contract.amended", "2026-01-10 10:00", contract_handover_date="2026-09-30")
    second = planned("2026-02-01 09:00", signed(), amended)

    assert item_of(first, NOTICE).due == instant("2026-05-31 08:00")
    assert item_of(second, NOTICE).due == instant("2026-08-31 08:00")


def test_an_amendment_that_is_told_before_its_contract_still_comes_after_it() -> None:
    amended = told("contract.amended", "2026-01-20 09:00", on="2026-01-15", contract_handover_date="2026-09-30")
    contract = told(
        "contract.signed", "2026-01-20 10:00", on="2026-01-10", contract_handover_date="2026-06-30", ident="signed"
    )

    found = planned("2026-02-01 09:00", amended, contract)

    assert item_of(found, NOTICE).due == instant("2026-08-31 08:00")


def test_who_only_subscribed_gets_no_notice() -> None:
    found = planned("2026-02-01 09:00", told("subscription.signed", "2026-01-10 10:00"), batch=batch("2026-06-27"))

    assert not items_of(found, "handover.notice")


def test_the_formal_notice_names_the_last_legal_day_which_never_rolls_past_it() -> None:
    found = item_of(planned("2026-02-01 09:00", signed(), batch=batch("2026-06-30")), FORMAL)

    assert (found.kind, found.statutory) == (ItemKind.LETTER, True)
    assert found.due == instant("2026-06-15 18:00")
    assert found.legal_due == instant("2026-06-20 23:59:59")  # a Saturday inside 端午


def test_every_owner_gets_the_notice_and_a_letter_of_his_own() -> None:
    life = begin("2026-06-10 09:00", signed(), batch=batch("2026-06-27"), owners=COUPLE)
    life.tell(told("handover.notice_served", "2026-06-12 10:00", ident="one", person="psn_2", proof="ems"))
    life.run(instant("2026-06-13 10:00"))

    assert life.last is not None
    assert life.state("handover.formal-notice/epi_1/psn_2") is State.SERVED
    assert life.state(FORMAL) is State.OVERDUE
    fresh = planned("2026-02-01 09:00", signed(), batch=batch("2026-06-27"), owners=COUPLE)
    assert item_of(fresh, NOTICE).recipients is Recipients.OWNERS


def test_a_served_notice_that_names_nobody_counts_for_all() -> None:
    life = offered("2026-06-10 09:00", owners=COUPLE)
    life.tell(told("handover.notice_served", "2026-06-11 10:00", proof="ems"))
    life.run(instant("2026-06-13 09:00"))

    assert {entry.state for entry in life.of("handover.formal-notice")} == {State.SERVED}
    assert life.last is not None
    assert life.last.stage is Stage.HANDOVER


def test_the_fund_is_not_asked_for_once_it_is_paid() -> None:
    life = offered("2026-06-01 09:00")
    life.tell(told("maintenance_fund.paid", "2026-06-02 10:00", ident="fund"))
    life.run(instant("2026-06-14 09:00"))

    assert life.state("handover.maintenance-fund/epi_1/once") is State.WITHDRAWN
    assert life.state("handover.maintenance-fund-check/epi_1/once") is State.DONE


# -- when the day moves


def test_when_the_day_moves_it_is_announced_repeated_or_kept() -> None:
    life = begin("2026-01-05 09:00", signed(), batch=batch("2026-06-27"))
    life.staff = done_after()
    life.run(instant("2026-06-26 09:00"))
    moved(life, "2026-07-25", "2026-06-26 10:00")
    life.run(instant("2026-07-25 08:00"))

    went = {key: at for at, key in life.sent}
    assert went[f"{NOTICE}~evt_moved"] == instant("2026-06-26 10:10")  # once the new day has stood for ten minutes
    assert went[f"{REMINDER}~evt_moved"] == instant("2026-07-24 08:00")
    assert f"{INFORMATION}~evt_moved" not in went
    repeated = {key: at for at, key in life.opened if key.endswith("~evt_moved")}
    assert set(repeated) == {
        f"{FORMAL}~evt_moved", f"{CALL}~evt_moved", "handover.companion/epi_1/once~evt_moved"
    }  # fmt: skip
    formal = life.record.entries[f"{FORMAL}~evt_moved"]
    assert formal.due == instant("2026-07-10 18:00")


def test_a_notice_served_for_the_old_day_does_not_count_for_the_new_one_a_later_one_does() -> None:
    life = offered("2026-06-11 09:00")
    life.tell(told("handover.notice_served", "2026-06-12 10:00", ident="first", proof="ems"))
    life.run(instant("2026-06-20 09:00"))
    moved(life, "2026-07-25", "2026-06-20 10:00")
    life.run(instant("2026-07-09 09:00"))

    again = f"{FORMAL}~evt_moved"
    assert life.state(FORMAL) is State.SERVED
    assert life.state(again) in (State.OPEN, State.WARNED)
    life.tell(told("handover.notice_served", "2026-07-09 10:00", ident="second", proof="ems"))
    life.run(instant("2026-07-25 07:00"))
    assert (life.state(again), life.record.entries[again].fact) == (State.SERVED, "second")


def test_a_day_that_moves_back_before_anything_repeated_went_leaves_nothing_of_it() -> None:
    life = offered("2026-06-20 09:00")
    moved(life, "2026-08-25", "2026-06-20 10:00", "evt_later")
    life.run(instant("2026-06-20 11:00"))
    moved(life, "2026-06-27", "2026-06-21 10:00", "evt_back")
    life.run(instant("2026-06-28 10:00"))

    assert life.state(f"{NOTICE}~evt_later") is State.SENT
    assert life.state(REMINDER) is State.SENT
    assert f"{CALL}~evt_later" not in {key for _, key in life.opened}


def test_a_day_mistyped_by_a_year_does_not_silence_the_owner_when_it_is_corrected() -> None:
    life = begin("2026-04-01 09:00", signed(by="2027-06-30"))
    life.run(instant("2026-05-10 09:00"))
    assert not life.of("handover.notice")

    life.tell(told("event.corrected", "2026-05-10 10:00", event_id="contract", reason="x",
                   data={"contract_handover_date": "2026-06-30"}))  # fmt: skip
    life.run(instant("2026-06-30 07:00"))

    assert [key for _, key in life.sent if key in (NOTICE, REMINDER)] == [NOTICE, REMINDER]


def test_a_day_mistyped_into_the_past_is_corrected_into_what_lies_ahead() -> None:
    late = replace(signed(by="2025-06-30"), recorded_at=instant("2026-04-01 09:00"))
    life = begin("2026-04-01 09:00", late)
    life.run(instant("2026-04-02 09:00"))
    assert life.state(NOTICE) is State.MISSED

    life.tell(told("event.corrected", "2026-04-02 10:00", event_id="contract", reason="x",
                   data={"contract_handover_date": "2026-06-30"}))  # fmt: skip
    life.run(instant("2026-06-01 09:00"))

    assert life.state(NOTICE) is State.SENT
    assert life.state("handover.delay-case/epi_1/once") is State.WITHDRAWN


def test_a_correction_that_leaves_the_day_alone_opens_no_putting_right() -> None:
    life = begin("2026-05-01 09:00", signed())
    life.run(instant("2026-06-02 09:00"))
    assert life.state(NOTICE) is State.SENT

    life.tell(told("event.corrected", "2026-06-02 10:00", event_id="contract", reason="x", data={"price": 10}))
    life.run(instant("2026-06-03 09:00"))

    assert not life.of("kernel.put-right")


# -- what came of the visit


def test_with_the_keys_what_was_ahead_of_them_is_withdrawn() -> None:
    life = offered("2026-06-23 09:00")
    life.tell(told("handover.accepted", "2026-06-24 10:00", ident="keys"))
    life.run(instant("2026-06-30 09:00"))

    assert life.state(FORMAL) is State.WITHDRAWN
    assert life.state(CALL) is State.WITHDRAWN
    assert REMINDER not in {key for _, key in life.sent}
    assert life.state("handover.check-in/epi_1/once") is not None


def test_scenario_1_the_title_is_owed_after_the_festival_and_aimed_at_before_it() -> None:
    found = planned("2026-06-27 11:00", told("handover.accepted", "2026-06-27 10:00"), batch=completion("2026-04-28"))

    title = item_of(found, "handover.title/epi_1/once")
    assert title.due == instant("2026-09-24 18:00")
    assert title.original_due == instant("2026-09-25 18:00")
    assert title.legal_due == instant("2026-09-28 23:59:59")
    assert title.role is Role.FINANCE
    follow_ups = {item.occurrence: item.planned_due for item in items_of(found, "handover.title-follow-up")}
    assert follow_ups == {
        "d30": instant("2026-07-27 18:00"), "d60": instant("2026-08-26 18:00"), "d75": instant("2026-09-10 18:00")
    }  # fmt: skip


def test_a_year_after_the_titles_day_the_risk_is_told_unless_it_was_issued() -> None:
    keys = told("handover.accepted", "2026-06-27 10:00")
    issued = told("title.issued", "2026-09-30 10:00", on="2026-09-30")

    late, in_hand = begin("2026-06-27 11:00", keys), begin("2026-06-27 11:00", keys, issued)
    for life in (late, in_hand):
        life.run(instant("2027-09-30 09:00"))

    risk = late.record.entries["handover.title-rescission-possible/epi_1/once"]
    assert (risk.due, risk.opened_at) == (instant("2027-09-29 09:00"), instant("2027-09-29 09:00"))
    assert in_hand.state("handover.title/epi_1/once") is State.DONE
    assert in_hand.state("handover.title-rescission-possible/epi_1/once") is State.WITHDRAWN


def test_a_conditional_handover_starts_the_clocks_and_has_its_snags_fixed() -> None:
    found = planned("2026-06-27 11:00", told("handover.conditional", "2026-06-27 10:00", ident="keys", snags=4),
                    batch=completion("2026-04-28"))  # fmt: skip

    snags = item_of(found, "handover.snags/epi_1/keys")
    assert (snags.params["snags"], snags.due, snags.role) == (4, instant("2026-07-10 18:00"), Role.WARRANTY_OFFICE)
    assert found.covers


def test_scenario_3_a_refusal_with_good_reason_starts_no_clock_and_leads_to_a_re_inspection() -> None:
    life = offered("2026-06-27 09:00")
    life.tell(told("handover.refused", "2026-06-27 10:00", ident="no", justified=True, snags=10))
    life.run(instant("2026-06-28 09:00"))

    assert life.last is not None
    assert not life.last.covers
    assert item_of(life.last, "handover.fix/epi_1/no").due == instant("2026-07-03 18:00")  # 07-04 is a Saturday
    assert item_of(life.last, "handover.re-inspection/epi_1/no").kind is ItemKind.VISIT
    assert not items_of(life.last, "handover.refusal-review")
    life.tell(told("handover.accepted", "2026-07-08 10:00", ident="keys"))
    life.run(instant("2026-07-08 11:00"))
    assert life.state("handover.fix/epi_1/no") is State.DONE
    assert life.state("handover.re-inspection/epi_1/no") is State.DONE
    assert min(cover.owner_starts for cover in life.last.covers if cover.owner_starts) == date(2026, 7, 8)


def test_scenario_3_a_deemed_handover_starts_the_clocks_on_its_day_and_later_keys_do_not_restart_them() -> None:
    life = offered("2026-06-27 09:00")
    life.tell(
        told("handover.notice_served", "2026-06-12 10:00", proof="ems", recorded="2026-06-27 09:00"),
        told("handover.refused", "2026-06-27 10:00", ident="no", justified=False),
        told("handover.deemed", "2026-07-01 10:00", ident="deemed", on="2026-06-27", reviewed_by="stf_9"),
        told("handover.accepted", "2026-07-20 10:00", ident="keys"),
    )
    life.run(instant("2026-06-28 09:00"))
    assert life.state("handover.refusal-review/epi_1/no") is State.OPEN
    life.run(instant("2026-07-21 09:00"))

    assert life.last is not None
    assert {cover.owner_starts for cover in life.last.covers} == {date(2026, 6, 27), None}
    assert life.state("handover.refusal-review/epi_1/no") is State.DONE
    assert not life.of("handover.fix")
    assert life.record.entries["handover.deemed-letter/epi_1/psn_1"].due == instant("2026-07-06 18:00")
    assert life.state("handover.delay-case/epi_1/once") is State.WITHDRAWN  # the review came on 07-01


def refused(when: str = "2026-06-25 10:00") -> Event:
    return told("handover.refused", when, ident="no", justified=True, snags=10)


def test_who_came_and_refused_is_not_reminded_of_the_day_nor_called_for_it() -> None:
    life = offered("2026-06-24 09:00")
    assert life.state(CALL) is not None
    life.tell(refused())
    life.run(instant("2026-06-28 09:00"))

    assert life.state(CALL) is State.WITHDRAWN
    assert REMINDER not in {key for _, key in life.sent}
    assert life.state("handover.companion/epi_1/once") is State.WITHDRAWN
    assert life.state("handover.re-inspection/epi_1/no") is State.OPEN
    assert life.state("handover.maintenance-fund-check/epi_1/once") in RUNNING  # it is owed all the same


def test_a_later_day_told_after_the_refusal_is_offered_anew() -> None:
    life = offered("2026-06-24 09:00")
    life.tell(refused())
    life.run(instant("2026-06-26 09:00"))
    moved(life, "2026-07-25", "2026-06-26 10:00")
    life.run(instant("2026-07-25 08:00"))

    went = [key for _, key in life.sent]
    assert f"{NOTICE}~evt_moved" in went
    assert REMINDER in went
    assert life.state(CALL) in RUNNING


def test_a_refusal_taken_back_lets_the_reminder_go() -> None:
    life = offered("2026-06-24 09:00")
    life.tell(refused(), told("event.voided", "2026-06-25 11:00", event_id="no", reason="录错户"))
    life.run(instant("2026-06-26 10:00"))

    assert REMINDER in {key for _, key in life.sent}


def test_a_mere_lead_has_no_trace_of_a_handover_that_was_presumed() -> None:
    life = begin("2026-01-05 09:00", batch=batch("2026-06-27"))
    life.run(instant("2026-01-06 09:00"))
    assert life.last is not None
    assert items_of(life.last, "handover.notice")

    life.tell(told("lead.registered", "2026-01-06 10:00", source="walk-in"))
    life.run(instant("2026-01-07 09:00"))

    assert not [key for key in life.record.entries if key.startswith("handover.")]
    assert not [key for key in life.record.agenda if key.startswith("handover.")]


def test_work_of_a_presumed_handover_that_was_begun_is_withdrawn_with_a_trace() -> None:
    life = begin("2026-06-19 09:00", batch=batch("2026-06-27"), started=instant("2026-01-05 09:00"))
    life.run(instant("2026-06-19 10:00"))
    assert life.state(FORMAL) in RUNNING

    life.tell(told("subscription.signed", "2026-06-19 11:00"))
    life.run(instant("2026-06-19 12:00"))

    assert life.state(FORMAL) is State.WITHDRAWN


@pytest.mark.parametrize(
    ("on", "when", "code"),
    [
        ("2026-03-01", "2026-03-02 10:00", "deemed-before-offer"),
        ("2026-06-30", "2026-07-02 10:00", "deemed-without-refusal"),
    ],
)
def test_a_deemed_handover_that_nothing_on_record_explains_counts_and_is_reviewed(
    on: str, when: str, code: str
) -> None:
    served = told("handover.notice_served", "2026-02-10 10:00", proof="ems")
    deemed = told("handover.deemed", when, ident="deemed", on=on, reviewed_by="stf_9")
    life = begin("2026-02-01 09:00", signed(), served, deemed).run(instant(when) + timedelta(hours=1))

    assert life.last is not None
    opinion = life.last.opinions["deemed"]
    review = item_of(life.last, "handover.refusal-review/epi_1/deemed")
    assert (opinion.verdict, opinion.reason and opinion.reason.code) == (Verdict.APPLIED, code)
    assert ([reason.code for reason in review.because], review.role) == ([code], Role.DEVELOPER_CS)
    assert life.state(review.key) in RUNNING

    life.tell(told("handover.no_show", when, ident="absent", on=on, recorded=when))
    life.run(instant(when) + timedelta(hours=2))
    assert (life.last.opinions["deemed"].reason, life.state(review.key)) == (None, State.WITHDRAWN)


def test_a_review_says_when_the_notice_is_not_proved() -> None:
    refused = told("handover.refused", "2026-06-27 10:00", ident="no", justified=False)
    served = told("handover.notice_served", "2026-06-12 10:00", proof="ems")

    bare = item_of(planned("2026-06-27 11:00", signed(), refused), "handover.refusal-review/epi_1/no")
    proved = item_of(planned("2026-06-27 11:00", signed(), served, refused), "handover.refusal-review/epi_1/no")

    assert [reason.code for reason in bare.because] == ["notice-not-proved"]
    assert not proved.because


def test_who_did_not_come_is_called_for_a_new_appointment_until_he_did() -> None:
    life = offered("2026-06-27 09:00")
    life.tell(told("handover.no_show", "2026-06-27 10:00", ident="absent"))
    life.run(instant("2026-06-28 09:00"))
    assert life.state("handover.rebook/epi_1/absent") is State.OPEN

    life.tell(told("handover.accepted", "2026-06-29 10:00", ident="keys"))
    life.run(instant("2026-06-29 11:00"))

    assert life.state("handover.rebook/epi_1/absent") is State.DONE


def test_who_stayed_away_twice_is_reviewed_for_a_deemed_handover() -> None:
    first = told("handover.no_show", "2026-06-27 10:00", ident="once")
    again = told("handover.no_show", "2026-07-04 10:00", ident="twice")

    found = planned("2026-07-04 11:00", signed(), first, again)

    assert [item.occurrence for item in items_of(found, "handover.refusal-review")] == ["twice"]


@pytest.mark.parametrize("kind", ["handover.refused", "handover.no_show"])
def test_a_visit_told_after_the_keys_asks_for_nothing(kind: str) -> None:
    found = planned(
        "2026-07-02 11:00", told("handover.accepted", "2026-06-27 10:00"), told(kind, "2026-07-01 10:00", ident="odd")
    )

    assert not [item for item in found.agenda if item.occurrence == "odd"]


def test_the_notices_wait_for_the_gate_of_the_batch_and_go_once_it_passes() -> None:
    open_gate = replace(batch("2026-06-27"), gates={})
    life = begin("2026-05-01 10:00", signed(), batch=open_gate)
    life.run(instant("2026-06-14 10:00"))
    held = {rule: life.of(rule)[0] for rule in ("handover.notice", "handover.formal-notice")}
    life.record = replace(life.record, batch=batch("2026-06-27"))

    life.run(instant("2026-06-14 12:00"))

    assert {rule: (entry.state, entry.reason and entry.reason.code) for rule, entry in held.items()} == {
        "handover.notice": (State.HELD, "waits-for-gate"),
        "handover.formal-notice": (State.HELD, "waits-for-gate"),
    }
    assert life.of("handover.notice")[0].state is State.SENT
    assert life.of("handover.formal-notice")[0].state in RUNNING


def test_a_notice_whose_gate_never_passes_is_missed_when_its_day_has_come() -> None:
    life = begin("2026-05-01 10:00", signed(), batch=replace(batch("2026-06-27"), gates={}))

    life.run(instant("2026-06-28 10:00"))

    assert life.of("handover.notice")[0].state is State.MISSED


ASKED_TO_COME = (
    "handover.notice", "handover.information", "handover.maintenance-fund", "handover.call", "handover.reminder",
)  # fmt: skip


def test_nobody_is_told_to_come_while_the_batch_waits_for_its_gate() -> None:
    life = begin("2026-05-01 10:00", signed(), batch=replace(batch("2026-06-27"), gates={}))
    life.run(instant("2026-06-26 10:00"))
    waiting = {rule: life.of(rule)[0] for rule in ASKED_TO_COME}
    told_before, called_before = list(life.sent), [key for _, key in life.opened if key == CALL]
    life.record = replace(life.record, batch=batch("2026-06-27"))

    life.run(instant("2026-06-26 12:00"))

    assert {(entry.state, entry.reason and entry.reason.code) for entry in waiting.values()} == {
        (State.HELD, "waits-for-gate")
    }
    assert ([key for _, key in told_before if key.startswith("handover.")], called_before) == ([], [])
    assert {NOTICE, INFORMATION, REMINDER} <= {key for _, key in life.sent}
    assert life.state(CALL) in RUNNING


def test_the_formal_notice_of_a_blocked_batch_comes_before_a_person_on_the_laws_last_day() -> None:
    life = begin("2026-05-01 10:00", signed(), batch=replace(batch("2026-06-27"), gates={}))
    life.run(instant("2026-06-17 08:00"))
    assert life.state(FORMAL) is State.HELD

    life.run(instant("2026-06-18 10:00"))

    entry = life.record.entries[FORMAL]
    assert (entry.opened_at, entry.state) == (instant("2026-06-17 09:00"), State.ESCALATED)
    assert entry.item["role"] == "project-cs"
    assert [reason["code"] for reason in entry.item["because"]] == ["waits-for-gate"]


def test_a_letter_that_the_law_does_not_press_waits_as_long_as_its_gate() -> None:
    day = replace(batch("2026-06-27"), gates={"rehearsal": GateWord("failed", instant("2026-05-01 09:00"), "evt_no")})
    life = begin("2026-05-01 10:00", signed(), batch=day)

    life.run(instant("2026-06-16 18:00"))

    assert life.state(FORMAL) is State.HELD
    assert life.state(INFORMATION) is State.HELD


def test_a_notice_that_was_let_go_says_in_whose_name() -> None:
    word = GateWord("overridden", instant("2026-05-20 10:00"), "evt_word", "stf_9")
    stands = replace(batch("2026-06-27"), gates={"ready-to-hand-over": word})

    found = planned("2026-05-21 10:00", signed(), batch=stands)

    notice = next(item for item in found.agenda if item.rule == "handover.notice")
    assert [(reason.code, reason.params["by"]) for reason in notice.because] == [("gate-overridden", "stf_9")]


def test_without_a_batch_the_notice_hangs_on_the_contract_and_waits_for_nobody() -> None:
    found = planned("2026-05-21 10:00", signed())

    notice = next(item for item in found.agenda if item.rule == "handover.notice")
    assert notice.waits is None
