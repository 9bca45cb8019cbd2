"""Repairs: the clocks of C2, rounds, the ladder of C3, pauses, callbacks (scenario 8 of the domain)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from journey.domain.case_documents import case_documents
from journey.domain.case_values import CaseKind
from journey.domain.cases import last_emergency, open_cases
from journey.domain.entries import State
from journey.domain.events import Event
from journey.domain.executors import EXECUTORS, Executor
from journey.domain.facts import Facts
from journey.domain.items import Item
from journey.domain.opinions import judged_of
from journey.domain.planner import Plan, plan
from journey.domain.values import ItemKind, Role
from tests.lives import Life, begin, done_after, item_of, items_of, planned
from tests.records import completion, instant, pack, record, told

KEYS = told("handover.accepted", "2026-06-27 10:00", ident="keys")
STARTED = instant("2026-06-01 09:00")


def leak(when: str = "2026-08-03 09:10", **data: Any) -> Event:
    said = {"category": "plumbing", "component": "wet-room", "severity": "contractor", "text": "漏水", **data}
    return told("defect.reported", when, ident="leak1", person="psn_1", **said)


def step(kind: str, when: str, ident: str = "", **data: Any) -> Event:
    about = {"case": "leak1"}
    return told(f"case.{kind}", when, ident=ident or f"{kind}_{when}", about=about, **{"by": "stf_1", **data})


def lived(until: str, *events: Event, at: str = "2026-06-27 09:00", staff: Any = None) -> Life:
    life = begin(at, KEYS, *events, started=STARTED, batch=completion("2026-04-28"))
    if staff is not None:
        life.staff = staff
    return life.run(instant(until))


def facts(now: str, *events: Event, **more: Any) -> Facts:
    told_of = record([KEYS, *events], started=STARTED, batch=completion("2026-04-28"), **more)
    return Facts(told_of, judged_of(told_of, told_of.events, instant(now)), pack(), instant(now))


def seen(now: str, *events: Event) -> Plan:
    return planned(now, KEYS, *events, started=STARTED, batch=completion("2026-04-28"))


def dues(found: Plan) -> dict[str, Any]:
    return {item.rule: item.due for item in found.agenda if item.rule.startswith("repair.")}


def steps_of(life: Life, key: str) -> list[tuple[str, Any, str]]:
    return [(rung.step, rung.at, rung.to) for one, rung in life.rungs if one == key]


def document(now: str, *events: Event) -> dict[str, Any]:
    return case_documents(facts(now, *events))[0]


SCENARIO_8 = (
    leak(),
    step("acknowledged", "2026-08-03 09:20"),
    step("on_site", "2026-08-03 14:00"),
    step("fixed", "2026-08-06 11:00"),
    step("accepted", "2026-08-06 11:00", ident="closed-1"),
    step("reopened", "2026-08-12 10:00", ident="again-1"),
    step("acknowledged", "2026-08-12 10:05"),
    step("on_site", "2026-08-12 15:00"),
    step("accepted", "2026-08-15 11:00", ident="closed-2"),
    step("reopened", "2026-08-24 10:00", ident="again-2"),
    step("acknowledged", "2026-08-24 10:10"),
)


def test_scenario_8_goes_to_developer_cs_at_the_first_reopen_and_to_the_group_at_the_second() -> None:
    life = lived("2026-08-25 09:00", *SCENARIO_8)

    opened = {key: at for at, key in life.opened if key.startswith("repair.escalation/")}
    assert opened == {
        "repair.escalation/leak1/L1": instant("2026-08-12 10:00"),
        "repair.escalation/leak1/L2": instant("2026-08-24 10:00"),
    }
    found = document("2026-08-25 09:00", *SCENARIO_8)
    assert (found["level"], found["state"], len(found["reopened"])) == ("L2", "open", 2)
    assert [(one["to"], one["why"]) for one in found["steps"]] == [
        ("developer-cs", "reopened"), ("group-cs", "reopened"),
    ]  # fmt: skip


def test_scenario_8_is_fixed_within_three_days_of_each_report_and_called_back_within_two() -> None:
    life = lived("2026-08-25 09:00", *SCENARIO_8)

    assert [entry.due for entry in life.of("repair.fix")] == [
        instant("2026-08-06 23:59:59"), instant("2026-08-15 23:59:59"), instant("2026-08-27 23:59:59"),
    ]  # fmt: skip
    assert [entry.due for entry in life.of("repair.callback")] == [
        instant("2026-08-08 11:00"), instant("2026-08-17 11:00"),
    ]  # fmt: skip
    assert life.state("repair.fix/leak1/leak1") is State.DONE


def test_an_emergency_on_new_years_eve_at_night_is_answered_in_minutes() -> None:
    burst = leak("2027-02-05 23:50", severity="emergency")

    found = seen("2027-02-05 23:51", burst)

    assert dues(found) == {
        "repair.acknowledge": instant("2027-02-06 00:05"),
        "repair.on-site": instant("2027-02-06 00:20"),
        "repair.contain": instant("2027-02-06 01:50"),
        "repair.fix": instant("2027-02-06 23:50"),
        "repair.update": instant("2027-02-06 01:50"),
    }
    assert last_emergency(facts("2027-02-06 10:00", burst)) == instant("2027-02-05 23:50")


def test_a_general_report_of_the_evening_is_acknowledged_in_office_hours_and_fixed_in_three_days() -> None:
    found = seen("2026-08-07 20:01", leak("2026-08-07 20:00", severity="general"))  # a Friday

    assert dues(found)["repair.acknowledge"] == instant("2026-08-10 09:30")
    assert dues(found)["repair.fix"] == instant("2026-08-10 23:59:59")


@pytest.mark.parametrize(
    ("category", "day"),
    [("lift", "04"), ("electrical", "05"), ("finishing", "08"), ("structure", "10"), ("other", "08")],
)
def test_what_needs_a_contractor_is_fixed_in_the_days_of_its_trade(category: str, day: str) -> None:
    found = seen("2026-08-03 09:11", leak(category=category))

    fix = items_of(found, "repair.fix")[0]
    assert (fix.due, fix.role) == (instant(f"2026-08-{day} 23:59:59"), Role.CONTRACTOR)


def test_a_missed_acknowledgement_goes_up_to_developer_cs_at_once() -> None:
    life = lived("2026-08-03 11:00", leak())

    key = "repair.acknowledge/leak1/leak1"
    assert steps_of(life, key) == [
        ("overdue", instant("2026-08-03 09:40"), "property-cs"),
        ("escalated", instant("2026-08-03 09:40"), "developer-cs"),
    ]
    assert not life.of("repair.escalation")
    assert document("2026-08-03 11:00", leak())["level"] == "L1"


def test_a_repair_that_nobody_does_reaches_the_group_after_72_hours_and_the_manager_after_a_week() -> None:
    life = lived("2026-08-20 09:00", leak(), step("acknowledged", "2026-08-03 09:20"))

    opened = {key.rsplit("/", 1)[1]: at for at, key in life.opened if key.startswith("repair.escalation/")}
    assert opened == {"L2": instant("2026-08-09 23:59:59"), "L3": instant("2026-08-13 23:59:59")}


def test_whoever_a_repair_is_passed_on_to_acknowledges_it_anew_and_twice_is_for_the_group() -> None:
    passed = [
        step("reassigned", "2026-08-03 10:00", ident="to-office", to="warranty-office"),
        step("reassigned", "2026-08-03 12:00", ident="to-property", to="property-cs"),
    ]
    life = lived("2026-08-03 12:10", leak(), step("acknowledged", "2026-08-03 09:20"), *passed)

    assert life.last is not None
    again = item_of(life.last, "repair.acknowledge/leak1/to-property")
    assert (again.due, again.role) == (instant("2026-08-03 12:30"), Role.PROPERTY_CS)
    assert item_of(life.last, "repair.fix/leak1/leak1").role is Role.PROPERTY_CS
    assert life.state("repair.escalation/leak1/L2") is State.OPEN


def pause(when: str, **data: Any) -> Event:
    said = {"reason": "force-majeure", "evidence": ["x"], "approved_by": "developer-cs", "by": "property-cs", **data}
    return step("paused", when, ident="pause", **said)


def test_a_pause_stops_the_clock_for_as_long_as_it_lasts() -> None:
    found = seen(
        "2026-08-05 12:00",
        leak(),
        step("acknowledged", "2026-08-03 09:20"),
        pause("2026-08-03 12:00"),
        step("resumed", "2026-08-05 12:00"),
    )

    fix = items_of(found, "repair.fix")[0]
    assert fix.due == instant("2026-08-08 23:59:59")
    assert "clock-stood" in [reason.code for reason in fix.because]


def test_a_booked_pause_ends_when_its_day_opens() -> None:
    away = pause("2026-08-03 12:00", reason="owner-unavailable", until="2026-08-10")

    assert document("2026-08-04 09:00", leak(), away)["paused_until"] == instant("2026-08-10 09:00").isoformat()
    assert document("2026-08-10 09:00", leak(), away)["state"] == "open"


@pytest.mark.parametrize(
    ("report", "said", "code"),
    [
        ({"severity": "emergency"}, {}, "pause-emergency"),
        ({}, {"approved_by": "keeper"}, "pause-not-approved"),
        ({}, {"reason": "owner-unavailable", "until": "2026-08-30"}, "pause-too-long"),
    ],
)
def test_a_pause_that_nobody_may_grant_is_refused(report: dict[str, Any], said: dict[str, Any], code: str) -> None:
    found = seen("2026-08-04 09:00", leak(**report), pause("2026-08-03 12:00", **said))

    opinion = found.opinions["pause"]
    assert opinion.reason is not None
    assert (opinion.verdict.value, opinion.reason.code) == ("refused", code)
    assert dues(found).keys() == dues(seen("2026-08-04 09:00", leak(**report))).keys()


def test_pauses_last_fifteen_days_in_all() -> None:
    first = pause("2026-08-03 12:00")
    found = document("2026-08-19 09:00", leak(), first)

    assert found["state"] == "open"
    again = step(
        "paused", "2026-08-20 09:00", ident="more", reason="force-majeure", evidence="x", approved_by="group-cs"
    )
    refused = seen("2026-08-20 10:00", leak(), first, again).opinions["more"].reason
    assert refused is not None
    assert refused.code == "pause-too-long"


def called(when: str, satisfied: bool | None, about: dict[str, str], ident: str = "call") -> Event:
    return told("call.result", when, ident=ident, person="psn_1", about=about, reached=True, satisfied=satisfied)


def closed(when: str = "2026-08-04 15:00") -> list[Event]:
    return [leak(), step("acknowledged", "2026-08-03 09:20"), step("accepted", when, ident="closed-1")]


def test_an_owner_who_is_not_satisfied_on_the_phone_has_his_repair_opened_again() -> None:
    about = {"item": "repair.callback", "occurrence": "leak1"}
    events = [*closed(), called("2026-08-05 10:00", False, about)]

    life = lived("2026-08-05 10:05", *events)

    assert life.state("repair.callback/epi_1/leak1") is State.DONE
    assert life.state("repair.fix/leak1/call") is State.OPEN
    assert document("2026-08-05 10:05", *events)["level"] == "L1"


def test_an_owner_who_is_satisfied_on_the_phone_accepts_the_repair() -> None:
    fixed = step("fixed", "2026-08-04 15:00")

    found = document("2026-08-05 11:00", leak(), fixed, called("2026-08-05 10:00", True, {"case": "leak1"}))

    assert (found["state"], found["closed_at"]) == ("closed", instant("2026-08-05 10:00").isoformat())


SOLD = told("ownership.transferred", "2026-08-05 10:00", on="2026-08-05", kind="resale", to=["psn_2"])


def test_what_is_not_put_right_when_the_home_is_sold_goes_with_it_and_is_served_here_no_longer() -> None:
    events = [leak(), step("acknowledged", "2026-08-03 09:20"), SOLD]
    life = lived("2026-08-05 09:55", *events[:2])

    life.now = SOLD.recorded_at
    life.tell(SOLD)
    life.plan()

    assert life.state("repair.fix/leak1/leak1") is State.WITHDRAWN
    assert life.state("repair.acknowledge/leak1/leak1") is State.DONE
    (carried,) = items_of(seen("2026-08-05 10:05", *events), "ownership.carry-work")
    assert carried.occurrence == "leak1"
    assert document("2026-08-05 10:05", *events)["state"] == "transferred"
    assert open_cases(facts("2026-08-05 10:05", *events)) == []


def test_a_repair_that_is_put_right_when_the_home_is_sold_stays_with_the_one_who_reported_it() -> None:
    events = [leak(), step("fixed", "2026-08-04 15:00"), SOLD]

    found = seen("2026-08-05 10:05", *events)

    assert items_of(found, "ownership.carry-work") == []
    assert items_of(found, "repair.accept")


def test_a_disputed_repair_goes_with_the_home() -> None:
    disputed = [leak(), step("fixed", "2026-08-04 15:00"), step("disputed", "2026-08-04 16:00", ident="no"), SOLD]

    found = seen("2026-08-05 10:05", *disputed)

    assert [item.occurrence for item in items_of(found, "ownership.carry-work")] == ["leak1"]
    assert items_of(found, "repair.dispute") == []


def test_repairs_closed_within_two_days_share_one_call_and_one_survey() -> None:
    other = told(
        "defect.reported", "2026-08-03 10:00", ident="lamp", person="psn_1", category="electrical",
        severity="general", text="灯",
    )  # fmt: skip
    ended = told("case.accepted", "2026-08-05 16:00", ident="closed-lamp", about={"case": "lamp"}, by="stf_1")
    found = seen("2026-08-05 17:00", *closed(), other, ended)

    assert [(item.due, item.params["cases"]) for item in items_of(found, "repair.callback")] == [
        (instant("2026-08-06 15:00"), ["leak1", "lamp"])
    ]
    assert [item.params["cases"] for item in items_of(found, "survey.repair")] == [["leak1", "lamp"]]


def test_a_repair_closed_after_the_call_has_a_call_of_its_own() -> None:
    other = told(
        "defect.reported", "2026-08-03 10:00", ident="lamp", category="electrical", severity="general", text="灯"
    )
    ended = told("case.accepted", "2026-08-05 16:00", ident="closed-lamp", about={"case": "lamp"}, by="stf_1")
    call = called("2026-08-04 18:00", None, {"item": "repair.callback", "occurrence": "leak1"})
    found = seen("2026-08-05 17:00", *closed(), other, ended, call)

    assert [item.occurrence for item in items_of(found, "repair.callback")] == ["lamp"]


def test_a_callback_due_at_spring_festival_waits_for_the_first_working_hour_after_it() -> None:
    found = seen("2026-08-05 17:00", *closed())
    festival = [leak("2027-02-01 09:10"), step("accepted", "2027-02-05 10:00", ident="c")]
    call: Item = items_of(seen("2027-02-05 11:00", *festival), "repair.callback")[0]

    assert items_of(found, "repair.callback")[0].kind is ItemKind.CALL
    assert call.due > instant("2027-02-08 00:00")
    assert [reason.code for reason in call.because] == ["pushed-after-festival"]


@pytest.mark.parametrize(
    ("finished", "due", "because"),
    [
        ("2026-02-13 17:00", "2026-02-14 18:00", "pulled-before-holiday"),  # due 15 Feb; the 14th is worked
        ("2026-02-14 19:00", "2026-02-24 10:00", "pushed-after-festival"),  # due on 除夕, too late to pull
        ("2026-02-18 10:00", "2026-02-24 10:00", "pushed-after-festival"),  # due on 初四, a holiday still
        ("2026-02-21 10:00", "2026-02-24 10:00", "pushed-after-festival"),  # due on its last day
        ("2026-02-22 10:00", "2026-02-24 10:00", None),  # due on the first working day
        ("2026-09-30 11:00", "2026-09-30 18:00", "pulled-before-holiday"),  # due on 2 October
        ("2026-10-01 11:00", "2026-10-03 11:00", None),  # within 国庆, when calls are allowed
        ("2026-08-06 11:00", "2026-08-08 11:00", None),  # a plain Saturday
    ],
)
def test_a_callback_is_pulled_out_of_a_holiday_and_else_waits_for_the_end_of_spring_festival_only(
    finished: str, due: str, because: str | None
) -> None:
    keys = told("handover.accepted", "2026-01-05 10:00", ident="keys")
    mended = step("accepted", finished, ident="c")
    now = instant(finished) + timedelta(minutes=1)
    told_of = record(
        [keys, leak("2026-01-20 09:10"), mended], started=instant("2025-12-01 09:00"), batch=completion("2025-12-20")
    )
    (call,) = items_of(plan(told_of, now), "repair.callback")

    assert call.due == instant(due)
    assert [reason.code for reason in call.because] == ([because] if because else [])


def test_a_booked_slot_is_remembered_the_day_before_and_kept_to_the_quarter_hour() -> None:
    booked = step("booked", "2026-08-03 10:00", ident="slot", slot="2026-08-06T02:00:00+00:00")
    found = seen("2026-08-03 10:01", leak(severity="general"), booked)

    assert items_of(found, "repair.on-site")[0].due == instant("2026-08-06 10:15")
    assert items_of(found, "repair.appointment-reminder")[0].due == instant("2026-08-05 10:00")


def test_a_good_repair_that_the_owner_does_not_sign_is_closed_by_our_signature() -> None:
    signed = step("accepted", "2026-08-08 10:00", countersigned=True, evidence=["photo"])

    assert document("2026-08-08 11:00", leak(), step("fixed", "2026-08-06 10:00"), signed)["state"] == "closed"


def test_a_dispute_is_for_the_manager_of_engineering_until_it_is_decided() -> None:
    disputed = [leak(), step("fixed", "2026-08-05 10:00"), step("disputed", "2026-08-05 12:00", ident="no")]
    found = items_of(seen("2026-08-05 13:00", *disputed), "repair.dispute")[0]

    assert (found.role, found.due) == (Role.ENGINEERING, instant("2026-08-07 18:00"))
    life = lived("2026-08-06 13:00", *disputed, step("reopened", "2026-08-06 10:00", ident="yes"))
    assert life.state("repair.dispute/leak1/no") is State.DONE


def test_a_report_after_the_end_of_its_cover_is_taken_and_marked() -> None:
    late = leak("2031-07-10 09:10")
    found = seen("2031-07-10 09:30", late)

    assert not found.over
    assert "out-of-cover" in [reason.code for reason in items_of(found, "repair.fix")[0].because]
    assert document("2031-07-10 09:30", late)["cover"] == "out-of-cover"


def test_a_repair_open_at_the_end_of_the_warranty_keeps_the_journey_open_until_it_is_closed_and_called_back() -> None:
    def others(item: Item, task: str, now: datetime) -> Event | None:
        return None if item.rule.startswith("repair.") else done_after()(item, task, now)

    reported = leak("2031-06-27 22:00", severity="complex")
    ended = [step("accepted", "2031-07-09 10:00"), called("2031-07-10 10:00", True, {"case": "leak1"})]
    life = begin("2031-06-20 09:00", KEYS, reported, *ended, started=instant("2031-06-20 09:00"))
    life.staff = others

    life.run(instant("2031-07-09 09:00"))
    assert life.last is not None
    assert not life.last.over
    life.run(instant("2031-07-20 09:00"))
    assert life.last.over


def test_steps_that_staff_report_on_their_tasks_are_steps_of_the_case() -> None:
    life = lived("2026-08-10 09:00", leak(severity="general"), staff=done_after())

    cases = facts("2026-08-10 09:00", *life.record.events[1:], entries=life.record.entries, known=life.record.known)
    assert not open_cases(cases)
    assert life.state("repair.fix/leak1/leak1") is State.DONE
    assert life.state("repair.callback/epi_1/leak1") is State.DONE


def test_a_step_of_a_case_that_nobody_opened_waits_for_its_report() -> None:
    early = told("case.fixed", "2026-08-06 10:00", ident="fixed", about={"case": "leak1"}, by="stf_1")

    assert seen("2026-08-07 09:00", early).opinions["fixed"].verdict.value == "parked"
    assert seen("2026-08-07 09:00", early, leak()).opinions["fixed"].verdict.value == "applied"


def test_the_same_facts_make_the_same_case_in_whatever_order_they_are_told() -> None:
    one = facts("2026-08-25 09:00", *SCENARIO_8)
    other = facts("2026-08-25 09:00", *reversed(SCENARIO_8))

    assert case_documents(one) == case_documents(other)


def test_a_kind_that_a_workflow_serves_asks_for_no_steps_but_for_its_callback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("journey.domain.rules.EXECUTORS", {**EXECUTORS, CaseKind.REPAIR: Executor.WORKFLOW})

    asked = {item.rule for item in seen("2026-08-04 16:00", *closed()).agenda if item.rule.startswith("repair.")}

    assert asked == {"repair.callback"}
    assert not dues(seen("2026-08-03 09:11", leak()))
