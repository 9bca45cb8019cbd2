"""What operators and staff do: skip, redo, reschedule, results, attempts, refusals."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from journey.domain.clocks import local
from journey.domain.entries import State
from journey.domain.events import Event
from journey.domain.reasons import Reason
from tests.lives import Life, begin, item_of
from tests.records import SHANGHAI, completion, instant, told

CALLBACK = "signing.service-callback/epi_1/once"
CONTACT = "signing.keeper-contact/epi_1/once"
FILING = "signing.filing/epi_1/once"
WELCOME = "signing.keeper-welcome/epi_1/once"
SIGNED = told("contract.signed", "2025-03-20 10:00", ident="sig", waiting_minutes=5)  # the visit is on record


def called(when: str, ident: str, reached: bool = False, task: str = "tsk_1") -> Event:
    about = {"task": task}
    return told("call.result", when, ident=ident, person="psn_1", about=about, reached=reached)


def decided(kind: str, when: str, key: str, ident: str, **more: Any) -> Event:
    return told(kind, when, ident=ident, key=key, by="op", reason="asked", **more)


def callback(*events: Event) -> Life:
    return begin("2025-03-20 10:00", SIGNED, *events)


def reason_code(life: Life, key: str) -> str | None:
    reason = life.record.entries[key].reason
    return reason.code if reason else None


def test_a_skipped_item_is_not_done() -> None:
    life = begin(
        "2025-03-15 10:00",
        told("subscription.signed", "2025-03-15 10:00"),
        decided("item.skipped", "2025-03-15 10:00", CONTACT, "skip"),
    )

    life.run(instant("2025-04-15 10:00"))

    assert (life.state(CONTACT), reason_code(life, CONTACT)) == (State.SKIPPED, "skipped-by-operator")
    assert CONTACT not in [key for _, key in life.opened]


def test_a_running_task_that_is_skipped_is_closed() -> None:
    life = callback(decided("item.skipped", "2025-03-22 10:00", CALLBACK, "skip"))

    life.run(instant("2025-03-23 10:00"))

    assert life.state(CALLBACK) is State.SKIPPED


def test_a_skip_that_is_voided_arms_the_item_again() -> None:
    life = callback(
        decided("item.skipped", "2025-03-22 10:00", CALLBACK, "skip"),
        told("event.voided", "2025-03-23 10:00", event_id="skip", reason="mistake"),
    )

    life.run(instant("2025-03-24 10:00"))

    assert life.state(CALLBACK) is State.OPEN
    assert [key for _, key in life.opened].count(CALLBACK) == 2


def test_a_redo_asks_again_under_a_key_of_its_own() -> None:
    life = callback(
        told("task.result", "2025-03-21 10:00", task="tsk_1", outcome="done"),
        decided("item.redone", "2025-03-24 10:00", CALLBACK, "again"),
    )

    life.run(instant("2025-03-24 12:00"))

    assert life.state(CALLBACK) is State.DONE
    assert life.state(f"{CALLBACK}~again") is State.OPEN
    assert life.last is not None
    assert item_of(life.last, f"{CALLBACK}~again").due == instant("2025-03-26 18:00")


def test_a_redo_is_not_done_by_the_result_of_the_first_time() -> None:
    by_name = told("task.result", "2025-03-21 10:00", about={"item": "signing.service-callback"}, outcome="done")
    life = callback(by_name, decided("item.redone", "2025-03-24 10:00", CALLBACK, "again"))

    life.run(instant("2025-03-24 12:00"))

    assert life.state(CALLBACK) is State.DONE
    assert life.state(f"{CALLBACK}~again") is State.OPEN


def test_a_redo_of_a_redo_is_a_third_one() -> None:
    life = begin(
        "2025-03-15 10:00",
        told("subscription.signed", "2025-03-15 10:00"),
        decided("item.redone", "2025-03-16 10:00", WELCOME, "again"),
        decided("item.redone", "2025-03-17 10:00", f"{WELCOME}~again", "more"),
    )

    life.run(instant("2025-03-18 10:00"))

    assert [key for _, key in life.sent if WELCOME in key] == [WELCOME, f"{WELCOME}~again", f"{WELCOME}~more"]


def test_a_missed_item_can_be_redone() -> None:
    life = begin(
        "2026-01-10 10:00",
        told("subscription.signed", "2025-03-15 10:00", recorded="2026-01-10 10:00"),
        decided("item.redone", "2026-01-11 10:00", WELCOME, "again"),
        started=instant("2026-01-01 00:00"),
    )

    life.run(instant("2026-01-12 10:00"))

    assert life.state(WELCOME) is State.MISSED
    assert [key for _, key in life.sent] == [f"{WELCOME}~again"]


def test_a_new_date_moves_due_warning_and_escalation() -> None:
    move = decided("item.rescheduled", "2025-03-21 10:00", CALLBACK, "move", to="2025-04-10T16:00:00+08:00")
    life = callback(move)

    life.run(instant("2025-04-12 10:00"))

    steps = [(rung.step, rung.at) for key, rung in life.rungs if key == CALLBACK]
    assert steps == [
        ("warned", instant("2025-04-08 16:00")),
        ("overdue", instant("2025-04-10 16:00")),
        ("escalated", instant("2025-04-11 16:00")),
    ]


def test_a_warned_task_moved_far_ahead_is_warned_again() -> None:
    move = decided("item.rescheduled", "2025-03-26 10:00", CALLBACK, "move", to="2025-04-10T16:00:00+08:00")
    life = callback(move)

    life.run(instant("2025-04-09 10:00"))

    assert [rung.step for key, rung in life.rungs if key == CALLBACK] == ["warned", "warned"]


def test_an_overdue_task_moved_ahead_climbs_its_ladder_again() -> None:
    move = decided("item.rescheduled", "2025-03-30 10:00", CALLBACK, "move", to="2025-04-10T16:00:00+08:00")
    life = callback(move)

    life.run(instant("2025-04-01 10:00"))
    between = life.state(CALLBACK)
    life.run(instant("2025-04-12 10:00"))

    assert between is State.OPEN
    assert [rung.step for key, rung in life.rungs if key == CALLBACK][-2:] == ["overdue", "escalated"]
    assert [key for _, key in life.opened if key in (CALLBACK, FILING)] == [CALLBACK, FILING]


def test_a_redone_item_can_be_moved_too() -> None:
    life = begin(
        "2025-03-15 10:00",
        told("subscription.signed", "2025-03-15 10:00"),
        decided("item.rescheduled", "2025-03-15 12:00", f"{WELCOME}~again", "move", to="2025-03-20T09:00:00+08:00"),
        decided("item.redone", "2025-03-16 10:00", WELCOME, "again"),
    )

    life.run(instant("2025-03-21 10:00"))

    assert (instant("2025-03-20 09:00"), f"{WELCOME}~again") in life.sent


def test_a_new_date_of_a_statutory_duty_never_passes_the_law() -> None:
    move = decided("item.rescheduled", "2025-03-21 10:00", FILING, "move", to="2025-06-30T16:00:00+08:00")
    life = callback(move)

    life.run(instant("2025-03-22 10:00"))

    assert life.last is not None
    item = item_of(life.last, FILING)
    assert item.due == item.legal_due == instant("2025-04-21 23:59") + timedelta(seconds=59)
    assert [reason.code for reason in item.because][-2:] == ["rescheduled", "kept-to-law"]


def test_a_new_date_within_the_law_moves_our_own_target_only() -> None:
    move = decided("item.rescheduled", "2025-03-21 10:00", FILING, "move", to="2025-04-02T16:00:00+08:00")
    before, life = callback(), callback(move)

    for each in (before, life):
        each.run(instant("2025-03-22 10:00"))

    assert before.last is not None
    assert life.last is not None
    item = item_of(life.last, FILING)
    assert item.due == instant("2025-04-02 16:00")
    assert item.legal_due == item_of(before.last, FILING).legal_due


def test_a_new_date_in_the_past_is_refused_and_moves_nothing() -> None:
    life = callback(decided("item.rescheduled", "2025-03-21 10:00", CALLBACK, "move", to="2025-03-21T10:00:00+08:00"))

    life.run(instant("2025-03-22 10:00"))

    assert life.last is not None
    opinion = life.last.opinions["move"]
    assert (opinion.verdict.value, opinion.reason and opinion.reason.code) == ("refused", "into-the-past")
    assert life.record.entries[CALLBACK].due == instant("2025-03-27 18:00")


def test_a_decision_on_what_nobody_asks_for_says_that_it_does_nothing() -> None:
    nothing = "signing.service-callback/epi_1/twice"
    life = callback(
        decided("item.skipped", "2025-03-21 10:00", nothing, "skip"),
        decided("item.redone", "2025-03-21 10:00", "signing.read-contract/epi_1/once", "again"),
        decided("item.skipped", "2025-03-21 10:00", CALLBACK, "real"),
    )

    life.run(instant("2025-03-22 10:00"))

    assert life.last is not None
    reasons = {ident: life.last.opinions[ident].reason for ident in ("skip", "again", "real")}
    assert {ident: reason and reason.code for ident, reason in reasons.items()} == {
        "skip": "nothing-asked",
        "again": "nothing-asked",
        "real": None,
    }


def test_a_suppressed_message_that_is_skipped_stays_unsent_whatever_ends_its_reason() -> None:
    life = begin("2025-03-15 10:00", told("subscription.signed", "2025-03-15 10:00"))
    life.send = lambda item, now: (State.SUPPRESSED, Reason("no-consent"), None)
    life.run(instant("2025-03-15 12:00"))

    life.tell(decided("item.skipped", "2025-03-15 13:00", WELCOME, "skip"))
    life.run(instant("2025-03-15 14:00"))

    assert (life.state(WELCOME), reason_code(life, WELCOME)) == (State.SKIPPED, "skipped-by-operator")


def test_a_date_that_does_not_read_moves_nothing() -> None:
    life = callback(decided("item.rescheduled", "2025-03-21 10:00", CALLBACK, "move", to="soon"))

    life.run(instant("2025-03-22 10:00"))

    assert life.record.entries[CALLBACK].due == instant("2025-03-27 18:00")


def test_not_reached_three_times_gives_up() -> None:
    life = callback(called("2025-03-21 10:10", "c1"), called("2025-03-22 15:00", "c2"))
    life.run(instant("2025-03-22 20:00"))
    twice = life.record.entries[CALLBACK]

    life.tell(called("2025-03-23 19:00", "c3"))
    life.run(instant("2025-03-24 10:00"))

    assert (twice.state, twice.attempts) == (State.OPEN, 2)
    entry = life.record.entries[CALLBACK]
    assert (entry.state, reason_code(life, CALLBACK), entry.attempts) == (State.FAILED, "unreachable", 3)


def test_the_next_attempts_fall_on_other_days_and_hours() -> None:
    life = callback(called("2025-03-21 15:20", "c1"))
    life.run(instant("2025-03-21 16:00"))
    second = life.record.entries[CALLBACK].next_attempt
    life.tell(called("2025-03-22 10:00", "c2"))
    life.run(instant("2025-03-22 11:00"))
    third = life.record.entries[CALLBACK].next_attempt

    assert second == instant("2025-03-22 10:00")
    assert third == instant("2025-03-23 19:00")


def test_no_attempt_is_set_on_a_no_call_day() -> None:
    life = begin(
        "2026-02-09 10:00",
        told("contract.signed", "2026-02-09 10:00", waiting_minutes=5),
        called("2026-02-15 10:00", "c1"),
    )

    life.run(instant("2026-02-15 11:00"))

    attempt = life.record.entries[CALLBACK].next_attempt
    assert attempt is not None
    assert local(attempt, SHANGHAI).date().isoformat() == "2026-02-20"


def test_a_voided_attempt_is_not_counted() -> None:
    life = callback(called("2025-03-21 10:00", "c1"))
    life.run(instant("2025-03-21 11:00"))

    life.tell(told("event.voided", "2025-03-21 12:00", event_id="c1", reason="wrong owner"))
    life.run(instant("2025-03-21 13:00"))

    entry = life.record.entries[CALLBACK]
    assert (entry.attempts, entry.next_attempt) == (0, None)


def test_a_call_that_reached_the_owner_is_done_at_its_instant() -> None:
    life = callback(called("2025-03-21 10:00", "c1", reached=True))

    life.run(instant("2025-03-22 10:00"))

    entry = life.record.entries[CALLBACK]
    assert (entry.state, entry.at, entry.fact) == (State.DONE, instant("2025-03-21 10:00"), "c1")


def test_a_refusal_ends_the_task() -> None:
    life = callback(told("task.result", "2025-03-21 10:00", task="tsk_1", outcome="refused"))

    life.run(instant("2025-03-22 10:00"))

    assert (life.state(CALLBACK), reason_code(life, CALLBACK)) == (State.FAILED, "refused-by-owner")


def test_a_result_taken_back_opens_the_work_again() -> None:
    life = callback(
        called("2025-03-21 10:00", "c1", reached=True),
        told("event.voided", "2025-03-22 10:00", event_id="c1", reason="another home"),
    )

    life.run(instant("2025-03-23 10:00"))

    assert life.state(CALLBACK) is State.OPEN


def test_a_result_by_name_meets_the_item_without_its_task() -> None:
    by_name = told("task.result", "2025-03-21 10:00", about={"item": "signing.service-callback"}, outcome="done")

    life = callback(by_name)
    life.run(instant("2025-03-22 10:00"))

    assert life.state(CALLBACK) is State.DONE


def test_a_result_by_name_is_not_about_occurrences_of_years_to_come() -> None:
    about = {"item": "warranty.joint-check"}
    life = begin(
        "2026-06-27 10:00",
        told("handover.accepted", "2026-06-27 10:00"),
        told("task.result", "2026-11-20 10:00", about=about, outcome="done"),
        batch=completion("2026-04-28"),
    )

    life.run(instant("2027-06-27 10:00"))

    checks = {entry.key.split("/")[-1]: entry.state for entry in life.of("warranty.joint-check")}
    assert checks["pipe-blockage"] is State.DONE
    assert checks["sanitary-ware"] is State.ESCALATED


def test_a_result_that_names_the_occurrence_is_about_that_one() -> None:
    about = {"item": "warranty.joint-check", "occurrence": "sanitary-ware"}
    life = begin(
        "2026-06-27 10:00",
        told("handover.accepted", "2026-06-27 10:00"),
        told("task.result", "2026-11-20 10:00", about=about, outcome="done"),
        batch=completion("2026-04-28"),
    )

    life.run(instant("2026-11-21 10:00"))

    checks = {entry.key.split("/")[-1]: entry.state for entry in life.of("warranty.joint-check")}
    assert checks == {"pipe-blockage": State.OPEN, "sanitary-ware": State.DONE}


def test_a_rung_that_keeps_failing_waits_and_the_rest_goes_on() -> None:
    life = callback()
    life.run(instant("2025-03-21 10:00"))
    life.write(replace(life.record.entries[CALLBACK], until=instant("2025-03-25 19:00"), tries=1))

    life.run(instant("2025-03-25 18:30"))
    waiting = life.state(CALLBACK)
    life.run(instant("2025-03-25 19:00") + timedelta(seconds=1))

    assert waiting is State.OPEN
    assert life.state(CALLBACK) is State.WARNED
