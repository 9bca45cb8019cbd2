"""Fit-outs and the first year in a home, lived through the real workflows."""

import pytest

from tests.scenarios.living import codes, live, minute, steps

pytestmark = pytest.mark.server


@pytest.mark.slow
async def test_a_fit_out_with_a_breach_goes_from_the_application_to_the_refund() -> None:
    home = (await live("fit_out")).home("3-1-1")
    application = home.journey["ledgers"]["fit_outs"][0]["application"]
    (report,) = [entry for entry in home.journey["entries"] if entry["item"] == "fit-out.report-breach"]

    assert minute(home.entry("fit-out.review", application)["due"]) == "2026-08-06T18:00"
    assert home.entry("fit-out.inspection", f"{application}/w1")["outcome"] == "done"
    assert home.entry("fit-out.inspection", f"{application}/w3")["outcome"] == "withdrawn"
    assert minute(report["due"]) == "2026-08-13T10:00"
    assert ("overdue", "2026-08-13T10:00", "property-cs") in steps(report)
    assert home.entry("fit-out.mandatory-inspection", f"{application}/water-test")["outcome"] == "done"
    refund = home.entry("fit-out.refund", application)
    assert (minute(refund["due"]), refund["outcome"]) == ("2026-10-15T18:00", "done")
    assert minute(home.entry("fit-out.survey", application)["due"]) == "2026-10-20T18:00"
    ledger = home.journey["ledgers"]["fit_outs"][0]
    assert (ledger["open"], ledger["deposit"], ledger["refunded"], ledger["breaches"]) == (False, "2000", "1800", 1)


@pytest.mark.slow
async def test_two_fit_outs_of_a_home_keep_their_permits_and_deposits_apart() -> None:
    home = (await live("two_fit_outs")).home("3-1-1")
    kitchen, bathroom = home.journey["ledgers"]["fit_outs"]

    assert (kitchen["deposit"], kitchen["due_back_since"]) == ("2000", None)
    assert (bathroom["deposit"], bathroom["due_back_since"]) == ("1500", "2026-08-31")
    assert home.entry("fit-out.refund", bathroom["application"])["outcome"] == "open"
    assert home.entry("fit-out.inspection", f"{kitchen['application']}/w4")["outcome"] == "open"
    assert [entry["item"] for entry in home.journey["entries"] if entry["item"] == "fit-out.recheck"] == [
        "fit-out.recheck"
    ]


@pytest.mark.slow
async def test_the_first_year_in_a_home() -> None:
    world = await live("first_year")
    home, other = world.home("3-1-1"), world.home("3-1-2")

    assert minute(home.entry("occupancy.move-in-survey")["due"]) == "2026-07-07T18:00"
    assert home.entry("occupancy.ambassador")["outcome"] == "done"
    (route,) = [entry for entry in home.journey["entries"] if entry["item"] == "occupancy.repair-route"]
    assert (minute(route["at"]), route["outcome"]) == ("2026-06-27T11:00", "sent")
    greetings = [entry for entry in home.journey["entries"] if entry["item"] == "occupancy.birthday"]
    assert {(entry["person"], entry["occurrence"]): minute(entry["due"]) for entry in greetings} == {
        ("zw", "2026"): "2026-10-01T09:00",
        ("ln", "2027"): "2027-02-28T09:00",
        ("zw", "2027"): "2027-10-01T09:00",
        ("ln", "2028"): "2028-02-28T09:00",
    }
    assert [entry["reason"] for entry in greetings if entry["person"] == "ln"] == ["no-consent", None]
    for item, year in (("occupancy.birthday", "2026"), ("occupancy.anniversary", "2027")):
        both = [e for life in (home, other) for e in life.journey["entries"] if e["item"] == item]
        his = [e["outcome"] for e in both if (e["person"], e["occurrence"]) == ("zw", year)]
        assert sorted(his) == ["merged", "sent"]  # whichever of his homes comes first sends it
    (answer,) = [entry for entry in home.journey["entries"] if entry["item"] == "occupancy.suggestion"]
    assert (minute(answer["due"]), answer["outcome"]) == ("2026-08-22T10:00", "done")
    assert home.journey["ledgers"]["counts"]["suggestions_answered"] == 1
    assert codes(home.entry("occupancy.property-fee")) == []
