"""Channels that reach nobody: a folder that an operator can look into, and a memory for simulations."""

import asyncio
import errno
import json
import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import mkstemp
from typing import Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, model_validator

from journey.adapters.channels import Delivery, Known, Outgoing, TemporaryFailure
from journey.ports import SystemClock

Now = Callable[[], Awaitable[datetime]]
CALLS = "calls.log"
TIMEOUT = timedelta(seconds=5)
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_FOLDER, _FILE = 0o700, 0o600


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


class SimulatedChannel(_Simulated):
    """Writes one JSON file per key to `OUTBOX/YYYY-MM/`, and a line per call to `OUTBOX/calls.log`.

    Files are readable by their owner only: they hold what a recipient would have read. A file stands complete or not at
    all. A full disk is `TemporaryFailure("disk-full")`, any other trouble of the folder `"outbox-unwritable"`.
    """

    def __init__(self, name: str, outbox: Path, *, clock: Now | None = None, outages: Sequence[Outage] = ()) -> None:
        super().__init__(name, clock, outages)
        self._outbox = outbox

    async def deliver(self, outgoing: Outgoing) -> Delivery:
        """Write it; a second call with the same key answers as the first did."""
        now = await self._reached_at()
        try:
            return await asyncio.to_thread(self._write, outgoing, now)
        except OSError as error:
            raise TemporaryFailure("disk-full" if error.errno in _FULL else "outbox-unwritable") from error

    async def find(self, key: str) -> Known | None:
        """What lies in the outbox under a key, if this channel put it there."""
        return await asyncio.to_thread(self._read, key)

    def _read(self, key: str) -> Known | None:
        for path in self._outbox.glob(f"*/{_hash(key)}.json"):
            content = json.loads(path.read_bytes())
            if content["channel"] == self.name:
                return Known(at=content["at"], provider_id=content["provider_id"])
        return None

    def _write(self, outgoing: Outgoing, now: datetime) -> Delivery:
        name = _hash(outgoing.key)
        provider_id = f"sim-{name}"
        month = self._outbox / f"{now:%Y-%m}"
        for folder in (self._outbox, month):
            folder.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
        call = {"key": name, "message_id": outgoing.message_id, "at": now.isoformat()}
        _append(self._outbox / CALLS, _json(call) + b"\n")
        # A key that comes again after the turn of a month finds its file in the older folder.
        if not any(self._outbox.glob(f"*/{name}.json")):
            content = {**outgoing.model_dump(mode="json"), "provider_id": provider_id, "at": now.isoformat()}
            _create(month / f"{name}.json", _json(content, indent=2) + b"\n")
        return Delivery(state="sent", provider_id=provider_id)


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
        return Delivery(state="sent", provider_id=known.provider_id)

    async def find(self, key: str) -> Known | None:
        """What was kept under a key."""
        return self._known.get(key)


def _hash(key: str) -> str:
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _json(content: dict[str, Any], indent: int | None = None) -> bytes:
    # What cannot be encoded is shown as an escape: an operator looks at it, nobody reads it back.
    return json.dumps(content, ensure_ascii=False, indent=indent).encode("utf-8", "backslashreplace")


def _append(path: Path, line: bytes) -> None:
    """Add a line in one write, so that lines of several processes never mix."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, _FILE)
    try:
        if os.write(descriptor, line) < len(line):
            raise OSError(errno.ENOSPC, "the line was cut short")
    finally:
        os.close(descriptor)


def _create(path: Path, content: bytes) -> None:
    """Create the file whole; whoever is second leaves the first one's in place."""
    # mkstemp opens with O_EXCL and mode 0600; the link gives the finished file its name, or finds it taken.
    descriptor, temporary = mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)
