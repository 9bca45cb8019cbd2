"""Calls to providers over HTTP: bounded in time and size, and every failure told by what it says of the message."""

import asyncio
import json
import logging
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from httpx2 import AsyncClient, HTTPError, InvalidURL, Response, TimeoutException
from pydantic import SecretStr

from journey.adapters.channels import ChannelFailure, PermanentFailure, TemporaryFailure, UnknownOutcome

TIMEOUT: Final = timedelta(seconds=5)
MOST_ANSWER: Final = 64 * 1024  # bytes; what providers answer is far shorter
LONGEST_PAUSE: Final = timedelta(days=1)  # of those that a provider may ask for
# Its line for every request names the address, and with it whom a message is for: not in any process.
logging.getLogger("httpx2").setLevel(logging.WARNING)
_SHARE: Final = 0.9  # of the timeout: the caller stops waiting at the whole of it, and must have our answer by then
_SENT: Final = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "owner-journey"}
_CLOSED: Final = frozenset({401, 403, 407})  # us, not the message: every other one would share its fate
_NOT_THERE: Final = frozenset({404, 405, 410, 501, 505})
_LATER: Final = frozenset({408, 425, 429, 503})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider answered; `content` is empty when it was longer than an answer may be."""

    status: int
    content: bytes = field(repr=False)
    retry_after: timedelta | None = None

    @property
    def document(self) -> Mapping[str, Any]:
        """The JSON object in it; empty when there is none."""
        try:
            read = json.loads(self.content)
        except (ValueError, RecursionError):
            return {}
        return read if isinstance(read, dict) else {}

    def failure(self) -> ChannelFailure | None:
        """What the status alone says: None for 2xx, and of a 5xx that nobody knows what became of the message."""
        if self.status < 300:
            return None
        if self.status < 400:
            return TemporaryFailure("redirected")
        if self.status in _CLOSED:
            return TemporaryFailure("login-refused")
        if self.status in _NOT_THERE:
            return TemporaryFailure("no-such-address")
        if self.status in _LATER:
            return TemporaryFailure(f"http-{self.status}", self.retry_after)
        return (PermanentFailure if self.status < 500 else UnknownOutcome)(f"http-{self.status}")


class Http:
    """Opens calls that end within their share of `timeout`, all requests of one delivery together.

    No redirect is followed and no proxy taken from the environment. Each delivery has a connection of its own: one that
    lay idle may be gone when the next message is written to it, and then nobody could say whether that one went out.
    """

    def __init__(
        self, *, timeout: timedelta = TIMEOUT, proxy: SecretStr | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self.timeout = timeout
        self._proxy = proxy
        self._tls = tls

    @asynccontextmanager
    async def calls(self) -> AsyncIterator["Calls"]:
        """The requests of one delivery."""
        seconds = self.timeout.total_seconds() * _SHARE
        client = AsyncClient(
            verify=self._tls or trusted(),
            proxy=self._proxy.get_secret_value() if self._proxy else None,
            trust_env=False,
            follow_redirects=False,
            timeout=seconds,
        )
        async with client:
            yield Calls(client, asyncio.get_running_loop().time() + seconds)


class Calls:
    """Requests that share one deadline."""

    def __init__(self, client: AsyncClient, deadline: float) -> None:
        self._client = client
        self._deadline = deadline

    async def send(self, method: str, url: str, **request: Any) -> Answer:
        """The answer to a request that carries the message.

        `TemporaryFailure` when it failed before anything was written, `UnknownOutcome` when it failed after.
        """
        progress = _Progress()
        try:
            return await self._ask(method, url, progress, request)
        except (HTTPError, OSError, InvalidURL, ValueError) as error:
            raise _failure(error, progress) from None  # its words name the address, and that may name the recipient

    async def prepare(self, method: str, url: str, **request: Any) -> Answer:
        """The answer to a request that carries no message: whatever fails, nothing was sent."""
        try:
            answer = await self.send(method, url, **request)
        except ChannelFailure as failure:
            raise TemporaryFailure(failure.error) from None
        failed = answer.failure()
        if failed is not None:
            raise TemporaryFailure(failed.error, answer.retry_after)
        return answer

    async def _ask(self, method: str, url: str, progress: "_Progress", request: dict[str, Any]) -> Answer:
        headers = {**_SENT, **request.pop("headers", {})}
        extensions = {"trace": progress.note}
        async with (
            asyncio.timeout_at(self._deadline),
            self._client.stream(method, url, headers=headers, extensions=extensions, **request) as response,
        ):
            try:
                content = await _content(response)
            except (HTTPError, OSError):
                if response.status_code < 300:
                    raise
                content = b""  # the status says enough
            return Answer(response.status_code, content, _retry_after(response.headers.get("Retry-After")))


class _Progress:
    """How far a request came."""

    begun = False
    shaking_hands = False

    async def note(self, event: str, _: Mapping[str, Any]) -> None:
        """Take note of a step of the transport."""
        self.shaking_hands = self.shaking_hands or event.endswith("start_tls.started")
        self.begun = self.begun or event.endswith("send_request_headers.started")


def _failure(error: Exception, progress: _Progress) -> ChannelFailure:
    timed_out = isinstance(error, TimeoutError | TimeoutException)
    if progress.begun:
        return UnknownOutcome("timeout" if timed_out else "connection-lost")
    if timed_out:
        return TemporaryFailure("timeout")
    return TemporaryFailure("tls" if progress.shaking_hands else "unreachable")


async def _content(response: Response) -> bytes:
    """The body as it came, never unpacked: few bytes may become many."""
    content = bytearray()
    async for piece in response.aiter_raw():
        content += piece
        if len(content) > MOST_ANSWER:
            return b""
    return bytes(content)


def _retry_after(value: str | None) -> timedelta | None:
    """Seconds or a date (RFC 9110 §10.2.3); None for anything else, never longer than a day."""
    if not value:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return min(timedelta(seconds=int(value.strip()[:9])), LONGEST_PAUSE)
    try:
        pause = parsedate_to_datetime(value).astimezone(UTC) - datetime.now(UTC)
    except (ValueError, OverflowError):
        return None
    return min(max(pause, timedelta(0)), LONGEST_PAUSE)


@lru_cache(maxsize=1)
def trusted() -> ssl.SSLContext:
    """The machine's certificate authorities: read once, as that takes longer than a call."""
    return ssl.create_default_context()


def key_hash(key: str, length: int = 64) -> str:
    """A key as providers take it: short, plain ASCII, the same at every attempt."""
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:length]
