"""Scenarios 6 and 7 of the domain, and one life in which the home and its owners change."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.scenarios.living import Life, World, live, minute

pytestmark = pytest.mark.server


def owned(world: World, unit: str) -> list[Life]:
    """The journeys of a home, the first owner's first."""
    return [Life(journey) for journey in world.document["journeys"] if journey["unit"] == unit]


def entries(home: Life, item: str) -> list[Mapping[str, Any]]:
    return [entry for entry in home.journey["entries"] if entry["item"] == item]


@pytest.mark.slow
async def test_scenario_6_a_resale_closes_one_life_and_begins_another_on_the_same_home() -> None:
    world = await live("resale")
    old, new = owned(world, "1-601")

    assert world.refused == {"too-early": "resale-before-handover", "to-himself": "same-owners"}
    assert (old.journey["status"], new.journey["status"]) == ("transferred", "aftercare")
    (begun,) = entries(old, "ownership.begin-next")
    assert (begun["kind"], begun["outcome"], minute(begun["at"])) == ("journey", "done", "2027-10-12T11:00")
    (deposit,) = entries(old, "fit-out.refund")
    assert (minute(deposit["due"]), deposit["role"]) == ("2027-10-21T18:00", "finance")
    assert (deposit["outcome"], minute(deposit["at"])) == ("done", "2027-10-12T12:00")
    assert not new.has("fit-out.refund")
    assert {entry["item"] for entry in new.journey["entries"] if minute(entry["due"]) < "2027-11"} == {
        "ownership.welcome", "ownership.ambassador", "ownership.registration",
        "repair.acknowledge", "repair.on-site", "repair.fix", "repair.accept", "repair.callback", "survey.repair",
        "occupancy.suggestion-received", "occupancy.suggestion",
    }  # fmt: skip
    assert not any(entry["outcome"] == "missed" for entry in new.journey["entries"])
    welcome = new.entry("ownership.welcome")
    assert (welcome["outcome"], welcome["person"], minute(welcome["at"])) == ("sent", "lf", "2027-10-12T11:00")
    assert new.cover("wet-room") == old.cover("wet-room") == ("2031-06-27", "2031-04-28", 60)
    assert minute(new.entry("warranty.expiry-notice", "wet-room/m-2")["at"]) == "2031-04-27T08:00"
    assert all(minute(entry["at"]) < "2027-10-12T12" for entry in entries(old, "warranty.expiry-notice"))


@pytest.mark.slow
async def test_scenario_6_a_late_word_goes_to_the_owner_of_its_day_and_open_work_with_the_home() -> None:
    world = await live("resale")
    old, new = owned(world, "1-601")

    carried = entries(old, "ownership.carry-work")
    assert len(carried) == 2
    assert [entry["outcome"] for entry in carried] == ["done", "done"]
    assert not any(entry["outcome"] == "done" for entry in entries(old, "repair.fix"))
    assert [entry["outcome"] for entry in entries(new, "repair.fix")] == ["done", "done"]
    assert "张" not in str(new.journey)
    assert "zw" not in {entry["person"] for entry in new.journey["entries"]}


@pytest.mark.slow
async def test_a_lead_subscribes_changes_home_and_owners_takes_the_keys_and_leaves_it_to_an_heir() -> None:
    world = await live("changing_hands")
    first, heir = owned(world, "2-102")

    assert world.refused == {"stranger": "invalid-input"}
    assert [journey["unit"] for journey in world.document["journeys"]].count("1-301") == 0
    assert (first.journey["status"], heir.journey["status"], heir.journey["stage"]) == (
        "transferred", "active", "occupancy",
    )  # fmt: skip
    notice = first.entry("handover.notice")
    assert (notice["person"], notice["outcome"], minute(notice["at"])) == ("zw", "sent", "2026-05-21T08:00")
    moved = [entry for entry in entries(first, "handover.notice") if "~" in entry["occurrence"]]
    assert [(entry["person"], entry["outcome"]) for entry in moved] == [("zw", "sent")]  # the new home's day is told
    letters = {entry["person"]: entry["outcome"] for entry in entries(first, "handover.formal-notice")}
    assert letters["zw"] == "served"
    assert first.entry("handover.reminder")["person"] == "lf"
    assert heir.entry("ownership.welcome")["person"] == "zx"
    assert heir.cover("wet-room")[0] == "2031-06-27"


@pytest.mark.slow
async def test_scenario_7_a_couple_with_two_homes() -> None:
    world = await live("household")
    signed, refused = world.home("1-501"), world.home("1-502")

    assert world.refused == {"father-too-late": "agent-without-power"}
    assert (signed.journey["stage"], refused.journey["stage"]) == ("occupancy", "handover")
    for home in (signed, refused):
        assert {entry["person"] for entry in entries(home, "handover.formal-notice")} == {"wife", "husband"}
    assert signed.has("handover.check-in")
    assert not refused.has("handover.check-in")
