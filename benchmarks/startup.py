"""From `journey up` on a fresh home to the first journey started over REST, as a newcomer has it."""

import asyncio
import json
import os
import signal
import sys
import time
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2

from benchmarks.rig import Figure

LIMIT = 15.0  # seconds (issue 3)
FREE = ("--port", "0", "--temporal-port", "0", "--ui-port", "0")


async def measure() -> list[Figure]:
    """On a home without anything, and again on the same one."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        fresh = await _first_journey(home, "1")
        again = await _first_journey(home, "2")
    target = f"≤ {LIMIT:.0f} s"
    return [
        Figure("up on a fresh home: everything answers", f"{fresh[0]:.1f} s"),
        Figure("up on a fresh home: first journey started and judged", f"{fresh[1]:.1f} s", target),
        Figure("up on a home that was stopped: the next journey started and judged", f"{again[1]:.1f} s", target),
    ]


async def _first_journey(home: Path, unit: str) -> tuple[float, float]:
    """Seconds from the start of the process until it says where everything is, and until a journey has its verdict."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TEMPORAL_", "JOURNEY_"))}
    began = time.perf_counter()
    engine = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "starter.cli", "up", "--home", str(home), "--json", *FREE,
        stdout=asyncio.subprocess.PIPE, env=kept,
    )  # fmt: skip
    try:
        assert engine.stdout is not None
        document = json.loads(await asyncio.wait_for(engine.stdout.readline(), 4 * LIMIT))
        ready = time.perf_counter() - began
        await _start(document["api"], _key(Path(document["key_file"])), unit)
        return ready, time.perf_counter() - began
    finally:
        if engine.returncode is None:
            engine.send_signal(signal.SIGTERM)
        await engine.wait()


def _key(file: Path) -> str:
    return str(tomllib.loads(file.read_text(encoding="utf-8"))["key"])


async def _start(url: str, key: str, unit: str) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    now = datetime.now(UTC)
    fact = {
        "id": f"sub-{unit}", "source": "bench", "type": "subscription.signed", "occurred_at": now.isoformat(),
        "data": {"on": now.date().isoformat()},
    }  # fmt: skip
    owner = {"ref": f"o{unit}", "name": "张伟", "phone": "13800138000"}
    async with httpx2.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=30) as api:
        await api.post("/v1/projects", json={"code": "BM", "name": "基准", "city": "成都"})
        body = {"project": "BM", "unit": unit, "owners": [owner], "facts": [fact]}
        started = (await api.post("/v1/journeys", json=body)).raise_for_status().json()
    if [one["verdict"] for one in started["events"]] != ["applied"]:
        raise RuntimeError(f"the first fact was not judged at once: {started['events']}")
