"""`journey stop`: whom it tells, how long it waits, whom it leaves alone."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from starter.up.stopping import NothingRuns, StillRuns, stop_home

HOLDS = """
import signal, sys, time
from pathlib import Path
from starter.up.home import lock
{ignores}
held = lock(Path(sys.argv[1]), patience=0)
print("held", flush=True)
time.sleep(60)
"""


@contextmanager
def holder(home: Path, ignores: str = "") -> Iterator[subprocess.Popen[str]]:
    """A process that has the home's lock."""
    code = HOLDS.format(ignores=ignores)
    process = subprocess.Popen([sys.executable, "-c", code, str(home)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_the_process_that_has_the_home_is_told_to_end_and_waited_for(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        assert stop_home(tmp_path) == process.pid
        assert process.wait(5) == -signal.SIGTERM


def test_a_home_on_which_nothing_runs_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(NothingRuns):
        stop_home(tmp_path)
    with holder(tmp_path):
        pass

    with pytest.raises(NothingRuns):  # the file is left, the lock is not
        stop_home(tmp_path)


def test_one_that_does_not_end_in_time_is_said_so(tmp_path: Path) -> None:
    with holder(tmp_path, "signal.signal(signal.SIGTERM, signal.SIG_IGN)"), pytest.raises(StillRuns):
        stop_home(tmp_path, patience=0.2)


@pytest.mark.skipif(sys.platform != "linux", reason="who has a file open is told by /proc")
def test_a_process_that_got_an_old_number_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger, holder(tmp_path) as process:
        with (tmp_path / "lock").open("r+") as file:
            file.truncate(0)
            file.write(f"{stranger.pid}\n")

        with pytest.raises(StillRuns):
            stop_home(tmp_path, patience=0.2)

        assert stranger.poll() is None
        assert process.poll() is None
        os.kill(stranger.pid, signal.SIGTERM)
