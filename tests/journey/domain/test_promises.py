"""Promises: a day, a post, and work above sales when one is broken (A012)."""

from typing import Any

from journey.domain.entries import State
from journey.domain.events import Event
from journey.domain.values import Role
from tests.lives import begin, item_of, items_of, planned
from tests.records import instant, told

SIGNED = told("contract.signed", "2025-03-20 10:00", waiting_minutes=5)
RULE = "signing.promise"


def promise(**more: Any) -> Event:
    return told("promise.recorded", "2025-03-15 11:00", ident="p", what="车位", **more)


def test_a_promise_is_due_on_the_agreed_day_or_a_month_after_it_was_made() -> None:
    assert items_of(planned("2025-03-20 11:00", SIGNED, promise()), RULE)[0].due == instant("2025-04-14 18:00")
    agreed = planned("2025-03-20 11:00", SIGNED, promise(until="2025-05-03"))
    assert items_of(agreed, RULE)[0].due == instant("2025-04-30 18:00")  # out of the May holiday


def test_promises_of_a_call_stay_with_the_post_that_called() -> None:
    said = [{"what": "换门", "by": "2025-04-02"}, {"what": "回电", "by": "keeper-3"}]
    call = told("call.result", "2025-03-21 10:00", ident="c", person="psn_1", reached=True, promises=said,
                about={"task": "tsk_9"})  # fmt: skip

    found = planned("2025-03-21 11:00", SIGNED, call, known=frozenset({"tsk_9"}), roles={"tsk_9": "keeper"})

    (item,) = items_of(found, RULE)
    assert (item.role, item.due, item.params["count"]) == (Role.KEEPER, instant("2025-04-02 18:00"), 2)
    assert found.ledgers["promises"]["open"] == [{"event": "c", "on": "2025-03-21", "until": "2025-04-02", "count": 2}]


def test_a_kept_promise_is_done_by_the_word_that_says_so() -> None:
    life = begin("2025-03-15 10:00", promise(), told("promise.kept", "2025-04-01 10:00", ident="k", promise="p"))

    life.run(instant("2025-04-02 10:00"))

    entry = life.record.entries[f"{RULE}/epi_1/p"]
    assert (entry.state, entry.at) == (State.DONE, instant("2025-04-01 10:00"))
    assert life.last is not None
    assert life.last.ledgers["promises"] == {"open": [], "kept": 1, "broken": 0}


def test_work_reported_done_has_kept_the_promise() -> None:
    life = begin("2025-03-15 10:00", promise())
    life.run(instant("2025-04-02 10:00"))
    task = life.record.entries[f"{RULE}/epi_1/p"].task
    life.tell(told("task.result", "2025-04-02 11:00", task=task, about={"task": task}, outcome="done", by="s"))

    life.run(instant("2025-04-03 10:00"))

    assert life.last is not None
    assert life.last.ledgers["promises"] == {"open": [], "kept": 1, "broken": 0}


def test_a_broken_promise_goes_to_the_post_above_sales_even_when_nobody_recorded_it() -> None:
    found = planned("2025-04-02 11:00", SIGNED, told("promise.breached", "2025-04-02 10:00", ident="b", what="车位"))

    item = item_of(found, "signing.promise-breach/epi_1/b")
    assert (item.role, item.escalates_to) == (Role.DEVELOPER_CS, Role.GROUP_CS)
    assert item.due == instant("2025-04-08 18:00")  # three working days, past 清明


def test_a_broken_promise_is_not_waited_for_any_more() -> None:
    life = begin("2025-03-15 10:00", promise(), told("promise.breached", "2025-04-03 10:00", ident="b", promise="p"))

    life.run(instant("2025-04-04 10:00"))

    assert life.state(f"{RULE}/epi_1/p") is State.WITHDRAWN
    assert life.state("signing.promise-breach/epi_1/b") is State.OPEN


def test_a_journey_without_promises_has_no_such_ledger() -> None:
    assert planned("2025-03-20 11:00", told("contract.signed", "2025-03-20 10:00")).ledgers == {}


def breached(when: str = "2025-04-02 10:00", **more: Any) -> Event:
    return told("promise.breached", when, ident=f"b_{when}", reason="无车位", **more)


def test_a_breach_that_names_no_promise_is_of_the_only_open_one() -> None:
    life = begin("2025-03-15 10:00", promise(), breached())
    life.run(instant("2025-04-01 10:00"))
    assert life.state(f"{RULE}/epi_1/p") is State.OPEN

    life.run(instant("2025-04-03 10:00"))

    assert life.state(f"{RULE}/epi_1/p") is State.WITHDRAWN
    assert life.state("signing.promise-breach/epi_1/b_2025-04-02 10:00") is State.OPEN
    assert life.last is not None
    assert life.last.ledgers["promises"] == {"open": [], "kept": 0, "broken": 1}


def test_a_breach_that_could_be_of_two_promises_ends_neither() -> None:
    other = told("promise.recorded", "2025-03-16 11:00", ident="q", what="学位")
    life = begin("2025-03-15 10:00", promise(), other, breached()).run(instant("2025-04-03 10:00"))

    assert life.last is not None
    assert [one["event"] for one in life.last.ledgers["promises"]["open"]] == ["p", "q"]


def test_a_breach_is_of_the_promise_that_was_open_then_not_of_one_kept_or_made_later() -> None:
    kept = told("promise.kept", "2025-03-20 10:00", ident="k", promise="p")
    second = told("promise.recorded", "2025-03-21 11:00", ident="q", what="学位")
    later = told("promise.recorded", "2025-04-05 11:00", ident="r", what="绿化")
    life = begin("2025-03-15 10:00", promise(), kept, second, breached(), later).run(instant("2025-04-06 10:00"))

    assert life.last is not None
    assert life.last.ledgers["promises"]["kept"] == 1
    assert life.last.ledgers["promises"]["broken"] == 1
    assert [one["event"] for one in life.last.ledgers["promises"]["open"]] == ["r"]


def test_work_that_was_done_before_has_kept_its_promise_whatever_is_said_without_naming_it() -> None:
    life = begin("2025-03-15 10:00", promise()).run(instant("2025-04-01 10:00"))
    task = life.record.entries[f"{RULE}/epi_1/p"].task
    life.tell(told("task.result", "2025-04-01 11:00", task=task, about={"task": task}, outcome="done", by="s"))
    life.tell(breached())
    life.run(instant("2025-04-03 10:00"))

    assert life.last is not None
    assert life.last.ledgers["promises"] == {"open": [], "kept": 1, "broken": 0}
