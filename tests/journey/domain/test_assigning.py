"""Work that an operator gives to another post: its ladder goes up from there, and comes back when that is undone."""

from dataclasses import replace
from typing import Any

from journey.domain.events import Event
from journey.domain.values import Role
from tests.lives import Life, begin, item_of
from tests.records import instant, told

CALLBACK = "signing.service-callback/epi_1/once"
SIGNED = told("contract.signed", "2025-03-20 10:00", ident="sig", waiting_minutes=5)  # the visit is on record


def assigned(to: str, when: str = "2025-03-21 10:00", task: str = "tsk_1", **more: Any) -> Event:
    return told("task.assigned", when, ident=f"to-{to}", task=task, to=to, by="op", reason="on leave", **more)


def callback(*events: Event, roles: dict[str, str] | None = None, **more: Any) -> Life:
    life = begin("2025-03-20 10:00", SIGNED, *events, **more)
    life.run(instant("2025-03-20 12:00"))
    life.record = replace(life.record, roles=roles or {"tsk_1": "keeper", "tsk_2": "sales"})
    return life


def test_the_post_and_the_one_above_it_follow_the_assignment() -> None:
    life = callback(assigned("warranty-office"))

    life.run(instant("2025-03-22 10:00"))

    assert life.last is not None
    item = item_of(life.last, CALLBACK)
    assert (item.role, item.escalates_to) == (Role.WARRANTY_OFFICE, Role.DEVELOPER_CS)
    assert [reason.code for reason in item.because] == ["assigned"]


def test_the_ladder_of_an_assigned_task_goes_up_from_its_new_post() -> None:
    life = callback(assigned("finance"))
    posts = life.record.packs.on(life.now.date()).pack.posts

    life.run(instant("2025-03-29 10:00"))

    steps = [(rung.step, rung.to) for key, rung in life.rungs if key == CALLBACK]
    above = posts[Role.FINANCE].escalates_to
    assert steps == [("warned", "finance"), ("overdue", "finance"), ("escalated", str(above))]


def test_a_plan_gives_the_task_to_the_post_that_does_not_have_it_yet() -> None:
    life = callback(assigned("finance"))
    life.now = instant("2025-03-21 10:00")
    life.tell()

    changed = {change.key: change.post for change in life.plan().changes}

    assert changed[CALLBACK] == "finance"


def test_an_assignment_that_is_taken_back_returns_the_task() -> None:
    void = told("event.voided", "2025-03-21 12:00", event_id="to-finance", reason="mistake")
    life = callback(assigned("finance"), void, roles={"tsk_1": "finance"})
    life.now = instant("2025-03-21 12:00")
    life.tell()

    changed = {change.key: change.post for change in life.plan().changes}

    assert changed[CALLBACK] == "keeper"


def test_a_task_that_was_never_assigned_is_left_where_it_was_opened() -> None:
    life = callback(roles={"tsk_1": "sales"})
    life.now = instant("2025-03-21 12:00")

    assert CALLBACK not in {change.key for change in life.plan().changes}


def test_a_colleague_by_name_leaves_the_post() -> None:
    life = callback(assigned("wang"))

    life.run(instant("2025-03-22 10:00"))

    assert life.last is not None
    assert item_of(life.last, CALLBACK).role is Role.KEEPER


def test_an_assignment_of_an_unknown_task_waits_until_it_is_known() -> None:
    life = callback(assigned("finance", task="tsk_99"))

    life.run(instant("2025-03-22 10:00"))

    assert life.last is not None
    assert life.last.opinions["to-finance"].verdict.value == "parked"
