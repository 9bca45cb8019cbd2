"""When a life was in which stage."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from journey.domain.bands import bands
from journey.domain.clocks import local_date
from journey.domain.holding import Ties
from journey.domain.planner import plan
from journey.domain.values import JourneyStatus, Stage
from tests.records import SHANGHAI, completion, instant, record, told

LIFE = [
    told("subscription.signed", "2025-03-15 10:00"),
    told("contract.signed", "2025-05-20 15:00", contract_handover_date="2026-06-30"),
    told("handover.notice_served", "2026-06-10 09:00", proof="ems"),
    told("handover.accepted", "2026-06-27 11:00"),
]


def stages(*args: object, **more: object) -> list[tuple[str, str]]:
    now, events = args[0], args[1:]
    found = bands(record(events, **more), instant(str(now)))  # type: ignore[arg-type] # built by the tests below
    return [(band.stage.value, local_date(band.begins, SHANGHAI).isoformat()) for band in found]


def test_a_life_goes_through_its_stages_at_the_instants_of_its_facts() -> None:
    assert stages("2026-07-01 09:00", *LIFE) == [
        ("prospect", "2025-01-01"),
        ("signing", "2025-03-15"),
        ("pre-handover", "2025-05-20"),
        ("handover", "2026-06-10"),
        ("occupancy", "2026-06-27"),
    ]


def test_the_last_two_months_of_the_last_cover_are_a_stage_of_their_own() -> None:
    seen = stages("2031-06-01 09:00", *LIFE, batch=completion("2026-04-28"))

    assert seen[-1] == ("warranty-end", "2031-04-27")


def test_a_paper_counts_from_its_own_day_however_late_it_was_told() -> None:
    late = told("contract.signed", "2026-01-10 09:00", on="2025-05-20", contract_handover_date="2026-06-30")

    assert stages("2026-02-01 09:00", late) == [("prospect", "2025-01-01"), ("pre-handover", "2025-05-20")]


def test_what_was_taken_back_or_refused_never_led() -> None:
    void = told("event.voided", "2025-06-01 09:00", event_id=LIFE[1].id, reason="登记错误")

    assert [stage for stage, _ in stages("2025-07-01 09:00", *LIFE[:2], void)] == ["prospect", "signing"]


def test_the_last_stage_of_a_cancelled_life_ends_with_it() -> None:
    gone = told("contract.cancelled", "2026-04-16 10:00", reason="贷款未批")

    last = bands(record([*LIFE[:2], gone]), instant("2026-10-01 09:00"))[-1]

    assert (last.stage.value, last.until) == ("pre-handover", instant("2026-04-16 10:00"))


def test_the_last_stage_of_a_life_that_goes_on_is_open() -> None:
    assert bands(record(LIFE), instant("2027-01-01 09:00"))[-1].until is None


@settings(max_examples=60, deadline=None)
@given(st.integers(min_value=0, max_value=3000))
def test_the_stage_that_leads_last_is_the_one_that_planning_shows(days: int) -> None:
    start = instant("2025-01-02 09:00")
    now = start.fromtimestamp(start.timestamp() + days * 86400, start.tzinfo)
    home = record([event for event in LIFE if event.recorded_at <= now], batch=completion("2026-04-28"))

    found = bands(home, now)

    assert found[-1].stage is plan(home, now).stage
    assert all(before.until == after.begins for before, after in pairwise(found))
    assert all(before.stage is not after.stage for before, after in pairwise(found))


def test_what_is_refused_for_who_told_it_never_led_either() -> None:
    to_themselves = told("ownership.transferred", "2026-08-15 10:00", to=[{"ref": "n1", "name": "x"}])
    life = replace(record([*LIFE, to_themselves]), ties=Ties(home="U1", founders=("psn_1",), people={"n1": "psn_1"}))

    last = bands(life, instant("2026-08-20 10:00"))[-1]

    assert plan(life, instant("2026-08-20 10:00")).status is JourneyStatus.ACTIVE
    assert (last.stage, last.until) == (Stage.OCCUPANCY, None)
