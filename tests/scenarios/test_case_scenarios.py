"""Repairs and complaints lived on the real engine: scenario 8 of the domain, 除夕 at night, a weekend."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.scenarios.living import Life, live, minute, steps

pytestmark = pytest.mark.server


def entries(home: Life, item: str) -> list[Mapping[str, Any]]:
    return sorted((e for e in home.journey["entries"] if e["item"] == item), key=lambda entry: entry["due"])


def case(home: Life, alias: str) -> Mapping[str, Any]:
    (found,) = (one for one in home.journey["cases"] if one["alias"] == alias)
    return dict(found)


@pytest.mark.slow
async def test_repairs_and_complaints_keep_their_clocks_and_climb_their_ladder() -> None:
    world = await live("repairs")
    leaking, bursting, noisy = (world.home(f"3-1-{number}") for number in (1, 2, 3))

    leak = case(leaking, "leak1")
    assert (leak["kind"], leak["state"], leak["closed_at"], minute(leak["opened_at"])) == (
        "repair", "open", None, "2026-08-03T09:10",
    )  # fmt: skip
    assert [(minute(one["at"]), one["level"], one["to"]) for one in leak["steps"]][:2] == [
        ("2026-08-12T10:00", "L1", "developer-cs"), ("2026-08-24T10:00", "L2", "group-cs"),
    ]  # fmt: skip
    assert [minute(entry["due"]) for entry in entries(leaking, "repair.fix")] == [
        "2026-08-06T23:59", "2026-08-15T23:59", "2026-08-27T23:59",
    ]  # fmt: skip
    first, second = entries(leaking, "repair.callback")
    assert (minute(first["due"]), first["outcome"], minute(first["at"])) == (
        "2026-08-08T11:30", "done", "2026-08-07T10:00",
    )  # fmt: skip
    assert (minute(second["due"]), second["outcome"]) == ("2026-08-17T11:00", "withdrawn")
    assert first["case"] == leak["id"]

    (there,) = entries(bursting, "repair.on-site")
    assert (minute(there["due"]), steps(there)[-1]) == (
        "2027-02-06T00:20", ("overdue", "2027-02-06T00:20", "property-cs"),
    )  # fmt: skip
    assert case(bursting, "burst")["level"] == "L1"

    reply, solution = entries(noisy, "complaint.reply")[0], entries(noisy, "complaint.plan")[0]
    assert (minute(reply["due"]), reply["outcome"]) == ("2026-08-09T10:00", "done")
    assert minute(solution["due"]) == "2026-08-12T23:59"
    assert set(world.refused.values()) == {"pause-emergency"}
