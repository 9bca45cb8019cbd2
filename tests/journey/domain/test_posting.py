"""Posted notices: a task for each building, done with a photo, and proof of nothing."""

from typing import Any

import pytest

from journey.domain.clocks import local_date
from journey.domain.entries import State
from journey.domain.evidence import has_photo
from journey.domain.items import Item
from journey.domain.planner import Plan
from journey.domain.values import Role
from tests.journey.domain.shared_lives import BATCH, PROJECT, SharedLife, gate, life_of, planned_batch, scoped
from tests.lives import done_after, item_of
from tests.records import SHANGHAI, instant, told

HANDOVER = f"batch.handover-posting/{BATCH}"
READY = gate("ready-to-hand-over", "2026-05-15 11:00")
TWO: dict[str, Any] = {"buildings": ["3", "5"]}


def posted(found: Plan, rule: str) -> list[Item]:
    return sorted((item for item in found.agenda if item.rule == rule), key=lambda item: item.key)


def report(life: SharedLife, key: str, when: str, evidence: Any) -> None:
    task = life.record.entries[key].task
    life.now = instant(when)
    life.tell(told("task.result", when, task=task, outcome="done", by="wu", at=instant(when).isoformat(),
                   evidence=evidence, about={"task": task}))  # fmt: skip
    life.run(instant(when))


def test_each_building_of_a_batch_is_posted_a_fortnight_before_it_is_handed_over() -> None:
    found = life_of(BATCH, "2026-05-20 10:00", planned_batch(**TWO), READY).plan()

    items = posted(found, "batch.handover-posting")
    assert [(item.params["building"], item.role) for item in items] == [
        ("3", Role.PROPERTY_CS), ("5", Role.PROPERTY_CS),
    ]  # fmt: skip
    assert {local_date(item.due, SHANGHAI).isoformat() for item in items} == {"2026-06-12"}
    assert items[0].escalates_to is Role.DEVELOPER_CS


def test_it_waits_for_the_gate_as_the_notices_do() -> None:
    life = life_of(BATCH, "2026-06-01 10:00", planned_batch())
    life.run(instant("2026-06-10 10:00"))
    assert life.state(f"{HANDOVER}/3") is State.HELD

    life.tell(gate("ready-to-hand-over", "2026-06-10 11:00"))
    life.run(instant("2026-06-10 12:00"))
    assert life.state(f"{HANDOVER}/3") is State.OPEN


def test_words_alone_do_not_finish_it_a_photo_does_and_a_moved_day_asks_for_another() -> None:
    life = life_of(BATCH, "2026-06-01 10:00", planned_batch(), READY)
    life.run(instant("2026-06-02 10:00"))

    report(life, f"{HANDOVER}/3", "2026-06-03 10:00", "贴好了")
    assert life.state(f"{HANDOVER}/3") is State.OPEN
    report(life, f"{HANDOVER}/3", "2026-06-03 11:00", [{"photo": "lobby.JPG"}])
    assert life.state(f"{HANDOVER}/3") is State.DONE

    life.tell(told("batch.rescheduled", "2026-06-04 10:00", ident="moved", batch="3", buildings=["3"],
                   handover_from="2026-07-27", handover_to="2026-07-30"))  # fmt: skip
    life.run(instant("2026-07-05 10:00"))
    assert life.state(f"{HANDOVER}/3~moved") is State.OPEN


@pytest.mark.parametrize(
    ("scope", "buildings"),
    [({"building": "5"}, ["5"]), ({"batch": "3"}, ["3", "5"]), ({}, ["3", "5"]), ({"batch": "9"}, [])],
    ids=["one building", "a batch", "everywhere", "a batch that there is not"],
)
def test_an_emergency_is_posted_within_two_hours_in_each_building_concerned(
    scope: dict[str, str], buildings: list[str]
) -> None:
    declared = scoped(told("emergency.declared", "2026-06-01 22:00", ident="gas", text="燃气泄漏"), **scope)

    found = life_of(PROJECT, "2026-06-01 22:01", planned_batch(**TWO), declared).plan()

    items = posted(found, "project.emergency-posting")
    assert [item.params["building"] for item in items] == buildings
    assert {item.due for item in items} <= {instant("2026-06-02 00:00")}
    assert all("燃气" not in str(item.document()) for item in items)  # the words stay where they were told


def test_an_emergency_of_long_ago_is_posted_no_more() -> None:
    declared = told("emergency.declared", "2026-06-01 22:00", ident="gas", text="燃气泄漏")

    found = life_of(PROJECT, "2026-06-20 09:00", planned_batch(), declared).plan()

    assert posted(found, "project.emergency-posting") == []


def test_the_end_of_covers_is_posted_two_months_before_the_first_of_a_building_ends() -> None:
    life = life_of(PROJECT, "2026-06-28 10:00", planned_batch())
    life.staff = done_after()
    assert posted(life.plan(), "project.warranty-posting") == []

    life.run(instant("2028-04-20 10:00"))

    item = item_of(life.plan(), f"project.warranty-posting/{PROJECT}/3/3/electrical")
    assert local_date(item.planned_due, SHANGHAI).isoformat() == "2028-04-27"
    assert item.params["ends"] == "2028-06-27"
    assert {"electrical", "plumbing", "decoration"} <= set(item.params["components"])
    assert "roof-waterproof" not in item.params["components"]


@pytest.mark.parametrize(
    ("evidence", "shows"),
    [
        ("a.jpg", True), ({"photo": "lobby.HEIC"}, True), (["贴好了", "b.png"], True), ("f" * 64, True),
        (f"sha256:{'0' * 64}", True), ("https://files.example.com/x.webp?v=2", True), ("贴好了", False), (None, False),
        ([], False), ("report.docx", False), ({"n": 3}, False), ("f" * 63, False),
    ],
)  # fmt: skip
def test_a_photo_is_a_picture_by_name_address_or_hash(evidence: Any, shows: bool) -> None:
    assert has_photo(evidence) is shows
