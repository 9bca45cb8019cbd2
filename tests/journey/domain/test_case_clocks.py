"""The clocks of C2 hold for every instant of a report: office hours, holidays, changes of the clocks."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from journey.domain.case_facts import Case
from journey.domain.case_values import CaseStep, Severity
from journey.domain.casework import clocks
from journey.domain.clocks import OfficeHours, local
from journey.domain.facts import Facts
from journey.domain.opinions import judged_of
from tests.records import calendar, pack, record, told

A_MINUTE = timedelta(minutes=1)
ZONES = st.sampled_from(["Asia/Shanghai", "Europe/London"])
INSTANTS = st.integers(0, 715 * 24 * 60).map(lambda minutes: datetime(2025, 1, 1, tzinfo=UTC) + minutes * A_MINUTE)
MANY = settings(max_examples=150, deadline=None)


def dues(at: datetime, severity: str, zone: str, *, heard: timedelta = timedelta()) -> dict[CaseStep, datetime]:
    country = "cn" if zone == "Asia/Shanghai" else "gb"
    event = told("defect.reported", "2025-01-01 00:00", ident="x", category="plumbing", severity=severity, text="x")
    event = type(event)(event.id, event.type, at, at + heard, event.data, "test", "x", None, None)
    told_of = record([event], zone=zone, country=country, started=at - timedelta(days=1))
    facts = Facts(told_of, judged_of(told_of, [event], at + heard), pack(), at + heard)
    case: Case = facts.cases.by_id["x"]
    numbers = facts.pack.repair
    assert numbers is not None
    return {clock.step: clock.due for clock in clocks(case, facts, numbers)}


@MANY
@given(INSTANTS, ZONES, st.sampled_from(list(Severity)))
def test_every_clock_runs_out_after_the_report_and_the_repair_last(at: datetime, zone: str, severity: Severity) -> None:
    found = dues(at, severity.value, zone)

    assert all(due > at for due in found.values())
    assert found[CaseStep.FIX] == max(due for step, due in found.items() if step is not CaseStep.ACKNOWLEDGE)


@MANY
@given(INSTANTS, ZONES)
def test_an_emergency_has_the_same_minutes_at_any_hour_of_any_day(at: datetime, zone: str) -> None:
    found = dues(at, "emergency", zone)

    assert {step: due - at for step, due in found.items()} == {
        CaseStep.ACKNOWLEDGE: timedelta(minutes=15),
        CaseStep.ON_SITE: timedelta(minutes=30),
        CaseStep.CONTAIN: timedelta(hours=2),
        CaseStep.FIX: timedelta(hours=24),
    }


@MANY
@given(INSTANTS, ZONES)
def test_half_an_hour_of_office_time_is_counted_on_working_days_only(at: datetime, zone: str) -> None:
    due = dues(at, "general", zone)[CaseStep.ACKNOWLEDGE]

    working = calendar("cn" if zone == "Asia/Shanghai" else "gb")
    hours = OfficeHours(pack().time.office_hours)
    here = local(due, zone)
    assert working.is_working(here.date())
    assert 9 <= here.hour <= 18
    assert hours.business_time_between(at, due, working, zone) == timedelta(minutes=30)


@MANY
@given(INSTANTS, ZONES)
def test_three_days_last_to_the_end_of_the_third_on_both_sides_of_summer_time(at: datetime, zone: str) -> None:
    here = local(dues(at, "general", zone)[CaseStep.FIX], zone)

    assert (here.date() - local(at, zone).date()).days == 3
    assert here.strftime("%H:%M:%S") == "23:59:59"


@MANY
@given(INSTANTS, st.integers(1, 400), st.sampled_from(list(Severity)))
def test_a_report_learnt_late_leaves_nobody_a_clock_that_ran_out_before_it(
    at: datetime, hours: int, severity: Severity
) -> None:
    heard = timedelta(hours=hours)

    found = dues(at, severity.value, "Asia/Shanghai", heard=heard)

    assert all(due >= at + heard for due in found.values())
