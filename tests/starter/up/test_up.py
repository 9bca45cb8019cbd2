"""`journey up` from the outside: one command brings everything up, and takes everything down."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest

pytestmark = [pytest.mark.server, pytest.mark.slow]
ROOT = Path(__file__).parents[3]
JOURNEY = [sys.executable, "-m", "starter.cli"]
FREE = ["--port", "0", "--temporal-port", "0", "--ui-port", "0"]


class Engine:
    """One running `journey up --json`."""

    def __init__(self, home: Path, *flags: str) -> None:
        self.home = home
        self.said = ""
        self.process = subprocess.Popen(
            [*JOURNEY, "up", "--home", str(home), "--json", *(flags or FREE)],
            cwd=ROOT,
            env=environment(home),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def document(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.rest()
        found: dict[str, Any] = json.loads(line)
        return found

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.ended()

    def ended(self) -> int:
        code = self.process.wait(20)
        self.said = self.process.stderr.read() if self.process.stderr and not self.process.stderr.closed else ""
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
        return code

    def rest(self) -> str:
        return "".join(self.process.communicate(timeout=30))


def environment(home: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("TEMPORAL_", "JOURNEY_"))}
    return {**kept, "JOURNEY_HOME": str(home)}


def command(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = environment(home)
    return subprocess.run([*JOURNEY, *words], cwd=ROOT, env=env, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, dict[str, Any]]]:
    running = Engine(tmp_path_factory.mktemp("home"))
    try:
        yield running, running.document()
    finally:
        running.stop()


def test_one_document_says_where_everything_is(engine: tuple[Engine, dict[str, Any]]) -> None:
    running, document = engine

    assert set(document) == {"api", "console", "temporal", "temporal_ui", "key_file"}
    assert document["console"] is None
    assert httpx2.get(f"{document['api']}/readyz", trust_env=False).json()["status"] == "ok"
    assert httpx2.get(document["temporal_ui"], trust_env=False, follow_redirects=True).is_success
    assert Path(document["key_file"]) == running.home / "client.toml"


def test_a_journey_started_from_the_command_line_is_judged_and_planned(
    engine: tuple[Engine, dict[str, Any]],
) -> None:
    home = engine[0].home
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    later = today + timedelta(days=300)
    fact = f'contract.signed:{{"on": "{today}", "contract_handover_date": "{later}"}}'
    words = ["--project", "XN", "--unit", "3-1-1202", "--owner", "zw,张伟,13800138000", "--fact", fact]

    started = command(home, "start", *words, "--create-project", "香年,成都", "--json")
    shown = command(home, "show", "XN/3-1-1202", "--json")
    ahead = command(home, "forecast", "XN/3-1-1202", "--json")

    assert started.returncode == 0, started.stdout
    assert json.loads(shown.stdout)["id"] == json.loads(started.stdout)["id"]
    assert json.loads(ahead.stdout)["data"]


def test_a_second_one_on_the_same_home_is_refused_by_name(engine: tuple[Engine, dict[str, Any]]) -> None:
    running, _ = engine
    second = Engine(running.home)

    error = second.document()["error"]

    assert second.ended() == 5
    assert error["code"] == "home-busy"
    assert str(running.process.pid) in error["text"]


def test_short_commands_that_meet_temporal_end_well_every_time(engine: tuple[Engine, dict[str, Any]]) -> None:
    home = engine[0].home

    codes = [command(home, "doctor").returncode for _ in range(20)]

    assert codes == [0] * 20


def test_a_killed_worker_comes_back(engine: tuple[Engine, dict[str, Any]]) -> None:
    running, document = engine
    (worker,) = children(running.process.pid, "worker")

    os.kill(worker, signal.SIGKILL)

    deadline = time.monotonic() + 30
    while children(running.process.pid, "worker") in ([], [worker]) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert children(running.process.pid, "worker") not in ([], [worker])
    assert httpx2.get(f"{document['api']}/healthz", trust_env=False).is_success


def test_what_was_kept_is_there_after_a_kill(tmp_path: Path) -> None:
    first = Engine(tmp_path)
    before = first.document()
    command(tmp_path, "project", "create", "XN", "--name", "香年", "--city", "成都")
    command(tmp_path, "start", "--project", "XN", "--unit", "1-1", "--owner", "zw,张伟", "--json")
    parts = children(first.process.pid, "")
    first.stop(signal.SIGKILL)

    again = Engine(tmp_path)
    after = again.document()
    rows = json.loads(command(tmp_path, "list", "--json").stdout)["data"]
    ready = httpx2.get(f"{after['api']}/readyz", trust_env=False).json()

    assert again.stop() == 0
    assert not any(alive(part) for part in parts)
    assert before["api"] != after["api"] or before["key_file"] == after["key_file"]
    assert [row["unit"] for row in rows] == ["1-1"]
    assert ready["status"] == "ok"


def test_an_emptied_temporal_takes_facts_until_it_adopts_the_store(tmp_path: Path) -> None:
    first = Engine(tmp_path)
    first.document()
    command(
        tmp_path, "start", "--project", "XN", "--unit", "1-1", "--owner", "zw,张伟", "--create-project", "香年,成都"
    )
    parts = children(first.process.pid, "")
    first.stop(signal.SIGKILL)
    while any(alive(part) for part in parts):
        time.sleep(0.05)
    for part in tmp_path.glob("temporal.db*"):
        part.unlink()

    again = Engine(tmp_path)
    after = again.document()
    ready = httpx2.get(f"{after['api']}/readyz", trust_env=False)
    words = ["event", "XN/1-1", "suggestion.raised", "--data", '{"text": "好"}', "--json"]
    taken = json.loads(command(tmp_path, *words, "--id", "word").stdout)
    adopted = command(tmp_path, "adopt", "--yes", "--json")
    verdict, patience = "taken", time.monotonic() + 30
    while verdict == "taken" and time.monotonic() < patience:
        verdict = json.loads(command(tmp_path, *words, "--id", "word-2").stdout)["verdict"]
    ready_after = httpx2.get(f"{after['api']}/readyz", trust_env=False)
    busy = command(tmp_path, "restore", str(tmp_path / "none.tar"), "--yes", "--json")
    backed_up = command(tmp_path, "backup", str(tmp_path / "b.tar"), "--json")
    refused = command(tmp_path, "restore", str(tmp_path / "b.tar"), "--yes", "--json")
    again.stop()
    said = again.said

    assert ready.status_code == 503
    assert "journey adopt" in ready.json()["checks"]["temporal"]
    assert "journey adopt" in said
    assert taken["verdict"] == "taken"
    assert (adopted.returncode, json.loads(adopted.stdout)["journeys"]) == (0, 1)
    assert verdict == "applied"
    assert ready_after.status_code == 200
    assert (busy.returncode, json.loads(busy.stdout)["error"]["code"]) == (2, "usage")
    assert backed_up.returncode == 0
    assert json.loads(refused.stdout)["error"]["code"] == "home-busy"


def test_ctrl_c_ends_every_part(tmp_path: Path) -> None:
    running = Engine(tmp_path)
    running.document()
    parts = children(running.process.pid, "")

    code = running.stop(signal.SIGINT)

    assert code == 0
    assert len(parts) == 2
    assert not any(alive(part) for part in parts)


def test_stop_ends_every_part_of_a_home_and_says_when_none_runs(tmp_path: Path) -> None:
    running = Engine(tmp_path)
    running.document()
    parts = children(running.process.pid, "")

    stopped = command(tmp_path / "elsewhere", "stop", "--home", str(tmp_path), "--json")
    again = command(tmp_path, "stop", "--json")

    assert (stopped.returncode, json.loads(stopped.stdout)["pid"]) == (0, running.process.pid)
    assert running.ended() == 0
    assert not any(alive(part) for part in parts)
    assert (again.returncode, json.loads(again.stdout)["error"]["code"]) == (3, "not-running")


def test_a_port_in_use_is_said_plainly_and_no_other_is_taken(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        refused = Engine(tmp_path, "--port", "0", "--temporal-port", port, "--ui-port", "0")

        error = refused.document()["error"]

    assert refused.ended() == 1
    assert error["code"] == "cannot-start"
    assert f"port {port} (Temporal) is in use" in error["text"]


def test_a_broken_pack_is_said_plainly(tmp_path: Path) -> None:
    policies = tmp_path / "policies"
    (policies / "cn-residential").mkdir(parents=True)
    (policies / "cn-residential" / "pack.yaml").write_text("pack: [", encoding="utf-8")
    result = subprocess.run(
        [*JOURNEY, "up", "--home", str(tmp_path / "home"), "--json", *FREE],
        cwd=ROOT,
        env={**environment(tmp_path / "home"), "JOURNEY_POLICIES": str(policies)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 1
    assert "pack.yaml" in json.loads(result.stdout)["error"]["text"]


def children(parent: int, word: str) -> list[int]:
    """The ids of a process's children whose command line holds a word."""
    found = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(pid) for pid in found if word in Path(f"/proc/{pid}/cmdline").read_text()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
