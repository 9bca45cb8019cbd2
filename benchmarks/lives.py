"""A ten-year life with more than a hundred items on the time-skipping server, alone and twenty together."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.rig import Figure
from starter.simulate.driver import simulate
from starter.simulate.scenario import Scenario
from tests.packs import century_pack

BEGIN = datetime(2027, 3, 1, 1, tzinfo=UTC)


def _scenario(homes: int) -> Scenario:
    """Sign, get the keys, live ten years; staff and owners answer in time."""
    events: list[dict[str, Any]] = []
    for number in range(homes):
        unit = f"1-1-{100 + number}"
        keys = {"on": "2027-03-20"}
        signed = {"on": "2027-03-10", "contract_handover_date": "2027-06-30"}
        events += [
            {"at": BEGIN.isoformat(), "unit": unit, "type": "subscription.signed", "data": {"on": "2027-03-01"}},
            {"at": (BEGIN + timedelta(days=9)).isoformat(), "unit": unit, "type": "contract.signed", "data": signed},
            {"at": (BEGIN + timedelta(days=19)).isoformat(), "unit": unit, "type": "handover.accepted", "data": keys},
        ]
    owners = [
        {"unit": f"1-1-{100 + number}", "owners": [{"ref": f"o{number}", "name": "业主", "phone": "13800138000"}]}
        for number in range(homes)
    ]
    return Scenario.model_validate(
        {
            "pack": "test-century",
            "project": {"code": "BM", "name": "基准", "city": "成都"},
            "batches": [{"code": "1", "buildings": ["1"], "contract_handover_date": "2027-06-30"}],
            "journeys": owners,
            "start": BEGIN.isoformat(),
            "events": events,
            "until": (BEGIN + timedelta(days=3720)).isoformat(),
        }
    )


async def measure() -> list[Figure]:
    """Seconds per 100 items."""
    figures = []
    for homes in (1, 20):
        started = time.perf_counter()
        document = await simulate(_scenario(homes), extra_packs=[century_pack().document])
        seconds = time.perf_counter() - started
        items = sum(len(journey["entries"]) for journey in document["journeys"])
        per_hundred = seconds / items * 100
        name = "one life of ten years" if homes == 1 else f"{homes} lives of ten years together"
        figures.append(Figure(name, f"{items} items in {seconds:.1f} s = {per_hundred:.1f} s per 100", "≤ 8 s per 100"))
    return figures
