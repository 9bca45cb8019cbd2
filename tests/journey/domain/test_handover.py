"""Handover: notices before the day and what each does when it moves, outcomes, title (domain C1, scenarios F1, F3)."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from journey.domain.entries import State
from journey.domain.events import Event
from journey.domain.items import Anchor, Recipients
from journey.domain.record import Batch
from journey.domain.values import ItemKind, Role, Stage
from tests.lives import Life, begin, done_after, item_of, items_of, planned
from tests.records import completion, instant, told

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
    return Batch(handover_from=Anchor(date.fromisoformat(on), at, at, event, event))


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
