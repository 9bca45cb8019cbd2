import asyncio
from datetime import datetime
from typing import Any

import pytest

from benchmarks.project import FORESEEN_AT, SAMPLE, first_homes
from starter.simulate.checks import read_scenario
from starter.simulate.comparing import AS_FORESEEN
from starter.simulate.foreseeing import foresee
from tests.scenarios import living

SIGNED = {"on": "2026-03-02", "contract_handover_date": "2026-06-10"}
CANCELLED = {"on": "2026-03-12", "reason": "贷款未批"}


def test_the_sample_is_a_project_of_a_hundred_homes_over_three_years() -> None:
    scenario = read_scenario(SAMPLE)

    assert len(scenario.homes()) == 100
    assert [batch.code for batch in scenario.batches] == ["A", "B"]
    assert (scenario.start.date().isoformat(), scenario.until.date().isoformat()) == ("2026-03-01", "2029-03-01")
    assert scenario.start < FORESEEN_AT < scenario.until


def test_fewer_homes_keep_their_own_events_and_those_of_the_project() -> None:
    scenario = first_homes(read_scenario(SAMPLE), 2)

    assert [home.unit for home in scenario.homes()] == ["1-2-0201", "1-2-0202"]
    assert {event.unit for event in scenario.events} == {None, "1-2-0201", "1-2-0202"}


@pytest.mark.server
async def test_a_cancellation_after_the_forecast_is_the_reason_for_what_it_ended() -> None:
    told: list[dict[str, Any]] = [
        {"at": "2026-03-02T10:00:00+08:00", "type": "contract.signed", "data": SIGNED},
        {"at": "2026-03-12T10:00:00+08:00", "type": "contract.cancelled", "data": CANCELLED},
    ]
    life = {
        "project": {"code": "XN", "name": "香年", "city": "成都"},
        "journeys": [{"unit": "3-1-1", "owners": [{"ref": "zw", "name": "张伟", "phone": "13800138000"}]}],
        "start": "2026-03-01T09:00:00+08:00",
        "events": [{"unit": "3-1-1", **event} for event in told],
        "until": "2026-06-20",
    }

    lived = await foresee(
        living.scenario_from(life), datetime.fromisoformat("2026-03-03T22:00:00+08:00"), url=living.store_url
    )
    await asyncio.sleep(0.1)  # the native threads of a closed client end a little later

    ended = {f"{finding.code} {finding.by}" for finding in lived.comparison.findings}
    assert "withdrawn contract.cancelled" in ended
    assert lived.comparison.unexplained == []


@pytest.mark.slow
@pytest.mark.server
async def test_every_difference_between_a_forecast_and_six_lives_is_explained() -> None:
    lived = await foresee(first_homes(read_scenario(SAMPLE), 6), FORESEEN_AT, url=living.store_url)
    await asyncio.sleep(0.1)  # the native threads of a closed client end a little later

    counts = lived.comparison.counts()
    assert [str(finding) for finding in lived.comparison.unexplained] == []
    assert {AS_FORESEEN, "moved", "withdrawn", "merged", "done-early", "suppressed"} <= set(counts)
