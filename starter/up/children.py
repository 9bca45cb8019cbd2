"""Child processes of `journey up`: they end with it, and come back when they fall."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import structlog

from starter.processes import die_with_parent
from starter.up.home import CannotStart

log = structlog.get_logger(__name__)

_FALLS: Final = 5  # in a row, before `up` gives up
_CALM: Final = 60.0  # seconds of life after which earlier falls are forgotten
_LOG_LIMIT: Final = 20 * 1024 * 1024  # bytes; a longer log is set aside at the next start
_TAIL: Final = 4000


class Child:
    """One program, kept running until `stop`; its output goes to `logs/NAME.log`."""

    def __init__(
        self, name: str, command: Sequence[str], *, logs: Path, env: Mapping[str, str], keeps: Sequence[int] = ()
    ) -> None:
        self.name = name
        self._command = command
        self._log = logs / f"{name}.log"
        self._env = dict(env)
        self._keeps = tuple(keeps)
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        """Start the program."""
        if self._log.exists() and self._log.stat().st_size > _LOG_LIMIT:
            self._log.replace(self._log.with_suffix(".log.1"))
        with self._log.open("ab") as output:
            # A session of its own: Ctrl-C reaches only `up`, which ends its children in order. Started by the main
            # thread: the kernel's "parent" is the thread that forked.
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self._env,
                pass_fds=self._keeps,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )

    async def keep(self) -> None:
        """Start the program again whenever it ends; CannotStart after five falls in a row."""
        loop = asyncio.get_running_loop()
        falls = 0
        while not self._stopping:
            began = loop.time()
            code = await self.ended()
            if self._stopping:
                return
            falls = 1 if loop.time() - began > _CALM else falls + 1
            if falls > _FALLS:
                raise CannotStart(self.last_words())
            log.warning("child.fell", child=self.name, exit_code=code, falls=falls)
            await asyncio.sleep(0.2 * 2**falls)
            if not self._stopping:
                await self.start()

    async def ended(self) -> int:
        """Wait for the program to end and return its exit code."""
        return await self._process.wait() if self._process else 0

    async def stop(self, patience: float) -> None:
        """Ask the program to end, and end it after `patience` seconds."""
        self._stopping = True
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), patience)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()

    def last_words(self) -> str:
        """What the program wrote last, for the person who must find out why it ended."""
        words = ""
        with contextlib.suppress(OSError):
            lines = self._log.read_bytes()[-_TAIL:].decode("utf-8", "replace").strip().splitlines()
            # A command ends with what was wrong and, below it, the fields at fault.
            start = max((at for at, line in enumerate(lines) if not line.startswith("  - ")), default=0)
            words = ": " + "\n".join(lines[start:]) if lines else ""
        return f"{self.name} 意外退出 / {self.name} ended{words} ({self._log})"
