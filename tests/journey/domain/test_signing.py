"""Signing: keeper, callback, filing; calendars, festivals and zones (domain C0, C1)."""

from datetime import date
from typing import Any

from journey.domain.clocks import local
from journey.domain.entries import State
from journey.domain.items import Item
from journey.domain.planner import Plan
from journey.domain.values import Role, Stage
from tests.lives import begin, done_after, planned
from tests.records import SHANGHAI, instant, told

CONTACT = "signing.keeper-contact/epi_1/once"
CALLBACK = "signing.service-callback/epi_1/once"
FILING = "signing.filing/epi_1/once"


def item(found: Plan, key: str) -> Item:
    return next(item for item in found.agenda if item.key == key)


def signed(on: str, now: str, **more: Any) -> Plan:
    return planned(now, told("contract.signed", f"{on} 10:00", **more))


def test_scenario_1_contact_callback_and_filing_fall_due_on_their_days() -> None:
    found = planned(
        "2025-03-20 11:00",
        told("subscription.signed", "2025-03-15 10:00"),
        told("contract.signed", "2025-03-20 10:00"),
    )

    assert item(found, CONTACT).due == instant("2025-03-22 18:00")
    assert item(found, CALLBACK).due == instant("2025-03-27 18:00")
    filing = item(found, FILING)
    assert filing.due == instant("2025-04-18 18:00")
    assert filing.legal_due == instant("2025-04-21 23:59:59")
    assert filing.original_due == instant("2025-04-19 18:00")
    assert [reason.code for reason in filing.because] == ["legal-date-rolled", "pulled-before-rest-day"]
    assert found.stage is Stage.PRE_HANDOVER


def test_the_keeper_is_warned_on_day_5_and_the_matter_goes_up_on_day_8() -> None:
    found = item(planned("2025-03-15 11:00", told("subscription.signed", "2025-03-15 10:00")), CONTACT)

    assert found.warn == instant("2025-03-20 18:00")
    assert found.escalate == instant("2025-03-23 18:00")
    assert (found.role, found.escalates_to) == (Role.KEEPER, Role.PROJECT_CS)


def test_a_task_opens_a_fortnight_before_it_is_due() -> None:
    found = signed("2025-03-20", "2025-03-20 11:00")

    assert item(found, CALLBACK).opens == instant("2025-03-20 10:00")
    assert item(found, FILING).opens == instant("2025-04-04 18:00")


def test_the_reminder_to_read_the_contract_is_withdrawn_when_it_was_signed_before_the_text_went() -> None:
    life = begin(
        "2025-03-15 10:00",
        told("subscription.signed", "2025-03-15 10:00"),
        told("contract.signed", "2025-03-15 16:00"),
    )

    life.run(instant("2025-03-18 10:00"))

    assert life.state("signing.read-contract/epi_1/once") is State.WITHDRAWN
    assert [key for _, key in life.sent] == ["signing.keeper-welcome/epi_1/once"]


def test_a_filing_meets_its_duty_with_its_own_date() -> None:
    life = begin(
        "2025-03-20 10:00",
        told("contract.signed", "2025-03-20 10:00"),
        told("contract.filed", "2025-04-10 15:00", ident="filed"),
    )

    life.run(instant("2025-05-01 10:00"))

    entry = life.record.entries[FILING]
    assert (entry.state, entry.at, entry.fact) == (State.DONE, instant("2025-04-10 15:00"), "filed")
    assert entry.reason is not None
    assert entry.reason.code == "met-by-fact"


def test_a_filing_that_is_told_weeks_later_meets_its_duty_on_its_own_day() -> None:
    life = begin(
        "2025-03-20 10:00",
        told("contract.signed", "2025-03-20 10:00"),
        told("contract.filed", "2025-05-06 15:00", on="2025-04-10", ident="filed"),
    )

    life.run(instant("2025-05-07 10:00"))

    entry = life.record.entries[FILING]
    assert (entry.state, entry.at) == (State.DONE, instant("2025-04-10 12:00"))


def test_the_ladder_of_work_that_nobody_does_climbs_on_its_instants() -> None:
    life = begin("2025-03-15 10:00", told("subscription.signed", "2025-03-15 10:00"))

    life.run(instant("2025-04-20 10:00"))

    steps = [(rung.step, rung.at, rung.to) for key, rung in life.rungs if key == CONTACT]
    assert steps == [
        ("warned", instant("2025-03-20 18:00"), "keeper"),
        ("overdue", instant("2025-03-22 18:00"), "keeper"),
        ("escalated", instant("2025-03-23 18:00"), "project-cs"),
    ]
    assert life.last is not None
    assert life.last.overdue == 3  # with the contract that was neither read nor signed


def test_a_call_due_in_spring_festival_is_pulled_before_it() -> None:
    found = item(signed("2026-02-10", "2026-02-10 11:00"), CALLBACK)

    assert found.due == instant("2026-02-14 18:00")
    assert found.original_due == instant("2026-02-17 18:00")
    assert [reason.code for reason in found.because] == ["pulled-before-holiday"]


def test_a_call_learnt_of_too_late_to_be_pulled_waits_for_the_first_working_hour_and_is_not_overdue() -> None:
    life = begin(
        "2026-02-15 09:00",
        told("contract.signed", "2026-02-10 10:00", recorded="2026-02-16 09:00"),
    )

    life.run(instant("2026-02-23 23:00"))

    assert life.last is not None
    assert item(life.last, CALLBACK).due == instant("2026-02-24 10:00")
    assert life.state(CALLBACK) in (State.OPEN, State.WARNED)
    assert life.last.overdue == 0


def test_a_call_due_late_in_the_festival_s_holiday_that_cannot_be_pulled_before_it_waits_for_its_end() -> None:
    life = begin("2026-02-15 09:00", told("contract.signed", "2026-02-15 09:00"))

    life.run(instant("2026-02-23 23:00"))

    assert life.last is not None
    callback = item(life.last, CALLBACK)
    assert (callback.original_due, callback.due) == (instant("2026-02-22 18:00"), instant("2026-02-24 10:00"))
    assert [reason.code for reason in callback.because] == ["pushed-after-festival"]
    assert life.last.overdue == 0


def test_a_text_on_a_no_call_day_goes_at_once() -> None:
    life = begin("2026-02-17 09:00", told("subscription.signed", "2026-02-17 09:30"))

    life.run(instant("2026-02-17 12:00"))

    assert life.sent == [(instant("2026-02-17 09:30"), "signing.keeper-welcome/epi_1/once")]


def test_a_month_end_and_a_leap_day_are_plain_days_of_the_count() -> None:
    leap = item(signed("2028-02-22", "2028-02-22 11:00"), CALLBACK)
    month_end = item(signed("2026-01-31", "2026-01-31 11:00"), CALLBACK)

    assert leap.due == instant("2028-02-29 18:00")
    assert month_end.due == instant("2026-02-07 18:00")


def test_a_year_without_a_published_calendar_is_marked_provisional() -> None:
    found = item(signed("2028-02-22", "2028-02-22 11:00"), CALLBACK)

    assert [reason.code for reason in found.because] == ["provisional-calendar"]


def test_local_hours_hold_on_both_sides_of_summer_time() -> None:
    found = planned(
        "2025-03-28 20:00",
        told("subscription.signed", "2025-03-28 10:00", zone="Europe/London"),
        country="gb",
        zone="Europe/London",
    )

    due = item(found, CONTACT).due
    text = item(found, "signing.read-contract/epi_1/once").due
    assert local(due, "Europe/London").isoformat() == "2025-04-04T18:00:00+01:00"
    assert local(text, "Europe/London").isoformat() == "2025-03-29T08:00:00+00:00"


def test_a_corrected_contract_date_moves_what_hangs_on_it() -> None:
    life = begin(
        "2025-03-20 10:00",
        told("contract.signed", "2025-03-20 10:00", ident="sig"),
        told("event.corrected", "2025-03-21 10:00", event_id="sig", data={"on": "2025-03-19"}, reason="typo"),
    )

    life.run(instant("2025-03-22 10:00"))

    assert life.last is not None
    assert item(life.last, CALLBACK).due == instant("2025-03-26 18:00")
    assert life.record.entries[CALLBACK].due == instant("2025-03-26 18:00")
    assert item(life.last, FILING).anchor.on == date(2025, 3, 19)


def test_work_done_on_time_never_climbs() -> None:
    life = begin("2025-03-15 10:00", told("subscription.signed", "2025-03-15 10:00"))
    life.staff = done_after()

    life.run(instant("2025-05-01 10:00"))

    assert life.state(CONTACT) is State.DONE
    assert life.rungs == []
    assert local(life.record.entries[CONTACT].at, SHANGHAI).isoformat() == "2025-03-15T11:00:00+08:00"
