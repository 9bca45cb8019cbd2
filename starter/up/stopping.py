"""`journey stop`: ends the `journey up` of a home, from anywhere else."""

import fcntl
import os
import signal
import time
from pathlib import Path
from typing import Final

from journey.domain.errors import JourneyError, NotFound

PATIENCE: Final = 30.0  # seconds; worker, API and Temporal get a few each to end what they are at
_PAUSE: Final = 0.1


class NothingRuns(NotFound):
    """No `journey up` runs on this home."""

    code = "not-running"


class StillRuns(JourneyError):
    """It was asked to end and has not."""

    code = "still-running"


def stop_home(home: Path, *, patience: float = PATIENCE) -> int:
    """End what runs on a home and wait until the home is free; the process that was told. NothingRuns, StillRuns."""
    try:
        held = os.open(home / "lock", os.O_RDWR)
    except OSError as error:
        raise NothingRuns(f"{home} 上没有运行中的 journey up / no `journey up` runs on {home}") from error
    try:
        if _free(held):
            raise NothingRuns(f"{home} 上没有运行中的 journey up / no `journey up` runs on {home}")
        pid = _holder(held)
        if pid is None:
            raise StillRuns(f"{home} 仍被占用,但找不到其进程 / {home} is in use, and its process cannot be told")
        os.kill(pid, signal.SIGTERM)
        until = time.monotonic() + patience
        while not _free(held):
            if time.monotonic() >= until:
                raise StillRuns(f"进程 {pid} 在 {patience:.0f} 秒后仍未结束 / process {pid} still runs after that long")
            time.sleep(_PAUSE)
        return pid
    finally:
        os.close(held)


def _free(held: int) -> bool:
    """Whether nobody has the lock; it is given back at once."""
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    fcntl.flock(held, fcntl.LOCK_UN)
    return True


def _holder(held: int) -> int | None:
    """The process that wrote its number into the lock, if it still has the file open: numbers are used again."""
    text = os.pread(held, 20, 0).decode("ascii", "replace").strip()
    if not text.isdecimal() or int(text) < 2:
        return None
    return int(text) if _has_open(int(text), held) else None


def _has_open(pid: int, held: int) -> bool:
    folder = Path(f"/proc/{pid}/fd")
    if not Path("/proc/self/fd").exists():  # no such folder on this system: the lock alone has to do
        return _lives(pid)
    mine = os.fstat(held)
    try:
        return any(os.path.samestat(mine, one.stat()) for one in folder.iterdir() if one.exists())
    except OSError:
        return False


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True
