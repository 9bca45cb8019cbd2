"""Signing: the contract that is read, the visit, the surveys and when one call answers another (A427–A429, C5)."""

from calendar import monthrange
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from journey.domain.clocks import local
from journey.domain.entries import State
from journey.domain.events import Event
from journey.domain.values import ItemKind, MessageClass, Role
from journey.domain.verdicts import Verdict
from tests.lives import begin, item_of, items_of, planned
from tests.records import SHANGHAI, calendar, instant, pack, told

SUBSCRIBED = told("subscription.signed", "2025-03-15 10:00")
SIGNED = told("contract.signed", "2025-03-20 10:00", ident="sig")
GROUP = "signing.group-survey/epi_1/once"
SURVEY = "signing.survey/epi_1/once"
READ = "signing.contract-read/epi_1/once"
VISIT = "signing.visit/epi_1/once"


def callback(when: str, *asked: str, **more: Any) -> Event:
    about = {"item": "signing.service-callback"}
    return told("call.result", when, ident="call", person="psn_1", reached=True, asked=list(asked), about=about, **more)


def answered(when: str, survey: str, about: dict[str, str] | None = None) -> Event:
    return told("survey.answered", when, ident="ans", person="psn_1", survey=survey, answers={"q": 5}, about=about)


def test_the_buyers_word_that_he_has_read_the_contract_ends_the_task() -> None:
    reply = told(
        "message.replied", "2025-03-17 20:00", ident="yes", text="已读", about={"item": "signing.read-contract"}
    )
    life = begin("2025-03-15 10:00", SUBSCRIBED, reply)
    life.run(instant("2025-03-18 10:00"))
    entry = life.record.entries[READ]

    assert (entry.state, entry.at, entry.due) == (State.DONE, instant("2025-03-17 20:00"), instant("2025-03-20 18:00"))


def test_a_reply_to_something_else_is_no_such_word() -> None:
    found = planned("2025-03-18 10:00", SUBSCRIBED, told("message.replied", "2025-03-17 20:00", text="好的"))

    assert item_of(found, READ).met is None


def test_a_contract_signed_unread_leaves_the_reading_withdrawn() -> None:
    life = begin("2025-03-15 10:00", SUBSCRIBED, SIGNED)

    life.run(instant("2025-03-21 10:00"))

    assert life.state(READ) is State.WITHDRAWN
    assert life.state("signing.sign-contract/epi_1/once") is State.DONE


def test_the_signing_falls_due_a_week_after_the_subscription_out_of_the_weekend() -> None:
    item = item_of(planned("2025-03-15 11:00", SUBSCRIBED), "signing.sign-contract/epi_1/once")

    assert (item.due, item.original_due) == (instant("2025-03-21 18:00"), instant("2025-03-22 18:00"))


def test_the_minutes_of_the_signing_visit_stand_in_the_ledger() -> None:
    visit = told("visit.recorded", "2025-03-20 17:00", ident="v", waiting_minutes=35, about={"item": "signing.visit"})
    life = begin("2025-03-20 10:00", SIGNED, visit)

    life.run(instant("2025-03-21 10:00"))

    assert life.state(VISIT) is State.DONE
    assert life.last is not None
    assert life.last.ledgers == {"waiting": {"minutes": 35, "on": "2025-03-20", "event": "v"}}


def test_the_survey_after_signing_is_asked_a_week_later_and_an_answer_that_names_it_meets_it() -> None:
    item = item_of(planned("2025-03-20 11:00", SIGNED), SURVEY)
    assert (item.kind, item.message_class, item.due) == (
        ItemKind.SURVEY, MessageClass.CONTRACT, instant("2025-03-27 18:00"),
    )  # fmt: skip

    for answer in (answered("2025-03-28 10:00", "signing.survey"),
                   answered("2025-03-28 10:00", "signing.group-survey", {"item": "signing.survey"})):  # fmt: skip
        life = begin("2025-03-20 10:00", SIGNED, answer)
        life.run(instant("2025-03-29 10:00"))
        assert life.state(SURVEY) is State.DONE


def test_an_answer_to_a_survey_that_nobody_knows_is_parked() -> None:
    found = planned("2025-03-29 10:00", SIGNED, answered("2025-03-28 10:00", "signing.surveys"))

    assert found.opinions["ans"].verdict is Verdict.PARKED
    assert item_of(found, SURVEY).met is None


def test_deals_of_march_are_surveyed_by_the_fifth_working_day_of_april() -> None:
    item = item_of(planned("2025-03-20 11:00", SIGNED), GROUP)

    assert (item.due, item.role) == (instant("2025-04-08 18:00"), Role.GROUP_CS)
    assert local(item.opens, SHANGHAI).date() == date(2025, 4, 1)


def test_a_callback_of_that_month_that_asked_the_same_answers_the_group_survey() -> None:
    signed = told("contract.signed", "2025-03-28 10:00")
    asked = callback("2025-04-02 10:00", "signing.group-survey")
    life = begin("2025-03-28 10:00", signed, asked)

    life.run(instant("2025-04-03 10:00"))

    entry = life.record.entries[GROUP]
    assert (entry.state, entry.at, entry.fact) == (State.DONE, instant("2025-04-02 10:00"), "call")


def test_a_callback_of_the_month_before_or_without_its_questions_does_not() -> None:
    early = planned("2025-04-02 11:00", SIGNED, callback("2025-03-26 10:00", "signing.group-survey"))
    other = planned("2025-04-02 11:00", SIGNED, callback("2025-04-02 10:00", "signing.survey"))

    assert item_of(early, GROUP).met is None
    assert item_of(other, GROUP).met is None


@given(st.dates(date(2025, 1, 1), date(2026, 11, 30)))
def test_the_group_survey_of_any_deal_falls_on_the_fifth_working_day_of_the_next_month(day: date) -> None:
    found = planned(f"{day} 11:00", told("contract.signed", f"{day} 10:00"))
    month_end = day.replace(day=monthrange(day.year, day.month)[1])

    due = local(item_of(found, GROUP).due, SHANGHAI).date()

    assert due == calendar().add_working_days(month_end, 5)


def test_contacts_between_subscription_and_contract_are_written_into_the_file() -> None:
    calls = [told("call.result", f"2025-03-{day} 12:00", ident=f"c{day}", person="psn_1", reached=True)
             for day in (14, 17, 25)]  # fmt: skip

    found = planned("2025-03-26 10:00", SUBSCRIBED, SIGNED, *calls)

    assert [item.occurrence for item in items_of(found, "signing.interaction-file")] == ["c17"]


def test_a_pack_published_before_these_numbers_asks_for_none_of_it() -> None:
    numbers = pack().signing
    newer = [name for name, field in type(numbers).model_fields.items() if not field.is_required()]
    signing = numbers.model_copy(update=dict.fromkeys(newer))
    older = pack().model_copy(update={"prospect": None, "pre_handover": None, "signing": signing})

    found = planned("2025-03-20 11:00", told("lead.registered", "2025-03-01 10:00"), SUBSCRIBED, SIGNED, packs=[older])

    assert {item.rule for item in found.agenda} == {
        "signing.keeper-contact", "signing.service-callback", "signing.filing",
    }  # fmt: skip
