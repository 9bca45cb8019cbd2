"""Complaints: C-1 to C-4, their clocks over weekends, what starts at the group, what becomes major (C2, C3)."""

from typing import Any

from journey.domain.cases import open_major_complaint
from journey.domain.entries import State
from journey.domain.events import Event
from journey.domain.facts import Facts
from journey.domain.opinions import judged_of
from journey.domain.planner import Plan
from journey.domain.values import Role
from tests.lives import begin, items_of, planned
from tests.records import instant, pack, record, told

KEYS = told("handover.accepted", "2026-06-27 10:00", ident="keys")
STARTED = instant("2026-06-01 09:00")


def complaint(when: str = "2026-08-08 10:00", severity: str = "general", ident: str = "noise", **more: Any) -> Event:
    return told(
        "complaint.raised", when, ident=ident, person="psn_1", category="service", severity=severity, text="吵", **more
    )


def step(kind: str, when: str, ident: str = "") -> Event:
    return told(f"case.{kind}", when, ident=ident or f"{kind}_{when}", about={"case": "noise"}, by="stf_1")


def seen(now: str, *events: Event) -> Plan:
    return planned(now, *events, started=STARTED)


def facts(now: str, *events: Event) -> Facts:
    told_of = record(events, started=STARTED)
    return Facts(told_of, judged_of(told_of, told_of.events, instant(now)), pack(), instant(now))


def dues(found: Plan) -> dict[str, Any]:
    return {item.rule.removeprefix("complaint."): item.due for item in found.agenda if "complaint." in item.rule}


def test_a_complaint_of_a_saturday_is_answered_on_sunday_and_has_a_solution_on_the_third_working_day() -> None:
    found = seen("2026-08-08 10:01", KEYS, complaint())

    assert dues(found) == {
        "acknowledge": instant("2026-08-08 10:30"),
        "reply": instant("2026-08-09 10:00"),
        "plan": instant("2026-08-12 23:59:59"),
        "close": instant("2026-08-15 23:59:59"),
        "update": instant("2026-08-11 10:00"),
    }


def test_a_major_complaint_is_with_developer_cs_in_two_hours_and_with_the_group_at_once() -> None:
    life = begin("2026-08-08 10:00", KEYS, complaint(severity="major"), started=STARTED)
    life.run(instant("2026-08-08 10:01"))

    assert life.last is not None
    found = dues(life.last)
    assert (found["inform"], found["plan"], found["close"], found["update"]) == (
        instant("2026-08-08 12:00"), instant("2026-08-09 10:00"), instant("2026-08-23 23:59:59"),
        instant("2026-08-09 10:00"),
    )  # fmt: skip
    assert items_of(life.last, "complaint.inform")[0].role is Role.DEVELOPER_CS
    assert life.state("complaint.escalation/noise/L2") is State.OPEN


def test_a_mass_complaint_has_a_team_in_a_day_and_one_text_in_two() -> None:
    found = dues(seen("2026-08-08 10:01", KEYS, complaint(severity="mass")))

    assert (found["acknowledge"], found["inform"], found["team"], found["text"]) == (
        instant("2026-08-08 10:15"), instant("2026-08-08 11:00"), instant("2026-08-09 10:00"),
        instant("2026-08-10 10:00"),
    )  # fmt: skip


def test_what_an_authority_handed_over_is_answered_in_working_days_across_the_national_holiday() -> None:
    found = dues(seen("2026-09-29 10:01", KEYS, complaint("2026-09-29 10:00", severity="official")))

    assert (found["reply"], found["plan"]) == (instant("2026-10-09 23:59:59"), instant("2026-10-14 23:59:59"))


def test_a_complaint_that_came_back_three_times_is_a_major_one() -> None:
    back = [step("reopened", f"2026-08-{day} 10:00", ident=f"again-{day}") for day in ("10", "12", "14")]

    assert not open_major_complaint(facts("2026-08-12 11:00", KEYS, complaint(), *back[:2]))
    assert open_major_complaint(facts("2026-08-14 11:00", KEYS, complaint(), *back))
    assert "inform" in dues(seen("2026-08-14 10:01", KEYS, complaint(), *back))
    closed = step("accepted", "2026-08-15 10:00")
    assert not open_major_complaint(facts("2026-08-15 11:00", KEYS, complaint(), *back, closed))


def test_before_the_keys_the_project_speaks_to_the_owner_and_after_them_the_property() -> None:
    signed = told("contract.signed", "2026-06-10 10:00")

    before = seen("2026-08-08 10:01", signed, complaint())
    after = seen("2026-08-08 10:01", signed, KEYS, complaint())

    assert [items_of(each, "complaint.reply")[0].role for each in (before, after)] == [
        Role.PROJECT_CS, Role.PROPERTY_CS,
    ]  # fmt: skip


def test_a_closed_complaint_is_called_back_and_surveyed_within_two_days() -> None:
    found = seen("2026-08-12 11:00", KEYS, complaint(), step("accepted", "2026-08-12 10:00"))

    assert items_of(found, "complaint.callback")[0].due == instant("2026-08-14 10:00")
    assert items_of(found, "survey.complaint")[0].due == instant("2026-08-14 10:00")
    assert set(dues(found)) == {"callback"}


def test_a_complaint_about_a_repair_raises_that_repair() -> None:
    leak = told(
        "defect.reported", "2026-08-07 09:00", ident="leak1", category="plumbing", severity="general", text="漏"
    )
    known = told("case.acknowledged", "2026-08-07 09:05", ident="ack", about={"case": "leak1"}, by="stf_1")
    about = told(
        "complaint.raised", "2026-08-08 10:00", ident="noise", about={"case": "leak1"}, category="service",
        severity="general", text="没人管",
    )  # fmt: skip
    life = begin("2026-08-07 09:00", KEYS, leak, known, about, started=STARTED)

    life.run(instant("2026-08-08 10:01"))

    assert life.state("repair.escalation/leak1/L1") is State.OPEN
