"""Open days in the life of a home, and how a project's events make them (A316, A432, C1, C5)."""

from dataclasses import replace
from typing import Any

from journey.domain.entries import State
from journey.domain.events import Event
from journey.domain.open_days import OpenDay, fold_open_days
from journey.domain.values import Role
from tests.lives import begin, item_of, items_of, planned
from tests.records import SHANGHAI, instant, told

SIGNED = told("contract.signed", "2025-03-20 10:00", waiting_minutes=5)
AM = {"id": "am", "from": "2026-03-28T09:30:00+08:00", "to": "2026-03-28T11:30:00+08:00", "capacity": 40}
PM = {"id": "pm", "from": "2026-03-28T14:00:00+08:00", "to": "2026-03-28T16:00:00+08:00", "capacity": 40}
PLANNED = told("open_day.planned", "2026-03-10 10:00", ident="plan", id="look", sessions=[PM, AM])
SURVEY = "pre-handover.open-day-survey"
FOLLOW_UP = "pre-handover.open-day-follow-up/epi_1/plan"


def visit(kind: str, when: str, session: str = "am", open_day: str = "look") -> Event:
    ident = f"{kind}-{open_day}"
    return told(f"open_day.{kind}", when, ident=ident, person="psn_1", open_day=open_day, session=session)


def shared(*events: Event) -> dict[str, Any]:
    """What the store hands over of a project's open days."""
    open_days = fold_open_days([PLANNED, *events], SHANGHAI)
    known = frozenset().union(*(open_day.names for open_day in open_days))
    return {"open_days": open_days, "known": known}


def folded(*events: Event) -> OpenDay:
    (open_day,) = fold_open_days([PLANNED, *events], SHANGHAI)
    return open_day


def test_sessions_stand_in_the_order_of_their_start() -> None:
    assert [session.id for session in folded().sessions] == ["am", "pm"]
    assert folded().begins == instant("2026-03-28 09:30")


def test_an_open_day_is_moved_extended_and_cancelled_by_what_is_told_later() -> None:
    later = {**AM, "from": "2026-04-11T09:30:00+08:00", "to": "2026-04-11T11:30:00+08:00"}
    moved = told("open_day.moved", "2026-03-20 10:00", open_day="look", sessions=[later])
    added = told("open_day.session_added", "2026-03-20 11:00", id="look", session={**PM, "id": "extra"})

    assert folded(moved).session("am").begins == instant("2026-04-11 09:30")  # type: ignore[union-attr] # it is there
    assert {session.id for session in folded(added).sessions} == {"am", "pm", "extra"}
    assert folded(told("open_day.cancelled", "2026-03-21 10:00", id="look")).cancelled
    one_less = folded(told("open_day.cancelled", "2026-03-21 10:00", id="look", session="am"))
    assert ([session.id for session in one_less.sessions], one_less.cancelled) == (["pm"], False)


def test_what_names_an_open_day_that_nobody_planned_changes_nothing() -> None:
    assert folded(told("open_day.cancelled", "2026-03-21 10:00", id="other")) == folded()


def test_an_open_day_of_a_building_concerns_its_homes_only() -> None:
    open_day = replace(folded(), scope={"building": "3"})

    assert open_day.concerns({"building": "3", "batch": "A"})
    assert not open_day.concerns({"building": "4", "batch": "A"})
    assert folded().concerns({"building": None, "batch": None})


def test_who_has_not_answered_is_called_before_the_list_closes() -> None:
    found = planned("2026-03-15 11:00", SIGNED, **shared())

    item = item_of(found, FOLLOW_UP)
    assert (item.due, item.role, item.expires) == (
        instant("2026-03-23 18:00"), Role.PROJECT_CS, instant("2026-03-28 09:30"),
    )  # fmt: skip


def test_any_answer_meets_the_call_also_a_no() -> None:
    for kind in ("rsvp", "rsvp_cancelled"):
        life = begin("2026-03-12 10:00", SIGNED, visit(kind, "2026-03-16 10:00"), started=instant("2025-03-01 09:00"),
                     **shared())  # fmt: skip
        life.run(instant("2026-03-17 10:00"))
        assert life.state(FOLLOW_UP) is State.DONE


def test_a_lead_and_an_owner_with_keys_are_not_invited() -> None:
    lead = planned("2026-03-15 11:00", told("lead.registered", "2026-03-14 10:00"), **shared())
    keys = planned("2026-03-15 11:00", SIGNED, told("handover.accepted", "2026-03-14 10:00"), **shared())

    assert not items_of(lead, "pre-handover.open-day-follow-up")
    assert not items_of(keys, "pre-handover.open-day-follow-up")


def test_whoever_comes_is_reminded_the_day_before_of_the_session_he_chose_last() -> None:
    found = planned("2026-03-18 11:00", SIGNED, visit("rsvp", "2026-03-16 10:00", "pm"), **shared())

    (item,) = items_of(found, "pre-handover.open-day-reminder")
    assert item.due == instant("2026-03-27 08:00")
    assert item.params == {"session_on": "2026-03-28", "session_at": "14:00"}


def test_a_cancelled_rsvp_or_open_day_takes_the_reminder_back() -> None:
    rsvp = visit("rsvp", "2026-03-16 10:00")
    changed_his_mind = planned(
        "2026-03-18 11:00", SIGNED, rsvp, visit("rsvp_cancelled", "2026-03-17 10:00"), **shared()
    )
    rained_off = planned(
        "2026-03-18 11:00", SIGNED, rsvp, **shared(told("open_day.cancelled", "2026-03-17 10:00", id="look"))
    )

    for found in (changed_his_mind, rained_off):
        assert not items_of(found, "pre-handover.open-day-reminder")


def test_whoever_came_is_asked_the_day_after_also_a_walk_in_and_also_on_a_sunday() -> None:
    for kind in ("attended", "walk_in"):
        found = planned("2026-03-28 12:00", SIGNED, visit(kind, "2026-03-28 11:00"), **shared())

        item = item_of(found, f"pre-handover.open-day-survey/epi_1/{kind}-look")
        assert item.due == instant("2026-03-29 18:00")


def test_an_answer_that_names_the_visit_is_about_that_visit_only() -> None:
    sessions = [{**AM, "from": "2026-04-25T09:30:00+08:00"}]
    more = shared(told("open_day.planned", "2026-03-10 11:00", ident="plan2", id="look2", sessions=sessions))
    about = {"item": SURVEY, "occurrence": "attended-look2"}
    answer = told("survey.answered", "2026-04-26 10:00", person="psn_1", survey=SURVEY, answers={"q": 5}, about=about)
    visits = (visit("attended", "2026-03-28 11:00"), visit("attended", "2026-04-25 11:00", open_day="look2"))
    life = begin("2026-03-28 11:00", SIGNED, *visits, answer, started=instant("2025-03-01 09:00"), **more)

    life.run(instant("2026-04-26 11:00"))

    assert life.state("pre-handover.open-day-survey/epi_1/attended-look2") is State.DONE
    assert life.state("pre-handover.open-day-survey/epi_1/attended-look") is not State.DONE


def test_a_finding_goes_to_engineering_and_outlives_the_keys() -> None:
    found = planned("2026-04-02 12:00", SIGNED, visit("finding", "2026-03-28 11:00"),
                    told("handover.accepted", "2026-04-02 10:00"), **shared())  # fmt: skip

    item = item_of(found, "pre-handover.open-day-finding/epi_1/finding-look")
    assert (item.role, item.due) == (Role.ENGINEERING, instant("2026-04-10 18:00"))


def test_who_did_not_come_is_offered_the_next_date() -> None:
    more = shared(told("open_day.planned", "2026-03-20 10:00", ident="plan2", id="look2",
                       sessions=[{**AM, "from": "2026-04-25T09:30:00+08:00"}]))  # fmt: skip

    found = planned("2026-03-28 13:00", SIGNED, visit("no_show", "2026-03-28 12:00"), **more)

    item = item_of(found, "pre-handover.open-day-rebook/epi_1/no_show-look")
    assert item.due == instant("2026-04-01 18:00")
    assert (item.because[0].code, item.because[0].params) == (
        "next-open-day",
        {"open_day": "look2", "on": "2026-04-25"},
    )


def test_a_new_rsvp_is_the_answer_to_that_offer() -> None:
    life = begin("2026-03-28 11:00", SIGNED, visit("no_show", "2026-03-28 12:00"), visit("rsvp", "2026-03-30 12:00"),
                 started=instant("2025-03-01 09:00"), **shared())  # fmt: skip

    life.run(instant("2026-03-31 10:00"))

    assert life.state("pre-handover.open-day-rebook/epi_1/no_show-look") is State.DONE
