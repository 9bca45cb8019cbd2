"""The home of an installation on one machine: its folder, its lock, its key."""

import fcntl
import os
import shutil
import socket
import time
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Final

from journey.domain.errors import Conflict, JourneyError
from journey.store.engine import Store
from journey.store.keys import create_key, find_key

LOCK_PATIENCE: Final = 10.0  # seconds that a second `up` waits for the first
_LEAST_ROOM: Final = 100 * 1024 * 1024  # bytes; below this SQLite and Temporal soon fail in ways nobody understands
KEY_NAME: Final = "journey up"


class CannotStart(JourneyError):
    """The engine cannot start here; the text says why and what to do."""

    code = "cannot-start"


class HomeBusy(CannotStart, Conflict):
    """Another `journey up` runs on this home."""

    code = "home-busy"


def prepare(home: Path) -> None:
    """Make the home and its folders, readable by their owner only; CannotStart when that is impossible."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in ("logs", "outbox"):
            (home / name).mkdir(mode=0o700, exist_ok=True)
        room = shutil.disk_usage(home).free
    except OSError as error:
        raise CannotStart(f"无法写入 {home} / cannot write to the home {home}: {error.strerror}") from error
    if not os.access(home, os.W_OK):
        raise CannotStart(f"无法写入 {home} / the home {home} is not writable")
    if room < _LEAST_ROOM:
        raise CannotStart(
            f"磁盘已满:{home} 只剩 {room >> 20} MB / the disk is full: {home} has {room >> 20} MB left, "
            f"{_LEAST_ROOM >> 20} MB are needed"
        )


def lock(home: Path, *, patience: float = LOCK_PATIENCE) -> int:
    """Take the home and return the descriptor that holds it; HomeBusy, naming the process, after `patience` seconds.

    Whoever inherits the descriptor holds the home too: a Temporal server that outlives us keeps the next `up` out.
    """
    held = os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                pid = os.pread(held, 20, 0).decode("ascii", "replace").strip() or "?"
                os.close(held)
                raise HomeBusy(
                    f"{home} 正被进程 {pid} 使用 / another `journey up` (pid {pid}) runs on {home}"
                ) from None
            time.sleep(0.1)
        else:
            os.ftruncate(held, 0)
            os.pwrite(held, f"{os.getpid()}\n".encode(), 0)
            return held


def open_port(port: int, what: str, flag: str, host: str = "127.0.0.1") -> socket.socket:
    """Return a listening socket on the port (0: any free one); CannotStart when somebody else has it."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise CannotStart(
            f"端口 {port}({what})已被占用:请用 {flag} 指定其他端口,0 表示任意空闲端口 / "
            f"port {port} ({what}) is in use: name another one with {flag}, 0 takes any free one"
        ) from error
    return listener


def free_port(port: int, what: str, flag: str) -> int:
    """Return the number of a port that nobody listens on now, for a child process that opens it itself."""
    with open_port(port, what, flag) as listener:
        return int(listener.getsockname()[1])


def write_client_file(home: Path, store: Store, url: str, now: datetime, *, temporal: str = "") -> Path:
    """Write `client.toml` (0600): the URL, Temporal's address, and an admin key, the one in it while it is valid."""
    path = home / "client.toml"
    key = _known_key(path)
    if key is None or store.read_sync(find_key, key, now) is None:
        _, key = store.write_sync(create_key, KEY_NAME, True, (), now)
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(f'url = "{url}"\nkey = "{key}"\ntemporal = "{temporal}"\n')
    fresh.replace(path)
    return path


def _known_key(path: Path) -> str | None:
    try:
        key = tomllib.loads(path.read_text(encoding="utf-8")).get("key")
    except (OSError, tomllib.TOMLDecodeError):
        return None
    return key if isinstance(key, str) else None
