"""A handover batch: what has to be there by when, and when it may be handed over."""

from datetime import date, timedelta
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey.domain.clocks import local_date
from journey.domain.entries import RUNNING, State
from journey.domain.events import Event
from journey.domain.gates import awaited, readiness, reserve_missing
from journey.domain.items import Anchor
from journey.domain.numbers.batch import BatchNumbers
from journey.domain.record import Batch, GateWord
from journey.domain.values import BatchStage, Gate
from tests.journey.domain.shared_lives import BATCH, gate, life_of, planned_batch
from tests.lives import done_after, item_of
from tests.packs import test_pack
from tests.records import BEGIN, SHANGHAI, calendar, instant, pack, told

NUMBERS = cast("BatchNumbers", pack().batch)
CONDITIONS = NUMBERS.conditions
BEGIN_2025 = instant("2025-01-01 09:00")


def batch(day: str = "2026-06-27", completed: str | None = None, **gates: str) -> Batch:
    def anchor(on: str) -> Anchor:
        return Anchor(date.fromisoformat(on), BEGIN, BEGIN, f"evt_{on}", f"evt_{on}")

    words = {
        name.replace("_", "-"): GateWord(state, BEGIN + timedelta(days=place), f"evt_{name}", "stf_9")
        for place, (name, state) in enumerate(gates.items())
    }
    return Batch(handover_from=anchor(day), completion=anchor(completed) if completed else None, gates=words)


def due_days(*rules: str) -> dict[str, list[str]]:
    found = life_of(BATCH, "2026-01-12 10:00", planned_batch()).plan()
    return {
        rule: [local_date(item.planned_due, SHANGHAI).isoformat() for item in found.agenda if item.rule == rule]
        for rule in rules
    }


def test_what_prepares_a_handover_is_counted_back_from_its_first_day() -> None:
    assert due_days("batch.pre-inspection", "batch.ready", "batch.quality-group", "batch.lessons-learned") == {
        "batch.pre-inspection": ["2026-04-28", "2026-05-28", "2026-06-17"],  # −60, −30, −10 days
        "batch.ready": ["2026-05-27"],  # before the notice of day −30
        "batch.quality-group": ["2026-02-27"],
        "batch.lessons-learned": ["2026-07-15"],  # 15 days after the last day
    }


def test_every_round_of_inspection_has_its_own_closure() -> None:
    assert due_days("batch.snag-closure")["batch.snag-closure"] == ["2026-05-08", "2026-06-07", "2026-06-26"]


def test_each_condition_is_confirmed_in_its_own_name() -> None:
    found = life_of(BATCH, "2026-01-12 10:00", planned_batch()).plan()

    assert {item.occurrence for item in found.agenda if item.rule == "batch.condition"} == set(CONDITIONS)
    assert item_of(found, f"batch.condition/{BATCH}/open-snags").params["limit"] == 5


def test_a_batch_is_ready_with_the_last_of_its_conditions() -> None:
    life = life_of(BATCH, "2026-04-01 10:00", planned_batch())
    for number, condition in enumerate(CONDITIONS):
        life.tell(gate(condition, f"2026-04-{number + 2:02} 10:00", batch="3"))

    before = life.run(instant("2026-04-07 18:00")).plan()
    after = life.run(instant("2026-04-20 10:00")).plan()

    assert (before.stage, after.stage) == (BatchStage.PREPARING, BatchStage.READY)
    ready = life.record.entries[f"batch.ready/{BATCH}/ready-to-hand-over"]
    assert (ready.state, ready.at) == (State.DONE, instant(f"2026-04-{len(CONDITIONS) + 1:02} 10:00"))


def test_a_condition_that_fails_shuts_the_gate_again() -> None:
    passed = batch(**{"ready_to_hand_over": "passed", "severe_snags": "failed"})

    found = readiness(passed, NUMBERS, calendar())

    assert (found.ready, found.failed) == (False, ("severe-snags",))


def test_the_word_on_the_whole_counts_for_all_that_failed_before_it() -> None:
    assert readiness(batch(severe_snags="failed", ready_to_hand_over="overridden"), NUMBERS, calendar()).ready


@pytest.mark.parametrize(
    ("stands", "required", "waits"),
    [
        (batch(), True, list(CONDITIONS)),
        (batch(), False, None),
        (batch(severe_snags="failed"), False, ["severe-snags"]),
        (batch(severe_snags="failed"), True, ["severe-snags"]),
        (batch(ready_to_hand_over="passed"), True, None),
        (batch(ready_to_hand_over="failed"), False, ["ready-to-hand-over"]),
        (Batch(), True, None),  # no day of its own: the notices hang on the contract
    ],
)
def test_the_notices_of_a_batch_wait_for_its_gate(stands: Batch, required: bool, waits: list[str] | None) -> None:
    numbers = test_pack(**{"batch.gate_required": required}).pack.batch

    reason = awaited(stands, numbers, calendar())

    assert (reason.params["gates"] if reason else None) == waits


def test_a_pack_from_before_the_gates_holds_nothing() -> None:
    assert awaited(batch(severe_snags="failed"), None, calendar()) is None


def test_the_wait_is_said_in_words_that_a_clerk_understands() -> None:
    reason = awaited(batch(severe_snags="failed"), NUMBERS, calendar())

    assert reason is not None
    assert "P1 问题清零" in reason.text("zh")
    assert "No P1 snags" in reason.text("en")


@pytest.mark.parametrize(("how", "state"), [("passed", State.DONE), ("overridden", State.OPEN)])
def test_a_word_on_the_whole_confirms_each_condition_and_an_override_does_not(how: str, state: State) -> None:
    life = life_of(BATCH, "2026-05-15 10:00", planned_batch(), gate("ready-to-hand-over", "2026-05-15 11:00", how))

    life.run(instant("2026-05-15 12:00"))

    assert life.state(f"batch.condition/{BATCH}/rehearsal") is state


def test_a_building_that_fails_holds_the_whole_batch_and_one_that_passes_is_not_enough() -> None:
    two = planned_batch(buildings=["3", "4"])
    life = life_of(BATCH, "2026-04-01 10:00", two, gate("rehearsal", "2026-04-02 10:00", building="3"))
    life.run(instant("2026-04-03 10:00"))
    one = dict(life.record.batch.gates)
    life.tell(gate("rehearsal", "2026-04-04 10:00", building="4"))
    life.run(instant("2026-04-05 10:00"))
    both = life.record.batch.gates["rehearsal"].state
    life.tell(gate("rehearsal", "2026-04-06 10:00", "failed", building="3"))
    life.run(instant("2026-04-07 10:00"))

    assert one == {}
    assert (both, life.record.batch.gates["rehearsal"].state) == ("passed", "failed")


@pytest.mark.parametrize(("completed", "short"), [("2026-04-28", 0), ("2026-04-29", 1), ("2026-05-28", 30)])
def test_sixty_days_lie_between_completion_acceptance_and_handover(completed: str, short: int) -> None:
    assert reserve_missing(batch(completed=completed), NUMBERS, calendar()) == short


@given(completed=st.dates(date(2025, 1, 1), date(2026, 6, 27)), day=st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_a_reserve_is_short_by_exactly_the_days_that_the_handover_would_have_to_move(
    completed: date, day: date
) -> None:
    short = reserve_missing(batch(day.isoformat(), completed.isoformat()), NUMBERS, calendar())
    moved = (day + timedelta(days=short)).isoformat()

    assert short >= 0
    assert reserve_missing(batch(moved, completed.isoformat()), NUMBERS, calendar()) == 0
    assert (
        short == 0
        or reserve_missing(
            batch((day + timedelta(days=short - 1)).isoformat(), completed.isoformat()), NUMBERS, calendar()
        )
        == 1
    )


def test_too_short_a_reserve_blocks_the_batch_until_a_named_person_lets_it_go() -> None:
    late = planned_batch(completion_accepted_on="2026-05-20")
    life = life_of(BATCH, "2026-05-21 10:00", late, gate("ready-to-hand-over", "2026-05-20 10:00", "failed", batch="3"))
    for condition in CONDITIONS:
        life.tell(gate(condition, "2026-05-21 11:00", batch="3"))
    life.tell(gate("ready-to-hand-over", "2026-05-21 12:00", batch="3"))
    blocked = life.run(instant("2026-05-21 11:30")).plan()

    reserve = item_of(blocked, f"batch.reserve/{BATCH}/reserve-days")
    assert reserve.params["days"] == 22
    assert [reason.code for reason in reserve.because] == ["reserve-short"]

    life.tell(gate("reserve-days", "2026-05-22 10:00", "overridden", batch="3"))
    life.run(instant("2026-05-22 11:00"))
    assert life.state(reserve.key) is State.DONE


def test_open_days_are_prepared_after_topping_out_and_before_the_handover() -> None:
    topped = told("milestone.reached", "2026-01-15 10:00", ident="evt_topped", milestone="topped-out", on="2026-01-15")
    found = life_of(BATCH, "2026-01-16 10:00", planned_batch(), topped).plan()

    days = {item.occurrence: local_date(item.planned_due, SHANGHAI).isoformat() for item in found.agenda
            if item.rule == "batch.open-day"}  # fmt: skip
    assert days == {"topped-out": "2026-02-14", "final-look": "2026-03-29", "before-handover": "2026-05-28"}


def test_a_batch_with_only_its_contract_date_asks_for_its_window() -> None:
    owed = told("batch.planned", "2026-01-10 10:00", batch="3", buildings=["3"], contract_handover_date="2026-06-30")
    life = life_of(BATCH, "2026-01-12 10:00", owed)
    found = life.plan()

    assert f"batch.window/{BATCH}/once" in {item.key for item in found.agenda}
    life.tell(planned_batch("2026-02-01 10:00"))
    life.run(instant("2026-02-02 10:00"))
    assert life.state(f"batch.window/{BATCH}/once") is State.DONE
    assert life.last is not None
    group = item_of(life.last, f"batch.quality-group/{BATCH}/once")
    assert local_date(group.planned_due, SHANGHAI) == date(2026, 2, 27)


def test_a_batch_that_moves_takes_its_work_along() -> None:
    life = life_of(BATCH, "2026-01-12 10:00", planned_batch())
    life.tell(told("batch.rescheduled", "2026-03-01 10:00", batch="3", buildings=["3"], handover_from="2026-09-26",
                   handover_to="2026-09-30"))  # fmt: skip
    found = life.run(instant("2026-03-02 10:00")).plan()

    ready = item_of(found, f"batch.ready/{BATCH}/ready-to-hand-over")
    assert local_date(ready.planned_due, SHANGHAI) == date(2026, 8, 26)


def test_a_batch_is_over_once_its_lessons_are_written_down() -> None:
    life = life_of(BATCH, "2026-01-12 10:00", planned_batch())
    life.staff = done_after()

    life.run(instant("2027-01-01 10:00"))

    assert life.last is not None
    assert life.last.over
    assert life.last.stage is BatchStage.CLOSED


def test_every_gate_that_the_pack_asks_for_has_a_name() -> None:
    assert set(CONDITIONS) <= {gate.value for gate in Gate}


# -- on site before the handover


def test_from_the_first_inspection_on_somebody_is_on_site_and_meets_the_property_company_every_week() -> None:
    assert due_days("batch.site-specialist", "batch.weekly-meeting") == {
        "batch.site-specialist": ["2026-04-28"],  # −60 days
        "batch.weekly-meeting": [  # Fridays, to the day before the handover of Saturday 27 June
            "2026-05-08", "2026-05-15", "2026-05-22", "2026-05-29", "2026-06-05", "2026-06-12", "2026-06-19",
            "2026-06-26",
        ],
    }  # fmt: skip


def test_a_batch_that_moves_has_meetings_in_the_weeks_that_it_won() -> None:
    life = life_of(BATCH, "2026-01-12 10:00", planned_batch())
    life.staff = done_after()
    life.tell(told("batch.rescheduled", "2026-06-10 10:00", batch="3", buildings=["3"], handover_from="2026-07-11",
                   handover_to="2026-07-12"))  # fmt: skip

    life.run(instant("2026-07-12 10:00"))

    met = {entry.key.rsplit("/", 1)[-1] for entry in life.of("batch.weekly-meeting") if entry.state is State.DONE}
    assert met == {f"2026-w{week}" for week in range(19, 29)}


def test_a_meeting_that_nobody_held_is_escalated_and_over_a_week_later() -> None:
    life = life_of(BATCH, "2026-01-12 10:00", planned_batch())
    key = f"batch.weekly-meeting/{BATCH}/2026-w20"

    life.run(instant("2026-05-20 10:00"))
    late = life.state(key)
    life.run(instant("2026-05-26 10:00"))

    assert late is State.ESCALATED
    assert life.state(key) is State.WITHDRAWN


@given(st.dates(date(2025, 6, 1), date(2026, 12, 31)))
def test_every_meeting_falls_into_its_own_week_before_the_handover(first: date) -> None:
    window = {"handover_from": first.isoformat(), "handover_to": first.isoformat()}
    life = life_of(BATCH, "2025-01-12 10:00", planned_batch("2025-01-10 10:00", **window), started=BEGIN_2025)

    found = [item for item in life.plan().agenda if item.rule == "batch.weekly-meeting"]

    days = [local_date(item.due, SHANGHAI) for item in found]
    assert [f"{day.isocalendar().year}-w{day.isocalendar().week:02}" for day in days] == [
        item.occurrence for item in found
    ]
    assert all(calendar().is_working(day) and first - timedelta(days=62) <= day < first for day in days)
    assert len(found) >= 6  # two weeks of holidays at most


# -- a batch of which only the contract date is known


def owed(when: str = "2026-01-10 10:00", **more: str) -> Event:
    return planned_batch(when, handover_from=None, handover_to=None, contract_handover_date="2026-06-30", **more)


def test_without_a_window_everything_hangs_on_the_contract_date() -> None:
    found = life_of(BATCH, "2026-01-12 10:00", owed()).plan()

    dues = {item.rule: local_date(item.planned_due, SHANGHAI).isoformat() for item in found.agenda}
    wanted = {
        "batch.window": "2026-04-01",
        "batch.quality-group": "2026-03-02",
        "batch.pre-inspection": "2026-06-20",
        "batch.snag-closure": "2026-06-29",
        "batch.condition": "2026-05-26",
        "batch.ready": "2026-05-30",
        "batch.emergency-plan": "2026-06-23",
        "batch.display": "2026-06-27",
        "batch.lessons-learned": "2026-07-15",
        "batch.handover-posting": "2026-06-15",
        "batch.open-day": "2026-05-31",
        "batch.site-specialist": "2026-05-01",
        "batch.weekly-meeting": "2026-06-29",  # the last of them
    }
    assert dues == wanted
    assert found.stage is BatchStage.PREPARING


def test_too_few_days_before_the_contract_date_are_found_out_and_hold_no_notice() -> None:
    short = owed(completion_accepted_on="2026-05-20")
    life = life_of(BATCH, "2026-05-21 10:00", short).run(instant("2026-05-22 10:00"))

    assert life.state(f"batch.reserve/{BATCH}/reserve-days") in RUNNING
    assert awaited(life.record.batch, NUMBERS, calendar()) is None
