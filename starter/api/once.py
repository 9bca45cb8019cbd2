"""`Idempotency-Key`: a request that is sent again gets the answer of the first one and does nothing twice."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, Final

import structlog
from fastapi import Depends, Header, Request, Response
from fastapi.responses import JSONResponse

from journey.store import idempotency
from journey.store.failures import StoreDown
from journey.store.idempotency import StoredAnswer
from journey.store.keys import ApiKey
from starter.api.auth import Writer
from starter.api.context import Api, Parts
from starter.api.errors import BadParameter

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
_KEY: Final = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,254}")
_log = structlog.get_logger(__name__)


class Once:
    """Runs the work of a POST at most once for each Idempotency-Key of a caller."""

    def __init__(self, request: Request, api: Api, caller: ApiKey, key: str | None) -> None:
        self._request = request
        self._api = api
        self._caller = caller
        self._key = key

    async def run(self, body: Any, work: Callable[[], Awaitable[Response]]) -> Response:
        """The answer of `work`, or of the request that came first with this key and body; Conflict with another body.

        Work that raises leaves the key free.
        """
        if self._key is None:
            return await work()
        request = [self._request.method, self._request.url.path, body]
        now = await self._api.clock.now()
        stored = await self._api.store.write(idempotency.begin, self._caller.id, self._key, request, now)
        if stored is not None:
            return _replayed(stored)
        try:
            answer = await work()
        except Exception:
            await self._keep(idempotency.forget, self._caller.id, self._key)
            raise
        await self._keep(idempotency.finish, self._caller.id, self._key, _stored(answer))
        return answer

    async def _keep(self, change: Callable[..., None], *args: Any) -> None:
        try:
            await self._api.store.write(change, *args)
        except StoreDown:
            # What was done is done; the caller hears that rather than this.
            _log.warning("idempotency.not_kept")


def _once(
    request: Request,
    api: Parts,
    caller: Writer,
    idempotency_key: Annotated[str | None, Header(alias=HEADER, max_length=255)] = None,
) -> Once:
    if idempotency_key is not None and not _KEY.fullmatch(idempotency_key):
        raise BadParameter(HEADER, "invalid")
    return Once(request, api, caller, idempotency_key)


OnlyOnce = Annotated[Once, Depends(_once)]


def answered(document: Mapping[str, Any], status: int = 200, **headers: str) -> JSONResponse:
    """A JSON answer; header names are given with underscores."""
    return JSONResponse(dict(document), status, {name.replace("_", "-"): value for name, value in headers.items()})


def _stored(answer: Response) -> StoredAnswer:
    headers = {name: value for name, value in answer.headers.items() if name == "location"}
    return StoredAnswer(answer.status_code, headers, bytes(answer.body).decode())


def _replayed(stored: StoredAnswer) -> Response:
    return Response(stored.body, stored.status, {**stored.headers, REPLAYED: "true"}, "application/json")
