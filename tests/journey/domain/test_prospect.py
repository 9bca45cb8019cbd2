"""Prospect: the first talk, the interactive file, follow-ups, a silent lead (A312, A425)."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.domain.clocks import local
from journey.domain.entries import State
from journey.domain.events import Event
from journey.domain.items import Item
from journey.domain.periods import Period
from journey.domain.planner import Plan
from journey.domain.values import ItemKind, MessageClass, Role
from tests.lives import Life, begin, items_of, planned
from tests.records import SHANGHAI, calendar, instant, pack, told

LEAD = told("lead.registered", "2025-02-10 10:00", ident="lead", source="web")
FIRST = "prospect.first-contact"
FILE = "prospect.interaction-file"
FOLLOW_UP = "prospect.follow-up"
STALE = "prospect.stale-lead"
AGREED = {"psn_1": {"marketing": instant("2025-01-01 10:00")}}


def spoke(when: str, ident: str, reached: bool = True, **more: Any) -> Event:
    return told("call.result", when, ident=ident, person="psn_1", reached=reached, **more)


def consent(when: str, kind: str) -> Event:
    return told(f"consent.{kind}", when, person="psn_1", purpose="marketing", evidence="x")


def only(found: Plan, rule: str) -> Item:
    (item,) = items_of(found, rule)
    return item


def asked(found: Plan) -> set[str]:
    return {item.rule for item in found.agenda}


def test_sales_speaks_to_a_lead_within_a_day_and_asks_for_his_consent() -> None:
    found = planned("2025-02-10 11:00", LEAD)

    first = only(found, FIRST)
    assert (first.due, first.escalate) == (instant("2025-02-11 18:00"), instant("2025-02-12 18:00"))
    assert (first.role, first.escalates_to) == (Role.SALES, Role.DEVELOPER_CS)
    assert only(found, "prospect.consent").due == instant("2025-02-13 18:00")


def test_a_first_contact_due_on_new_years_eve_is_pulled_before_the_festival() -> None:
    first = only(planned("2025-01-27 11:00", told("lead.registered", "2025-01-27 10:00", source="web")), FIRST)

    assert (first.due, first.original_due) == (instant("2025-01-27 18:00"), instant("2025-01-28 18:00"))
    assert [reason.code for reason in first.because] == ["pulled-before-holiday"]


def test_a_lead_of_the_festival_itself_is_called_in_the_first_hour_after_it() -> None:
    first = only(planned("2025-01-29 11:00", told("lead.registered", "2025-01-29 10:00", source="web")), FIRST)

    assert first.due == instant("2025-02-05 10:00")


def test_a_call_that_reached_nobody_is_no_contact() -> None:
    found = planned("2025-02-12 11:00", LEAD, spoke("2025-02-11 10:00", "c1", reached=False))

    assert FIRST in asked(found)
    assert not items_of(found, FILE)


def test_a_visit_is_the_first_contact_as_well_as_a_call() -> None:
    life = begin("2025-02-10 10:00", LEAD, told("visit.recorded", "2025-02-10 15:00", ident="v"))

    life.run(instant("2025-02-11 10:00"))

    entry = life.record.entries[f"{FIRST}/epi_1/once"]
    assert (entry.state, entry.at, entry.fact) == (State.DONE, instant("2025-02-10 15:00"), "v")


def test_a_contact_told_with_notes_is_in_the_file_already() -> None:
    life = begin(
        "2025-02-10 10:00", LEAD, spoke("2025-02-11 10:00", "c1", notes="三居"), spoke("2025-02-12 10:00", "c2")
    )

    life.run(instant("2025-02-12 12:00"))

    assert life.state(f"{FILE}/epi_1/c1") is State.DONE
    assert life.state(f"{FILE}/epi_1/c2") is State.OPEN
    assert life.record.entries[f"{FILE}/epi_1/c2"].due == instant("2025-02-13 18:00")


def test_the_next_talk_is_due_a_week_after_the_last_and_is_handed_out_two_days_before() -> None:
    found = planned("2025-02-11 12:00", LEAD, spoke("2025-02-11 11:00", "c1", notes="x"))

    item = only(found, FOLLOW_UP)
    assert (item.occurrence, item.due, item.opens) == ("c1", instant("2025-02-18 18:00"), instant("2025-02-16 18:00"))
    assert item.message_class is MessageClass.MARKETING


def test_a_lead_who_was_never_reached_is_followed_up_from_the_registration() -> None:
    assert not items_of(planned("2025-02-14 23:00", LEAD), FOLLOW_UP)

    item = only(planned("2025-02-15 00:00", LEAD), FOLLOW_UP)

    assert (item.occurrence, item.due) == ("lead", instant("2025-02-17 18:00"))


def test_the_plan_wakes_on_the_day_on_which_silence_becomes_an_alert() -> None:
    life = begin("2025-02-10 10:00", LEAD, spoke("2025-02-11 11:00", "c1", notes="x"))

    life.run(instant("2025-03-30 10:00"))

    assert (instant("2025-03-13 09:00"), f"{STALE}/epi_1/c1") in life.opened
    steps = [(rung.step, rung.at, rung.to) for key, rung in life.rungs if key.startswith(STALE)]
    assert steps == [
        ("warned", instant("2025-03-17 18:00"), "sales"),
        ("overdue", instant("2025-03-18 18:00"), "sales"),
        ("escalated", instant("2025-03-19 18:00"), "developer-cs"),
    ]


def test_a_lead_that_sales_keeps_is_asked_about_again_a_month_later_under_the_id_of_that_word() -> None:
    kept = told("task.result", "2025-03-14 10:00", ident="kept", about={"item": STALE, "occurrence": "c1"},
                outcome="done", by="s", at="2025-03-14T10:00:00+08:00")  # fmt: skip
    life = begin("2025-02-10 10:00", LEAD, spoke("2025-02-11 11:00", "c1", notes="x"), kept)

    life.run(instant("2025-04-14 10:00"))

    assert life.state(f"{STALE}/epi_1/c1") is State.DONE
    assert life.record.entries[f"{STALE}/epi_1/kept"].due == instant("2025-04-16 18:00")


def test_a_contact_before_the_alert_leaves_no_alert_behind() -> None:
    life = begin("2025-02-10 10:00", LEAD, *(spoke(f"2025-0{m}-11 11:00", f"c{m}", notes="x") for m in (2, 3)))

    life.run(instant("2025-04-01 10:00"))

    assert life.of(STALE) == []


def test_a_lead_who_takes_back_his_consent_is_not_called_on_our_account_until_he_gives_it_again() -> None:
    told_no = (LEAD, spoke("2025-02-11 11:00", "c1", notes="x"), consent("2025-02-12 10:00", "withdrawn"))

    assert not asked(planned("2025-04-01 10:00", *told_no)) & {FOLLOW_UP, STALE}
    assert asked(planned("2025-04-01 10:00", *told_no, consent("2025-03-30 10:00", "given"))) >= {STALE}


@pytest.mark.parametrize("source", ["start:jny_2", "parties:evt_1", "transfer:evt_1"])
def test_a_list_that_names_a_lead_with_a_consent_leaves_as_it_is_what_he_took_back(source: str) -> None:
    told_no = (LEAD, spoke("2025-02-11 11:00", "c1", notes="x"), consent("2025-02-12 10:00", "withdrawn"))
    listed = replace(consent("2025-02-20 10:00", "given"), source=source)

    assert not asked(planned("2025-04-01 10:00", *told_no, listed)) & {FOLLOW_UP, STALE}
    assert asked(planned("2025-04-01 10:00", *told_no, listed, consent("2025-03-30 10:00", "given"))) >= {STALE}


def test_the_subscription_ends_what_the_lead_was_asked_for_but_not_its_file() -> None:
    life = begin(
        "2025-02-10 10:00", LEAD, spoke("2025-02-11 11:00", "c1"), told("subscription.signed", "2025-02-12 10:00")
    )

    life.run(instant("2025-02-13 10:00"))

    assert life.state(f"{FOLLOW_UP}/epi_1/c1") is State.WITHDRAWN
    assert life.state("prospect.consent/epi_1/once") is State.WITHDRAWN
    assert life.state(f"{FILE}/epi_1/c1") is State.OVERDUE


def test_a_life_that_enters_at_the_signing_is_asked_nothing_about_a_prospect() -> None:
    life = begin("2025-03-20 10:00", told("contract.signed", "2025-03-20 10:00"), spoke("2025-03-21 10:00", "c1"))

    life.run(instant("2025-06-01 10:00"))

    assert not [key for key in life.record.entries if key.startswith("prospect.")]


def test_a_lost_lead_has_nothing_left_to_do() -> None:
    found = planned("2025-02-20 10:00", LEAD, told("lead.lost", "2025-02-19 10:00"))

    assert (list(found.agenda), found.over) == ([], True)


def answers_at_once(item: Item, task: str, now: datetime) -> Event | None:
    """Staff that speaks to the lead minutes after a call was handed out."""
    if item.kind is not ItemKind.CALL:
        return None
    at, said = now + timedelta(minutes=5), {"reached": True, "notes": "x", "task": task}
    return Event(f"evt_{task}", "call.result", at, at, said, "test", task, "psn_1", {"task": task})


def follow_ups(life: Life) -> list[date]:
    """The days on which the follow-ups of a life were done."""
    done = [entry.at for entry in life.of(FOLLOW_UP) if entry.state is State.DONE]
    return sorted(local(at, SHANGHAI).date() for at in done)


@pytest.mark.parametrize(
    ("spoken", "due"),
    [
        ("2026-09-26", "2026-09-30 18:00"),  # four days after it: pulled before 国庆
        ("2026-09-28", "2026-10-08 18:00"),  # two days after it would be too soon
        ("2026-09-30", "2026-10-08 18:00"),
        ("2026-02-11", "2026-02-24 10:00"),  # 除夕–初三: the first hour after 春节
        ("2026-02-14", "2026-02-24 10:00"),
        ("2026-02-08", "2026-02-14 18:00"),  # pulled before 春节
    ],
)
def test_a_follow_up_pulled_before_a_holiday_keeps_half_its_interval_from_the_last_contact(
    spoken: str, due: str
) -> None:
    lead = told("lead.registered", f"{spoken} 09:00", ident="lead", source="web")

    item = only(planned(f"{spoken} 12:00", lead, spoke(f"{spoken} 11:00", "c1", notes="x")), FOLLOW_UP)

    assert item.due == instant(due)
    assert len(item.because) == 1


@pytest.mark.parametrize(("begun", "until"), [("2026-09-20", "2026-10-20"), ("2026-02-01", "2026-03-01")])
def test_follow_ups_around_a_long_holiday_stay_days_apart(begun: str, until: str) -> None:
    lead = told("lead.registered", f"{begun} 10:00", ident="lead", source="web")
    life = begin(f"{begun} 10:00", lead, consents=AGREED)
    life.staff = answers_at_once

    life.run(instant(f"{until} 10:00"))

    days = follow_ups(life)
    assert 3 <= len(days) <= 8
    assert all(later - earlier >= timedelta(days=2) for earlier, later in pairwise(days))


@pytest.mark.slow
@settings(deadline=None, max_examples=20)
@given(st.dates(date(2025, 1, 1), date(2028, 12, 15)), st.integers(1, 10), st.integers(0, 10))
def test_no_chain_of_follow_ups_has_two_on_one_day(day: date, every: int, opens: int) -> None:
    numbers = pack().prospect
    assert numbers is not None
    weekly = numbers.model_copy(
        update={
            "follow_up": numbers.follow_up.model_copy(update={"within": Period(days=every)}),
            "follow_up_opens": Period(days=opens),
        }
    )
    lead = told("lead.registered", f"{day} 10:00", ident="lead", source="web")
    packs = [pack().model_copy(update={"prospect": weekly})]
    life = begin(f"{day} 10:00", lead, packs=packs, consents=AGREED)
    life.staff = answers_at_once

    life.run(instant(f"{day + timedelta(days=60)} 10:00"))

    days = follow_ups(life)
    assert len(days) >= 3
    assert len(set(days)) == len(days)


@given(st.dates(date(2025, 1, 1), date(2026, 12, 15)))
def test_a_lead_of_any_day_is_called_on_a_day_on_which_owners_are_called(day: date) -> None:
    first = only(planned(f"{day} 10:00", told("lead.registered", f"{day} 10:00", source="web")), FIRST)

    due = local(first.due, SHANGHAI).date()
    assert not calendar().is_no_call(due)
    assert due >= day
    assert due <= day + timedelta(days=1) or first.because
