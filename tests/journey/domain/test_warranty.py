"""The two warranty clocks, the notices before an end, and reports on the last day (domain C4)."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from journey.adapters.packs import load_pack
from journey.domain.entries import State
from journey.domain.events import Event
from journey.domain.planner import Plan, plan
from journey.domain.record import Cover
from journey.domain.values import JourneyStatus, Stage
from journey.domain.warranty import gap_days
from tests.lives import begin, done_after, items_of, planned
from tests.packs import BUILT_IN, POLICIES
from tests.packs import test_pack as pack_with
from tests.records import completion, instant, record, told

KEYS = told("handover.accepted", "2026-06-27 10:00", ident="keys")
DONE = completion("2026-04-28")
RULE = "warranty.expiry-notice"


def cover(found: Plan, component: str) -> Cover:
    return next(cover for cover in found.covers if cover.component == component)


def handed_over(now: str = "2026-06-27 11:00", **more: Any) -> Plan:
    return planned(now, KEYS, **{"batch": DONE, **more})


def reported(when: str, component: str = "decoration") -> Event:
    return told("defect.reported", when, ident="defect", component=component, category="finishing", severity="general")


def test_scenario_1_owner_and_contractor_ends_and_the_gap_between() -> None:
    found = handed_over()

    for component, owner, contractor in (
        ("decoration", date(2028, 6, 27), date(2028, 4, 28)),
        ("roof-waterproof", date(2031, 6, 27), date(2031, 4, 28)),
        ("wet-room", date(2031, 6, 27), date(2031, 4, 28)),
    ):
        one = cover(found, component)
        assert (one.owner_ends, one.contractor_ends, gap_days(one.owner_ends, one.contractor_ends)) == (
            owner,
            contractor,
            60,
        )


def test_short_covers_end_before_the_long_ones() -> None:
    found = handed_over()

    assert cover(found, "pipe-blockage").owner_ends == date(2026, 12, 27)
    assert cover(found, "lamps-switches").owner_ends == date(2027, 6, 27)
    assert cover(found, "heating-cooling").owner_ends == date(2028, 3, 15)
    assert cover(found, "structure").owner_ends == date(2076, 4, 28)
    assert cover(found, "insulation").owner_ends is None


def test_decorations_first_notice_goes_out_on_2028_04_27_with_all_that_end_that_day() -> None:
    life = begin("2026-06-27 10:00", KEYS, batch=DONE)
    life.staff = done_after()

    life.run(instant("2028-04-27 09:00"))

    carrier = f"{RULE}/unt_1/electrical/m-2"
    merged = life.record.entries[f"{RULE}/unt_1/decoration/m-2"]
    assert (instant("2028-04-27 08:00"), carrier) in life.sent
    assert (merged.state, merged.carrier) == (State.MERGED, carrier)
    first = next(at for at, key in life.sent if "pipe-blockage" in key)
    assert first == instant("2026-10-27 08:00")


def test_the_carrier_names_all_that_it_carries() -> None:
    carrier = next(item for item in handed_over().agenda if item.key == f"{RULE}/unt_1/electrical/m-2")

    assert carrier.params["components"] == [
        "electrical", "plumbing", "equipment", "decoration", "door-window", "lift",
    ]  # fmt: skip


def test_contractor_ends_are_unknown_while_the_completion_is() -> None:
    found = planned("2026-06-27 11:00", KEYS)

    assert all(one.contractor_ends is None for one in found.covers)
    assert {gap_days(one.owner_ends, one.contractor_ends) for one in found.covers} == {None}
    assert cover(found, "decoration").owner_ends == date(2028, 6, 27)
    assert cover(found, "structure").owner_ends is None
    assert [item.rule for item in items_of(found, "warranty.ledger")] == ["warranty.ledger"]


def test_a_completion_that_lies_ahead_counts_from_its_day_on() -> None:
    ahead = record([KEYS], batch=completion("2026-06-29"))

    before = plan(ahead, instant("2026-06-28 20:00"))

    assert cover(before, "decoration").contractor_ends is None
    assert before.moves
    assert plan(ahead, instant("2026-06-29 00:00")).covers != before.covers


def test_a_planned_completion_wakes_the_journey_on_its_day() -> None:
    found = plan(record([], batch=completion("2026-06-29")), instant("2026-06-28 20:00"))

    assert found.wake_at == instant("2026-06-29 00:00")


def test_a_hand_over_on_a_leap_day_ends_on_the_last_of_february() -> None:
    found = planned("2028-02-29 11:00", told("handover.accepted", "2028-02-29 10:00"), batch=DONE)

    assert cover(found, "sanitary-ware").owner_ends == date(2029, 2, 28)
    assert cover(found, "roof-waterproof").owner_ends == date(2033, 2, 28)


def test_a_term_that_would_end_on_a_leap_day_does() -> None:
    found = planned("2026-03-01 11:00", told("handover.accepted", "2026-02-28 10:00"), batch=completion("2026-01-01"))

    assert cover(found, "decoration").owner_ends == date(2028, 2, 28)
    notices = [item for item in found.agenda if item.key.endswith("electrical/m-2")]
    assert [item.due for item in notices] == [instant("2027-12-28 08:00")]


def test_a_notice_two_months_before_a_month_end_goes_on_the_shorter_months_last_day() -> None:
    found = planned("2026-10-31 11:00", told("handover.accepted", "2026-10-31 10:00"), batch=DONE)

    assert cover(found, "pipe-blockage").owner_ends == date(2027, 4, 30)
    first = next(item for item in found.agenda if item.key == f"{RULE}/unt_1/pipe-blockage/m-2")
    assert first.planned_due == instant("2027-02-28 08:00")


@pytest.mark.parametrize(
    ("when", "code"),
    [("2028-06-27 23:59:59", "in-cover"), ("2028-06-28 00:00:00", "out-of-cover")],
)
def test_a_report_counts_until_midnight_after_the_last_day(when: str, code: str) -> None:
    found = planned("2028-07-01 10:00", KEYS, reported(when), batch=DONE)

    reason = found.opinions["defect"].reason
    assert reason is not None
    assert (reason.code, reason.params) == (code, {"component": "decoration", "ends": "2028-06-27"})


def test_a_report_on_a_component_without_a_known_end_says_so() -> None:
    found = planned("2028-07-01 10:00", KEYS, reported("2028-06-01 10:00", "insulation"), batch=DONE)

    reason = found.opinions["defect"].reason
    assert reason is not None
    assert reason.code == "cover-unknown"


def test_a_report_of_the_last_evening_is_put_right_and_one_after_midnight_is_not() -> None:
    inside = planned("2028-06-28 10:00", KEYS, reported("2028-06-27 23:59:59"), batch=DONE)
    outside = planned("2028-06-28 10:00", KEYS, reported("2028-06-28 00:00:00"), batch=DONE)

    assert [item.occurrence for item in items_of(inside, "warranty.rectification")] == ["defect"]
    assert items_of(outside, "warranty.rectification") == []


def test_who_reported_something_since_the_first_notice_gets_no_last_reminder() -> None:
    silent = planned("2028-06-01 10:00", KEYS, batch=DONE, started=instant("2028-05-30 00:00"))
    spoke = planned("2028-06-01 10:00", KEYS, reported("2028-05-20 10:00"), batch=DONE,
                    started=instant("2028-05-30 00:00"))  # fmt: skip

    last = f"{RULE}/unt_1/electrical/d-7"
    assert last in [item.key for item in silent.agenda]
    assert last not in [item.key for item in spoke.agenda]


def test_a_journey_is_over_only_after_the_last_finite_cover_with_nothing_open() -> None:
    life = begin("2026-06-27 10:00", KEYS, batch=DONE)
    life.staff = done_after()

    life.run(instant("2031-06-27 23:59:59"))
    assert life.last is not None
    before = (life.last.over, life.last.stage)
    life.run(instant("2031-06-28 00:00:00"))

    assert before == (False, Stage.WARRANTY_END)
    assert (life.last.over, life.last.status) == (True, JourneyStatus.AFTERCARE)


def test_work_left_open_keeps_the_journey_alive_past_the_end() -> None:
    life = begin("2026-06-27 10:00", KEYS, batch=DONE)

    life.run(instant("2032-01-01 10:00"))

    assert life.last is not None
    assert not life.last.over
    assert life.last.stage is Stage.WARRANTY_END


def test_the_terms_are_those_of_the_day_of_the_contract() -> None:
    old = pack_with().pack
    new = pack_with(**{"version": "2", "effective_from": "2026-01-01"}).pack
    shorter = new.warranty.components[0].model_copy(update={"owner": None, "contractor": None})
    newer = new.model_copy(
        update={"warranty": new.warranty.model_copy(update={"components": (shorter, *new.warranty.components[1:])})}
    )

    signed = told("contract.signed", "2025-03-20 10:00")
    found = planned("2026-06-27 11:00", signed, KEYS, batch=DONE, packs=(old, newer))
    unsigned = planned("2026-06-27 11:00", KEYS, batch=DONE, packs=(old, newer))

    assert cover(found, "structure").owner_ends == date(2076, 4, 28)
    assert cover(unsigned, "structure").owner_ends is None


def test_a_notice_learnt_of_days_before_the_end_goes_at_once_and_never_after_it() -> None:
    late = told("handover.accepted", "2026-06-27 10:00", recorded="2026-12-26 10:00")
    life = begin("2026-12-26 10:00", late, batch=DONE, started=instant("2025-01-01 00:00"))

    life.run(instant("2027-01-10 10:00"))

    notices = [(at, key) for at, key in life.sent if "pipe-blockage" in key]
    assert notices
    assert all(at <= instant("2026-12-27 23:59:59") for at, _ in notices)


def test_notices_of_a_cover_that_ended_before_anybody_knew_are_missed() -> None:
    late = told("handover.accepted", "2026-06-27 10:00", recorded="2027-01-05 10:00")
    life = begin("2027-01-05 10:00", late, batch=DONE)

    life.run(instant("2027-01-06 10:00"))

    entries = [entry for entry in life.of(RULE) if "pipe-blockage" in entry.key]
    assert {(entry.state, entry.reason.code if entry.reason else "") for entry in entries} == {
        (State.MISSED, "late-news")
    }


# -- a repaired part

RESTARTS = pack_with(**{"warranty.restart_on_repair": True}).pack


def leak(reported_on: str, accepted_on: str) -> list[Event]:
    """A leak of the wet room, repaired and accepted."""
    ident = f"leak_{reported_on}"
    return [
        told("defect.reported", f"{reported_on} 09:10", ident=ident, category="waterproofing", severity="general",
             component="wet-room", text="x"),
        told("case.accepted", f"{accepted_on} 10:00", about={"case": ident}, by="owner"),
    ]  # fmt: skip


LEAK = leak("2026-08-03", "2026-09-02")


def test_a_repaired_part_keeps_its_end_unless_the_pack_restarts_it() -> None:
    found = planned("2026-09-03 10:00", KEYS, *LEAK, batch=DONE)

    assert cover(found, "wet-room").owner_ends == date(2031, 6, 27)


def test_a_repaired_part_is_covered_anew_from_its_acceptance_where_local_law_says_so() -> None:
    beijing = load_pack(POLICIES, BUILT_IN, ["beijing"]).pack

    found = planned("2026-09-03 10:00", KEYS, *LEAK, batch=DONE, packs=[beijing])

    room = cover(found, "wet-room")
    assert (room.owner_starts, room.owner_ends) == (date(2026, 9, 2), date(2031, 9, 2))  # domain F 8
    assert room.contractor_ends == date(2031, 4, 28)
    assert cover(found, "exterior-seepage").owner_ends == date(2031, 6, 27)
    notice = next(item for item in found.agenda if item.key == f"{RULE}/unt_1/wet-room/m-2")
    assert notice.due == instant("2031-07-02 08:00")


def test_what_is_not_accepted_yet_or_was_reported_too_late_restarts_nothing() -> None:
    open_, late = LEAK[:1], leak("2031-06-28", "2031-07-20")

    running = planned("2026-09-03 10:00", KEYS, *open_, batch=DONE, packs=[RESTARTS])
    after = planned("2031-07-21 10:00", KEYS, *late, batch=DONE, packs=[RESTARTS])

    assert {cover(each, "wet-room").owner_ends for each in (running, after)} == {date(2031, 6, 27)}


def test_each_repair_restarts_it_again() -> None:
    second = leak("2031-08-01", "2031-08-15")  # in the cover that the first one gave

    found = planned("2031-08-16 10:00", KEYS, *LEAK, *second, batch=DONE, packs=[RESTARTS])

    assert cover(found, "wet-room").owner_ends == date(2036, 8, 15)


def test_a_notice_that_went_out_before_the_repair_goes_out_again_before_the_new_end() -> None:
    repaired = leak("2031-05-10", "2031-05-20")
    life = begin("2026-06-27 10:00", KEYS, *repaired, batch=DONE, packs=[RESTARTS])

    life.run(instant("2036-06-01 10:00"))

    first = life.record.entries[f"{RULE}/unt_1/wet-room/m-2"]
    assert (first.state, first.carrier) == (State.MERGED, f"{RULE}/unt_1/roof-waterproof/m-2")
    assert [at for at, key in life.sent if "/m-2" in key and at > instant("2031-05-20 10:00")] == [
        instant("2036-03-20 08:00")
    ]


def test_seasons_count_anew_from_the_acceptance() -> None:
    boiler = [
        replace(one, data={**one.data, "component": "heating-cooling"}) for one in leak("2027-01-03", "2027-01-20")
    ]

    found = planned("2027-01-21 10:00", KEYS, *boiler, batch=DONE, packs=[RESTARTS])

    assert cover(found, "heating-cooling").owner_ends == date(2029, 3, 15)
