"""A project: what is checked before it opens, its milestones, its filing, half of its homes handed over."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from journey.adapters.packs import load_pack
from journey.domain.agendas import AgendaKind
from journey.domain.asking import message
from journey.domain.clocks import local_date
from journey.domain.entries import State
from journey.domain.events import Event
from journey.domain.moves import MoveKind
from journey.domain.numbers.project import ProjectNumbers
from journey.domain.periods import Period
from journey.domain.project_facts import fold_project
from journey.domain.reasons import Reason
from journey.domain.rules import Items, Rule, rule
from journey.domain.shared.facts import ProjectFacts
from journey.domain.values import ProjectStage, Role
from journey.domain.verdicts import Verdict
from tests.journey.domain.shared_lives import PROJECT, gate, life_of, planned_batch, scoped
from tests.lives import Life, item_of
from tests.packs import BUILT_IN, POLICIES
from tests.records import SHANGHAI, instant, told

OPENING = told("sales.opening_planned", "2026-03-02 10:00", ident="evt_opening", on="2026-04-20")
CHECKS = {
    "site-quality": "2026-04-05", "service-handbook": "2026-04-05", "site-comfort": "2026-04-10",
    "disclosure": "2026-04-13", "promotion": "2026-04-05", "show-area": "2026-04-13", "display": "2026-04-17",
}  # fmt: skip


def milestone(how: str, which: str, on: str, when: str = "", **scope: str) -> object:
    event = told(f"milestone.{how}", when or f"{on} 10:00", ident=f"evt_{how}_{which}_{on}", milestone=which, on=on)
    return scoped(event, **scope) if scope else event


def opinion_of(ident: str, *events: object) -> tuple[Verdict, str | None]:
    found = fold_project(events, {}, now=instant("2026-05-10 10:00"), zone=SHANGHAI)  # type: ignore[arg-type]
    opinion = found.judged.opinions[ident]
    return opinion.verdict, opinion.reason.code if opinion.reason else None


def test_every_check_is_due_before_the_opening() -> None:
    found = life_of(PROJECT, "2026-03-02 11:00", OPENING).plan()

    due = {item.rule.split(".")[1]: local_date(item.planned_due, SHANGHAI).isoformat() for item in found.agenda}
    assert {what: day for what, day in due.items() if what != "greeting"} == CHECKS


def test_a_gate_that_passed_ends_its_check_and_one_that_fails_after_that_asks_for_another() -> None:
    life = life_of(PROJECT, "2026-03-02 11:00", OPENING)
    life.tell(gate("site-quality", "2026-03-25 10:00"), gate("display", "2026-04-10 10:00"),
              gate("display", "2026-04-11 10:00", "failed"))  # fmt: skip

    life.run(instant("2026-04-12 10:00"))

    assert life.state(f"project.site-quality/{PROJECT}/once") is State.DONE
    assert life.state(f"project.promotion/{PROJECT}/once") is State.ESCALATED
    assert life.state(f"project.display/{PROJECT}/once") is State.DONE
    again = item_of(life.plan(), f"project.display/{PROJECT}/once/evt_display_failed_2026-04-11 10:00")
    assert local_date(again.due, SHANGHAI) == date(2026, 4, 17)


def test_each_phase_opens_with_checks_of_its_own() -> None:
    second = scoped(replace(OPENING, id="evt_second"), phase="2")
    life = life_of(PROJECT, "2026-03-02 11:00", OPENING, second)
    life.tell(gate("disclosure", "2026-04-08 10:00", phase="2"))

    life.run(instant("2026-04-09 10:00"))

    assert life.state(f"project.disclosure/{PROJECT}/2") is State.DONE
    assert life.state(f"project.disclosure/{PROJECT}/once") is State.OPEN


def test_an_activity_is_evaluated_after_its_day() -> None:
    planned = told("activity.planned", "2026-03-02 10:00", ident="evt_activity", title="园区开放", on="2026-03-14")

    found = life_of(PROJECT, "2026-03-02 11:00", planned).plan()

    item = item_of(found, f"project.activity-evaluation/{PROJECT}/evt_activity")
    assert local_date(item.planned_due, SHANGHAI) == date(2026, 3, 20)  # five working days


def test_a_milestone_that_nobody_told_reached_is_asked_for_when_its_day_has_come() -> None:
    planned = milestone("planned", "topped-out", "2026-04-10", "2026-03-01 10:00")
    life = life_of(PROJECT, "2026-03-02 11:00", planned)  # type: ignore[arg-type]
    before = life.run(instant("2026-04-09 12:00")).plan()

    life.run(instant("2026-04-10 12:00"))

    key = f"project.milestone-due/{PROJECT}/topped-out-once"
    assert all(item.key != key for item in before.agenda)
    assert life.state(key) is State.OPEN
    life.tell(milestone("reached", "topped-out", "2026-04-11"))  # type: ignore[arg-type]
    life.run(instant("2026-04-11 12:00"))
    assert life.state(key) is State.DONE


UNITS = f"project.unit-acceptance/{PROJECT}"


def test_every_home_is_accepted_before_the_planned_completion() -> None:
    planned = milestone("planned", "completion-accepted", "2026-04-28", "2026-03-01 10:00", building="3")
    life = life_of(PROJECT, "2026-03-02 11:00", planned)  # type: ignore[arg-type]

    item = item_of(life.plan(), f"{UNITS}/3")
    assert (local_date(item.due, SHANGHAI), item.kind, item.role) == (date(2026, 4, 21), "gate", "engineering")
    assert item.params == {"gate": "unit-acceptance", "scope": {"building": "3"}}
    life.tell(gate("unit-acceptance", "2026-04-20 10:00", building="3"))
    life.run(instant("2026-04-20 11:00"))
    assert life.state(f"{UNITS}/3") is State.DONE


def test_a_completion_that_was_accepted_implies_it_unless_it_had_failed() -> None:
    planned = milestone("planned", "completion-accepted", "2026-04-28", "2026-03-01 10:00")
    reached = milestone("reached", "completion-accepted", "2026-04-25")
    implied = life_of(PROJECT, "2026-03-02 11:00", planned, reached)  # type: ignore[arg-type]
    failed = life_of(PROJECT, "2026-03-02 11:00", planned, reached)  # type: ignore[arg-type]
    failed.tell(gate("unit-acceptance", "2026-04-18 10:00", "failed"))

    implied.run(instant("2026-04-25 12:00"))
    failed.run(instant("2026-04-25 12:00"))

    assert implied.state(f"{UNITS}/once") is State.DONE
    assert failed.state(f"{UNITS}/once") is State.ESCALATED


def acceptance(when: str, how: str = "failed", **scope: str) -> Event:
    return gate("unit-acceptance", when, how, **scope)


@pytest.mark.parametrize("scope", [{}, {"building": "3"}, {"batch": "3"}])
def test_no_batch_is_planned_while_the_acceptance_of_its_homes_fails(scope: dict[str, str]) -> None:
    planned = planned_batch("2026-05-05 10:00")
    failed = acceptance("2026-05-01 10:00", **scope)

    found = fold_project([failed, planned], {}, now=instant("2026-05-10 10:00"), zone=SHANGHAI)

    opinion = found.judged.opinions[planned.id]
    assert opinion.verdict is Verdict.PARKED
    assert opinion.reason is not None
    assert opinion.reason.code == "unit-acceptance-failed"
    assert "分户验收未通过" in opinion.reason.text("zh")
    assert "3" not in found.batches


def test_a_first_window_waits_for_the_acceptance_of_its_homes_whichever_event_brings_it() -> None:
    owed = planned_batch("2026-04-05 10:00", handover_from=None, handover_to=None, contract_handover_date="2026-06-30")
    window: dict[str, Any] = {"handover_from": "2026-06-20", "handover_to": "2026-06-22"}
    first = told("batch.rescheduled", "2026-05-05 10:00", ident="first", batch="3", buildings=["3"], **window)
    failed, passed = acceptance("2026-05-01 10:00"), acceptance("2026-05-06 10:00", "passed")

    waits, counts, moved = (
        fold_project(events, {}, now=instant("2026-05-10 10:00"), zone=SHANGHAI)
        for events in ([owed, failed, first], [owed, failed, first, passed], [planned_batch(), failed, first])
    )

    assert waits.judged.opinions["first"].reason == Reason("unit-acceptance-failed", {"batch": "3"})
    assert "handover_from" not in waits.batches["3"].dates
    assert counts.batches["3"].dates["handover_from"]["on"] == "2026-06-20"
    assert moved.batches["3"].dates["handover_from"]["on"] == "2026-06-20"  # a window that stands may move


@pytest.mark.parametrize(
    "others",
    [
        [acceptance("2026-05-06 10:00", "passed")],  # it passes later: what was kept counts
        [acceptance("2026-05-06 10:00", "overridden")],  # or is let go in somebody's name
        [acceptance("2026-05-02 10:00", "passed"), acceptance("2026-05-07 10:00")],  # it fails again afterwards
    ],
)
def test_a_batch_counts_when_they_pass_or_had_passed_when_it_was_planned(others: list[Event]) -> None:
    planned = planned_batch("2026-05-05 10:00")

    found = fold_project(
        [acceptance("2026-05-01 10:00"), *others, planned], {}, now=instant("2026-05-10 10:00"), zone=SHANGHAI
    )

    assert found.judged.opinions[planned.id].verdict is Verdict.APPLIED
    assert found.batches["3"].dates["handover_from"]["on"] == "2026-06-27"


@pytest.mark.parametrize(
    "planned",
    [
        planned_batch("2026-05-05 10:00", batch="4", buildings=["4"]),  # homes of another building
        planned_batch("2026-05-05 10:00", handover_from=None, contract_handover_date="2026-06-30"),  # no handover yet
    ],
)
def test_a_failed_acceptance_stops_nothing_else(planned: Event) -> None:
    failed = acceptance("2026-05-01 10:00", building="3")

    found = fold_project([failed, planned], {}, now=instant("2026-05-10 10:00"), zone=SHANGHAI)

    assert found.judged.opinions[planned.id].verdict is Verdict.APPLIED


def test_a_batch_that_was_planned_before_may_be_moved_while_they_fail() -> None:
    planned, failed = planned_batch("2026-04-05 10:00"), acceptance("2026-05-01 10:00")
    moved = told("batch.rescheduled", "2026-05-05 10:00", ident="evt_moved", batch="3", handover_from="2026-08-01")
    again = planned_batch("2026-05-06 10:00", handover_from="2026-08-15")

    found = fold_project([planned, failed, moved, again], {}, now=instant("2026-05-10 10:00"), zone=SHANGHAI)

    assert {found.judged.opinions[one.id].verdict for one in (planned, moved, again)} == {Verdict.APPLIED}
    assert found.batches["3"].dates["handover_from"]["on"] == "2026-08-15"


def test_completion_is_filed_within_fifteen_days() -> None:
    accepted = milestone("reached", "completion-accepted", "2026-04-28")
    life = life_of(PROJECT, "2026-04-28 11:00", accepted)  # type: ignore[arg-type]
    item = item_of(life.plan(), f"project.completion-filing/{PROJECT}/once")

    assert item.legal_due is not None
    assert local_date(item.legal_due, SHANGHAI) == date(2026, 5, 13)
    life.tell(milestone("reached", "completion-filed", "2026-05-08"))  # type: ignore[arg-type]
    life.run(instant("2026-05-08 12:00"))
    assert life.state(item.key) is State.DONE


ASSEMBLY = f"project.owners-assembly/{PROJECT}/once"


def handed_over(*days: tuple[str, int]) -> dict[str, Any]:
    """Ten homes, so many of them handed over on each day."""
    on = [date.fromisoformat(day) for day, count in days for _ in range(count)]
    return {"homes": 10, "delivered": len(on), "delivered_on": on}


def test_half_of_the_homes_handed_over_call_for_an_owners_assembly() -> None:
    found = life_of(PROJECT, "2026-07-03 10:00", **handed_over(("2026-06-28", 4), ("2026-07-01", 2))).plan()

    item = item_of(found, ASSEMBLY)
    assert local_date(item.planned_due, SHANGHAI) == date(2026, 7, 31)
    assert item.params == {"delivered": 6, "homes": 10, "share": 50}
    assert found.stage is ProjectStage.DELIVERING


def test_a_quarter_two_years_after_the_first_calls_for_it_where_local_law_says_so() -> None:
    shandong = load_pack(POLICIES, BUILT_IN, ["shandong"]).pack
    homes = handed_over(("2026-06-28", 2), ("2026-07-05", 1))

    elsewhere = life_of(PROJECT, "2028-06-28 10:00", **homes).plan()
    early = life_of(PROJECT, "2028-06-27 10:00", pack=shandong, **homes).plan()
    ripe = life_of(PROJECT, "2028-06-28 10:00", pack=shandong, **homes).plan()

    assert [item for one in (elsewhere, early) for item in one.agenda if item.key == ASSEMBLY] == []
    assert local_date(early.wake_at, SHANGHAI) == date(2028, 6, 28)
    item = item_of(ripe, ASSEMBLY)
    assert (local_date(item.planned_due, SHANGHAI), item.params["share"]) == (date(2028, 7, 28), 25)


def test_half_of_the_homes_calls_for_it_there_too_and_earlier() -> None:
    shandong = load_pack(POLICIES, BUILT_IN, ["shandong"]).pack

    found = life_of(PROJECT, "2026-07-03 10:00", pack=shandong, **handed_over(("2026-07-01", 5))).plan()

    assert item_of(found, ASSEMBLY).params["share"] == 50


def test_while_homes_are_handed_over_they_are_counted_once_a_week() -> None:
    found = life_of(PROJECT, "2026-07-03 10:00", homes=10, delivered=2).plan()

    assert local_date(found.wake_at, SHANGHAI) == date(2026, 7, 10)


@pytest.mark.parametrize("day", [{}, {"handover_from": None, "contract_handover_date": "2026-06-27"}])
def test_a_project_on_sale_looks_from_the_first_day_of_handover_on(day: dict[str, Any]) -> None:
    planned: list[date] = []
    life = life_of(PROJECT, "2026-05-20 10:00", planned_batch(**day), homes=10)

    life.run(instant("2026-07-15 10:00"), lambda life, plan: planned.append(local_date(life.now, SHANGHAI)))

    assert life.last is not None
    assert life.last.stage is ProjectStage.SELLING
    june = [one for one in planned if date(2026, 6, 20) < one]
    assert june == [date(2026, 6, 27), date(2026, 7, 4), date(2026, 7, 11)]


def test_a_project_whose_batches_nobody_planned_looks_as_well() -> None:
    found = life_of(PROJECT, "2026-05-20 10:00", homes=10).plan()

    assert local_date(found.wake_at, SHANGHAI) == date(2026, 5, 27)


@pytest.mark.parametrize("scope", [{}, {"building": "3"}])
def test_a_milestone_told_again_for_another_day_is_refused(scope: dict[str, str]) -> None:
    first = milestone("reached", "topped-out", "2026-05-01", **scope)
    second = milestone("reached", "topped-out", "2026-05-03", **scope)

    assert opinion_of("evt_reached_topped-out_2026-05-03", first, second) == (Verdict.REFUSED, "milestone-told")
    assert opinion_of("evt_reached_topped-out_2026-05-01", first, second) == (Verdict.APPLIED, None)


def test_a_milestone_of_another_building_has_its_own_day() -> None:
    first = milestone("reached", "topped-out", "2026-05-01", building="3")
    second = milestone("reached", "topped-out", "2026-05-03", building="4")

    assert opinion_of("evt_reached_topped-out_2026-05-03", first, second) == (Verdict.APPLIED, None)


def test_a_planned_milestone_may_be_planned_anew() -> None:
    first = milestone("planned", "topped-out", "2026-06-01", "2026-03-01 10:00")
    second = milestone("planned", "topped-out", "2026-07-01", "2026-04-01 10:00")

    assert opinion_of("evt_planned_topped-out_2026-07-01", first, second) == (Verdict.APPLIED, None)


def test_a_building_in_two_batches_is_refused_and_both_are_named() -> None:
    other = replace(planned_batch("2026-02-10 10:00", batch="4", buildings=["3", "4"]), id="evt_other")
    found = fold_project([planned_batch(), other], {}, now=instant("2026-03-01 10:00"), zone=SHANGHAI)

    reason = found.judged.opinions["evt_other"].reason
    assert reason is not None
    assert (reason.code, reason.params) == ("building-in-batch", {"building": "3", "batch": "4", "other": "3"})
    assert "批次 3" in reason.text("zh")
    assert "4" not in found.batches


def test_a_building_may_move_to_another_batch_once_the_first_lets_it_go() -> None:
    wide = planned_batch(buildings=["3", "4"])
    narrow = told("batch.rescheduled", "2026-02-01 10:00", ident="evt_narrow", batch="3", buildings=["3"],
                  handover_from="2026-06-27", handover_to="2026-06-30")  # fmt: skip
    other = replace(planned_batch("2026-02-10 10:00", batch="4", buildings=["4"]), id="evt_other")

    # The rows of the batches stand as the events have left them.
    stands: Mapping[str, list[str]] = {"3": ["3"], "4": ["4"]}
    found = fold_project([wide, narrow, other], stands, now=instant("2026-03-01 10:00"), zone=SHANGHAI)

    assert {event: opinion.verdict for event, opinion in found.judged.opinions.items()} == dict.fromkeys(
        [wide.id, "evt_narrow", "evt_other"], Verdict.APPLIED
    )


def test_a_batch_without_any_day_is_parked_until_it_is_told_one() -> None:
    bare = told("batch.planned", "2026-02-01 10:00", ident="evt_bare", batch="9", buildings=["9"])
    fix = told("event.corrected", "2026-02-05 10:00", ident="evt_fix", event_id="evt_bare", reason="补日期",
               data={"contract_handover_date": "2026-06-30"})  # fmt: skip

    assert opinion_of("evt_bare", bare) == (Verdict.PARKED, "batch-without-date")
    assert opinion_of("evt_bare", bare, fix)[0] is Verdict.APPLIED


def test_a_message_of_a_project_goes_out_by_a_broadcast(rules: dict[str, Rule]) -> None:
    @rule("project.news", zh="工程进度", since="2026.2", of="project", executor="broadcast")
    def news(p: ProjectFacts, n: ProjectNumbers) -> Items:
        for event in p.all("milestone.reached"):
            yield message(p.episode, p.anchor(event), p.anchor(event).on, Period(days=7), occurrence=event.id)

    reached = milestone("reached", "topped-out", "2026-04-10")
    found = life_of(PROJECT, "2026-04-10 11:00", reached).plan()  # type: ignore[arg-type]

    assert rules["project.news"].of is AgendaKind.PROJECT
    assert [(move.kind, move.key) for move in found.moves] == [
        (MoveKind.BROADCAST, f"project.news/{PROJECT}/evt_reached_topped-out_2026-04-10")
    ]


# -- the community before feasts


def feast_work(life: Life) -> dict[str, str]:
    return {
        item.occurrence: local_date(item.planned_due, SHANGHAI).isoformat()
        for item in life.plan().agenda
        if item.rule == "project.festival-atmosphere"
    }


def test_the_community_is_dressed_for_feasts_once_owners_live_there() -> None:
    life = life_of(PROJECT, "2026-03-02 10:00", planned_batch(), started=instant("2026-01-01 09:00"))
    before = feast_work(life)

    life.run(instant("2026-06-27 10:00"))

    assert before == {}
    assert feast_work(life) == {
        "mid-autumn/2026": "2026-09-20",
        "national-day/2026": "2026-09-26",
        "new-year/2027": "2026-12-27",
        "spring-festival/2027": "2027-01-31",  # 除夕 is 5 February 2027
        "lantern/2027": "2027-02-15",
        "dragon-boat/2027": "2027-06-04",
    }


def test_a_home_without_a_batch_makes_a_community_too() -> None:
    life = life_of(PROJECT, "2026-09-01 10:00", started=instant("2026-01-01 09:00"), homes=10, delivered=1)

    assert "mid-autumn/2026" in feast_work(life)


def test_dressing_that_nobody_showed_is_escalated_and_over_a_week_after_the_feast() -> None:
    key = f"project.festival-atmosphere/{PROJECT}/mid-autumn/2026"
    life = life_of(PROJECT, "2026-08-01 10:00", planned_batch(), started=instant("2026-01-01 09:00"))

    life.run(instant("2026-09-28 10:00"))
    on_the_feast = life.state(key)
    life.run(instant("2026-10-03 10:00"))

    assert on_the_feast is State.ESCALATED
    assert life.state(key) is State.WITHDRAWN


def test_dressing_counts_as_done_only_with_a_photo() -> None:
    life = life_of(PROJECT, "2026-09-08 10:00", planned_batch(), started=instant("2026-01-01 09:00"))

    item = item_of(life.plan(), f"project.festival-atmosphere/{PROJECT}/mid-autumn/2026")

    assert (item.params["photo"], item.role) == (True, Role.PROPERTY_CS)
