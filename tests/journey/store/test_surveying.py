"""Surveys open only for who agreed, and not more often than C5 allows; decided in the transaction that opens them."""

from datetime import date, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from journey.domain.moves import MoveKind
from journey.store import surveying
from journey.store.case_queries import CaseFilter, cases_view, list_cases
from journey.store.engine import Store
from journey.store.performing import Wanted
from tests.activities.ground import Ground, ground
from tests.records import instant

KEYS = instant("2026-06-27 10:00")
M3 = instant("2026-09-18 10:00")


@pytest_asyncio.fixture
async def home(store: Store, tmp_path: Path) -> Ground:
    """A home handed over, on each engine."""
    made = await ground(store, tmp_path, KEYS)
    await made.start(("handover.accepted",))
    return made


async def open_survey(home: Ground, rule: str) -> str | None:
    """Plan, and open the survey of a rule as its activity does; the state of its entry."""
    move = await home.move(rule)
    assert move is not None
    wanted = Wanted(home.journey, move.key, move.due, move.seen, home.clock.instant, home.site.namespace_id)
    await home.store.write(surveying.open_task, wanted, home.site.shelf)
    return (await home.entry(rule)).state.value


async def test_without_consent_a_survey_of_the_relationship_is_suppressed_until_it_is_given(home: Ground) -> None:
    home.clock.instant = M3

    assert await open_survey(home, "survey.relationship") == "suppressed"
    entry = await home.entry("survey.relationship")
    assert entry.reason is not None
    assert entry.reason.code == "no-consent"

    home.clock.instant += timedelta(minutes=5)
    await home.tell("consent.given", person="zw", purpose="care", evidence="form")
    assert await open_survey(home, "survey.relationship") == "open"


async def test_a_transactional_survey_needs_no_consent(home: Ground) -> None:
    assert await open_survey(home, "survey.handover") == "open"


async def test_a_muted_owner_is_not_asked(home: Ground) -> None:
    await home.tell("hold.placed", scope="all", how="mute", by="op", reason="x")

    assert await open_survey(home, "survey.handover") == "suppressed"


async def test_a_grave_complaint_holds_a_survey_of_the_relationship_back_until_it_is_closed(home: Ground) -> None:
    home.clock.instant = M3
    await home.tell("consent.given", person="zw", purpose="care", evidence="form")
    told = await home.tell("complaint.raised", category="service", severity="major", text="x")

    assert await open_survey(home, "survey.relationship") == "suppressed"
    entry = await home.entry("survey.relationship")
    assert entry.reason is not None
    assert entry.reason.code == "open-complaint"

    home.clock.instant += timedelta(hours=30)
    accepted = {"id": "ok", "type": "case.accepted", "data": {"by": "zw"}, "about": {"case": told.id}}
    accepted |= {"occurred_at": home.clock.instant.isoformat(), "source": "test"}
    await home.doors.tell_journey(home.journey, accepted)
    assert await open_survey(home, "survey.relationship") == "open"


async def test_an_open_complaint_keeps_no_survey_of_the_contract_back(home: Ground) -> None:
    await home.tell("complaint.raised", category="service", severity="major", text="x")

    assert await open_survey(home, "survey.handover") == "open"


async def test_the_third_transactional_survey_in_thirty_days_does_not_go_out(home: Ground) -> None:
    assert await open_survey(home, "survey.handover") == "open"
    home.clock.instant += timedelta(days=1)
    await _repaired(home, "leak1")
    assert await open_survey(home, "survey.repair") == "open"
    home.clock.instant += timedelta(days=5)
    await _repaired(home, "leak2")

    move = next(m for m in (await home.plan()).moves if m.key.startswith("survey.repair/") and m.kind is MoveKind.OPEN)
    wanted = Wanted(home.journey, move.key, move.due, move.seen, home.clock.instant, home.site.namespace_id)
    assert await home.store.write(surveying.open_task, wanted, home.site.shelf) is None

    found = {decided.key: decided for decided in (await home.plan()).decided}[move.key]
    assert found.state is not None
    assert found.state.value == "suppressed"


async def test_the_groups_callback_of_everybody_goes_out_whatever_he_was_asked(
    home: Ground,
) -> None:
    home.clock.instant = instant("2026-07-01 10:00")
    await _repaired(home, "leak1")
    assert await open_survey(home, "survey.repair") == "open"
    home.clock.instant += timedelta(hours=60)
    await _repaired(home, "leak2")
    assert await second_repair_survey(home)

    assert await open_survey(home, "occupancy.move-in-survey") == "open"


async def test_the_groups_callback_counts_against_nothing(home: Ground) -> None:
    home.clock.instant = instant("2026-07-01 10:00")
    assert await open_survey(home, "occupancy.move-in-survey") == "open"
    await _repaired(home, "leak1")
    assert await open_survey(home, "survey.repair") == "open"
    home.clock.instant += timedelta(hours=60)
    await _repaired(home, "leak2")

    assert await second_repair_survey(home)


async def second_repair_survey(home: Ground) -> bool:
    """Whether the survey of another repair opens."""
    moves = [move for move in (await home.plan()).moves if move.kind is MoveKind.OPEN]
    move = next(move for move in moves if move.key.startswith("survey.repair/"))
    wanted = Wanted(home.journey, move.key, move.due, move.seen, home.clock.instant, home.site.namespace_id)
    return await home.store.write(surveying.open_task, wanted, home.site.shelf) is not None


async def _repaired(home: Ground, name: str) -> None:
    report = {"category": "finishing", "severity": "general", "text": "x"}
    at = home.clock.instant.isoformat()
    base = {"occurred_at": at, "source": "test"}
    await home.doors.tell_journey(
        home.journey, base | {"id": name, "type": "defect.reported", "data": report, "person": "zw"}
    )
    accepted = {"id": f"{name}-ok", "type": "case.accepted", "data": {"by": "zw"}, "about": {"case": name}}
    await home.doors.tell_journey(home.journey, base | accepted)


async def test_planning_writes_a_row_for_each_case_and_takes_a_voided_one_away(home: Ground) -> None:
    await _repaired(home, "leak1")
    await home.plan()
    (row,) = await home.store.read(cases_view, home.journey)
    listed = await home.store.read(list_cases, CaseFilter(project="XN", kind="repair", state="closed"))

    assert (row["alias"], row["state"], row["person"], row["unit"]) == ("leak1", "closed", "zw", "3-1-1202")
    assert [each["id"] for each in listed.data] == [row["id"]]
    assert date.fromisoformat(row["opened_at"][:10]) == date(2026, 6, 27)

    await home.tell("event.voided", event_id=row["id"], reason="wrong home")
    await home.plan()
    assert await home.store.read(cases_view, home.journey) == []


@pytest.mark.parametrize(("state", "found"), [("open", 1), ("closed", 0)])
async def test_the_state_open_stands_for_every_case_that_is_not_closed(home: Ground, state: str, found: int) -> None:
    report = {"category": "finishing", "severity": "general", "text": "x"}
    event = {"id": "leak1", "type": "defect.reported", "occurred_at": home.clock.instant.isoformat(), "data": report}
    await home.doors.tell_journey(home.journey, event)
    fixed = {"type": "case.fixed", "occurred_at": home.clock.instant.isoformat(), "data": {"by": "x"}}
    await home.doors.tell_journey(home.journey, fixed | {"id": "fixed", "about": {"case": "leak1"}})
    await home.plan()

    assert len((await home.store.read(list_cases, CaseFilter(state=state))).data) == found
