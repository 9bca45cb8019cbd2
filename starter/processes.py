"""How a process of ours ends: with its parent, on a signal, and without a word from native threads."""

import asyncio
import ctypes
import gc
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, NoReturn

_PR_SET_PDEATHSIG: Final = 1
# Loaded before any fork: a child must not allocate between fork and exec.
_LIBC: Final = ctypes.CDLL(None) if sys.platform == "linux" else None


@contextmanager
def loading() -> Iterator[None]:
    """Import much at once: what is loaded stays, so that looking through it for rubbish is a sixth of the time lost."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def die_with_parent() -> None:
    """Ask the kernel (Linux only) to end this process when the thread that started it is gone."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def leave(code: int) -> NoReturn:
    """Flush and end at once: a Temporal client's threads may abort an interpreter that takes its time."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def run_until_signalled(work: Callable[[asyncio.Event], Awaitable[Any]]) -> None:
    """Run `work(stop)`; `stop` is set by SIGINT or SIGTERM, a second signal ends the process at once."""
    asyncio.run(_until_signalled(work))


async def _until_signalled(work: Callable[[asyncio.Event], Awaitable[Any]]) -> None:
    stop = asyncio.Event()
    on_signals(stop)
    await work(stop)


def on_signals(stop: asyncio.Event) -> None:
    """Set `stop` on the first SIGINT or SIGTERM; leave the process with 1 on the second."""

    def told(_: int) -> None:
        if stop.is_set():
            leave(1)
        stop.set()

    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, told, each)
