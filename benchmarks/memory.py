"""A worker's memory as journeys grow from 1,000 to 5,000: its cache bounds it, not their number."""

import asyncio
from functools import partial
from pathlib import Path

from benchmarks.rig import Figure, Rig, rig, together, worker_process

CACHED = 500
AT_ONCE = 40


async def measure() -> list[Figure]:
    """Resident memory of a worker process with room for 500 journeys."""
    async with rig() as ground:
        with worker_process(ground, {"JOURNEY_CACHED_WORKFLOWS": str(CACHED)}) as process:
            small = await _grown(ground, process.pid, 0, 1000)
            large = await _grown(ground, process.pid, 1000, 5000)
    return [
        Figure(f"worker memory, cache of {CACHED}, 1,000 open journeys", f"{small:.0f} MB"),
        Figure(f"worker memory, cache of {CACHED}, 5,000 open journeys", f"{large:.0f} MB", "bounded by the cache"),
    ]


async def _grown(ground: Rig, pid: int, begin: int, end: int) -> float:
    """Start more journeys, let the worker come to rest, and look."""
    bodies = [
        {"project": "BM", "unit": f"2-1-{n}", "owners": [{"ref": f"m{n}", "name": "业主", "phone": "13800138000"}]}
        for n in range(begin, end)
    ]
    await together([partial(ground.doors.start_journey, body) for body in bodies], AT_ONCE)
    await asyncio.sleep(5)
    return _resident(pid)


def _resident(pid: int) -> float:
    """Megabytes of resident memory."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmRSS")
