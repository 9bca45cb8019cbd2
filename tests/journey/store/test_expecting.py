"""What of an agenda is expected not to go: said ahead by the decision that the send will make."""

from pathlib import Path
from typing import Any

import pytest_asyncio

from journey.store.engine import Store
from journey.store.entry_queries import forecast_view
from journey.store.expecting import kept_back
from journey.store.lives import life_view
from journey.store.outlines import left_document
from tests.activities.ground import Ground, ground
from tests.records import instant

KEYS = instant("2026-06-27 10:00")


@pytest_asyncio.fixture
async def home(store: Store, tmp_path: Path) -> Ground:
    """A home handed over to an owner who agreed to nothing."""
    made = await ground(store, tmp_path, KEYS)
    await made.start(("handover.accepted",))
    await made.plan()
    return made


async def ahead(home: Ground) -> dict[str, tuple[str | None, str | None]]:
    """Outlook and reason of everything ahead, by rule."""
    page = await home.store.read(forecast_view, home.journey, home.clock.instant, shelf=home.site.shelf)
    return {entry["item"]: (entry["outlook"], entry["reason"]) for entry in page.data}


async def test_a_forecast_says_ahead_what_no_consent_will_keep_back(home: Ground) -> None:
    found = await ahead(home)

    assert found["survey.relationship"] == ("suppressed", "no-consent")
    assert found["occupancy.anniversary"] == ("suppressed", "no-consent")
    assert found["warranty.expiry-notice"] == (None, None)
    assert found["handover.title"] == (None, None)


async def test_a_consent_brings_them_back_and_a_withdrawal_takes_them_away(home: Ground) -> None:
    await home.tell("consent.given", person="zw", purpose="care", evidence="form")
    given = await ahead(home)
    home.clock.instant = instant("2026-06-28 10:00")
    await home.tell("consent.withdrawn", person="zw", purpose="care", evidence="form")

    assert given["survey.relationship"] == (None, None)
    assert (await ahead(home))["survey.relationship"] == ("suppressed", "no-consent")


async def test_who_mourns_is_spared_though_he_agreed(home: Ground) -> None:
    await home.tell("consent.given", person="zw", purpose="care", evidence="form")
    await home.tell("bereavement.noted", person="zw")

    assert (await ahead(home))["occupancy.anniversary"] == ("suppressed", "bereavement")


async def test_a_mute_that_may_be_released_says_nothing_of_next_year(home: Ground) -> None:
    await home.tell("consent.given", person="zw", purpose="care", evidence="form")
    await home.tell("hold.placed", scope="all", how="mute", by="op", reason="x")

    assert (await ahead(home))["occupancy.anniversary"] == (None, None)


async def test_the_agenda_itself_keeps_what_is_expected_not_to_go(home: Ground) -> None:
    def both(session: Any) -> tuple[Any, Any]:
        document = left_document(session, home.journey)
        return document, kept_back(session, home.site.shelf, {home.journey: document}, home.clock.instant)

    document, kept = await home.store.read(both)

    assert set(kept[home.journey]) < set(document["planned"])


async def test_a_drawn_life_shows_it_too(home: Ground) -> None:
    life = await home.store.read(life_view, home.journey, home.clock.instant, shelf=home.site.shelf)

    (found,) = [entry for entry in life["entries"] if entry["item"] == "occupancy.anniversary"]
    assert (found["outcome"], found["outlook"], found["why"]["text"]) == ("planned", "suppressed", "未获关怀授权")
