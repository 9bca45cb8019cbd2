"""The two commands of a fresh machine, and the ones around them."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def make(*words: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(["make", *words], cwd=folder, env=quiet, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("target", ["up", "test", "check", "bench", "lock", "clean"])
def test_the_promised_targets_exist(target: str) -> None:
    result = make("--dry-run", target)

    assert result.returncode == 0, result.stderr


def test_flags_reach_the_command() -> None:
    assert "journey up --port 8123 --demo" in make("--dry-run", "up", "ARGS=--port 8123 --demo").stdout


def test_the_suites_of_the_kernel_run_on_postgresql_too() -> None:
    slow = [line for line in make("--dry-run", "slow").stdout.splitlines() if "--store postgres" in line]

    assert len(slow) == 1
    assert {"tests/workflows", "tests/scenarios", "tests/activities"} <= set(slow[0].split())
    first = slow[0].partition("||")[0]
    assert "-m" not in first.split("pytest ", 1)[1].split()  # all of them, not only the slow ones


def test_what_failed_on_real_servers_runs_once_more_with_the_same_choice_of_tests() -> None:
    steps = [line for line in make("--dry-run", "slow", "test-browser").stdout.splitlines() if " -m pytest " in line]

    for first, again in (step.split("||") for step in steps):
        chosen = first.split("--dist worksteal")[-1].split("-q")[-1].strip()
        assert chosen in again
        assert "--last-failed --last-failed-no-failures none" in again
    assert len(steps) == 4
    assert "||" not in make("--dry-run", "fast").stdout


@pytest.mark.slow
def test_the_pages_are_tested_in_a_browser_by_make_test_and_fail_without_one_by_their_own_name() -> None:
    steps = make("--dry-run", "test").stdout
    fast = next(line for line in make("--dry-run", "fast").stdout.splitlines() if "pytest" in line)

    nowhere = subprocess.run(
        ["make", "test-browser"], cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "TEST_BROWSER": "/nowhere"},
    )  # fmt: skip

    assert "-m browser tests/browser" in steps
    assert "not browser" in fast
    assert nowhere.returncode != 0
    assert "make browser" in nowhere.stderr


def test_a_machine_with_an_old_python_is_told_what_is_missing(tmp_path: Path) -> None:
    for name in ("Makefile", "pyproject.toml", "requirements.txt"):
        shutil.copyfile(ROOT / name, tmp_path / name)

    result = make("up", "PYTHON=", folder=tmp_path)

    assert result.returncode != 0
    assert "Owner Journey needs Python 3.11 or newer" in result.stderr


def test_a_fresh_machine_installs_only_what_is_pinned(tmp_path: Path) -> None:
    for name in ("Makefile", "pyproject.toml", "requirements.txt", "requirements-dev.txt"):
        shutil.copyfile(ROOT / name, tmp_path / name)

    steps = make("--dry-run", "test", folder=tmp_path).stdout
    installs = [line for line in steps.splitlines() if " pip install " in line]

    assert "-m venv .venv" in steps
    assert len(installs) == 2
    assert "--require-hashes -r requirements-dev.txt" in installs[0]
    assert "--no-deps --no-build-isolation -e ." in installs[1]


def test_continuous_integration_runs_make_test_and_nothing_else() -> None:
    script = ROOT / ".ci" / "run"
    commands = [line for line in script.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]

    assert os.access(script, os.X_OK)
    assert commands[0] == "set -euo pipefail"
    assert commands[-1] == "make test"
