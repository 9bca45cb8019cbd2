"""A worker's memory as journeys grow from 1,000 to 5,000: its cache bounds it, not their number."""

import asyncio
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import IO

from benchmarks.rig import Figure, Rig, rig, together

CACHED = 500
AT_ONCE = 40


async def measure() -> list[Figure]:
    """Resident memory of a worker process with room for 500 journeys."""
    async with rig() as ground:
        with (ground.home / "worker.log").open("wb") as log:
            process = _worker(ground, log)
            try:
                small = await _grown(ground, process.pid, 0, 1000)
                large = await _grown(ground, process.pid, 1000, 5000)
            finally:
                process.terminate()
                process.wait(20)
    return [
        Figure(f"worker memory, cache of {CACHED}, 1,000 open journeys", f"{small:.0f} MB"),
        Figure(f"worker memory, cache of {CACHED}, 5,000 open journeys", f"{large:.0f} MB", "bounded by the cache"),
    ]


def _worker(ground: Rig, log: IO[bytes]) -> "subprocess.Popen[bytes]":
    address = ground.client.service_client.config.target_host
    variables = {
        "JOURNEY_HOME": str(ground.home),
        "JOURNEY_CACHED_WORKFLOWS": str(CACHED),
        "JOURNEY_LOG_LEVEL": "WARNING",
        "TEMPORAL_ADDRESS": address,
    }
    script = Path(__file__).resolve().parents[1] / "worker.py"
    return subprocess.Popen([sys.executable, str(script)], env=os.environ | variables, stdout=log, stderr=log)


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
