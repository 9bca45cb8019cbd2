"""Scenarios 1, 3 and 7 of the domain, a late batch through to the cancellation, and days that move."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.scenarios.living import Life, codes, live, minute, steps

pytestmark = pytest.mark.server


def dues(home: Life, *items: str) -> dict[str, str]:
    return {item: minute(home.entry(item)["due"]) for item in items}


def entries(home: Life, item: str) -> list[Mapping[str, Any]]:
    return [entry for entry in home.journey["entries"] if entry["item"] == item]


@pytest.mark.slow
async def test_scenario_1_from_the_subscription_to_the_title() -> None:
    home = (await live("handover_from_subscription")).home("3-1-1202")

    assert dues(
        home, "signing.keeper-contact", "signing.service-callback", "signing.filing",
        "handover.notice", "handover.information", "handover.call", "handover.reminder", "handover.title",
    ) == {
        "signing.keeper-contact": "2025-03-22T18:00",
        "signing.service-callback": "2025-03-27T18:00",
        "signing.filing": "2025-04-18T18:00",
        "handover.notice": "2026-05-28T08:00",
        "handover.information": "2026-06-13T08:00",
        "handover.call": "2026-06-18T18:00",
        "handover.reminder": "2026-06-26T08:00",
        "handover.title": "2026-09-24T18:00",
    }  # fmt: skip
    (letter,) = entries(home, "handover.formal-notice")
    assert (letter["person"], letter["kind"], letter["outcome"], minute(letter["at"])) == (
        "zw", "letter", "served", "2026-06-12T10:00",
    )  # fmt: skip
    title = home.entry("handover.title")
    assert title["legal_due"] == "2026-09-28T23:59:59+08:00"
    assert (title["outcome"], minute(title["at"])) == ("done", "2026-09-22T15:00")
    assert home.entry("handover.maintenance-fund-check")["outcome"] == "done"
    assert home.entry("handover.snags", entries(home, "handover.snags")[0]["occurrence"])["outcome"] == "open"
    assert home.cover("decoration") == ("2028-06-27", "2028-04-28", 60)
    assert home.cover("wet-room") == ("2031-06-27", "2031-04-28", 60)
    assert minute(home.entry("warranty.expiry-notice", "electrical/m-2")["at"]) == "2028-04-27T08:00"
    assert home.journey["ledgers"] == {}
    assert all(entry["requirement"] for entry in home.journey["entries"] if entry["item"].startswith("handover."))


@pytest.mark.slow
async def test_scenario_3_refusals_with_and_without_a_good_reason() -> None:
    world = await live("refused_handover")
    good, bad, half = (world.home(f"3-1-{number}") for number in (1, 2, 3))

    delay = good.journey["ledgers"]["delay"]
    assert (delay["days"], delay["from"], delay["to"], delay["amount"]) == (8, "2026-07-01", "2026-07-08", "1600.00")
    case = good.entry("handover.delay-case")
    assert (minute(case["due"]), case["outcome"], minute(case["at"])) == (
        "2026-07-01T18:00", "done", "2026-07-08T11:00",
    )  # fmt: skip
    assert [entry["outcome"] for entry in entries(good, "handover.re-inspection")] == ["done"]
    assert good.cover("decoration")[0] == "2028-07-08"
    assert bad.cover("decoration")[0] == "2028-06-27"
    (told,) = entries(bad, "handover.deemed-letter")
    assert (told["kind"], minute(told["due"])) == ("letter", "2026-07-02T18:00")
    assert bad.journey["ledgers"] == {}
    assert half.journey["warranty"] == []
    assert world.refused == {
        "twice": "second-outcome",
        "too-soon": "deemed-with-valid-reason",
        "unreviewed": "deemed-without-review",
        "half-served": "deemed-notice-missing",
    }


async def test_scenario_7_every_owner_of_every_home_gets_his_notice() -> None:
    world = await live("co_owners")
    first, second = world.home("1-501"), world.home("1-502")

    for home in (first, second):
        assert home.entry("handover.notice")["outcome"] == "sent"
        assert {letter["person"] for letter in entries(home, "handover.formal-notice")} == {"wife", "husband"}
    assert {letter["outcome"] for letter in entries(first, "handover.formal-notice")} == {"served"}
    assert {(letter["person"], letter["outcome"]) for letter in entries(second, "handover.formal-notice")} == {
        ("wife", "served"), ("husband", "open"),
    }  # fmt: skip
    assert first.journey["stage"] == "occupancy"
    assert second.journey["stage"] == "handover"
    assert second.journey["warranty"] == []


async def test_a_late_batch_goes_through_demand_and_rescission_to_the_cancellation() -> None:
    world = await live("late_handover")
    home, neighbour = world.home("3-1-1"), world.home("3-1-2")

    announced = next(e for e in entries(home, "handover.notice") if "~" in e["occurrence"])
    assert (announced["outcome"], codes(announced)) == ("sent", ["announced"])
    case = home.entry("handover.delay-case")
    assert (minute(case["due"]), case["outcome"], minute(case["at"])) == (
        "2026-07-01T18:00", "withdrawn", "2026-10-20T10:00",
    )  # fmt: skip
    (answer,) = entries(home, "handover.answer-demand")
    assert minute(answer["due"]) == "2026-07-17T18:00"
    right = home.entry("handover.rescission-possible")
    assert (right["kind"], minute(right["due"]), right["outcome"]) == ("deadline", "2026-10-11T09:00", "withdrawn")
    assert right["steps"][0]["step"] in ("overdue", "escalated")
    assert dues(home, "handover.refund", "handover.withdraw-filing") == {
        "handover.refund": "2026-11-04T18:00",
        "handover.withdraw-filing": "2026-11-03T18:00",
    }
    assert {home.entry(item)["outcome"] for item in ("handover.refund", "handover.withdraw-filing")} == {"done"}
    after = {e["item"] for e in home.journey["entries"] if e["outcome"] in ("planned", "open")}
    assert (home.journey["status"], after) == ("cancelled", set())
    delay = home.journey["ledgers"]["delay"]
    assert (delay["days"], delay["to"], delay["amount"]) == (112, "2026-10-20", "22400.00")
    assert (delay["rescission_from"], delay["rescission_until"]) == ("2026-10-11", "2027-10-11")
    waiting = neighbour.journey["ledgers"]["delay"]
    assert (waiting["running"], waiting["days"], waiting["reason"]) == (True, 125, "penalty-not-agreed")
    assert not neighbour.has("handover.rescission-possible")
    assert world.refused == {"too-late": "after-cancellation"}


@pytest.mark.slow
async def test_a_day_corrected_by_a_year_is_noticed_and_one_put_off_is_announced_and_served_again() -> None:
    world = await live("moved_handover")
    corrected, put_off = world.home("3-1-1"), world.home("4-1-1")

    assert [minute(entry["at"]) for entry in entries(corrected, "handover.notice")] == ["2026-05-31T08:00"]
    assert minute(corrected.entry("handover.reminder")["at"]) == "2026-06-29T08:00"
    letters = sorted(entries(put_off, "handover.formal-notice"), key=lambda entry: str(entry["due"]))
    assert [minute(letter["due"]) for letter in letters] == ["2026-06-12T18:00", "2026-07-10T18:00"]
    first, moved = entries(put_off, "handover.notice")
    assert (minute(first["at"]), minute(moved["at"])) == ("2026-05-28T08:00", "2026-06-22T10:10")
    assert codes(moved) == ["announced"]
    assert [minute(entry["due"]) for entry in entries(put_off, "handover.call")] == [
        "2026-06-18T18:00", "2026-07-18T18:00",
    ]  # fmt: skip
    assert len(entries(put_off, "handover.information")) == 1


@pytest.mark.slow
async def test_owners_whom_no_call_reaches_are_tried_through_the_co_owner_and_then_visited() -> None:
    world = await live("unreachable_owners")
    sole, couple = world.home("3-1-1"), world.home("3-1-2")

    for home in (sole, couple):
        call = home.entry("handover.call")
        assert (call["outcome"], call["reason"]) == ("failed", "unreachable")
        assert [entry["kind"] for entry in entries(home, "handover.visit-unreachable")] == ["visit"]
    assert not sole.has("handover.call-co-owner")
    (other,) = entries(couple, "handover.call-co-owner")
    assert (other["person"], other["outcome"], other["reason"]) == ("c", "failed", "unreachable")
    assert [entry["person"] for entry in entries(sole, "handover.find-contact")] == ["a"]
    assert not couple.has("handover.find-contact")
    for home in (sole, couple):  # nobody signs for what is handed to the post
        assert {entry["outcome"] for entry in entries(home, "handover.formal-notice")} == {"done"}
        assert {entry["outcome"] for entry in entries(home, "handover.service-proof")} == {"open"}


async def test_a_formal_notice_is_served_by_proof_only_whoever_works_on_time() -> None:
    world = await live("served_notice")
    signed_for, told, unproved = (world.home(f"3-1-{number}") for number in (1, 2, 3))

    letters = entries(signed_for, "handover.formal-notice")
    assert {(letter["person"], letter["outcome"], len(letter["steps"])) for letter in letters} == {
        ("a", "served", 0), ("b", "served", 0),
    }  # fmt: skip
    assert not signed_for.has("handover.service-proof")
    assert signed_for.journey["stage"] == "handover"
    (letter,), (chase,) = entries(told, "handover.formal-notice"), entries(told, "handover.service-proof")
    assert (letter["outcome"], minute(letter["at"])) == ("served", "2026-06-12T10:00")
    assert (chase["outcome"], chase["person"], steps(chase)) == ("done", "c", [])
    (letter,), (chase,) = entries(unproved, "handover.formal-notice"), entries(unproved, "handover.service-proof")
    assert (letter["outcome"], chase["outcome"], chase["legal_due"]) == ("done", "open", "2026-06-20T23:59:59+08:00")
    assert [step[0] for step in steps(chase)] == ["warned", "overdue", "escalated"]
    assert steps(chase)[-1][1] < "2026-06-20"
    assert world.refused == {"unproved": "deemed-without-notice"}
    prepared = {entry["item"] for entry in world.document["batches"][0]["entries"]}
    assert {"batch.pre-inspection", "batch.condition", "batch.ready", "batch.display"} <= prepared


async def test_a_blocked_batch_tells_nobody_to_come_and_its_notice_comes_before_a_person_by_the_laws_day() -> None:
    home = (await live("blocked_batch")).home("3-1-1")

    (letter,) = entries(home, "handover.formal-notice")
    assert minute(letter["legal_due"]) == "2026-06-17T23:59"
    assert {step: at for step, at, _ in steps(letter)} == {
        "overdue": "2026-06-17T09:00", "escalated": "2026-06-17T09:00",
    }  # fmt: skip
    assert letter["outcome"] == "served"  # once the gate had passed
    assert minute(letter["at"]) >= "2026-06-19T10:00"
    for item in ("handover.notice", "handover.information", "handover.maintenance-fund"):
        assert minute(home.entry(item)["at"]) == "2026-06-19T10:00", item
    call = home.entry("handover.call")
    assert (call["outcome"], minute(call["at"]) >= "2026-06-19T10:00") == ("done", True)
