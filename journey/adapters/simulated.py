"""Channels that reach nobody: a folder that an operator can look into, and a memory for simulations."""

import asyncio
import errno
import json
import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, model_validator

from journey.adapters.channels import Delivery, Known, Outgoing, TemporaryFailure
from journey.domain.sms import segments
from journey.ports import SystemClock

Now = Callable[[], Awaitable[datetime]]
CALLS = "calls.log"
TIMEOUT = timedelta(seconds=5)
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_FOLDER, _FILE = 0o700, 0o600
# ruff: noqa: PTH108, PTH110 - a broadcast writes hundreds a second here, and a path object costs as much as the call


class Outage(BaseModel):
    """A time in which the provider is down: from `down_from` until just before `down_to`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    down_from: AwareDatetime
    down_to: AwareDatetime

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.down_from >= self.down_to:
            raise ValueError("down_from lies before down_to")
        return self


class _Simulated:
    provider = "simulated"
    needs_template = False
    takes_keys = True
    timeout = TIMEOUT

    def __init__(self, name: str, clock: Now | None, outages: Sequence[Outage]) -> None:
        self.name = name
        self._clock = clock or SystemClock().now
        self._outages = tuple(outages)

    async def _reached_at(self) -> datetime:
        """The instant of a call that reaches the provider; `TemporaryFailure` during an outage."""
        now = (await self._clock()).astimezone(UTC)
        if any(outage.down_from <= now < outage.down_to for outage in self._outages):
            raise TemporaryFailure("provider-down")
        return now


@dataclass(slots=True)
class _Letter:
    """A message on its way into the folder."""

    outgoing: Outgoing
    at: datetime
    done: "asyncio.Future[Delivery]"


class SimulatedChannel(_Simulated):
    """Writes one JSON file per key to `OUTBOX/YYYY-MM/`, and a line per call to `OUTBOX/calls.log`.

    Files are readable by their owner only: they hold what a recipient would have read. A file stands complete or not at
    all. A full disk is `TemporaryFailure("disk-full")`, any other trouble of the folder `"outbox-unwritable"`.
    What comes together is written together. The store is the record: the folder does not wait for the disk.
    """

    def __init__(self, name: str, outbox: Path, *, clock: Now | None = None, outages: Sequence[Outage] = ()) -> None:
        super().__init__(name, clock, outages)
        self._outbox = outbox
        self._letters: list[_Letter] = []
        self._writing: asyncio.Task[None] | None = None

    async def deliver(self, outgoing: Outgoing) -> Delivery:
        """Write it; a second call with the same key answers as the first did."""
        now = await self._reached_at()
        loop = asyncio.get_running_loop()
        letter = _Letter(outgoing, now, loop.create_future())
        self._letters.append(letter)
        if self._writing is None or self._writing.done() or self._writing.get_loop() is not loop:
            self._writing = asyncio.create_task(self._write_waiting())
        try:
            return await letter.done
        except OSError as error:
            raise TemporaryFailure("disk-full" if error.errno in _FULL else "outbox-unwritable") from error

    async def _write_waiting(self) -> None:
        """Write what waits, and what came meanwhile."""
        while self._letters:
            letters, self._letters = self._letters, []
            answers = await asyncio.to_thread(self._write_all, letters)
            for letter, answer in zip(letters, answers, strict=True):
                if letter.done.done():  # its caller has given up
                    continue
                if isinstance(answer, Delivery):
                    letter.done.set_result(answer)
                else:
                    letter.done.set_exception(answer)

    async def find(self, key: str) -> Known | None:
        """What lies in the outbox under a key, if this channel put it there."""
        return await asyncio.to_thread(self._read, key)

    def _read(self, key: str) -> Known | None:
        for path in self._outbox.glob(f"*/{_hash(key)}.json"):
            content = json.loads(path.read_bytes())
            if content["channel"] == self.name:
                return Known(at=content["at"], provider_id=content["provider_id"])
        return None

    def _write_all(self, letters: Sequence[_Letter]) -> list[Delivery | Exception]:
        """The calls first, so that none is unknown; then each message by itself."""
        calls = (
            {"key": _hash(one.outgoing.key), "message_id": one.outgoing.message_id, "at": one.at.isoformat()}
            for one in letters
        )
        try:
            self._outbox.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
            _append(self._outbox / CALLS, b"".join(_json(call) + b"\n" for call in calls))
            months = [str(path) for path in self._outbox.iterdir() if path.is_dir()]
        except Exception as error:
            return [error] * len(letters)
        return [self._written(letter, months) for letter in letters]

    def _written(self, letter: _Letter, months: list[str]) -> Delivery | Exception:
        name = _hash(letter.outgoing.key)
        provider_id = f"sim-{name}"
        month = f"{self._outbox}/{letter.at:%Y-%m}"
        try:
            if month not in months:
                Path(month).mkdir(mode=_FOLDER, exist_ok=True)
                months.append(month)
            # A key that comes again after the turn of a month finds its file in the older folder.
            if not any(os.path.exists(f"{each}/{name}.json") for each in months):
                at = {"provider_id": provider_id, "at": letter.at.isoformat()}
                _create(month, name, _json(letter.outgoing.model_dump(mode="json") | at, "\n ") + b"\n")
        except Exception as error:
            return error
        return Delivery(state="sent", provider_id=provider_id, segments=_parts(letter.outgoing))


class MemoryChannel(_Simulated):
    """Keeps messages by key in `sent`, and every call in `calls`."""

    def __init__(self, name: str, *, clock: Now | None = None, outages: Sequence[Outage] = ()) -> None:
        super().__init__(name, clock, outages)
        self.sent: dict[str, Outgoing] = {}
        self.calls: list[Outgoing] = []
        self._known: dict[str, Known] = {}

    async def deliver(self, outgoing: Outgoing) -> Delivery:
        """Keep it; a second call with the same key keeps the first."""
        now = await self._reached_at()
        self.calls.append(outgoing)
        self.sent.setdefault(outgoing.key, outgoing)
        known = self._known.setdefault(outgoing.key, Known(at=now, provider_id=f"sim-{_hash(outgoing.key)}"))
        return Delivery(state="sent", provider_id=known.provider_id, segments=_parts(outgoing))

    async def find(self, key: str) -> Known | None:
        """What was kept under a key."""
        return self._known.get(key)


def _parts(outgoing: Outgoing) -> int | None:
    """The parts that an SMS would be in China; nobody charges for it, so that it has no cost."""
    return segments(outgoing.body, always_wide=True) if outgoing.channel == "sms" else None


def _hash(key: str) -> str:
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _json(content: dict[str, Any], between: str = " ") -> bytes:
    # What cannot be encoded is shown as an escape: an operator looks at it, nobody reads it back.
    return json.dumps(content, ensure_ascii=False, separators=(f",{between}", ": ")).encode("utf-8", "backslashreplace")


def _append(path: Path, lines: bytes) -> None:
    """Add lines in one write, so that those of several processes never mix."""
    _write(str(path), os.O_APPEND, lines)


def _create(folder: str, name: str, content: bytes) -> None:
    """Create the file whole; whoever is second leaves the first one's in place."""
    # The link gives the finished file its name, or finds it taken.
    temporary = f"{folder}/.{name}-{token_hex(4)}.tmp"
    try:
        _write(temporary, os.O_EXCL, content)
        with suppress(FileExistsError):
            os.link(temporary, f"{folder}/{name}.json")
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary)


def _write(path: str, how: int, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | how, _FILE)
    try:
        if os.write(descriptor, content) < len(content):
            raise OSError(errno.ENOSPC, "it was cut short")
    finally:
        os.close(descriptor)
