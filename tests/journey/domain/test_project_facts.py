"""What a project's events say of its batches."""

from typing import Any

from journey.domain.events import Event
from journey.domain.project_facts import ProjectFacts, fold_project
from journey.domain.reasons import Reason
from journey.domain.verdicts import Verdict
from tests.records import SHANGHAI, instant, told

PLANNED: dict[str, Any] = {"batch": "A", "buildings": ["3", "4"], "contract_handover_date": "2026-06-30"}


def folded(*events: Event, now: str = "2026-05-10 10:00") -> ProjectFacts:
    return fold_project(events, {"B": ["7"]}, now=instant(now), zone=SHANGHAI)


def reached(
    when: str, ident: str, scope: dict[str, str] | None = None, milestone: str = "completion-accepted"
) -> Event:
    event = told("milestone.reached", when, ident=ident, milestone=milestone, on=when[:10])
    return Event(
        event.id, event.type, event.occurred_at, event.recorded_at, event.data, "test", ident, None, None, scope
    )


def completion(found: ProjectFacts, batch: str) -> str | None:
    date = found.batches[batch].dates.get("completion")
    return date["on"] if date else None


def test_a_batch_is_planned_with_its_buildings_and_dates() -> None:
    found = folded(told("batch.planned", "2026-01-10 10:00", ident="p", **PLANNED))

    batch = found.batches["A"]
    assert batch.buildings == ["3", "4"]
    assert batch.dates["contract_handover"] == {
        "on": "2026-06-30",
        "at": instant("2026-01-10 10:00").isoformat(),
        "known_at": instant("2026-01-10 10:00").isoformat(),
        "event": "p",
        "moved_by": "p",
    }


def test_batches_known_without_an_event_stay() -> None:
    assert folded().batches["B"].buildings == ["7"]


def test_a_rescheduled_batch_keeps_what_was_not_named() -> None:
    later: dict[str, Any] = {"batch": "A", "handover_from": "2026-07-01", "handover_to": "2026-07-10"}

    found = folded(
        told("batch.planned", "2026-01-10 10:00", ident="p", **PLANNED),
        told("batch.rescheduled", "2026-02-10 10:00", ident="r", **later),
    )

    batch = found.batches["A"]
    assert batch.buildings == ["3", "4"]
    assert batch.dates["contract_handover"]["event"] == "p"
    assert batch.dates["handover_from"]["event"] == "r"


def test_a_completion_holds_for_the_building_the_batch_or_the_whole_project() -> None:
    planned = told("batch.planned", "2026-01-10 10:00", ident="p", **PLANNED)

    whole = folded(planned, reached("2026-04-28 10:00", "m"))
    building = folded(planned, reached("2026-04-28 10:00", "m", {"building": "3"}))
    batch = folded(planned, reached("2026-04-28 10:00", "m", {"batch": "B"}))

    assert (completion(whole, "A"), completion(whole, "B")) == ("2026-04-28", "2026-04-28")
    assert (completion(building, "A"), completion(building, "B")) == ("2026-04-28", None)
    assert (completion(batch, "A"), completion(batch, "B")) == (None, "2026-04-28")


def test_another_milestone_is_no_completion() -> None:
    assert completion(folded(reached("2026-04-28 10:00", "m", milestone="topped-out")), "B") is None


def test_a_corrected_completion_is_learnt_when_it_is_corrected() -> None:
    fix = told("event.corrected", "2026-05-02 10:00", ident="c", event_id="m", data={"on": "2026-04-30"}, reason="x")

    date = folded(reached("2026-04-28 10:00", "m"), fix).batches["B"].dates["completion"]

    assert (date["on"], date["event"], date["moved_by"]) == ("2026-04-30", "m", "c")
    assert date["known_at"] == instant("2026-05-02 10:00").isoformat()


def test_a_voided_completion_is_unknown_again() -> None:
    void = told("event.voided", "2026-05-02 10:00", ident="v", event_id="m", reason="x")

    assert completion(folded(reached("2026-04-28 10:00", "m"), void), "B") is None


def test_a_milestone_that_lies_ahead_is_kept_with_its_date_and_parked() -> None:
    found = folded(reached("2026-06-28 10:00", "m"))

    assert found.judged.opinions["m"].until is not None
    assert completion(found, "B") == "2026-06-28"


def test_a_batch_is_not_moved_to_before_the_day_on_which_that_is_told() -> None:
    planned = told("batch.planned", "2026-01-10 10:00", ident="p", **PLANNED, handover_from="2026-06-20")
    back = told("batch.rescheduled", "2026-05-01 10:00", ident="r", batch="A", handover_from="2026-01-15")

    found = folded(planned, back)

    assert found.batches["A"].dates["handover_from"]["on"] == "2026-06-20"
    assert (found.judged.opinions["r"].verdict, found.judged.opinions["r"].reason) == (
        Verdict.REFUSED,
        Reason("into-the-past-date", {"on": "2026-01-15", "told": "2026-05-01"}),
    )


def test_an_emergency_is_kept_and_says_that_no_rule_acts_on_it_yet() -> None:
    found = folded(told("emergency.declared", "2026-05-01 10:00", ident="e", text="燃气泄漏"))

    assert found.judged.opinions["e"].reason == Reason("nobody-acts")
