"""Access tokens of WeChat and WeCom: fetched when first needed, kept until shortly before their end, renewed by one."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from journey.adapters.answering import text_of
from journey.adapters.calling import Answer, Calls
from journey.adapters.channels import TemporaryFailure
from journey.adapters.simulated import Now

EARLY: Final = timedelta(minutes=5)  # before its end, so that none ends on its way
_USUAL: Final = 7200  # seconds
_BUSY: Final = frozenset({"-1", "45009", "45011", "45033"})
Fetch = Callable[[Calls, bool], Awaitable[Answer]]  # with True the provider makes a new one, whatever it has


@dataclass(frozen=True, slots=True)
class _Token:
    value: str = field(repr=False)
    until: datetime


class AccessTokens:
    """One account's token in this process; those who need it at once wait for one request."""

    def __init__(self, fetch: Fetch, now: Now) -> None:
        self._fetch = fetch
        self._now = now
        self._token: _Token | None = None
        self._lock = asyncio.Lock()

    async def current(self, calls: Calls) -> str:
        """A token that is good for a while; `TemporaryFailure` when there is none to be had."""
        async with self._lock:
            now = await self._now()
            if self._token is None or now >= self._token.until:
                self._token = await self._fetched(calls, now, renew=False)
            return self._token.value

    async def renewed(self, calls: Calls, refused: str) -> str:
        """Another one than the provider just refused; whoever comes second takes what the first fetched."""
        async with self._lock:
            if self._token is None or self._token.value == refused:
                self._token = None
                self._token = await self._fetched(calls, await self._now(), renew=True)
            return self._token.value

    async def _fetched(self, calls: Calls, now: datetime, *, renew: bool) -> _Token:
        document = (await self._fetch(calls, renew)).document
        token = document.get("access_token")
        if not isinstance(token, str) or not token:
            raise TemporaryFailure("too-many" if text_of(document.get("errcode")) in _BUSY else "login-refused")
        seconds = document.get("expires_in")
        lasts = timedelta(seconds=seconds if isinstance(seconds, int) and 0 < seconds <= _USUAL else _USUAL)
        return _Token(token, now + max(lasts - EARLY, lasts / 2))
