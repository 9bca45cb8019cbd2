"""Who carries each channel of an installation, for whoever shows it: the doctor, `journey up`, the API."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from journey.adapters.calling import Http
from journey.adapters.channels import ChannelFailure
from journey.adapters.providers import CARRIED, Providers
from journey.adapters.providers_file import ProvidersError
from journey.adapters.wiring import gateway_from, notice_from, providers_of
from journey.settings import Settings

__all__ = ["Carried", "ProvidersError", "carried", "check", "problems_of", "reach"]
SIMULATED: Final = "simulated"
_PATIENCE: Final = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class Carried:
    """A channel with its provider; `address` is where it is reached, None for one that leaves nothing to reach."""

    channel: str
    provider: str
    address: str | None = None

    @property
    def simulated(self) -> bool:
        """Whether what goes there reaches nobody."""
        return self.provider == SIMULATED


def carried(settings: Settings) -> list[Carried]:
    """Every channel with its provider; `ProvidersError` for a file that cannot be used. Secrets are not read."""
    providers = providers_of(settings)
    return [*(_carried(settings, providers, channel) for channel in CARRIED), Carried("inbox", "inbox")]


def problems_of(settings: Settings) -> Sequence[str]:
    """What keeps a worker with these settings from starting: mistakes of the file, then secrets that are missing."""
    found: dict[str, None] = {}  # in their order, each once
    for make in (lambda: gateway_from(settings, _now), lambda: notice_from(settings, _nothing)):
        try:
            make()
        except ProvidersError as error:
            found |= dict.fromkeys(error.problems)
    return tuple(found)


def check(settings: Settings) -> None:
    """`ProvidersError` when a worker with these settings could not start."""
    problems = problems_of(settings)
    if problems:
        raise ProvidersError(problems)


async def reach(one: Carried) -> str | None:
    """None when the provider of a channel answers at all, else what kept it from it; nothing is sent."""
    assert one.address is not None
    parts = urlsplit(one.address)
    if parts.scheme == "smtp":
        return await _connected(parts.hostname or "", parts.port or 25)
    try:
        async with Http(timeout=_PATIENCE).calls() as calls:
            await calls.send("GET", f"{parts.scheme}://{parts.netloc}/")
    except ChannelFailure as failure:
        return failure.error
    return None


def _carried(settings: Settings, providers: Providers, channel: str) -> Carried:
    if channel == "email" and settings.smtp_host:
        return Carried(channel, "smtp", f"smtp://{settings.smtp_host}:{settings.smtp_port}")
    carrier = providers.carrier(channel)
    return Carried(channel, carrier[0], carrier[1].url) if carrier else Carried(channel, SIMULATED)


async def _connected(host: str, port: int) -> str | None:
    try:
        async with asyncio.timeout(_PATIENCE.total_seconds()):
            _, writer = await asyncio.open_connection(host, port)
    except TimeoutError:
        return "timeout"
    except OSError:
        return "unreachable"
    writer.close()
    return None


async def _now() -> datetime:
    return datetime.now(UTC)


async def _nothing(_: str) -> None:
    return None
