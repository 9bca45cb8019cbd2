"""Owners whom nobody reaches: three attempts, the co-owner, a visit; a wrong number is replaced (scenario F4)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from journey.domain.entries import State
from journey.domain.events import Event
from journey.domain.values import ItemKind
from tests.lives import Life, begin, item_of
from tests.records import instant, told

COUPLE = ("psn_1", "psn_2")
CALL = "handover.call/epi_1/once"


def signed() -> Event:
    return told("contract.signed", "2025-03-20 10:00", ident="contract", contract_handover_date="2026-07-10")


def tried(life: Life, key: str, when: str) -> None:
    """An attempt that reached nobody."""
    task = life.record.entries[key].task
    life.now = instant(when)
    life.tell(told("call.result", when, reached=False, about={"task": task}, ident=f"try {key} {when}"))
    life.run(instant(when) + timedelta(minutes=5))


def unreached(**more: Any) -> Life:
    life = begin("2026-06-20 09:00", signed(), **more)
    life.run(instant("2026-06-29 09:00"))
    for when in ("2026-06-30 10:00", "2026-07-01 15:00", "2026-07-02 19:00"):
        tried(life, CALL, when)
    return life


def test_a_sole_owner_whom_no_call_reached_is_visited() -> None:
    life = unreached()

    call, (visit,) = life.record.entries[CALL], life.of("handover.visit-unreachable")
    assert (call.state, call.reason.code if call.reason else None) == (State.FAILED, "unreachable")
    assert visit.state is State.OPEN
    assert life.last is not None
    assert item_of(life.last, visit.key).kind is ItemKind.VISIT
    assert visit.due == instant("2026-07-07 18:00")


def test_the_co_owner_is_called_first_and_the_visit_follows_when_he_does_not_answer_either() -> None:
    life = unreached(owners=COUPLE)

    (other,) = life.of("handover.call-co-owner")
    assert other.item["params"]["person"] == "psn_2"
    assert not life.of("handover.visit-unreachable")
    tried(life, other.key, "2026-07-03 10:00")
    tried(life, other.key, "2026-07-04 15:00")
    assert [entry.state for entry in life.of("handover.visit-unreachable")] == [State.OPEN]


def test_two_attempts_are_not_enough() -> None:
    life = begin("2026-06-20 09:00", signed())
    life.run(instant("2026-06-29 09:00"))
    tried(life, CALL, "2026-06-30 10:00")
    tried(life, CALL, "2026-07-01 15:00")

    assert life.state(CALL) is State.OPEN
    assert not life.of("handover.visit-unreachable")


def test_planning_again_finds_the_same_follow_up() -> None:
    life = unreached()
    found = life.plan()

    assert found.changes == []
    assert len({item.key for item in found.agenda}) == len(found.agenda)


def test_a_wrong_number_without_another_address_is_replaced_before_the_handover() -> None:
    life = begin("2026-06-20 09:00", signed())
    life.tell(told("contact.invalid", "2026-06-21 10:00", ident="wrong", person="psn_1", channel="phone"))
    life.now = instant("2026-06-21 10:00")
    life.record = replace(life.record, no_contact={"psn_1": life.now})
    life.run(instant("2026-06-22 09:00"))
    key = "handover.find-contact/epi_1/wrong"
    assert life.state(key) is State.OPEN

    life.tell(told("contact.changed", "2026-06-22 10:00", ident="right", person="psn_1", channel="phone"))
    life.run(instant("2026-06-22 11:00"))

    assert (life.state(key), life.record.entries[key].fact) == (State.DONE, "right")


def test_a_wrong_number_beside_a_valid_address_asks_for_nothing() -> None:
    life = begin("2026-06-20 09:00", signed())
    life.tell(told("contact.invalid", "2026-06-21 10:00", ident="wrong", person="psn_1", channel="phone"))
    life.run(instant("2026-06-22 09:00"))

    assert not life.of("handover.find-contact")


def test_nobody_is_visited_after_the_keys() -> None:
    life = unreached()
    life.tell(told("handover.accepted", "2026-07-03 10:00"))
    life.run(instant("2026-07-03 11:00"))

    assert [entry.state for entry in life.of("handover.visit-unreachable")] == [State.WITHDRAWN]


def test_a_visit_that_met_nobody_is_an_attempt_and_not_a_result() -> None:
    life = unreached()
    (visit,) = life.of("handover.visit-unreachable")
    life.now = instant("2026-07-03 10:00")
    life.tell(told("visit.recorded", "2026-07-03 10:00", reached=False, about={"task": visit.task}))
    life.run(instant("2026-07-03 11:00"))

    (visit,) = life.of("handover.visit-unreachable")
    assert (visit.state, visit.attempts) == (State.OPEN, 1)


def test_who_came_and_refused_is_not_looked_for_any_more() -> None:
    life = unreached(owners=COUPLE)
    (other,) = life.of("handover.call-co-owner")
    tried(life, other.key, "2026-07-03 10:00")
    tried(life, other.key, "2026-07-04 15:00")
    life.tell(told("handover.refused", "2026-07-05 10:00", ident="no", justified=True))
    life.now = instant("2026-07-05 10:00")
    life.run(instant("2026-07-05 11:00"))

    assert [entry.state for entry in life.of("handover.visit-unreachable")] == [State.WITHDRAWN]
    assert [entry.state for entry in life.of("handover.call-co-owner")] == [State.FAILED]
    assert life.state("handover.re-inspection/epi_1/no") is State.OPEN


def test_who_was_not_reached_and_stayed_away_is_still_looked_for() -> None:
    life = unreached()
    life.tell(told("handover.no_show", "2026-07-05 10:00", ident="absent"))
    life.now = instant("2026-07-05 10:00")
    life.run(instant("2026-07-05 11:00"))

    assert [entry.state for entry in life.of("handover.visit-unreachable")] == [State.OPEN]
