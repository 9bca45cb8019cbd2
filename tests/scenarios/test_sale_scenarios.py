"""Prospect, signing and pre-handover as lived: every date of a sale, a lost lead, subscriptions given back."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.scenarios.living import Life, codes, live, minute, steps

pytestmark = pytest.mark.server


def entries(home: Life, item: str) -> list[Mapping[str, Any]]:
    found = [entry for entry in home.journey["entries"] if entry["item"] == item]
    return sorted(found, key=lambda entry: str(entry["due"]))


def outcome(entry: Mapping[str, Any]) -> tuple[str, str, str]:
    """When it was due, what became of it, and when."""
    return minute(entry["due"]), entry["outcome"], minute(entry["at"])


@pytest.mark.slow
async def test_a_sale_from_the_lead_to_the_served_notice() -> None:
    world = await live("prospect_to_handover")
    home, neighbour = world.home("3-1-1"), world.home("3-1-2")

    assert world.refused == {}
    _as_a_lead(home)
    _at_the_signing(home)
    _waiting_for_the_keys(home)
    _on_the_open_day(home)
    _neighbour_without_a_lead(neighbour)
    assert all(entry["requirement"] for entry in home.journey["entries"])
    assert (home.journey["stage"], neighbour.journey["stage"]) == ("handover", "pre-handover")


def _as_a_lead(home: Life) -> None:
    assert outcome(home.entry("prospect.first-contact")) == ("2025-01-07T18:00", "done", "2025-01-07T11:00")
    assert outcome(home.entry("prospect.consent")) == ("2025-01-09T18:00", "done", "2025-01-07T11:05")
    assert [outcome(entry) for entry in entries(home, "prospect.interaction-file")] == [
        ("2025-01-08T18:00", "done", "2025-01-07T11:00"),
        ("2025-01-12T18:00", "open", "2025-01-15T18:00"),
        ("2025-02-13T18:00", "done", "2025-02-12T10:00"),
    ]
    follow_ups = entries(home, "prospect.follow-up")
    assert [outcome(entry) for entry in follow_ups] == [
        ("2025-01-14T18:00", "done", "2025-01-11T15:00"),
        ("2025-01-18T18:00", "done", "2025-02-12T10:00"),
        ("2025-02-19T18:00", "withdrawn", "2025-03-15T10:00"),
    ]
    assert steps(follow_ups[1]) == [
        ("overdue", "2025-01-18T18:00", "sales"), ("escalated", "2025-01-20T18:00", "developer-cs"),
    ]  # fmt: skip
    alerts = [outcome(entry) for entry in entries(home, "prospect.stale-lead")]
    assert alerts == [
        ("2025-02-13T18:00", "done", "2025-02-12T10:00"),
        ("2025-03-19T18:00", "withdrawn", "2025-03-15T10:00"),
    ]


def _at_the_signing(home: Life) -> None:
    assert outcome(home.entry("signing.contract-read")) == ("2025-03-20T18:00", "done", "2025-03-17T20:00")
    assert outcome(home.entry("signing.sign-contract")) == ("2025-03-21T18:00", "done", "2025-03-20T15:00")
    assert outcome(home.entry("signing.visit")) == ("2025-03-21T18:00", "done", "2025-03-20T15:00")
    assert outcome(home.entry("signing.service-callback")) == ("2025-03-27T18:00", "done", "2025-04-02T11:00")
    assert outcome(home.entry("signing.survey")) == ("2025-03-27T18:00", "done", "2025-03-28T10:00")
    assert outcome(home.entry("signing.group-survey")) == ("2025-04-08T18:00", "done", "2025-04-02T11:00")
    assert home.entry("signing.group-survey")["role"] == "group-cs"
    assert not home.has("signing.free-cancellation")
    assert home.journey["ledgers"]["waiting"]["minutes"] == 25


def _waiting_for_the_keys(home: Life) -> None:
    file = home.entry("pre-handover.customer-file")
    assert minute(file["due"]) == "2025-04-18T18:00"
    assert codes(file) == ["no-sensitive-consent", "pulled-before-rest-day"]
    welcome, club = home.entry("pre-handover.property-welcome"), home.entry("pre-handover.club-invitation")
    assert outcome(welcome) == ("2025-04-19T08:00", "sent", "2025-04-19T08:00")
    assert (*outcome(club), club["class"]) == ("2025-04-03T09:00", "sent", "2025-04-03T09:00", "care")
    (change,) = entries(home, "pre-handover.change-request")
    assert minute(change["due"]) == "2025-05-13T18:00"
    (promise,), (breach,) = entries(home, "signing.promise"), entries(home, "signing.promise-breach")
    assert outcome(promise) == ("2026-03-31T18:00", "withdrawn", "2026-04-02T10:00")
    assert (minute(breach["due"]), breach["role"]) == ("2026-04-08T18:00", "developer-cs")
    assert home.journey["ledgers"]["promises"] == {"open": [], "kept": 0, "broken": 1}
    assert outcome(home.entry("handover.notice")) == ("2026-05-28T08:00", "sent", "2026-05-28T08:00")


def _on_the_open_day(home: Life) -> None:
    (follow_up,), (reminder,) = (entries(home, f"pre-handover.open-day-{name}") for name in ("follow-up", "reminder"))
    (survey,), (finding,) = (entries(home, f"pre-handover.open-day-{name}") for name in ("survey", "finding"))
    assert outcome(follow_up) == ("2026-03-23T18:00", "done", "2026-03-16T10:00")
    assert outcome(reminder) == ("2026-03-27T08:00", "sent", "2026-03-27T08:00")
    assert outcome(survey) == ("2026-03-29T18:00", "done", "2026-03-29T20:00")
    assert (minute(finding["due"]), finding["role"]) == ("2026-04-10T18:00", "engineering")


def _neighbour_without_a_lead(home: Life) -> None:
    assert not [entry["item"] for entry in home.journey["entries"] if entry["item"].startswith("prospect.")]
    (follow_up,), (again,) = (entries(home, f"pre-handover.open-day-{name}") for name in ("follow-up", "rebook"))
    assert outcome(follow_up) == ("2026-03-23T18:00", "done", "2026-03-24T10:00")
    assert steps(follow_up)[0] == ("overdue", "2026-03-23T18:00", "project-cs")  # the project's plan woke the home
    assert (minute(again["due"]), again["outcome"], codes(again)) == (
        "2026-04-01T18:00", "open", ["no-next-open-day"],
    )  # fmt: skip
    assert not entries(home, "pre-handover.open-day-survey")
    assert minute(home.entry("signing.group-survey")["due"]) == "2025-04-08T18:00"


async def test_a_lead_is_lost_with_its_work_and_one_who_wants_no_calls_gets_none() -> None:
    world = await live("lost_lead")
    lost, quiet = world.home("3-1-1"), world.home("3-1-2")

    assert lost.journey["status"] == "lost"
    assert lost.entry("prospect.consent")["outcome"] == "done"  # registered with it
    (alert,) = entries(lost, "prospect.stale-lead")
    assert outcome(alert) == ("2025-03-18T18:00", "withdrawn", "2025-03-17T10:00")
    assert [step for step, _, _ in steps(alert)] == []
    (follow_up,) = entries(lost, "prospect.follow-up")
    assert outcome(follow_up) == ("2025-02-18T18:00", "withdrawn", "2025-03-17T10:00")
    assert [entry["outcome"] for entry in entries(quiet, "prospect.follow-up")] == ["withdrawn"]
    assert not quiet.has("prospect.stale-lead")
    assert quiet.journey["status"] == "active"


async def test_a_subscription_is_given_back_in_the_free_days_after_them_and_before_there_were_any() -> None:
    world = await live("subscription_given_back")
    free, late, before = (world.home(f"3-1-{number}") for number in (1, 2, 3))

    assert {home.journey["status"] for home in (free, late, before)} == {"lost"}
    assert outcome(free.entry("signing.free-cancellation")) == ("2025-03-15T10:00", "sent", "2025-03-15T10:00")
    assert not before.has("signing.free-cancellation")
    deposits = [home.entry("signing.deposit") for home in (free, late, before)]
    assert [minute(deposit["due"]) for deposit in deposits] == [
        "2025-03-25T18:00", "2025-03-26T18:00", "2025-03-20T18:00",
    ]  # fmt: skip
    assert [codes(deposit) for deposit in deposits] == [["cancelled-in-free-days"], ["cancelled-after-free-days"], []]
    assert outcome(deposits[0]) == ("2025-03-25T18:00", "done", "2025-03-21T10:00")
    assert steps(deposits[1])[-1] == ("escalated", "2025-03-27T18:00", "general-manager")
