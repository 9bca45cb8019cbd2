"""Surveys: when each is due (C5), what answers it, how owners are reminded, and that none keeps a journey open."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from journey.domain.entries import State
from journey.domain.events import Event
from journey.domain.items import Item
from journey.domain.planner import Plan
from journey.domain.values import ItemKind, MessageClass
from tests.lives import Life, begin, items_of, planned
from tests.records import instant, told

SIGNED = told("contract.signed", "2025-03-20 10:00", contract_handover_date="2026-06-30")
KEYS = told("handover.accepted", "2026-06-27 10:00", ident="keys")


def relationship(found: Plan) -> dict[str, Any]:
    return {item.occurrence: item.due for item in items_of(found, "survey.relationship")}


def answer(survey: str, when: str, ident: str = "answer") -> Event:
    return told("survey.answered", when, ident=ident, person="psn_1", survey=survey, answers={"overall": 5})


def test_a_prospective_owner_is_asked_ninety_days_before_the_handover() -> None:
    found = planned("2025-04-01 10:00", SIGNED)

    assert relationship(found) == {"d-90": instant("2026-04-01 18:00")}
    assert items_of(found, "survey.relationship")[0].message_class is MessageClass.CARE


def test_an_owner_is_asked_at_3_11_and_18_months_and_then_yearly_while_the_warranty_lasts() -> None:
    found = planned("2026-06-27 11:00", SIGNED, KEYS)

    assert relationship(found) == {
        "m3": instant("2026-09-24 18:00"),  # 中秋
        "m11": instant("2027-05-27 18:00"),
        "m18": instant("2027-12-27 18:00"),
        "y3": instant("2029-06-27 18:00"),
        "y4": instant("2030-06-27 18:00"),
    }
    asked = items_of(found, "survey.relationship")[0]
    assert (asked.subject, asked.opens) == ("psn_1", asked.due - timedelta(days=7))


def test_the_handover_is_asked_about_on_the_day_itself_also_on_a_saturday() -> None:
    (found,) = items_of(planned("2026-06-27 11:00", SIGNED, KEYS), "survey.handover")

    assert (found.due, found.kind, found.message_class) == (
        instant("2026-06-27 18:00"), ItemKind.SURVEY, MessageClass.CONTRACT,
    )  # fmt: skip


def lived(until: str, *events: Event, staff: Any = None) -> Life:
    agreed = {"psn_1": {"care": instant("2026-06-01 09:00")}}
    life = begin("2026-06-27 09:00", SIGNED, KEYS, *events, started=instant("2026-06-01 09:00"), consents=agreed)
    if staff is not None:
        life.staff = staff
    return life.run(instant(until))


def test_an_answer_that_names_the_survey_meets_it() -> None:
    life = lived("2026-06-28 10:00", answer("survey.handover", "2026-06-27 17:00"))

    entry = life.record.entries["survey.handover/epi_1/once"]
    assert (entry.state, entry.fact) == (State.DONE, "answer")


def test_an_answer_without_an_occurrence_is_to_the_survey_that_was_out() -> None:
    events = [
        answer("survey.relationship", "2026-09-22 17:00", ident="first"),
        answer("survey.relationship", "2027-05-25 17:00", ident="second"),
    ]

    life = lived("2027-06-01 10:00", *events)

    found = {key.rsplit("/", 1)[1]: entry.fact for key, entry in life.record.entries.items() if "relationship" in key}
    assert (found["m3"], found["m11"]) == ("first", "second")


def test_an_answer_to_a_survey_that_nobody_knows_is_parked() -> None:
    found = planned("2026-06-28 10:00", SIGNED, KEYS, answer("survey.unheard-of", "2026-06-27 17:00"))

    assert found.opinions["answer"].verdict.value == "parked"


def test_who_does_not_answer_is_reminded_after_three_days_and_then_called() -> None:
    def nobody(item: Item, task: str, now: datetime) -> Event | None:
        if item.rule != "survey.relationship":
            return None
        data = {"task": task, "outcome": "not-reached", "at": now.isoformat(), "by": "stf_1"}
        return Event(f"try_{task}", "task.result", now, now, data, "test", f"try_{task}", None, {"task": task})

    life = lived("2026-09-18 10:00", staff=nobody)

    entry = life.record.entries["survey.relationship/psn_1/m3"]
    assert (entry.attempts, entry.opened_at) == (1, instant("2026-09-17 18:00"))
    assert entry.next_attempt is not None
    assert entry.next_attempt.date().isoformat() == "2026-09-20"


def test_a_survey_that_nobody_answers_ends_with_its_window_and_keeps_no_journey_open() -> None:
    life = lived("2026-10-30 10:00")

    entry = life.record.entries["survey.relationship/psn_1/m3"]
    assert entry.state is State.MISSED
    assert entry.reason is not None
    assert entry.reason.code == "window-closed"
    assert entry.at == instant("2026-10-27 18:00")


def test_a_survey_of_the_relationship_ends_when_the_consent_to_care_is_gone() -> None:
    life = lived("2026-09-18 10:00")
    assert life.state("survey.relationship/psn_1/m3") is State.OPEN

    life.record = replace(life.record, consents={})
    life.run(instant("2026-09-19 10:00"))

    entry = life.record.entries["survey.relationship/psn_1/m3"]
    assert (entry.state, entry.reason and entry.reason.code) == (State.SUPPRESSED, "no-consent")
