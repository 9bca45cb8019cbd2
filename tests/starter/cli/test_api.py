"""`journey api` alone on a fresh machine: no worker and no Temporal ever ran."""

import os
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from tests.test_worker import free_port

ROOT = Path(__file__).resolve().parents[3]
JOURNEY = [sys.executable, "-m", "starter.cli"]
PROJECT = {"code": "XN", "name": "香年", "city": "成都"}


def answering(process: subprocess.Popen[bytes], http: httpx2.Client) -> None:
    """Wait until the process answers, or ended."""
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        assert process.poll() is None, "the API ended"
        try:
            http.get("/healthz").raise_for_status()
        except httpx2.TransportError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the API does not answer")


@pytest.mark.slow
def test_it_makes_its_store_publishes_the_packs_and_takes_a_project(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TEMPORAL_", "JOURNEY_"))}
    nobody = f"127.0.0.1:{free_port()}"
    env = {**kept, "JOURNEY_HOME": str(tmp_path), "TEMPORAL_ADDRESS": nobody}
    port = free_port()
    api = subprocess.Popen([*JOURNEY, "api", "--port", str(port)], cwd=ROOT, env=env, stderr=subprocess.DEVNULL)
    try:
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
            answering(api, http)
            made = subprocess.run(
                [*JOURNEY, "key", "create", "--admin", "--json"],
                cwd=ROOT, env=env, capture_output=True, text=True, check=True,
            )  # fmt: skip
            key = made.stdout.partition('"key": "')[2].partition('"')[0]
            project = http.post("/v1/projects", json=PROJECT, headers={"Authorization": f"Bearer {key}"})
            metrics = http.get("/metrics").text
    finally:
        api.terminate()
        code = api.wait(20)

    assert project.status_code == 201, project.text
    assert "journey_store_up 1.0" in metrics
    assert code == 0
