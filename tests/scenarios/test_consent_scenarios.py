"""Consent withdrawn mid-flight (domain F 11), a couple with two homes (F 7), readers in other zones: lived through."""

import pytest

from tests.scenarios.living import Life, World, live, minute

pytestmark = pytest.mark.server
MOON, CLUB, SURVEY = "project.greeting", "pre-handover.club-invitation", "survey.relationship"


@pytest.mark.slow
async def test_consent_that_is_withdrawn_stops_care_and_nothing_else() -> None:
    world = await live("consent_withdrawn")
    sold, lived_in = world.home("1-1-1"), world.home("3-1-1")

    _care_is_suppressed_when_it_would_go(sold)
    _what_the_contract_asks_for_goes_on(lived_in)
    _each_person_is_greeted_once(world)
    assert world.refused == {}


def _care_is_suppressed_when_it_would_go(home: Life) -> None:
    greeting = next(e for e in home.journey["entries"] if e["item"] == MOON and e["occurrence"] == "mid-autumn/2026")
    assert (greeting["outcome"], greeting["reason"]) == ("suppressed", "no-consent")
    assert minute(greeting["at"]) == "2026-09-25T09:00"
    invitation = home.entry(CLUB)
    assert (invitation["outcome"], invitation["reason"]) == ("suppressed", "no-consent")
    assert minute(invitation["at"]) == "2026-09-22T09:00"
    (survey,) = [e for e in home.journey["entries"] if e["item"] == SURVEY and e["occurrence"] == "d-90"]
    assert (survey["outcome"], survey["reason"]) == ("suppressed", "no-consent")
    after = [e for e in home.journey["entries"] if e["class"] == "marketing"]
    assert after == []  # nobody asks whether he is sure


def _what_the_contract_asks_for_goes_on(home: Life) -> None:
    notices = [e for e in home.journey["entries"] if e["item"] == "warranty.expiry-notice"]
    told = [e for e in notices if e["occurrence"] == "pipe-blockage/m-2"]
    assert [(e["outcome"], minute(e["at"])) for e in told] == [("sent", "2026-09-24T08:00")]  # pulled before 中秋
    (reminder,) = [e for e in home.journey["entries"] if e["item"] == "repair.appointment-reminder"]
    assert reminder["outcome"] == "sent"
    assert [case["kind"] for case in home.journey["cases"]] == ["repair", "repair"]
    urgent = [e for e in home.journey["entries"] if e["item"] == "repair.acknowledge" and e["outcome"] == "open"]
    assert len(urgent) == 1


def _each_person_is_greeted_once(world: World) -> None:
    both = [e for unit in ("1-1-1", "3-1-1") for e in world.home(unit).journey["entries"]]
    birthdays = [e for e in both if e["item"] == "occupancy.birthday" and e["occurrence"] == "2026"]
    his = sorted(e["outcome"] for e in birthdays if e["person"] == "zw")
    hers = {(e["outcome"], e["reason"]) for e in birthdays if e["person"] == "ln"}
    assert his == ["merged", "sent"]
    assert hers == {("suppressed", "no-consent")}


async def test_readers_in_other_zones_are_written_to_in_their_own_hours() -> None:
    world = await live("moved_abroad")

    sent = {unit: world.home(unit).entry("signing.keeper-welcome") for unit in ("3-1-1", "3-1-2", "3-1-3")}

    assert {entry["outcome"] for entry in sent.values()} == {"sent"}
    # 08:00 of Shanghai is 19:00 of the evening before in New York: within its hours.
    assert minute(sent["3-1-1"]["at"]) == "2026-03-06T08:00"
    # 21:00 in New York, then the clocks go forward: 08:00 there is an hour earlier here.
    assert minute(sent["3-1-2"]["at"]) == "2026-03-08T20:00"
    # 22:00 in London, then the clocks go forward.
    assert minute(sent["3-1-3"]["at"]) == "2026-03-29T15:00"
