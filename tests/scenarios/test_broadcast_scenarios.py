"""What a project tells its owners, lived through on the real workflows: feasts (F 11), milestones (C6)."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.scenarios.living import Life, World, live, minute

pytestmark = pytest.mark.server
MOON, NATIONAL = "mid-autumn/2026", "national-day/2026"
GREETING, NEWS, SUMMARY = "project.greeting", "project.milestone-news", "pre-handover.progress-summary"
ALARM = "project.emergency"


async def test_a_project_greets_its_owners_and_tells_them_of_milestones() -> None:
    world = await live("greetings")

    _greets_by_consent(world)
    _greets_a_person_once(world)
    _merges_milestones(world)


def _greets_by_consent(world: World) -> None:
    withdrawn = world.home("3-1-1").entry(GREETING, MOON)
    assert (withdrawn["outcome"], withdrawn["reason"]) == ("suppressed", "no-consent")
    assert minute(withdrawn["at"]) == "2026-09-25T09:00"
    later = world.home("3-1-1").entry(GREETING, NATIONAL)
    assert (later["outcome"], minute(later["at"])) == ("sent", "2026-10-01T09:00")
    assert world.home("3-1-4").entry(GREETING, MOON)["reason"] == "no-consent"


def _greets_a_person_once(world: World) -> None:
    first, second = (world.home(unit).entry(GREETING, MOON) for unit in ("3-1-2", "3-1-3"))
    assert (first["outcome"], second["outcome"]) == ("sent", "merged")
    assert first["key"] == second["key"]
    couple = {one["person"]: one for one in _all(world.home("3-1-5"), GREETING) if one["occurrence"] == MOON}
    assert {person: (one["outcome"], one["reason"]) for person, one in couple.items()} == {
        "hs": ("suppressed", "no-consent"), "wf": ("sent", None),
    }  # fmt: skip
    assert (first["class"], first["requirement"]) == ("care", ["A014", "C7"])


def _merges_milestones(world: World) -> None:
    told = _all(world.home("3-1-2"), NEWS)
    assert [(one["outcome"], minute(one["at"])) for one in told] == [("sent", "2026-09-09T08:00")]
    assert _all(world.home("3-1-4"), NEWS) == []
    summary = world.home("3-1-4").entry(SUMMARY)
    assert (summary["outcome"], minute(summary["at"])) == ("sent", "2026-09-16T08:00")
    assert not world.home("3-1-2").has(SUMMARY)


def _all(home: Life, item: str) -> list[Mapping[str, Any]]:
    return [entry for entry in home.journey["entries"] if entry["item"] == item]


async def test_an_emergency_at_night_reaches_every_owner_at_once_on_every_channel() -> None:
    world = await live("emergency_at_night")

    _tells_owners_and_co_owners(world)
    _lists_who_got_nothing(world)
    _is_followed_up(world)


def _tells_owners_and_co_owners(world: World) -> None:
    told = _all(world.home("3-1-1"), ALARM)
    assert {(one["person"], one["channel"], one["outcome"]) for one in told} == {
        ("zw", "sms", "sent"), ("zw", "voice", "sent"), ("zw", "email", "sent"), ("ln", "sms", "sent"),
        ("ln", "voice", "sent"),
    }  # fmt: skip
    assert {minute(one["at"]) for one in told} == {"2026-09-20T02:10"}
    muted = _all(world.home("3-1-2"), ALARM)
    assert {one["outcome"] for one in muted} == {"sent"}
    assert _all(world.home("5-1-1"), ALARM) == []


def _lists_who_got_nothing(world: World) -> None:
    unreached = _all(world.home("3-1-3"), ALARM)
    assert {(one["outcome"], one["reason"]) for one in unreached} == {("failed", "invalid-address")}


def _is_followed_up(world: World) -> None:
    (project,) = world.document["projects"]
    entries = {entry["item"]: entry for entry in project["entries"]}
    assert entries[ALARM]["outcome"] == "sent"
    follow_up = entries["project.emergency-follow-up"]
    assert (follow_up["role"], minute(follow_up["due"])) == ("property-cs", "2026-09-20T04:10")
